"""The vocabularies in `data/demo`, and the chance that chooses from them: seeded by name, so the same seed tells the same company."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

FOLDER: Final = Path(__file__).parents[2] / "data" / "demo"

Words = Mapping[str, str]


@cache
def words(name: str) -> tuple[Words, ...]:
    """The lines of one vocabulary."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def matching(name: str, **wanted: str) -> tuple[Words, ...]:
    """The lines of one vocabulary that have these values."""
    return tuple(line for line in words(name) if all(line[key] == value for key, value in wanted.items()))


def chance(seed: int, *subject: object) -> Random:
    """A stream of its own for each subject: what is drawn for one never shifts what is drawn for another."""
    return Random(":".join(map(str, (seed, *subject))))  # noqa: S311 (a story, not a secret)


def happens(rng: Random, share: float) -> bool:
    """Whether something happens that happens in this share of cases."""
    return rng.random() < share


def weighted(rng: Random, lines: Sequence[Words]) -> Words:
    """One line, by its `weight` column."""
    return rng.choices(lines, [float(line["weight"]) for line in lines])[0]
