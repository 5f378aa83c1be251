"""Data sets that lie beside the repository and never inside it."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1].parent / "shared" / "data"


def shared(name: str) -> Path:
    """The path of a shared data set or file; the test is skipped when it is not there."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"shared data is not here: {path}")
    return path
