"""The working calendar on screen: the one clocks are read by, its days of a year, who may change them, and when it is about to end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.commands.calendar import NAME, ClearCalendarDays, SetCalendarDays, TakeOverCalendar
from lib.domain import lunar, published_calendar
from lib.domain.access import Permission
from lib.domain.service_kind import WORKING_TIME
from lib.domain.working_time import MADE_UP, WEEKDAYS, WorkingCalendar, read_hours, said_windows
from lib.term_values import VALUE
from lib.text import Text
from lib.ui import downloads, forms, page, session, tables
from lib.ui.downloads import Offer

_ENDS_WITHIN: Final = timedelta(days=60)
_TITLE: Final = Text("工作日历", "Working calendar")
_ABOUT: Final = Text(
    "和星期几不一样的日子：放假，或周末补班。改了以后，所有没办完的时限马上重算。",
    "Days that differ from their weekday: holidays, and weekend days worked instead. Every open clock is worked out anew at once.",
)
_HOURS: Final = Text("每周工作时间", "Hours of the week")
_CHANGE_HOURS: Final = Text("改工作时间", "Change the hours")
_CLOSED: Final = Text("不上班", "closed")
_AND: Final = Text("、", ", ")
_YEAR: Final = Text("年份", "Year")
_NONE: Final = Text("{year} 年没有特别的日子。", "Nothing differs in {year}.")
_ENDS: Final = Text(
    "放假安排只录到 {day}（还有 {left} 天）。之后的时限按平常的星期算，可能偏早或偏晚。",
    "Holidays are known until {day} ({left} days left). After that clocks run by plain weekdays and may be off.",
)
_ENDED: Final = Text(
    "没有 {day} 之后的放假安排：时限按平常的星期算，可能偏早或偏晚。",
    "No holidays are known after {day}: clocks run by plain weekdays and may be off.",
)
_DO: Final = Text("国务院公布 {year} 年安排后，在这里录入。", "Enter those of {year} here once they are published.")
_ASK: Final = Text(
    "请经理在“服务 → 工作日历”里录入 {year} 年的安排。", "Ask a manager to enter those of {year} under Service, Working calendar."
)
_TAKE: Final = Text("载入 {year} 年法定安排", "Take over the public holidays of {year}")
_TAKEN: Final = Text("已载入 {year} 年的安排。", "The holidays of {year} are in.")
_UNKNOWN: Final = Text(
    "程序自带的日历还没有 {year} 年；公布后可在下面手工录入，或升级程序后载入。",
    "The program does not know {year} yet; enter it below once it is published, or upgrade and take it over.",
)
_KIND: Final = Text("这些天", "These days are")
_FROM: Final = Text("从", "From")
_UNTIL: Final = Text("到（不填就一天）", "To (empty: one day)")
_ADD: Final = Text("改日历", "Change days")
_PLAIN: Final[dict[str, Text]] = {**VALUE["day_kind"], "plain": Text("照平常", "As usual")}
_EDIT_ABOUT: Final = Text("选一段日子：放假、上班，或照平常的星期。", "Choose days: closed, worked, or as their weekday says.")
_COLUMNS: Final = ("on_date", "weekday", "lunar", "day_kind", "day_name")


def calendar() -> WorkingCalendar:
    """When people work, as the ledger says: what a form reads its dates from."""
    rules = [(row["from_on"], row["body"]) for row in page.rows("working_rules")]
    days = [(row["on_date"], row["is_open"]) for row in page.rows("calendar_days")]
    return WorkingCalendar.of(rules, days)


def warn() -> None:
    """That the holidays known are about to end, and what to do about it."""
    row = page.row("calendar_end")
    until = row["known_until"] if row else None
    if until is None or until - session.as_of() >= _ENDS_WITHIN:
        return
    left = (until - session.as_of()).days
    said = session.say(_ENDS if left >= 0 else _ENDED, day=formats.full_date(until, session.language()), left=left)
    st.warning(f"{said} {session.say(_DO if _may() else _ASK, year=until.year + 1)}", icon=":material/event_busy:")


def show() -> None:
    """Hours of the week, the days of a year that differ, and for who may, how to change them."""
    _hours()
    year = _year()
    asked = page.question("calendar_days", since=date(year, 1, 1), until=date(year, 12, 31))
    table = _worded(asked.answer())
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_TITLE)
        downloads.export(Offer(_TITLE, asked, table.num_rows, prepare=_worded))
    st.caption(session.say(_ABOUT))
    left, right = page.halves(1.4)
    with left:
        if table.num_rows:
            tables.show(table, _COLUMNS, key="calendar_days")
        else:
            st.caption(session.say(_NONE, year=year))
    with right:
        if _may():
            _take_over(year)
            _edit()


def _may() -> bool:
    person = session.actor()
    return person.may(Permission.POLICY_WRITE) and person.sees_all and session.at_present()


def _hours() -> None:
    page.section(_HOURS)
    body = next((row["body"] for row in reversed(page.rows("working_rules")) if row["from_on"] <= session.as_of()), None)
    if body is None:
        return
    said = read_hours(json.loads(body))
    names = {one.path: session.say(one.label) for one in WORKING_TIME.fields}
    spoken = {path: said_windows(said[path]).replace(" ", session.say(_AND)) or session.say(_CLOSED) for path in (*WEEKDAYS, MADE_UP)}
    with st.container(horizontal=True, gap="medium"):
        for words, paths in _together(spoken):
            st.markdown(f"**{names[paths[0]]}{'–' + names[paths[-1]] if len(paths) > 1 else ''}** {page.md(words)}", width="content")
    if session.actor().may(Permission.METRIC_READ):
        page.link(_CHANGE_HOURS, "policies", kind=WORKING_TIME.name)


def _together(spoken: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Days one after the other with the same hours are said once; a day worked instead stands by itself."""
    found: list[tuple[str, list[str]]] = []
    for path, words in spoken.items():
        if found and found[-1][0] == words and path != MADE_UP:
            found[-1][1].append(path)
        else:
            found.append((words, [path]))
    return found


