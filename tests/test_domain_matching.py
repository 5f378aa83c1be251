"""Names match exactly or only warn; a likeness never merges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.matching import Similar, core_name, name_key, pinyin_initials, similar


@pytest.fixture(autouse=True, scope="module")
def _dictionary() -> None:
    """The pinyin dictionary loads with the first question; that is no part of any deadline."""
    pinyin_initials("拼音")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("恒源机械（上海）有限公司", " 恒源机械(上海) 有限公司 "),
        ("ＡＣＭＥ Trading Co., Ltd.", "acme trading co ltd"),
        ("O'Neil & Sons", "o’neil &sons"),
        ("华东_贸易", "华东贸易"),
    ],
)
def test_the_same_name_written_differently_has_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("恒源机械有限公司", "恒源机械股份有限公司"),
        ("上海恒源", "北京恒源"),
        ("A+B", "AB"),
        ("A&B", "AB"),
        ("1.1 Ltd", "11 Ltd"),
        ("第1分公司", "第2分公司"),
        ("*ST华微", "ST华微"),
    ],
)
def test_different_companies_keep_different_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@given(st.text(max_size=20))
def test_no_name_fails_and_none_vanishes(name: str) -> None:
    assert bool(name_key(name)) == bool(name.strip()) or name_key(name) == ""
    core_name(name)
    pinyin_initials(name)
    similar(name, ["恒源机械", name])


def test_a_core_has_no_place_mark_and_no_company_form() -> None:
    assert core_name("广东省深圳市恒源机械股份有限公司") == "广东深圳恒源机械"
    assert core_name("Acme Trading Co., Ltd.") == "acme trading"
    assert core_name("Müller GmbH") == "müller"
    assert core_name("The Body Shop Inc") == "body shop"
    assert core_name("有限公司") == "有限公司"
    assert core_name("Limited") == "limited"


def test_pinyin_initials_are_what_people_type() -> None:
    assert pinyin_initials("恒源机械") == "hyjx"
    assert pinyin_initials("重庆银行") == "cqyh"
    assert pinyin_initials("IBM中国（上海）") == "ibmzgsh"
    assert pinyin_initials("Acme Trading Ltd") == "atl"
    assert pinyin_initials("Acme") == "acme"


def test_similar_names_come_best_first() -> None:
    names = ["上海恒源机械有限公司", "上海恒源机械设备有限公司", "北京华东贸易有限公司", "恒源机械（上海）"]
    found = similar("上海市恒源机械股份有限公司", names)
    assert found[0] == Similar("上海恒源机械有限公司", 100.0)
    assert [one.name for one in found][1] == "上海恒源机械设备有限公司"
    assert "北京华东贸易有限公司" not in {one.name for one in found}


def test_at_most_five_warnings_and_ready_made_cores() -> None:
    cores = {f"恒源机械{number}": core_name(f"恒源机械{number}") for number in range(20)}
    assert len(similar("恒源机械", cores)) == 5
    assert similar("完全不同的名字", cores) == ()
