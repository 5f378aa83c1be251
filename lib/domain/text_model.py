"""Whether a text is pleased or not, learned from texts that came with a score: characters and pairs of them, weighed.

A text counts by its single characters and pairs of neighbours, common ones less (TF-IDF). Each has one of 65,536 places by its hash, so
no vocabulary is kept. A logistic rule with its weights held back (L2) says how likely the text is a pleased one. No words have to be cut
apart, which is what Chinese needs, and English does well enough. Only learning needs scipy, and imports it there. Figures: docs/MODELS.md.
"""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lib.errors import Refused
from lib.text import Text

Numbers = NDArray[np.float64]
Truth = NDArray[np.bool_]

FEWEST: Final = 300
"""Different texts with a score that it takes to learn from."""
FEWEST_EACH: Final = 50
"""Of them at least so many pleased and so many displeased."""
FOLDS: Final = 5
_BITS: Final = 16
_PLACES: Final = 1 << _BITS
_HELD: Final = 4.0
"""How much the texts count against keeping weights small."""
_STEPS: Final = 100
_WHOLE: Final = 127
"""Weights are kept as whole numbers up to this one."""
_IDF_STEP: Final = 1 / 16
_TOO_FEW: Final = Text(
    "带分数的不同评语只有 {texts} 条（好评 {good}、差评 {bad}）。至少 {fewest} 条、好评和差评各 {each} 条才学习，先按词表判断。",
    "Only {texts} different comments come with a score ({good} pleased, {bad} displeased); learning takes {fewest}, with {each} of each. "
    "Until then the word list decides.",
)


@dataclass(frozen=True, slots=True)
class TextModel:
    """What was learned: a weight and a rarity for each place, a base, and from how many texts."""

    weights: NDArray[np.int8]
    scale: float
    rarity: NDArray[np.uint8]
    base: float
    texts: int
    good: int


@dataclass(frozen=True, slots=True)
class _Grams:
    """Characters and pairs of each text: which text, which place, how often there."""

    row: NDArray[np.int64]
    place: NDArray[np.int64]
    times: NDArray[np.int64]
    texts: int

    def weighed(self, rarity: NDArray[np.uint8]) -> Numbers:
        """How much each counts in its text; all of a text together have length one."""
        value = (1 + np.log(self.times)) * rarity[self.place]
        length = np.sqrt(np.bincount(self.row, weights=value**2, minlength=self.texts))
        return np.asarray(value / length[self.row], dtype=np.float64)


def fit(texts: Sequence[str], good: Truth) -> TextModel:
    """What these texts teach. Refuses: too few of them, or too few of one kind."""
    _refuse_too_few(texts, good)
    return _learn(texts, good)


def _refuse_too_few(texts: Sequence[str], good: Truth) -> None:
    pleased = int(good.sum())
    if len(texts) < FEWEST or min(pleased, len(texts) - pleased) < FEWEST_EACH:
        numbers = {"texts": len(texts), "good": pleased, "bad": len(texts) - pleased, "fewest": FEWEST, "each": FEWEST_EACH}
        raise Refused(_TOO_FEW, **numbers)


def _learn(texts: Sequence[str], good: Truth) -> TextModel:
    grams = _grams(texts)
    seen_in = np.bincount(grams.place, minlength=_PLACES)
    rarity = np.minimum(np.round((np.log((1 + len(texts)) / (1 + seen_in)) + 1) / _IDF_STEP), 255).astype(np.uint8)
    weights, base = _logistic(grams, grams.weighed(rarity), good)
    scale = float(np.abs(weights).max()) / _WHOLE or 1.0
    return TextModel(np.round(weights / scale).astype(np.int8), scale, rarity, base, len(texts), int(good.sum()))


def chance(model: TextModel, texts: Sequence[str]) -> Numbers:
    """How likely each text is a pleased one, 0 to 1."""
    grams = _grams(texts)
    parts = grams.weighed(model.rarity) * model.weights[grams.place]
    said = np.bincount(grams.row, weights=parts, minlength=len(texts)) * model.scale + model.base
    return np.asarray(1 / (1 + np.exp(-said)), dtype=np.float64)


def mood(likely: float) -> float:
    """A chance as a mood: −1 bad to 1 good, the ends kept for what a person says."""
    return round(min(max(2 * likely - 1, -0.999), 0.999), 3)


def folds(texts: Sequence[str]) -> NDArray[np.int64]:
    """In which of five parts each text is tried; by the text alone, so that the same one is never on both sides."""
    return np.array([hashlib.sha256(text.encode()).digest()[0] % FOLDS for text in texts], dtype=np.int64)


def tried(texts: Sequence[str], good: Truth) -> Numbers:
    """The chance of each text by a model that learned from the four parts it is not in. Refuses: as `fit`."""
    _refuse_too_few(texts, good)
    part, found = folds(texts), np.zeros(len(texts))
    for one in range(FOLDS):
        learns = part != one
        model = _learn([text for text, chosen in zip(texts, learns, strict=True) if chosen], good[learns])
        found[~learns] = chance(model, [text for text, chosen in zip(texts, learns, strict=True) if not chosen])
    return found


def packed(model: TextModel) -> dict[str, Any]:
    """As parameters of a run keep it."""
    content = zlib.compress(model.weights.tobytes() + model.rarity.tobytes(), 9)
    return {"weights": b64encode(content).decode(), "scale": model.scale, "base": model.base, "texts": model.texts, "good": model.good}


def unpacked(parameters: Mapping[str, Any]) -> TextModel:
    """What `packed` kept."""
    content = zlib.decompress(b64decode(parameters["weights"]))
    weights, rarity = np.frombuffer(content[:_PLACES], dtype=np.int8), np.frombuffer(content[_PLACES:], dtype=np.uint8)
    return TextModel(weights, parameters["scale"], rarity, parameters["base"], parameters["texts"], parameters["good"])


def _grams(texts: Sequence[str]) -> _Grams:
    codes = [np.frombuffer(text.lower().encode("utf-32-le", "replace"), dtype=np.uint32) for text in texts]
    row = np.repeat(np.arange(len(texts)), [len(code) for code in codes])
    sign = np.concatenate([*codes, np.zeros(0, np.uint32)]).astype(np.uint64)
    together = row[:-1] == row[1:]
    pairs = (sign[:-1] * np.uint64(0x100000001B3) + sign[1:] + np.uint64(1))[together]
    place = (np.concatenate([sign, pairs]) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - _BITS)
    keys = np.concatenate([row, row[:-1][together]]) * _PLACES + place.astype(np.int64)
    found, times = np.unique(keys, return_counts=True)
    return _Grams(found >> _BITS, found & (_PLACES - 1), times, len(texts))


def _logistic(grams: _Grams, value: Numbers, good: Truth) -> tuple[Numbers, float]:
    """The weights that make the texts likeliest, held back by their size."""
    from scipy.optimize import minimize  # noqa: PLC0415 (see above)
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    named, column = np.unique(grams.place, return_inverse=True)  # places no text has need no weight
    table = csr_matrix((value, (grams.row, column)), shape=(grams.texts, len(named)))
    turned = table.T.tocsr()
    side = np.where(good, 1.0, -1.0)

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        said = side * (table @ weights[:-1] + weights[-1])
        slope = -side * _HELD / (1 + np.exp(said))
        size = weights[:-1]
        return float(np.logaddexp(0, -said).sum() * _HELD + size @ size / 2), np.append(turned @ slope + size, slope.sum())

    found = minimize(loss, np.zeros(len(named) + 1), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    weights = np.zeros(_PLACES)
    weights[named] = found[:-1]
    return weights, float(found[-1])
