"""Statements of banks and wallets as they come, each read to the figures known of it; skipped where the data sets are not."""

# ruff: noqa: E501 (a line of a statement reads best as one line)

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest

from lib.commands.imports import Options, Plan, order, plan
from lib.domain.access import SYSTEM
from lib.domain.sheets import read_sheet
from lib.store.door import execute
from lib.store.ledger import Ledger
from tests.shared import shared

TODAY = date(2026, 6, 30)
CARD_BILLS: Final = ("cmb__credit", "citic__credit")
"""On a card's bill spending is above zero: its plus is our money out."""
CHINESE: Final = [
    "abc_debit__example-abc_debit-records.csv",
    "alipay__example-alipay-records.csv",
    "boc__credit__example-boc-records.csv",
    "boc__debit__example-boc-records.csv",
    "citic__credit__example-citic-records.xls",
    "cmb__credit__example-cmb-records.csv",
    "cmb__debit__example-cmb-records.csv",
    "icbc__credit__example-icbc-credit-records.csv",
    "icbc__debit-v1__example-icbc-debit-v1-records.csv",
    "td__example-td-records.csv",
    "wechat__example-wechat-records.csv",
]
ACCOUNTS: Final = {
    "alipay": "支付宝 xx@gmail.com",
    "boc__credit": "中国银行信用卡",
    "boc__debit": "中国银行 尾号3167",
    "citic__credit": "尾号6688",
    "cmb__credit": "招商银行信用卡 尾号1234",
    "icbc__credit": "1234****5678",
    "icbc__debit": "1234****9876",
    "wechat": "微信 测试",
}
"""Accounts the files name; the others take the name of their file."""

# Read by eye from the files: account, day, amount, currency, counterparty, its account, words, number.
INTERNATIONAL: Final[dict[str, list[tuple[str | None, ...]]]] = {
    "camt__camt053.v2.minimal.xml": [
        ("NL26VAYB8060476890", "2014-12-31", "8.85", "EUR", "NAME NAME", "NL56AGDH9619008421", "4654654654654654", "100"),
    ],
    "camt__camt053.v2.multi.statement.xml": [
        ("NL26VAYB8060476890", "2014-12-31", "8.85", "EUR", "Company Name 1", "NL56AGDH9619008421", "Transaction Description 1", "000000001"),
        ("NL26VAYB8060476890", "2014-12-31", "-7.00", "EUR", "Company Name 2", "NL56AGDH9619008421", "Transaction Description 2", "000000002"),
    ],
    "camt__camt053.v4.xml": [
        ("NL26VAYB8060476890", "2014-12-31", "8.85", "EUR", "NAME NAME", "NL56AGDH9619008421", "4654654654654654", "AAAASESS-FP-CN_98765/01"),
    ],
    "ofxparse__bank_medium.ofx": [
        ("12300 000012345678", "2009-04-01", "-6.60", "CAD", "MCDONALD'S #112", None, "POS MERCHANDISE;MCDONALD'S #112 · POS", "0000123456782009040100001"),
        ("12300 000012345678", "2009-04-02", "-316.67", "CAD", "Joe's Bald Hairstyles", None, "MISCELLANEOUS PAYMENTS;Joe's Bald Hairstyles · CHECK", "0000123456782009040200004"),
        ("12300 000012345678", "2009-04-03", "-22.00", "CAD", "CONNIE'S HAIR D", None, "POS MERCHANDISE;CONNIE'S HAIR D · POS", "0000123456782009040300005"),
    ],
    "ofxparse__checking.ofx": [
        ("1452687~7", "2011-03-31", "0.01", "USD", "DIVIDEND EARNED FOR PERIOD OF 03", None, "DIVIDEND EARNED FOR PERIOD OF 03/01/2011 THROUGH 03/31/2011 ANNUAL PERCENTAGE YIELD EARNED IS 0.05%", "0000486"),
        ("1452687~7", "2011-04-05", "-34.51", "USD", "AUTOMATIC WITHDRAWAL, ELECTRIC BILL", None, "AUTOMATIC WITHDRAWAL, ELECTRIC BILL WEB(S )", "0000487"),
        ("1452687~7", "2011-04-07", "-25.00", "USD", "RETURNED CHECK FEE, CHECK # 319", None, "RETURNED CHECK FEE, CHECK # 319 FOR $45.33 ON 04/07/11 · CHECK", "0000488"),
    ],
    "ofxparse__suncorp.ofx": [
        ("123456789", "2013-12-15", "-16.85", "AUD", "EFTPOS WDL HANDYWAY ALDI STORE", None, "EFTPOS WDL HANDYWAY ALDI STORE   GEELONG WEST VICAU", "1"),
    ],
}  # fmt: skip
STATED: Final = {
    "camt__camt053.v2.minimal.xml": "The statement's opening EUR 18.15 and closing SEK −27.00 are in different currencies, so the balance cannot be checked",
    "camt__camt053.v4.xml": "The statement's opening EUR 18.15 and closing SEK −27.00 are in different currencies, so the balance cannot be checked",
    "camt__camt053.v2.multi.statement.xml": "Opening EUR 18.15 + in EUR 8.85 − out EUR 7.00 = closing EUR 20.00: as the statement says",
    "boc__debit__example-boc-records.csv": "Opening CNY 2,813.58 + in CNY 9,821.00 − out CNY 9,394.30 = closing CNY 3,240.28: as the statement says",
    "wechat__example-wechat-records.csv": "Please check the number of lines: the statement says 43, its lines 27; the lines are what comes in",
    "alipay__example-alipay-records.csv": "Please check money out: the statement says 63 with 16.54, its lines 5 with 211.64; the lines are what comes in",
}  # fmt: skip


