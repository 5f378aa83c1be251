"""Files come in whole, say what they change, refuse what is wrong cell by cell, and go out again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lib.commands.imports import Options, Plan, order, plan
from lib.commands.receivables import RecordPayment
from lib.commands.undo import Undo
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.domain.imports import KINDS
from lib.domain.sheets import read_pasted, read_sheet
from lib.errors import Conflict, Forbidden, Refused
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import catalog, rows

TODAY = date(2026, 6, 30)
LEAD = Actor(2, "lead", Role.LEAD, Scope.OWN)
LIVE = "retired_at = timestamp '9999-12-31'"


def planned(ledger: Ledger, kind: str, text: str, actor: Actor = SYSTEM, **options: Any) -> Plan:
    return plan(ledger, actor, kind, read_pasted(text.strip("\n")), Options(today=TODAY, **options))


def bring(ledger: Ledger, kind: str, text: str, actor: Actor = SYSTEM, **options: Any) -> tuple[int, dict[str, int]]:
    receipt = execute(ledger, actor, order(planned(ledger, kind, text, actor, **options)))
    return receipt.change_id, receipt.result


def numbers(ledger: Ledger, kind: str, text: str, **options: Any) -> tuple[int, int, int, int, int]:
    """New, changed, same, duplicate, rejected."""
    counts = planned(ledger, kind, text, **options).counts
    return counts.new, counts.changed, counts.same, counts.duplicate, counts.rejected


def asked(ledger: Ledger, sql: str) -> list[tuple[Any, ...]]:
    return ledger.cursor().execute(sql).fetchall()


def open_amounts(ledger: Ledger) -> dict[str, str]:
    sql = f"""
        select coalesce(doc_no, '-'), sum(posting.amount)::text from posting
        left join entry on posting.invoice_id = entry.entry_id and entry.{LIVE}
        group by all having sum(posting.amount) <> 0 order by all
    """
    return dict(asked(ledger, sql))


def reasons(of: Plan) -> list[tuple[int, list[str]]]:
    return [(row.line_no, [reason.say("en") for reason in row.reasons]) for row in of.preview(0, 100, "error")]


def sound(ledger: Ledger) -> None:
    for name, query in catalog().items():
        if name.startswith("check_"):
            assert asked(ledger, query.sql) == [], name


INVOICES = """
客户编号\t客户名称\t发票号\t开票日期\t到期日\t金额\t结清日
K1\t恒源机械\tF1\t2026-01-05\t2026-02-04\t100.00\t2026-02-10
K1\t恒源机械\tF2\t2026-03-05\t2026-04-04\t250.50\t
K2\t南风贸易\tF1\t2026-03-06\t2026-04-05\t¥1.2万\t
"""


def test_a_settlement_date_makes_invoice_payment_and_allocation(ledger: Ledger) -> None:
    _, counts = bring(ledger, "invoices", INVOICES)
    assert (counts["new"], counts["new_customers"]) == (3, 2)
    assert open_amounts(ledger) == {"F1": "12000.00", "F2": "250.50"}
    assert asked(ledger, "select kind, on_date, amount::text, items from posting where customer_id = 1 order by posting_id limit 2") == [
        ("invoice", date(2026, 1, 5), "100.00", 1),
        ("payment", date(2026, 2, 10), "-100.00", -1),
    ]
    sound(ledger)


def test_the_same_file_twice_changes_nothing(ledger: Ledger) -> None:
    bring(ledger, "invoices", INVOICES)
    assert numbers(ledger, "invoices", INVOICES) == (0, 0, 3, 0, 0)
    bring(ledger, "invoices", INVOICES)
    assert asked(ledger, "select count(*) from entry") == [(4,)]


def test_undo_leaves_nothing_and_the_file_can_come_again(ledger: Ledger) -> None:
    batch, _ = bring(ledger, "invoices", INVOICES)
    execute(ledger, SYSTEM, Undo(batch))
    assert open_amounts(ledger) == {}
    assert asked(ledger, f"select count(*) from customer_record where {LIVE}") == [(0,)]
    assert bring(ledger, "invoices", INVOICES)[1]["new"] == 3
    sound(ledger)


def test_a_changed_amount_and_due_date_are_shown_field_by_field_and_corrected(ledger: Ledger) -> None:
    bring(ledger, "invoices", INVOICES)
    corrected = INVOICES.replace("2026-04-04\t250.50", "2026-05-04\t300.00")
    of = planned(ledger, "invoices", corrected)
    (row,) = of.preview(status="changed")
    assert [(change.field, change.before, change.after) for change in row.changes] == [
        ("due_on", "2026-04-04", "2026-05-04"),
        ("amount", "250.50", "300.00"),
    ]
    receipt = execute(ledger, SYSTEM, order(of))
    assert open_amounts(ledger) == {"F1": "12000.00", "F2": "300.00"}
    assert asked(ledger, "select due_on, sum(amount)::text, sum(items) from posting where invoice_id = 2 group by all order by all") == [
        (date(2026, 4, 4), "0.00", 0),
        (date(2026, 5, 4), "300.00", 1),
    ]
    sound(ledger)
    execute(ledger, SYSTEM, Undo(receipt.change_id))
    assert open_amounts(ledger) == {"F1": "12000.00", "F2": "250.50"}
    assert asked(ledger, f"select due_on from entry where doc_no = 'F2' and {LIVE}") == [(date(2026, 4, 4),)]
    sound(ledger)


def test_a_changed_invoice_date_is_a_correction_too(ledger: Ledger) -> None:
    bring(ledger, "invoices", INVOICES)
    moved = INVOICES.replace("F2\t2026-03-05", "F2\t2026-03-01")
    assert numbers(ledger, "invoices", moved) == (0, 1, 2, 0, 0)
    bring(ledger, "invoices", moved)
    assert asked(ledger, "select on_date, sum(amount)::text from posting where invoice_id = 2 group by all having sum(amount) <> 0") == [
        (date(2026, 3, 1), "250.50")
    ]
    sound(ledger)


def test_a_settlement_that_arrives_later_or_moves_is_followed(ledger: Ledger) -> None:
    bring(ledger, "invoices", INVOICES)
    settled = INVOICES.replace("250.50\t", "250.50\t2026-04-20").replace("2026-02-10", "2026-02-12")
    assert numbers(ledger, "invoices", settled) == (0, 2, 1, 0, 0)
    bring(ledger, "invoices", settled)
    assert open_amounts(ledger) == {"F1": "12000.00"}
    paid = f"select doc_no, on_date, amount::text from entry where kind = 'payment' and {LIVE} order by doc_no"
    assert asked(ledger, paid) == [("F1", date(2026, 2, 12), "100.00"), ("F2", date(2026, 4, 20), "250.50")]
    assert numbers(ledger, "invoices", settled) == (0, 0, 3, 0, 0)
    sound(ledger)


def test_a_part_paid_invoice_may_grow_but_not_shrink_below_what_was_paid(ledger: Ledger) -> None:
    bring(ledger, "invoices", INVOICES)
    execute(ledger, SYSTEM, RecordPayment(1, Decimal(200), date(2026, 5, 1), TODAY))
    smaller = planned(ledger, "invoices", INVOICES.replace("250.50", "150.00"))
    assert smaller.counts.rejected == 1
    assert "Money is allocated" in reasons(smaller)[0][1][0]
    bring(ledger, "invoices", INVOICES.replace("250.50", "400.00").replace("2026-04-04", "2026-04-30"))
    assert open_amounts(ledger)["F2"] == "200.00"
    sound(ledger)


def test_invoices_settled_by_other_payments_keep_their_settlement(ledger: Ledger) -> None:
    bring(ledger, "invoices", INVOICES)
    execute(ledger, SYSTEM, RecordPayment(1, Decimal("250.50"), date(2026, 5, 1), TODAY))
    of = planned(ledger, "invoices", INVOICES.replace("250.50\t", "250.50\t2026-04-20"))
    assert "other payments settled this invoice (2026-05-01)" in reasons(of)[0][1][0]


def test_odd_settlements_stay_the_same_when_they_come_again(ledger: Ledger) -> None:
    """Paid before the invoice; paid on its day; nothing to pay; a credit note with dates of its own."""
    text = """
