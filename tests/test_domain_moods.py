"""What a text says by the word lists: mood, themes and the words behind them."""

from __future__ import annotations

import time

import pytest

from lib.domain import kinds, mood_words, moods, theme_words

GOOD_FROM, BAD_UNTIL = 0.2, -0.2
"""As `mood_side` of 55_reading.sql has it."""
GOOD = (
    "服务态度好，响应快",
    "没有不好的地方",
    "不贵，质量也不差",
    "从来没有让人失望",
    "之前发货慢，但是现在很及时，非常满意",
    "效率高",
    "👍",
    "Not bad at all, and the driver was very friendly",
    "We have never had a problem with them",
    "Delivery used to be late, but now it is always on time and reliable",
)
BAD = (
    "发货慢，对账不清",
    "不是很满意",
    "态度很好，但是货一直没到",
    "价格太高",
    "误差大",
    "服务不够专业",
    "账单金额对不上，没人回复 😡",
    "nobody answers the phone",
    "The invoices are never correct",
    "Good product, but deliveries are always late and support is useless",
)
NEITHER = ("", "   ", "12345", "麻烦尽快寄一张普通发票", "希望能批量下单", "贵公司的税号是多少", "Please send the statement for March")


@pytest.mark.parametrize("text", GOOD)
def test_praise_is_good(text: str) -> None:
    mood = moods.read(text).mood
    assert mood is not None
    assert mood >= GOOD_FROM


@pytest.mark.parametrize("text", BAD)
def test_blame_is_bad(text: str) -> None:
    mood = moods.read(text).mood
    assert mood is not None
    assert mood <= BAD_UNTIL


@pytest.mark.parametrize("text", NEITHER)
def test_what_says_neither_is_neither(text: str) -> None:
    mood = moods.read(text).mood
    assert mood is None or BAD_UNTIL < mood < GOOD_FROM


@pytest.mark.parametrize(
    ("text", "themes"),
    [
        ("发货慢，仓库发错货，对账也不清", ("delivery", "billing")),
        ("报价比同行贵", ("price",)),
        ("系统老是登录不上，客服没人接", ("service", "system")),
        ("维修拖了两周，备件也没有", ("after_sales",)),
        ("贵公司很好", ()),
        ("The quality dropped and the invoice was wrong", ("quality", "billing")),
        ("The rep is rude", ("service",)),
        ("Everything reported", ()),
    ],
)
def test_a_text_has_the_themes_it_names(text: str, themes: tuple[str, ...]) -> None:
    assert set(moods.read(text).themes) == set(themes)


def test_every_answer_names_its_words() -> None:
    text = "虽然价格高，但质量没得说 Great"
    read = moods.read(text)
    words = {text[hit.start : hit.end] for hit in read.hits}
    assert {"价格", "高", "质量", "没得说", "Great"} <= words
    assert all(hit.theme in kinds.THEME for hit in read.hits if hit.theme)


def test_lists_speak_of_known_themes_and_no_word_both_praises_and_blames() -> None:
    assert set(theme_words.WORDS) | {"other"} == set(kinds.THEME)
    sides: dict[str, set[bool]] = {}
    for words, weight in mood_words.WEIGHTS:
        for word in words.split() if weight else ():
            sides.setdefault(word, set()).add(weight > 0)
    assert [word for word, found in sides.items() if len(found) > 1] == []


def test_a_thousand_texts_are_read_in_a_second() -> None:
    texts = [*GOOD, *BAD] * 250
    moods.read(texts[0])
    started = time.process_time()
    for text in texts:
        moods.read(text)
    assert len(texts) / (time.process_time() - started) > 1_000
