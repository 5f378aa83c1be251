"""The week in a message: at most 2000 bytes, because a robot of a chat group takes no more than 2048."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from lib import formats
from lib.papers.review.words import NO_SIGNALS, Item, Said, Section, Wanted, said
from lib.text import Text, listed

MOST_BYTES: Final = 2000
_TABLES: Final = ("overdue", "actions", "explanations")
_ALWAYS: Final = ("overdue_amount", "collected_amount", "csat_rate", "open_complaints")
"""Numbers that are told every week, signal or not."""
_EACH: Final = 3
"""So many signals, customers and actions."""
_LENGTHS: Final = (60, 40, 24, 12, 6)
"""Signs that a name or sentence may have: shorter until everything fits."""
_SIGNALS: Final = Text("信号 {count} 个", "Signals: {count}")
_CUSTOMERS: Final = Text("先看的客户", "Customers to look at first")
_ACTIONS: Final = Text("行动", "Actions")
_MORE: Final = Text("另有 {count} 个：{names}", "{count} more: {names}")
_WHY: Final = Text("   说明：{said}（{who}）", "   Why: {said} ({who})")
_NUMBER: Final = Text("{label} {value}（{change}）", "{label} {value} ({change})")
_SIGNAL: Final = Text(
    "{verdict} {label} {value}（前一周 {before}，{change}）", "{verdict} {label} {value} (week before {before}, {change})"
)
_CUSTOMER: Final = Text("{name} 逾期 {amount}，最长 {days} 天", "{name}: {amount} overdue, oldest {days} d")
_ACTION: Final = Text("{said}（{owner}，{due}）", "{said} ({owner}, {due})")
_LINK: Final = Text("打开：{link}", "Open: {link}")
_UNSEEN: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


def brief(wanted: Wanted) -> str:
    """Three signals and why, the numbers of every week, three customers, three actions, where to read on; no more is put into words."""
    lines = tuple(replace(line, weeks=(), points=()) for line in wanted.pack.lines)
    tables = {name: rows for name, rows in wanted.pack.tables.items() if name in _TABLES}
    return _fitting(said(replace(wanted, pack=replace(wanted.pack, lines=lines, tables=tables))))


def _fitting(told: Said) -> str:
    for length in _LENGTHS:
        text = "\n".join(_lines(told, length))
        if len(text.encode()) <= MOST_BYTES:
            return text
    return text.encode()[:MOST_BYTES].decode(errors="ignore")


def _lines(told: Said, length: int) -> Iterator[str]:
    yield f"【{told.title}】{_short(told.about, 4 * length)}"
    tables = {section.name: section for section in told.sections}
    yield from _signals(told, _explained(tables.get("explanations")), length)
    said = told.signals[:_EACH]
    always = [item for item in told.items if item.line.metric in _ALWAYS and item.value != formats.MISSING and item not in said]
    if numbers := [_number(told, item) for item in always]:
        yield ("；" if told.language == "zh" else "; ").join(numbers)
    yield from _listed(told, _CUSTOMERS, _customers(told, tables.get("overdue"), length))
    yield from _listed(told, _ACTIONS, _actions(told, tables.get("actions"), length))
    if told.link and len(told.link.encode()) < MOST_BYTES // 4:
        yield _LINK.say(told.language, link=_short(told.link, MOST_BYTES))


def _signals(told: Said, why: Mapping[str, tuple[str, str]], length: int) -> Iterator[str]:
    found = told.signals
    if not found:
        yield NO_SIGNALS.say(told.language)
        return
    yield _SIGNALS.say(told.language, count=len(found))
    for number, item in enumerate(found[:_EACH], 1):
        yield f"{number}. {_signal(told, item, length)}"
        if item.label in why:
            said, who = why[item.label]
            yield _WHY.say(told.language, said=_short(said, 2 * length), who=_short(who, length))
    if rest := found[_EACH:]:
        names = listed(_short(item.label, length) for item in rest).say(told.language)
        yield _MORE.say(told.language, count=len(rest), names=_short(names, 4 * length))


def _explained(section: Section | None) -> dict[str, tuple[str, str]]:
    """What was said about a metric, by its name, and by whom."""
    said = [row for row in _rows(section) if row.get("explanation_said")]
    return {row["metric"]: (row["explanation_said"], row["doer_name"] or formats.MISSING) for row in said}


def _number(told: Said, item: Item) -> str:
    return _NUMBER.say(told.language, label=item.label, value=item.value, change=item.change)


def _signal(told: Said, item: Item, length: int) -> str:
    words = {"verdict": item.verdict, "label": _short(item.label, length), "value": item.value}
    return _SIGNAL.say(told.language, before=item.before, change=item.change, **words)


def _customers(told: Said, section: Section | None, length: int) -> Iterator[str]:
    for row in _rows(section)[:_EACH]:
        amount = formats.money(row["overdue_amount"], row["currency"], told.language, compact=True)
        yield _CUSTOMER.say(told.language, name=_short(row["name"], length), amount=amount, days=row["max_days"])


def _actions(told: Said, section: Section | None, length: int) -> Iterator[str]:
    for row in [row for row in _rows(section) if row["is_open"]][:_EACH]:
        owner, due = _short(row["doer_name"] or formats.MISSING, length), formats.day(row["due_on"], told.language)
        yield _ACTION.say(told.language, said=_short(row["action_said"], 2 * length), owner=owner, due=due)


def _rows(section: Section | None) -> list[dict[str, Any]]:
    return section.sheet.table.to_pylist() if section else []


def _listed(told: Said, title: Text, found: Iterator[str]) -> Iterator[str]:
    lines = list(found)
    if lines:
        yield title.say(told.language)
        yield from _numbered(lines)


def _numbered(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"{number}. {line}" for number, line in enumerate(lines, 1))


def _short(text: str, length: int) -> str:
    """One line of at most so many signs."""
    line = _UNSEEN.sub(" ", text).strip()
    return line if len(line) <= length else f"{line[: length - 1]}…"
