"""The text model: it learns what made texts score well, refuses when there are too few, and is kept small."""

from __future__ import annotations

import json
from random import Random

import numpy as np
import pytest
import texts
from shared import SHARED, shared

from lib.domain import text_model
from lib.errors import Refused

PRAISED = ("准时", "省心", "到货快", "responsive", "well packed")
BLAMED = ("拖延", "破损", "没人管", "unanswered", "short-shipped")
THINGS = ("对账", "发票", "司机", "仓库", "报价", "sample", "portal", "invoice")


def comments(count: int) -> tuple[list[str], np.ndarray]:
    """Different texts, half of them pleased, some of them wrongly scored."""
    rng = Random(7)  # noqa: S311 (made-up texts)
    good = np.array([number % 2 == 0 for number in range(count)], dtype=bool)
    texts = [
        f"{number % 97} {rng.choice(THINGS)}{rng.choice(PRAISED if one else BLAMED)} {rng.random():.6f}" for number, one in enumerate(good)
    ]
    wrong = np.array([rng.random() < 0.05 for _ in texts], dtype=bool)
    return texts, good ^ wrong


def test_it_learns_and_is_tried_on_what_it_did_not_see() -> None:
    texts, good = comments(600)
    right = ((text_model.tried(texts, good) > 0.5) == good).mean()
    assert right > 0.9


def test_what_is_kept_says_the_same() -> None:
    texts, good = comments(400)
    model = text_model.fit(texts, good)
    kept = text_model.unpacked(json.loads(json.dumps(text_model.packed(model))))
    assert np.array_equal(text_model.chance(model, texts), text_model.chance(kept, texts))
    assert len(text_model.packed(model)["weights"]) < 20_000
    likely = text_model.chance(kept, ["到货快，省心", "拖延，没人管", "", "👍"])
    assert likely[0] > 0.7
    assert likely[1] < 0.3
    assert ((likely >= 0) & (likely <= 1)).all()


@pytest.mark.parametrize("count", [0, 1, text_model.FEWEST - 1])
def test_too_few_are_refused_and_counted(count: int) -> None:
    texts, good = comments(count)
    with pytest.raises(Refused) as refused:
        text_model.fit(texts, good)
    assert str(count) in refused.value.text.say("zh", **refused.value.values)


def test_too_few_of_one_kind_are_refused() -> None:
    texts, good = comments(400)
    with pytest.raises(Refused):
        text_model.fit(texts, good & (np.arange(400) < 80))


@pytest.mark.parametrize(("name", "every", "wanted"), [("waimai", 2, 0.88), ("shopping", 10, 0.915)])
def test_public_reviews_are_judged_as_well_as_promised(name: str, every: int, wanted: float) -> None:
    """A part of each, one fifth judged by the model of the others: `make models` measures all of them (docs/MODELS.md)."""
    shared(str(texts.FILES[name].relative_to(SHARED)))
    found = texts.reviews(texts.FILES[name])
    some = found.only(np.arange(len(found.texts)) % every == 0)
    judged = text_model.folds(some.texts) == 0
    assert texts.across(some.only(~judged), some.only(judged)) >= wanted
    words = texts.listed(some.only(~texts.seen(some.texts)))
    assert min(words.everything, words.decided) >= 0.85
