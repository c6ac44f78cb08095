"""Who is asking: small, immutable, free of the database session."""

from dataclasses import dataclass

from flask import g

from helpdesk.accounts.models import AGENT, CUSTOMER, VISITOR


@dataclass(frozen=True, slots=True)
class Identity:
    """The person behind a request or socket; `session_key` names the row that lets it in ("" = none).

    The four properties below are what Flask-Login asks of a user object.
    """

    person_id: int
    kind: str
    name: str
    company_id: int | None
    session_key: str
    access_version: int
    availability: int

    @property
    def is_agent(self) -> bool:
        """Whether this is staff."""
        return self.kind == AGENT

    @property
    def is_customer(self) -> bool:
        """Whether this is a signed-in customer user."""
        return self.kind == CUSTOMER

    @property
    def is_visitor(self) -> bool:
        """Whether this is a public user."""
        return self.kind == VISITOR

    @property
    def is_authenticated(self) -> bool:
        """Always: nobody is None, not an anonymous identity."""
        return True

    @property
    def is_active(self) -> bool:
        """Always: an invalid person gets no identity."""
        return True

    @property
    def is_anonymous(self) -> bool:
        """Never."""
        return False

    def get_id(self) -> str:
        """Return the person's id as text."""
        return str(self.person_id)


def identity() -> Identity:
    """Return who is asking; only for endpoints marked for a kind of person."""
    assert isinstance(g.identity, Identity)
    return g.identity


def identity_or_none() -> Identity | None:
    """Return who is asking, or None on endpoints that everybody may use."""
    known = g.get("identity")
    return known if isinstance(known, Identity) else None
