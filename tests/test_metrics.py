"""The metrics: each adds up the rows behind it, agrees with the lists people see, and says when it has nothing to say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import ledgers
import pytest
from facts import company, customer, insert, invoice, payment

from lib import metrics
from lib.domain.access import SYSTEM, Actor, Permission, Role
from lib.domain.access import Scope as Sight
from lib.errors import Forbidden
from lib.metrics import BOARD, METRICS, SHARES, VOICE, Cut, Measurement, countback, customers_behind, document, measure, rows_behind
from lib.metrics.compile import MONEY, SINCE, parts
from lib.metrics.sharing import Placed, beyond, placed
from lib.metrics.variation import WEEKS, View, read_weeks
from lib.review.pack import build, last_week
from lib.store import query
from lib.store.ledger import LATEST, Ledger
from lib.store.query import rows
from lib.ui import board, review, session

AS_OF = date(2026, 4, 8)  # a Wednesday
DAY = timedelta(days=1)
CNY = Cut("CNY")
EVERY = list(METRICS)


@pytest.fixture(scope="module")
def book() -> Iterator[Ledger]:
    """The small company of `company.sql`, and customers 61 (new, a complete record, reminded), 62 (lost) and 63 (quiet)."""
    with ledgers.fresh() as opened:
        company(opened)
        for number, days in enumerate(([date(2026, 3, 2)], [date(2025, 3, 1)], [date(2025, 9, 1) + 14 * DAY * i for i in range(8)]), 61):
            customer(opened, number, owner_id=1, tax_no="91310000" if number == 61 else None)
            for place, day in enumerate(days):
                invoice(opened, 10 * number + place, day, day + 30 * DAY, 500, customer_id=number)
        contact = {"name": "李", "phone": "13800138000", "is_primary": True, "do_not_contact": False}
        insert(opened, "contact", {"contact_id": 1, "customer_id": 61, **contact})
        call = {"customer_id": 61, "on_date": AS_OF, "done_on": AS_OF, "direction": "out", "subject": "电话", "outcome": "reached"}
        for number, kind in enumerate(("interaction", "reminder"), 9001):
            insert(opened, "activity", {"record_id": number, "activity_id": number, "kind": kind, **call})
        yield opened


@pytest.fixture(scope="module")
def measured(book: Ledger) -> dict[str, Measurement]:
    """Every metric in the current week."""
    return {found.metric: found for found in measure(book, SYSTEM, EVERY, AS_OF, weeks=1, scope=CNY)}


def now(ledger: Ledger, name: str, as_of: date = AS_OF, scope: Cut = CNY) -> Measurement:
    (found,) = measure(ledger, SYSTEM, [name], as_of, weeks=1, scope=scope)
    return found


SIGHTS = {
    "everything": (SYSTEM, CNY),
    "a team's, filtered": (Actor(1, "经理1", Role.LEAD, Sight.TEAM, ("T1",)), replace(CNY, owner_id=1, region="R1")),
}


@pytest.mark.parametrize("sight", SIGHTS)
def test_rows_behind_add_up_to_every_number(book: Ledger, sight: str) -> None:
    who, cut = SIGHTS[sight]
    for found in measure(book, who, EVERY, AS_OF, weeks=1, scope=cut):
        above, below = (
            sum(row["amount"] for row in rows_behind(book, who, found.metric, AS_OF, scope=cut, below=side)) for side in (False, True)
        )
        assert (found.numerator, found.denominator or 0) == (above, below), found.metric


@pytest.mark.parametrize("name", EVERY)
def test_the_customers_behind_add_up_to_the_number_page_by_page(book: Ledger, measured: dict[str, Measurement], name: str) -> None:
    found = measured[name]
    for whole, below in ((found.numerator, False), (found.denominator, True)):
        rows: list[dict[str, Any]] = []
        for start in range(0, 80, 20):
            page = customers_behind(book, SYSTEM, name, AS_OF, scope=CNY, below=below, limit=20, offset=start)
            rows += page.to_pylist() if page is not None else []
            if len(rows) < start + 20:
                break
        assert sum(row["amount"] for row in rows) == (whole or 0)
        assert {row["total_amount"] for row in rows} <= {whole}
        assert {row["total_count"] for row in rows} <= {len(rows)}


def test_company_has_something_to_measure(book: Ledger) -> None:
    found = measure(book, SYSTEM, EVERY, AS_OF, scope=CNY)
    assert {week.metric for week in found if week.n} == set(EVERY)


def test_only_flows_are_asked_since_a_day() -> None:
    found = parts(METRICS.values())
    assert set(found) >= SINCE
    assert not any(part.running for base in SINCE for part in found[base])


@pytest.mark.parametrize("by", ["region", "owner", "team", "segment"])
def test_groups_add_up_to_the_whole(book: Ledger, by: str) -> None:
    groups = measure(book, SYSTEM, EVERY, AS_OF, weeks=3, by=by, scope=CNY)
    for week in measure(book, SYSTEM, EVERY, AS_OF, weeks=3, scope=CNY):
        own = [group.numerator for group in groups if (group.metric, group.week_on) == (week.metric, week.week_on)]
        assert week.numerator == sum(own), week


def test_a_past_week_reads_as_it_did_on_its_last_day(book: Ledger) -> None:
    monday, sunday = date(2026, 3, 30), date(2026, 4, 5)
    then = {found.metric: found for found in measure(book, SYSTEM, EVERY, sunday, weeks=1, scope=CNY)}
    before = {found.metric: found for found in measure(book, SYSTEM, EVERY, AS_OF, weeks=2, scope=CNY) if found.week_on == monday}
    for name in ("promise_kept_rate", "closed_loop_rate"):  # what was not yet due on that Sunday is judged later
        assert before.pop(name).n >= then.pop(name).n
    assert before == then


def test_overdue_equals_the_ageing_and_the_list(book: Ledger) -> None:
    for as_of in (date(2025, 7, 1), date(2025, 12, 31), AS_OF):
        ageing = rows(book, SYSTEM, "ageing", as_of=as_of, currency="CNY")
        found = now(book, "overdue_amount", as_of)
        late = [row for row in ageing if row["bucket_no"]]
        assert (found.value, found.n) == (sum(row["amount"] for row in late), sum(row["count"] for row in late))
        listed = rows(book, SYSTEM, "overdue_customers", as_of=as_of, currency="CNY")
        assert found.value == sum(row["overdue_amount"] for row in listed)
        assert now(book, "balance_amount", as_of).value == sum(row["amount"] for row in ageing)


def test_overdue_customer_splits_the_balance(book: Ledger) -> None:
    balance = {(row["customer_id"], row["currency"]): row["balance"] for row in rows(book, SYSTEM, "customer_balance", as_of=AS_OF)}
    for row in rows(book, SYSTEM, "overdue_customers", as_of=AS_OF):
        parts = row["overdue_amount"] + row["not_due_amount"] + row["unallocated_amount"]
        assert parts == balance[row["customer_id"], row["currency"]]
        items = rows(book, SYSTEM, "open_items", as_of=AS_OF, customer_id=row["customer_id"], min_days=1)
        assert (row["invoices"], row["max_days"]) == (len(items), max(item["days_overdue"] for item in items))
        assert row["money_days"] == sum(item["open_amount"] * item["days_overdue"] for item in items)


def test_active_and_touched_customers_equal_a_count_by_hand(book: Ledger) -> None:
    sql = """
        with active as (
            select distinct customer_id from entry where kind = 'invoice' and on_date > $as_of - 365 and on_date <= $as_of
        )
        select count(*), count(*) filter (customer_id in (
            select customer_id from activity where kind = 'interaction' and done_on > $as_of - 90 and done_on <= $as_of
        )) from active
    """
    for week in measure(book, SYSTEM, ["touch_coverage_rate"], AS_OF, weeks=20):
        sunday = min(week.week_on + timedelta(days=6), AS_OF)
        assert book.cursor().execute(sql, {"as_of": sunday}).fetchone() == (week.denominator, week.numerator)


def test_lost_customers_are_a_share_of_those_active_thirteen_weeks_before(book: Ledger) -> None:
    sunday = date(2026, 4, 5)
    active = measure(book, SYSTEM, ["active_customers"], sunday, weeks=14)
    churn = now(book, "churn_rate", sunday)
    came = sum(found.numerator for found in measure(book, SYSTEM, ["new_customers"], sunday, weeks=13))
    assert (churn.denominator, churn.numerator) == (active[0].value, 1)
    assert active[-1].value == active[0].numerator - churn.numerator + came


def test_quiet_customers_pause_for_twice_as_long_as_usual(book: Ledger) -> None:
    sql = """
        select customer_id from purchase_history_at($as_of, timestamp '9999-12-30')
        where days_12m >= 4 and $as_of - last_on > 2 * (last_on - first_on) / (purchase_days - 1)
    """
    for as_of in (date(2025, 12, 14), date(2026, 2, 1), AS_OF):
        listed = {customer_id for (customer_id,) in book.cursor().execute(sql, {"as_of": as_of}).fetchall()}
        assert {row["customer_id"] for row in rows_behind(book, SYSTEM, "quiet_customers", as_of)} == listed
        assert (63 in listed) == (as_of >= date(2026, 2, 1))


def test_who_bought_twice_in_a_year_equals_a_count_by_hand(book: Ledger) -> None:
    sql = """
        select count(*) from (
            select customer_id from entry where kind = 'invoice' and on_date > $as_of - 365 and on_date <= $as_of
            group by customer_id having count(distinct on_date) > 1
        )
    """
    for week in measure(book, SYSTEM, ["repurchase_rate"], AS_OF, weeks=20):
        sunday = min(week.week_on + 6 * DAY, AS_OF)
        assert book.cursor().execute(sql, {"as_of": sunday}).fetchone() == (week.numerator,)


def test_retention_is_what_last_years_customers_bring_now(ledger: Ledger) -> None:
    """Billed last year and this: customer 1 100 and 150, customer 2 100 and 40, customer 3 50 and none, customer 4 none and 70."""
    for number, amounts in enumerate(((100, 150), (100, 40), (50, 0), (0, 70)), 1):
        customer(ledger, number)
        for year, amount in enumerate(amounts):
            if amount:
                invoice(ledger, 10 * number + year, date(2024 + year, 9, 1), date(2026, 1, 1), amount, customer_id=number)
    gross, net = now(ledger, "gross_retention_rate"), now(ledger, "net_retention_rate")
    assert (gross.numerator, net.numerator, net.denominator, net.n) == (140, 190, 250, 3)
    assert now(ledger, "net_retention_rate", date(2025, 3, 1)).value is None


def test_the_range_of_what_can_pass_one_does_not_end_there(book: Ledger) -> None:
    reading = read_weeks(View(book, SYSTEM, date(2026, 6, 28), None, CNY), ["net_retention_rate"])["net_retention_rate"]
    above = [point for point in reading.points if point.value and point.value > 1 and point.high is not None]
    assert above
    assert all(point.high > 1 for point in above[1:] if point.high)


def test_money_newly_overdue_equals_the_bridge(book: Ledger) -> None:
    for sunday in (date(2025, 6, 29), date(2026, 1, 4), date(2026, 4, 5)):
        steps = rows(book, SYSTEM, "bridge", what="overdue", from_on=sunday - 7 * DAY, as_of=sunday, currency="CNY")
        new = sum(row["amount"] for row in steps if row["step"] == "newly_overdue")
        assert now(book, "newly_overdue_amount", sunday).value == new > 0


def test_money_on_account_equals_the_overdue_list(book: Ledger) -> None:
    owed = {row["customer_id"]: row["unallocated_amount"] for row in rows(book, SYSTEM, "overdue_customers", as_of=AS_OF, currency="CNY")}
    behind: dict[int, Decimal] = defaultdict(Decimal)
    for row in rows_behind(book, SYSTEM, "unallocated_amount", AS_OF, scope=CNY):
        behind[row["customer_id"]] -= row["amount"]
    assert {number: behind[number] for number in owed} == owed


def test_a_record_is_complete_from_the_day_its_last_part_came(ledger: Ledger) -> None:
    """Customer 1 was recorded on 1 March without a tax number, which came on the 10th, a contact on the 20th, gone on the 30th."""
    for number, day, until, tax_no in ((1, 1, 10, None), (1, 10, None, "91310000")):
        retired = {"retired_at": datetime(2026, 3, until)} if until else {}
        customer(ledger, number, owner_id=1, tax_no=tax_no, recorded_at=datetime(2026, 3, day), **retired)
    contact = {"contact_id": 1, "customer_id": 1, "name": "李", "phone": "13800138000", "is_primary": True, "do_not_contact": False}
    insert(ledger, "contact", {**contact, "recorded_at": datetime(2026, 3, 20), "retired_at": datetime(2026, 3, 30)})
    known = datetime(2026, 3, 25)
    found = measure(ledger, SYSTEM, ["complete_record_rate"], date(2026, 3, 25), known_at=known, weeks=4)
    assert [(week.numerator, week.denominator) for week in found] == [(0, 1), (0, 1), (1, 1), (1, 1)]
    assert now(ledger, "complete_record_rate", date(2026, 3, 31)).numerator == 0


def test_work_counts_when_somebody_was_reached_and_tasks_when_they_were_due(ledger: Ledger) -> None:
    """Three calls, of which nobody answered one, and three tasks due on 6 April: done that day, done the next, not done."""
    customer(ledger, 1)
    monday = date(2026, 4, 6)
    for number, outcome in enumerate(("reached", "no_answer", "agreed"), 1):
        call = {"kind": "interaction", "direction": "out", "outcome": outcome, "on_date": monday, "done_on": monday}
        insert(ledger, "activity", {"activity_id": number, "customer_id": 1, "subject": "电话", **call})
    for number, done in enumerate((monday, monday + DAY, None), 4):
        task = {"kind": "task", "on_date": monday - 7 * DAY, "due_on": monday, "done_on": done}
        insert(ledger, "activity", {"activity_id": number, "customer_id": 1, "subject": "回访", **task})
    assert now(ledger, "effective_touches").value == 2
    assert (now(ledger, "tasks_in_time_rate").numerator, now(ledger, "tasks_in_time_rate").denominator) == (1, 3)
    assert now(ledger, "tasks_in_time_rate", monday).denominator == 1


def test_a_document_is_booked_in_time_within_three_days(ledger: Ledger) -> None:
    customer(ledger, 1)
    for number, days in enumerate((3, 4), 1):
        recorded = datetime(2026, 4, 1) + timedelta(days=days)
        invoice(ledger, number, date(2026, 4, 1), date(2026, 5, 1), 100, recorded_at=recorded)
    assert (now(ledger, "prompt_entry_rate").numerator, now(ledger, "prompt_entry_rate").n) == (1, 2)


def test_score_equals_the_satisfaction_report(book: Ledger) -> None:
    since = date(2026, 4, 6) - timedelta(weeks=12)
    (said,) = rows(book, SYSTEM, "satisfaction", as_of=AS_OF, metric="nps", since=since)
    found = now(book, "nps")
    assert (float(found.value or 0), found.n) == (pytest.approx(said["score"]), said["n"])


def test_dso_counts_back_the_billing() -> None:
    billed = [(date(2026, 4, 1), Decimal(100)), (date(2026, 4, 6), Decimal(50)), (date(2026, 4, 8), Decimal(30))]
    assert countback.days(Decimal(30), billed, AS_OF) == Decimal("1.0")
    assert countback.days(Decimal(55), billed, AS_OF) == Decimal("2.5")
    assert countback.days(Decimal(180), billed, AS_OF) == Decimal("8.0")
    assert countback.days(Decimal(181), billed, AS_OF) is None
    assert countback.days(Decimal(0), billed, AS_OF) == 0


def test_nothing_to_measure_has_no_value_and_says_so(ledger: Ledger) -> None:
    for found in measure(ledger, SYSTEM, EVERY, AS_OF, weeks=2):
        if METRICS[found.metric].kind == "ratio":
            assert found.value is None
            assert found.note is not None
        else:
            assert found.value == 0


def test_known_at_leaves_out_what_was_not_known(book: Ledger) -> None:
    for found in measure(book, SYSTEM, EVERY, AS_OF, known_at=datetime(2019, 1, 1), weeks=1, scope=CNY):
        assert found.numerator == 0


def test_part_payment_leaves_the_rest_overdue(ledger: Ledger) -> None:
    """Invoice 1 of 100, due 31 March, 40 paid on 2 April."""
    customer(ledger, 1)
    invoice(ledger, 1, date(2026, 3, 1), date(2026, 3, 31), 100)
    payment(ledger, 2, date(2026, 4, 2), 40, 1)
    assert now(ledger, "overdue_amount", date(2026, 3, 31)).value == 0
    assert now(ledger, "overdue_amount", date(2026, 4, 1)).value == 100
    assert now(ledger, "overdue_amount", date(2026, 4, 2)).value == 60
    assert now(ledger, "overdue_rate", date(2026, 4, 2)).value == 1
    assert now(ledger, "collected_amount", date(2026, 4, 2)).value == 40


def test_a_person_measures_only_what_they_see(book: Ledger) -> None:
    lead = Actor(1, "经理1", Role.LEAD, Sight.TEAM, ("T1",))
    whole = now(book, "overdue_amount").numerator
    (own,) = measure(book, lead, ["overdue_amount"], AS_OF, weeks=1, scope=CNY)
    team = now(book, "overdue_amount", scope=replace(CNY, team="T1"))
    assert own.numerator == team.numerator
    assert 0 < own.numerator < whole


def test_lines_put_together_are_still_counted_one_by_one(book: Ledger) -> None:
    scope = "0, true, $as_of::date, $known_at::timestamp, null, null, null, null, 'CNY'"
    values = {"as_of": AS_OF, "known_at": LATEST}
    found = 0
    for metric in METRICS.values():
        part = metric.denominator or metric.numerator
        if part.base in MONEY:
            things = "count(*)" if part.count == "1" else f"sum({part.count})"
            since = "true" if part.running else f"happened_on > date '{AS_OF}' - {AS_OF.isoweekday() + 7 * (metric.window - 1)}"
            (count,) = book.cursor().execute(
                f"with line as (select * from money_line({scope})) select {things} from measured_{part.base}('line', $as_of, $known_at) "
                f"where happened_on <= $as_of and {part.only} and {since}",
                values,
            ).fetchone() or (0,)
            assert now(book, metric.name).n == count, metric.name
            found += part.count == "1"
    assert found


def test_what_is_worked_out_before_the_first_person_serves_every_sight(book: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "ledger", lambda: book)
    monkeypatch.setattr(session, "today", lambda: AS_OF)
    board.prepare()
    asked: list[str] = []
    run = query.run
    monkeypatch.setattr(query, "run", lambda ledger, sql, *given: asked.append(sql) or run(ledger, sql, *given))
    measure(book, Actor(1, "经理1", Role.LEAD, Sight.TEAM, ("T1",)), (*BOARD, *VOICE), AS_OF, weeks=WEEKS, scope=CNY)
    assert asked
    assert not [sql for sql in asked if "measured_" in sql and "'line'" not in sql]


def test_after_warming_who_sees_all_waits_for_nothing_dear(book: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "ledger", lambda: book)
    monkeypatch.setattr(session, "today", lambda: AS_OF)
    review.prepare()
    asked: list[str] = []
    run = query.run
    monkeypatch.setattr(query, "run", lambda ledger, sql, *given: asked.append(sql) or run(ledger, sql, *given))
    chief = Actor(SYSTEM.user_id, "chief", Role.MANAGER, Sight.ALL, (), 1)
    assert build(View(book, chief, AS_OF, None, CNY), last_week(AS_OF)).lines
    assert not [sql for sql in asked if "measured_" in sql or "credit_standing_of" in sql]


def test_teams_are_held_against_those_in_sight_alone(book: Ledger) -> None:
    lead = Actor(1, "经理1", Role.LEAD, Sight.TEAM, ("T1",))
    own = placed(View(book, lead, AS_OF, None, CNY), "owner")
    team = [one for one in placed(View(book, SYSTEM, AS_OF, None, CNY), "team") if one.label == "T1"]
    assert {one.label for one in own} == {"经理1", "经理3"}
    for whole in team:
        people = [one for one in own if one.metric == whole.metric]
        assert (sum(one.hits for one in people), sum(one.n for one in people)) == (whole.hits, whole.n)
        assert {one.whole for one in people} == {whole.share}


@pytest.mark.parametrize(
    ("hits", "n", "standing"), [(30, 100, "outside"), (36, 100, "near"), (45, 100, "within"), (0, 4, "few"), (0, 8, "near")]
)
def test_a_small_group_differs_only_by_more_than_chance(hits: int, n: int, standing: str) -> None:
    one = Placed(METRICS["closed_loop_rate"], "T1", Decimal(hits), n, 0.5)
    assert (one.standing, one.is_better) == (standing, False)
    assert [found.label for found in beyond([one])] == (["T1"] if standing == "outside" else [])


def test_who_may_not_read_metrics_is_refused(book: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.domain.access.GRANTS", {Role.VIEWER: frozenset(), Role.LEAD: frozenset({Permission.METRIC_READ})})
    with pytest.raises(Forbidden):
        measure(book, Actor(1, "viewer", Role.VIEWER, Sight.ALL), ["nps"], AS_OF)


def test_more_weeks_than_fit_are_refused(book: Ledger) -> None:
    with pytest.raises(ValueError, match="weeks"):
        measure(book, SYSTEM, ["active_customers"], AS_OF, weeks=54)


def test_board_names_known_metrics_once() -> None:
    assert len(set(BOARD)) == len(BOARD)
    assert {*SHARES} < {*BOARD, *VOICE} <= set(METRICS)


def test_metrics_page_is_current() -> None:
    kept = Path(metrics.__file__).parents[2] / "docs" / "METRICS.md"
    assert kept.read_text("utf-8") == document.page(), "run python -m lib.metrics > docs/METRICS.md"
