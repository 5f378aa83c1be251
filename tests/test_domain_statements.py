"""Bank formats are read without trust: OFX, CAMT.053, and what stands around a table."""

from __future__ import annotations

import time
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.camt import BROKEN, HAS_ENTITIES, NOT_A_STATEMENT
from lib.domain.sheets import Sheet, read_pasted, read_sheet
from lib.domain.stated import Flow
from lib.domain.statements import account, account_by_name, chained, complete_day, hints, is_card_bill, stated
from lib.errors import Refused

CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><Stmt>
<Acct><Id><IBAN>OURS</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">90.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<TxsSummry><TtlNtries><NbOfNtries>3</NbOfNtries></TtlNtries>
<TtlCdtNtries><NbOfNtries>2</NbOfNtries><Sum>120.00</Sum></TtlCdtNtries></TxsSummry>
{entries}</Stmt></BkToCstmrStmt></Document>"""
ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts>{state}</Sts>
<BookgDt><DtTm>2026-06-01T23:59:59+08:00</DtTm></BookgDt><NtryDtls>{parts}</NtryDtls></Ntry>"""
PART = """<TxDtls><Refs><EndToEndId>{ref}</EndToEndId></Refs><Amt Ccy='EUR'>{amount}</Amt>
<RltdPties><Dbtr><Pty><Nm>{name}</Nm></Pty></Dbtr></RltdPties></TxDtls>"""


def entry(amount: str = "5.00", side: str = "CRDT", state: str = "BOOK", parts: str = "") -> str:
    return ENTRY.format(amount=amount, side=side, state=state, parts=parts)


def camt(*entries: str, version: str = "02") -> Sheet:
    return read_sheet(CAMT.format(version=version, entries="".join(entries)).encode(), "x.xml")


def column(sheet: Sheet, name: str) -> list[str]:
    return sheet.column(sheet.header.index(name))


def refused(content: bytes) -> Any:
    with pytest.raises(Refused) as caught:
        read_sheet(content, "x.xml")
    return caught.value.text


def test_an_entry_has_its_day_side_and_amount() -> None:
    sheet = camt(entry("5.00", "CRDT"), entry("7.50", "DBIT"), version="08")
    assert column(sheet, "on_date") == ["2026-06-01", "2026-06-01"]
    assert list(zip(column(sheet, "amount"), column(sheet, "direction"), strict=True)) == [("5.00", "CRDT"), ("7.50", "DBIT")]


def test_a_batch_comes_apart_only_when_its_parts_add_up() -> None:
    parts = PART.format(ref="A", amount="2.00", name="甲公司") + PART.format(ref="B", amount="3.00", name="乙公司")
    assert column(camt(entry("5.00", parts=parts)), "payer") == ["甲公司", "乙公司"]
    assert column(camt(entry("6.00", parts=parts)), "amount") == ["6.00"]


def test_what_is_not_booked_is_pending() -> None:
    assert column(camt(entry(state="PDNG")), "direction") == ["PDNG"]
    assert column(camt(entry(state="<Cd>BOOK</Cd>")), "direction") == ["CRDT"]


def test_a_statement_states_balances_counts_and_sums() -> None:
    (of,) = camt(entry()).stated
    assert (of.account, of.opening, of.closing, of.lines) == ("OURS", Decimal("-10.00"), Decimal("90.00"), 3)
    assert (of.into, of.out) == (Flow(2, Decimal("120.00")), Flow())


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><Document>&b;</Document>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><Document><Stmt>&f;</Stmt></Document>"""


@pytest.mark.parametrize("content", [BOMB, OUTSIDE])
def test_entities_are_never_expanded(content: bytes) -> None:
    assert refused(content) == HAS_ENTITIES


def test_other_xml_and_broken_xml_are_refused_with_words() -> None:
    assert refused(b"<?xml version='1.0'?><Workbook/>") == NOT_A_STATEMENT
    assert refused(b"<?xml version='1.0'?><Document><Stmt>") == BROKEN
    assert refused(b"<?xml version='1.0'?>" + b"<a>" * 100 + b"</a>" * 100) == NOT_A_STATEMENT


OFX = """OFXHEADER:100
DATA:OFXSGML

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>CNY<BANKACCTFROM><BANKID>1<ACCTID>6222</BANKACCTFROM>
<BANKTRANLIST>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260601235959.000[+8:CST]<TRNAMT>12.50<FITID>F1<NAME>A &amp; B 公司
<BANKACCTTO><ACCTID>9999</BANKACCTTO><MEMO>货款</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>100.00<DTASOF>20260601</LEDGERBAL></STMTRS></STMTTRNRS>
<STMTTRNRS><STMTRS><CURDEF>USD<BANKACCTFROM><ACCTID>7333</BANKACCTFROM><BANKTRANLIST>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260602<TRNAMT>-1<FITID>F2<NAME>X</STMTTRN></BANKTRANLIST></STMTRS></STMTTRNRS>
</BANKMSGSRSV1></OFX>"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_ofx_lines_belong_to_their_statement(encoding: str) -> None:
    sheet = read_sheet(OFX.encode(encoding), "x.ofx")
    assert list(sheet.rows) == [
        ("6222", "2026-06-01", "12.50", "", "CNY", "A & B 公司", "9999", "货款", "", "", "F1"),
        ("7333", "2026-06-02", "-1", "", "USD", "X", "", "X", "", "", "F2"),
    ]
    assert list(sheet.line_nos) == [6, 10]
    assert [of.closing for of in sheet.stated] == [Decimal("100.00"), None]


