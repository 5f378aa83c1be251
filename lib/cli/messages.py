"""`send`: hand what waits in the outbox to the mail server, for a nightly job or a machine without a screen."""

from __future__ import annotations

import argparse
from typing import Any

from lib import post
from lib.cli.frame import open_ledger, say
from lib.domain.access import SYSTEM
from lib.errors import Refused


def add(verbs: Any) -> None:  # noqa: ANN401 (argparse keeps the type of its subparsers to itself)
    """Declare the verb."""
    verb = verbs.add_parser("send", help=f"send the outbox through the mail server in {post.VARIABLE}")
    verb.add_argument("--dry-run", action="store_true", help="only say how many messages wait")
    verb.set_defaults(run=_send)


def _send(chosen: argparse.Namespace) -> None:
    with open_ledger() as ledger:
        if chosen.dry_run:
            say({"waiting": len(post.waiting(ledger, SYSTEM))})
            return
        to = post.server()
        if to is None:
            raise Refused(post.NOT_SET)
        done = post.deliver(ledger, SYSTEM, to)
    say({name: getattr(done, name) for name in ("waiting", "sent", "failed", "unknown", "skipped")})
    if done.trouble:
        raise done.trouble
