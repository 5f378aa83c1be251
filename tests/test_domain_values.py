"""A cell is read exactly, or refused with a reason; nothing is guessed."""

import time
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import formats
from lib.domain import dates, values
from lib.domain.dates import DateOrder, date_order, parse_date
from lib.text import Language

TODAY = date(2025, 11, 15)
AMOUNTS = st.decimals(min_value=-(10**13), max_value=10**13, places=2)
DAYS = st.dates(min_value=date(1970, 1, 1), max_value=date(2069, 12, 31))


@pytest.mark.parametrize(
    ("typed", "amount", "state"),
    [
        ("1,234.50", "1234.50", "ok"),
        ("1234.5", "1234.5", "ok"),
        ("130.00 ", "130.00", "ok"),
        ("-41.3", "-41.3", "ok"),
        ("+10000.00", "10000", "ok"),
        ("−500", "-500", "ok"),
        ("1.2万", "12000", "changed"),
        ("12 万", "120000", "changed"),
        ("12万元", "120000", "changed"),
        ("3亿", "300000000", "changed"),
        ("-2.5w", "-25000", "changed"),
        ("1.2k", "1200", "changed"),
        ("¥300", "300", "changed"),
        ("￥３００", "300", "changed"),
        ("１２３", "123", "changed"),
        ("(500.00)", "-500", "changed"),
        ("（500）", "-500", "changed"),
        ("¥(1,500.00)", "-1500", "changed"),
        ("(£1,500.00)", "-1500", "changed"),
        ("100-", "-100", "changed"),
        ("人民币 1,000 元", "1000", "changed"),
        ("RMB 1,000", "1000", "changed"),
        ("US$12.50", "12.5", "changed"),
        ("-£45,550.00", "-45550", "changed"),
        ("£8,832,540.54", "8832540.54", "changed"),
        ("€ 5", "5", "changed"),
        ("CNY −12.50", "-12.50", "changed"),
        ("0.12345", "0.12345", "ok"),
        (".5", "0.5", "ok"),
        ("1 234 567.8", "1234567.8", "ok"),
    ],
)
def test_amounts_are_read_exactly(typed: str, amount: str, state: str) -> None:
    parsed = values.parse_amount(typed)
    assert (parsed.value, parsed.state) == (Decimal(amount), state)


@pytest.mark.parametrize(
    "typed",
    ["1.2.3", "abc", "12,34", "1,23,456", "1.234,56", "-", "--", "5%", "1.23E+08", "--5", "-(5)", "(5", "5)", "1,2", "1-2",
     "12万3", "$5 元", "1.", "¥", "万", "9" * 17, "9" * 60, "1 23", "0x10", "nan", "Infinity", "1_000", "٣."],
)  # fmt: skip
def test_unclear_amounts_are_refused_with_a_reason(typed: str) -> None:
    parsed = values.parse_amount(typed)
    assert (parsed.value, parsed.state) == (None, "error")
    assert parsed.why("zh")
    assert parsed.why("en")


def test_the_change_is_shown_as_typed_and_stored() -> None:
    assert values.parse_amount("1.2万").change() == "1.2万 → 12,000.00"
    assert values.parse_amount("(500)").change() == "(500) → −500.00"


def test_european_amounts_need_a_column_that_says_so() -> None:
    assert values.parse_amount("1.234,56", style="comma").value == Decimal("1234.56")
    assert values.parse_amount("1.234", style="comma").value == Decimal(1234)
    assert values.parse_amount("1,234.56", style="comma").state == "error"
    assert values.parse_amount("1.234,56").reason == values.OTHER_STYLE


def test_a_column_proves_its_own_decimal_style() -> None:
    assert values.amount_style(["1.234", "12,5"]).style == "comma"
    assert values.amount_style(["1,234", "12.5"]).style == "point"
    assert values.amount_style(["1,234", "5"]).state == "unproven"
    assert values.amount_style(["1,5", "1.5"]).state == "contradictory"


def test_the_named_currency_is_told() -> None:
    assert values.named_currency("US$5") == "USD"
    assert values.named_currency("(£5)") == "GBP"
    assert values.named_currency("5 元") == "CNY"
    assert values.named_currency("5") is None


@given(AMOUNTS, st.sampled_from(["zh", "en"]), st.sampled_from(["CNY", "GBP", "USD", "EUR", "HKD", "JPY"]))
def test_full_money_reads_back_to_the_same_amount(amount: Decimal, language: Language, currency: str) -> None:
    shown = formats.money(amount, currency, language)
    assert values.parse_amount(shown).value == amount
    assert values.named_currency(shown) == currency


@given(AMOUNTS, st.sampled_from(["{:,}", "{}", "{:,}元", "¥{:,}", " {} ", "{:f}"]))
def test_amounts_written_plainly_read_back(amount: Decimal, style: str) -> None:
    assert values.parse_amount(style.format(amount)).value == amount


@given(st.integers(0, 10**6), st.sampled_from("万亿w"))
def test_units_multiply_exactly(hundredths: int, unit: str) -> None:
    number = Decimal(hundredths) / 100
    size = 10**8 if unit == "亿" else 10**4
    assert values.parse_amount(f"{number:f}{unit}").value == number * size


