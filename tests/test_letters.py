"""Letters say exact figures in the customer's language, and nothing a customer typed becomes a line of its own in a subject."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import get_args

import pytest

from lib import formats
from lib.domain import letters
from lib.domain.letters import Facts, Line, Tone
from lib.domain.sender import Sender
from lib.text import LANGUAGES, Language

AS_OF = date(2026, 6, 30)
LINES = (Line("INV-1", date(2026, 6, 1), Decimal("1000.10")), Line("INV-2", date(2026, 6, 20), Decimal("234.40")))
FACTS = Facts("上海{珺}公司\r\nBcc: x", "CNY", AS_OF, Decimal("1234.50"), LINES, "张三", Sender("明账", bank_account="6214"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tone", get_args(Tone))
def test_every_tone_names_the_amount_the_invoices_and_where_to_pay(tone: Tone, language: Language) -> None:
    subject, body = letters.reminder(tone, language, FACTS)
    amount = formats.money(FACTS.amount, "CNY", language)
    assert amount in subject
    assert amount in body
    assert all(formats.money(line.open_amount, "CNY", language) in body and line.invoice_no in body for line in LINES)
    assert all(words in body for words in ("张三", "6214", "明账", "上海{珺}公司 Bcc: x"))
    assert "29" in body
    assert "\n" not in subject


def test_tones_differ_and_none_is_friendly_once_late() -> None:
    bodies = {tone: letters.reminder(tone, "zh", FACTS)[1] for tone in get_args(Tone)}
    assert bodies["friendly"] == bodies["reminder"]
    assert len(set(bodies.values())) == len(bodies) - 1


@pytest.mark.parametrize("tone", get_args(Tone))
def test_before_the_due_date_nobody_is_called_late(tone: Tone) -> None:
    early = Facts("甲", "USD", AS_OF, Decimal(5), (Line("INV-9", AS_OF + timedelta(days=3), Decimal(5)),))
    subject, body = letters.reminder(tone, "zh", early)
    assert "逾期" not in subject + body
    assert "2026年7月3日" in subject


def test_one_invoice_and_one_day_are_singular() -> None:
    facts = Facts("A", "CNY", AS_OF, Decimal(5), (Line("INV-9", AS_OF - timedelta(days=1), Decimal(5)),))
    body = letters.reminder("reminder", "en", facts)[1]
    assert "1 invoice is" in body
    assert "1 day" in body
    assert "1 days" not in body


def test_a_long_list_is_cut_with_the_rest_summed_up() -> None:
    many = tuple(Line(f"INV-{number}", AS_OF, Decimal("10.01")) for number in range(50))
    body = letters.reminder("firm", "zh", Facts("甲", "CNY", AS_OF, Decimal("500.50"), many))[1]
    assert body.count("INV-") == letters.MOST_LINES
    assert "另有 30 张，合计 ¥300.30" in body


@pytest.mark.parametrize("language", LANGUAGES)
def test_invoice_statement_and_thanks_say_what_they_are_about(language: Language) -> None:
    assert "INV-1" in letters.invoice(language, FACTS)[0]
    assert formats.full_date(AS_OF, language) in letters.statement(language, FACTS)[0]
    subject, body = letters.thanks(language, FACTS)
    assert formats.money(FACTS.amount, "CNY", language) in subject
    assert "6214" not in body


@pytest.mark.parametrize(
    ("recorded", "written"), [(None, "zh"), ("", "zh"), ("en", "en"), ("English", "en"), ("英文", "en"), ("中文", "zh"), ("ja", "zh")]
)
def test_the_language_is_the_contacts(recorded: str | None, written: Language) -> None:
    assert letters.language_of(recorded) == written
