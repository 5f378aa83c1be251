"""Ledgers for tests: copies of one made once per process, which costs a third of making each anew, and less still when rows stand in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from lib.store.ledger import Ledger, utc_now

Seed = Callable[[Ledger], object]
"""Writes what tests start from. It is asked once per process, so it looks at no clock but the ledger's."""
Opens = Callable[[Seed], Ledger]
"""What the fixture `opens` gives."""


@contextmanager
def fresh(seed: Seed | None = None, *, clock: Callable[[], datetime] = utc_now, like: Path | None = None) -> Iterator[Ledger]:
    """A migrated ledger, gone at the end: empty or a copy of the closed one at `like`, with what `seed` writes."""
    with TemporaryDirectory(prefix="mingzhang-") as folder:
        path = Path(folder) / "ledger.duckdb"
        shutil.copy(made(seed, like, clock), path)
        with Ledger(path, clock=clock) as opened:
            yield opened


def made(seed: Seed | None = None, like: Path | None = None, clock: Callable[[], datetime] = utc_now) -> Path:
    """The closed ledger that such a one is a copy of: copy it, never open it."""
    if like and not seed:
        return like
    if (seed, like) not in _MADE:
        folder = TemporaryDirectory(prefix="mingzhang-template-")
        path = Path(folder.name) / "ledger.duckdb"
        if seed:
            shutil.copy(like or made(), path)
        with Ledger(path, clock=clock) as opened:
            if seed:
                seed(opened)
        _MADE[seed, like] = folder
    return Path(_MADE[seed, like].name) / "ledger.duckdb"


_MADE: Final[dict[tuple[Seed | None, Path | None], TemporaryDirectory[str]]] = {}
