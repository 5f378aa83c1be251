"""What customers would have us do better: sorted, put together into one improvement an idea, decided, live, and most of them told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

from lib.demo.case_rows import case_row
from lib.demo.companies import Company
from lib.demo.moments import CLOSE, office_hour, working_days, working_on_or_after
from lib.demo.rows import CaseRow, EventRow
from lib.demo.sources import Words, chance, happens, matching, words

_A_DAY: Final = 0.16
_TOLD_BY: Final = ("wechat", "wechat", "phone", "email", "visit")
_TOLD: Final = 0.82
_NEVER: Final = "-"
_WAITS: Final = 0.5
_WAITS_SINCE: Final = date(2026, 5, 18)
"""Of the last weeks, some are not sorted yet."""

Step = tuple[str, str, datetime]
"""Action, state after it, moment."""


@dataclass(slots=True)
class _Idea:
    """What became of an idea: the case that leads its improvement, and the steps it took."""

    words: Words
    lead: int | None = None
    steps: list[Step] = field(default_factory=list)

    def state(self, moment: datetime) -> str:
        """Where it stood."""
        return next((state for _, state, at in reversed(self.steps) if at <= moment), "classified")


def suggestion_rows(companies: Sequence[Company], seed: int) -> list[tuple[CaseRow, tuple[EventRow, ...]]]:
    """Every suggestion with its steps. Their ids, and those of improvements they are part of, are negative until all cases have theirs."""
    rng = chance(seed, "suggestions")
    ideas = {line["idea"]: _Idea(line, steps=list(_decided(line, rng))) for line in words("improvements")}
    billed = [company for company in companies if company.is_billed]
    weights = [1 if company.is_small_account else 5 for company in billed]
    found: list[tuple[CaseRow, tuple[EventRow, ...]]] = []
    for day in working_days():
        company = rng.choices(billed, weights)[0]
        lines = [line for line in matching("suggestions", language=company.language) if not _is_live(ideas[line["idea"]], day)]
        if happens(rng, _A_DAY) and company.is_active(day, day) and lines:
            line = rng.choice(lines)
            row = replace(case_row(company, "suggestion", day, line, rng), case_id=-len(found) - 1)
            found.append((row, tuple(_life(row, ideas[line["idea"]], rng))))
    return found


def _is_live(idea: _Idea, day: date) -> bool:
    return idea.state(datetime.combine(day, time(0))) == "live"


def _decided(line: Words, rng: Random) -> Iterator[Step]:
    states = {"adopt": "adopted", "decline": "declined"}
    if line["outcome"] in states:
        yield line["outcome"], states[line["outcome"]], office_hour(rng, date.fromisoformat(line["decided_on"]))
    for column, action, state in (("begun_on", "improve", "improving"), ("live_on", "release", "live")):
        if line[column] != _NEVER:
            yield action, state, office_hour(rng, date.fromisoformat(line[column]))


def _life(row: CaseRow, idea: _Idea, rng: Random) -> Iterator[EventRow]:
    """The first of an idea leads its improvement; others join it once they are sorted, and go on with it."""
    yield _event(row, "record", "new", "new", row.recorded_at)
    sorted_at = _later(row.recorded_at, rng.uniform(0.2, 6), rng)
    if sorted_at > CLOSE or (row.on_date >= _WAITS_SINCE and happens(rng, _WAITS)):
        return
    yield _event(row, "classify", "new", "classified", sorted_at)
    state = "classified"
    if idea.lead is None:
        idea.lead = row.case_id
    elif idea.state(sorted_at) != "declined":
        into, sorted_at = idea.state(sorted_at), sorted_at + timedelta(minutes=4)
        yield _event(row, "join", state, into, sorted_at, into_case_id=idea.lead)
        state = into
    for action, after, decided_at in idea.steps:
        at = max(decided_at, sorted_at + timedelta(minutes=9))
        is_ahead = idea.lead == row.case_id or after == "declined" or decided_at > sorted_at
        if is_ahead and at <= CLOSE:
            yield _event(row, action, state, after, at, note=idea.words["reason"] if after == "declined" else None)
            state, sorted_at = after, at
    told_at = _later(sorted_at, rng.uniform(0.5, 30), rng)
    if state in {"live", "declined"} and told_at <= CLOSE and happens(rng, _TOLD):
        told_to = rng.choice(words("family_names"))["zh"] + rng.choice(("经理", "主管", "工"))
        yield _event(row, "tell", state, "told_customer", told_at, told_to=told_to, channel=rng.choice(_TOLD_BY))


def _later(moment: datetime, days: float, rng: Random) -> datetime:
    later = moment + timedelta(days=days)
    return max(moment + timedelta(minutes=20), office_hour(rng, working_on_or_after(later.date())))


def _event(  # noqa: PLR0913 (the event's own facts)
    row: CaseRow,
    action: str,
    before: str,
    state: str,
    at: datetime,
    *,
    note: str | None = None,
    into_case_id: int | None = None,
    **told: str,
) -> EventRow:
    return EventRow(
        event_id=0,
        case_id=0,
        customer_id=row.customer_id,
        state=state,
        action=action,
        happened_at=at,
        note=note,
        into_case_id=into_case_id,
        detail=json.dumps({"from": before, **told}, ensure_ascii=False),
        recorded_at=max(at, row.recorded_at),
        recorded_by=row.recorded_by,
    )