客户\t账单编号\t日期\t到期日\t金额\t结清日
甲\tE1\t2026-03-01\t2026-03-31\t100\t2026-02-10
甲\tE2\t2026-03-01\t2026-03-31\t100\t2026-03-01
甲\tE3\t2026-03-01\t2026-03-31\t0\t2026-03-05
甲\tE4\t2026-03-01\t2026-03-31\t-20\t2026-03-05
"""
    bring(ledger, "invoices", text)
    assert open_amounts(ledger) == {"-": "-20.00"}
    assert numbers(ledger, "invoices", text) == (0, 0, 4, 0, 0)
    sound(ledger)
    bring(ledger, "invoices", text.replace("2026-02-10", "2026-02-11"))
    bring(ledger, "invoices", text)
    assert numbers(ledger, "invoices", text) == (0, 0, 4, 0, 0)
    sound(ledger)


def test_invoices_of_a_stopped_customer_come_in_with_a_warning_that_names_it(ledger: Ledger) -> None:
    """恒源 has owed 5,000 since February and is stopped; 南风 is not. Both come in, one is named."""
    bring(ledger, "invoices", "账单编号,客户,日期,到期日,金额\nF1,恒源,2026-01-01,2026-02-01,5000\nF2,南风,2026-06-01,2026-07-01,5\n")
    more = "账单编号,客户,日期,金额\nF3,恒源,2026-06-02,10\nF4,南风,2026-06-02,10\n"
    (warned,) = [one for one in planned(ledger, "invoices", more).notes if one.is_warning]
    assert warned.say("zh") == "1 个客户现已停供，账单仍会记入，请核对：恒源"
    assert warned.say("en").startswith("1 customer is under credit stop")
    assert bring(ledger, "invoices", more)[1]["new"] == 2
    again = planned(ledger, "invoices", more)
    assert not [one for one in again.notes if one.is_warning]


def test_rows_of_one_number_are_lines_of_one_invoice_rounded_once(ledger: Ledger) -> None:
    lines = """
