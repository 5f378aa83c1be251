"""Past reviews as they were: what was seen, decided and promised then, and what of it is another by now, with who made it so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats, terms
from lib.commands.meetings import STATE
from lib.metrics import BOARD, METRICS, words
from lib.metrics.changing import lower
from lib.metrics.metric import Metric
from lib.metrics.variation import View
from lib.review import archive, restating
from lib.review.archive import Frozen
from lib.review.pack import Pack, from_text, to_text
from lib.review.restating import Cause, Restated, Restatements, Side, Thing
from lib.review.sections import SECTIONS, Source
from lib.text import Text
from lib.ui import downloads, forms, page, review, session, tables

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
_SAME: Final = Text("冻结以来没有一项数字变过。", "Not one number has changed since it was frozen.")
_CHANGED: Final = Text("冻结以来有 {count} 项数字变了", "{count} changed since it was frozen")
_LAST: Final = Text("上次周会（{week}）的数字，现在变了 {count} 项", "{count} of the last review ({week}) changed since")
_LAST_SAME: Final = Text("上次周会（{week}）的数字至今没有变。", "The numbers of the last review ({week}) still hold.")
_WHO: Final = Text("是谁补录的", "Who entered it")
_LINE: Final = Text("**{metric}**&ensp;会上 {then} → 现在 {now}", "**{metric}**&ensp;{then} in the meeting → {now} now")
_TURNED: Final = Text("当时“{then}”，现在“{now}”", "then “{then}”, now “{now}”")
_WHY: Final = Text("{count}：{things}", "{count}: {things}")
_UPPER: Final = Text("分子", "upper side")
_LOWER: Final = Text("分母", "lower side")
_THING: Final = Text("{name} {difference}（{by}）", "{name} {difference} ({by})")
_CAUSE: Final = Text("{who} {moment} {what}", "{who}, {moment}, {what}")
_UNDONE: Final = Text("撤销", "undone")
_MOVED_IN: Final = Text("录入", "entered")
_BY_RULE: Final = Text("规则、日历或归属变了", "a rule, the calendar or who is in charge changed")
_UNNAMED: Final = Text("已撤销的客户", "a customer taken back")
_MORE: Final = Text("另有 {count}", "{count} more")
_OTHERS: Final = Text("其余变了的数字", "The other numbers that changed")
_TINY: Final = Text("还有 {count} 项变得很少，显示出来一样：{names}", "{count} changed too little to show: {names}")
_NUMBERS: Final = Text("全部指标", "All numbers")
_LISTS: Final = Text("当时的名单与记录", "Lists and records")
_EMPTY: Final = Text("这一周没有冻结的名单。", "No lists were frozen in this week.")
_SPELLED_OUT: Final = 3
"""So many changed numbers are told with their causes; what turned a signal first."""
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


@dataclass(frozen=True, slots=True)
class _Past:
    """One frozen week with what of it changed, and on which basis the page shows it."""

    view: View
    found: Restatements
    basis: str

    @property
    def pack(self) -> Pack:
        """The week as it was seen, or as corrected; both with the cells of a frozen one."""
        return self.found.then if self.basis == "seen" else from_text(to_text(restating.corrected(self.view, self.found.of)))


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


def restated(view: View, week_on: date) -> None:
    """For the agenda: what of the last review's numbers is another by now. Nothing before the first one."""
    told = restating.last_review(view, week_on)
    if told is None:
        return
    past, week = _Past(view, told, "seen"), formats.week(told.of.week_on, session.language())
    seen, _ = _apart(past)
    if not seen:
        st.caption(":material/done_all: " + session.say(_LAST_SAME, week=week))
        return
    st.markdown(f":material/history: **{session.say(_LAST, week=week, count=_numbers(len(seen)))}**")
    st.markdown("  \n".join(_then_now(past, one) for one in seen[:_SPELLED_OUT]))
    with st.expander(session.say(_WHO)):
        _told(past)


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
    past = _Past(view, told, basis)
    if told.found:
        st.markdown(f"**{session.say(_CHANGED, count=_numbers(len(_apart(past)[0])))}**")
        _told(past)
    else:
        st.caption(":material/done_all: " + session.say(_SAME))
    page.section(_NUMBERS)
    shown = past.pack
    _metrics(past, shown)
    page.section(_LISTS)
    _lists(shown)


# --- what changed


def _apart(past: _Past) -> tuple[list[Restated], list[Restated]]:
    """The numbers that changed, those that turned a signal first, then those of the board; and those that read the same all the same."""
    found = past.found.found
    tiny = [one for one in found if not one.turned and _then_now(past, one) == _then_now(past, replace(one, now=one.then))]
    place = {name: number for number, name in enumerate(BOARD)}
    seen = sorted((one for one in found if one not in tiny), key=lambda one: (not one.turned, place.get(one.metric.name, len(place))))
    return seen, tiny


def _told(past: _Past) -> None:
    """The numbers that changed, the first with their reasons; of the rest the reasons come at a click."""
    found, tiny = _apart(past)
    for one in found[:_SPELLED_OUT]:
        _number(past, one)
    if rest := found[_SPELLED_OUT:]:
        with st.expander(f"{session.say(_OTHERS)} ({len(rest)})", expanded=page.asked("why") is not None):
            table = pa.Table.from_pylist([_changed(past, one) for one in rest])
            asked = tables.pick(table, ("metric", "seen_said", "corrected_said", "change_said"), key="restated_rest", into="why", by="name")
            for one in rest:
                if one.metric.name == asked:
                    _number(past, one)
    if tiny:
        labels = [session.say(one.metric.label) for one in tiny]
        names = "、".join(labels) if session.language() == "zh" else ", ".join(labels)
        st.caption(page.md(session.say(_TINY, count=_numbers(len(tiny)), names=names)))


