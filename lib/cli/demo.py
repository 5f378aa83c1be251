"""`demo`: fill an empty ledger with the demo company, or build a demo ledger anew."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from lib.cli.frame import say
from lib.demo import DEMO_ACCOUNTS, DEMO_DATE, SEED, BuildDemo, is_demo, is_empty, learn, play
from lib.domain.access import SYSTEM
from lib.errors import Conflict
from lib.store.door import execute
from lib.store.ledger import Ledger, ledger_path, make_folder
from lib.text import Text

_KEPT = Text(
    "账本 {path} 里已经有数据，没有改动它。演示账本可用 --force 重建；其他账本请用 --path 指定新文件。",
    "The ledger {path} already holds data and was left alone. A demo ledger is rebuilt with --force; else name a new file with --path.",
)
_NOT_DEMO = Text(
    "账本 {path} 不是演示账本，--force 也不会覆盖它。请用 --path 指定新文件。",
    "The ledger {path} is not a demo: --force does not replace it either. Name a new file with --path.",
)
_SUFFIX: Final = ".building"


def add(verbs: Any) -> None:  # noqa: ANN401 (argparse keeps the type of its subparsers to itself)
    """Declare the verb."""
    verb = verbs.add_parser("demo", help="build the demo company in an empty ledger")
    verb.add_argument("--path", type=Path, help="the ledger file (default MINGZHANG_LEDGER, else data/ledger.duckdb)")
    verb.add_argument("--seed", type=int, default=SEED, help=f"another seed tells another company (default {SEED})")
    verb.add_argument("--force", action="store_true", help="replace a ledger that is itself a demo")
    verb.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    path: Path = chosen.path or ledger_path()
    make_folder(path)
    _refuse_kept(path, force=chosen.force)
    written = build(path, chosen.seed, learned=True)
    accounts = [
        {"username": account.username, "password": account.password, "role": account.role.value, "name": account.name}
        for account in DEMO_ACCOUNTS
    ]
    say({"ledger": str(path), "demo_date": DEMO_DATE, "seed": chosen.seed, "records": written, "accounts": accounts})


def build(path: Path, seed: int = SEED, *, learned: bool = False) -> dict[str, int]:
    """A demo ledger at a path, in place of what is there. It is finished beside it first, so that a failure changes nothing.

    `learned`: with the models fitted and the weekly reviews held, which takes some seconds more.
    """
    fresh = path.with_name(path.name + _SUFFIX)
    _clear(fresh)
    try:
        with Ledger(fresh) as ledger:
            written: dict[str, int] = execute(ledger, SYSTEM, BuildDemo(seed)).result
            play(ledger, reviewed=learned)
            if learned:
                learn(ledger)
            ledger.checkpoint()
        _log(path).unlink(missing_ok=True)
        fresh.replace(path)
    finally:
        _clear(fresh)
    return written


def _refuse_kept(path: Path, *, force: bool) -> None:
    """Refuses: a ledger with data, unless it is a demo and may be replaced."""
    if not path.exists():
        return
    with Ledger(path) as ledger:
        if is_empty(ledger):
            return
        if not force:
            raise Conflict(_KEPT, path=path)
        if not is_demo(ledger):
            raise Conflict(_NOT_DEMO, path=path)
        # Folds the write-ahead log into the file: a log left behind would be replayed into the new one.
        ledger.checkpoint()


def _log(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


def _clear(path: Path) -> None:
    path.unlink(missing_ok=True)
    _log(path).unlink(missing_ok=True)
