"""Whether a comment is a pleased one, learned from comments that came with a score, beside what the word lists say of the same."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import date
from typing import Any, Final

import numpy as np

from lib.commands.modelling.runs import House, Run, facts_hash, judged, said
from lib.commands.readings import MODEL
from lib.domain import moods, text_model
from lib.errors import Refused

NAME: Final = MODEL


def runs(house: House, as_of: date) -> list[Run]:
    """One trial by five parts, each judged by a model of the other four; then what is used to read texts from now on."""
    table = house.ask("house_scored_texts", as_of=as_of)
    texts: list[str] = table["said"].to_pylist()
    good = np.asarray(table["is_good"].to_pylist(), dtype=bool)
    facts = facts_hash(np.array([zlib.crc32(text.encode()) for text in texts], dtype=np.float64), good.astype(np.float64))
    live = Run(NAME, "live", as_of, as_of, len(texts), "rule", {}, facts)
    try:
        chance = text_model.tried(texts, good)
    except Refused as refusal:
        return [replace(live, parameters={"refused": said(refusal.text, **refusal.values)})]
    rule = np.array([moods.read(text).mood or 0.0 for text in texts])
    figures: dict[str, Any] = judged(chance, rule, good) or {}
    figures |= {"accuracy": float(((chance > 0.5) == good).mean()), "rule_accuracy": float(((rule > 0) == good).mean())}  # noqa: PLR2004 (a half)
    trial = Run(NAME, "trial", as_of, as_of, len(texts), "model", {}, facts, figures)
    if figures["lead"][1] <= 0 or figures["accuracy"] <= figures["rule_accuracy"]:
        return [trial, live]
    return [trial, replace(live, uses="model", parameters=text_model.packed(text_model.fit(texts, good)))]
