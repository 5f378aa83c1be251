"""Subscriptions: whose they are, when they speak, and what leaves: each person's own numbers, once, to their own address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import facts
import pytest
from post_office import PostOffice, open_office

from lib import post
from lib.alerts import daily, tell
from lib.commands.subscriptions import MuteSubscription, SetEmail, Subscribe, Unsubscribe
from lib.commands.undo import Undo
from lib.domain.access import Actor, Role, Scope
from lib.errors import Conflict, NotFound, Refused, Unusable
from lib.metrics import Cut
from lib.metrics.variation import View
from lib.review.alerting import Subscription, judge
from lib.review.pack import Pack, build, last_week
from lib.store.door import execute
from lib.store.ledger import Ledger

TODAY = date(2026, 6, 30)
CHIEF = Actor(1, "chief", Role.MANAGER, Scope.ALL, (), 1)
NORTH = Actor(2, "north", Role.LEAD, Scope.OWN, (), 0)


@pytest.fixture(scope="module")
def opened() -> Iterator[PostOffice]:
    with open_office() as office:
        yield office


@pytest.fixture
def office(opened: PostOffice) -> PostOffice:
    opened.letters.clear()
    return opened


@pytest.fixture(autouse=True)
def company(ledger: Ledger) -> None:
    """The lead's customer owes 1,000 since the start of June, another person's 5,000."""
    people = "insert into app_user values ($id, $name, $name, $role, $scope, null, 'zh', null, null, true, $level)"
    for who in (CHIEF, NORTH):
        ledger.jot(people, {"id": who.user_id, "name": who.name, "role": who.role, "scope": who.scope, "level": who.level})
    facts.customer(ledger, 1, owner_id=2, name="北方机械")
    facts.customer(ledger, 2, owner_id=1, name="南方贸易")
    facts.invoice(ledger, 10, date(2026, 5, 1), date(2026, 6, 1), 1000, customer_id=1)
    facts.invoice(ledger, 20, date(2026, 5, 1), date(2026, 6, 1), 5000, customer_id=2)


def subscribed(ledger: Ledger, actor: Actor, kind: str, **more: Any) -> int:
    execute(ledger, actor, SetEmail(f"{actor.name}@example.com"))
    return int(execute(ledger, actor, Subscribe(kind, "zh", **more)).result)


def server(office: PostOffice) -> post.Server:
    found = post.server(office.url)
    assert found
    return found


def log(ledger: Ledger) -> list[tuple[Any, ...]]:
    return ledger.cursor().execute("select fired, why, delivered from subscription_event order by event_id").fetchall()


# --- the rule


def pack(ledger: Ledger) -> Pack:
    return build(View(ledger, CHIEF, TODAY, None, Cut("CNY")), last_week(TODAY), ())


def test_a_brief_speaks_once_a_week(ledger: Ledger) -> None:
    week, wanted = pack(ledger), Subscription(1, "brief")
    first = judge(wanted, week, TODAY, None)
    assert (first.fires, first.why) == (True, "week")
    again = judge(wanted, week, TODAY, first.said)
    assert (again.fires, again.why) == (False, "told")
    later = judge(wanted, replace(week, week_on=week.week_on + timedelta(days=7)), TODAY, again.said)
    assert later.fires


def test_a_bound_speaks_when_it_is_crossed_and_anew_only_after_coming_back(ledger: Ledger) -> None:
    week, wanted = pack(ledger), Subscription(1, "threshold", "overdue_amount", is_above=True, bound=Decimal(5999))
    assert week.line("overdue_amount").value == 6000
    first = judge(wanted, week, TODAY, None)
    assert (first.fires, first.why) == (True, "crossed")
    assert judge(wanted, week, TODAY, first.said).why == "still"
    high = replace(wanted, bound=Decimal(6000))
    back = judge(high, week, TODAY, first.said)
    assert (back.fires, back.why) == (False, "within")
    assert judge(wanted, week, TODAY, back.said).fires
    assert judge(replace(wanted, is_above=False), week, TODAY, None).why == "within"


def test_a_signal_speaks_once_in_its_week(ledger: Ledger) -> None:
    week, wanted = pack(ledger), Subscription(1, "signal", "overdue_amount")
    assert judge(wanted, week, TODAY, None).why == "unknown"  # two weeks on record say nothing yet
    worse = replace(week, lines=tuple(replace(one, verdict="worse") if one.metric == "overdue_amount" else one for one in week.lines))
    first = judge(wanted, worse, TODAY, None)
    assert (first.fires, first.why) == (True, "signal")
    assert judge(wanted, worse, TODAY, first.said).why == "told"
    usual = replace(worse, lines=tuple(replace(one, verdict="neutral") for one in worse.lines))
    assert judge(wanted, worse, TODAY, judge(wanted, usual, TODAY, first.said).said).why == "told"


def test_what_is_muted_says_nothing_until_its_day(ledger: Ledger) -> None:
    week, wanted = pack(ledger), Subscription(1, "brief", muted_until=TODAY + timedelta(days=1))
    assert judge(wanted, week, TODAY, None).why == "muted"
    assert judge(wanted, week, TODAY + timedelta(days=1), None).fires


# --- the round


def test_each_gets_the_numbers_they_see_once(ledger: Ledger, office: PostOffice) -> None:
    subscribed(ledger, CHIEF, "brief")
    subscribed(ledger, NORTH, "threshold", metric="overdue_amount", is_above=True, bound=Decimal(500))
    done = tell(ledger, TODAY, server(office))
    assert (done.looked_at, done.fired, done.sent, done.failed) == (2, 2, 2, 0)
    letters = {letter["To"].addresses[0].addr_spec: letter for _, letter in office.letters}
    assert set(letters) == {"chief@example.com", "north@example.com"}
    told = letters["north@example.com"].get_content()
    assert "1,000" in told.replace("0.1万", "1,000")
    assert "6,000" not in told
    brief = letters["chief@example.com"].get_body(("plain",)).get_content()
    assert "南方贸易" in brief
    assert len(list(letters["chief@example.com"].iter_attachments())) == 1
    assert tell(ledger, TODAY, server(office)).fired == 0
    assert len(office.letters) == 2
    assert [row[1:] for row in log(ledger)] == [("week", "sent"), ("crossed", "sent"), ("told", None), ("still", None)]


def test_no_brief_names_a_customer_out_of_sight(ledger: Ledger, office: PostOffice) -> None:
    subscribed(ledger, NORTH, "brief")
    tell(ledger, TODAY, server(office))
    ((_, letter),) = office.letters
    assert "北方机械" in letter.get_body(("plain",)).get_content()
    assert "南方贸易".encode() not in letter.as_bytes(policy=letter.policy.clone(cte_type="8bit"))
    for part in letter.iter_attachments():
        assert "南方贸易" not in part.get_content()


def test_without_an_address_only_the_log_says_so(ledger: Ledger, office: PostOffice) -> None:
    execute(ledger, CHIEF, Subscribe("brief", "en"))
    done = tell(ledger, TODAY, server(office))
    assert (done.fired, done.sent) == (1, 0)
    assert not office.letters
    assert log(ledger) == [(True, "no_address", None)]


def test_a_letter_turned_down_and_a_server_away_are_on_record(ledger: Ledger, office: PostOffice) -> None:
    execute(ledger, CHIEF, SetEmail("refused@example.com"))
    execute(ledger, CHIEF, Subscribe("brief", "zh"))
    assert tell(ledger, TODAY, server(office)).failed == 1
    nowhere = replace(server(office), port=1)
    with pytest.raises(Unusable):
        tell(ledger, TODAY + timedelta(days=7), nowhere)
    assert [row[2] for row in log(ledger)] == ["failed", "failed"]


def test_the_server_looks_once_a_day_and_not_at_night(ledger: Ledger, office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    subscribed(ledger, CHIEF, "brief")
    assert daily(ledger) is None  # no mail server is set
    monkeypatch.setenv(post.VARIABLE, office.url)
    noon = datetime(2026, 6, 30, 4, 0)
    ledger.clock = lambda: noon - timedelta(hours=6)
    assert daily(ledger) is None
    ledger.clock = lambda: noon
    done = daily(ledger)
    assert done
    assert done.sent == 1
    assert daily(ledger) is None
    ledger.clock = lambda: noon + timedelta(days=7)
    assert daily(ledger)
    assert len(office.letters) == 2


def test_who_has_left_is_told_nothing(ledger: Ledger, office: PostOffice) -> None:
    subscribed(ledger, NORTH, "brief")
    ledger.jot("update app_user set is_active = false where user_id = 2", {})
    assert tell(ledger, TODAY, server(office)).looked_at == 0
    assert not office.letters


def test_a_metric_that_is_no_longer_kept_silences_nobody_else(ledger: Ledger, office: PostOffice) -> None:
    subscribed(ledger, CHIEF, "signal", metric="overdue_amount")
    ledger.jot("update subscription set metric = 'given_up_years_ago'", {})
    subscribed(ledger, NORTH, "brief")
    assert tell(ledger, TODAY, server(office)).sent == 1
    assert [row[:2] for row in log(ledger)] == [(False, "gone"), (True, "week")]


def test_addresses_stand_in_no_audit(ledger: Ledger, office: PostOffice) -> None:
    subscribed(ledger, CHIEF, "brief")
    tell(ledger, TODAY, server(office))
    kept = json.dumps(ledger.cursor().execute("select command, subject, detail from audit").fetchall())
    assert "example.com" not in kept


# --- the commands


def test_a_subscription_is_ones_own(ledger: Ledger) -> None:
    number = subscribed(ledger, CHIEF, "brief")
    for command in (Unsubscribe(number), MuteSubscription(number, None, TODAY)):
        with pytest.raises(NotFound):
            execute(ledger, NORTH, command)
    with pytest.raises(Conflict):
        execute(ledger, CHIEF, Subscribe("brief", "en"))
    gone = execute(ledger, CHIEF, Unsubscribe(number))
    assert ledger.cursor().execute("select count(*) from subscription where retired_at > now()").fetchone() == (0,)
    execute(ledger, CHIEF, Undo(gone.change_id, TODAY))
    execute(ledger, CHIEF, MuteSubscription(number, TODAY + timedelta(days=28), TODAY))
    sql = "select muted_until from subscription where retired_at > now()"
    assert ledger.cursor().execute(sql).fetchone() == (TODAY + timedelta(days=28),)


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (Subscribe("signal", "zh"), "metric"),
        (Subscribe("signal", "zh", metric="no_such"), "metric"),
        (Subscribe("weekly", "zh"), "kind"),
        (Subscribe("threshold", "zh", metric="nps", is_above=True), "bound"),
        (SetEmail("not an address"), "email"),
        (MuteSubscription(1, TODAY, TODAY), "until"),
    ],
)
def test_what_is_missing_is_named(ledger: Ledger, order: Any, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        execute(ledger, CHIEF, order)
    assert refusal.value.values["about"] == field
