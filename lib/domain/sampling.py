"""Who is asked in a wave: contacts that may be asked, everybody or a stratified sample by seed, weights; and how many answers it takes.

A seed and the customers' numbers decide alone, so that the same wave drawn again asks the same people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from heapq import heapify, heappop, heappush
from itertools import groupby
from math import ceil
from operator import attrgetter
from typing import Any, Final

from lib.domain import statistics
from lib.domain.letters import language_of
from lib.terms import VALUE
from lib.text import Language

KEY: Final = "key"
"""The stratum of key accounts, which are all asked."""
KEY_ROLES: Final = ("decision", "user", "finance")
"""Whom of a key account to ask, one of each."""
WAYS: Final = ("email", "wechat", "phone", "visit")
"""How to ask who cannot be asked as wished, the first that is possible."""
LEFT_OUT: Final = VALUE["left_out"]
"""Why somebody who is meant is not asked."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who could be asked. asked_on: the days of surveys of the same type."""

    contact_id: int
    role: str | None
    is_primary: bool
    do_not_contact: bool
    language: Language
    ways: frozenset[str]
    asked_on: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer that is meant, with all its contacts."""

    customer_id: int
    stratum: str
    contacts: tuple[Contact, ...]

    @property
    def is_key(self) -> bool:
        """Whether it is asked in any case, and more than one person of it."""
        return self.stratum == KEY


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides who is asked. gap_days: how long the same contact is left alone with surveys of this type."""

    opens_on: date
    gap_days: int
    channel: str = "email"
    sampling: str = "census"
    size: int | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """One contact who is asked. weight: how many customers of its stratum this customer speaks for."""

    customer_id: int
    contact_id: int
    channel: str
    language: Language
    stratum: str
    weight: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A customer that is meant and cannot be asked. free_on: from when on it can."""

    customer_id: int
    reason: str
    free_on: date | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """The list: who is asked, who is left out and why, and for how many customers it speaks."""

    asked: tuple[Asked, ...]
    left_out: tuple[LeftOut, ...]
    population: int

    @property
    def customers(self) -> int:
        """How many customers are asked."""
        return len({one.customer_id for one in self.asked})


def candidates(rows: Iterable[Mapping[str, Any]]) -> list[Candidate]:
    """Rows of the query `survey_candidates`, ordered by customer, as candidates."""
    found = []
    for customer_id, group in groupby(rows, key=lambda row: int(row["customer_id"])):
        mine = list(group)
        found.append(Candidate(customer_id, mine[0]["stratum"], tuple(_contact(row) for row in mine if row["contact_id"] is not None)))
    return found


def _contact(row: Mapping[str, Any]) -> Contact:
    ways = frozenset({"visit", *(way for way in ("email", "wechat", "phone") if row[f"has_{way}"])})
    return Contact(
        int(row["contact_id"]),
        row["role"],
        bool(row["is_primary"]),
        bool(row["do_not_contact"]),
        language_of(row["language"]),
        ways,
        tuple(row["asked_on"] or ()),
    )


def draw(meant: Sequence[Candidate], plan: Plan) -> Drawn:
    """The list of a wave."""
    free: list[tuple[Candidate, tuple[Contact, ...]]] = []
    left_out = []
    for candidate in meant:
        chosen = _chosen(candidate, plan)
        if chosen:
            free.append((candidate, chosen))
        else:
            left_out.append(_why_not(candidate, plan))
    places = _places(free, plan)
    meant_by = _counted(meant)
    asked = []
    for stratum, members in _by_stratum(free).items():
        drawn = members if stratum not in places else sorted(members, key=lambda one: _lot(plan.seed, one[0]))[: places[stratum]]
        weight = meant_by[stratum] / len(drawn) if drawn else 0.0
        asked += [
            Asked(one.customer_id, contact.contact_id, _way(contact, plan.channel), contact.language, stratum, weight)
            for one, contacts in drawn
            for contact in contacts
        ]
    asked.sort(key=attrgetter("customer_id", "contact_id"))
    spoken_for = {one.stratum for one in asked}
    return Drawn(tuple(asked), tuple(left_out), sum(count for stratum, count in meant_by.items() if stratum in spoken_for))


def is_free(contact: Contact, plan: Plan) -> bool:
    """Whether a contact may be asked then: surveys of one type keep their distance, earlier and later ones."""
    gap = timedelta(days=plan.gap_days)
    return not contact.do_not_contact and all(abs(plan.opens_on - day) >= gap for day in contact.asked_on)


def _chosen(candidate: Candidate, plan: Plan) -> tuple[Contact, ...]:
    """Whom of a customer to ask: of a key account one in each role, else one alone."""
    free = sorted((one for one in candidate.contacts if is_free(one, plan)), key=_rank)
    if not candidate.is_key:
        return tuple(free[:1])
    by_role = [next((one for one in free if one.role == role), None) for role in KEY_ROLES]
    return tuple(one for one in by_role if one) or tuple(free[:1])


def _rank(contact: Contact) -> tuple[bool, int, int]:
    place = KEY_ROLES.index(contact.role) if contact.role in KEY_ROLES else len(KEY_ROLES)
    return not contact.is_primary, place, contact.contact_id


def _way(contact: Contact, wished: str) -> str:
    return wished if wished in contact.ways else next(way for way in WAYS if way in contact.ways)


def _why_not(candidate: Candidate, plan: Plan) -> LeftOut:
    resting = [one for one in candidate.contacts if not one.do_not_contact]
    if resting:
        gap = timedelta(days=plan.gap_days)
        return LeftOut(candidate.customer_id, "asked_lately", min(max(one.asked_on) for one in resting) + gap)
    return LeftOut(candidate.customer_id, "do_not_contact" if candidate.contacts else "no_contact")


def _by_stratum(free: Sequence[tuple[Candidate, tuple[Contact, ...]]]) -> dict[str, list[tuple[Candidate, tuple[Contact, ...]]]]:
    found: dict[str, list[tuple[Candidate, tuple[Contact, ...]]]] = {}
    for one in free:
        found.setdefault(one[0].stratum, []).append(one)
    return found


def _counted(meant: Sequence[Candidate]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in meant:
        found[one.stratum] = found.get(one.stratum, 0) + 1
    return found


def _places(free: Sequence[tuple[Candidate, tuple[Contact, ...]]], plan: Plan) -> dict[str, int]:
    """How many of each stratum are drawn; strata that are asked whole are not named."""
    if plan.sampling == "census":
        return {}
    sizes = {stratum: len(members) for stratum, members in _by_stratum(free).items()}
    left = max((plan.size or 0) - sizes.pop(KEY, 0), 0)
    return apportioned(sizes, left)


def apportioned(sizes: Mapping[str, int], places: int) -> dict[str, int]:
    """Places by size: one for each as far as they go, the largest first; every further one where most stand behind it (Sainte-Laguë)."""
    found = dict.fromkeys(sizes, 0)
    for stratum in sorted(sizes, key=lambda name: (-sizes[name], name))[: max(places, 0)]:
        found[stratum] = 1
    waiting = [(-size / 3, name) for name, size in sizes.items() if size > found[name]]
    heapify(waiting)
    for _ in range(places - sum(found.values())):
        if not waiting:
            break
        _, name = heappop(waiting)
        found[name] += 1
        if found[name] < sizes[name]:
            heappush(waiting, (-sizes[name] / (2 * found[name] + 1), name))
    return found


def _lot(seed: int, candidate: Candidate) -> str:
    return sha256(f"{seed}:{candidate.customer_id}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Spread:
    """How answers of an earlier wave lay: shares at the top and at the bottom."""

    top: float
    low: float


WORST: Final[Mapping[str, Spread]] = {"nps": Spread(0.5, 0.5), "csat": Spread(0.5, 0.5), "ces": Spread(0.5, 0.5)}
"""Answers that lie as far apart as they can."""


def needed(metric: str, population: int, margin: float, spread: Spread | None = None) -> int:
    """How many of so many customers must answer for a score known to within the margin, in points."""
    lowest, highest = 1, max(population, 1)
    while lowest < highest:
        middle = (lowest + highest) // 2
        if off(metric, middle, population, spread or WORST[metric]) <= margin:
            highest = middle
        else:
            lowest = middle + 1
    return lowest


def off(metric: str, n: int, population: int, spread: Spread) -> float:
    """How far from the truth a score may lie, in points; when everybody answered, not at all."""
    if n >= population:
        return 0.0
    if metric == "nps":
        found = statistics.nps(n * spread.top, n * spread.low, n, population)
    else:
        found = statistics.share(n * spread.top, n, population)
    assert found is not None
    return max(found.high - found.value, found.value - found.low)


def to_ask(wanted: int, response_rate: float, population: int) -> int:
    """How many customers to ask so that so many answer."""
    return min(population, ceil(wanted / response_rate)) if response_rate > 0 else population
