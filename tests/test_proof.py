"""Frozen weeks proved: intact until somebody tampers with the text, its seal or the facts; what is late or renamed breaks nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import reviews
from reviews import FINANCE, MANAGER, NORTH, TODAY, WEEK, closed, do

from lib.__main__ import main
from lib.commands import meetings
from lib.commands.meetings import ReopenMeeting
from lib.commands.receivables import RecordPayment
from lib.review import pack
from lib.review.proof import Proof, prove
from lib.store.ledger import Ledger


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    reviews.few(monkeypatch)
    with reviews.house() as opened:
        yield opened


def tamper(ledger: Ledger, sql: str) -> None:
    ledger.jot(sql, {})
    ledger.version += 10**6


def proof(ledger: Ledger) -> Proof:
    (found,) = prove(ledger, restate=True)
    return found


def test_a_frozen_week_made_again_is_the_same_whatever_comes_later(ledger: Ledger) -> None:
    """Of two reviews, of the company and of a team; the first was opened again since."""
    meeting_id = closed(ledger)
    closed(ledger, NORTH)
    do(ledger, RecordPayment(1, Decimal(40), WEEK, TODAY), FINANCE)
    do(ledger, ReopenMeeting(meeting_id, "x"))
    meetings.close(ledger, MANAGER, meeting_id, TODAY, currency="CNY")
    tamper(ledger, "update app_user set name = '改名' where user_id < 4")
    found = prove(ledger, restate=True)
    assert [(one.circle, one.verdict, one.where) for one in found] == [
        ("all", "intact", ()),
        ("all", "intact", ()),
        ("north", "intact", ()),
    ]
    assert [bool(one.restated) for one in found] == [False, False, True]
    assert prove(ledger, WEEK + timedelta(days=1)) == []


def test_every_metric_and_section_made_again_says_the_same() -> None:
    with reviews.house() as ledger:
        closed(ledger)
        tamper(ledger, "update app_user set language = 'en'")  # nothing is remembered of the first time
        assert proof(ledger).verdict == "intact"


def another_number(body: str) -> str:
    return body.replace('"numerator":"1000.00"', '"numerator":"1001.00"')


@pytest.mark.parametrize("sealed_too", [False, True], ids=["text", "text and its hash"])
def test_a_text_that_was_tampered_with_is_found(ledger: Ledger, sealed_too: bool) -> None:
    closed(ledger)
    (body,) = ledger.cursor().execute("select body from pack").fetchone() or ("",)
    other = another_number(body)
    assert other != body
    seal = f", sha256 = '{pack.sha256(other)}'" if sealed_too else ""
    ledger.jot(f"update pack set body = $body{seal}", {"body": other})
    ledger.version += 10**6
    assert proof(ledger).verdict == "tampered"


OTHERWISE: dict[str, tuple[str, str]] = {
    "a fact": ("update posting set amount = amount + 1 where entry_id = 100", "differs"),
    "a fact, under older rules": (
        "update posting set amount = amount + 1 where entry_id = 100; update pack set maker = '0'",
        "other_rules",
    ),
    "who runs a team's review": ("update app_user set scope = 'all' where user_id = 2", "other_sight"),
}


@pytest.mark.parametrize("what", OTHERWISE)
def test_what_is_otherwise_is_named_for_what_it_is(ledger: Ledger, what: str) -> None:
    sql, verdict = OTHERWISE[what]
    closed(ledger, NORTH)
    tamper(ledger, sql)
    found = proof(ledger)
    assert found.verdict == verdict
    assert ("billed_amount" in found.where) is (verdict != "other_sight")


def test_a_customer_who_changed_hands_is_no_tampering(ledger: Ledger) -> None:
    """A team's week cannot be made again once others see its customers; without such a change the difference is somebody's doing."""
    closed(ledger, NORTH)
    tamper(ledger, "update customer_record set owner_id = 3 where customer_id = 2")
    assert proof(ledger).verdict == "differs"
    tamper(ledger, "update customer_record set recorded_at = timestamp '2026-07-01' where customer_id = 2")
    assert proof(ledger).verdict == "other_sight"


@pytest.mark.parametrize("verb", ["recheck", "check"])
def test_the_shell_says_so_and_fails(
    ledger: Ledger, verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    closed(ledger)
    do(ledger, RecordPayment(1, Decimal(40), WEEK, TODAY), FINANCE)
    monkeypatch.setenv("MINGZHANG_LEDGER", str(ledger.path))
    monkeypatch.setattr("lib.cli.recheck.today", lambda _: TODAY)
    ledger.close()
    assert main([verb]) == 0, capsys.readouterr()
    said = json.loads(capsys.readouterr().out)
    if verb == "recheck":
        (week,) = said
        assert (week["week"], week["verdict"], "collected_amount" in week["restated"]) == ("2026-W26", "intact", True)
    else:
        assert {"check": "frozen_reviews", "rows": 0} in said
    with Ledger(Path(ledger.path)) as again:
        again.jot("update pack set body = body || ' '", {})
    assert main([verb]) == 1
    assert ("2026-W26" if verb == "recheck" else "frozen_reviews") in capsys.readouterr().err