def planned(ledger: Ledger, folder: str, name: str, content: bytes | None = None) -> Plan:
    """Days of the TD file can be read in two ways, so it is said that the month comes first."""
    read = shared(f"{folder}/{name}").read_bytes() if content is None else content
    return plan(ledger, SYSTEM, "bank", read_sheet(read, name), Options(today=TODAY, file_name=name, date_order="mdy"))


def lines(ledger: Ledger) -> list[tuple[Any, ...]]:
    sql = """
        select account, on_date::text, amount::text, currency, payer, payer_account, memo, ref from bank_line
        where retired_at = timestamp '9999-12-31' order by line_id
    """
    return ledger.cursor().execute(sql).fetchall()


def expected(name: str) -> tuple[int | None, int, dict[str, Decimal]]:
    """Header row, number of records and totals of a file."""
    told = json.loads(shared("bank_statements_zh/expected.json").read_text("utf-8"))["facts"][name]
    facts = json.loads(re.sub(r"^.*? \|\| ", "", told))
    totals = {key: Decimal(str(total)) for key, total in facts["totals"].items()}
    return facts["header row (1-based, csv/sheet records)"], facts["records"], totals


def test_the_list_of_files_is_whole() -> None:
    told = json.loads(shared("bank_statements_zh/expected.json").read_text("utf-8"))
    assert sorted(told["facts"]) == CHINESE
    told = json.loads(shared("bank_statements_intl/expected.json").read_text("utf-8"))
    assert sorted(told["facts"]) == sorted(INTERNATIONAL)


@pytest.mark.parametrize("name", CHINESE)
def test_records_and_totals_are_those_known(ledger: Ledger, name: str) -> None:
    _, records, totals = expected(name)
    of = planned(ledger, "bank_statements_zh", name)
    assert (of.counts.rows, of.counts.rejected) == (records, 0)
    execute(ledger, SYSTEM, order(of))
    assert of.counts.new + of.counts.apart == records
    amounts = [Decimal(line[2]) for line in lines(ledger)]
    into, out = sum(one for one in amounts if one > 0), -sum(one for one in amounts if one < 0)
    plus, minus = (out, into) if name.startswith(CARD_BILLS) else (into, out)
    apart = sum(_apart(of))
    found = {"in": into, "out": out, "收入": into, "支出": out, "不计收支": apart, "/": apart, "plus": plus, "minus": -minus}
    assert {key: found[key] for key in totals} == totals


