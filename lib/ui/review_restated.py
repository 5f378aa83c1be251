"""What of a frozen week is another by now: whether a verdict turned, which numbers moved, and every late entry that moved them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.metrics import BOARD, words
from lib.metrics.changing import lower
from lib.metrics.metric import Metric
from lib.metrics.variation import View
from lib.review import restating
from lib.review.pack import Pack, from_text, to_text
from lib.review.restating import Cause, Entry, Moved, Restated, Restatements
from lib.text import Text
from lib.ui import page, session, tables

_SAME: Final = Text("冻结以来没有一项数字变过。", "Not one number has changed since it was frozen.")
_CHANGED: Final = Text("冻结以来有 {count} 项数字变了，{turned}", "{count} changed since it was frozen, {turned}")
_LAST: Final = Text("{week}周会上的数字，现在变了 {count} 项，{turned}", "{count} of the review of {week} changed since, {turned}")
_LAST_SAME: Final = Text("{week}周会上的数字至今没有变。", "The numbers of the review of {week} still hold.")
_HOLDS: Final = Text("结论都没有变", "and no verdict with them")
_TURNS: Final = Text("其中 {count} 项的结论变了", "{count} of them with another verdict")
_WHO: Final = Text("是谁补录的", "Who entered it")
_LINE: Final = Text("**{metric}**&ensp;会上 {then} → 现在 {now}", "**{metric}**&ensp;{then} in the meeting → {now} now")
_TURNED: Final = Text("当时“{then}”，现在“{now}”", "then “{then}”, now “{now}”")
_ENTRIES: Final = Text("因为这 {count} 笔", "By these {count}")
_UPPER: Final = Text("{metric}分子", "{metric} (upper side)")
_LOWER: Final = Text("{metric}分母", "{metric} (lower side)")
_EFFECT: Final = Text("{metrics} {difference}", "{metrics} {difference}")
_CAUSE: Final = Text("{who} {moment} {what}", "{who}, {moment}, {what}")
_BETWEEN: Final = Text("；", "; ")
_UNDONE: Final = Text("撤销", "undone")
_MOVED_IN: Final = Text("录入", "entered")
_BY_RULE: Final = Text("规则、日历或归属变了", "a rule, the calendar or who is in charge changed")
_UNNAMED: Final = Text("已撤销的客户", "a customer taken back")
_OPEN: Final = Text("打开客户", "Open the customer")
_MORE: Final = Text("另有 {count} 笔，影响更小", "{count} more of less effect")
_OTHERS: Final = Text("其余变了的数字", "The other numbers that changed")
_OTHERS_ABOUT: Final = Text("点一行，看是哪几笔造成的。", "Click a row to see which entries made it.")
_TINY: Final = Text("还有 {count} 项变得很少，显示出来一样：{names}", "{count} changed too little to show: {names}")
_SPELLED_OUT: Final = 3
"""So many changed numbers are told with their entries; what turned a signal first."""
_LISTED: Final = 10
"""So many entries are listed, those that moved most."""
_CAUSES: Final = 2


@dataclass(frozen=True, slots=True)
class Past:
    """One frozen week with what of it changed, and on which basis the page shows it."""

    view: View
    found: Restatements
    basis: str

    @property
    def pack(self) -> Pack:
        """The week as it was seen, or as corrected; both with the cells of a frozen one."""
        return self.found.then if self.basis == "seen" else from_text(to_text(restating.corrected(self.view, self.found.of)))

    def said(self, value: Decimal | None, metric: Metric) -> str:
        """A number of the week as a person reads it."""
        return words.said(value, metric, self.found.of.currency, session.language())


def last_review(view: View, week_on: date) -> None:
    """For the agenda: what of the last review's numbers is another by now. Nothing before the first one."""
    told = restating.last_review(view, week_on)
    if told is None:
        return
    past, week = Past(view, told, "seen"), formats.week(told.of.week_on, session.language())
    seen, _ = _apart(past)
    if not seen:
        st.caption(":material/done_all: " + session.say(_LAST_SAME, week=week))
        return
    st.markdown(f":material/history: **{session.say(_LAST, week=week, **_counts(seen))}**")
    st.markdown("  \n".join(_then_now(past, one) for one in seen[:_SPELLED_OUT]))
    with st.expander(session.say(_WHO)):
        _told(past)


def since(past: Past) -> None:
    """For the archive: the same of the week that is looked at."""
    seen, _ = _apart(past)
    if not past.found.found:
        st.caption(":material/done_all: " + session.say(_SAME))
        return
    if seen:
        st.markdown(f"**{session.say(_CHANGED, **_counts(seen))}**")
        st.markdown("  \n".join(_then_now(past, one) for one in seen[:_SPELLED_OUT]))
    _told(past)


def _counts(seen: Sequence[Restated]) -> dict[str, Text]:
    """How many numbers changed, and whether any says something else by now."""
    turned = sum(one.turned for one in seen)
    said = Text(_TURNS.say("zh", count=turned), _TURNS.say("en", count=turned)) if turned else _HOLDS
    return {"count": _numbers(len(seen)), "turned": said}


