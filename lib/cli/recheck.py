"""`recheck`: closed weeks made again as they were known when frozen: the same to the digit, or where not, and what is restated since."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import Any, Final

from lib import formats
from lib.cli.frame import open_ledger, say
from lib.errors import Refused
from lib.metrics import monday
from lib.review.proof import VERDICT, Proof, prove
from lib.store.ledger import Ledger
from lib.store.settings import today
from lib.text import Text, listed

WEEKS: Final = 13
_NAMED = Text("{name}（{verdict}）", "{name} ({verdict})")
_BROKEN = Text(
    "{count} 次冻结不再是当时的样子：{names}。请对照备份查原因；数字以账本为准，冻结的原文不要改。",
    "{count} frozen reviews are no longer what they were: {names}. Compare with a backup to find out why; leave the frozen texts alone.",
)


def add(verbs: Any) -> None:  # noqa: ANN401 (argparse keeps the type of its subparsers to itself)
    """Declare the verb."""
    verb = verbs.add_parser("recheck", help="closed weeks made again: equal to what was frozen, or what differs and what is restated")
    verb.add_argument("--weeks", type=int, default=WEEKS, help=f"how many weeks back (default {WEEKS})")
    verb.set_defaults(run=_recheck)


def _recheck(chosen: argparse.Namespace) -> None:
    with open_ledger() as ledger:
        found = proofs(ledger, chosen.weeks, restate=True)
    say([_said(one) for one in found])
    refuse(found)


def proofs(ledger: Ledger, weeks: int = WEEKS, *, restate: bool = False) -> list[Proof]:
    """What was frozen of the last weeks, proved."""
    return prove(ledger, monday(today(ledger)) - timedelta(weeks=weeks), restate=restate)


def refuse(found: list[Proof]) -> None:
    """Refuses: frozen weeks that are not what they were."""
    broken = [one for one in found if one.is_broken]
    if broken:
        said = [_NAMED.filled(name=f"{formats.iso_week(one.week_on)} {one.circle}", verdict=VERDICT[one.verdict]) for one in broken]
        raise Refused(_BROKEN, count=len(broken), names=listed(said))


def _said(one: Proof) -> dict[str, object]:
    frozen = {"week": formats.iso_week(one.week_on), "circle": one.circle, "known_at": one.known_at, "verdict": one.verdict}
    return {**frozen, "differs": list(one.where), "restated": list(one.restated)}
