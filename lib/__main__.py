"""`python -m lib`: import, undo, report, models, send, check, recheck, backup, restore, demo, user. Errors go to stderr, exit code 1."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys

from lib import cli
from lib.cli import frame
from lib.errors import Refused


def main(arguments: list[str] | None = None) -> int:
    """Run one verb. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lib", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for module in pkgutil.iter_modules(cli.__path__):
        if hasattr(found := importlib.import_module(f"lib.cli.{module.name}"), "add"):
            found.add(verbs)
    chosen = parser.parse_args(arguments)
    try:
        chosen.run(chosen)
    except Refused as refusal:
        print(refusal.say(frame.language()), file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
