"""What the questions behind a page or a pack cost, each by its name."""

from __future__ import annotations

import re
import time
from typing import Any, Final

from lib.store import query

DEAREST: Final = 4
"""So many questions are named."""


def watched() -> list[tuple[str, float]]:
    """From now on what each question costs that the cache does not know: its name and CPU milliseconds."""
    asked: list[tuple[str, float]] = []
    names = {one.sql: name for name, one in query.catalog().items()}
    run = query.run

    def watching(ledger: Any, sql: str, *given: Any) -> Any:
        started = time.process_time()
        answer = run(ledger, sql, *given)
        asked.append((names.get(sql) or _base(sql), (time.process_time() - started) * 1000))
        return answer

    query.run = watching  # type: ignore[assignment]
    return asked


def dearest(asked: list[tuple[str, float]]) -> str | None:
    """How much of a run the questions took, and which of them the most."""
    if not asked:
        return None
    most = sorted(asked, key=lambda one: -one[1])[:DEAREST]
    named = ", ".join(f"{name} {taken:.0f}" for name, taken in most)
    return f"{sum(taken for _, taken in asked):,.0f} ms are the engine's, for {len(asked)} questions: {named}"


def _base(sql: str) -> str:
    """A compiled statement by the base of the metrics it counts."""
    found = re.search(r"\b(measured|money)_\w+", sql)
    return found[0] if found else "a metric"
