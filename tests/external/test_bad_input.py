"""Whatever is typed or sent: a clear answer in place, the words kept, nothing run, nothing broken."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from helpdesk.chat.models import Chat
from helpdesk.database import db
from helpdesk.web import clean_text
from tests.chat.hearing import Hearing
from tests.chat.people import House
from tests.chat.reading import lines_of, public_id_of, rows_of, tree
from tests.chat.test_begin import setting

TEXTS = {
    "script": "<script>alert(1)</script>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "htmx": '<div hx-get="/agent/chats" hx-trigger="load">x</div>',
    "partial": '<hx-partial hx-target="body" hx-swap="innerHTML"><b>x</b></hx-partial>',
    "upsert": '</hx-upsert><hx-upsert hx-target="#log-x"><div id="a" data-seq="1">x</div></hx-upsert>',
    "oob": '<div id="toasts" hx-swap-oob="true">x</div>',
    "textarea": "</textarea></form><form action='https://evil.example'><input name=password>",
    "javascript": "javascript:alert(1) [x](javascript:alert(1)) data:text/html,<script>1</script>",
    "template": "{{ 7*7 }} {% raw %} ${7*7} #{7*7} {name} %(name)s %s %n {0.__class__}",
    "sql": "'; DROP TABLE message; -- %_\\ \" `",
    "control": "a\x01\x07\x08\x0b\x1b[31m\x7f\x85z",
    "noncharacter": "a\ufdd0\uffff\ufffe\U0001fffez",
    "bidi": "\u202eabc\u2066\u2067def\u202a",
    "separators": "one\u2028two\u2029three",
    "zwj": "👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 é e\u0301",
    "zalgo": "z" + "\u0315\u0300\u0316" * 1000,
    "long": "W" * 4000,
    "formula": "=cmd|' /C calc'!A0",
    "crlf": "a\r\nBcc: x@evil.example\r\n\r\n",
    "plane": "\U000e0041\U000f0000x",
    "comment": "<!-- --> <![CDATA[ x ]]> &lt;b&gt; &amp;amp;",
    "link": 'http://a.example/"onmouseover="alert(1) https://<b>@x https://[::1/ http://' + "a." * 900,
}
NUL = "a\x00b"
NO_DATABASE = pytest.mark.parametrize("database_kind", ["sqlite"])  # one is enough
IDS = ["-1", "0", "1", str(2**70), "%00", "x" * 22, "x" * 4000, "%F0%28", "%ED%A0%80", "é" * 22, "'--"]


@pytest.fixture
def house(app):
    return House(app)


@pytest.fixture
def agent(house):
    return house.agent("agent1")


@pytest.fixture
def visitor(house, agent):
    return house.visitor()


def foreign(text: str) -> list[str]:
    """Return elements and attributes in an answer that only a guest's words could have made."""
    found = []
    for element in tree(text).iter():
        if element.tag in ("script", "iframe", "img", "object") and "src" not in element.attrib:
            found.append(element.tag)
        found += [name for name in element.attrib if name.startswith("onm") or name == "hx-swap-oob"]
        if element.attrib.get("hx-trigger") == "load" or "evil" in element.attrib.get("action", ""):
            found.append(element.tag)
    return found


@NO_DATABASE
@pytest.mark.requirement(28)
@pytest.mark.requirement(34)
@pytest.mark.parametrize("kind", TEXTS)
def test_any_text_is_shown_as_text_everywhere(visitor, agent, app, kind):
    heard = Hearing(app)
    text = TEXTS[kind]
    answer = visitor.begin(text, name="Vera " + text[:60])
    assert answer.status_code == 200, answer.text
    chat = public_id_of(answer.text)
    texts = [answer.text, agent.requests().text, agent.preview(chat).text, agent.accept(chat).text]
    assert visitor.post(chat, text).status_code == 200
    assert agent.post(chat, text).status_code == 200
    texts += [agent.read(chat).text, visitor.read(chat).text, agent.get("/chats").text, visitor.get("/").text]
    texts += [agent.header(chat).text, visitor.status(chat).text, visitor.home().text]
    texts += [told.frame["content"] for told in heard.told if "content" in told.frame]
    assert not [found for each in texts if (found := foreign(each))]
    lines = [line.text for line in agent.lines(chat) if line.kind == "line"]
    assert len(lines) == 3
    assert len(set(lines)) == 1
    if kind in (
        "script",
        "htmx",
        "partial",
        "upsert",
        "oob",
        "textarea",
        "template",
        "sql",
        "zwj",
        "comment",
    ):
        expected = text.replace("e\u0301", "é")
        assert lines[0] == expected


