"""Settings are declared once, checked when set, and act at once."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import settings
from helpdesk.database import db, transaction
from helpdesk.events import Event
from helpdesk.settings import Setting, between, registry
from helpdesk.settings.models import SettingOverride
from helpdesk.web import Invalid

pytestmark = pytest.mark.requirement(60)

NUMBER, TEXT, LINES = "Test::Number", "Test::Text", "Test::Lines"
IS_ON = "Test::IsOn"


@pytest.fixture
def database_content() -> str:
    return "bare"


@pytest.fixture(autouse=True)
def _declared():
    mine = [
        Setting(NUMBER, "int", 5, "minutes", "A number.", between(1, 10)),
        Setting(TEXT, "text", "hello", "", "A text."),
        Setting(LINES, "list", ("a", "b"), "", "Some lines."),
        Setting(IS_ON, "bool", True, "", "A switch."),
    ]
    settings.declare(*mine)
    yield
    for setting in mine:
        del registry._declared[setting.name]


def put(name: str, value: object, by: int | None = 7) -> None:
    with transaction() as tx:
        settings.put(tx, name, value, by)


def test_a_setting_has_its_default_until_it_is_set(app: Flask) -> None:
    assert settings.get(NUMBER) == 5
    assert settings.get(LINES) == ("a", "b")
    assert settings.version() == 0
    put(NUMBER, 6)
    assert settings.get(NUMBER) == 6
    assert settings.get(TEXT) == "hello"


def test_an_unknown_setting_raises_its_name(app: Flask) -> None:
    for name in ("Test::Nobody", "", "setting\0", "x" * 10_000):
        with pytest.raises(KeyError) as raised:
            settings.get(name)
        assert raised.value.args == (name,)
        with pytest.raises(KeyError), transaction() as tx:
            settings.put(tx, name, 1, None)


BAD = [
    (NUMBER, 0),
    (NUMBER, 11),
    (NUMBER, "5"),
    (NUMBER, True),
    (NUMBER, 5.0),
    (NUMBER, 2**70),
    (NUMBER, None),
    (IS_ON, 1),
    (IS_ON, "yes"),
    (TEXT, 5),
    (TEXT, "x" * 10_001),
    (LINES, "ab"),
    (LINES, ["a", 5]),
    (LINES, ["a"] * 1_001),
    (LINES, {"a": 1}),
]


def test_a_bad_value_is_refused_and_changes_nothing(app: Flask) -> None:
    for name, value in BAD:
        before = settings.get(name)
        with pytest.raises(Invalid) as raised:
            put(name, value)
        assert raised.value.field == name
        settings.refresh()
        assert settings.get(name) == before
    assert settings.version() == 0


def test_text_is_stored_without_what_no_database_takes(app: Flask) -> None:
    put(TEXT, "a\0b\ud800c\nd")
    put(LINES, ["x\0y"])
    settings.refresh()
    assert settings.get(TEXT) == "abc\nd"
    assert settings.get(LINES) == ("xy",)


def test_the_version_moves_with_each_change(app: Flask) -> None:
    seen = [settings.version()]
    for value in (6, 6, 7):
        put(NUMBER, value)
        seen.append(settings.version())
    put(IS_ON, False)
    seen.append(settings.version())
    assert seen == sorted(set(seen))


def test_versions_are_never_given_twice_however_many_change_at_once(app: Flask) -> None:
    names = [NUMBER, IS_ON]
    barrier = threading.Barrier(8)

    def change(index: int) -> None:
        with app.app_context():
            barrier.wait()
            for _ in range(5):
                put(names[index % 2], 6 if index % 2 == 0 else False)

    threads = [threading.Thread(target=change, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settings.refresh()
    assert settings.version() == 40
    rows = (
        db.session.execute(select(SettingOverride.version).where(SettingOverride.name.in_(names)))
        .scalars()
        .all()
    )
    assert len(set(rows)) == 2
    assert max(rows) == 40


def test_listeners_hear_the_name_when_the_value_is_in_force(app: Flask) -> None:
    heard = []

    def listen(name: str) -> None:
        heard.append((name, settings.get(name)))

    settings.on_change(listen)
    settings.on_change(listen)
    try:
        put(NUMBER, 8)
        with pytest.raises(KeyError):
            put_and_fail()
    finally:
        del settings.store._listeners[listen]
    assert heard == [(NUMBER, 8)]
    assert settings.get(NUMBER) == 8


def put_and_fail() -> None:
    with transaction() as tx:
        settings.put(tx, NUMBER, 9, None)
        settings.put(tx, "Test::Nobody", 9, None)


def test_another_process_sees_a_change_after_refresh(app: Flask) -> None:
    assert settings.get(NUMBER) == 5
    cached = app.extensions["helpdesk_settings"].snapshot
    put(NUMBER, 9)
    app.extensions["helpdesk_settings"].snapshot = cached
    assert settings.get(NUMBER) == 5
    settings.refresh()
    assert settings.get(NUMBER) == 9


def test_who_changed_what_is_recorded(app: Flask) -> None:
    put(NUMBER, 6, by=7)
    put(NUMBER, 7, by=8)
    found = db.session.scalars(
        select(Event).where(Event.action == "setting.changed").order_by(Event.id)
    ).all()
    assert [(event.actor_id, event.details) for event in found] == [
        (7, {"name": NUMBER, "before": None, "after": 6}),
        (8, {"name": NUMBER, "before": 6, "after": 7}),
    ]


def test_a_setting_is_declared_once_and_its_default_is_valid() -> None:
    with pytest.raises(ValueError, match=NUMBER):
        settings.declare(Setting(NUMBER, "int", 5))
    with pytest.raises(ValueError, match="Test::Bad"):
        settings.declare(Setting("Test::Bad", "int", 50, "", "", between(1, 10)))
    assert "Test::Bad" not in {setting.name for setting in settings.declared()}


def test_every_declared_setting_says_what_it_is_for() -> None:
    assert all(setting.help and setting.help.endswith(".") for setting in settings.declared())
