"""Surveys the demo company made before: whom they asked, who answered, what came of it. The answers are those it has anyway."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

import pyarrow as pa

from lib.commands.surveys import drawn_for
from lib.demo import stories
from lib.demo.moments import CLOSE, office_hour, working_on_or_after, working_on_or_before
from lib.demo.sources import chance, happens
from lib.domain.sampling import Asked
from lib.domain.surveys import TEMPLATE, Among, Wave
from lib.store.door import Change

_MANAGER: Final = 2
_FAILED: Final = 0.03
_BY_PHONE: Final = 0.15
_HARD_TO_REACH: Final = 0.5
_DECLINES: Final = 0.4
_REMINDED_AFTER: Final = (3, 7)
_GOOD, _FAIR = 9, 7
_CSAT_GOOD, _CSAT_FAIR = 4, 3

Answer = Mapping[str, Any]
"""A row of feedback."""


@dataclass(frozen=True, slots=True)
class Past:
    """One survey that is over: its plan, and what was noted in the states after it was closed."""

    wave: Wave
    notes: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)


LARGER: Final = Among(amount_grades=("large", "medium"))


def _nps(title: str, opens_on: date, closes_on: date, size: int, seed: int) -> Wave:
    return Wave(title, "nps", "relationship", "sample", opens_on, closes_on, TEMPLATE["nps"], "wechat", None, size, seed, LARGER)


PAST: Final = (
    Past(
        _nps("2025 年春季 NPS", date(2025, 3, 3), date(2025, 3, 28), 220, 20250303),
        {
            "analysed": ("多数客户愿意推荐；对账慢是低分里说得最多的", None),
            "told": ("感谢参与：四月起每月 20 日前主动送对账单", "email"),
        },
    ),
    Past(
        _nps("2025 年秋季 NPS", date(2025, 9, 1), date(2025, 9, 26), 220, 20250901),
        {"analysed": ("对账的抱怨少了一半；价格和响应速度没有变化", None), "told": ("感谢参与：对账按现在的做法继续", "wechat")},
    ),
    Past(
        _nps("2026 年春季 NPS", date(2026, 3, 2), date(2026, 3, 27), 240, 20260302),
        {"analysed": ("华南明显下降，原话集中在佛山新仓发货慢；其他地区在误差内", None)},
    ),
    Past(
        Wave(
            "5 月交付后满意度",
            "csat",
            "transaction",
            "census",
            date(2026, 5, 6),
            date(2026, 6, 12),
            TEMPLATE["csat"],
            "wechat",
            "delivery",
            among=replace(LARGER, bought_days=30),
        )
    ),
)
"""The waves of the past, oldest first; the last one waits for its findings."""


def past_surveys(change: Change, answers: pa.Table, seed: int) -> pa.Table:
    """Write the waves; the answers come back with the invitation each belongs to."""
    open_answers = sorted(answers.to_pylist(), key=lambda row: (row["on_date"], row["feedback_id"]))
    teams = dict(change.cursor.execute(_TEAMS, {"day": CLOSE.date()}).fetchall())
    linked: dict[int, dict[str, Any]] = {}
    next_invite = 1
    for wave_id, past in enumerate(PAST, 1):
        rng = chance(seed, "wave", wave_id)
        drawn = drawn_for(change, past.wave, wave_id)
        found = _answered(past.wave, open_answers)
        invites = [_Invite(next_invite + at, wave_id, one, rng) for at, one in enumerate(drawn.asked)]
        next_invite += len(invites)
        for invite in invites:
            if answer := found.pop(invite.asked.customer_id, None):
                invite.answer = answer
                linked[answer["feedback_id"]] = _link(invite, past.wave, teams, rng)
        _write(change, past, wave_id, invites, rng)
    return _with_links(answers, linked)


class _Invite:
    """An invitation in the making."""

    def __init__(self, invite_id: int, wave_id: int, asked: Asked, rng: Random) -> None:
        self.invite_id, self.wave_id, self.asked = invite_id, wave_id, asked
        self.answer: Answer | None = None
        self.wished = "phone" if happens(rng, _BY_PHONE) else asked.channel

    @property
    def channel(self) -> str:
        """How the customer was asked: as it answered."""
        return str(self.answer["channel"]) if self.answer else self.wished


def _answered(wave: Wave, answers: Sequence[Answer]) -> dict[int, Answer]:
    """The first answer of each customer on the wave's score in its days."""
    found: dict[int, Answer] = {}
    for row in answers:
        if row["metric"] == wave.metric and wave.opens_on <= row["on_date"] <= wave.closes_on:
            found.setdefault(row["customer_id"], row)
    return found


def _link(invite: _Invite, wave: Wave, teams: Mapping[int, str], rng: Random) -> dict[str, Any]:
    """What an answer to an invitation says beyond its score."""
    answer = invite.answer
    assert answer is not None
    by_us = answer["channel"] in {"phone", "visit"}
    fell = teams.get(answer["customer_id"]) == stories.FALLING_TEAM and answer["on_date"] >= stories.WAREHOUSE_MOVED_ON
    return {
        "wave_id": invite.wave_id,
        "invite_id": invite.invite_id,
        "contact_id": invite.asked.contact_id,
        "source": "call" if by_us else "link",
        "entered_by": answer["recorded_by"] if by_us else None,
        "language": invite.asked.language,
        "stage": wave.stage,
        "aspects": json.dumps(dict(sorted(_marks(wave, int(answer["score"]), rng, fell=fell).items()))),
    }


