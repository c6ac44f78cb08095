"""What people may in which group: granted to them, or to a role they have. Never cached."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, select, true, union_all, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from helpdesk import events
from helpdesk.accounts import listeners
from helpdesk.accounts.models import AGENT, Group, Person, PersonPermission, Role, RoleMember, RolePermission
from helpdesk.database import db
from helpdesk.web import NotFound

OWNER, PARTICIPANT, OBSERVER = 3, 2, 1
LEVELS = {OWNER: "owner", PARTICIPANT: "participant", OBSERVER: "observer"}
CHAT = {"chat_owner": OWNER, "chat_participant": PARTICIPANT, "chat_observer": OBSERVER}
TICKETS = ("ro", "note", "create", "move_into", "owner", "priority", "rw")
PERMISSIONS = frozenset({*CHAT, *TICKETS})

_rank = case(CHAT, value=PersonPermission.permission).label("rank")
_role_rank = case(CHAT, value=RolePermission.permission).label("rank")
_own = select(PersonPermission.person_id, PersonPermission.group_id).join(
    Person, and_(Person.id == PersonPermission.person_id, Person.is_valid)
)
_by_role = (
    select(RoleMember.person_id, RolePermission.group_id)
    .join(RolePermission, RolePermission.role_id == RoleMember.role_id)
    .join(Person, and_(Person.id == RoleMember.person_id, Person.is_valid))
)

# Columns person_id, group_id, permission: what valid people are granted, themselves or by a role.
GRANTED = union_all(
    _own.add_columns(PersonPermission.permission), _by_role.add_columns(RolePermission.permission)
).subquery("granted")

# Columns person_id, group_id, rank: their chat levels. Where several grants meet there are several rows
# and the highest counts: grouped here, SQLite would no longer find its indexes from outside.
GROUP_LEVELS = union_all(
    _own.add_columns(_rank).where(PersonPermission.permission.in_(CHAT)),
    _by_role.add_columns(_role_rank).where(RolePermission.permission.in_(CHAT)),
).subquery("group_levels")


def has_level(person_id: Any, group_id: Any, least: int) -> ColumnElement[bool]:
    """Return SQL that is true where the person has at least this level; takes values and columns."""
    level = GROUP_LEVELS.alias()
    is_it = and_(level.c.person_id == person_id, level.c.group_id == group_id, level.c.rank >= least)
    return select(true()).where(is_it).correlate_except(level).exists()


def levels(person_id: int) -> dict[int, str]:
    """Return the level ("owner", "participant", "observer") per group id; groups without one are absent."""
    level = GROUP_LEVELS.c
    mine = select(level.group_id, func.max(level.rank)).where(level.person_id == person_id)
    return {group_id: LEVELS[rank] for group_id, rank in db.session.execute(mine.group_by(level.group_id))}


def may(person_id: int, group_id: int, permission: str) -> bool:
    """Tell whether a valid person has this permission on the group, or one that includes it."""
    granted = GRANTED.c
    is_it = and_(granted.person_id == person_id, granted.group_id == group_id)
    found = select(true()).where(is_it, granted.permission.in_(_including(permission)))
    return db.session.execute(found.limit(1)).first() is not None


def is_admin(person_id: int) -> bool:
    """Tell whether a valid person is an administrator: a member of group *admin*."""
    granted = GRANTED.c
    is_it = and_(granted.person_id == person_id, granted.permission == "rw", Group.name == "admin")
    found = select(true()).join_from(GRANTED, Group, Group.id == granted.group_id).where(is_it)
    return db.session.execute(found.limit(1)).first() is not None


def grant(tx: Session, person_id: int, group_id: int, permission: str, by_id: int | None = None) -> None:
    """Grant an agent a permission and announce the change; harmless when he has it. Raises NotFound."""
    row = {"person_id": person_id, "group_id": group_id, "permission": _known(permission)}
    _lock_agent(tx, person_id)
    if _add(tx, PersonPermission, row):
        events.record(
            tx, by_id, "permission.granted", "person", person_id, group=group_id, permission=permission
        )
        changed(tx, [person_id])


def revoke(tx: Session, person_id: int, group_id: int, permission: str, by_id: int | None = None) -> None:
    """Take an agent's own permission back and announce the change; harmless when he has it not."""
    row = {"person_id": person_id, "group_id": group_id, "permission": _known(permission)}
    if _remove(tx, PersonPermission, row):
        events.record(
            tx, by_id, "permission.revoked", "person", person_id, group=group_id, permission=permission
        )
        changed(tx, [person_id])


