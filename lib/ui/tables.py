"""Tables: words for columns, numbers right, dates as people write them, a click that leads on, a way out as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from lib import exports, formats
from lib.exports import Column, Shape
from lib.text import Language, Text
from lib.ui import page, quick, session

PAGE_ROWS: Final = 1000
"""More rows than this are shown page by page."""
_ROW_HEIGHT: Final = 35
_TALLEST: Final = 15
_ROWS: Final = Text("共 {count} 行", "{count}")
_OF: Final = Text("第 {first}–{last} 行，共 {count} 行", "Rows {first}–{last} of {count}")
_NOTHING: Final = Text("没有符合条件的记录。请放宽筛选条件。", "No records match. Loosen the filters.")
_CLICK: Final = Text("点一行查看明细。", "Click a row for its details.")
_WIDTH: Final = {
    "name": 205,
    "reason": 225,
    "next_step": 345,
    "reminder_due": 155,
    "owner_name": 128,
    "comment": 340,
    "oddity": 190,
    "credit_reason": 375,
    "decision_note": 200,
    "letter": 270,
    "about": 300,
    "invite_state": 120,
    "tried_on": 105,
    "delivered_on": 105,
    "answered_on": 105,
}
"""Pixels of columns that hold sentences, or nothing in their first rows, by which the browser measures the rest."""
_MOMENT_WIDTH: Final = 140
_FIGURES: Final = (
    *("score", "exchange_rate"),
    *("now_said", "then_said", "change_said", "seen_said", "corrected_said", "before_said", "added_said", "rate_said", "mix_said"),
)
"""Numbers that come as text, with all their digits or each in its own unit."""
_ENTRY: Final = Text("录入", "Enter")
_ENTRY_WIDTH: Final = 64
_ENTER: Final = "_enter"
DATE_FORMAT: Final[dict[Language, str]] = {"zh": "YYYY-MM-DD", "en": "DD MMM YYYY"}
MOMENT_FORMAT: Final[dict[Language, str]] = {"zh": "YYYY-MM-DD HH:mm", "en": "DD MMM YYYY HH:mm"}


def show(table: pa.Table, names: Sequence[str] | None = None, *, key: str, opens: str | None = None, by: str = "customer_id") -> None:
    """A table; a click on a row opens the page `opens` for what the row's `by` column names (`?customer=7`)."""
    chosen = _drawn(table, names, key, selectable=opens is not None, by=by)
    if opens and chosen is not None:
        page.open(opens, **{opens: chosen})


def pick(table: pa.Table, names: Sequence[str] | None = None, *, key: str, into: str, by: str) -> str | None:
    """A table whose clicked row is named in the URL under `into`; returns that name, so a link shows the same choice.

    A table with a `total_count` column is one page of a longer answer, asked for from `offset(key)` on.
    """
    chosen = _drawn(table, names, key, selectable=True, by=by)
    if chosen is not None:
        st.query_params[into] = str(chosen)
    elif st.session_state.pop(f"{key}_cleared", False):
        st.query_params.pop(into, None)
    asked = page.asked(into)
    return asked if asked in {str(value) for value in table[by].to_pylist()} else None


def several(table: pa.Table, names: Sequence[str] | None = None, *, key: str) -> pa.Table:
    """A table whose rows can be ticked; gives the ticked ones."""
    if not table.num_rows:
        return table
    columns = exports.columns(table, names)
    event = st.dataframe(
        _arrow(table, columns),
        column_config=_config(columns),
        hide_index=True,
        placeholder=formats.MISSING,
        key=key,
        row_height=_ROW_HEIGHT,
        height=_ROW_HEIGHT * min(table.num_rows + 1, _TALLEST) + 2,
        on_select="rerun",
        selection_mode="multi-row",
    )
    return table.take(pa.array([row for row in event["selection"]["rows"] if row < table.num_rows], pa.int64()))


def offset(key: str) -> int:
    """The first row of the page a person has turned to."""
    return (int(st.session_state.get(f"{key}_page", 1)) - 1) * PAGE_ROWS


def plain(table: pa.Table, names: Sequence[str] | None = None, *, key: str) -> None:
    """A small table without selection, as tall as its rows: the data behind a chart."""
    columns = exports.columns(table, names)
    st.dataframe(
        _arrow(table, columns),
        column_config=_config(columns),
        hide_index=True,
        placeholder=formats.MISSING,
        key=key,
        height="content" if table.num_rows <= _TALLEST else "auto",
    )


