"""Calls, visits and messages, and the next steps people have planned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Final

from lib.demo.companies import Company
from lib.demo.moments import CLOSE, END, START, working_on_or_after, written_down
from lib.demo.rows import ActivityRow
from lib.demo.sources import Words, chance, happens, matching

_A_YEAR: Final = {"large": 14.0, "medium": 7.0, "small": 3.5, None: 2.0}
_SMALL_ACCOUNT_A_YEAR: Final = 0.7
_TOPICS: Final = ("order", "visit", "care", "money")
_CHANNELS: Final = {
    "order": ("phone", "wechat", "email"),
    "visit": ("visit", "meeting"),
    "care": ("wechat", "phone", "visit"),
    "money": ("phone", "wechat", "email", "visit"),
    "prospect": ("visit", "wechat", "phone", "email"),
}
_OUTCOMES: Final = ("reached", "reached", "reached", "agreed", "no_answer", "call_back")
_PLANNED: Final = 0.06
_NEXT_STEP: Final = {"zh": "跟进", "en": "Follow-up"}


def interaction_rows(companies: Sequence[Company], seed: int) -> Iterator[ActivityRow]:
    """Touches of three years, and a task where the latest one left something to do."""
    for company in companies:
        yield from _touches(company, chance(seed, "touches", company.customer_id))


def _touches(company: Company, rng: Random) -> Iterator[ActivityRow]:
    first, last = max(START, company.first_on), min(END, company.last_on)
    years = (last - first).days / 365.25
    yearly = _SMALL_ACCOUNT_A_YEAR if company.is_small_account else _A_YEAR[company.size]
    expected = yearly * years * rng.uniform(0.6, 1.4)
    days = sorted(working_on_or_after(first + timedelta(days=rng.randrange((last - first).days + 1))) for _ in range(round(expected)))
    for on in days:
        if on < END:  # the last day is only beginning
            yield _touch(company, on, rng)
    if days and days[-1] > END - timedelta(days=90) and happens(rng, _PLANNED):
        yield _next_step(_touch(company, min(days[-1], END - timedelta(days=1)), rng), company, rng)


def _touch(company: Company, on: date, rng: Random) -> ActivityRow:
    line = _line(company, rng)
    return ActivityRow(
        activity_id=0,
        customer_id=company.customer_id,
        kind="interaction",
        channel=rng.choice(_CHANNELS[line["topic"]]),
        direction="in" if happens(rng, 0.25) else "out",
        on_date=on,
        due_on=None,
        done_on=on,
        owner_id=company.owner_id,
        subject=line["subject"],
        body=line["body"],
        outcome=rng.choice(_OUTCOMES),
        source_kind=None,
        source_id=None,
        recorded_at=max(company.known_at, written_down(rng, on, late_share=0.05)),
        recorded_by=company.owner_id,
    )


def _line(company: Company, rng: Random) -> Words:
    if not company.is_billed:
        return rng.choice(matching("interactions", topic="prospect", language=company.language))
    money = {"prompt": 6, "mixed": 20, "late": 45, "chronic": 60}[company.habit]
    topic = rng.choices(_TOPICS, (40, 20, 20, money))[0]
    return rng.choice(matching("interactions", topic=topic, language=company.language))


def _next_step(touch: ActivityRow, company: Company, rng: Random) -> ActivityRow:
    due_on = working_on_or_after(END + timedelta(days=rng.randint(-8, 21)))
    return replace(
        touch,
        kind="task",
        due_on=due_on,
        done_on=None,
        outcome=None,
        subject=f"{_NEXT_STEP[company.language]}: {touch.subject}",
        recorded_at=min(CLOSE, touch.recorded_at),
    )
