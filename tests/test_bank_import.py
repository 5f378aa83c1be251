"""Bank lines come in once, with the money's direction, and go out again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lib.commands.imports import Options, Plan, order, plan
from lib.commands.undo import Undo
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.domain.sheets import read_pasted
from lib.errors import Forbidden
from lib.store.door import execute
from lib.store.ledger import Ledger

TODAY = date(2026, 6, 30)
LIVE = "retired_at = timestamp '9999-12-31'"

LINES = """
记账日期,收入,支出,余额,对方户名,对方账号,摘要,流水号
2026-06-01,100.00,,100.00,恒源机械有限公司,6222020000000001,货款 INV-1,T1
2026-06-01,,30.00,70.00,电力公司,,电费,T2
2026-06-02,5.00,,75.00,,,利息,
2026-06-02,5.00,,80.00,,,利息,
"""


def planned(ledger: Ledger, text: str, actor: Actor = SYSTEM, **options: Any) -> Plan:
    given = {"account": "工行", **options}
    return plan(ledger, actor, "bank", read_pasted(text.strip("\n")), Options(today=TODAY, **given))


def bring(ledger: Ledger, text: str, **options: Any) -> int:
    return execute(ledger, SYSTEM, order(planned(ledger, text, **options))).change_id


def lines(ledger: Ledger, columns: str = "on_date, amount::text, payer, payer_account, memo, ref, place") -> list[tuple[Any, ...]]:
    return ledger.cursor().execute(f"select {columns} from bank_line where {LIVE} order by line_id").fetchall()


def numbers(of: Plan) -> tuple[int, int, int, int]:
    """New, same, rejected, kept apart."""
    return of.counts.new, of.counts.same, of.counts.rejected, of.counts.apart


def test_money_in_is_positive_and_equal_lines_keep_their_places(ledger: Ledger) -> None:
    bring(ledger, LINES)
    assert lines(ledger) == [
        (date(2026, 6, 1), "100.00", "恒源机械有限公司", "6222020000000001", "货款 INV-1", "T1", 1),
        (date(2026, 6, 1), "-30.00", "电力公司", None, "电费", "T2", 1),
        (date(2026, 6, 2), "5.00", None, None, "利息", None, 1),
        (date(2026, 6, 2), "5.00", None, None, "利息", None, 2),
    ]
    assert lines(ledger, "account, currency, payer_key")[0] == ("工行", "CNY", "恒源机械有限公司")


def test_the_day_is_the_day_where_the_hour_has_a_column_of_its_own(ledger: Ledger) -> None:
    bring(ledger, "交易日,交易时间,借方金额,贷方金额,收/付方名称\n20260601,10:01,,100.00,恒源机械有限公司\n")
    assert lines(ledger, "on_date, amount::text") == [(date(2026, 6, 1), "100.00")]


def test_the_same_statement_again_brings_nothing(ledger: Ledger) -> None:
    bring(ledger, LINES)
    assert numbers(planned(ledger, LINES)) == (0, 4, 0, 0)


def test_a_longer_statement_adds_only_its_new_lines(ledger: Ledger) -> None:
    bring(ledger, LINES)
    longer = f"{LINES}2026-06-02,5.00,,85.00,,,利息,\n2026-06-03,9.00,,94.00,王五,,货款,T9\n"
    assert numbers(planned(ledger, longer)) == (2, 4, 0, 0)
    bring(ledger, longer)
    assert lines(ledger, "ref, place")[-2:] == [(None, 3), ("T9", 1)]


def test_another_account_has_lines_of_its_own(ledger: Ledger) -> None:
    bring(ledger, LINES)
    assert numbers(planned(ledger, LINES, account="建行")) == (4, 0, 0, 0)


def test_the_width_of_letters_makes_no_other_line(ledger: Ledger) -> None:
    bring(ledger, LINES)
    wide = LINES.replace("货款 INV-1", "货款　ＩＮＶ－１").replace("T1", "Ｔ１").replace(",100.00,", ",１００．００,")
    assert numbers(planned(ledger, wide)) == (0, 4, 0, 0)


def test_a_line_worded_anew_is_known_by_its_number(ledger: Ledger) -> None:
    bring(ledger, LINES)
    assert numbers(planned(ledger, LINES.replace("货款 INV-1", "璐ф INV-1"))) == (0, 4, 0, 0)


def test_undo_empties_and_the_file_is_new_again(ledger: Ledger) -> None:
    execute(ledger, SYSTEM, Undo(bring(ledger, LINES)))
    assert lines(ledger) == []
    assert numbers(planned(ledger, LINES)) == (4, 0, 0, 0)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.LEAD, Role.MANAGER, Role.COMPLIANCE, Role.ADMIN])
def test_only_who_may_import_money_brings_statements(ledger: Ledger, role: Role) -> None:
    who = Actor(2, "someone", role, Scope.ALL)
    with pytest.raises(Forbidden):
        planned(ledger, LINES, who)


def test_neither_in_nor_out_is_kept_apart_with_its_reason(ledger: Ledger) -> None:
    text = "交易时间,收/支,金额,交易对方\n2026-06-01 10:00:01,收入,8,甲\n2026-06-01 10:00:02,/,7,乙\n2026-06-01,支出,0,丙\n"
    of = planned(ledger, text)
    assert numbers(of) == (1, 0, 0, 2)
    kept = [(row.line_no, row.reasons[0].say("en")[:30]) for row in of.preview(0, 10, "apart")]
    assert kept == [(3, "Neither in nor out: CNY 7.00 d"), (4, "The amount is 0: no money move")]
    assert "乙" in of.rejected("csv", "zh").decode("utf-8-sig")


def test_reading_tells_how_far_it_has_come(ledger: Ledger) -> None:
    heard: list[float] = []
    many = "记账日期,收入,对方户名\n" + "".join(f"2026-06-01,{number}.00,客户{number}\n" for number in range(1, 1201))
    plan(ledger, SYSTEM, "bank", read_pasted(many), Options(today=TODAY), tell=heard.append)
    assert len(heard) > 5
    assert heard == sorted(heard)
    assert 0 <= heard[0] <= heard[-1] < 1


BAD = """
记账日期,收入,支出,币种,对方户名
2026-07-01,1,,,明天
2026-02-30,2,,,不存在
2026-06-01,x,,,字母
2026-06-01,,,,没有
,3,,,没有日期
2026-06-01,4,5,,两边
2026-06-01,6,,美金币,币种
2026-06-01,7,,USD,美元
"""


def test_each_bad_line_has_its_reason_and_comes_back_as_a_file(ledger: Ledger) -> None:
    of = planned(ledger, BAD)
    assert numbers(of) == (1, 0, 7, 0)
    said = {row.line_no: " ".join(reason.say("en") for reason in row.reasons) for row in of.preview(0, 20, "error")}
    assert said == {
        2: "The date 2026-07-01 has not come yet; please check",
        3: "“2026-02-30” does not exist; check the month and the day",
        4: "“x” is not a number; write it like 1234.50",
        5: "There is no amount: fill in the amount, or money in or money out",
        6: "The booking date is missing; please add it",
        7: "One line has both money in (4.00) and money out (5.00); make it two lines",
        8: "“美金币” is no currency code; write three letters such as CNY or USD",
    }
    back = of.rejected("csv", "zh").decode("utf-8-sig").splitlines()
    assert back[0] == "原行号,未导入原因,记账日期,收入,支出,币种,对方户名"
    assert len(back) == 8
    bring(ledger, BAD)
    assert lines(ledger, "amount::text, currency") == [("7.00", "USD")]


def test_the_rejected_file_mended_brings_its_lines(ledger: Ledger) -> None:
    back = planned(ledger, BAD).rejected("csv", "zh").decode("utf-8-sig").replace("2026-02-30", "2026-02-28")
    assert numbers(planned(ledger, back))[0] == 1


def test_an_amount_of_another_currency_than_its_line_is_refused(ledger: Ledger) -> None:
    of = planned(ledger, "日期,金额,币种,对方\n2026-06-01,US$5.00,CNY,甲\n2026-06-01,¥5.00,CNY,乙\n")
    assert numbers(of) == (1, 0, 1, 0)


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("日期,借/贷,金额\n2026-06-01,贷,5\n2026-06-01,借,6\n", ["5.00", "-6.00"]),
        ("日期,借贷标志,发生额\n2026-06-01,C,5\n2026-06-01,D,6\n", ["5.00", "-6.00"]),
        ("日期,收/支,金额\n2026-06-01,收入,5\n2026-06-01,支出,-6\n", ["5.00", "-6.00"]),
        ("Date,Credit,Debit\n2026-06-01,5,\n2026-06-01,,6\n", ["5.00", "-6.00"]),
        ("Date,Paid in,Paid out\n2026-06-01,5,\n2026-06-01,,-6\n", ["5.00", "-6.00"]),
        ("Date,Amount\n2026-06-01,5\n2026-06-01,(6.00)\n", ["5.00", "-6.00"]),
        ("记账日期,贷方发生额,借方发生额\n20260601,人民币 ５．００,--\n20260601 10:00:01,-,¥6\n", ["5.00", "-6.00"]),
        ("日期,收/支,金额\n2026-06-01,支出,5\n2026-06-01,支出,-6\n", ["-5.00", "6.00"]),
    ],
)
def test_which_way_money_went_is_told_in_many_ways(ledger: Ledger, text: str, amounts: list[str]) -> None:
    bring(ledger, text)
    assert [amount for (amount,) in lines(ledger, "amount::text")] == amounts


def test_the_same_file_is_named_with_when_and_by_whom(ledger: Ledger) -> None:
    once = bring(ledger, LINES, sha256="f" * 64, account="", file_name="六月.csv")
    again = planned(ledger, LINES, sha256="f" * 64, account="", file_name="六月 (1).csv")
    assert numbers(again) == (0, 4, 0, 0)
    assert f"批次 {once}" in again.notes[0].say("zh")
    assert "账户 六月" in again.notes[0].say("zh")
    execute(ledger, SYSTEM, Undo(once))
    assert "批次" not in planned(ledger, LINES, sha256="f" * 64, account="", file_name="六月 (1).csv").notes[0].say("zh")


def test_a_line_that_is_missing_is_noticed_by_the_balance(ledger: Ledger) -> None:
    whole = [note.say("en") for note in planned(ledger, LINES).notes]
    assert "Opening CNY 0.00 + in CNY 110.00 − out CNY 30.00 = closing CNY 80.00: as the statement says" in whole
    torn = [note.say("en") for note in planned(ledger, LINES.replace("2026-06-01,,30.00,70.00,电力公司,,电费,T2\n", "")).notes]
    assert any("does not follow from the lines in places (1), first at line 3" in said for said in torn)


@pytest.mark.parametrize(
    ("footer", "said"),
    [
        ("合计,110.00,30.00,,,,,", "agree with its lines"),
        ("合计金额,110.00,31.00", "Please check money out: the statement says 31.00, its lines 1 with 30.00"),
        ("小计,1.00,,,,,,\n总计,109.00,30.00,80.00,,,,", "Please check money in: the statement says 109.00, its lines 3 with 110.00"),
    ],
)
def test_a_row_of_totals_is_no_line_and_is_held_against_the_lines(ledger: Ledger, footer: str, said: str) -> None:
    """100 + 5 + 5 came in, 30 went out; the total below says so, or not, as wide as the table or shorter."""
    found = planned(ledger, f"{LINES.strip()}\n{footer}\n")
    assert numbers(found) == (4, 0, 0, 0)
    assert [one for one in found.notes if said in one.say("en")]


@pytest.mark.parametrize(("total", "agrees"), [("70.00", True), ("130.00", True), ("71.00", False)])
def test_a_total_of_one_column_of_amounts_may_be_net_or_gross(ledger: Ledger, total: str, agrees: bool) -> None:
    text = f"日期,金额,对方户名\n2026-06-01,100.00,恒源\n2026-06-02,-30.00,电力\nTotal,{total},\n"
    notes = [one.say("en") for one in planned(ledger, text).notes]
    assert any("agree with its lines" in one for one in notes) is agrees
    assert any(f"the sum in its row of totals: the statement says {total}, its lines 70.00" in one for one in notes) is not agrees


def test_a_payer_called_like_a_total_is_a_line(ledger: Ledger) -> None:
    assert numbers(planned(ledger, "对方户名,日期,金额\n恒源,2026-06-01,5.00\nTotal Energies,2026-06-02,7.00\n")) == (2, 0, 0, 0)
