"""Past reviews as they were: what was seen, decided and promised then, and what of it is another by now, with who made it so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats, terms
from lib.commands.meetings import STATE
from lib.metrics import METRICS, words
from lib.metrics.variation import View
from lib.review import archive, restating
from lib.review.archive import Frozen
from lib.review.pack import Pack
from lib.review.sections import SECTIONS, Source
from lib.text import Text
from lib.ui import downloads, forms, page, review, review_restated, session, tables
from lib.ui.review_restated import Past

Row = Mapping[str, Any]

_PAST: Final = Text("往期周会", "Past reviews")
_PAST_ABOUT: Final = Text("点一行，看那一周当时的样子。", "Click a row to see that week as it was.")
_NONE: Final = Text(
    "还没有冻结过的周会。开完会按“结束并冻结”，这里就会留下当时的数字、决定和行动。",
    "No review has been frozen yet. Close and freeze one, and its numbers, decisions and actions stay here.",
)
_SEEN: Final[dict[str, Text]] = {"seen": Text("当时看到的", "As seen then"), "now": Text("现在更正后", "As corrected now")}
_BASIS: Final = Text("口径", "Basis")
_HEAD: Final = Text("{week} · {circle} · {known_at} 冻结", "{week} · {circle} · frozen {known_at}")
_NOT_YOURS: Final = Text(
    "这是全公司的周会。您看到的是按当时所知、为您能看到的客户重新算的。",
    "This was the whole company's review. What you see is made again for the customers in your sight, by what was known then.",
)
_AGAIN: Final = Text("{day} 曾冻结过一次，{who} 重新打开：{reason}", "It was frozen before and opened again on {day} by {who}: {reason}")
_NUMBERS: Final = Text("全部指标", "All numbers")
_LISTS: Final = Text("当时的名单与记录", "Lists and records")
_EMPTY: Final = Text("这一周没有冻结的名单。", "No lists were frozen in this week.")
_MOST: Final = 104
_LISTED: Final = pa.schema(
    [
        ("meeting_id", pa.int64()),
        *((name, pa.string()) for name in ("week_said", "circle_said", "chair_name", "meeting_state")),
        *((name, pa.int32()) for name in ("meeting_score", "signals", "explained", "decisions", "actions")),
        ("attended", pa.string()),
    ]
)
"""The list of reviews."""
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def show(view: View) -> None:
    """The list of past reviews, and the one that is looked at."""
    held = page.question("meetings", limit=_MOST)
    answer = held.answer()
    frozen = [one for one in archive.frozen(view.ledger, view.actor) if one.is_live]
    table = pa.concat_tables([_meetings(answer), _others(frozen, answer)])
    if not table.num_rows or not frozen:
        page.empty(_NONE)
        return
    page.section(_PAST, _PAST_ABOUT)
    downloads.export(downloads.Offer(_PAST, held, answer.num_rows, prepare=_meetings))
    chosen = tables.pick(table, key="past_reviews", into="past", by="meeting_id")
    _past(view, next((one for one in frozen if str(one.meeting_id) == chosen), frozen[0]))


def _meetings(table: pa.Table) -> pa.Table:
    """Rows of `meetings` in words."""
    return pa.Table.from_pylist([_worded(row) for row in table.to_pylist()], _LISTED)


def _others(frozen: Sequence[Frozen], held: pa.Table) -> pa.Table:
    """The company's reviews for who takes no part in them: the weeks can be seen as they were known then."""
    own = set(held["meeting_id"].to_pylist())
    found = [{"meeting_id": one.meeting_id, "week_on": one.week_on, "circle": one.circle} for one in frozen if one.meeting_id not in own]
    return pa.Table.from_pylist([_worded({**row, "state": "closed"}) for row in found], _LISTED)


