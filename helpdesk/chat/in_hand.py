"""The customer chats an agent has in hand: what becomes of them when he goes."""

from contextlib import suppress

from helpdesk.accounts.identity import Identity
from helpdesk.chat import cards, closing, handover
from helpdesk.chat.offers import AlreadyOffered
from helpdesk.chat.permissions import ChatClosed, Forbidden, Relation


def relations(identity: Identity) -> list[Relation]:
    """Return his relations to the running chats with customers and visitors he is in charge of."""
    return [relation for relation in cards.active(identity) if relation.may("chat.hand_over")]


def names(found: list[Relation]) -> list[str]:
    """Return with whom these chats are."""
    return [card.title for card in cards.cards(found)]


def offer(found: list[Relation]) -> None:
    """Offer each to the owners of its channel; what is on offer stays so. Commits and announces."""
    for relation in found:
        with suppress(AlreadyOffered, ChatClosed, Forbidden):
            handover.offer_to_channel(relation, relation.chat.channel_id)


def close(found: list[Relation]) -> None:
    """Close each for everybody. Commits and announces."""
    for relation in found:
        with suppress(ChatClosed, Forbidden):
            closing.close(relation)
