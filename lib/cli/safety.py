"""`check`, `backup`, `restore`: is the ledger well, keep a copy, put one back."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lib.cli.frame import open_ledger, say
from lib.cli.recheck import proofs
from lib.errors import Refused, Unusable
from lib.store import safety
from lib.store.ledger import LOCKED, ledger_path
from lib.text import Text

_RUNNING = Text(
    "账本正被另一个程序（进程 {pid}）使用，多半是正在运行的明账服务器。请在网页的“管理 → 备份”里备份，或先停掉服务器再运行这个命令。",
    "The ledger is in use by another program (process {pid}), most likely the running server. "
    "Make the backup on its page Administration → Backup, or stop the server and run this command again.",
)
_NOT_WELL = Text(
    "有 {count} 项检查不通过：{names}。请恢复检查通过的备份，或把这份结果发给技术支持。",
    "{count} checks found something: {names}. Restore a backup that passes, or send this result to support.",
)
_NO_PASSPHRASE = Text("口令文件 {path} 读不到或是空的。", "The passphrase file {path} cannot be read or is empty.")


def add(verbs: Any) -> None:  # noqa: ANN401 (argparse keeps the type of its subparsers to itself)
    """Declare the verbs."""
    verb = verbs.add_parser("check", help="ledger identities, relationships, file blocks, the audit chain and frozen reviews")
    verb.set_defaults(run=_check)
    verb = verbs.add_parser("backup", help="a checked copy of the ledger, sealed when a passphrase is given")
    verb.add_argument("--folder", type=Path, help=f"where to (default {safety.FOLDER_VARIABLE}, or backups beside the ledger)")
    verb.add_argument("--rotate", action="store_true", help="then remove all but the last of each of 7 days and 5 weeks")
    _add_passphrase(verb)
    verb.set_defaults(run=_backup)
    verb = verbs.add_parser("restore", help="put a backup in place as a ledger; never overwrites")
    verb.add_argument("file", type=Path)
    verb.add_argument("--to", type=Path, help="the ledger to make (default MINGZHANG_LEDGER)")
    verb.add_argument("--force", action="store_true", help="move an existing ledger aside first")
    _add_passphrase(verb)
    verb.set_defaults(run=_restore)


def _add_passphrase(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--passphrase-file", type=Path, help=f"a file whose first line is the passphrase (or {safety.PASSPHRASE_VARIABLE})")


def _check(_: argparse.Namespace) -> None:
    with open_ledger() as ledger:
        findings = safety.check(ledger)
        if not any(finding.rows for finding in findings):  # what is damaged proves nothing
            findings.append(safety.Finding("frozen_reviews", sum(proof.is_broken for proof in proofs(ledger))))
    say([asdict(finding) for finding in findings])
    _refuse([finding for finding in findings if finding.rows])


def _backup(chosen: argparse.Namespace) -> None:
    try:
        ledger = open_ledger()
    except Unusable as trouble:
        if trouble.text is LOCKED:
            raise Unusable(_RUNNING, pid=trouble.values["pid"]) from trouble
        raise
    with ledger:
        made = safety.backup(ledger, chosen.folder, _passphrase(chosen))
        removed = safety.superfluous(safety.backups(made.path.parent, ledger), ledger.clock()) if chosen.rotate else []
    for one in removed:
        one.path.unlink()
    say([{"file": str(made.path), "change": made.change_id, "sealed": made.is_sealed, "removed": [str(one.path) for one in removed]}])
    _refuse(list(made.findings))


def _restore(chosen: argparse.Namespace) -> None:
    target = chosen.to or ledger_path()
    moved, findings = safety.restore(chosen.file, target, _passphrase(chosen, chosen.file), force=chosen.force)
    say([{"ledger": str(target), "moved": str(moved) if moved else None}])
    _refuse(findings)


def _refuse(findings: list[safety.Finding]) -> None:
    if findings:
        raise Refused(_NOT_WELL, count=len(findings), names=", ".join(finding.check for finding in findings))


def _passphrase(chosen: argparse.Namespace, sealed: Path | None = None) -> str | None:
    """From the file, the environment, or asked for when a sealed file is opened at a terminal. Never from the command line itself."""
    if chosen.passphrase_file:
        return _first_line(chosen.passphrase_file)
    given = safety.passphrase_given()
    if given or sealed is None or sealed.suffix != safety.SEALED or not sys.stdin.isatty():
        return given
    return getpass.getpass(f"{sealed.name}{os.linesep}passphrase: ")


def _first_line(path: Path) -> str:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(_NO_PASSPHRASE, path=path) from error
    if not lines or not lines[0]:
        raise Refused(_NO_PASSPHRASE, path=path)
    return lines[0]