InvoiceNo,StockCode,Quantity,UnitPrice,Discount,InvoiceDate,Customer Name
1001,A,3,0.335,0,2026-01-05,Acme Ltd
1001,B,1,0.01,50%,2026-01-05,Acme Ltd
1001,B,1,0.01,50%,2026-01-05,Acme Ltd
C1002,A,-3,0.335,,2026-01-06,Acme Ltd
"""
    of = planned(ledger, "invoices", lines, currency="GBP")
    assert (of.counts.new, of.counts.duplicate) == (2, 0)
    execute(ledger, SYSTEM, order(of))
    found = asked(ledger, "select kind, doc_no, amount::text, currency from entry order by entry_id")
    assert found == [("invoice", "1001", "1.02", "GBP"), ("credit_note", "C1002", "1.01", "GBP")]
    assert open_amounts(ledger) == {"-": "-1.01", "1001": "1.02"}
    assert numbers(ledger, "invoices", lines) == (0, 0, 2, 0, 0)
    renamed = lines.replace("1001,A", "1001,A2")
    assert numbers(ledger, "invoices", renamed) == (0, 1, 1, 0, 0)
    bring(ledger, "invoices", renamed)
    assert asked(ledger, f"select product_no from entry_line where entry_id = 1 and {LIVE} order by record_id") == [("A2",), ("B",), ("B",)]
    sound(ledger)


def test_the_same_invoice_row_twice_in_a_file_is_a_duplicate(ledger: Ledger) -> None:
    twice = INVOICES + INVOICES.strip().splitlines()[1] + "\n"
    assert numbers(ledger, "invoices", twice) == (3, 0, 0, 1, 0)


def test_a_bad_cell_keeps_its_whole_invoice_out_and_says_why(ledger: Ledger) -> None:
    lines = """
