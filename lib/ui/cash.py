"""What cash will come in the next 13 weeks, how far past forecasts missed, and the invoices behind each week."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.domain import forecast
from lib.domain.dates import QUARTER_WEEKS
from lib.domain.forecast import Forecast
from lib.text import Text
from lib.ui import charts, downloads, page, session, tables
from lib.ui.charts import Measure
from lib.ui.filters import Scope
from lib.ui.movement import VIEWS

_HEADLINE: Final = Text(
    "未来 4 周预计到账 {month}，13 周 {quarter}；未收的 {rest} 预计更晚或收不到",
    "{month} is likely to come in 4 weeks, {quarter} in 13; {rest} of what is open later or never",
)
_TRUST: Final = Text(
    "过去 13 周做的 {weeks} 个周预测共差 {expected}，按到期日估计差 {naive}",
    "{weeks} weekly forecasts of the last 13 weeks missed by {expected}, the due date by {naive}",
)
_NO_PAST: Final = Text("还没有可以比较的过去预测", "There is no past forecast to compare with yet")
_COMPARING: Final = Text("正在与过去的预测比较…", "Comparing with past forecasts…")
_ABOUT: Final = Text(
    "{currency}，每周（截止日）；灰柱是当时提前一周的预测，蓝柱是未来，圆点是实收，横线是按到期日，竖线是五次中四次的范围",
    "{currency} a week (its last day); grey: forecast a week before, blue: to come, dot: what came, tick: by due date, "
    "line: four times in five",
)
_DATED: Final = Text(
    "这些数据是后来录入的，过去的预测按单据日期重算，而不是按当时所知。",
    "These records were brought in later: past forecasts are recomputed by date of document, not by what was known then.",
)
_COVERED: Final = Text("范围画出后，{count} 周中有 {inside} 周落在里面。", "Of {count} weeks with such a range, {inside} lay within it.")
_HOW: Final = Text(
    "每张账单按该客户过去一年的拖欠天数（加 3 张同类客户的账单）摊到各周；已逾期的只看拖欠更久的；承诺和分期按约定日。",
    "Each invoice is spread by the days late of its customer's last year (and three invoices of customers alike); "
    "late ones only by those later still; promises and instalments count on their day.",
)
_WEEK: Final = Text("看哪一周的账单", "Invoices of which week")
_UNTIL: Final = Text("至 {date}：{amount}", "to {date}: {amount}")
_LATER: Final = Text("更晚或收不到：{amount}", "later or never: {amount}")
_ROWS: Final = Text("这一周的账单", "Invoices of that week")
_ROWS_ABOUT: Final = Text("每张账单预计在这一周到账的部分；合计等于上图", "What is expected of each in that week; they add up to the chart")
_NOTHING: Final = Text("没有未收的账单，也就没有要来的钱。", "No invoice is open, so no money is to come.")
_COLUMNS: Final = ("name", "amount", "expected_on", "why", "invoice_no", "open_amount", "due_on", "late_days", "owner_name")


def show(scope: Scope) -> None:
    """The view: the sentence, the chart, and the invoices behind a week; past forecasts, dear in a large ledger, join the chart last."""
    found = page.rows("cash_forecast", scope, by_record=False, past_weeks=0)
    ahead = _weeks(found)
    if not ahead:
        page.empty(_NOTHING)
        return
    rest = sum((row["forecast_amount"] for row in found if row["week_no"] is None), Decimal(0))
    month, quarter = (sum((one.expected for one in ahead[:weeks]), Decimal(0)) for weeks in (4, forecast.WEEKS))
    values = {"month": month, "quarter": quarter, "rest": rest}
    st.markdown(f"#### {session.say(_HEADLINE, **{name: _short(amount, scope) for name, amount in values.items()})}")
    place = st.empty()
    with place.container():
        _chart(scope, "cash_ahead", [], ahead, _COMPARING)
    waiting = st.empty()
    _rows(scope, ahead, rest)
    with waiting, st.spinner(session.say(_COMPARING), show_time=True):
        past, is_dated = _past(scope)
    with place.container():
        _chart(scope, "cash", past, ahead, _NO_PAST)
    waiting.caption(" ".join(_notes(past, is_dated=is_dated)))


def _past(scope: Scope) -> tuple[list[Forecast], bool]:
    """Forecasts of past weeks, each by what was recorded then; by dates (and so said) when nothing had been recorded yet."""
    past: list[Forecast] = []
    for by_record in (True, False):
        found = _weeks(page.rows("cash_forecast", scope, by_record=by_record, past_weeks=QUARTER_WEEKS))
        past = [one for one in found if one.origin_on < scope.as_of]
        if any(one.expected for one in past):
            return past, not by_record
    return past, False


def _weeks(found: Sequence[dict[str, Any]]) -> list[Forecast]:
    return [
        Forecast(row["origin_on"], row["week_no"], row["forecast_amount"], row["naive_amount"], row["paid_amount"])
        for row in found
        if row["week_no"]
    ]


def _notes(past: Sequence[Forecast], *, is_dated: bool) -> list[str]:
    inside, judged = forecast.coverage(past)
    notes = [session.say(_HOW), *([session.say(_DATED)] if is_dated else [])]
    return notes + ([session.say(_COVERED, count=judged, inside=inside)] if judged else [])


def _chart(scope: Scope, key: str, past: Sequence[Forecast], ahead: Sequence[Forecast], without_past: Text) -> None:
    shown = [*(one for one in past if one.week_no == 1 and one.paid is not None), *ahead]
    bands = [None if one.paid is not None else forecast.band(past, one) for one in shown]
    table = pa.table(
        {
            "period": [f"{one.until_on:%m-%d}" for one in shown],
            "expected_amount": _money([one.expected for one in shown]),
            "naive_amount": _money([one.naive for one in shown]),
            "paid_amount": _money([one.paid for one in shown]),
            "low": _money([found[0] if found else None for found in bands]),
            "high": _money([found[1] if found else None for found in bands]),
        }
    )
    trust = forecast.accuracy(past)
    finding = (
        session.say(_TRUST, weeks=trust.weeks, expected=formats.percent(trust.expected_rate, 0), naive=formats.percent(trust.naive_rate, 0))
        if trust
        else session.say(without_past)
    )
    measures = [Measure(name, scope.currency) for name in ("expected_amount", "naive_amount", "paid_amount")]
    charts.outlook(table, charts.Caption(key, finding, session.say(_ABOUT, currency=scope.currency)), *measures)


def _rows(scope: Scope, ahead: Sequence[Forecast], rest: Decimal) -> None:
    words = {one.week_no: session.say(_UNTIL, date=_date(one), amount=_plain(one.expected, scope)) for one in ahead}
    words[0] = session.say(_LATER, amount=_plain(rest, scope))
    asked_for = page.asked_number("week")
    week = st.selectbox(
        session.say(_WEEK),
        list(words),
        index=list(words).index(asked_for) if asked_for in words else 0,
        format_func=lambda code: words.get(code, str(code)),
        key="week_choice",
        on_change=lambda: st.query_params.update({"week": str(st.session_state["week_choice"])}),
    )
    page.section(_ROWS, _ROWS_ABOUT)
    asked = page.question("cash_rows", scope, week_no=week)
    table = asked.answer(limit=tables.PAGE_ROWS, offset=tables.offset("cash_rows"))
    if table.num_rows:
        downloads.export(downloads.Offer(VIEWS["cash"], asked, table["total_count"][0].as_py(), _HOW), scope)
    tables.show(table, _COLUMNS, key="cash_rows", opens="customer")


def _date(one: Forecast) -> str:
    return formats.full_date(one.until_on, session.language())


def _plain(amount: Decimal, scope: Scope) -> str:
    return formats.money(amount, str(scope.currency), session.language(), compact=True)


def _short(amount: Decimal, scope: Scope) -> str:
    return page.md(_plain(amount, scope))


def _money(amounts: Sequence[Decimal | None]) -> pa.Array:
    return pa.array(list(amounts), pa.decimal128(18, 2))
