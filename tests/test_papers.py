"""Papers: the figures of the screen, names as they are, no boxes, and a fast machine's patience."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args

import facts
import ledgers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from lib import formats
from lib.__main__ import main
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.domain.capital_words import capital_words
from lib.domain.letters import language_written
from lib.errors import NotFound, Unusable
from lib.papers import fonts
from lib.papers.invoice import invoice
from lib.papers.letter import Written, letter
from lib.papers.statement import Wanted, statement
from lib.store.ledger import Ledger
from lib.store.query import rows
from lib.text import Language

AS_OF = date(2026, 6, 30)
HOSTILE = ['#import "x": y', "$x^2$", "*粗* _斜_", "\\ #sys.inputs", "<b>甲</b>", "`raw` = h", "珺喆㐂 é Ω", "{0} {name}", "@甲 /* 乙"]


@pytest.fixture(scope="module")
def company() -> Iterator[Ledger]:
    with ledgers.fresh() as opened:
        facts.company(opened)
        yield opened


def text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def amounts(words: str) -> list[Decimal]:
    return [Decimal(found.replace(",", "").replace("−", "-")) for found in re.findall(r"−?[\d,]+\.\d\d", words)]


def printed(ledger: Ledger, customer_id: int, language: Language = "zh", **more: object) -> str:
    return text(statement(ledger, SYSTEM, Wanted(customer_id, AS_OF, language, **more)).content)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("as_of", [date(2025, 9, 30), AS_OF])
def test_a_statement_says_what_the_screen_says(company: Ledger, language: Language, as_of: date) -> None:
    for customer_id in (18, 32, 10):
        given = {"customer_id": customer_id, "as_of": as_of}
        said = amounts(text(statement(company, SYSTEM, Wanted(customer_id, as_of, language, from_on=date(2025, 1, 1))).content))
        lines = rows(company, SYSTEM, "statement", **given)
        items = rows(company, SYSTEM, "open_items", **given)
        ages = rows(company, SYSTEM, "ageing", **given)
        shown = [row[name] for row in lines for name in ("debit", "credit", "balance") if row[name] or name == "balance"]
        shown += [row[name] for row in items for name in ("amount", "open_amount")] + [row["amount"] for row in ages]
        shown += [sum(row["debit"] for row in lines), sum(row["credit"] for row in lines), sum(row["open_amount"] for row in items)]
        missing = [amount for amount in shown if amount not in said]
        assert missing == []
        assert said.count(lines[-1]["balance"]) >= 3


def test_opening_plus_movements_is_closing_whatever_the_period(company: Ledger) -> None:
    for from_on in (date(2025, 1, 1), date(2025, 8, 15), date(2026, 3, 1), AS_OF):
        given = {"customer_id": 18, "as_of": AS_OF}
        (total,) = rows(company, SYSTEM, "statement_totals", from_on=from_on, **given)
        lines = rows(company, SYSTEM, "statement", **given)
        before = [row["balance"] for row in lines if row["on_date"] < from_on]
        assert total["opening"] == (before[-1] if before else 0)
        assert total["opening"] + total["debit"] - total["credit"] == total["closing"] == lines[-1]["balance"]
        assert total["debit"] == sum(row["debit"] for row in lines if row["on_date"] >= from_on)


def test_a_long_statement_repeats_its_header_and_counts_its_pages(company: Ledger) -> None:
    made = statement(company, SYSTEM, Wanted(18, AS_OF, "zh", from_on=date(2025, 1, 1)))
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(made.content)).pages]
    assert len(pages) == 2
    assert all("已收或减少" in page and f"第 {number} 页，共 2 页" in page for number, page in enumerate(pages, 1))
    assert (made.file_name, made.row_count) == ("statement-C18-20260630.pdf", 34)


def test_two_currencies_are_never_added_up(ledger: Ledger) -> None:
    facts.customer(ledger, 1)
    facts.invoice(ledger, 10, date(2026, 6, 1), date(2026, 6, 20), 100)
    facts.invoice(ledger, 11, date(2026, 6, 2), date(2026, 7, 20), 70, currency="USD")
    said = printed(ledger, 1)
    assert "本期往来（CNY）" in said
    assert "本期往来（USD）" in said
    assert Decimal(170) not in amounts(said)
    assert "USD" not in printed(ledger, 1, currency="CNY")


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("language", get_args(Language))
def test_a_name_is_printed_as_it_is(ledger: Ledger, name: str, language: Language) -> None:
    facts.customer(ledger, 1, name=name)
    facts.invoice(ledger, 10, date(2026, 6, 1), date(2026, 6, 20), 100)
    facts.insert(ledger, "entry_line", {"entry_id": 10, "description": name, "quantity": 2, "unit_price": Decimal("1.125"), "amount": 100})
    plain = name.replace(" ", "")
    assert plain in printed(ledger, 1, language).replace(" ", "").replace("\n", "")
    bill = text(invoice(ledger, SYSTEM, 10, as_of=AS_OF, language=language).content)
    assert bill.replace(" ", "").replace("\n", "").count(plain) >= 2
    assert "1.125" in bill


def test_what_no_font_has_is_named_and_direction_marks_are_dropped(ledger: Ledger) -> None:
    facts.customer(ledger, 1, name="甲\U000f1234乙\u202e00.1\u200b")
    facts.invoice(ledger, 10, date(2026, 6, 1), date(2026, 6, 20), 100)
    said = printed(ledger, 1)
    assert "甲[U+F1234]乙 00.1" in said
    assert "\u202e" not in said


def test_the_font_is_embedded(company: Ledger) -> None:
    made = statement(company, SYSTEM, Wanted(18, AS_OF, "zh"))
    found = PdfReader(io.BytesIO(made.content)).pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    below = [font["/DescendantFonts"][0]["/FontDescriptor"] for font in (one.get_object() for one in found.values())]
    assert below
    assert all({"/FontFile2", "/FontFile3"} & set(one) for one in below)
    assert len(made.content) < 200_000


def test_without_a_font_it_says_what_to_install(company: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(fonts.VARIABLE, str(tmp_path / "none.ttf"))
    with pytest.raises(Unusable, match="MINGZHANG_FONT"):
        statement(company, SYSTEM, Wanted(18, AS_OF, "zh"))
    monkeypatch.delenv(fonts.VARIABLE)
    monkeypatch.setattr(fonts, "_candidates", lambda *_: [])
    fonts._printer.cache_clear()
    try:
        with pytest.raises(Unusable, match="fonts-noto-cjk"):
            statement(company, SYSTEM, Wanted(18, AS_OF, "zh"))
    finally:
        fonts._printer.cache_clear()


def test_a_named_font_is_used(company: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = fonts.printer()
    path = next(face.path for face in usual.fonts.fonts() if face.family == usual.family and face.path)
    monkeypatch.setenv(fonts.VARIABLE, str(path))
    assert "对账单" in printed(company, 18)


def test_coverage_of_fonts_without_the_full_map() -> None:
    """Both kinds of character map are read alike: a face that has both says the same by either."""
    seen = {"full": False, "basic": False}
    for face in fonts.printer().fonts.fonts():
        has = fonts.coverage(face.path or "", face.index)
        if face.path and has:
            with Path(face.path).open("rb") as file:
                cmap = fonts._cmap(file, face.index)
            starts = fonts._starts(cmap)
            seen = {"full": seen["full"] or 12 in starts, "basic": seen["basic"] or 4 in starts}
            if {4, 12} <= set(starts):
                assert set(fonts._segments(cmap[starts[4] :])) <= has
    assert seen["basic"]


def test_an_invoice_says_net_tax_total_and_the_amount_in_capitals(ledger: Ledger) -> None:
    facts.customer(ledger, 1, name_en="Customer One")
    facts.invoice(ledger, 10, date(2026, 6, 1), date(2026, 6, 20), 1130)
    ledger.jot("update entry set tax_amount = $tax_amount", {"tax_amount": 130})
    facts.payment(ledger, 11, date(2026, 6, 5), 30, 10)
    zh = text(invoice(ledger, SYSTEM, 10, as_of=AS_OF, language="zh").content)
    assert {Decimal(1000), Decimal(130), Decimal(1130), Decimal(1100)} <= set(amounts(zh))
    assert "人民币壹仟壹佰叁拾元整" in zh
    en = text(invoice(ledger, SYSTEM, 10, as_of=AS_OF, language="en").content)
    assert "Customer One (客户1)" in en
    assert "Payable by" in en


def test_a_paper_of_a_customer_out_of_sight_is_refused(ledger: Ledger) -> None:
    ledger.jot("insert into app_user values (7, 'u7', 'u', 'lead', 'own', null, 'zh', null, null, true, 0)", {})
    facts.customer(ledger, 1, owner_id=8)
    facts.invoice(ledger, 10, date(2026, 6, 1), date(2026, 6, 20), 100)
    stranger = Actor(7, "u7", Role.LEAD, Scope.OWN)
    with pytest.raises(NotFound):
        statement(ledger, stranger, Wanted(1, AS_OF, "zh"))
    with pytest.raises(NotFound):
        invoice(ledger, stranger, 10, as_of=AS_OF, language="zh")
    with pytest.raises(NotFound):
        invoice(ledger, SYSTEM, 99, as_of=AS_OF, language="zh")


def test_the_company_and_its_bank_stand_on_it(ledger: Ledger) -> None:
    company = '{"name": "明账公司", "name_en": "Mingzhang Ltd", "bank_name": "招商银行", "bank_account": "6214 0001"}'
    body = '{"base_currency": "CNY", "time_zone": "Asia/Shanghai", "company": ' + company + "}"
    ledger.jot("update policy set body = $body where kind = 'settings'", {"body": body})
    facts.customer(ledger, 1)
    facts.invoice(ledger, 10, date(2026, 6, 1), date(2026, 6, 20), 100)
    zh, en = printed(ledger, 1), printed(ledger, 1, "en")
    assert all(words in zh for words in ("明账公司", "招商银行", "6214 0001", "户名"))
    assert all(words in en for words in ("Mingzhang Ltd", "招商银行", "6214 0001", "Account name"))


IN_CAPITALS = {
    "0": "人民币零元整",
    "0.05": "人民币伍分",
    "0.50": "人民币伍角整",
    "10": "人民币壹拾元整",
    "325.04": "人民币叁佰贰拾伍元零肆分",
    "1005.30": "人民币壹仟零伍元叁角整",
    "10010": "人民币壹万零壹拾元整",
    "110000": "人民币壹拾壹万元整",
    "100001000": "人民币壹亿零壹仟元整",
    "1234567890123.45": "人民币壹万贰仟叁佰肆拾伍亿陆仟柒佰捌拾玖万零壹佰贰拾叁元肆角伍分",
    "-20": "人民币负贰拾元整",
}


@pytest.mark.parametrize("amount", IN_CAPITALS)
def test_amounts_in_capitals(amount: str) -> None:
    assert capital_words(Decimal(amount)) == IN_CAPITALS[amount]


DIGITS = {sign: number for number, sign in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def spoken(words: str) -> Decimal:
    """Read capital characters back, by their own rules."""
    whole, _, change = words.removeprefix("人民币").removesuffix("整").rpartition("元")
    if "元" not in words:
        change = words.removeprefix("人民币").removesuffix("整")
    total = section = digit = 0
    for sign in whole:
        if sign in DIGITS:
            digit = DIGITS[sign]
        elif sign in UNITS:
            section, digit = section + digit * UNITS[sign], 0
        else:
            section, digit = section + digit, 0
            if sign == "万":
                total, section = total + section * 10_000, 0
            else:
                total, section = (total + section) * 10**8, 0
    jiao = re.search(r"(.)角", change)
    fen = re.search(r"(.)分", change)
    cents = (DIGITS[jiao[1]] * 10 if jiao else 0) + (DIGITS[fen[1]] if fen else 0)
    return Decimal(total + section + digit) + Decimal(cents) / 100


@given(st.decimals(min_value=0, max_value=Decimal("999999999999.99"), places=2))
def test_capitals_read_back_are_the_amount(amount: Decimal) -> None:
    assert spoken(capital_words(amount)) == amount, formats.number(amount, 2)
    assert "零零" not in capital_words(amount)


def test_the_shell_writes_a_statement_and_never_over_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "ledger.duckdb", tmp_path / "s.pdf"
    with Ledger(path) as ledger:
        facts.customer(ledger, 1)
        facts.invoice(ledger, 10, date(2026, 6, 1), date(2026, 6, 20), 100)
    monkeypatch.setenv("MINGZHANG_LEDGER", str(path))
    asked = ["report", "statement", "--customer", "C001", "--as-of", "2026-06-30", "--format", "pdf", "--out", str(out)]
    assert main(asked) == 0
    assert Decimal(100) in amounts(text(out.read_bytes()))
    assert main(asked) == 1
    assert "Choose another file name" in capsys.readouterr().err
    assert main(["report", "ageing", "--format", "pdf", "--out", str(out)]) == 1


@pytest.mark.parametrize(("language", "to"), [("zh", "致"), ("en", "To")])
def test_a_reminder_as_a_letter_says_what_was_written_and_to_whom(ledger: Ledger, language: Language, to: str) -> None:
    """The text as it was written, markup and all; the address of the one who may be written to, for who may see it."""
    for user_id, clearance in ((8, 0), (9, 2)):
        sql = "insert into app_user values ($id, $name, 'u', 'finance', 'all', null, 'zh', null, null, true, $clearance)"
        ledger.jot(sql, {"id": user_id, "name": f"u{user_id}", "clearance": clearance})
    cleared = Actor(9, "u9", Role.FINANCE, Scope.ALL, (), 2)
    facts.customer(ledger, 1, name="恒源#机械", name_en="Hengyuan", secrecy=1)
    common = {"customer_id": 1, "is_primary": False, "name": "王"}
    facts.insert(ledger, "contact", {**common, "contact_id": 1, "address": "上海市静安路 1 号", "do_not_contact": False})
    facts.insert(ledger, "contact", {**common, "contact_id": 2, "address": "北京", "do_not_contact": True})
    subject = {"zh": "最后催款通知：¥500.00", "en": "Final notice: CNY 500.00"}[language]
    written = Written(1, subject, f"{HOSTILE[0]}\n\n{HOSTILE[2]}", language, AS_OF)
    said = text(letter(ledger, cleared, written).content)
    for words in (subject, HOSTILE[0], HOSTILE[2], "上海市静安路 1 号", to, "恒源#机械"):
        assert words in said
    assert "北京" not in said
    assert language_written(subject) == language
    assert "上海" not in text(letter(ledger, Actor(8, "u8", Role.FINANCE, Scope.ALL, (), 0), written).content)
    with pytest.raises(NotFound):
        letter(ledger, Actor(7, "u7", Role.LEAD, Scope.TEAM, ("north",)), written)
