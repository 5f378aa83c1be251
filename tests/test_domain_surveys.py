"""Surveys as rules: questions that ask one thing, who may be asked, samples that can be drawn again, a wave's life step by step."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lib.domain import kinds, sampling, surveys, waves
from lib.domain.sampling import Candidate, Contact, Plan, apportioned, draw, needed, off
from lib.domain.survey_lint import check
from lib.domain.surveys import Among, Questions
from lib.errors import Refused

DAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("zh", "en", "kinds_found"),
    [
        ("您对交付和售后满意吗？", "How satisfied were you with the delivery?", {("two", "zh")}),
        ("您和我们打交道多久了？", "How long have you been our customer?", set()),
        ("价格、质量怎么样？", "How do you find our price?", {("two", "zh")}),
        ("价格怎么样？", "How are our price and/or quality?", {("two", "en")}),
        ("您是不是觉得我们的优质服务很好？", "How is our service?", {("leading", "zh")}),
        ("服务怎么样？", "Don’t you agree that our service is excellent?", {("leading", "en")}),
        ("您没有不满意的地方吗？", "What can we do better?", {("twice", "zh")}),
        ("哪里要改进？", "Were you not dissatisfied with us?", {("twice", "en")}),
        ("能不能说说不满意的地方？", "What did you not like?", set()),
        ("哪里要改进？", "", {("missing", "en")}),
        ("What can we do better?", "What can we do better?", {("missing", "zh")}),
        (
            "在过去一年里我们为您提供的所有产品当中您觉得最让您印象深刻最愿意向别人提起的究竟是哪一个产品呢？",
            "Which product?",
            {("long", "zh")},
        ),
    ],
)
def test_a_question_is_read_for_what_is_wrong_with_it(zh: str, en: str, kinds_found: set[tuple[str, str]]) -> None:
    assert {(one.kind, one.language) for one in check(zh, en)} == kinds_found


@pytest.mark.parametrize("metric", kinds.SCORE)
def test_templates_are_clean_and_label_every_point(metric: str) -> None:
    template, scale = surveys.TEMPLATE[metric], kinds.SCORE[metric]
    assert [one.said.en for text in (template.score, template.why) for one in check(text.zh, text.en)] == []
    assert list(surveys.POINTS[metric]) == list(range(scale.low, scale.high + 1))
    assert len({(said.zh, said.en) for said in surveys.POINTS[metric].values()}) == len(surveys.POINTS[metric])
    assert set(template.aspects) <= set(kinds.ASPECT)
    assert len(template.aspects) <= surveys.MOST_ASPECTS
    assert Questions.of(template.kept()) == template


def test_whom_a_wave_is_about_is_kept_as_it_was_named() -> None:
    among = Among(team="华东", amount_grades=("large", "small"), bought_days=30)
    assert Among.of(among.kept()) == among
    assert Among.of("{}") == Among()


@pytest.mark.parametrize(("now", "to"), [*product(waves.STATE, waves.STATE)])
def test_a_wave_takes_one_step_after_the_other(now: str, to: str) -> None:
    order = list(waves.STATE)
    if order.index(to) == order.index(now) + 1:
        waves.go(now, to)
    elif to in waves.STEP:
        with pytest.raises(Refused):
            waves.go(now, to)


def person(contact_id: int, **more: object) -> Contact:
    usual: dict[str, object] = {"role": "user", "is_primary": True, "do_not_contact": False, "language": "zh", "ways": frozenset({"email"})}
    return Contact(contact_id, **{**usual, **more})  # type: ignore[arg-type]


def crowd(sizes: dict[str, int]) -> list[Candidate]:
    strata = [name for name, size in sizes.items() for _ in range(size)]
    return [Candidate(number, stratum, (person(number),)) for number, stratum in enumerate(strata, 1)]


def test_the_same_seed_asks_the_same_people_whatever_order_they_come_in() -> None:
    everybody = crowd({"key": 5, "large|N": 40, "small|N": 200, "small|S": 90, "medium|S": 1})
    plan = Plan(DAY, 180, sampling="sample", size=60, seed=11)
    drawn = draw(everybody, plan)
    assert draw(everybody[::-1], plan) == drawn
    assert draw(everybody, Plan(DAY, 180, sampling="sample", size=60, seed=12)).asked != drawn.asked
    counts = {stratum: sum(one.stratum == stratum for one in drawn.asked) for stratum in {one.stratum for one in everybody}}
    assert counts["key"] == 5  # key accounts are all asked
    assert counts["medium|S"] == 1  # and every stratum at least once
    assert len(drawn.asked) == 60
    assert abs(counts["small|N"] - 55 * 200 / 331) < 1.5
    assert sum(one.weight for one in drawn.asked) == pytest.approx(drawn.population) == pytest.approx(len(everybody))


def test_of_a_key_account_one_in_each_role_is_asked_else_one_alone() -> None:
    roles = ("finance", "user", "decision", "user", None)
    people = tuple(person(number, role=role, is_primary=number == 2) for number, role in enumerate(roles, 1))
    key, other = (draw([Candidate(1, stratum, people)], Plan(DAY, 180)).asked for stratum in (sampling.KEY, "small|N"))
    assert [one.contact_id for one in key] == [1, 2, 3]
    assert [one.contact_id for one in other] == [2]
    assert {one.weight for one in key} == {1.0}  # three answers, one customer


def test_who_cannot_be_asked_is_named_with_the_reason() -> None:
    lately = DAY - timedelta(days=100)
    meant = [
        Candidate(1, "small|N", ()),
        Candidate(2, "small|N", (person(2, do_not_contact=True),)),
        Candidate(3, "small|N", (person(3, asked_on=(lately,)), person(4, do_not_contact=True))),
        Candidate(4, "small|N", (person(5, ways=frozenset({"visit", "phone"})),)),
    ]
    drawn = draw(meant, Plan(DAY, 180))
    assert [(one.customer_id, one.reason) for one in drawn.left_out] == [(1, "no_contact"), (2, "do_not_contact"), (3, "asked_lately")]
    assert drawn.left_out[2].free_on == lately + timedelta(days=180)
    assert [(one.contact_id, one.channel, one.weight) for one in drawn.asked] == [(5, "phone", 4.0)]


@given(
    gap=some.integers(1, 200),
    openings=some.lists(some.tuples(some.integers(0, 900), some.sampled_from(["relationship", "transaction"])), max_size=12),
)
def test_no_contact_is_asked_twice_within_the_gap_of_its_type(gap: int, openings: list[tuple[int, str]]) -> None:
    """Waves in any order of their opening days, with a counter for each type."""
    asked: dict[str, tuple[date, ...]] = {"relationship": (), "transaction": ()}
    for day, audience in openings:
        opens_on = DAY + timedelta(days=day)
        drawn = draw([Candidate(1, "small|N", (person(1, asked_on=asked[audience]),))], Plan(opens_on, gap))
        near = [other for other in asked[audience] if abs((other - opens_on).days) < gap]
        assert bool(drawn.asked) is not bool(near)
        asked[audience] += tuple(opens_on for _ in drawn.asked)
    assert all((later - earlier).days >= gap for days in asked.values() for earlier, later in pairwise(sorted(days)))


@given(some.dictionaries(some.text("abcdef", min_size=1, max_size=3), some.integers(1, 400), max_size=12), some.integers(0, 900))
def test_places_are_proportional_with_one_for_each(sizes: dict[str, int], places: int) -> None:
    found = apportioned(sizes, places)
    whole = sum(sizes.values())
    assert sum(found.values()) == min(places, whole)
    assert all(found[name] <= size for name, size in sizes.items())
    if places >= len(sizes):
        assert all(found.values())
    assert all(found[more] >= found[fewer] for more, fewer in product(sizes, sizes) if sizes[more] > sizes[fewer])


@given(
    metric=some.sampled_from(sorted(kinds.SCORE)),
    population=some.integers(1, 5000),
    margin=some.integers(3, 40),
)
def test_as_many_answers_are_wanted_as_show_the_margin(metric: str, population: int, margin: int) -> None:
    wanted, worst = needed(metric, population, margin), sampling.WORST[metric]
    assert off(metric, wanted, population, worst) <= margin
    assert wanted == 1 or off(metric, wanted - 1, population, worst) > margin
    assert wanted <= population


def test_ten_points_of_nps_take_most_of_a_small_house_and_less_when_answers_lie_close() -> None:
    assert needed("nps", 100_000, 10) == 379
    assert needed("nps", 200, 10) == 131
    assert needed("nps", 200, 10, sampling.Spread(0.5, 0.1)) < 110
    assert sampling.to_ask(131, 0.4, 200) == 200
    assert sampling.to_ask(30, 0.4, 200) == 75
