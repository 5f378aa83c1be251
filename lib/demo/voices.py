"""What customers said: NPS, CSAT and CES by quarter, with comments, and the call-back each low score makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Final

from lib.demo import stories
from lib.demo.companies import Company
from lib.demo.moments import CLOSE, END, START, office_hour, working_days_after, working_on_or_before, written_down
from lib.demo.rows import ActivityRow, FeedbackRow
from lib.demo.sources import chance, happens, matching, words
from lib.domain.kinds import SCORE

CALL_BACK_DAYS: Final = 2
_COMMENTED: Final = 0.55
_WAREHOUSE: Final = 0.8
_FORGOTTEN: Final = timedelta(days=91)
_CHANNELS: Final = ("wechat", "wechat", "phone", "email", "visit")
_GOLDEN: Final = 0.6180339887498949
_ASKED: Final = {"nps": (0.30, 0.05), "csat": (0.30, 0.09), "ces": (0.12, 0.03)}
"""Share of corporate customers and of small accounts that answer in a quarter."""
_SCORES: Final[dict[tuple[str, str], tuple[int, ...]]] = {
    ("nps", "good"): (9, 9, 10),
    ("nps", "neutral"): (7, 8, 8),
    ("nps", "bad"): (6, 6, 6, 5, 5, 4, 3, 2, 0),
    ("csat", "good"): (4, 5, 5),
    ("csat", "neutral"): (3,),
    ("csat", "bad"): (2, 2, 1),
    ("ces", "good"): (5, 6, 6, 7),
    ("ces", "neutral"): (4,),
    ("ces", "bad"): (3, 3, 2, 1),
}
_MOODS: Final = ("good", "neutral", "bad")
_USUAL: Final = {"nps": (49, 31, 20), "csat": (88, 7, 5), "ces": (80, 11, 9)}
_FALLEN: Final = (
    {"nps": (36, 30, 34), "csat": (74, 11, 15), "ces": (66, 14, 20)},
    {"nps": (27, 27, 46), "csat": (62, 14, 24), "ces": (55, 17, 28)},
)
"""The falling team's moods in the two quarters since the warehouse moved."""


@dataclass(frozen=True, slots=True)
class _Quarter:
    number: int
    first: date
    last: date

    @property
    def name(self) -> str:
        return f"{self.first.year}Q{(self.first.month + 2) // 3}"


