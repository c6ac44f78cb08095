"""A level is the highest of what is granted to an agent or his roles; each change counts and is told."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import literal, select, text, update

from helpdesk import accounts
from helpdesk.accounts import people, permissions
from helpdesk.accounts.models import Group, Person
from helpdesk.accounts.permissions import GROUP_LEVELS, has_level
from helpdesk.database import db, transaction
from helpdesk.events import Event
from helpdesk.web import Invalid, NotFound
from tests.accounts.conftest import MakePerson
from tests.accounts.helpers import at_once

pytestmark = pytest.mark.requirement(7)


@pytest.fixture
def ada(make_agent: MakePerson) -> int:
    return make_agent("ada")


@pytest.fixture
def group(app: Flask) -> int:
    with transaction() as tx:
        return people.create_group(tx, "Support", "They help.")


@pytest.fixture
def role(app: Flask) -> int:
    with transaction() as tx:
        return people.create_role(tx, "Helpers")


@pytest.fixture
def heard(app: Flask) -> Iterator[list[int]]:
    """Ids of the people whose change of access was announced."""
    ids: list[int] = []

    def listen(person_id: int) -> None:
        ids.append(person_id)

    accounts.on_access_change(listen)
    yield ids
    del accounts.listeners._on_access_change[listen]


def grant(person_id: int, group_id: int, permission: str) -> None:
    with transaction() as tx:
        permissions.grant(tx, person_id, group_id, permission)


def version(person_id: int) -> int:
    db.session.rollback()
    return db.session.execute(select(Person.access_version).where(Person.id == person_id)).scalar_one()


def test_the_highest_of_own_and_role_counts(ada: int, group: int, role: int) -> None:
    assert permissions.levels(ada) == {}
    grant(ada, group, "chat_observer")
    assert permissions.levels(ada) == {group: "observer"}
    with transaction() as tx:
        permissions.grant_role(tx, role, group, "chat_owner")
        permissions.add_to_role(tx, ada, role)
    assert permissions.levels(ada) == {group: "owner"}
    with transaction() as tx:
        permissions.grant(tx, ada, group, "chat_participant")
        permissions.remove_from_role(tx, ada, role)
    assert permissions.levels(ada) == {group: "participant"}
    with transaction() as tx:
        permissions.revoke(tx, ada, group, "chat_participant")
        permissions.revoke(tx, ada, group, "chat_observer")
    assert permissions.levels(ada) == {}


def test_ticket_rights_give_no_chat_level(ada: int, group: int) -> None:
    grant(ada, group, "rw")
    assert permissions.levels(ada) == {}


def test_an_invalid_agent_has_no_level(ada: int, group: int) -> None:
    grant(ada, group, "chat_owner")
    with transaction() as tx:
        people.invalidate(tx, ada)
    assert permissions.levels(ada) == {}
    assert not permissions.may(ada, group, "chat_owner")


INCLUDES = [
    ("chat_owner", "chat_observer", True),
    ("chat_participant", "chat_owner", False),
    ("rw", "note", True),
    ("note", "rw", False),
    ("rw", "chat_observer", False),
    ("chat_owner", "rw", False),
    ("note", "note", True),
]


def test_a_permission_includes_what_is_below_it(ada: int, group: int) -> None:
    for granted, asked, is_given in INCLUDES:
        grant(ada, group, granted)
        assert permissions.may(ada, group, asked) is is_given
        assert not permissions.may(ada, group + 1, asked)
        with transaction() as tx:
            permissions.revoke(tx, ada, group, granted)


def test_a_permission_nobody_knows_is_an_error_of_the_program(ada: int, group: int) -> None:
    for permission in ("", "chat", "CHAT_OWNER", "rw; DROP TABLE person", "x" * 1_000):
        with pytest.raises(ValueError):
            grant(ada, group, permission)


def test_only_agents_and_only_groups_that_are_there(
    app: Flask, ada: int, group: int, make_customer: MakePerson
) -> None:
    customer = make_customer("carl")
    for person_id, group_id in ((customer, group), (999, group), (2**62, group), (ada, 999)):
        with pytest.raises(NotFound), transaction() as tx:
            permissions.grant(tx, person_id, group_id, "chat_owner")
    with pytest.raises(NotFound), transaction() as tx:
        permissions.add_to_role(tx, ada, 999)


def test_each_change_counts_and_is_announced_once(ada: int, group: int, heard: list[int]) -> None:
    before = version(ada)
    grant(ada, group, "chat_owner")
    assert (version(ada), heard) == (before + 1, [ada])
    grant(ada, group, "chat_owner")
    assert (version(ada), heard) == (before + 1, [ada])
    for _ in range(2):
        with transaction() as tx:
            permissions.revoke(tx, ada, group, "chat_owner")
    assert (version(ada), heard) == (before + 2, [ada, ada])


def test_a_change_of_a_role_reaches_all_its_members(
    ada: int, group: int, role: int, make_agent: MakePerson, heard: list[int]
) -> None:
    bob, eve = make_agent("bob"), make_agent("eve")
    with transaction() as tx:
        for person_id in (ada, bob):
            permissions.add_to_role(tx, person_id, role)
    heard.clear()
    before = {person_id: version(person_id) for person_id in (ada, bob, eve)}
    with transaction() as tx:
        permissions.grant_role(tx, role, group, "chat_participant")
    assert heard == [ada, bob]
    assert [version(person_id) - before[person_id] for person_id in (ada, bob, eve)] == [1, 1, 0]
    with transaction() as tx:
        permissions.revoke_role(tx, role, group, "chat_participant")
    assert heard == [ada, bob, ada, bob]
    assert permissions.levels(ada) == {}


def test_nothing_is_announced_of_what_was_rolled_back(ada: int, group: int, heard: list[int]) -> None:
    before = version(ada)
    with pytest.raises(NotFound):
        grant_and_fail(ada, group)
    assert (version(ada), heard, permissions.levels(ada)) == (before, [], {})


def grant_and_fail(person_id: int, group_id: int) -> None:
    with transaction() as tx:
        permissions.grant(tx, person_id, group_id, "chat_owner")
        permissions.grant(tx, 999, group_id, "chat_owner")


def test_an_invalid_person_is_announced(ada: int, heard: list[int]) -> None:
    before = version(ada)
    with transaction() as tx:
        people.invalidate(tx, ada)
    assert (version(ada), heard) == (before + 1, [ada])


def test_granted_at_once_it_is_granted_once(app: Flask, ada: int, group: int) -> None:
    before = version(ada)
    assert at_once(app, 8, lambda n: grant(ada, group, "chat_owner")) == [None] * 8
    assert version(ada) == before + 1
    assert permissions.levels(ada) == {group: "owner"}


def test_changes_are_recorded(ada: int, group: int) -> None:
    with transaction() as tx:
        permissions.grant(tx, ada, group, "chat_owner", by_id=ada)
    found = db.session.scalars(select(Event).where(Event.action == "permission.granted")).one()
    assert (found.actor_id, found.subject_id) == (ada, ada)
    assert found.details == {"group": group, "permission": "chat_owner"}


def test_levels_can_be_asked_inside_a_conditional_update(
    ada: int, group: int, make_agent: MakePerson
) -> None:
    bob = make_agent("bob")
    grant(ada, group, "chat_owner")
    grant(bob, group, "chat_participant")

    def taken_by(person_id: int) -> bool:
        deed = update(Group).where(Group.id == group, has_level(person_id, Group.id, permissions.OWNER))
        with transaction() as tx:
            return tx.execute(deed.values(comment="taken").returning(Group.id)).first() is not None

    assert (taken_by(bob), taken_by(ada)) == (False, True)
    both = select(GROUP_LEVELS.c.person_id).where(
        GROUP_LEVELS.c.group_id == group,
        has_level(GROUP_LEVELS.c.person_id, literal(group), permissions.PARTICIPANT),
    )
    assert set(db.session.scalars(both)) == {ada, bob}


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_asking_for_levels_reads_no_whole_table(app: Flask) -> None:
    questions = [
        select(GROUP_LEVELS.c.rank).where(GROUP_LEVELS.c.person_id == 5),
        select(Group.id).where(Group.id == 7, has_level(5, Group.id, 3)),
        select(Group.id).where(Group.id == 7, has_level(literal(5), Group.id, 1)),
    ]
    for question in questions:
        sql = question.compile(db.engine, compile_kwargs={"literal_binds": True})
        plan = [row[-1] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {sql}"))]
        assert not [step for step in plan if step.startswith("SCAN")], plan


def test_groups_and_roles_have_names_of_their_own(app: Flask, group: int, role: int) -> None:
    for make, name in ((people.create_group, "Support"), (people.create_role, "Helpers")):
        for bad in (name, f" {name}\0", "", "\u200b", "x" * 201):
            with pytest.raises(Invalid) as raised, transaction() as tx:
                make(tx, bad)
            assert raised.value.field == "name"


def test_the_two_groups_of_the_house_are_made_once(app: Flask) -> None:
    def ensure(_: int) -> dict[str, int]:
        with transaction() as tx:
            return people.ensure_groups(tx)

    made = at_once(app, 8, ensure)
    assert set(made[0]) == {"admin", "users"}
    assert all(groups == made[0] for groups in made)
    assert len(list(db.session.scalars(select(Group.id)))) == 2