def test_cdata_is_text_and_one_that_never_ends_is_nothing() -> None:
    xml = OFX.replace("<MEMO>货款", "<MEMO><![CDATA[ 1 < 2 <b> ]]> 元").replace(
        "OFXHEADER:100", '<?xml version="1.0"?><?OFX OFXHEADER="200"?>'
    )
    assert column(read_sheet(xml.encode(), "x.ofx"), "memo") == ["1 < 2 <b>  元", "X"]
    assert column(read_sheet(OFX.replace("<MEMO>货款", "<MEMO>货款<![CDATA[").encode(), "x.ofx"), "memo") == ["货款", "X"]


@pytest.mark.parametrize("part", ["<![CDATA[", "<STMTTRN>", "<a", "]]>", "<![CDATA[]]", "<NAME>&amp;"])
def test_hostile_files_take_no_longer_than_long_ones(part: str) -> None:
    began = time.process_time()
    read_sheet(f"OFXHEADER:100\n<OFX>{part * 100_000}".encode(), "x.ofx")
    assert time.process_time() - began < 5


def test_xml_that_only_fills_memory_is_refused() -> None:
    assert refused(b"<?xml version='1.0'?><Document>" + b"<a/>" * 300_000 + b"</Document>") == NOT_A_STATEMENT


@given(st.text(alphabet=st.sampled_from("<>/![]CDATASTMTTRNOFX \n1.&;é"), max_size=200))
def test_ofx_of_any_shape_is_read_or_refused(rubbish: str) -> None:
    with suppress(Refused):
        read_sheet(f"OFXHEADER:100\n<OFX>{rubbish}".encode(), "x.ofx")


@pytest.mark.parametrize(
    ("above", "own"),
    [
        ("账号：6222 0200", "6222"),
        ("卡号: 1234****9876,别名", "1234****9876"),
        ("支付宝账户：a@b.cn", "支付宝 a@b.cn"),
        ("微信昵称：[小明]", "微信 小明"),
        ("Account number: GB12", "GB12"),
        ("招商银行信用卡对账单（2024年01月）", "招商银行信用卡"),
        ("共5笔记录", None),
    ],
)
def test_the_account_stands_above_the_table(above: str, own: str | None) -> None:
    assert account(Sheet(("日期", "金额"), [("2026-01-01", "1")], [3], preamble=(above,))) == own


def test_counts_and_sums_above_the_table_are_what_is_stated() -> None:
    sheet = Sheet(("日期",), [], [], preamble=("共66笔记录", "收入：1笔 28.50元", "支出：1,063笔 1,016.54元", "期初余额：10.00"))
    (of,) = stated(sheet)
    assert (of.lines, of.into, of.out, of.opening) == (66, Flow(1, Decimal("28.50")), Flow(1063, Decimal("1016.54")), Decimal("10.00"))


@pytest.mark.parametrize(
    ("day", "month", "whole"),
    [
        ("12/29", (2024, 1), "2023-12-29"),
        ("01/05", (2024, 1), "2024-01-05"),
        ("2024-01-05", (2024, 1), "2024-01-05"),
        ("12/29", None, "12/29"),
    ],
)
def test_a_day_takes_the_year_of_its_statement(day: str, month: tuple[int, int] | None, whole: str) -> None:
    assert complete_day(day, month) == whole


def test_a_wallet_that_repays_a_credit_card_is_no_card_bill() -> None:
    wallet = Sheet(("交易时间", "收/支", "金额"), [], [], preamble=("1. 信用卡还款等交易，将计入中性交易",))
    assert not is_card_bill(wallet)
    assert hints(wallet) == {}


def test_columns_without_names_are_told_by_what_the_balance_proves() -> None:
    sheet = read_pasted("2026-01-03,C,1.00,,9.00\n2026-01-02,B,,4.00,10.00\n2026-01-01,A,2.00,,6.00\n")
    assert hints(sheet) == {"a": "on_date", "b": "memo", "c": "outgo", "d": "income", "e": "balance"}
    assert hints(read_pasted("2026-01-03,C,1.00,,5.00\n2026-01-02,B,,4.00,17.00\n2026-01-01,A,2.00,,60.00\n")) == {}


@given(st.lists(st.decimals(-1000, 1000, places=2), min_size=1, max_size=30), st.decimals(-1000, 1000, places=2))
def test_a_running_balance_chains_from_either_end(moves: list[Decimal], opening: Decimal) -> None:
    balances = [opening + sum(moves[: at + 1], Decimal(0)) for at in range(len(moves))]
    assert chained(balances, moves)[0] == len(moves) - 1
    assert chained(balances[::-1], moves[::-1])[1] == len(moves) - 1


@pytest.mark.parametrize(("name", "own"), [("工行2026年6月.csv.gz", "工行2026年6月"), ("", "银行账户")])
def test_a_statement_that_names_no_account_takes_the_name_of_its_file(name: str, own: str) -> None:
    assert account_by_name(name) == own