def _worded(row: Row) -> dict[str, Any]:
    language = session.language()
    said = {
        "week_said": formats.week(row["week_on"], language),
        "circle_said": review.circle_words(row["circle"]),
        "meeting_state": STATE[row["state"]].say(language),
        "meeting_score": row.get("score"),
    }
    return {name: said.get(name, row.get(name)) for name in _LISTED.names}


def _past(view: View, of: Frozen) -> None:
    told = restating.since(view, of)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="past_head"):
        known_at = page.moment(of.known_at)
        week = formats.week(of.week_on, session.language())
        st.markdown(f"#### {session.say(_HEAD, week=week, circle=page.md(review.circle_words(of.circle)), known_at=known_at)}")
        basis = forms.switch("basis", _SEEN, _BASIS)
    if not of.is_readable:
        st.info(session.say(_NOT_YOURS), icon=":material/visibility:")
    for one in archive.frozen(view.ledger, view.actor, of.week_on):
        if one.meeting_id == of.meeting_id and one.reason:
            said = {"day": page.moment(one.reopened_at), "who": one.reopened_by, "reason": one.reason}
            st.caption(page.md(session.say(_AGAIN, **said)))
    past = Past(view, told, basis)
    review_restated.since(past)
    page.section(_NUMBERS)
    shown = past.pack
    _metrics(past, shown)
    page.section(_LISTS)
    _lists(shown)


# --- the week itself


def _metrics(past: Past, shown: Pack) -> None:
    """Every number as it was seen; those that read otherwise by now as corrected too."""
    said = {one.metric.name: (past.said(one.then.value, one.metric), past.said(one.now.value, one.metric)) for one in past.found.found}
    changed = {name: now for name, (then, now) in said.items() if now != then}
    verdicts = {line.metric: line.verdict for line in shown.lines}
    rows = [
        {
            "metric": METRICS[line.metric].label.say(session.language()),
            "seen_said": past.said(line.value, METRICS[line.metric]),
            "corrected_said": changed.get(line.metric, ""),
            "metric_verdict": words.VERDICT[verdicts[line.metric]].say(session.language()),
        }
        for line in past.found.then.lines
        if line.metric in METRICS and line.metric in verdicts
    ]
    names = ("metric", "seen_said", *(["corrected_said"] if changed else []), "metric_verdict")
    tables.plain(pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in names])), names, key=f"past_metrics_{past.basis}")


def _lists(pack: Pack) -> None:
    """Each section with rows, under its name; a row with a customer leads there."""
    shown = [(source, pack.tables[source.name]) for source in SECTIONS if pack.tables.get(source.name)]
    if not shown:
        st.caption(session.say(_EMPTY))
    for source, rows in shown:
        with st.expander(f"{session.say(source.label)} ({len(rows)})", expanded=source.name in {"decisions", "actions"}):
            _list(source, rows)


def _list(source: Source, rows: Sequence[Row]) -> None:
    table = pa.table({name: _column(name, [row.get(name) for row in rows]) for name in source.columns})
    names = [name for name in source.columns if name in terms.COLUMN and table[name].null_count < table.num_rows]
    tables.show(table, names, key=f"past_{source.name}", opens="customer" if "customer_id" in source.columns else None)


def _column(name: str, cells: list[Any]) -> pa.Array:
    """Cells of a frozen row, days and amounts of which are text, as what they were."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    if not texts:
        return pa.array(cells)
    if name.endswith(("_on", "_by")) and all(_DAY.fullmatch(cell) for cell in texts):
        return pa.array([None if cell is None else date.fromisoformat(cell) for cell in cells], pa.date32())
    if name == "amount" or name.endswith("_amount"):
        return pa.array([None if cell is None else Decimal(cell) for cell in cells], pa.decimal128(18, 2))
    return pa.array([_worded_cell(name, cell) for cell in cells], pa.string())


def _worded_cell(name: str, cell: object) -> str | None:
    """A metric by its label; anything else as it is."""
    if name == "metric" and cell in METRICS:
        return session.say(METRICS[str(cell)].label)
    return None if cell is None else str(cell)
