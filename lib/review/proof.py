"""Whether frozen weeks are still what they were: the text by its hash, its numbers by making the week again as it was known then."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final, Literal

from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.metrics import Cut
from lib.metrics.variation import View
from lib.review.pack import MAKER, Line, Pack, build, circle, from_text, sha256, to_text
from lib.review.restating import restated
from lib.store.ledger import Ledger
from lib.store.query import rows
from lib.text import Text

Verdict = Literal["intact", "other_rules", "other_sight", "differs", "tampered"]
VERDICT: Final[dict[Verdict, Text]] = {
    "intact": Text("原样未动，重算一致", "intact: made again it says the same"),
    "other_rules": Text("由旧版规则冻结，新版重算有出入", "frozen by older rules: the present ones say something else"),
    "other_sight": Text(
        "原样未动；客户或人员的归属变了，无法重算核对", "intact; who sees which customers has changed, so nobody can make it again"
    ),
    "differs": Text("重算与冻结的不一致", "made again it says something else"),
    "tampered": Text("内容与封存时的校验码不符", "its text is not the one that was sealed"),
}
BROKEN: Final = frozenset({"differs", "tampered"})
"""What no rule, correction or change of sight explains."""
_PERSON: Final = "_name"
"""Columns that end so are names of people, who may be renamed; no past week says another number for that."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One freezing looked at. `where`: metrics and sections that are not as frozen; `restated`: numbers that are others by now."""

    week_on: date
    circle: str
    known_at: datetime
    verdict: Verdict
    where: tuple[str, ...] = ()
    restated: tuple[str, ...] = ()

    @property
    def is_broken(self) -> bool:
        """Whether somebody has to look into it."""
        return self.verdict in BROKEN


def prove(ledger: Ledger, since: date | None = None, *, restate: bool = False) -> list[Proof]:
    """Every freezing of weeks since a day; `restate`: with the numbers that late entries have made others since.

    Of reviews opened again only the text is proved: the one that closed them once more is made again.
    """
    people = {row["user_id"]: row for row in rows(ledger, SYSTEM, "people")}
    return [_proved(ledger, row, people, restate=restate) for row in rows(ledger, SYSTEM, "house_frozen", since=since)]


def _proved(ledger: Ledger, row: Mapping[str, Any], people: Mapping[int, Mapping[str, Any]], *, restate: bool) -> Proof:
    about = (row["week_on"], row["circle"], row["known_at"])
    if not row["sha256"] == row["sealed_sha256"] == sha256(row["body"]):
        return Proof(*about, "tampered")
    maker = _actor(people[row["maker_id"]])
    if not row["is_live"]:
        return Proof(*about, "intact")
    if circle(maker) != row["circle"]:
        return Proof(*about, "other_sight")
    then = from_text(row["body"])
    where = differing(then, _made_again(ledger, maker, row, row["known_at"]))
    late = tuple(one.metric.name for one in restated(then, _made_again(ledger, maker, row, None))) if restate else ()
    return Proof(*about, _verdict(row, maker, where), where, late)


def _verdict(row: Mapping[str, Any], maker: Actor, where: tuple[str, ...]) -> Verdict:
    if not where:
        return "intact"
    if row["maker"] != MAKER:
        return "other_rules"
    return "other_sight" if row["sight_moved"] and not maker.sees_all else "differs"


def _made_again(ledger: Ledger, maker: Actor, row: Mapping[str, Any], known_at: datetime | None) -> Pack:
    return build(View(ledger, maker, row["as_of"], known_at, Cut(row["currency"])), row["week_on"])


def _actor(person: Mapping[str, Any]) -> Actor:
    """Whoever froze it, with the sight they have now."""
    role, scope, teams = Role(person["user_role"]), Scope(person["user_scope"]), tuple(person["team_list"] or ())
    return Actor(person["user_id"], person["person_name"], role, scope, teams, person["clearance"])


def differing(then: Pack, again: Pack) -> tuple[str, ...]:
    """The metrics and sections of the first that the second says otherwise; what only the second knows was not measured then."""
    made = from_text(to_text(again))
    lines = {line.metric: line for line in made.lines}
    metrics = [line.metric for line in then.lines if not _alike(line, lines.get(line.metric))]
    return (*metrics, *(name for name, found in then.tables.items() if _facts(found) != _facts(made.tables.get(name, ()))))


def _alike(line: Line, other: Line | None) -> bool:
    """The same to the digit, but for limits: those come of roots and means, whose last digit may depend on the machine."""
    return other is not None and all(_near(getattr(line, one.name), getattr(other, one.name)) for one in fields(Line))


def _near(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_near, one, other))
    return one == other


def _facts(found: tuple[Mapping[str, Any], ...]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if not name.endswith(_PERSON)} for row in found]
