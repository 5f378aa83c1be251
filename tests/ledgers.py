"""Empty ledgers for tests: a copy of one made once per process, which costs a third of making each anew."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from lib.store.ledger import Ledger, utc_now


@contextmanager
def fresh(*, clock: Callable[[], datetime] = utc_now, like: Path | None = None) -> Iterator[Ledger]:
    """An empty, migrated ledger, or a copy of the closed one at `like`; gone at the end."""
    with TemporaryDirectory(prefix="mingzhang-") as folder:
        path = Path(folder) / "ledger.duckdb"
        shutil.copy(like or Path(_template().name) / "ledger.duckdb", path)
        with Ledger(path, clock=clock) as opened:
            yield opened


@cache
def _template() -> TemporaryDirectory[str]:
    folder = TemporaryDirectory(prefix="mingzhang-template-")
    with Ledger(Path(folder.name) / "ledger.duckdb") as made:
        made.checkpoint()
    return folder