客户名称,订单编号,日期,单价,数量
恒源机械,D1,2026-01-05,10,1
恒源机械,D1,2026-01-05,abc,2
恒源机械,D2,2026-02-30,10,1
恒源机械,D3,2026-01-05,10,1
,D4,2026-01-05,10,
"""
    of = planned(ledger, "invoices", lines)
    assert (of.counts.new, of.counts.rejected) == (1, 4)
    assert reasons(of) == [
        (2, ["Line 3 of the same document has an error, so the whole document was left out"]),
        (3, ["“abc” is not a number; write it like 1234.50"]),
        (4, ["“2026-02-30” does not exist; check the month and the day"]),
        (6, ["There is no amount: fill in the amount, or quantity and unit price"]),
    ]
    back = read_sheet(of.rejected("csv", "zh"), "rejected.csv")
    assert back.header[:3] == ("原行号", "未导入原因", "客户名称")
    assert [row[0] for row in back.rows] == ["2", "3", "4", "6"]
    assert read_sheet(of.rejected("xlsx", "en"), "rejected.xlsx").rows
    mended = planned(ledger, "invoices", lines, corrections={(2, "unit_price"): "20", (3, "on_date"): "2026-02-28"})
    assert (mended.counts.new, mended.counts.rejected) == (3, 1)


def test_rows_without_a_customer_are_kept_apart_by_those_who_see_everyone(ledger: Ledger) -> None:
    text = "客户名称,账单编号,日期,金额\n,D1,2026-01-05,10\n恒源机械,D2,2026-01-05,10\n"
    bring(ledger, "invoices", text)
    assert asked(ledger, "select account_no, name, name_en, book from customer_record order by customer_id") == [
        ("UNNAMED", "未具名客户", "Unnamed customer", "offbook"),
        ("X000001", "恒源机械", None, "offbook"),
    ]
    assert numbers(ledger, "invoices", text, new_customers="reject") == (0, 0, 1, 0, 1)


def test_names_match_exactly_and_namesakes_are_never_guessed(ledger: Ledger) -> None:
    bring(ledger, "customers", "客户编号,客户名称\nK1,张伟\nK2,张 伟\nK3,恒源机械（上海）有限公司\n")
    names = ("张伟", "恒源机械(上海)有限公司", "恒源机械", "K2")
    text = "客户,账单编号,日期,金额\n" + "".join(f"{name},D{at},2026-01-05,10\n" for at, name in enumerate(names, 1))
    of = planned(ledger, "invoices", text)
    assert reasons(of) == [(2, ["Several customers have this name: K1, K2. Write the account number instead"])]
    assert (of.counts.new, of.counts.new_customers) == (3, 1)
    execute(ledger, SYSTEM, order(of))
    found = asked(
        ledger, f"select doc_no, account_no from entry join customer_record using (customer_id) where customer_record.{LIVE} order by 1"
    )
    assert found == [("D2", "K3"), ("D3", "X000001"), ("D4", "K2")]


def test_master_data_completes_off_book_customers_and_dates_what_it_replaces(ledger: Ledger) -> None:
    bring(ledger, "invoices", "客户名称,账单编号,日期,金额\n恒源机械,D1,2026-01-05,10\n")
    _, counts = bring(ledger, "customers", "客户编号,客户名称,地区,联系人,电话\nK7,恒源机械,华东,王芳,13800138000\n")
    assert (counts["new"], counts["changed"]) == (0, 1)
    at = "select account_no, region from customer_at(date '{}', timestamp '9999-12-30')"
    assert asked(ledger, at.format("2026-01-05")) == [("K7", "华东")]
    batch, _ = bring(ledger, "customers", "客户编号,客户名称,地区\nK7,恒源机械,华北\n")
    assert asked(ledger, at.format("2026-06-29")) == [("K7", "华东")]
    assert asked(ledger, at.format("2026-06-30")) == [("K7", "华北")]
    assert asked(ledger, f"select name, phone, is_primary from contact where {LIVE}") == [("王芳", "13800138000", True)]
    sound(ledger)
    execute(ledger, SYSTEM, Undo(batch))
    assert asked(ledger, at.format("2026-06-30")) == [("K7", "华东")]
    sound(ledger)


def test_an_empty_cell_erases_nothing(ledger: Ledger) -> None:
    bring(ledger, "customers", "客户编号,客户名称,地区\nK7,恒源机械,华东\n")
    assert numbers(ledger, "customers", "客户编号,客户名称,地区\nK7,恒源机械,\n") == (0, 0, 1, 0, 0)


def test_payments_settle_the_invoices_they_name_and_the_rest_stays_on_account(ledger: Ledger) -> None:
    bring(ledger, "invoices", INVOICES)
    payments = """
