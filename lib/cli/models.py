"""`models`: what models learn from the ledger's own history, tried at four past origins beside their simple rules, and recorded."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from lib.cli.frame import day, open_ledger, say
from lib.commands import models
from lib.commands.modelling.runs import Run
from lib.domain.access import SYSTEM
from lib.store.door import execute
from lib.store.settings import today
from lib.text import Text


def add(verbs: Any) -> None:  # noqa: ANN401 (argparse keeps the type of its subparsers to itself)
    """Declare the verb."""
    verb = verbs.add_parser("models", help="fit the models, try them on the ledger's own past, record what they foretell")
    verb.add_argument("--as-of", metavar="DATE", help="as of the end of this day (default today; in the demo its fixed date)")
    verb.add_argument("--dry-run", action="store_true", help="say what was found and record nothing")
    verb.set_defaults(run=_models)


def _models(chosen: argparse.Namespace) -> None:
    with open_ledger() as ledger:
        now = today(ledger)
        found = models.prepare(ledger, SYSTEM, day(chosen.as_of) if chosen.as_of else now, _tell)
        recorded = None if chosen.dry_run else execute(ledger, SYSTEM, models.FitModels(now, found)).result
    say({"as_of": found.fitted_on, "runs": [_said(run) for run in found.runs], "recorded": recorded})


def _tell(done: float, what: Text) -> None:
    print(f"{done:4.0%} {what.en}", file=sys.stderr)


def _said(run: Run) -> dict[str, object]:
    names = ("model", "kind", "fitted_on", "until_on", "cases", "uses", "parameters", "figures")
    return {name: getattr(run, name) for name in names}