def _apart(of: Plan) -> list[Decimal]:
    return [abs(row.cells["amount"].value) for row in of.preview(0, 100, "apart")]


@pytest.mark.parametrize("name", [name for name in CHINESE if not name.startswith("td")])
def test_the_header_is_found_where_it_is(name: str) -> None:
    header, _, _ = expected(name)
    sheet = read_sheet(shared(f"bank_statements_zh/{name}").read_bytes(), name)
    assert sheet.has_header
    assert sheet.first_row_no == (header or 0) + 1


@pytest.mark.parametrize("name", CHINESE)
def test_the_account_is_the_one_the_file_names(ledger: Ledger, name: str) -> None:
    execute(ledger, SYSTEM, order(planned(ledger, "bank_statements_zh", name)))
    named = next((account for start, account in ACCOUNTS.items() if name.startswith(start)), name.partition(".")[0])
    assert {line[0] for line in lines(ledger)} == {named}


@pytest.mark.parametrize("name", list(INTERNATIONAL))
def test_lines_of_bank_formats_are_those_in_the_file(ledger: Ledger, name: str) -> None:
    execute(ledger, SYSTEM, order(planned(ledger, "bank_statements_intl", name)))
    assert lines(ledger) == INTERNATIONAL[name]


@pytest.mark.parametrize(("name", "sentence"), STATED.items())
def test_what_a_statement_says_of_itself_is_checked(ledger: Ledger, name: str, sentence: str) -> None:
    of = planned(ledger, "bank_statements_intl" if name in INTERNATIONAL else "bank_statements_zh", name)
    assert sentence in [note.say("en") for note in of.notes]


@pytest.mark.parametrize("name", [*CHINESE, *INTERNATIONAL])
def test_the_same_statement_again_brings_nothing(ledger: Ledger, name: str) -> None:
    folder = "bank_statements_intl" if name in INTERNATIONAL else "bank_statements_zh"
    first = planned(ledger, folder, name)
    execute(ledger, SYSTEM, order(first))
    again = planned(ledger, folder, name).counts
    assert (again.new, again.same) == (0, first.counts.new)


def test_the_wallet_in_another_encoding_is_the_same_statement(ledger: Ledger) -> None:
    name = "alipay__example-alipay-records.csv"
    execute(ledger, SYSTEM, order(planned(ledger, "bank_statements_zh", name)))
    utf8 = shared(f"bank_statements_zh/{name}").read_bytes().decode("gb18030").encode("utf-8-sig")
    assert planned(ledger, "bank_statements_zh", name, utf8).counts.new == 0


def test_lines_with_a_foreign_currency_keep_it(ledger: Ledger) -> None:
    execute(ledger, SYSTEM, order(planned(ledger, "bank_statements_zh", "boc__credit__example-boc-records.csv")))
    assert Counter(line[3] for line in lines(ledger)) == {"CNY": 13, "USD": 1}
    assert [line[2] for line in lines(ledger) if line[3] == "USD"] == ["-3.72"]


def test_names_and_accounts_written_as_one_come_apart(ledger: Ledger) -> None:
    execute(ledger, SYSTEM, order(planned(ledger, "bank_statements_zh", "cmb__debit__example-cmb-records.csv")))
    assert [line[4:6] for line in lines(ledger)][:2] == [("北京住房公积金管理中心", "1111111111"), ("张三", "66666666666666")]


def test_days_without_a_year_are_in_the_year_of_their_bill(ledger: Ledger) -> None:
    execute(ledger, SYSTEM, order(planned(ledger, "bank_statements_zh", "cmb__credit__example-cmb-records.csv")))
    assert [line[1] for line in lines(ledger)][:3] == ["2023-12-29", "2023-12-30", "2024-01-01"]


def test_days_that_can_be_read_in_two_ways_are_asked_about(ledger: Ledger) -> None:
    name = "td__example-td-records.csv"
    sheet = read_sheet(shared(f"bank_statements_zh/{name}").read_bytes(), name)
    of = plan(ledger, SYSTEM, "bank", sheet, Options(today=TODAY, file_name=name))
    assert [question.candidates for question in of.questions] == [("dmy", "mdy")]
