"""`tell`: look at everybody's subscriptions and mail what they are to be told, for a nightly job."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from lib import alerts, post
from lib.cli.frame import day, open_ledger, say
from lib.errors import Refused
from lib.store.settings import today


def add(verbs: Any) -> None:  # noqa: ANN401 (argparse keeps the type of its subparsers to itself)
    """Declare the verb."""
    verb = verbs.add_parser("tell", help=f"look at all subscriptions and mail what they say through the server in {post.VARIABLE}")
    verb.add_argument("--as-of", metavar="DATE", help="the day they are looked at (default today; in the demo its fixed date)")
    verb.set_defaults(run=_tell)


def _tell(chosen: argparse.Namespace) -> None:
    with open_ledger() as ledger:
        to = post.server()
        if to is None:
            raise Refused(post.NOT_SET)
        say(asdict(alerts.tell(ledger, day(chosen.as_of) if chosen.as_of else today(ledger), to)))
