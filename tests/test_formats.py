"""Numbers and dates read the same everywhere."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import formats
from lib.text import LANGUAGES, Language, Text, listed, plain

AMOUNTS = st.decimals(min_value=-(10**13), max_value=10**13, places=2)


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [
        ("12684300.50", "¥1,268万", "¥12.68M"),
        ("123000000", "¥1.23亿", "¥123M"),
        ("9860", "¥9,860", "¥9.9K"),
        ("99999999", "¥1亿", "¥100M"),
        ("99995000", "¥1亿", "¥100M"),
        ("99994999", "¥9,999万", "¥99.99M"),
        ("9999.6", "¥1万", "¥10K"),
        ("9999.4", "¥9,999", "¥10K"),
        ("999999", "¥100万", "¥1M"),
        ("-46000", "−¥4.6万", "−¥46K"),
        ("290000", "¥29万", "¥0.29M"),
        ("999.6", "¥1,000", "¥1K"),
        ("999999999", "¥10亿", "¥1B"),
        ("-0.4", "¥0", "¥0"),
        ("0", "¥0", "¥0"),
    ],
)
def test_compact_money_rounds_first_then_picks_the_unit(amount: str, zh: str, en: str) -> None:
    assert formats.money(Decimal(amount), "CNY", "zh", compact=True) == zh
    assert formats.money(Decimal(amount), "CNY", "en", compact=True) == en


def test_full_money_shows_cents_and_currency() -> None:
    assert formats.money(Decimal("12684300.5"), "CNY", "zh") == "¥12,684,300.50"
    assert formats.money(Decimal("12684300.5"), "CNY", "en") == "CNY 12,684,300.50"
    assert formats.money(Decimal("-1234.5"), "GBP", "zh") == "−£1,234.50"
    assert formats.money(Decimal("-1234.5"), "GBP", "en") == "GBP −1,234.50"
    assert formats.money(Decimal("-0.004"), "CNY", "zh") == "¥0.00"


def test_other_currencies_keep_their_symbol_when_compact() -> None:
    assert formats.money(Decimal(12000), "GBP", "zh", compact=True) == "£1.2万"
    assert formats.money(Decimal(12000), "CHF", "en", compact=True) == "CHF 12K"


@given(AMOUNTS)
def test_compact_money_never_shows_more_units_than_the_next_unit_holds(amount: Decimal) -> None:
    shown = formats.money(amount, "CNY", "zh", compact=True)
    if shown.endswith("万"):
        assert Decimal(shown[:-1].replace("¥", "").replace(",", "").replace("−", "-")).copy_abs() < Decimal(10_000)


@given(AMOUNTS, st.sampled_from(["zh", "en"]))
def test_a_hyphen_never_stands_for_minus(amount: Decimal, language: Language) -> None:
    assert "-" not in formats.money(amount, "CNY", language) + formats.money(amount, "CNY", language, compact=True)


def test_rates_and_points() -> None:
    assert formats.percent(Decimal("0.864")) == "86.4%"
    assert formats.percent(0.8645) == "86.5%"
    assert [formats.percent(Decimal(rate)) for rate in ("0", "0.00034", "0.000004", "-0.0003", "0.0005")] == [
        *("0.0%", "0.034%", "0.00040%", "−0.030%", "0.1%"),
    ]
    assert formats.percent(1e-17) == "0.0%"
    assert formats.percent(0.003, 0) == "0.30%"
    assert formats.points(0.021, "zh") == "+2.1 个百分点"
    assert formats.points(-0.021, "en") == "−2.1 pp"
    assert formats.points(0.0001, "en") == "0.0 pp"


def test_days() -> None:
    assert formats.days(12, "zh") == "12 天"
    assert formats.days(12, "en") == "12 d"


def test_dates_and_weeks() -> None:
    saturday = date(2025, 11, 15)
    assert formats.day(saturday, "zh") == "11月15日 周六"
    assert formats.day(saturday, "en") == "15 Nov"
    assert formats.full_date(saturday, "zh") == "2025年11月15日"
    assert formats.full_date(saturday, "en") == "15 Nov 2025"
    assert formats.iso_date(saturday) == "2025-11-15"
    assert formats.week(saturday, "zh") == "2025年第46周（11/10–11/16）"
    assert formats.week(saturday, "en") == "W46 2025 (10–16 Nov)"
    assert formats.week(date(2025, 11, 1), "en") == "W44 2025 (27 Oct–2 Nov)"
    assert formats.week(date(2027, 1, 1), "zh") == "2026年第53周（12/28–1/3）"


def test_missing_is_a_dash_everywhere() -> None:
    assert formats.money(None, "CNY", "zh") == "—"
    shown = {formats.day(None, "zh"), formats.week(None, "en"), formats.percent(None), formats.days(None, "zh")}
    assert shown == {"—"}


@pytest.mark.parametrize(("count", "zh", "en"), [(0, "0", "0 rows"), (1, "1", "1 row"), (1_234, "1,234", "1,234 rows")])
def test_english_agrees_with_a_count(count: int, zh: str, en: str) -> None:
    said = formats.counted(count, "row", "rows")
    assert (said.zh, said.en) == (zh, en)


@pytest.mark.parametrize("name", ["A{B", "A}B", "{who}", "{{", "A{0}"])
def test_a_brace_in_a_name_is_a_brace(name: str) -> None:
    both = listed([name, Text("华东", "East")])
    assert [both.say(language) for language in LANGUAGES] == [f"{name}、华东", f"{name}, East"]
    told = Text("团队：{teams}", "Teams: {teams}").filled(teams=listed([name]))
    assert [told.say(language) for language in LANGUAGES] == [f"团队：{name}", f"Teams: {name}"]
    assert plain(name).say("zh") == name
