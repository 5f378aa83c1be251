"""What is done with customers of a class: for each frequency and amount one play, with who serves, how often to call, terms, offers, steps.

Source: ⑤1.1–1.2, 5.1–5.2, 6.2. The plays are the policy 'strategy'; their keys are fixed here, everything they say can be edited.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from lib.terms import VALUE
from lib.text import Text

PLAYS: Final = VALUE["play"]
ACTIVATED: Final = ("activate", "win_back")
"""The plays whose customers are to buy again, or more often."""
SOURCE: Final = "strategy"
"""What a task that came from a play names as its source; its ref names play and step."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do, so many days after the play is begun."""

    days: int
    text: Text


@dataclass(frozen=True, slots=True)
class Planned:
    """A step that became a task: known by its ref, planned on a day, done on another or not yet."""

    ref: str
    planned_on: date
    done_on: date | None


@dataclass(frozen=True, slots=True)
class Play:
    """How customers of some classes are treated."""

    key: str
    serve: Text
    offers: Text
    cadence_days: int
    terms_days: int
    steps: tuple[Step, ...]

    @property
    def name(self) -> Text:
        """What the play is called."""
        return PLAYS[self.key]

    def ref(self, step: Step) -> str:
        """What a task of a step is known by: the words may change, play and day make it the same step."""
        return f"{self.key}:{step.days}"

    def missing(self, tasks: Collection[Planned], today: date) -> tuple[Step, ...]:
        """The steps nobody has planned in this round yet."""
        standing = self.standing(tasks, today)
        return tuple(step for step in self.steps if self.ref(step) not in standing)

    def standing(self, tasks: Collection[Planned], today: date) -> frozenset[str]:
        """The steps planned in this round, by ref; none when a new round may begin.

        A round is over when all its tasks are done and then either the days between two contacts have passed, or the customer has been
        treated by another play since.
        """
        own = {task.ref: task for task in sorted(tasks, key=lambda task: task.planned_on) if task.ref.partition(":")[0] == self.key}
        done = [task.done_on for task in own.values() if task.done_on]
        if own and len(done) == len(own):
            last_planned = max(task.planned_on for task in own.values())
            has_left = any(task.planned_on > last_planned for task in tasks if task.ref not in own)
            if has_left or max(done) + timedelta(days=self.cadence_days) <= today:
                return frozenset()
        return frozenset(own)


@dataclass(frozen=True, slots=True)
class Strategy:
    """One version of the rules: which class is treated by which play."""

    cells: Mapping[tuple[str, str], str]
    plays: Mapping[str, Play]

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Strategy:
        """The strategy in a policy."""
        cells = {(often, much): key for often, row in body["cells"].items() for much, key in row.items()}
        return cls(cells, {key: _play(key, said) for key, said in body["plays"].items()})

    def play(self, frequency: str, amount_grade: str) -> Play:
        """How a class is treated."""
        return self.plays[self.cells[frequency, amount_grade]]

    def classes(self, key: str) -> tuple[tuple[str, str], ...]:
        """The classes treated by a play."""
        return tuple(cell for cell, play in self.cells.items() if play == key)


def next_contact(last_on: date | None, cadence_days: int) -> date | None:
    """The day by which a customer is to be called; None when nobody ever has."""
    return last_on + timedelta(days=cadence_days) if last_on else None


def _play(key: str, said: Mapping[str, Any]) -> Play:
    serve, offers = (Text(said[f"{name}_zh"], said[f"{name}_en"]) for name in ("serve", "offers"))
    steps = tuple(Step(int(step["days"]), Text(step["zh"], step["en"])) for step in said["steps"])
    return Play(key, serve, offers, int(said["cadence_days"]), int(said["terms_days"]), steps)
