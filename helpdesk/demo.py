"""The demo's people, groups and channels; made through the actions that everybody uses."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.accounts import people, permissions
from helpdesk.accounts.models import EXTERNAL, Person
from helpdesk.chat import availability, channels, linking
from helpdesk.chat.models import Channel
from helpdesk.database import db, transaction
from helpdesk.tickets import queues

PASSWORD = "helpdesk-demo"  # noqa: S105 (known to all: the demo listens on a loopback address only)
AGENTS = {"admin": "Admin", "agent1": "Agent One", "agent2": "Agent Two", "agent3": "Agent Three"}
CUSTOMERS = {"customer1": ("Customer One", "Acme Ltd"), "customer2": ("Customer Two", "Beta Ltd")}
# name of group, channel and queue: is it for customers, is it for the public, who has which level
CHANNELS = {
    "Support": (True, True, {"agent1": "chat_owner", "agent2": "chat_owner", "agent3": "chat_participant"}),
    "Billing": (True, False, {"agent1": "chat_owner", "agent2": "chat_observer"}),
}
# What who has that level may do with the tickets of the queue of the same group.
TICKETS = {"chat_owner": "rw", "chat_participant": "rw", "chat_observer": "ro"}


def seed() -> bool:
    """Fill an empty database in one transaction; return False, and change nothing, when it has people."""
    if db.session.scalar(select(Person.id).limit(1)) is not None:
        return False
    with transaction() as tx:
        agents = {login: people.create_agent(tx, login, name, PASSWORD) for login, name in AGENTS.items()}
        for login, (name, company) in CUSTOMERS.items():
            people.create_customer(tx, login, name, PASSWORD, company=company, email=f"{login}@example.com")
        _make_groups(tx, agents)
        all_channels = list(tx.scalars(select(Channel.id)))
        for person_id in agents.values():
            channels.choose(tx, person_id, all_channels)
            availability.set_to(tx, person_id, EXTERNAL)
    return True


def _make_groups(tx: Session, agents: dict[str, int]) -> None:
    groups = people.ensure_groups(tx)
    permissions.grant(tx, agents["admin"], groups[people.ADMIN], "rw")
    permissions.grant(tx, agents["admin"], groups[people.USERS], "chat_owner")
    permissions.grant(tx, agents["admin"], groups[people.USERS], "rw")
    channels.ensure_default(tx, groups[people.USERS], is_offered=False)
    queues.ensure_default(tx, groups[people.USERS])
    for name, (is_for_customers, is_for_public, levels) in CHANNELS.items():
        group_id = people.create_group(tx, name)
        channel_id = channels.create(
            tx, name, group_id, is_for_customers=is_for_customers, is_for_public=is_for_public
        )
        linking.link(tx, queues.create(tx, name, group_id), channel_id)
        for login, permission in levels.items():
            permissions.grant(tx, agents[login], group_id, permission)
            permissions.grant(tx, agents[login], group_id, TICKETS[permission])