def _drawn(table: pa.Table, names: Sequence[str] | None, key: str, *, selectable: bool, by: str) -> Any | None:  # noqa: ANN401 (an id of any type)
    """Draw the table; the clicked row's `by`, once per click."""
    if not table.num_rows:
        page.empty(_NOTHING)
        return None
    total = table["total_count"][0].as_py() if "total_count" in table.column_names else table.num_rows
    first = offset(key)
    shown = table if table.num_rows <= PAGE_ROWS else table.slice(first, PAGE_ROWS)
    columns = exports.columns(shown, names)
    where = _where(first, shown.num_rows, total)
    drawn, config = _with_entries(shown, _arrow(shown, columns), _config(columns), key)
    st.dataframe(
        drawn,
        column_config=config,
        hide_index=True,
        placeholder=formats.MISSING,
        key=key,
        row_height=_ROW_HEIGHT,
        height=_ROW_HEIGHT * min(shown.num_rows + 1, _TALLEST) + 2,
        on_select=_remember(key) if selectable else "ignore",
        selection_mode="single-row",
        alt=where,
    )
    st.caption(f"{where} · {session.say(_CLICK)}" if selectable else where)
    if total > PAGE_ROWS:
        st.pagination(-(-total // PAGE_ROWS), key=f"{key}_page")
    if wanted := st.session_state.pop(_ENTER, None):
        page.open("entry", **wanted)
    clicked = st.session_state.pop(f"{key}_clicked", None)
    return shown[by][clicked].as_py() if clicked is not None and clicked < shown.num_rows else None


def _with_entries(table: pa.Table, drawn: pa.Table, config: dict[str, Any], key: str) -> tuple[pa.Table, dict[str, Any]]:
    """The same with a small menu in each row that is about a customer: the entry forms, that customer filled in."""
    offered = quick.about_customer()
    if "customer_id" not in table.column_names or not offered:
        return drawn, config
    labels = [session.say(label) for label in offered.values()]
    menu = pa.array([labels] * drawn.num_rows, pa.list_(pa.string()))

    def chosen() -> None:
        click = st.session_state[f"{key}_entry"]
        form = list(offered)[labels.index(click["label"])]
        st.session_state[_ENTER] = {"form": form, "customer": table["customer_id"][click["row"]].as_py()}

    label = session.say(_ENTRY)
    button = st.column_config.ButtonColumn(label, width=_ENTRY_WIDTH, type="tertiary", on_click=chosen, key=f"{key}_entry")
    return drawn.append_column(_ENTER, menu), {**config, _ENTER: button}


def _remember(key: str) -> Callable[[], None]:
    """A click counts once: the selection itself stays and would otherwise open again at every rerun."""

    def remember() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        if rows:
            st.session_state[f"{key}_clicked"] = rows[0]
        else:
            st.session_state[f"{key}_cleared"] = True

    return remember


def _where(first: int, count: int, total: int) -> str:
    if count == total:
        return session.say(_ROWS, count=formats.counted(total, "row", "rows"))
    return session.say(_OF, first=formats.number(first + 1), last=formats.number(first + count), count=formats.number(total))


def _arrow(table: pa.Table, columns: Sequence[Column]) -> pa.Table:
    """Only the columns shown: whatever is sent can be read in the browser."""
    arrays = {column.name: exports.worded(column.name, _local(table[column.name]), session.language()) for column in columns}
    rates = {column.name for column in columns if column.shape is Shape.RATE}
    return pa.table({name: _percents(values) if name in rates else _dashed(values) for name, values in arrays.items()})


def _percents(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Shares as percents: the browser's own percent shows as many places as there happen to be, so figures would not align."""
    return pc.multiply(pc.cast(values, pa.float64()), 100.0)


def _dashed(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Missing words as a dash, as the browser shows other missing cells."""
    return pc.fill_null(values, formats.MISSING) if pa.types.is_string(values.type) else values


def _local(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Moments in business time; anything else as it is."""
    if not pa.types.is_timestamp(values.type):
        return values
    return pc.local_timestamp(pc.cast(pc.assume_timezone(values, "UTC"), pa.timestamp("us", session.settings()["time_zone"])))


def _config(columns: Sequence[Column]) -> dict[str, Any]:
    return {column.name: _column(column) for column in columns}


def _column(column: Column) -> Any:  # noqa: ANN401 (Streamlit's own column type is not public)
    label, language, kinds = session.say(column.label), session.language(), st.column_config
    numbers = {Shape.MONEY: "%,.2f", Shape.NUMBER: "%,.1f", Shape.COUNT: "%,d", Shape.RATE: "%.1f%%"}
    if column.shape in numbers:
        return kinds.NumberColumn(label, format=numbers[column.shape])
    if column.shape is Shape.DATE:
        return kinds.DateColumn(label, format=DATE_FORMAT[language], width=_WIDTH.get(column.name))
    if column.shape is Shape.MOMENT:
        return kinds.DatetimeColumn(label, format=MOMENT_FORMAT[language], width=_MOMENT_WIDTH)
    if column.shape is Shape.FLAG:
        return kinds.CheckboxColumn(label)
    return kinds.TextColumn(label, width=_WIDTH.get(column.name), alignment="right" if column.name in _FIGURES else None)
