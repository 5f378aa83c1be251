"""Movements with their partners, on 22,663 pairs whose truth is known and on cases made by hand."""

from __future__ import annotations

import csv
import gzip
import time
from datetime import date
from decimal import Decimal
from random import Random

import pytest

from lib.domain.linkage import Link, Movement, Reach, link
from tests.shared import shared

DAY = date(2026, 3, 2)


def side(name: str) -> tuple[list[str], list[Movement]]:
    """The truth, kept apart, and the movements without it, in an order of their own."""
    with gzip.open(shared("bank_matching") / f"transactions_{name}.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    Random(name).shuffle(rows)  # noqa: S311
    moved = [Movement(date.fromisoformat(row["transaction_date"]), Decimal(row["amount"]), row["memo"]) for row in rows]
    return [row["ground_truth"] for row in rows], moved


@pytest.fixture(scope="module")
def sides() -> tuple[tuple[list[str], list[Movement]], tuple[list[str], list[Movement]]]:
    return side("origin"), side("destination")


def movement(amount: str, words: str, day: int = 0) -> Movement:
    return Movement(DAY.replace(day=DAY.day + day), Decimal(amount), words)


Sides = tuple[tuple[list[str], list[Movement]], tuple[list[str], list[Movement]]]


def test_nearly_all_of_22663_pairs_are_found_and_hardly_one_is_wrong(sides: Sides) -> None:
    (left_truth, left), (right_truth, right) = sides
    started = time.process_time()
    links = link(left, right)
    seconds = time.process_time() - started

    def rates(chosen: list[Link]) -> tuple[float, float]:
        right_ones = sum(left_truth[one.left] == right_truth[one.right] for one in chosen)
        return right_ones / len(chosen), right_ones / len(left)

    precision, recall = rates(list(links))
    assert 2 * precision * recall / (precision + recall) >= 0.998
    precision, recall = rates([one for one in links if one.sure])
    assert recall >= 0.955
    assert precision >= 0.999
    assert seconds <= 8


def test_when_half_have_no_partner_few_sure_links_are_wrong(sides: Sides) -> None:
    (left_truth, left), (right_truth, right) = sides
    known = Random(5).sample(left_truth, 4500)  # noqa: S311
    ours, theirs = set(known[:3000]), set(known[1500:])
    lefts = [place for place, truth in enumerate(left_truth) if truth in ours]
    rights = [place for place, truth in enumerate(right_truth) if truth in theirs]
    sure = [one for one in link([left[place] for place in lefts], [right[place] for place in rights]) if one.sure]
    wrong = sum(left_truth[lefts[one.left]] != right_truth[rights[one.right]] for one in sure)
    assert len(sure) >= 1350
    assert wrong / len(sure) <= 0.01


def test_of_two_that_fit_equally_well_none_is_sure(sides: Sides) -> None:
    (_, left), (_, right) = sides
    odd = movement("7777.77", "UNIQUE NAME payment")
    one, twice = link([*left[:2000], odd], [*right[:2000], odd]), link([*left[:2000], odd], [*right[:2000], odd, odd])
    assert [found.sure for found in one if found.left == 2000] == [True]
    assert [found.sure for found in twice if found.left == 2000] == [False]


def test_a_handful_is_offered_and_never_sure() -> None:
    left = [movement("100", "恒源机械 货款"), movement("250", "南风贸易 三月")]
    right = [movement("249.50", "南风贸易 三月 手续费", 2), movement("100", "恒源机械", 1)]
    links = link(left, right)
    assert sorted((one.left, one.right) for one in links) == [(0, 1), (1, 0)]
    assert not any(one.sure for one in links)


def test_partners_lie_within_reach() -> None:
    left, right = [movement("100", "恒源机械", 3)], [movement("100", "恒源机械")]
    assert link(left, right) == ()
    assert len(link(left, right, Reach(first_day=-5, last_day=5))) == 1
    assert link([movement("100", "恒源机械")], [movement("150", "恒源机械")]) == ()
    assert link([], right) == ()