def _marks(wave: Wave, score: int, rng: Random, *, fell: bool) -> dict[str, int]:
    """Marks near the score; late deliveries cost some, price next to nothing to do with it."""
    good, fair = (_GOOD, _FAIR) if wave.metric == "nps" else (_CSAT_GOOD, _CSAT_FAIR)
    middle = 4.4 if score >= good else 3.6 if score >= fair else 2.7
    marks = {}
    for aspect in wave.questions.aspects:
        about = 3.5 if aspect == "price" else middle - 0.9 * (aspect == "delivery" and fell)
        marks[aspect] = min(5, max(1, round(rng.gauss(about, 0.7))))
    return marks


def _write(change: Change, past: Past, wave_id: int, invites: Sequence[_Invite], rng: Random) -> None:
    """The wave, its life, its list, and what became of asking, each recorded when it happened."""
    wave = past.wave
    moments = dict(_life(past, rng))
    common = {"recorded_by": _MANAGER}
    kept = {"questions": wave.questions.kept(), "filter": wave.among.kept(), "recorded_at": moments["draft"]}
    names = ("title", "metric", "audience", "sampling", "sample_size", "seed", "opens_on", "closes_on", "stage", "channel")
    change.insert("survey_wave", [{"wave_id": wave_id, **{name: getattr(wave, name) for name in names}, **kept, **common}])
    first = change.next_id("wave_event", "event_id")
    events = []
    for number, (state, at) in enumerate(moments.items(), first):
        note, channel = past.notes.get(state) or (None, None)
        event = {"event_id": number, "wave_id": wave_id, "state": state, "happened_at": at, "note": note, "channel": channel}
        events.append({**event, "recorded_at": at, **common})
    change.insert("wave_event", events)
    asked = {"wave_id": wave_id, "recorded_at": moments["frozen"], **common}
    own = ("customer_id", "contact_id", "language", "stratum", "weight")
    rows = [{name: getattr(one.asked, name) for name in own} | {"invite_id": one.invite_id, "channel": one.channel} for one in invites]
    change.insert("survey_invite", [{**row, **asked} for row in rows])
    first = change.next_id("invite_event", "event_id")
    happened = [event for one in invites for event in _happened(one, wave, rng)]
    happened.sort(key=lambda event: (event["happened_at"], event["invite_id"]))
    change.insert("invite_event", [{"event_id": number, **event, **common} for number, event in enumerate(happened, first)])


def _life(past: Past, rng: Random) -> Iterator[tuple[str, datetime]]:
    """When a wave came into each of its states."""
    wave = past.wave
    days = {
        "draft": working_on_or_before(wave.opens_on - timedelta(days=7)),
        "frozen": working_on_or_before(wave.opens_on - timedelta(days=3)),
        "sending": working_on_or_after(wave.opens_on),
        "closed": working_on_or_after(wave.closes_on + timedelta(days=1)),
        "analysed": working_on_or_after(wave.closes_on + timedelta(days=8)),
        "told": working_on_or_after(wave.closes_on + timedelta(days=20)),
    }
    for state, day in days.items():
        if state in {"analysed", "told"} and state not in past.notes:
            return
        yield state, office_hour(rng, day)


def _happened(invite: _Invite, wave: Wave, rng: Random) -> Iterator[dict[str, Any]]:
    """Letters and messages arrive and are reminded; calls reach somebody or not."""
    answered_on = invite.answer["on_date"] if invite.answer else None
    about = {"invite_id": invite.invite_id, "wave_id": invite.wave_id, "customer_id": invite.asked.customer_id}
    happens_to = _called if invite.channel in {"phone", "visit"} else _written
    for state, day in happens_to(answered_on, wave, rng):
        at = min(office_hour(rng, day), CLOSE)
        yield {**about, "state": state, "happened_at": at, "recorded_at": at}


def _called(answered_on: date | None, wave: Wave, rng: Random) -> Iterator[tuple[str, date]]:
    if answered_on:
        if happens(rng, _HARD_TO_REACH):
            yield "no_answer", working_on_or_before(max(wave.opens_on, answered_on - timedelta(days=2)))
        return
    tries = rng.choice((1, 2, 3))
    for number in range(tries):
        day = working_on_or_after(wave.opens_on + timedelta(days=2 + 5 * number))
        yield ("declined" if number == tries - 1 and happens(rng, _DECLINES) else "no_answer"), day


def _written(answered_on: date | None, wave: Wave, rng: Random) -> Iterator[tuple[str, date]]:
    if answered_on is None and happens(rng, _FAILED):
        yield "failed", working_on_or_after(wave.opens_on)
        return
    first = working_on_or_after(wave.opens_on)
    yield "delivered", first
    for days in _REMINDED_AFTER:
        day = working_on_or_after(first + timedelta(days=days))
        if answered_on is None or answered_on > day:
            yield "reminded", day


def _with_links(answers: pa.Table, linked: Mapping[int, Mapping[str, Any]]) -> pa.Table:
    kinds = {"wave_id": pa.int64(), "invite_id": pa.int64(), "contact_id": pa.int64(), "entered_by": pa.int32()}
    for name in ("wave_id", "invite_id", "contact_id", "source", "entered_by", "language", "stage", "aspects"):
        values = [linked.get(feedback_id, {}).get(name) for feedback_id in answers["feedback_id"].to_pylist()]
        answers = answers.append_column(name, pa.array(values, kinds.get(name, pa.string())))
    return answers


_TEAMS: Final = "select customer.customer_id, customer.team from customer_at($day::date, timestamp '9999-12-30') as customer"
