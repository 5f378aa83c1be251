"""The clinic of an import: columns and their fields, questions about dates, red cells to mend, and what will change."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.commands.importing.plans import Status
from lib.commands.imports import Plan, PlannedRow
from lib.domain.dates import ORDER_LABEL, DateOrder, parse_date
from lib.domain.imports import ImportKind
from lib.domain.sheets import Sheet
from lib.text import Text
from lib.ui import cards, page, session
from lib.ui.cards import Card

MOST_ROWS: Final = 100
_COLUMNS: Final = Text("列的对应：{used} 列已对上，{left} 列不导入", "Columns: {used} matched, {left} left out")
_HEADER: Final = Text("文件里的列", "Column in the file")
_SAMPLE: Final = Text("例如", "For example")
_FIELD: Final = Text("当作", "Serves as")
_LEAVE: Final = Text("（不导入）", "(left out)")
_ASK: Final = Text(
    "“{header}”列的日期看不出日月顺序，{example} 是哪一天？", "The order of dates in “{header}” is open. Which day is {example}?"
)
_READS: Final = Text("{order}：{day}", "{order}: {day}")
_STATUS: Final[dict[Status, Text]] = {
    "error": Text("未导入", "Left out"),
    "changed": Text("更新", "Changed"),
    "new": Text("新增", "New"),
    "duplicate": Text("重复", "Repeated"),
    "same": Text("相同", "The same"),
    "apart": Text("另列", "Kept apart"),
}
_MEND: Final = Text(
    "{count} 行需要您看一下。只有红色的格可以改，改完自动重新核对。",
    "{count} rows need you. Only red cells can be changed; they are checked again at once.",
)
_ALL_ALIKE: Final = Text(
    "每一行都是同一个问题：{why}。请检查上面的“列的对应”，或换一个文件。",
    "Every row has the same problem: {why}. Check the columns above, or take another file.",
)
_MANY: Final = 3
_LINE: Final = Text("行", "Line")
_COLUMN: Final = Text("列", "Column")
_TYPED: Final = Text("原值", "As typed")
_WHY: Final = Text("问题", "Problem")
_REASON: Final = Text("原因", "Reason")
_MENDED: Final = Text("改为", "Change to")
_BEFORE: Final = Text("原来", "Before")
_AFTER: Final = Text("改成", "After")
_WHO: Final = Text("记录", "Record")
_SHOW: Final = Text("看哪些行", "Which rows")
_FIRST: Final = Text("先看前 {count} 行", "The first {count} rows")
_REJECTED: Final = Text("下载未导入的行（{suffix}）", "Download rows left out ({suffix})")
_MIME: Final = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv"}
_NUMBERS: Final = frozenset({"amount", "price", "quantity", "rate", "integer", "score"})
_KEYS: Final = ("invoice_no", "payment_no", "ref", "customer", "name", "contact_name")


def columns(kind: ImportKind, sheet: Sheet, matched: Mapping[str, str], *, key: str) -> dict[str, str]:
    """Which column serves as what; returns only what the person changed."""
    words = {field.name: session.say(field.label) for field in kind.fields}
    leave = session.say(_LEAVE)
    shown = [
        {"header": header, "sample": _sample(sheet, position), "field": words.get(matched.get(header, ""), leave)}
        for position, header in enumerate(sheet.header)
        if header.strip()
    ]
    used = sum(row["field"] != leave for row in shown)
    with st.expander(
        session.say(_COLUMNS, used=used, left=len(shown) - used), expanded=used < len(shown) // 2, icon=":material/view_column:"
    ):
        edited = st.data_editor(
            pa.Table.from_pylist(shown),
            key=key,
            hide_index=True,
            disabled=["header", "sample"],
            column_config={
                "header": st.column_config.TextColumn(session.say(_HEADER)),
                "sample": st.column_config.TextColumn(session.say(_SAMPLE), width="large"),
                "field": st.column_config.SelectboxColumn(session.say(_FIELD), options=[leave, *words.values()], required=True),
            },
        )
    names = {word: name for name, word in words.items()}
    chosen = zip(shown, edited["field"].to_pylist(), strict=True)
    return {row["header"]: names.get(field, "") for row, field in chosen if field != row["field"]}


def _sample(sheet: Sheet, position: int) -> str:
    seen = dict.fromkeys(row[position].strip() for row in sheet.rows[:50])
    return " · ".join([cell for cell in seen if cell][:3])


def questions(weighed: Plan, *, key: str) -> dict[str, DateOrder]:
    """Dates that can be read in several ways: one answer per column."""
    asked: dict[str, tuple[Any, ...]] = st.session_state.setdefault(f"{key}-asked", {})
    for question in weighed.questions:
        asked.setdefault(question.field, (question.header, question.example.strip(), question.candidates))
    answers: dict[str, DateOrder] = {}
    for field, (header, example, candidates) in asked.items():
        chosen = st.pills(
            page.md(session.say(_ASK, header=header, example=example)),
            list(candidates),
            key=f"{key}-{field}",
            format_func=partial(_reading, example),
        )
        if chosen:
            answers[field] = chosen
    return answers


def _reading(example: str, order: DateOrder) -> str:
    day = parse_date(example, order=order, today=session.today()).value
    return session.say(_READS, order=ORDER_LABEL[order], day=formats.full_date(day, session.language()))


def corrections(weighed: Plan, *, key: str) -> dict[tuple[int, str], str]:
    """The red cells, each with what is wrong; what the person put in their place, kept however often it is checked again."""
    kept: dict[tuple[int, str], str] = st.session_state.setdefault(f"{key}-kept", {})
    rows = weighed.preview(0, MOST_ROWS, "error")
    if rows and (why := _all_alike(weighed, rows)):
        st.error(page.md(session.say(_ALL_ALIKE, why=why)))
    elif rows:
        st.markdown(f":material/error: {session.say(_MEND, count=formats.number(weighed.counts.rejected))}")
        cells = [cell for row in rows for cell in _red(weighed, row)]
        turn = f"{key}-{len(kept)}"
        edited = st.data_editor(
            pa.Table.from_pylist(cells).drop_columns(["row_no", "field"]),
            key=turn,
            hide_index=True,
            disabled=["line", "column", "typed", "why"],
            column_config={
                "line": st.column_config.NumberColumn(session.say(_LINE), format="%d", width="small"),
                "column": st.column_config.TextColumn(session.say(_COLUMN)),
                "typed": st.column_config.TextColumn(session.say(_TYPED)),
                "why": st.column_config.TextColumn(session.say(_WHY), width="large"),
                "mended": st.column_config.TextColumn(session.say(_MENDED)),
            },
        )
        new = {
            (cell["row_no"], cell["field"]): text
            for cell, text in zip(cells, edited["mended"].to_pylist(), strict=True)
            if cell["field"] and text not in (None, "")
        }
        if new:
            kept.update(new)
            st.rerun()
    return dict(kept)


def _all_alike(weighed: Plan, rows: list[PlannedRow]) -> str | None:
    """What is wrong with every single row of the file, and with no cell of it: a column is missing, nothing to mend row by row."""
    counts = weighed.counts
    if counts.new + counts.changed + counts.same + counts.duplicate or len(rows) < _MANY:
        return None
    if any(cell.state == "error" for row in rows for cell in row.cells.values()):
        return None
    found = {" ".join(reason.say(session.language()) for reason in row.reasons) for row in rows}
    return found.pop() if len(found) == 1 else None


def _red(weighed: Plan, row: PlannedRow) -> list[dict[str, Any]]:
    """The refused cells of a row; a row refused for another reason stands as one line about its key."""
    language = session.language()
    red = [(name, cell) for name, cell in row.cells.items() if cell.state == "error"]
    found = [_cell(weighed, row, name, cell.typed, cell.why(language)) for name, cell in red]
    if found:
        return found
    name = next((key for key in _KEYS if key in row.cells), next(iter(row.cells), ""))
    typed = row.cells[name].typed if name else ""
    return [_cell(weighed, row, name, typed, " ".join(reason.say(language) for reason in row.reasons))]


def _cell(weighed: Plan, row: PlannedRow, name: str, typed: str, why: str) -> dict[str, Any]:
    spec = weighed.stage.kind.field(name)
    column = session.say(spec.label) if spec else ""
    return {"row_no": row.row_no, "field": name, "line": row.line_no, "column": column, "typed": typed, "why": why, "mended": ""}


def summary(weighed: Plan) -> None:
    """The counts, and what was noticed while reading."""
    counts = weighed.counts
    figures: dict[Status, int] = {
        "new": counts.new,
        "changed": counts.changed,
        "same": counts.same,
        "duplicate": counts.duplicate,
        "error": counts.rejected,
    }
    if not weighed.stage.kind.names_customers:
        # A statement's line is new or known; two alike are two.
        figures = {"new": counts.new, "same": counts.same, "error": counts.rejected, "apart": counts.apart}
    shown = [Card(session.say(_STATUS[name]), formats.number(figure)) for name, figure in figures.items()]
    cards.show(shown, key="import-counts", across=len(shown))
    for remark in weighed.notes:
        if not remark.is_warning:
            st.caption(f":material/info: {page.md(remark.say(session.language()))}")
    if warnings := [page.md(remark.say(session.language())) for remark in weighed.notes if remark.is_warning]:
        st.warning("  \n".join(warnings), icon=":material/warning:")


def preview(weighed: Plan, *, key: str) -> None:
    """Rows as they will be written; changes field by field."""
    counts = weighed.counts
    offered: dict[Status, int] = {
        "changed": counts.changed,
        "new": counts.new,
        "apart": counts.apart,
        "duplicate": counts.duplicate,
        "same": counts.same,
    }
    names = [name for name, count in offered.items() if count]
    if not names:
        return
    chosen = st.segmented_control(
        session.say(_SHOW),
        names,
        default=names[0],
        required=True,
        key=f"{key}-{'-'.join(names)}",
        format_func=lambda name: f"{session.say(_STATUS[name])} {formats.number(offered[name])}",
        label_visibility="collapsed",
    )
    rows = weighed.preview(0, MOST_ROWS, chosen or names[0])
    table = _differences(weighed, rows) if chosen == "changed" else _cells(weighed, rows)
    st.dataframe(table, hide_index=True, key=f"{key}-rows-{chosen}", column_config=_numbers_right(weighed))
    if offered[chosen or names[0]] > MOST_ROWS:
        st.caption(session.say(_FIRST, count=MOST_ROWS))


def _cells(weighed: Plan, rows: list[PlannedRow]) -> pa.Table:
    """What was read, and where it differs from what was typed: 1.2万 → 12,000.00."""
    labels = {name: session.say(column.spec.label) for name, column in weighed.stage.columns.items()}
    line = session.say(_LINE)
    why = session.say(_REASON)
    shown = [
        {line: row.line_no}
        | _because(row, why)
        | {label: row.cells[name].change() if name in row.cells else "" for name, label in labels.items()}
        for row in rows
    ]
    return pa.Table.from_pylist(shown)


def _numbers_right(weighed: Plan) -> dict[str, Any]:
    """Cells are texts, since they may say what was typed; those of numbers stand at the right as numbers do."""
    labels = [session.say(column.spec.label) for column in weighed.stage.columns.values() if column.spec.kind in _NUMBERS]
    return {label: st.column_config.TextColumn(label, alignment="right") for label in labels}


def _because(row: PlannedRow, why: str) -> dict[str, str]:
    return {why: " ".join(reason.say(session.language()) for reason in row.reasons)} if row.reasons else {}


def _differences(weighed: Plan, rows: list[PlannedRow]) -> pa.Table:
    words = [session.say(word) for word in (_LINE, _WHO, _COLUMN, _BEFORE, _AFTER)]
    shown = [
        dict(zip(words, (row.line_no, _who(row), _label(weighed, change.field), change.before or "", change.after or ""), strict=True))
        for row in rows
        for change in row.changes
    ]
    return pa.Table.from_pylist(shown)


def _who(row: PlannedRow) -> str:
    return next((row.cells[name].typed for name in _KEYS if name in row.cells and row.cells[name].typed), "")


def _label(weighed: Plan, name: str) -> str:
    spec = weighed.stage.kind.field(name)
    return session.say(spec.label) if spec else name


def rejected(weighed: Plan, *, key: str) -> None:
    """The rows left out as a file to mend, each with its reason."""
    if not weighed.counts.rejected + weighed.counts.apart:
        return
    language = session.language()
    for suffix in ("xlsx", "csv"):
        st.download_button(
            session.say(_REJECTED, suffix=suffix.upper()),
            weighed.rejected("xlsx" if suffix == "xlsx" else "csv", language),
            f"mingzhang_rejected_{weighed.stage.options.sha256[:8]}.{suffix}",
            _MIME[suffix],
            key=f"rejected-{key}-{suffix}",
            on_click="ignore",
        )