@pytest.mark.requirement(28)
@NO_DATABASE
@pytest.mark.parametrize("kind", TEXTS)
def test_what_was_typed_comes_back_as_it_was(visitor, kind):
    text = TEXTS[kind]
    answer = visitor.begin(text, name="")
    assert answer.status_code == 422
    assert not foreign(answer.text)
    [area] = tree(answer.text).iter("textarea")
    kept = "".join(
        c
        for c in text.replace("\r\n", "\n")
        if c not in "\x01\x07\x08\x0b\x1b\x7f\x85\ufdd0\uffff\ufffe\U0001fffe"
    )
    assert (area.text or "").replace("\r\n", "\n") in (kept, text.replace("\r\n", "\n"))
    name = visitor.begin("", name=text)
    assert name.status_code == 422
    assert not foreign(name.text)


@NO_DATABASE
@pytest.mark.requirement(28)
@pytest.mark.parametrize("field", ["name", "text", "client_id", "channel"])
@pytest.mark.parametrize("value", [NUL, "\x00", "\ud800", "x" * 100_000, "\u0315\u0300" * 15_000])
def test_nothing_typed_into_any_field_breaks_it(visitor, field, value):
    fields = {
        "name": "Vera",
        "text": "Hello",
        "client_id": str(uuid4()),
        field: value.encode("utf-8", "surrogatepass"),
    }
    answer = visitor.client.post("/window/chats", data=fields, htmx=True)
    assert answer.status_code in (200, 409, 422)
    if answer.status_code == 422:
        assert (
            len(
                next(e for e in tree(answer.text).iter("input") if e.attrib["name"] == "client_id").attrib[
                    "value"
                ]
            )
            == 36
        )


@pytest.mark.requirement(33)
def test_missing_double_and_foreign_fields_are_no_trouble(visitor, agent):
    assert visitor.client.post("/window/chats", data={}, htmx=True).status_code == 422
    chat = visitor.begun()
    assert visitor.client.post(f"/window/chats/{chat}/messages", data={}, htmx=True).status_code == 422
    double = {"text": ["first", "second"], "client_id": [str(uuid4()), "x"], "is_admin": "1", "seq": "99"}
    assert visitor.client.post(f"/window/chats/{chat}/messages", data=double, htmx=True).status_code == 200
    assert agent.words(chat) == ["Hello?", "first"]
    for content_type, body in (
        ("application/json", b'{"text": '),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("multipart/form-data", b""),
        ("application/x-www-form-urlencoded", b"text=%ff%fe&client_id=%"),
        ("application/x-www-form-urlencoded; charset=utf-7", b"text=+ADw-b+AD4-"),
        ("text/plain", b"\xff" * 1000),
    ):
        answer = visitor.client.post(
            f"/window/chats/{chat}/messages", data=body, content_type=content_type, htmx=True
        )
        assert answer.status_code in (400, 422), content_type


@pytest.mark.requirement(34)
@NO_DATABASE
def test_too_much_is_refused_at_the_door(visitor):
    chat = visitor.begun()
    assert visitor.post(chat, "x" * 300_000).status_code == 413
    many = {f"field{n}": "x" for n in range(2000)}
    assert visitor.client.post("/window/chats", data=many, htmx=True).status_code in (413, 422)


@pytest.mark.requirement(7)
@pytest.mark.parametrize("public_id", IDS)
def test_an_odd_id_is_answered_like_one_that_is_not_there(visitor, agent, house, public_id):
    visitor.begun()
    customer = house.customer()
    for base, who, paths in (
        ("/agent/chats", agent, ("preview", "messages", "header")),
        ("/window/chats", visitor, ("", "messages", "status")),
        ("/external/window/chats", customer, ("", "messages", "status")),
    ):
        missing = who.client.get(f"{base}/{'y' * 22}/messages", htmx=True)
        for path in paths:
            answer = who.client.get(f"{base}/{public_id}/{path}".rstrip("/"), htmx=True)
            assert (answer.status_code, answer.text) == (404, missing.text), path
    for deed in ("acceptance", "channel", "closure", "departure", "dismissal", "messages"):
        fields = {"text": "x", "client_id": str(uuid4()), "channel": 1}
        assert (
            agent.client.post(f"/agent/chats/{public_id}/{deed}", data=fields, htmx=True).status_code == 404
        )


