"""The agenda of a weekly review: its sections in order, the minutes each takes by the rule in force, what is looked at and decided."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from lib.domain.access import Actor
from lib.domain.review_kind import REVIEW, SECTION
from lib.review.pack import Pack
from lib.store.ledger import LATEST, Ledger
from lib.store.query import rows
from lib.text import Text


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the meeting. `tables`: those of the pack it looks at, in their order; `guidance`: what is done there, in one line."""

    name: str
    label: Text
    minutes: int
    tables: tuple[str, ...]
    guidance: Text


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the meeting can stand: a section, on the board at one signal."""

    section: str
    signal: str | None = None


_TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "voice": ("voice",),
    "overdue": ("overdue", "bridge", "broken", "limits"),
    "experience": ("scores", "lows", "complaints", "quiet"),
}
_GUIDANCE: Final[Mapping[str, Text]] = {
    "actions": Text(
        "逐项念：做完没有？没做完的，谁在什么时候做完；顺延两次的要拆分、上交或不做了。",
        "Read each aloud: done or not? If not, who by when; what was put off twice is split, escalated or given up.",
    ),
    "voice": Text(
        "念客户的原话，再问：这里有什么值得照做，或者必须改？",
        "Read the customer's words aloud, then ask: what here is worth copying, or has to be mended?",
    ),
    "board": Text(
        "只谈信号。负责人一句话说原因，会上定：已说明、要查、要做，还是不用做。",
        "Speak about signals only. The owner says why in one sentence; decide: explained, look into it, act, or nothing to do.",
    ),
    "overdue": Text(
        "逐个客户定：下一步做什么、谁做、什么时候；要不要停供或调额度。",
        "For each customer decide: the next step, who, by when; whether to stop supply or change the limit.",
    ),
    "experience": Text(
        "严重的投诉和低分先看：谁负责、给客户什么、要不要上门。",
        "Severe complaints and low scores first: who takes it, what the customer is offered, whether to visit.",
    ),
    "topics": Text(
        "从票数最多的谈起：说清问题、讨论、得出结论；谈不完的留到下周。",
        "Begin with the most votes: name the problem, discuss, settle it; what is left waits for next week.",
    ),
    "wrap": Text(
        "把决定和行动念一遍，每个人给会议打分，然后冻结。",
        "Read the decisions and actions aloud, have everyone score the meeting, then freeze it.",
    ),
}


def agenda(ledger: Ledger, actor: Actor, as_of: date, known_at: datetime | None = None) -> tuple[Part, ...]:
    """The sections by the rule in force on a day."""
    (rule,) = rows(ledger, actor, "rule_in_force", kind=REVIEW.name, as_of=as_of, known_at=known_at or LATEST)
    minutes = json.loads(rule["body"])["minutes"]
    return tuple(Part(name, label, int(minutes[name]), _TABLES.get(name, ()), _GUIDANCE[name]) for name, label in SECTION.items())


def stops(parts: Sequence[Part], pack: Pack) -> tuple[Stop, ...]:
    """Where a meeting stands one after the other: at each section once, on the board at each signal."""
    signals = [Stop("board", line.metric) for line in pack.signals] or [Stop("board")]
    return tuple(stop for part in parts for stop in (signals if part.name == "board" else [Stop(part.name)]))


def beside(found: Sequence[Stop], at: Stop, step: int) -> Stop:
    """The stop so many further on, the last or the first one at the ends; from a place that is none, the first of its section."""
    place = next((number for number, stop in enumerate(found) if stop == at), None)
    if place is None:
        return next((stop for stop in found if stop.section == at.section), found[0])
    return found[min(max(place + step, 0), len(found) - 1)]