def _apart(past: Past) -> tuple[list[Restated], list[Restated]]:
    """The numbers that changed, those that turned a signal first, then those of the board; and those that read the same all the same."""
    found = past.found.found
    tiny = [one for one in found if not one.turned and _then_now(past, one) == _then_now(past, replace(one, now=one.then))]
    place = {name: number for number, name in enumerate(BOARD)}
    seen = sorted((one for one in found if one not in tiny), key=lambda one: (not one.turned, place.get(one.metric.name, len(place))))
    return seen, tiny


def _told(past: Past) -> None:
    """The entries behind the first numbers; of the rest they come at a click."""
    seen, tiny = _apart(past)
    _entries(past, seen[:_SPELLED_OUT], "first")
    if rest := seen[_SPELLED_OUT:]:
        with st.expander(f"{session.say(_OTHERS)} ({len(rest)})", expanded=page.asked("why") is not None):
            st.caption(session.say(_OTHERS_ABOUT))
            table = pa.Table.from_pylist([_changed(past, one) for one in rest])
            asked = tables.pick(table, ("metric", "seen_said", "corrected_said", "change_said"), key="restated_rest", into="why", by="name")
            _entries(past, [one for one in rest if one.metric.name == asked], "rest")
    if tiny:
        names = session.listed(session.say(one.metric.label) for one in tiny)
        st.caption(page.md(session.say(_TINY, count=_numbers(len(tiny)), names=names)))


def _changed(past: Past, one: Restated) -> dict[str, str]:
    change = words.difference(one.now.value, one.then.value, one.metric)
    size = "" if change is None else words.size(change, one.metric, past.found.of.currency, session.language())
    return {
        "name": one.metric.name,
        "metric": session.say(one.metric.label),
        "seen_said": past.said(one.then.value, one.metric),
        "corrected_said": past.said(one.now.value, one.metric),
        "change_said": f"{'+' if change and change > 0 else formats.MINUS}{size}" if change else "",
    }


def _then_now(past: Past, one: Restated) -> str:
    then, now = (page.md(past.said(line.value, one.metric)) for line in (one.then, one.now))
    said = session.say(_LINE, metric=page.md(session.say(one.metric.label)), then=then, now=now)
    if not one.turned:
        return said
    turned = {name: session.say(words.VERDICT[line.verdict]) for name, line in (("then", one.then), ("now", one.now))}
    return f"{said}&ensp;:orange-badge[{page.md(session.say(_TURNED, **turned))}]"


def _entries(past: Past, numbers: Sequence[Restated], key: str) -> None:
    """One line for each entry: of which customer, who recorded what when, and what it moved."""
    found = restating.entries(past.view, past.found.of, numbers)
    if not found:
        return
    st.caption(session.say(_ENTRIES, count=_things(len(found))))
    for place, entry in enumerate(found[:_LISTED]):
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"line_{key}_{past.basis}_{place}", gap="small"):
            name = entry.name or session.say(_UNNAMED)
            st.markdown(f"**{page.md(name)}**&ensp;:gray[{page.md(_by(entry))}]  \n{page.md(_effects(past, entry))}", width="stretch")
            if entry.name:
                page.link(_OPEN, "customer", customer=entry.customer_id)
    if len(found) > _LISTED:
        st.caption(session.say(_MORE, count=formats.number(len(found) - _LISTED)))


def _by(entry: Entry) -> str:
    return session.say(_BETWEEN).join(_cause(cause) for cause in entry.causes[:_CAUSES]) if entry.causes else session.say(_BY_RULE)


def _cause(cause: Cause) -> str:
    what = session.say(_UNDONE) if cause.undoes else page.order_words(cause.command) if cause.command else session.say(_MOVED_IN)
    return session.say(_CAUSE, who=cause.made_by, moment=page.moment(cause.made_at), what=what)


def _effects(past: Past, entry: Entry) -> str:
    """What it moved; numbers it moved by the same stand together."""
    moved: dict[str, list[str]] = {}
    for one in entry.moved:
        moved.setdefault(_size(past, one), []).append(_side(one))
    return session.say(_BETWEEN).join(session.say(_EFFECT, metrics=session.listed(names), difference=size) for size, names in moved.items())


def _side(one: Moved) -> str:
    """The number, and which side of it where it has two."""
    metric = one.number.metric
    two_sided = metric.denominator is not None or metric.is_countback
    return session.say(_LOWER if one.below else _UPPER, metric=metric.label) if two_sided else session.say(metric.label)


def _size(past: Past, one: Moved) -> str:
    """A difference with its sign: money where the rows are money, else a plain number."""
    sign, metric = "+" if one.difference > 0 else formats.MINUS, one.number.metric
    part = lower(metric) if one.below else metric.numerator
    if part is not None and "amount" in part.amount:
        return sign + formats.money(abs(one.difference), str(past.found.of.currency), session.language(), compact=True)
    return sign + formats.number(abs(one.difference))


def _numbers(count: int) -> Text:
    return Text(str(count), formats.counted(count, "number", "numbers").en)


def _things(count: int) -> Text:
    return Text(str(count), formats.counted(count, "entry", "entries").en)
