"""What reviews saw at their time: the text that was frozen for who may read it, else the same week made again as it was known then.

Two sights of one week never mix: nobody gets rows of customers out of their sight, however the week was frozen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Final

from lib.domain.access import Actor
from lib.metrics.variation import View
from lib.review.pack import Pack, build, circle, from_text, section_rows
from lib.review.sections import SECTIONS, Source
from lib.store.ledger import Ledger
from lib.store.query import rows


@dataclass(frozen=True, slots=True)
class Frozen:
    """One freezing of one week. `is_live`: the one in force; the others say who opened the review again, when and why.

    `is_readable`: whether the person who asks may read the text itself.
    """

    pack_id: int
    meeting_id: int
    week_on: date
    circle: str
    as_of: date
    known_at: datetime
    currency: str | None
    maker: str
    sha256: str
    maker_id: int
    is_readable: bool
    is_live: bool
    reopened_at: datetime | None = None
    reopened_by: str | None = None
    reason: str | None = None


_NAMES: Final = tuple(one.name for one in fields(Frozen))


def frozen(ledger: Ledger, actor: Actor, week_on: date | None = None) -> tuple[Frozen, ...]:
    """What was frozen of a week, or ever, the latest week first: of the person's circles, and when the company's own was."""
    found = rows(ledger, actor, "frozen_packs", week_on=week_on)
    return tuple(Frozen(**{name: row[name] for name in _NAMES}) for row in found)


def of_week(ledger: Ledger, actor: Actor, week_on: date) -> Frozen | None:
    """The freezing that counts for a person: that of their own circle, else one they may read, else the company's."""
    return _best(frozen(ledger, actor, week_on), circle(actor))


def last_before(ledger: Ledger, actor: Actor, week_on: date) -> Frozen | None:
    """The same of the latest week frozen before one: what its review is held against."""
    earlier = [one for one in frozen(ledger, actor) if one.week_on < week_on and one.is_live]
    last_on = max((one.week_on for one in earlier), default=None)
    return _best([one for one in earlier if one.week_on == last_on], circle(actor))


def _best(found: Iterable[Frozen], own: str) -> Frozen | None:
    return min(
        (one for one in found if one.is_live),
        key=lambda one: (one.circle != own, not one.is_readable, one.circle),
        default=None,
    )


def as_seen(view: View, of: Frozen, sections: Sequence[Source] = SECTIONS) -> Pack:
    """The week as its review saw it: the frozen text where the person may read it, else made again as known then, for their sight.

    Who sees a part gets the frozen numbers of their circle, but rows made again: they may see fewer customers by now, and what others
    of the circle read of the company's review is not theirs.
    """
    texts = rows(view.ledger, view.actor, "frozen_text", pack_id=of.pack_id)
    if not texts:
        return build(as_known(view, of), of.week_on, sections)
    thawed = from_text(texts[0]["body"])
    if not view.actor.sees_all:
        return replace(thawed, tables=section_rows(as_known(view, of), of.week_on, sections))
    allowed = {source.name for source in sections if view.actor.may(source.needs)}
    return replace(thawed, tables={name: found for name, found in thawed.tables.items() if name in allowed})


def as_known(view: View, of: Frozen) -> View:
    """Looking at a week as it was looked at when it was frozen."""
    return replace(view, as_of=of.as_of, known_at=of.known_at, cut=replace(view.cut, currency=of.currency))
