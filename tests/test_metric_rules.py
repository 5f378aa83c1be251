"""Targets and usual ranges: set by a person with a reason, held from that day on, taken back like any change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import facts
import ledgers
import pytest

from lib.commands.metric_rules import SetMetricRule
from lib.commands.undo import Undo
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.domain.seasons import Season
from lib.errors import Forbidden, Refused
from lib.metrics import METRICS, MOST_WEEKS, Cut
from lib.metrics.chart_words import about, finding
from lib.metrics.variation import WEEKS, Reading, View, effect_of, read_weeks
from lib.metrics.words import headline
from lib.store.door import execute
from lib.store.ledger import Ledger

TODAY = date(2026, 6, 30)
MANAGER = Actor(1, "经理", Role.MANAGER, Scope.ALL)
WEEK = timedelta(days=7)
FIRST = date(2025, 9, 1)  # a Monday


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """Money billed for 44 weeks: 100 and 110 in turn, from March on 60 more."""
    with ledgers.fresh() as opened:
        facts.customer(opened, 1)
        for week in range(44):
            amount = (100, 110)[week % 2] + (60 if week >= 26 else 0)
            facts.invoice(opened, week + 1, FIRST + week * WEEK, FIRST + (week + 4) * WEEK, amount)
        yield opened


def read(ledger: Ledger, name: str = "billed_amount", as_of: date = TODAY) -> Reading:
    return read_weeks(View(ledger, SYSTEM, as_of, None, Cut("CNY")), (name,))[name]


def set_rule(ledger: Ledger, actor: Actor = MANAGER, **given: object) -> int:
    return execute(ledger, actor, SetMetricRule(**{"metric": "billed_amount", "reason": "年度目标", "today": TODAY, **given})).change_id  # type: ignore[arg-type]


def test_weeks_chosen_as_usual_make_the_rest_a_signal(ledger: Ledger) -> None:
    """By the weeks before the rise (mean 105, mean moving range 10: up to 131.6) every week since is beyond its range."""
    set_rule(ledger, first_on=FIRST, last_on=FIRST + 25 * WEEK)
    found = read(ledger)
    assert found.chart.baseline_weeks == 26
    assert found.chart.limits[-1] is not None
    assert round(found.chart.limits[-1].high, 1) == 131.6
    assert found.chart.signals[-1] is not None
    assert (found.chart.signals[-1].rule, found.chart.signals[-1].is_above) == ("beyond", True)
    assert (found.held.made_by, found.held.reason) == (None, "年度目标")


def test_a_target_is_met_as_a_rule_or_not_or_now_and_then(ledger: Ledger) -> None:
    """By the 17 weeks from March on: mean 164.7, mean moving range 10, so 138.1 to 191.3; against those before, June is a signal."""
    since_march = {"first_on": FIRST + 26 * WEEK, "last_on": FIRST + 42 * WEEK}
    verdicts = {}
    for target, weeks in (
        (130, since_march),
        (160, since_march),
        (200, since_march),
        (130, {"first_on": FIRST, "last_on": FIRST + 25 * WEEK}),
    ):
        set_rule(ledger, target=Decimal(target), **weeks)
        verdicts[target, weeks["first_on"]] = read(ledger).assurance
    assert list(verdicts.values()) == ["met", "either", "missed", "changing"]


def test_weeks_chosen_anew_are_a_break_and_what_came_before_keeps_its_range(ledger: Ledger) -> None:
    set_rule(ledger, first_on=FIRST, last_on=FIRST + 25 * WEEK, today=TODAY - WEEK)
    before, first_on = read(ledger), FIRST + 26 * WEEK
    change_id = set_rule(ledger, first_on=first_on, last_on=FIRST + 42 * WEEK)
    found = read(ledger)
    place = [week.week_on for week in found.weeks].index(first_on)
    assert (found.broken_on, before.broken_on) == (first_on, None)
    assert found.chart.limits[:place] == before.chart.limits[:place]
    assert [limit and round(limit.high, 1) for limit in found.chart.limits[place - 1 :]] == [131.6, *[191.3] * (len(found.weeks) - place)]
    assert found.chart.signals[place:] == (None,) * (len(found.weeks) - place)
    execute(ledger, MANAGER, Undo(change_id))
    assert read(ledger).chart == before.chart


def test_a_chart_says_how_its_weeks_were_judged(ledger: Ledger) -> None:
    plain = read(ledger)
    assert about(replace(plain, chart=replace(plain.chart, has_inertia=False, basis="level"), season=Season(2.55, by_days=True)), "zh") == (
        "每周的数；灰带为平常的范围，由 26 周算出；月末的周平常约为 2.6 倍，已经算进去；按开工的天数折算，春节等假期不算变差"
    )
    assert about(replace(plain, chart=replace(plain.chart, has_inertia=True)), "zh").startswith("指标有惯性")
    assert finding(plain, "en") == "The last week is within its usual range"


def test_weeks_of_years_ago_can_still_say_what_is_usual(ledger: Ledger) -> None:
    later = FIRST + 180 * WEEK
    for week in range(4):
        facts.invoice(ledger, 100 + week, later - (week + 1) * WEEK, later, 105)
    set_rule(ledger, first_on=FIRST, last_on=FIRST + 25 * WEEK, today=later)
    found = read(ledger, as_of=later)
    limits = found.chart.limits[-1]
    assert (found.chart.baseline_weeks, found.broken_on, limits and round(limits.high, 1)) == (26, None, 131.6)


def test_the_light_of_the_house_turns_red_and_back(ledger: Ledger) -> None:
    """Nothing is billed in the week of 6 July, as much as ever in the one after."""
    facts.invoice(ledger, 100, date(2026, 7, 13), date(2026, 8, 13), 165)
    set_rule(ledger, first_on=FIRST + 26 * WEEK, last_on=FIRST + 42 * WEEK)
    readings = [read(ledger, as_of=as_of) for as_of in (date(2026, 7, 5), date(2026, 7, 12), date(2026, 7, 19))]
    assert [headline([(one.metric, one.verdict)], "en") for one in readings] == [
        "No signals: every number moves within its usual range.",
        "1 signal; worse: Billed. Look there first, the rest is as usual.",
        "No signals: every number moves within its usual range.",
    ]


def test_what_was_done_is_judged_once_its_weeks_are_over_and_never_otherwise_later(ledger: Ledger) -> None:
    """Billing rose by 60 a week from 2 March 2026 on: done in the week before, it is an effect; a fall was wanted: it is worse."""
    done, until = date(2026, 2, 25), date(2026, 3, 25)
    verdicts = [
        effect_of(View(ledger, SYSTEM, as_of, None, Cut("CNY")), "billed_amount", done, until, wanted)
        for as_of in (date(2026, 3, 28), date(2026, 3, 29), TODAY)
        for wanted in ("up", "down")
    ]
    assert verdicts == ["early", "early", "works", "worse", "works", "worse"]
    assert (
        effect_of(View(ledger, SYSTEM, TODAY, None, Cut("CNY")), "billed_amount", date(2026, 4, 15), date(2026, 5, 15), "up") == "unclear"
    )


def test_without_a_rule_there_is_no_target_and_the_house_chooses_the_weeks(ledger: Ledger) -> None:
    found = read(ledger)
    assert (found.held.target, found.held.first_on, found.assurance) == (None, None, None)
    assert read(ledger, "promise_kept_rate").held.target == Decimal("0.8")


def test_every_metric_can_be_read_over_the_weeks_its_signals_need() -> None:
    assert max(metric.window for metric in METRICS.values()) + WEEKS - 1 <= MOST_WEEKS


def test_a_rule_holds_from_its_day_and_undo_takes_it_back(ledger: Ledger) -> None:
    change_id = set_rule(ledger, target=Decimal(120))
    assert read(ledger).held.target == 120
    assert read(ledger, as_of=TODAY - timedelta(days=1)).held.target is None
    execute(ledger, MANAGER, Undo(change_id))
    assert read(ledger).held.target is None


@pytest.mark.parametrize(
    ("given", "about"),
    [
        ({"metric": "no_such"}, "metric"),
        ({"reason": " "}, "reason"),
        ({"metric": "nps", "first_on": FIRST}, "first_on"),
        ({"first_on": FIRST, "last_on": FIRST + 5 * WEEK}, "first_on"),
        ({"first_on": FIRST, "last_on": FIRST + 30 * WEEK}, "first_on"),
        ({"first_on": TODAY - 10 * WEEK, "last_on": TODAY}, "last_on"),
        ({"metric": "overdue_rate", "target": Decimal(20)}, "target"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(ledger: Ledger, given: dict[str, object], about: str) -> None:
    with pytest.raises(Refused) as refusal:
        set_rule(ledger, **given)
    assert refusal.value.values["about"] == about


def test_the_same_again_and_who_sees_a_part_are_refused(ledger: Ledger) -> None:
    set_rule(ledger, target=Decimal(120))
    with pytest.raises(Refused):
        set_rule(ledger, target=Decimal("120.0"))
    with pytest.raises(Forbidden):
        set_rule(ledger, Actor(2, "组长", Role.MANAGER, Scope.TEAM, ("华东",)), target=Decimal(130))
