"""Invented names in both scripts; no two customers of one kind share one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice, product
from random import Random
from typing import Final

from lib.demo.sources import Words, matching, weighted, words

RESERVED: Final = frozenset({"恒源", "明辉"})
"""Brands that belong to stories."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name in both scripts."""

    zh: str
    en: str


def company_names(rng: Random, skip: int = 0) -> Iterator[Callable[[Words, Words], Name]]:
    """Brands, each waiting for its city and sector: 杭州 + 嘉禾 + 机械 + 有限公司. Enough for every company and prospect once."""
    brands = [
        Name(first["zh"] + last["zh"], (first["en"] + last["en"]).capitalize())
        for first, last in product(matching("brands", place="first"), matching("brands", place="last"))
        if first["zh"] + last["zh"] not in RESERVED
    ]
    rng.shuffle(brands)
    for brand in islice(brands, skip, None):
        yield partial(_company, brand, weighted(rng, words("forms")))


def shop_names(rng: Random, skip: int = 0) -> Iterator[Callable[[Words, Words], Name]]:
    """Shops called after their owner: 南京王小梅五金店."""
    for owner in person_names(rng, skip):
        yield partial(_shop, owner)


def person_names(rng: Random, skip: int = 0) -> Iterator[Name]:
    """Persons: 王小梅."""
    people = [
        Name(family["zh"] + given["zh"], f"{given['en']} {family['en']}")
        for family, given in product(words("family_names"), words("given_names"))
    ]
    rng.shuffle(people)
    return islice(people, skip, None)


def abroad_names() -> list[tuple[Words, Name]]:
    """Customers outside the country, with their line."""
    return [(line, Name(line["zh"], line["en"])) for line in words("abroad")]


def _company(brand: Name, form: Words, city: Words, sector: Words) -> Name:
    return Name(
        f"{city['zh']}{brand.zh}{sector['zh']}{form['zh']}",
        f"{city['en']} {brand.en} {sector['en']} {form['en']}",
    )


def _shop(owner: Name, city: Words, trade: Words) -> Name:
    return Name(f"{city['zh']}{owner.zh}{trade['zh']}", f"{owner.en} {trade['en']}, {city['en']}")
