"""Billing: each period once, numbers without gaps, all or nothing, and every refusal with its reason and field."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import facts
import ledgers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_commands_corrections import proven
from test_commands_receivables import FINANCE, TODAY, customer, do, invoice, open_amounts, pay

from lib.commands.agreements import ChangeAgreement, EndAgreement, RecordAgreement
from lib.commands.billing import ChangeDraft, DraftPeriods, DropDrafts, PostDrafts, RecordDraft, SkipPeriod
from lib.commands.closing import ClosePeriod
from lib.commands.corrections import VoidInvoice
from lib.commands.receivables import RecordInvoice
from lib.commands.undo import Undo
from lib.domain import bills
from lib.domain.access import SYSTEM
from lib.domain.bills import Line
from lib.errors import Conflict, Doubtful, NotFound, Refused
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows

RENT = (Line("租金", Decimal(1), Decimal(1000)), Line("保洁", Decimal("2.5"), Decimal("33.333333")))
"""1,083.33 before tax."""


@pytest.fixture(autouse=True)
def _finance(ledger: Ledger) -> None:
    ledger.jot("insert into app_user values (4, 'finance', 'Finance', 'finance', 'all', null, 'zh', null, null, true, 1)", {})


def agree(ledger: Ledger, who: int, first_on: date = date(2026, 4, 1), **more: Any) -> int:
    return int(do(ledger, RecordAgreement(who, **{"name": "租约", "every_months": 1, "first_on": first_on, "lines": RENT, **more})))


def due(ledger: Ledger, until: date = TODAY) -> list[dict[str, Any]]:
    return rows(ledger, SYSTEM, "bills_due", until=until)


def draft(ledger: Ledger, who: int, on_date: date = TODAY, **more: Any) -> int:
    return int(do(ledger, RecordDraft(who, on_date, **{"lines": RENT, "confirmed": True, **more})))


def post(ledger: Ledger, *draft_ids: int, **more: Any) -> list[str]:
    return list(do(ledger, PostDrafts(draft_ids, TODAY, **more)).numbers)


def gaps(ledger: Ledger) -> list[tuple[str, str, str | None, str | None]]:
    return [(row["doc_no"], row["number_state"], row["command"], row["reason"]) for row in rows(ledger, SYSTEM, "number_gaps")]


# Agreements and their periods.


def test_missed_months_are_caught_up_once_each(ledger: Ledger) -> None:
    agreed = agree(ledger, customer(ledger), tax_rate=Decimal("0.06"))
    assert [(row["period_on"].month, row["is_missed"], str(row["amount"])) for row in due(ledger)] == [
        (4, True, "1148.33"),
        (5, True, "1148.33"),
        (6, False, "1148.33"),
    ]
    assert len(do(ledger, DraftPeriods(date(2026, 5, 31)))) == 2
    assert len(do(ledger, DraftPeriods(TODAY))) == 1
    assert due(ledger) == []
    with pytest.raises(Refused, match="Nothing is to be billed"):
        do(ledger, DraftPeriods(TODAY))
    with pytest.raises(Conflict, match="2026-05-01"):
        do(ledger, DraftPeriods(TODAY, ((agreed, date(2026, 5, 1)),)))
    found = rows(ledger, SYSTEM, "drafts")
    assert [(row["period_on"].month, str(row["amount"]), str(row["tax_amount"])) for row in found] == [
        (4, "1148.33", "65.00"),
        (5, "1148.33", "65.00"),
        (6, "1148.33", "65.00"),
    ]


@pytest.fixture(scope="module")
def periods() -> Iterator[Ledger]:
    with ledgers.fresh() as opened:
        yield opened


@settings(max_examples=40)
@given(
    first_on=st.dates(date(2024, 1, 1), date(2026, 6, 30)),
    every=st.sampled_from(list(bills.EVERY)),
    ahead=st.integers(0, 900),
    until_on=st.one_of(st.none(), st.integers(0, 900)),
)
def test_the_engine_and_python_agree_on_every_period(periods: Ledger, first_on: date, every: int, ahead: int, until_on: int | None) -> None:
    until, ended = date.fromordinal(first_on.toordinal() + ahead), until_on and date.fromordinal(first_on.toordinal() + until_on)
    row = {"id": 1, "first_on": first_on, "every": every, "ended": ended or None, "until": until}
    with periods.transaction() as cursor:
        cursor.execute("delete from agreement")
        cursor.execute(
            "insert into agreement by name select 1 as record_id, 1 as agreement_id, 1 as customer_id, 't' as title, 'CNY' as currency, "
            "$every as every_months, $first_on as first_on, $ended as until_on, timestamp '2020-01-01' as recorded_at, 0 as recorded_by, "
            "0 as change_id, 0 as origin_change, timestamp '9999-12-31' as retired_at",
            {name: row[name] for name in ("every", "first_on", "ended")},
        )
        found = cursor.execute("select period_on from unbilled_period($until::date) order by period_on", {"until": until}).fetchall()
    assert [day for (day,) in found] == bills.billing_days(first_on, every, min(until, ended or until))


def test_an_amount_far_from_the_period_before_is_marked(ledger: Ledger) -> None:
    agreed = agree(ledger, customer(ledger), date(2026, 5, 1))
    do(ledger, DraftPeriods(date(2026, 5, 31)))
    do(ledger, ChangeAgreement(agreed, "租约", 1, date(2026, 5, 1), (Line("租金", Decimal(1), Decimal(2000)),)))
    (row,) = due(ledger)
    assert (str(row["last_amount"]), round(row["change_rate"], 2)) == ("1083.33", 0.85)


def test_an_end_stops_billing_and_cannot_come_before_what_is_billed(ledger: Ledger) -> None:
    agreed = agree(ledger, customer(ledger))
    do(ledger, DraftPeriods(date(2026, 5, 31)))
    with pytest.raises(Refused, match="2026-05-01") as refusal:
        do(ledger, EndAgreement(agreed, date(2026, 4, 30), "退租"))
    assert refusal.value.values["about"] == "until_on"
    with pytest.raises(Refused, match="would fall away"):
        do(ledger, ChangeAgreement(agreed, "租约", 3, date(2026, 4, 1), RENT))
    do(ledger, EndAgreement(agreed, date(2026, 5, 31), "退租"))
    assert due(ledger) == []


def test_a_period_left_out_comes_back_by_undo(ledger: Ledger) -> None:
    agreed = agree(ledger, customer(ledger), date(2026, 6, 1))
    change_id = execute(ledger, FINANCE, SkipPeriod(agreed, date(2026, 6, 1), "免租一个月")).change_id
    assert due(ledger) == []
    assert rows(ledger, SYSTEM, "drafts") == []
    execute(ledger, FINANCE, Undo(change_id))
    assert len(due(ledger)) == 1


def test_periods_in_the_closed_books_are_dated_on_the_first_open_day(ledger: Ledger) -> None:
    agree(ledger, customer(ledger, terms_days=30))
    do(ledger, ClosePeriod(date(2026, 5, 31), "已报税", TODAY))
    assert [(row["on_date"], row["due_on"], row["is_moved"]) for row in due(ledger, date(2026, 5, 31))] == [
        (date(2026, 6, 1), date(2026, 7, 1), True)
    ] * 2
    drafted = do(ledger, DraftPeriods(TODAY))
    assert post(ledger, *drafted) == ["INV-2026-000001", "INV-2026-000002", "INV-2026-000003"]
    proven(ledger)


# Posting and numbers.


def test_posting_numbers_by_date_with_lines_tax_and_due_date(ledger: Ledger) -> None:
    who = customer(ledger, terms_days=30, terms_basis="eom")
    late = draft(ledger, who, date(2026, 6, 20), tax_rate=Decimal("0.13"))
    early = draft(ledger, who, date(2026, 6, 10), due_on=date(2026, 6, 15), memo="补")
    assert post(ledger, late, early) == ["INV-2026-000001", "INV-2026-000002"]
    found = ledger.cursor().execute("select doc_no, on_date, due_on, amount::text, tax_amount::text from entry order by doc_no").fetchall()
    assert found == [
        ("INV-2026-000001", date(2026, 6, 10), date(2026, 6, 15), "1083.33", None),
        ("INV-2026-000002", date(2026, 6, 20), date(2026, 7, 30), "1224.16", "140.83"),
    ]
    assert [row["description"] for row in rows(ledger, SYSTEM, "invoice_lines", invoice_id=1)] == ["租金", "保洁"]
    assert rows(ledger, SYSTEM, "drafts") == []
    proven(ledger)


def test_a_batch_is_posted_whole_or_not_at_all_in_one_change(ledger: Ledger) -> None:
    who = customer(ledger)
    good, other = draft(ledger, who), draft(ledger, who)
    with pytest.raises(NotFound, match="no draft 99"):
        post(ledger, good, 99)
    assert rows(ledger, SYSTEM, "number_gaps") == []
    receipt = execute(ledger, FINANCE, PostDrafts((good, other), TODAY))
    assert ledger.cursor().execute("select count(*) from audit where command = 'PostDrafts'").fetchone() == (1,)
    with pytest.raises(NotFound):
        post(ledger, good)
    execute(ledger, FINANCE, Undo(receipt.change_id))
    assert [row["draft_id"] for row in rows(ledger, SYSTEM, "drafts")] == [good, other]
    proven(ledger)


def test_voided_and_undone_numbers_stay_used_and_are_listed_with_who_and_why(ledger: Ledger) -> None:
    who = customer(ledger)
    for _ in range(3):
        post(ledger, draft(ledger, who))
    undone = execute(ledger, FINANCE, PostDrafts((draft(ledger, who),), TODAY)).change_id
    execute(ledger, FINANCE, Undo(undone))
    (second,) = ledger.cursor().execute("select entry_id from entry where doc_no = 'INV-2026-000002'").fetchone() or (0,)
    do(ledger, VoidInvoice(second, "开错客户", TODAY))
    assert post(ledger, draft(ledger, who)) == ["INV-2026-000005"]
    assert gaps(ledger) == [("INV-2026-000002", "void", "VoidInvoice", "开错客户"), ("INV-2026-000004", "void", "Undo", None)]


def test_a_number_nobody_gave_is_named_missing(ledger: Ledger) -> None:
    who = customer(ledger)
    post(ledger, draft(ledger, who), draft(ledger, who))
    ledger.jot("update entry set doc_no = 'INV-2026-000004' where doc_no = 'INV-2026-000002'", {})
    assert [(number, state) for number, state, _, _ in gaps(ledger)] == [("INV-2026-2", "missing"), ("INV-2026-3", "missing")]


def test_each_year_has_its_own_numbers_and_the_settings_say_how_they_look(ledger: Ledger) -> None:
    who = customer(ledger)
    assert post(ledger, draft(ledger, who, date(2025, 12, 31)), draft(ledger, who)) == ["INV-2025-000001", "INV-2026-000001"]
    ledger.jot("""update policy set body = '{"invoice_prefix": "MZ", "invoice_width": 4}' where kind = 'settings'""", {})
    assert post(ledger, draft(ledger, customer(ledger, "东海电器"))) == ["MZ0001"]
    assert do(ledger, RecordInvoice(customer(ledger, "南风贸易"), None, TODAY, Decimal(5)))
    assert gaps(ledger) == []


def test_many_writers_never_get_the_same_number(ledger: Ledger) -> None:
    who = customer(ledger)
    drafted = [draft(ledger, who) for _ in range(12)]
    with ThreadPoolExecutor(6) as pool:
        given_numbers = list(pool.map(lambda draft_id: post(ledger, draft_id)[0], drafted))
    assert sorted(given_numbers) == [f"INV-2026-{number:06}" for number in range(1, 13)]
    assert gaps(ledger) == []


def test_nobody_writes_a_house_number_by_hand(ledger: Ledger) -> None:
    who = customer(ledger)
    with pytest.raises(Refused, match="house's own numbers") as refusal:
        invoice(ledger, who, "INV-2026-000500", TODAY, "5")
    assert refusal.value.values["about"] == "doc_no"
    invoice(ledger, who, "INV-2026-A", TODAY, "5")
    invoice(ledger, who, "", TODAY, "5")
    assert gaps(ledger) == []


def test_a_stopped_customer_holds_up_the_batch_unless_it_paid_ahead(ledger: Ledger) -> None:
    """Overdue 5,000 since February: no bill goes out, but one covered by money on account does and takes it along."""
    stopped, other = customer(ledger), customer(ledger, "南风贸易")
    invoice(ledger, stopped, "F1", date(2026, 1, 1), "5000", due_on=date(2026, 2, 1))
    waiting = draft(ledger, other), draft(ledger, stopped)
    with pytest.raises(Refused, match="credit stop"):
        post(ledger, *waiting)
    assert len(rows(ledger, SYSTEM, "drafts")) == 2
    pay(ledger, stopped, "1083.33", date(2026, 6, 1), oldest=False)
    assert post(ledger, *waiting) == ["INV-2026-000001", "INV-2026-000002"]
    assert open_amounts(ledger) == {"F1": "5000.00", "INV-2026-000001": "1083.33"}
    proven(ledger)


def test_what_can_be_posted_is_and_what_cannot_is_named(ledger: Ledger) -> None:
    """Of five drafts two are held up: one customer is stopped, one day is closed. The others go out with numbers without gaps."""
    stopped, other = customer(ledger), customer(ledger, "南风贸易")
    invoice(ledger, stopped, "F1", date(2026, 1, 1), "5000", due_on=date(2026, 2, 1))
    old = draft(ledger, other, date(2026, 3, 5))
    waiting = [draft(ledger, other), draft(ledger, stopped), draft(ledger, other, date(2026, 6, 1)), draft(ledger, other, date(2026, 6, 2))]
    do(ledger, ClosePeriod(date(2026, 3, 31), "季末", TODAY))
    with pytest.raises(Refused):
        post(ledger, old, *waiting)
    posted = do(ledger, PostDrafts((old, *waiting), TODAY, whole=False))
    assert posted.numbers == [f"INV-2026-{number:06}" for number in (1, 2, 3)]
    assert {draft_id: why.say("en")[:22] for draft_id, why in posted.left.items()} == {
        old: "2026-03-05 is in a clo",
        waiting[1]: "恒源机械: credit stop: 5,0",
    }
    assert sorted(row["draft_id"] for row in rows(ledger, SYSTEM, "drafts")) == [old, waiting[1]]
    with pytest.raises(Refused, match="closed period"):
        do(ledger, PostDrafts((old, waiting[1]), TODAY, whole=False))
    proven(ledger)


def test_drafts_dated_ahead_are_asked_about(ledger: Ledger) -> None:
    ahead = draft(ledger, customer(ledger), date(2026, 7, 1))
    with pytest.raises(Doubtful, match="2026-07-01"):
        post(ledger, ahead)
    assert post(ledger, ahead, confirmed=True) == ["INV-2026-000001"]


def test_a_voided_bill_of_an_agreement_comes_up_again_marked(ledger: Ledger) -> None:
    agree(ledger, customer(ledger), date(2026, 6, 1))
    post(ledger, *do(ledger, DraftPeriods(TODAY)))
    assert due(ledger) == []
    do(ledger, VoidInvoice(1, "金额错", TODAY))
    assert [row["is_voided"] for row in due(ledger)] == [True]


def test_dropped_drafts_free_their_periods(ledger: Ledger) -> None:
    agree(ledger, customer(ledger), date(2026, 6, 1))
    drafted = do(ledger, DraftPeriods(TODAY))
    assert do(ledger, DropDrafts(tuple(drafted))) == 1
    assert [row["is_voided"] for row in due(ledger)] == [False]


def test_a_changed_draft_keeps_its_period(ledger: Ledger) -> None:
    agree(ledger, customer(ledger), date(2026, 6, 1))
    (drafted,) = do(ledger, DraftPeriods(TODAY))
    do(ledger, ChangeDraft(drafted, date(2026, 6, 3), (Line("租金", Decimal(1), Decimal(900)),)))
    (row,) = rows(ledger, SYSTEM, "drafts")
    assert (row["period_on"], row["on_date"], str(row["amount"])) == (date(2026, 6, 1), date(2026, 6, 3), "900.00")
    assert due(ledger) == []


# States.


def test_an_invoice_goes_from_posted_to_sent_to_paid(ledger: Ledger) -> None:
    """Posted, sent by mail, overdue when its day is over; a voided one stays listed."""
    who = customer(ledger, terms_days=30)
    post(ledger, draft(ledger, who, date(2026, 6, 1)), draft(ledger, who, date(2026, 6, 1)))

    def states(as_of: date = TODAY) -> list[str]:
        return [row["invoice_state"] for row in rows(ledger, SYSTEM, "invoices", as_of=as_of)][::-1]

    assert states() == ["posted", "posted"]
    message = {"message_id": 1, "customer_id": who, "kind": "invoice", "channel": "email", "on_date": date(2026, 6, 2), "language": "zh"}
    facts.insert(ledger, "message", {**message, "subject": "s", "body": "b", "entry_id": 1})
    event = {"event_id": 1, "message_id": 1, "customer_id": who, "state": "sent", "happened_at": facts.KNOWN}
    facts.insert(ledger, "message_event", event)
    assert states() == ["sent", "posted"]
    do(ledger, VoidInvoice(2, "重复", TODAY))
    assert states() == ["sent", "void"]
    assert states(date(2026, 7, 2)) == ["overdue", "void"]


# Refusals.


@pytest.mark.parametrize(
    ("more", "said", "about"),
    [
        ({"lines": ()}, "no lines", "lines"),
        ({"lines": (Line("", Decimal(1), Decimal(1)),)}, "must not be empty", "lines"),
        ({"lines": (Line("x", Decimal(0), Decimal(1)),)}, "Line 1", "lines"),
        ({"lines": (Line("x", Decimal(1), Decimal("0.0000001")),)}, "Line 1", "lines"),
        ({"lines": (Line("x", Decimal(1), Decimal(-5)),)}, "above 0", "lines"),
        ({"tax_rate": Decimal("1.5")}, "between 0% and 100%", "tax_rate"),
        ({"currency": "rmb"}, "three capital letters", "currency"),
        ({"due_on": date(2026, 1, 1)}, "before the invoice date", "due_on"),
    ],
)
def test_a_draft_that_is_none_is_refused_beside_its_field(ledger: Ledger, more: dict[str, Any], said: str, about: str) -> None:
    with pytest.raises(Refused, match=said) as refusal:
        draft(ledger, customer(ledger), **more)
    assert refusal.value.values["about"] == about


def test_an_agreement_that_ends_before_it_begins_or_has_an_odd_rhythm_is_refused(ledger: Ledger) -> None:
    who = customer(ledger)
    for more, about in (({"until_on": date(2026, 1, 1)}, "until_on"), ({"every_months": 5}, "every_months"), ({"name": " "}, "name")):
        with pytest.raises(Refused) as refusal:
            agree(ledger, who, **more)
        assert refusal.value.values["about"] == about


def test_tax_above_the_amount_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="between 0 and the amount") as refusal:
        invoice(ledger, customer(ledger), "F1", TODAY, "5", tax_amount=Decimal(6))
    assert refusal.value.values["about"] == "tax_amount"


@given(
    lines=st.lists(st.tuples(st.decimals("0.01", 1000, places=4), st.decimals(0, 10000, places=6)), min_size=1, max_size=5),
    rate=st.sampled_from([None, Decimal("0.03"), Decimal("0.06"), Decimal("0.13")]),
)
def test_what_lines_come_to_is_rounded_once(lines: list[tuple[Decimal, Decimal]], rate: Decimal | None) -> None:
    made = [Line("x", quantity, price) for quantity, price in lines]
    found = bills.total(made, rate)
    exact = sum((line.amount for line in made), Decimal(0))
    assert abs(found.amount - (found.tax_amount or 0) - exact) <= Decimal("0.005")
    assert bills.read(bills.written(made)) == tuple(made)
