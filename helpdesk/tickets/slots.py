"""Places on pages about tickets and customers that rooms above fill; what they know stays theirs."""

from collections.abc import Callable

from markupsafe import Markup

from helpdesk.accounts.identity import Identity
from helpdesk.tickets.permissions import Relation

Side = Callable[[Relation], Markup]
Customer = Callable[[Identity, int, str], Markup]
Page = Callable[[Identity, int], Markup]

_sides: dict[Side, None] = {}
_customers: dict[Customer, None] = {}
_pages: dict[Page, None] = {}


def on_side(fn: Side) -> None:
    """Have `fn(relation)` fill a place in the right column of *Ticket Zoom*; "" for nothing."""
    _sides[fn] = None


def on_customer(fn: Customer) -> None:
    """Have `fn(identity, customer id, ticket number or "")` put something beside a customer user's name."""
    _customers[fn] = None


def side_of(relation: Relation) -> Markup:
    """Return what the rooms above put beside a ticket."""
    return Markup("").join(fn(relation) for fn in _sides)


def beside_customer(identity: Identity, customer_id: int, number: str = "") -> Markup:
    """Return what the rooms above put beside a customer user's name, on the page of that ticket."""
    return Markup("").join(fn(identity, customer_id, number) for fn in _customers)


def on_customer_page(fn: Page) -> None:
    """Have `fn(identity, customer id)` put a section on a customer user's page; "" for nothing."""
    _pages[fn] = None


def below_customer(identity: Identity, customer_id: int) -> Markup:
    """Return the sections that the rooms above put on a customer user's page."""
    return Markup("").join(fn(identity, customer_id) for fn in _pages)