@pytest.mark.requirement(3)
@NO_DATABASE
@pytest.mark.parametrize("door", ["agent", "external"])
@pytest.mark.parametrize(
    "kind", ["script", "attribute", "sql", "control", "bidi", "zalgo", "template", "long"]
)
def test_signing_in_with_anything_is_one_plain_refusal(house, door, kind):
    for login, password in ((TEXTS[kind], "x"), ("agent1", TEXTS[kind]), (NUL, NUL)):
        answer = house.client().post(f"/{door}/sign-in", data={"login": login, "password": password})
        assert answer.status_code == 422
        assert "User name or password is wrong." in answer.text
        assert not foreign(answer.text)


@pytest.mark.requirement(7)
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:8000.evil.example", "", "a@b", "[::1"])
def test_a_foreign_host_gets_nothing(visitor, host):
    answer = visitor.client.get("/external/", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text


@pytest.mark.requirement(7)
@NO_DATABASE
@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "", "http://127.0.0.1:8001", "http://127.0.0.1:8000.evil.example"],
)
def test_a_deed_from_a_foreign_origin_is_not_done(visitor, agent, origin):
    chat = visitor.begun()
    for client, path in (
        (visitor.client, "/window/chats"),
        (visitor.client, f"/window/chats/{chat}/closure"),
        (agent.client, f"/agent/chats/{chat}/acceptance"),
    ):
        assert client.post(path, data={}, headers={"Origin": origin}, htmx=True).status_code == 403
    assert rows_of(agent.requests().text)[0].public_id == chat


@pytest.mark.requirement(28)
def test_forwarded_headers_of_strangers_are_not_believed(house, agent):
    setting("ChatEngine::StartLimit", 1)
    codes = []
    for number in range(6):
        headers = {"X-Forwarded-For": f"192.0.2.{number}", "X-Forwarded-Host": "evil.example"}
        headers |= {"X-Forwarded-Proto": "https", "Forwarded": f"for=192.0.2.{number}"}
        fields = {"name": "Vera", "text": "Hi", "client_id": str(uuid4())}
        answer = house.client().post("/window/chats", data=fields, headers=headers, htmx=True)
        codes.append(answer.status_code)
        assert "evil" not in answer.text
    assert 429 in codes


@pytest.mark.requirement(46)
@NO_DATABASE
@pytest.mark.parametrize("token", ["x", "'--", "a" * 43, "é", "x" * 3000])
def test_a_wrong_token_is_a_stranger(house, agent, visitor, token):
    chat = visitor.begun()
    stranger = house.visitor()
    stranger.client.set_cookie("helpdesk_window", token, domain="127.0.0.1", path="/window")
    assert stranger.read(chat).status_code == 401
    assert stranger.home().status_code == 200
    answer = house.visitor().get(f"/chats/{chat}", headers={"X-Visitor": token.encode().decode("latin-1")})
    assert answer.status_code == 401


@pytest.mark.requirement(33)
def test_lines_survive_all_that(visitor, agent):
    chat = visitor.begun(TEXTS["zalgo"])
    assert lines_of(agent.preview(chat).text)[0].n == 1
    assert db.session.scalar(select(func.count()).select_from(Chat)) == 1


@pytest.mark.requirement(34)
@pytest.mark.parametrize("database_kind", ["postgres"])
def test_postgresql_stores_any_text_too(visitor, agent):
    chat = visitor.begun(NUL, name="Ve\x00ra")
    for text in TEXTS.values():
        assert visitor.post(chat, text).status_code == 200
        assert visitor.begin(text, name=text[:60], channel=text).status_code in (200, 409, 422, 429)
    assert len(agent.lines(chat)) == len(TEXTS) + 1


@pytest.mark.requirement(34)
def test_marks_without_end_are_cut_before_they_are_put_in_order():
    """Ordering 80,000 of them would keep every other thread waiting for half a minute."""
    assert len(clean_text("a" + "\u0315\u0300" * 40_000, field="text", most=4_000)) < 40
