"""Which customer a payer's name means: short names, missing or other company forms, city prefixes, branches, width and script.

A name that is not the same to the letter is compared by character 1- and 2-grams weighed by rarity (TF-IDF cosine). A payer that
writes its full legal name means just that name, so only place and company form may differ; a short name may leave letters out.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from math import log, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SURE: Final = 0.9  # chosen after looking at all 2,875 listed companies, half of the payers unknown: no company was held out
LEAST: Final = 0.45  # below it a likeness is chance
_MARGIN: Final = 0.08  # a runner-up this near leaves two that fit
_LOOKED_AT: Final = 12
_LOOKED_UP: Final = 20_000  # places in lists of names; beyond them only the names found so far are weighed
_NEAR: Final = 0.4

_FORM: Final = re.compile(
    r"(?:\(集团\)|集团|控股集团)?(?:股份有限公司|有限责任公司|有限公司|股份公司|集团公司|总公司|公司)$|(?<=..)(?:股份|集团|公司)$",
    re.MULTILINE,
)
_LEGAL: Final = re.compile(r"公司$")
_BRANCH: Final = re.compile(r"(?<=公司)(?P<branch>[^公\n]{0,14}(?:分公司|分行|支行|办事处|营业部|分店|门店))$", re.MULTILINE)
_INSIDE: Final = re.compile(r"\((?:集团|中国)\)|集团$", re.MULTILINE)
_MARKS: Final = re.compile(r"[^\w()&+\n]+|_")
_PLACES: Final = (
    "中国|北京|天津|上海|重庆|河北|山西|内蒙古|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|"
    "四川|贵州|云南|西藏|陕西|甘肃|青海|宁夏|新疆|香港|澳门|台湾|石家庄|唐山|秦皇岛|邯郸|邢台|保定|张家口|承德|沧州|廊坊|"
    "衡水|太原|大同|阳泉|长治|晋城|朔州|晋中|运城|忻州|临汾|吕梁|呼和浩特|包头|乌海|赤峰|通辽|鄂尔多斯|呼伦贝尔|沈阳|大连|"
    "鞍山|抚顺|本溪|丹东|锦州|营口|阜新|辽阳|盘锦|铁岭|葫芦岛|长春|四平|辽源|通化|白山|松原|白城|延边|哈尔滨|齐齐哈尔|鸡西|"
    "鹤岗|双鸭山|大庆|伊春|佳木斯|牡丹江|黑河|绥化|南京|无锡|徐州|常州|苏州|南通|连云港|淮安|盐城|扬州|镇江|泰州|宿迁|杭州|"
    "宁波|温州|嘉兴|湖州|绍兴|金华|衢州|舟山|台州|丽水|合肥|芜湖|蚌埠|淮南|马鞍山|淮北|铜陵|安庆|黄山|滁州|阜阳|宿州|六安|"
    "亳州|池州|宣城|福州|厦门|莆田|三明|泉州|漳州|南平|龙岩|宁德|南昌|景德镇|萍乡|九江|新余|鹰潭|赣州|吉安|宜春|抚州|上饶|"
    "济南|青岛|淄博|枣庄|东营|烟台|潍坊|济宁|泰安|威海|日照|临沂|德州|聊城|滨州|菏泽|郑州|开封|洛阳|平顶山|安阳|鹤壁|新乡|"
    "焦作|濮阳|许昌|漯河|三门峡|南阳|商丘|信阳|周口|驻马店|武汉|黄石|十堰|宜昌|襄阳|鄂州|荆门|孝感|荆州|黄冈|咸宁|随州|恩施|"
    "长沙|株洲|湘潭|衡阳|邵阳|岳阳|常德|张家界|益阳|郴州|永州|怀化|娄底|广州|韶关|深圳|珠海|汕头|佛山|江门|湛江|茂名|肇庆|"
    "惠州|梅州|汕尾|河源|阳江|清远|东莞|中山|潮州|揭阳|云浮|南宁|柳州|桂林|梧州|北海|防城港|钦州|贵港|玉林|百色|贺州|河池|"
    "来宾|崇左|海口|三亚|成都|自贡|攀枝花|泸州|德阳|绵阳|广元|遂宁|内江|乐山|南充|眉山|宜宾|广安|达州|雅安|巴中|资阳|贵阳|"
    "六盘水|遵义|安顺|毕节|铜仁|昆明|曲靖|玉溪|保山|昭通|丽江|普洱|临沧|大理|拉萨|西安|铜川|宝鸡|咸阳|渭南|延安|汉中|榆林|"
    "安康|商洛|兰州|嘉峪关|金昌|白银|天水|武威|张掖|平凉|酒泉|庆阳|定西|陇南|西宁|海东|银川|石嘴山|吴忠|固原|中卫|乌鲁木齐|"
    "克拉玛依|吐鲁番|哈密|昌吉|石河子"
)
_PLACE: Final = re.compile(rf"^(?P<place>{_PLACES})(?:省|市|自治区|特别行政区|壮族自治区|回族自治区|维吾尔自治区)?(?=..)")


@dataclass(frozen=True, slots=True)
class Reading:
    """A name taken apart: `core` without company form and branch, `bare` also without places; `is_legal`: it names its form."""

    core: str
    bare: str
    places: frozenset[str]
    is_legal: bool
    branch: str | None


@dataclass(frozen=True, slots=True)
class Likely:
    """A known name for a payer, by its place among the names.

    `is_likely`: likely enough, and no second one near. `is_branch`: the payer is a branch and the name is not: another payer
    than the company itself, though the same person before the law.
    """

    place: int
    score: float
    is_likely: bool
    is_branch: bool

    @property
    def is_sure(self) -> bool:
        """Likely, and the company itself."""
        return self.is_likely and not self.is_branch


@lru_cache(maxsize=200_000)
def read(name: str) -> Reading:
    """A name in simplified letters of one width, taken apart."""
    text = _letters(name.replace("\n", ""))
    branch = _BRANCH.search(text)
    text = text[: branch.start()] if branch else text
    is_legal = bool(_LEGAL.search(text))
    core = _without_form(text) or text
    bare, places = core, set()
    while found := _PLACE.match(bare):
        places.add(found["place"])
        bare = bare[found.end() :]
    return Reading(core, bare, frozenset(places), is_legal, branch["branch"] if branch else None)


def cores(names: Sequence[str]) -> list[str]:
    """What `read` calls the core of each name; all of them at once, one a line, for a hundred thousand take long one by one."""
    text = _BRANCH.sub("", _letters("\n".join(name.replace("\n", "") for name in names)))
    return [core or whole for core, whole in zip(_without_form(text).split("\n"), text.split("\n"), strict=True)]


def _letters(text: str) -> str:
    """Names, one a line, in simplified letters of one width without marks."""
    return _MARKS.sub("", simplified(unicodedata.normalize("NFKC", text).casefold()))


def _without_form(text: str) -> str:
    return re.sub(r"[()]", "", _INSIDE.sub("", _FORM.sub("", text)))


def simplified(text: str) -> str:
    """Traditional letters as simplified ones, letter by letter."""
    return text.translate(_simpler())


@cache
def _simpler() -> dict[int, str]:
    from opencc import OpenCC  # noqa: PLC0415 (its tables are read when the first name is)

    letters = "\n".join(chr(code) for code in range(0x4E00, 0x9FA6))
    turned = OpenCC("t2s").convert(letters)
    return {ord(old): new for old, new in zip(letters.split("\n"), turned.split("\n"), strict=True) if old != new}


def grams(text: str) -> Counter[str]:
    """The letters of a text and its pairs of neighbours, counted."""
    return Counter([*text, *(text[place : place + 2] for place in range(len(text) - 1))])


def _code(gram: str) -> int:
    return ord(gram[0]) << _BITS | (ord(gram[1]) if len(gram) > 1 else 0)


def _gram_lines(texts: Sequence[str]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """For all texts what `grams` counts in each: the gram as a number, the place of the text, how often; by gram, then place."""
    letters = np.frombuffer("\n".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    inside = letters != ord("\n")
    places = np.cumsum(~inside)
    pairs = inside[:-1] & inside[1:]
    # Two letters of 21 bits and the place in one number each, so that one sort brings equal ones together.
    bits = len(texts).bit_length()
    single = letters[inside] << _BITS << bits | places[inside]
    double = (letters[:-1][pairs] << _BITS | letters[1:][pairs]) << bits | places[:-1][pairs]
    found, times = np.unique(np.concatenate((single, double)), return_counts=True)
    return found >> bits, found & ((1 << bits) - 1), times.astype(float)


_BITS: Final = 21
"""As many as the number of a letter takes."""


class Names:
    """Known names, made ready to be asked for payers: for each gram the names that have it, side by side in one array."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._found: dict[str, tuple[Likely, ...]] = {}
        codes, self._places, times = _gram_lines(cores(names))
        begins = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1]))) if len(codes) else np.array([], np.int64)
        self._codes = codes[begins]
        self._starts = np.append(begins, len(codes))
        self._names_with = np.diff(self._starts)
        weights = times * np.repeat(self._rarities(), self._names_with)
        self._lengths = np.sqrt(np.bincount(self._places, weights**2, minlength=len(names)))
        self._weights = weights / np.maximum(self._lengths[self._places], 1e-9)

    def find(self, payer: str) -> tuple[Likely, ...]:
        """The likeliest names of a payer, best first; empty when none is like it. What was found is kept: payers come back."""
        if payer not in self._found:
            self._found[payer] = self._likely(payer)
        return self._found[payer]

    def _likely(self, payer: str) -> tuple[Likely, ...]:
        asked = read(payer)
        scored = sorted(((self._score(asked, place, alike), place) for place, alike in self._near(asked)), reverse=True)
        offered = [(score, place) for score, place in scored if score >= LEAST]
        second = offered[1][0] if len(offered) > 1 else 0.0
        likely = bool(offered) and offered[0][0] >= SURE and offered[0][0] - second >= _MARGIN
        return tuple(
            Likely(place, round(score, 3), likely and rank == 0, asked.branch not in (None, read(self._names[place]).branch))
            for rank, (score, place) in enumerate(offered)
        )

    def _rarities(self) -> NDArray[Any]:
        return np.log((len(self._names) + 1) / (self._names_with + 0.5))

    def _numbers(self, asked: Iterable[str]) -> dict[str, int]:
        """The places of grams among those of all names, as far as any name has them."""
        wanted = {gram: _code(gram) for gram in asked}
        at = np.searchsorted(self._codes, np.array(list(wanted.values()), np.int64)).tolist()
        return {
            gram: place for (gram, code), place in zip(wanted.items(), at, strict=True) if self._codes[place : place + 1].tolist() == [code]
        }

    def _near(self, asked: Reading) -> Iterable[tuple[int, float]]:
        """The few names nearest by cosine. Rare grams find them; grams that half of all names have only weigh those found."""
        counted = grams(asked.core)
        numbers = self._numbers(counted)
        names_with = {gram: int(self._names_with[number]) for gram, number in numbers.items()}
        rarity = {gram: log((len(self._names) + 1) / (names_with.get(gram, 0) + 0.5)) for gram in counted}
        weights = {gram: times * rarity[gram] for gram, times in counted.items()}
        length = sqrt(sum(weight**2 for weight in weights.values())) or 1.0
        hits = sorted((count, gram) for gram, count in names_with.items())
        reached = accumulate(count for count, _ in hits)
        looked_up = [gram for (_, gram), so_far in zip(hits, reached, strict=True) if so_far <= _LOOKED_UP] or [
            gram for _, gram in hits[:1]
        ]
        if not looked_up:
            return ()
        spans = [slice(*self._starts[numbers[gram] :][:2]) for gram in looked_up]
        places = np.concatenate([self._places[span] for span in spans])
        parts = np.concatenate([self._weights[span] * weights[gram] for span, gram in zip(spans, looked_up, strict=True)])
        alike = np.bincount(places, weights=parts, minlength=len(self._names))
        near = np.flatnonzero(alike >= alike.max() * _NEAR)
        top = near[np.argsort(-alike[near], kind="stable")[:_LOOKED_AT]]
        common = {gram: weights[gram] * rarity[gram] for _, gram in hits[len(looked_up) :]}
        return [(int(place), (float(alike[place]) + self._common(int(place), common)) / length) for place in top]

    def _common(self, place: int, common: Mapping[str, float]) -> float:
        """What the grams not looked up add for one name."""
        if not common:
            return 0.0
        counted = grams(read(self._names[place]).core)
        return sum(weight * counted[gram] for gram, weight in common.items() if gram in counted) / float(self._lengths[place])

    def _score(self, asked: Reading, place: int, alike: float) -> float:
        known = read(self._names[place])
        if asked.bare == known.bare:
            same_branch = _SAME_BRANCH * (asked.branch is not None and asked.branch == known.branch)
            return alike + same_branch + (_SAME if not asked.places or not known.places or asked.places & known.places else 0.0)
        if asked.is_legal:
            return alike - _OTHER
        in_order = _in_order(asked.core, known.core) or _in_order(asked.bare, known.bare)
        at_head = asked.bare[:1] == known.bare[:1] or asked.core[:1] == known.core[:1]
        return alike + _IN_ORDER * in_order + _AT_HEAD * at_head


_SAME: Final = 0.6
_SAME_BRANCH: Final = 0.1
_OTHER: Final = 0.15
_IN_ORDER: Final = 0.3
_AT_HEAD: Final = 0.15


def _in_order(short: str, long: str) -> bool:
    """Whether all letters of the one stand in the other, in their order."""
    letters = iter(long)
    return all(letter in letters for letter in short)
