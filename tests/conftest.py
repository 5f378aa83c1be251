"""Shared fixtures: an empty ledger, people to act, one date."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lib.store.ledger import Ledger


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """An empty, migrated ledger in memory."""
    with Ledger(":memory:") as opened:
        yield opened
