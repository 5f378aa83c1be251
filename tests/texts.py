"""What readings of texts reach on public reviews, word lists and model beside each other: a part of docs/MODELS.md (`tests/models.py`).

Reviews with the same text stand once. The word lists were compiled by hand and looked at a fifth of each set (`seen`) while they were;
what they reach is told of the other four fifths, which nobody looked at. The model is judged by five parts, each by the other four.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from shared import SHARED

from lib.domain import moods, text_model

FILES = {
    "waimai": SHARED / "zh_feedback_waimai" / "waimai_10k.csv.gz",
    "shopping": SHARED / "zh_feedback_online_shopping" / "online_shopping_9_cats.csv.gz",
}


@dataclass(frozen=True)
class Reviews:
    """Different texts, and whether each was called good."""

    texts: list[str]
    good: NDArray[np.bool_]

    def only(self, chosen: NDArray[np.bool_]) -> Reviews:
        """Some of them."""
        return Reviews([text for text, one in zip(self.texts, chosen, strict=True) if one], self.good[chosen])


@dataclass(frozen=True)
class Listed:
    """What the word lists reach: rightly judged of those that say something, and of all when the silent count as displeased."""

    decided: float
    everything: float
    silent: float


def reviews(path: Path) -> Reviews:
    """The reviews of a file, each text once."""
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        rows = [(row["review"].strip(), row["label"] == "1") for row in csv.DictReader(file) if (row["review"] or "").strip()]
    first = dict(reversed(rows))
    return Reviews(list(first), np.array(list(first.values()), dtype=bool))


def seen(texts: Sequence[str]) -> NDArray[np.bool_]:
    """The fifth that was looked at while the word lists were compiled."""
    return np.array([int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 5 == 0 for text in texts], dtype=bool)


def listed(found: Reviews) -> Listed:
    """What the word lists reach."""
    read = [moods.read(text).mood for text in found.texts]
    said = np.array([mood is not None for mood in read], dtype=bool)
    right = np.array([(mood or 0.0) > 0 for mood in read], dtype=bool) == found.good
    return Listed(float(right[said].mean()), float(right.mean()), float((~said).mean()))


def across(learned: Reviews, judged: Reviews) -> float:
    """How many of one set a model of the other judges rightly."""
    model = text_model.fit(learned.texts, learned.good)
    return right(text_model.chance(model, judged.texts), judged.good)


def right(chance: NDArray[np.float64], good: NDArray[np.bool_]) -> float:
    """The share judged rightly."""
    return float(((chance > 0.5) == good).mean())


def speed(found: Reviews) -> tuple[float, float, int]:
    """Texts a second by words and by model, and the bytes the model is kept in."""
    model = text_model.unpacked(kept := text_model.packed(text_model.fit(found.texts, found.good)))
    taken = []
    for read in (lambda: [moods.read(text) for text in found.texts], lambda: text_model.chance(model, found.texts)):
        started = time.process_time()
        read()
        taken.append(len(found.texts) / (time.process_time() - started))
    return taken[0], taken[1], len(kept["weights"])