def grant_role(tx: Session, role_id: int, group_id: int, permission: str, by_id: int | None = None) -> None:
    """Grant a role a permission and announce the change for all its members. Raises NotFound."""
    row = {"role_id": role_id, "group_id": group_id, "permission": _known(permission)}
    _lock(tx, Role.id, role_id)
    if _add(tx, RolePermission, row):
        events.record(tx, by_id, "permission.granted", "role", role_id, group=group_id, permission=permission)
        changed(tx, _members(tx, role_id))


def revoke_role(tx: Session, role_id: int, group_id: int, permission: str, by_id: int | None = None) -> None:
    """Take a role's permission back and announce the change for all its members. Raises NotFound."""
    row = {"role_id": role_id, "group_id": group_id, "permission": _known(permission)}
    _lock(tx, Role.id, role_id)
    if _remove(tx, RolePermission, row):
        events.record(tx, by_id, "permission.revoked", "role", role_id, group=group_id, permission=permission)
        changed(tx, _members(tx, role_id))


def add_to_role(tx: Session, person_id: int, role_id: int, by_id: int | None = None) -> None:
    """Give an agent a role and announce the change; harmless when he has it. Raises NotFound."""
    _lock(tx, Role.id, role_id)
    _lock_agent(tx, person_id)
    if _add(tx, RoleMember, {"role_id": role_id, "person_id": person_id}):
        events.record(tx, by_id, "role.given", "person", person_id, role=role_id)
        changed(tx, [person_id])


def remove_from_role(tx: Session, person_id: int, role_id: int, by_id: int | None = None) -> None:
    """Take a role from an agent and announce the change; harmless when he has it not. Raises NotFound."""
    _lock(tx, Role.id, role_id)
    if _remove(tx, RoleMember, {"role_id": role_id, "person_id": person_id}):
        events.record(tx, by_id, "role.taken", "person", person_id, role=role_id)
        changed(tx, [person_id])


def changed(tx: Session, person_ids: Iterable[int]) -> None:
    """Move the access version of these people and announce it to `accounts.on_access_change`."""
    people = sorted(set(person_ids))
    version = Person.access_version + 1
    tx.execute(update(Person).where(Person.id.in_(people)).values(access_version=version))
    for person_id in people:
        listeners.access_changed(tx, person_id)


def _including(permission: str) -> list[str]:
    if permission in CHAT:
        return [name for name, rank in CHAT.items() if rank >= CHAT[permission]]
    return [_known(permission), "rw"]


def _known(permission: str) -> str:
    if permission not in PERMISSIONS:
        raise ValueError(f"There is no permission {permission!r}.")
    return permission


def _lock_agent(tx: Session, person_id: int) -> None:
    is_agent = (Person.id == person_id) & (Person.kind == AGENT)
    if tx.execute(select(Person.id).where(is_agent).with_for_update()).first() is None:
        raise NotFound()


def _lock(tx: Session, column: InstrumentedAttribute[int], key: int) -> None:
    """Rows are added only while the row they belong to is locked, so that two cannot add the same."""
    if tx.execute(select(column).where(column == key).with_for_update()).first() is None:
        raise NotFound()


def _add(tx: Session, table: type[Any], row: dict[str, Any]) -> bool:
    if tx.execute(select(true()).where(_is_row(table, row))).first() is not None:
        return False
    if "group_id" in row and tx.get(Group, row["group_id"]) is None:
        raise NotFound()
    tx.execute(insert(table).values(row))
    return True


def _remove(tx: Session, table: type[Any], row: dict[str, Any]) -> bool:
    gone = delete(table).where(_is_row(table, row)).returning(true())
    return tx.execute(gone).first() is not None


def _is_row(table: type[Any], row: dict[str, Any]) -> ColumnElement[bool]:
    return and_(*(getattr(table, name) == value for name, value in row.items()))


def _members(tx: Session, role_id: int) -> list[int]:
    return list(tx.scalars(select(RoleMember.person_id).where(RoleMember.role_id == role_id)))