@given(st.text(max_size=30))
def test_no_text_makes_a_parser_fail(text: str) -> None:
    for parsed in (
        values.parse_amount(text),
        values.parse_amount(text, style="comma"),
        values.parse_integer(text),
        values.parse_score(text),
        values.parse_rate(text),
        values.parse_text(text),
        values.parse_flag(text),
        parse_date(text, today=TODAY),
    ):
        assert (parsed.state == "error") == bool(parsed.why("zh")) == bool(parsed.why("en"))
    date_order([text])
    values.amount_style([text])


@given(st.text(alphabet="0123456789.,-()¥万 /年月日", max_size=14))
def test_no_number_like_text_makes_a_parser_fail(text: str) -> None:
    assert values.parse_amount(text).state in {"ok", "changed", "error"}
    assert parse_date(text, today=TODAY).state in {"ok", "changed", "error"}


def test_whole_numbers_and_scores() -> None:
    assert values.parse_integer("1,200").value == 1200
    assert values.parse_integer("1.2万").value == 12000
    assert values.parse_integer("12.5").reason == values.NOT_WHOLE
    assert values.parse_score("9").state == "ok"
    assert (values.parse_score("9分").value, values.parse_score("9/10").value) == (9, 9)
    assert values.parse_score("11").why("zh") == "「11」不在 0–10 之间，请改成这个范围里的整数"
    assert values.parse_score("8.5").reason == values.NOT_WHOLE
    assert values.parse_score("6", low=1, high=5).state == "error"
    assert values.parse_score("").value is None


def test_rates_need_a_percent_sign_or_a_fraction() -> None:
    assert values.parse_rate("13%").value == Decimal("0.13")
    assert values.parse_rate("0.13").value == Decimal("0.13")
    assert values.parse_rate("13").reason == values.BARE_RATE


def test_choices_match_words_never_likeness() -> None:
    channels = {"phone": ("电话", "call"), "visit": ("拜访",)}
    assert values.parse_choice(" 电 话 ", channels).value == "phone"
    assert values.parse_choice("ＣＡＬＬ", channels).value == "phone"
    assert values.parse_choice("电", channels).why("zh") == "「电」不在可选值里，可填：电话 / 拜访"
    assert values.parse_choice("{", channels).why("en") == "“{” is not one of the choices: 电话 / 拜访"
    assert values.parse_flag("是").value is True
    assert values.parse_flag("N").value is False


def test_text_stays_as_typed() -> None:
    assert values.parse_text(" =cmd|'/c' <b>😀 ").value == "=cmd|'/c' <b>😀"
    assert values.parse_text("x" * 11, limit=10).reason == values.TOO_LONG
    assert values.parse_text("a\x00b").reason == values.BAD_CHARACTERS
    assert values.parse_text("00123").value == "00123"


@pytest.mark.parametrize(
    ("typed", "on"),
    [
        ("2025年3月6日", date(2025, 3, 6)),
        ("25年3月6日", date(2025, 3, 6)),
        ("3月9日", date(2025, 3, 9)),
        ("12月30日", date(2024, 12, 30)),
        ("11月15号", date(2025, 11, 15)),
        ("45721", date(2025, 3, 5)),
        ("45721.5", date(2025, 3, 5)),
        ("25.3.1", date(2025, 3, 1)),
        ("20250306", date(2025, 3, 6)),
        ("昨天", date(2025, 11, 14)),
        ("今天", date(2025, 11, 15)),
        ("Yesterday", date(2025, 11, 14)),
        ("2025-03-06", date(2025, 3, 6)),
        ("2025-03-06T10:11:12", date(2025, 3, 6)),
        ("2025-03-06T10:11:12.123Z", date(2025, 3, 6)),
        ("2010-12-01 08:26:00", date(2010, 12, 1)),
        ("2015-08-23 下午 3:41", date(2015, 8, 23)),
        ("2025/3/6", date(2025, 3, 6)),
        ("2025.03.06", date(2025, 3, 6)),
        ("２０２５－０３－０６", date(2025, 3, 6)),
        ("2025年11月15日 周六", date(2025, 11, 15)),
        ("22-Apr-15", date(2015, 4, 22)),
        ("6 Mar 2025", date(2025, 3, 6)),
        ("6th March 2025", date(2025, 3, 6)),
        ("March 6, 2025", date(2025, 3, 6)),
        ("Mar 6 2025", date(2025, 3, 6)),
        ("30/09/2018", date(2018, 9, 30)),
        ("09/30/2018 11:22:33 PM", date(2018, 9, 30)),
        ("03/03/2025", date(2025, 3, 3)),
        ("22-04-99", date(1999, 4, 22)),
    ],
)
def test_dates_are_read_in_every_style(typed: str, on: date) -> None:
    assert parse_date(typed, today=TODAY).value == on


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("2025-02-30", dates.NO_SUCH_DAY),
        ("2月30日", dates.NO_SUCH_DAY),
        ("20250230", dates.NO_SUCH_DAY),
        ("31/02/2025", dates.NO_SUCH_DAY),
        ("03/05/2025", dates.AMBIGUOUS),
        ("03/05/25", dates.AMBIGUOUS),
        ("22-04-15", dates.AMBIGUOUS),
        ("2025年3月", dates.NO_DAY),
        ("2025-03", dates.NO_DAY),
        ("Mar 2025", dates.NO_DAY),
        ("12345", dates.NOT_A_DATE),
        ("99999", dates.NOT_A_DATE),
        ("6", dates.NOT_A_DATE),
        ("abc", dates.NOT_A_DATE),
        ("6 Foo 2025", dates.NOT_A_DATE),
        ("0025-03-06", dates.FAR_YEAR),
        ("2025-03/06", dates.NOT_A_DATE),
    ],
)
def test_unclear_dates_are_refused(typed: str, reason: object) -> None:
    parsed = parse_date(typed, today=TODAY)
    assert (parsed.value, parsed.reason) == (None, reason)


