"""`welcome`: what `make run` says before the server starts, after building the demo company when there is no ledger yet."""

from __future__ import annotations

import argparse
from typing import Any

from lib.cli.demo import build
from lib.demo import DEMO_ACCOUNTS, is_demo
from lib.domain.access import ROLE_LABEL
from lib.store.ledger import Ledger, ledger_path, make_folder


def add(verbs: Any) -> None:  # noqa: ANN401 (argparse keeps the type of its subparsers to itself)
    """Declare the verb."""
    verb = verbs.add_parser("welcome", help="say the address and, in the demo, who can sign in; build the demo when there is no ledger")
    verb.add_argument("--address", default="http://127.0.0.1:8501")
    verb.add_argument("--no-demo", action="store_true", help="start with an empty ledger instead of the demo company")
    verb.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    path = ledger_path()
    make_folder(path)
    if not path.exists() and not chosen.no_demo:
        print(f"正在建立演示公司 · building the demo company: {path}")
        build(path, learned=True)
    with Ledger(path) as ledger:
        demo = is_demo(ledger)
    print(f"\n明账 Mingzhang  {chosen.address}\n")
    if demo:
        print("演示账号 · demo accounts")
        for one in DEMO_ACCOUNTS:
            label = ROLE_LABEL[one.role]
            print(f"  {one.username:<14}{one.password:<28}{label.zh} · {label.en}")
        print()
