"""Rules changed by people: versions with a day, a reason and a review; what cannot hold is refused with its reason.

Today is 30 June 2026. Every ledger starts with one version of each kind from the year 2000.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from lib.commands.policies import ConfirmPolicy, DropPolicy, PublishPolicy
from lib.commands.undo import Undo
from lib.domain.access import Actor, Role, Scope
from lib.domain.policies import checked_body, differences
from lib.domain.policy_kinds import KINDS
from lib.errors import Conflict, Forbidden, NotFound, Refused
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows

TODAY = date(2026, 6, 30)
MANAGER = Actor(2, "m", Role.MANAGER, Scope.ALL)
SECOND = Actor(6, "s", Role.MANAGER, Scope.ALL)
REVIEW = date(2027, 1, 1)


def body(ledger: Ledger, kind: str, day: date = TODAY) -> dict[str, Any]:
    sql = "select body from policy_at($kind, $day::date, timestamp '9999-12-30')"
    (found,) = ledger.cursor().execute(sql, {"kind": kind, "day": day}).fetchone() or ("{}",)
    return dict(json.loads(found))


def order(kind: str, body: dict[str, Any], **more: Any) -> PublishPolicy:
    return PublishPolicy(kind, body, more.pop("effective_on", TODAY), REVIEW, more.pop("reason", "季度复核"), TODAY, **more)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_ledger_starts_with_is_a_rule_its_kind_allows(ledger: Ledger, kind: str) -> None:
    start = body(ledger, kind)
    assert checked_body(KINDS[kind], start) == start


def test_a_version_holds_from_its_day_and_undo_brings_the_one_before_back(ledger: Ledger) -> None:
    """Days between two reminders: from 2000 5, from 10 July 12."""
    start = body(ledger, "reminders")
    receipt = execute(ledger, MANAGER, order("reminders", start | {"gap_days": 12}, effective_on=date(2026, 7, 10)))
    assert body(ledger, "reminders", date(2026, 7, 9)) == start
    assert body(ledger, "reminders", date(2026, 7, 10)) == start | {"gap_days": 12}
    sql = "select command, subject from audit where change_id = $id"
    assert ledger.cursor().execute(sql, {"id": receipt.change_id}).fetchone() == ("PublishPolicy", "policy reminders")
    execute(ledger, MANAGER, Undo(receipt.change_id))
    assert body(ledger, "reminders", date(2026, 7, 10)) == start


@pytest.mark.parametrize(
    ("kind", "changed", "about", "why"),
    [
        ("financing", {"yearly_rate": 1.5}, "yearly_rate", "between 0% and 100%"),
        ("financing", {"yearly_rate": None}, "yearly_rate", "missing"),
        ("financing", {"yearly_rate": float("nan")}, "yearly_rate", "must be a number"),
        ("financing", {"yearly_rate": "0.05"}, "yearly_rate", "must be a number"),
        ("financing", {"hourly_rate": 0.1}, None, "has no “hourly_rate”"),
        ("credit_stop", {"amber": 0.97}, "red", "“Limit very near, used from” must be more than “Limit near, used from”"),
        ("credit_stop", {"prepay": ["nobody"]}, "prepay", "must be one of: High, Medium, Low, Unrated"),
        ("credit_stop", {"overdue_days": 2.5}, "overdue_days", "whole number"),
        ("reminders", {"levels": []}, "levels", "1 to 12 rows"),
        ("provision", {"edges": [30, 30, 90, 180, 365]}, "steps", "must rise from row to row (row 2)"),
    ],
)
def test_what_cannot_hold_is_refused_with_its_reason_and_place(
    ledger: Ledger, kind: str, changed: dict[str, Any], about: str | None, why: str
) -> None:
    with pytest.raises(Refused) as refusal:
        execute(ledger, MANAGER, order(kind, body(ledger, kind) | changed))
    assert why in refusal.value.say("en")
    assert refusal.value.values.get("about") == about


def test_levels_are_ordered_and_counted_by_their_days(ledger: Ledger) -> None:
    """A level put in at day 1: one more level, counted in its place."""
    start = body(ledger, "reminders")
    more = {**start, "levels": [*start["levels"], {"days": 1, "channel": "letter", "tone": "reminder"}]}
    execute(ledger, MANAGER, order("reminders", more))
    assert [(one["level"], one["days"]) for one in body(ledger, "reminders")["levels"]][:3] == [(1, -3), (2, 1), (3, 3)]
    assert [one.path for one, *_ in differences(KINDS["reminders"], start, body(ledger, "reminders"))] == ["levels"]


def test_dates_reasons_sight_and_what_others_published_meanwhile_are_asked_for(ledger: Ledger) -> None:
    start = body(ledger, "reminders")
    good = order("reminders", start | {"gap_days": 12})
    for wrong in (
        replace(good, effective_on=date(2026, 6, 29)),
        replace(good, review_on=TODAY),
        replace(good, reason=" "),
        replace(good, body=start),
        replace(good, kind="settings"),
    ):
        with pytest.raises(Refused):
            execute(ledger, MANAGER, wrong)
    with pytest.raises(Forbidden, match="sees all customers"):
        execute(ledger, Actor(3, "n", Role.MANAGER, Scope.TEAM, ("north",)), good)
    seen = replace(good, replaces=4)
    execute(ledger, MANAGER, seen)
    with pytest.raises(Conflict, match="meanwhile"):
        execute(ledger, MANAGER, replace(seen, body=start | {"gap_days": 13}))


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("credit_stop", {"overdue_days": 999}),
        ("provision", {"rates": [0, 0, 0, 0, 0, 0, 0.5]}),
        ("classification", {"months": 6}),
        ("matching", {"auto": []}),
        ("financing", {"yearly_rate": 0.5}),
        ("strategy", {"hours": {"interaction": 0, "visit": 0, "case": 0}}),
    ],
)
def test_nobody_alone_changes_a_rule_that_decides_about_money(ledger: Ledger, kind: str, changed: dict[str, Any]) -> None:
    """A manager who may not release a customer alone could let the credit stop begin after 999 days."""
    start = body(ledger, kind)
    proposed = execute(ledger, MANAGER, order(kind, start | changed))
    assert body(ledger, kind) == start
    (waiting,) = rows(ledger, MANAGER, "proposed_rules")
    assert (waiting["kind"], waiting["author_id"], json.loads(waiting["body"])) == (kind, 2, start | changed)
    confirm = ConfirmPolicy(waiting["policy_id"], TODAY)
    with pytest.raises(Forbidden, match="someone else"):
        execute(ledger, MANAGER, confirm)
    for other in (Actor(7, "f", Role.FINANCE, Scope.ALL), Actor(8, "t", Role.MANAGER, Scope.TEAM, ("north",))):
        with pytest.raises(Forbidden):
            execute(ledger, other, confirm)
    with pytest.raises(Conflict, match="waits already"):
        execute(ledger, SECOND, order(kind, start | changed))
    done = execute(ledger, SECOND, confirm)
    assert body(ledger, kind) == start | changed
    held = rows(ledger, MANAGER, "policy_versions", kind=kind, as_of=TODAY)[0]
    assert (held["policy_id"], held["is_in_force"], rows(ledger, MANAGER, "proposed_rules")) == (done.result, True, [])
    with pytest.raises(NotFound):
        execute(ledger, SECOND, confirm)
    for change_id in (done.change_id, proposed.change_id):
        with pytest.raises(Refused):
            execute(ledger, MANAGER, Undo(change_id))
    assert body(ledger, kind) == start | changed


def test_a_rule_that_waits_is_dropped_or_overtaken(ledger: Ledger) -> None:
    """Dropped it never holds; approved late it begins that day; approved after its review, or after another version, it is refused."""
    start = body(ledger, "credit_stop")
    first = execute(ledger, MANAGER, order("credit_stop", start | {"overdue_days": 10})).result
    dropped = execute(ledger, MANAGER, DropPolicy(first))
    with pytest.raises(NotFound):
        execute(ledger, SECOND, ConfirmPolicy(first, TODAY))
    second = execute(ledger, MANAGER, order("credit_stop", start | {"overdue_days": 20})).result
    execute(ledger, MANAGER, Undo(dropped.change_id))
    late = date(2026, 8, 1)
    with pytest.raises(Refused, match="review"):
        execute(ledger, SECOND, ConfirmPolicy(second, REVIEW))
    execute(ledger, SECOND, ConfirmPolicy(second, late))
    assert [body(ledger, "credit_stop", day)["overdue_days"] for day in (date(2026, 7, 31), late)] == [30, 20]
    with pytest.raises(Conflict, match="meanwhile"):
        execute(ledger, SECOND, ConfirmPolicy(first, late))