def _changed(past: _Past, one: Restated) -> dict[str, str]:
    change = words.difference(one.now.value, one.then.value, one.metric)
    size = "" if change is None else words.size(change, one.metric, past.found.of.currency, session.language())
    return {
        "name": one.metric.name,
        "metric": session.say(one.metric.label),
        "seen_said": _plain(one.then.value, one.metric.name, past),
        "corrected_said": _plain(one.now.value, one.metric.name, past),
        "change_said": f"{'+' if change and change > 0 else formats.MINUS}{size}" if change else "",
    }


def _number(past: _Past, one: Restated) -> None:
    with st.container(border=True, key=f"restated_{past.basis}_{one.metric.name}", gap="xsmall"):
        st.markdown(_then_now(past, one))
        for below in (False, True):
            if (not below and not one.above) or (below and not one.below and not one.metric.is_countback):
                continue
            side = restating.behind(past.view, past.found.of, one, below=below)
            if side.count:
                st.markdown(_sided(one, below=below) + _why(past, one, side, below=below))
                _customers(side)


def _then_now(past: _Past, one: Restated) -> str:
    then, now = (_value(line.value, one.metric, past) for line in (one.then, one.now))
    said = session.say(_LINE, metric=page.md(session.say(one.metric.label)), then=then, now=now)
    if not one.turned:
        return said
    turned = {name: session.say(words.VERDICT[line.verdict]) for name, line in (("then", one.then), ("now", one.now))}
    return f"{said}&ensp;:orange-badge[{page.md(session.say(_TURNED, **turned))}]"


def _sided(one: Restated, *, below: bool) -> str:
    """Which side of a share is meant; a number without sides needs no word."""
    two_sided = one.metric.denominator is not None or one.metric.is_countback
    return f":gray[{session.say(_LOWER if below else _UPPER)}]&ensp;" if two_sided else ""


def _why(past: _Past, one: Restated, side: Side, *, below: bool) -> str:
    """How many things made the difference, and of the most of them whose, how much, and who recorded what when."""
    things = [session.say(_THING, **_thing(past, one, thing, below=below)) for thing in side.things]
    if side.count > len(things):
        things.append(session.say(_MORE, count=formats.number(side.count - len(things))))
    count = Text(f"{side.count} 笔", formats.counted(side.count, "thing", "things").en)
    return page.md(session.say(_WHY, count=count, things="；".join(things) if session.language() == "zh" else "; ".join(things)))


def _thing(past: _Past, one: Restated, thing: Thing, *, below: bool) -> dict[str, str]:
    by = "、".join(_cause(cause) for cause in thing.causes[:2]) if thing.causes else session.say(_BY_RULE)
    name = thing.name or session.say(_UNNAMED)
    return {"name": name, "difference": _size(thing.difference, one.metric, past, below=below), "by": by}


def _cause(cause: Cause) -> str:
    what = session.say(_UNDONE) if cause.undoes else page.order_words(cause.command) if cause.command else session.say(_MOVED_IN)
    return session.say(_CAUSE, who=cause.made_by, moment=page.moment(cause.made_at), what=what)


def _size(difference: Decimal, metric: Metric, past: _Past, *, below: bool) -> str:
    """A difference with its sign: money where the rows are money, else a plain number."""
    sign = "+" if difference > 0 else formats.MINUS
    part = lower(metric) if below else metric.numerator
    if part is not None and "amount" in part.amount:
        return sign + formats.money(abs(difference), str(past.found.of.currency), session.language(), compact=True)
    return sign + formats.number(abs(difference))


def _customers(side: Side) -> None:
    """The way to each of the customers."""
    known = {thing.customer_id: thing.name for thing in side.things if thing.name}
    with st.container(horizontal=True, gap="small"):
        for customer_id, name in known.items():
            page.link(name, "customer", customer=customer_id)


def _value(value: Decimal | None, metric: Metric, past: _Past) -> str:
    return page.md(_plain(value, metric.name, past))


def _numbers(count: int) -> Text:
    return Text(str(count), formats.counted(count, "number", "numbers").en)


# --- the week itself


def _metrics(past: _Past, shown: Pack) -> None:
    """Every number as it was seen; those that changed as corrected too."""
    changed = {one.metric.name: one.now.value for one in past.found.found}
    verdicts = {line.metric: line.verdict for line in shown.lines}
    rows = [
        {
            "metric": METRICS[line.metric].label.say(session.language()),
            "seen_said": _plain(line.value, line.metric, past),
            "corrected_said": _plain(changed[line.metric], line.metric, past) if line.metric in changed else "",
            "metric_verdict": words.VERDICT[verdicts[line.metric]].say(session.language()),
        }
        for line in past.found.then.lines
        if line.metric in METRICS and line.metric in verdicts
    ]
    names = ("metric", "seen_said", *(["corrected_said"] if changed else []), "metric_verdict")
    tables.plain(pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in names])), names, key=f"past_metrics_{past.basis}")


def _plain(value: Decimal | None, metric: str, past: _Past) -> str:
    return words.said(value, METRICS[metric], past.found.of.currency, session.language())


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