def test_the_order_of_the_column_settles_a_date() -> None:
    assert parse_date("03/05/2025", today=TODAY, order="dmy").value == date(2025, 5, 3)
    assert parse_date("03/05/2025", today=TODAY, order="mdy").value == date(2025, 3, 5)
    assert parse_date("03/05/25", today=TODAY, order="ymd").value == date(2003, 5, 25)
    assert parse_date("25/03/2025", today=TODAY, order="mdy").reason == dates.AGAINST_ORDER
    assert parse_date("2025-03-06", today=TODAY, order="dmy").value == date(2025, 3, 6)


def test_a_date_without_a_year_can_look_ahead() -> None:
    assert parse_date("1月5日", today=TODAY, prefer="future").value == date(2026, 1, 5)
    assert parse_date("2月29日", today=TODAY).value == date(2024, 2, 29)


def test_one_value_can_settle_the_whole_column() -> None:
    verdict = date_order(["03/05/2025", "13/05/2025", "", "2025-01-01"])
    assert (verdict.state, verdict.order, verdict.proof) == ("settled", "dmy", "13/05/2025")


def test_a_column_without_proof_is_asked_about_once() -> None:
    verdict = date_order(["03/05/2025", "04/05/2025"])
    assert (verdict.state, verdict.candidates) == ("ambiguous", ("dmy", "mdy"))


def test_a_column_with_two_orders_is_contradictory() -> None:
    verdict = date_order(["13/05/2025", "03/05/2025", "05/13/2025"])
    assert (verdict.state, {verdict.proof, verdict.objection}) == ("contradictory", {"13/05/2025", "05/13/2025"})


def test_a_column_of_clear_dates_needs_no_order() -> None:
    assert date_order(["2025-03-06", "3月9日", "", "03/03/2025"]).state == "unneeded"
    assert date_order([]).state == "unneeded"


@given(DAYS)
def test_every_style_of_date_reads_back(on: date) -> None:
    for shown in (
        formats.full_date(on, "zh"), formats.full_date(on, "en"), formats.iso_date(on), f"{on:%Y/%m/%d}", f"{on:%Y%m%d}",
        f"{on:%d-%b-%y}", f"{on:%B %d, %Y}", f"{on:%Y-%m-%d %H:%M:%S}", f"{on.year}.{on.month}.{on.day}",
    ):  # fmt: skip
        assert parse_date(shown, today=TODAY).value == on


@given(DAYS, st.sampled_from([("dmy", "%d/%m/%Y"), ("mdy", "%m/%d/%Y"), ("ymd", "%y-%m-%d"), ("dmy", "%d.%m.%y")]))
def test_ordered_dates_read_back(on: date, style: tuple[DateOrder, str]) -> None:
    order, pattern = style
    assert parse_date(on.strftime(pattern), today=TODAY, order=order).value == on


@given(st.integers(0, 364))
def test_day_without_year_reads_back_within_the_last_year(back: int) -> None:
    on = TODAY - timedelta(days=back)
    assert parse_date(f"{on.month}月{on.day}日", today=TODAY).value == on


@given(st.lists(DAYS, min_size=1), st.sampled_from([("dmy", "%d/%m/%Y"), ("mdy", "%m/%d/%Y")]))
def test_a_settled_order_is_the_true_one(days: list[date], style: tuple[DateOrder, str]) -> None:
    order, pattern = style
    verdict = date_order([on.strftime(pattern) for on in days])
    assert verdict.state != "contradictory"
    assert verdict.order in {None, order}


def test_a_column_reads_each_distinct_text_once() -> None:
    seen: list[str] = []

    def parser(text: str) -> values.Parsed[Decimal]:
        seen.append(text)
        return values.parse_amount(text)

    assert [cell.value for cell in values.parse_column(["1", "2", "1"], parser)] == [1, 2, 1]
    assert seen == ["1", "2"]


def test_ten_thousand_distinct_cells_are_read_at_once() -> None:
    cells = [f"{n:,}.50" for n in range(10_000)]
    started = time.process_time()
    values.parse_column(cells, values.parse_amount)
    assert time.process_time() - started < 1.0  # 0.05 s on an idle machine; the limit only catches a blow-up