收款编号\t客户账号\t收款日期\t金额\t账单编号
P1\tK1\t2026-04-10\t300\tF2
P2\tK1\t2026-04-11\t50\t
P3\tK2\t2026-04-12\t100\tF9
P4\t\t2026-04-12\t100\t
"""
    of = planned(ledger, "payments", payments)
    assert reasons(of) == [(4, ["This customer has no invoice F9; check the number or import invoices first"])]
    execute(ledger, SYSTEM, order(of))
    assert open_amounts(ledger) == {"-": "-199.50", "F1": "12000.00"}
    assert numbers(ledger, "payments", payments) == (0, 0, 3, 0, 1)
    sound(ledger)
    bring(ledger, "payments", payments.replace("2026-04-10\t300", "2026-04-20\t200"))
    assert open_amounts(ledger) == {"-": "-150.00", "F1": "12000.00", "F2": "50.50"}
    sound(ledger)


def test_payments_on_request_go_to_the_oldest_invoices(ledger: Ledger) -> None:
    """Customer 甲 owes 100 (due 1 Feb) and 50 (due 1 Mar); 120 and 40 come in."""
    bring(ledger, "invoices", "客户,账单编号,日期,到期日,金额\n甲,A,2026-01-01,2026-03-01,50\n甲,B,2026-01-02,2026-02-01,100\n")
    bring(ledger, "payments", "客户,日期,金额\n甲,2026-02-05,120\n甲,2026-02-06,40\n", oldest=True)
    assert open_amounts(ledger) == {"-": "-10.00"}
    sound(ledger)


def test_payments_without_numbers_that_look_alike_are_two_payments_once(ledger: Ledger) -> None:
    text = "付款人,日期,金额\n恒源机械,2026-02-05,120\n恒源机械,2026-02-05,120\n恒源机械,2026-02-05,-20\n"
    batch, counts = bring(ledger, "payments", text)
    assert counts["new"] == 3
    assert numbers(ledger, "payments", text) == (0, 0, 3, 0, 0)
    assert asked(ledger, "select kind, count(*), sum(amount)::text from entry group by all order by all") == [
        ("payment", 2, "240.00"),
        ("refund", 1, "20.00"),
    ]
    sound(ledger)
    execute(ledger, SYSTEM, Undo(batch))
    assert open_amounts(ledger) == {}


def test_a_payment_number_used_on_two_days_or_for_its_reversal_is_several_documents(ledger: Ledger) -> None:
    text = "客户,收款编号,日期,金额\n甲,P1,2026-04-09,300\n甲,P1,2026-03-31,100\n甲,P1,2026-04-10,-300\n"
    bring(ledger, "payments", text)
    assert numbers(ledger, "payments", text) == (0, 0, 3, 0, 0)
    assert open_amounts(ledger) == {"-": "-100.00"}
    sound(ledger)


def test_scores_of_several_metrics_in_one_row_and_scales_that_are_kept(ledger: Ledger) -> None:
    text = "客户,日期,NPS,CSAT,意见\n甲,2026-01-05,9,5,很好\n甲,2026-01-06,11,,\n甲,2026-01-07,,6,\n乙,2026-01-07,,,\n"
    of = planned(ledger, "feedback", text)
    assert (of.counts.new, of.counts.rejected) == (2, 3)
    assert reasons(of)[0][1] == ["“11” is not between 0 and 10; write a whole number in that range"]
    assert reasons(of)[2][1] == ["There is no score: fill in NPS, CSAT, CES, or metric and score"]
    execute(ledger, SYSTEM, order(of))
    assert asked(ledger, "select metric, score::text, top_score, comment from feedback order by metric") == [
        ("csat", "5.00", 5, "很好"),
        ("nps", "9.00", 10, "很好"),
    ]
    assert numbers(ledger, "feedback", text)[:3] == (0, 0, 2)


def test_a_plain_score_column_needs_its_metric(ledger: Ledger) -> None:
    text = "编号,客户,日期,分数\n1,甲,2026-01-05,7\n2,甲,2026-01-05,8\n"
    assert numbers(ledger, "feedback", text) == (0, 0, 0, 0, 2)
    assert numbers(ledger, "feedback", text, metric="ces") == (1, 0, 0, 0, 1)
    bring(ledger, "feedback", text, metric="nps")
    assert numbers(ledger, "feedback", text.replace("1,甲,2026-01-05,7", "1,甲,2026-01-05,6"), metric="nps") == (0, 1, 1, 0, 0)


def test_complaints_follow_their_state_when_they_come_again(ledger: Ledger) -> None:
    text = "编号,客户,日期,投诉内容,状态\nT1,甲,2026-01-05,漏水,处理中\nT2,甲,2026-01-06,发票错误,新建\n"
    bring(ledger, "complaints", text)
    batch, _ = bring(ledger, "complaints", text.replace("处理中", "已解决"))
    states = f"select state from case_event where case_id = 1 and {LIVE} order by event_id"
    assert asked(ledger, states) == [("in_progress",), ("resolved",)]
    execute(ledger, SYSTEM, Undo(batch))
    assert asked(ledger, states) == [("in_progress",)]
    sound(ledger)


def test_an_open_complaint_of_a_file_is_to_be_answered_in_time_too(ledger: Ledger) -> None:
    """By the rule 1, 3 or 5 working days by severity; one that names none is held to the normal three. What is over owes nothing."""
    header = "编号,客户,日期,投诉内容,严重程度,答复期限,状态\n"
    rows = (
        "T1,甲,2026-01-05,漏水,,,新建",
        "T2,甲,2026-01-05,漏电,1,,处理中",
        "T3,甲,2026-01-05,慢,,2026-02-02,新建",
        "T4,甲,2026-01-05,旧,,,已关闭",
    )
    text = header + "\n".join(rows)
    bring(ledger, "complaints", text)
    due = f"select ref, severity, due_on from case_file where {LIVE} order by ref"
    assert asked(ledger, due) == [
        ("T1", None, date(2026, 1, 8)),
        ("T2", 1, date(2026, 1, 6)),
        ("T3", None, date(2026, 2, 2)),
        ("T4", None, None),
    ]
    assert numbers(ledger, "complaints", text) == (0, 0, 4, 0, 0)


def test_suggestions_come_in_where_they_stand_and_are_told_when_the_file_says_so(ledger: Ledger) -> None:
    header = "编号,客户,建议日期,建议内容,状态,状态日期\n"
    text = f"{header}S1,甲,2026-01-05,对账单按项目分开,采纳,2026-01-09\nS2,甲,2026-01-06,能用微信下单,新建,\n"
    bring(ledger, "suggestions", text)
    steps = f"select state, action, happened_at::date from case_event where case_id = 1 and {LIVE} order by event_id"
    assert asked(ledger, steps) == [("new", "record", date(2026, 1, 5)), ("adopted", "adopt", date(2026, 1, 9))]
    assert numbers(ledger, "suggestions", text) == (0, 0, 2, 0, 0)
    bring(ledger, "suggestions", text.replace("采纳,2026-01-09", "已告知客户,2026-02-02"))
    assert asked(ledger, steps)[-1] == ("told_customer", "tell", date(2026, 2, 2))
    (told,) = rows(ledger, SYSTEM, "suggestions", as_of=date(2026, 3, 1), state="told_customer")
    assert (told["subject"], told["told_on"]) == ("对账单按项目分开", date(2026, 2, 2))
    sound(ledger)


def test_service_requests_come_in_with_their_clocks(ledger: Ledger) -> None:
    text = (
        "单号\t客户\t日期\t请求内容\t优先级\t状态\t办结日期\t环节\n"
        "R1\t甲\t2026-01-05\t补一张发票\t一般\t已解决\t2026-01-06\t对账\nR2\t甲\t2026-01-05\t机器停了\t紧急\t新建\t\t售后\n"
    )
    bring(ledger, "requests", text)
    files = f"select kind, subject, severity, stage from case_file where {LIVE} order by case_id"
    assert asked(ledger, files) == [("service", "补一张发票", 2, "reconciliation"), ("service", "机器停了", 1, "after_sales")]
    clocks = (
        "select case_id, clock, state from request_clock(date '2026-02-01', timestamp '9999-12-30') where clock = 'solve' order by case_id"
    )
    assert asked(ledger, clocks) == [(1, "solve", "stopped"), (2, "solve", "running")]
    assert reasons(planned(ledger, "requests", text.replace("紧急", "马上")))[0][0] == 3
    sound(ledger)


def test_contacts_and_interactions_come_in_and_change(ledger: Ledger) -> None:
    contacts = "客户,联系人,手机,主要联系人\n甲,王芳,13800138000,是\n"
    bring(ledger, "contacts", contacts)
    assert numbers(ledger, "contacts", contacts.replace("138", "139")) == (0, 1, 0, 0, 0)
    calls = "客户,日期,内容,渠道,方向\n甲,2026-01-05,问账期,电话,来电\n甲,2026-01-05,问账期,电话,来电\n"
    assert bring(ledger, "interactions", calls)[1]["new"] == 2
    assert numbers(ledger, "interactions", calls) == (0, 0, 2, 0, 0)
    assert asked(ledger, "select distinct channel, direction, done_on from activity") == [("phone", "in", date(2026, 1, 5))]
    assert reasons(planned(ledger, "interactions", calls.replace("2026-01-05", "2026-07-01")))[0][1] == [
        "The date 2026-07-01 has not come yet; please check"
    ]


def test_ambiguous_dates_are_asked_about_once_and_nothing_is_written_before(ledger: Ledger) -> None:
    text = "客户,账单编号,日期,金额\n甲,D1,03/05/2025,10\n甲,D2,04/05/2025,10\n"
    of = planned(ledger, "invoices", text)
    assert [(question.header, question.field, question.candidates) for question in of.questions] == [("日期", "on_date", ("dmy", "mdy"))]
    with pytest.raises(Refused, match="“日期”"):
        execute(ledger, SYSTEM, order(of))
    bring(ledger, "invoices", text, date_orders={"on_date": "mdy"})
    assert asked(ledger, "select min(on_date) from entry") == [(date(2025, 3, 5),)]


def test_a_plan_is_refused_when_the_ledger_has_moved_on(ledger: Ledger) -> None:
    of = planned(ledger, "invoices", INVOICES)
    bring(ledger, "invoices", INVOICES)
    with pytest.raises(Conflict, match="has changed since this preview"):
        execute(ledger, SYSTEM, order(of))


def test_a_mapping_someone_chose_is_remembered(ledger: Ledger) -> None:
    text = "wer,was,wann,wieviel\n甲,D1,2026-01-05,10\n"
    chosen = {"wer": "name", "was": "invoice_no", "wann": "on_date", "wieviel": "amount"}
    with pytest.raises(Refused, match="No column serves as"):
        planned(ledger, "invoices", text)
    bring(ledger, "invoices", text, mapping=chosen)
    assert planned(ledger, "invoices", text).mapping == chosen
    assert asked(ledger, "select detail from audit")[0][0].count("wieviel") == 1


def test_currencies_in_cells_must_agree_with_what_was_said(ledger: Ledger) -> None:
    text = "客户,账单编号,日期,金额\n甲,D1,2026-01-05,$10\n甲,D2,2026-01-05,10\n"
    bring(ledger, "invoices", text)
    assert asked(ledger, "select doc_no, currency from entry order by doc_no") == [("D1", "USD"), ("D2", "CNY")]
    of = planned(ledger, "invoices", text.replace("D", "E"), currency="EUR", currency_given=True)
    assert reasons(of) == [(2, ["The amount says USD but the currency is EUR; please check"])]


def test_account_numbers_that_passed_through_a_spreadsheet_lose_their_point_zero(ledger: Ledger) -> None:
    bring(ledger, "invoices", "CustomerID,InvoiceNo,Date,Amount\n17850.0,1,2026-01-05,10\n,2,2026-01-05,10\n")
    assert asked(ledger, "select account_no from customer_record order by 1") == [("17850",), ("UNNAMED",)]


def test_someone_who_sees_only_their_own_customers_cannot_write_on_others(ledger: Ledger) -> None:
    ledger.jot("insert into app_user values (2, 'lead', 'Lead', 'lead', 'own', null, 'zh', null, null, true, 0)", {})
    bring(ledger, "customers", "客户编号,客户名称\nK1,恒源机械\n")
    text = "客户,日期,NPS\n恒源机械,2026-01-05,3\n新客户,2026-01-05,9\n,2026-01-05,9\n"
    of = planned(ledger, "feedback", text, LEAD)
    assert reasons(of) == [
        (2, ["This customer is outside your scope; hand the row to its account manager"]),
        (4, ["No customer is given; add the name or the account number"]),
    ]
    execute(ledger, LEAD, order(of))
    assert asked(ledger, "select owner_id from customer_record where name = '新客户'") == [(2,)]
    with pytest.raises(Forbidden):
        planned(ledger, "invoices", INVOICES, LEAD)


def test_names_like_formulas_and_long_texts_stay_text(ledger: Ledger) -> None:
    text = "客户,账单编号,日期,金额,备注\n=cmd|1,D1,2026-01-05,10,<b>🙂</b>\n"
    bring(ledger, "invoices", text)
    assert asked(ledger, "select name, memo from entry join customer_record using (customer_id)") == [("=cmd|1", "<b>🙂</b>")]


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_file_with_a_header_and_no_rows_is_no_news(ledger: Ledger, kind: str) -> None:
    header = "\t".join(field.label.zh for field in KINDS[kind].fields)
    of = plan(ledger, SYSTEM, kind, read_pasted(f"{header}\n{header}\n"), Options(today=TODAY))
    assert (of.counts.new, of.counts.changed) == (0, 0)