def _year() -> int:
    this = session.as_of().year
    years = {str(year): Text(str(year), str(year)) for year in range(this - 2, this + 2)}
    st.session_state.setdefault("switch-year", page.asked("year") if page.asked("year") in years else str(this))
    return int(forms.switch("year", years, _YEAR, labelled=True))


def _worded(table: pa.Table) -> pa.Table:
    """Weekdays and kinds as words; names the house gave in both languages in the person's own."""
    language = session.language()
    names = [str(one.label.say(language)) for one in WORKING_TIME.fields]
    rows = table.to_pylist()
    return pa.table(
        {
            "on_date": table["on_date"],
            "weekday": pa.array([names[row["on_date"].weekday()] for row in rows], pa.string()),
            "lunar": pa.array([_lunar(row["on_date"]) for row in rows], pa.string()),
            "day_kind": pa.array(["open" if row["is_open"] else "closed" for row in rows], pa.string()),
            "day_name": pa.array([_named(row["day_name"], language == "zh") for row in rows], pa.string()),
        }
    )


def _named(name: str | None, chinese: bool) -> str | None:  # noqa: FBT001 (one of the two halves)
    zh, between, en = (name or "").partition(" · ")
    return (zh if chinese else en) if between else name


def _lunar(day: date) -> str:
    """The lunar date, and the festival on it."""
    kept = lunar.festival(day)
    return " · ".join(session.say(part) for part in (lunar.to_lunar(day).said, kept) if part)


def _take_over(year: int) -> None:
    if year not in published_calendar.YEARS:
        st.info(session.say(_UNKNOWN, year=year))
        return
    held = {(row["on_date"], row["is_open"]) for row in page.rows("calendar_days")}
    if all((day, is_open) in held for day, is_open, _ in published_calendar.days(year)):
        return
    wanted = st.button(session.say(_TAKE, year=year), key="calendar_take", icon=":material/download:")
    if wanted and page.change(TakeOverCalendar(year), _TAKEN, year=year):
        st.rerun()


def _edit() -> None:
    page.section(_ADD, _EDIT_ABOUT)
    form = forms.begin("calendar")
    kind = forms.pills(form, "kind", _KIND, _PLAIN)
    first, last = st.columns(2)
    with first:
        since = forms.day(form, "since", _FROM, start=None)
    with last:
        until = forms.day(form, "until", _UNTIL, start=None)
    name = forms.line(form, "name", NAME)

    def build(_: bool) -> SetCalendarDays | ClearCalendarDays:  # noqa: FBT001 (what forms.save asks with)
        days = _days(since, until)
        return ClearCalendarDays(days, name) if kind == "plain" else SetCalendarDays(days, kind == "open", name)

    what = f"{session.say(_TITLE)} {formats.iso_date(since)}" if since else ""
    forms.save(form, build, what, needed={"kind": _KIND, "since": _FROM, "name": NAME})
    forms.complaint(form, "days")


def _days(since: date | None, until: date | None) -> tuple[date, ...]:
    if since is None:
        return ()
    last = until or since
    return tuple(since + timedelta(days=number) for number in range((last - since).days + 1))
