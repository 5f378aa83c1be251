"""Payers' names against customers': parts of names by hand, then 2,875 listed companies, half of which are unknown."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from random import Random

import pytest
from opencc import OpenCC
from python_calamine import CalamineWorkbook

from lib.domain.payer_names import Names, read
from tests.shared import shared

TRADITIONAL = OpenCC("s2t")
BOOK = ["深圳市恒源机械股份有限公司", "南风（中国）贸易有限公司", "上海明达贸易有限公司", "ABC科技有限公司", "河钢资源股份有限公司"]


def best(payer: str) -> str | None:
    found = Names(BOOK).find(payer)
    return BOOK[found[0].place] if found and found[0].is_sure else None


@pytest.mark.parametrize(
    ("payer", "customer"),
    [
        ("深圳恒源机械有限公司", BOOK[0]),
        ("恒源机械", BOOK[0]),
        ("深圳市恒源機械股份有限公司", BOOK[0]),
        ("南风贸易", BOOK[1]),
        ("南 风（中 国）贸 易 有 限 公 司", BOOK[1]),
        ("ａｂｃ科技", BOOK[3]),
    ],
)
def test_the_same_company_in_other_words(payer: str, customer: str) -> None:
    assert best(payer) == customer


@pytest.mark.parametrize("payer", ["上海明德贸易有限公司", "北京明达贸易有限公司", "河钢股份有限公司", "东风贸易有限公司", "", "—"])
def test_another_company_stays_another(payer: str) -> None:
    assert best(payer) is None


def test_a_branch_is_offered_as_its_parent_and_never_sure() -> None:
    (found, *_) = Names(BOOK).find("深圳市恒源机械股份有限公司上海分公司")
    assert (found.place, found.is_branch, found.is_sure) == (0, True, False)
    both = [*BOOK, "深圳市恒源机械股份有限公司上海分公司"]
    (found, *_) = Names(both).find("深圳市恒源机械股份有限公司上海分公司")
    assert (found.place, found.is_sure) == (5, True)


def test_of_two_customers_alike_none_is_sure() -> None:
    names = Names(["浙江光华科技股份有限公司", "广东光华科技股份有限公司"])
    assert [found.is_sure for found in names.find("光华科技")] == [False, False]
    assert names.find("广东光华科技")[0].place == 1


def test_a_name_is_taken_apart() -> None:
    name = read("廣東省深圳市恒源機械（集團）股份有限公司北京分公司")
    assert (name.core, name.bare, sorted(name.places)) == ("广东省深圳市恒源机械", "恒源机械", ["广东", "深圳"])
    assert (name.is_legal, name.branch) == (True, "北京分公司")


@dataclass(frozen=True)
class Asked:
    payer: str
    kind: str
    place: int | None  # of the right customer in the book; None: a stranger


def exchange_names() -> list[tuple[str, str, str]]:
    """Full name, short name without the exchange's marks, city."""
    (path,) = shared("zh_companies_szse").glob("*.xlsx")
    header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    columns = [re.sub(r"\s", "", str(cell)) for cell in header]
    wanted = [columns.index(name) for name in ("公司全称", "A股简称", "城市")]
    return [(full, short(brief), city.strip()) for full, brief, city in ([str(row[place]) for place in wanted] for row in rows)]


def short(brief: str) -> str:
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", brief))
    plain = re.sub(r"^\*?S?\*?ST|^[NC](?=[\u4e00-\u9fff])", "", plain)
    return re.sub(r"(?<=[\u4e00-\u9fff])[AB]$|-[A-Z]+$", "", plain)


def variants(full: str, brief: str, city: str) -> dict[str, str]:
    wide = " ".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in full)
    return {
        "short": brief,
        "suffix": re.sub("股份有限公司|股份公司", "有限公司", full),
        "branch": f"{full}上海分公司",
        "city": full.removeprefix(city) if full.startswith(city) else city + full,
        "full width": wide,
        "traditional": TRADITIONAL.convert(full),
    }


def asked_of_half(half: int) -> tuple[Names, list[Asked]]:
    """Half of the companies ask; half of all companies are customers, so half of those who ask are strangers."""
    companies, chance = exchange_names(), Random(1)  # noqa: S311 (a split, not a secret)
    order = chance.sample(range(len(companies)), len(companies))
    book = sorted(chance.sample(order, len(companies) // 2))
    places = {company: place for place, company in enumerate(book)}
    asking = order[half::2]
    asked = [Asked(name, kind, places.get(one)) for one in asking for kind, name in variants(*companies[one]).items()]
    return Names([companies[one][0] for one in book]), asked


@pytest.mark.parametrize("half", [0, 1])  # both were looked at when the bar was chosen: this holds the figures, it does not prove them
def test_listed_companies_are_known_by_any_of_their_names(half: int) -> None:
    names, asked = asked_of_half(half)
    hits = wrong = 0
    for one in asked:
        found = names.find(one.payer)
        if found and (found[0].is_sure or (found[0].is_branch and found[0].is_likely)):
            hits += found[0].place == one.place
            wrong += found[0].place != one.place
    known = sum(one.place is not None for one in asked)
    assert hits / known >= 0.975
    assert hits / (hits + wrong) >= 0.99
