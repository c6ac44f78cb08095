"""Closed unless opened: every endpoint says who may use it, and one that says nothing is refused."""

import pytest
from flask import Flask

from tests.support.clients import Clients

KINDS = frozenset({"agent", "customer", "visitor", "everybody"})
METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS"})


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_every_endpoint_is_marked(app: Flask) -> None:
    unmarked = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not getattr(app.view_functions[rule.endpoint], "allowed", frozenset()) <= KINDS
        or not getattr(app.view_functions[rule.endpoint], "allowed", None)
    ]
    assert sorted(set(unmarked)) == []


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_endpoint_without_a_mark_is_refused(app: Flask) -> None:
    app.add_url_rule("/agent/forgotten", "forgotten", lambda: "secret")
    answer = Clients(app).agent("agent1").get("/agent/forgotten")
    assert answer.status_code == 404
    assert "secret" not in answer.text


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_only_get_and_post_are_taken(app: Flask) -> None:
    others = {rule.rule: rule.methods - METHODS for rule in app.url_map.iter_rules() if rule.methods}
    assert not {rule: methods for rule, methods in others.items() if methods}