class _Moods:
    """Moods whose shares in each team and quarter come close to what the story says: drawn evenly spread, not independently."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._place: dict[tuple[str, str, int], float] = {}
        self._wobble: dict[tuple[str, str, int], float] = {}

    def draw(self, team: str, metric: str, quarter: _Quarter) -> str:
        """The mood of the next answer."""
        key = (team, metric, quarter.number)
        if key not in self._place:
            self._place[key], self._wobble[key] = self._rng.random(), self._rng.uniform(-3, 3)
        self._place[key] = (self._place[key] + _GOLDEN) % 1
        usual, neutral, _ = _weights(team, metric, quarter)
        good = usual + self._wobble[key]
        place = self._place[key] * 100
        return "good" if place < good else "neutral" if place < good + neutral else "bad"


def _weights(team: str, metric: str, quarter: _Quarter) -> tuple[int, int, int]:
    if team == stories.FALLING_TEAM and quarter.last > stories.WAREHOUSE_MOVED_ON:
        return _FALLEN[quarter.number - 10][metric]
    return _USUAL[metric]


def feedback_rows(companies: Sequence[Company], seed: int) -> list[FeedbackRow]:
    """Every answer, in the order in which it was recorded."""
    moods = _Moods(chance(seed, "moods"))
    rng = chance(seed, "voices")
    found = [row for company in companies if company.is_billed for row in _answers(company, moods, rng)]
    found.sort(key=lambda row: (row.recorded_at, row.customer_id))
    return [replace(row, feedback_id=number, ref=f"{row.ref}-{number:05d}") for number, row in enumerate(found, 1)]


def call_back_rows(feedback: Sequence[FeedbackRow], companies: Sequence[Company], seed: int) -> Iterator[ActivityRow]:
    """For each low score the call-back task; done ones as the open row, retired, and its successor."""
    owners = {company.customer_id: company.owner_id for company in companies}
    for row in feedback:
        if SCORE[row.metric].is_low(row.score):
            yield from _call_back(row, owners[row.customer_id], chance(seed, "call_back", row.feedback_id))


def _answers(company: Company, moods: _Moods, rng: Random) -> Iterator[FeedbackRow]:
    for quarter in _quarters():
        if not company.is_active(quarter.first, quarter.last):
            continue
        if company.story == stories.SLIPPING:
            yield _answer(company, "nps", stories.SLIPPING_NPS[quarter.number], _asked_on("nps", quarter, rng), quarter, rng)
            continue
        for metric, (corporate, small) in _ASKED.items():
            on = _asked_on(metric, quarter, rng)
            if happens(rng, small if company.is_small_account else corporate) and on >= company.first_on:
                score = rng.choice(_SCORES[metric, moods.draw(company.team, metric, quarter)])
                yield _answer(company, metric, score, on, quarter, rng)


def _quarters() -> list[_Quarter]:
    firsts = [date(START.year + (START.month - 1 + 3 * number) // 12, (START.month - 1 + 3 * number) % 12 + 1, 1) for number in range(13)]
    return [_Quarter(number, first, after - timedelta(days=1)) for number, (first, after) in enumerate(pairwise(firsts))]


def _asked_on(metric: str, quarter: _Quarter, rng: Random) -> date:
    """NPS is asked in the last month of a quarter; the others after orders, at any time."""
    first = 62 if metric == "nps" else 3
    return working_on_or_before(quarter.first + timedelta(days=rng.randint(first, 86)))


def _answer(company: Company, metric: str, score: int, on: date, quarter: _Quarter, rng: Random) -> FeedbackRow:  # noqa: PLR0913, PLR0917 (the answer's own facts)
    mood = next(mood for mood in _MOODS if score in _SCORES[metric, mood])
    family = rng.choice(words("family_names"))
    return FeedbackRow(
        feedback_id=0,
        customer_id=company.customer_id,
        metric=metric,
        on_date=on,
        score=Decimal(score),
        top_score=SCORE[metric].high,
        comment=_comment(company, mood, on, rng) if happens(rng, _COMMENTED) else None,
        channel=rng.choice(_CHANNELS),
        respondent=f"{family['zh']}经理" if company.language == "zh" else f"Ms {family['en']}",
        region=company.region,
        ref=f"{quarter.name}-{metric.upper()}",
        recorded_at=written_down(rng, on, late_share=0.04),
        recorded_by=company.owner_id,
    )


def _comment(company: Company, mood: str, on: date, rng: Random) -> str:
    since_move = company.team == stories.FALLING_TEAM and on >= stories.WAREHOUSE_MOVED_ON
    lines = matching("comments", mood=mood, language=company.language)
    about_move = [line for line in lines if line["topic"] == "warehouse"]
    if since_move and about_move and happens(rng, _WAREHOUSE):
        return rng.choice(about_move)["text"]
    return rng.choice([line for line in lines if line["topic"] != "warehouse"])["text"]


def _call_back(row: FeedbackRow, owner_id: int, rng: Random) -> Iterator[ActivityRow]:
    due_on = working_days_after(row.recorded_at.date(), CALL_BACK_DAYS)
    task = ActivityRow(
        activity_id=-row.feedback_id,
        customer_id=row.customer_id,
        kind="task",
        channel="phone",
        direction="out",
        on_date=row.on_date,
        due_on=due_on,
        done_on=None,
        owner_id=owner_id,
        subject=f"{row.metric.upper()} {row.score}",
        body=row.comment,
        outcome=None,
        source_kind="feedback",
        source_id=row.feedback_id,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )
    done_on = working_days_after(row.recorded_at.date(), rng.choices((1, 2, 3, 6, 10), (38, 34, 12, 10, 6))[0])
    # What is forgotten comes up within a quarter: nobody has a call waiting for three years.
    if done_on > END or (happens(rng, 0.03) and due_on > END - _FORGOTTEN):
        yield task
        return
    done_at = min(CLOSE, office_hour(rng, done_on))
    yield replace(task, retired_at=done_at)
    yield replace(task, done_on=done_on, outcome=rng.choice(("reached", "reached", "agreed", "call_back")), recorded_at=done_at)
