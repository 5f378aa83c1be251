"""File headers to fields: exact names, synonyms, joined headers and small slips; a weak likeness maps nothing."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rapidfuzz.distance import OSA

from lib.text import Text

How = Literal["remembered", "exact", "synonym", "part", "slip", "none"]

_SUREST_FIRST: Final[tuple[How, ...]] = ("remembered", "exact", "synonym", "part", "slip")
SHORTEST_SLIP = 6  # in shorter words one letter makes another word: date, rate
_DIRECTIONS = "收入|支出|借方|贷方|借|贷"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field an import can fill: its name, the label a person sees, and other words for it in both languages.

    `is_ranked`: of several columns that would do, the one whose word stands first in `synonyms` is taken.
    """

    name: str
    label: Text
    synonyms: tuple[str, ...] = ()
    kind: str = "text"
    required: bool = False
    is_ranked: bool = False


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """One column of the file: the field it fills, if any, and why."""

    position: int
    header: str
    field: str | None
    how: How


@dataclass(frozen=True, slots=True)
class HeaderMapping:
    """All columns with their fields, and the required fields no column fills."""

    matches: tuple[HeaderMatch, ...]
    missing: tuple[str, ...]

    @property
    def positions(self) -> dict[str, int]:
        """The column of each field that is filled."""
        return {match.field: match.position for match in self.matches if match.field is not None}


@dataclass(frozen=True, slots=True)
class _Candidate:
    position: int
    field: str
    how: How
    rank: int = 0


def normalise_header(header: str) -> str:
    """The words of a header in lower case: units, marks, case, width, underscores and inner blanks do not matter.

    地      区 is 地区, InvoiceDate is invoice date, 金额(元) is 金额, Ticket # is ticket no. Which way money went is no unit:
    金额(收入) stays apart from 金额(支出).
    """
    text = unicodedata.normalize("NFKC", header).replace("#", " no ").replace("№", " no ")
    bare = re.sub(rf"\((?!(?:{_DIRECTIONS})\))[^()]*\)|\[[^\[\]]*\]|【[^】]*】", " ", text)
    text = bare if re.search(r"\w", bare) else text
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    words = re.sub(r"[^\w]|_", " ", text).casefold().split()
    half = len(words) // 2
    if half and words[:half] == words[half:]:
        words = words[:half]
    joined = " ".join(words)
    return re.sub(r"(?<=[^\x00-\xff]) | (?=[^\x00-\xff])", "", joined)


def match_headers(headers: Sequence[str], fields: Sequence[FieldSpec], remembered: Mapping[str, str] | None = None) -> HeaderMapping:
    """The best field for each column; a field takes one column and a column fills one field.

    `remembered` holds normalised headers with the field they meant last time, or "" for leave out. Columns that tie
    for a field are all left out, since a wrong column is worse than a question.
    """
    known = remembered or {}
    candidates = [candidate for position, header in enumerate(headers) for candidate in _candidates(position, header, fields, known)]
    taken: dict[int, _Candidate] = {}
    for how in _SUREST_FIRST:
        _take(taken, [candidate for candidate in candidates if candidate.how == how])
    matches = tuple(_match(position, header, taken.get(position)) for position, header in enumerate(headers))
    filled = {match.field for match in matches}
    return HeaderMapping(matches, tuple(field.name for field in fields if field.required and field.name not in filled))


def _match(position: int, header: str, chosen: _Candidate | None) -> HeaderMatch:
    if chosen is None:
        return HeaderMatch(position, header, None, "none")
    return HeaderMatch(position, header, chosen.field, chosen.how)


def _take(taken: dict[int, _Candidate], candidates: Iterable[_Candidate]) -> None:
    """Give free columns to free fields, unless several want the same one."""
    used = {candidate.field for candidate in taken.values()}
    free = [candidate for candidate in candidates if candidate.position not in taken and candidate.field not in used]
    first = {field: min(one.rank for one in free if one.field == field) for field in {one.field for one in free}}
    free = [candidate for candidate in free if candidate.rank == first[candidate.field]]
    by_field = Counter(candidate.field for candidate in free)
    by_position = Counter(candidate.position for candidate in free)
    for candidate in free:
        if by_field[candidate.field] == by_position[candidate.position] == 1:
            taken[candidate.position] = candidate


def _candidates(position: int, header: str, fields: Sequence[FieldSpec], known: Mapping[str, str]) -> list[_Candidate]:
    key = normalise_header(header)
    if not key:
        return []
    if key in known:
        return [_Candidate(position, known[key], "remembered")] if known[key] in {field.name for field in fields} else []
    found = [
        _Candidate(position, field.name, how, _rank(key, field)) for field in fields if (how := _likeness(header, key, field)) != "none"
    ]
    surest = min((candidate.how for candidate in found), key=_SUREST_FIRST.index, default="none")
    return [candidate for candidate in found if candidate.how == surest]


def _likeness(header: str, key: str, field: FieldSpec) -> How:
    own = {normalise_header(word) for word in (field.name, field.label.zh, field.label.en)}
    words = {normalise_header(word) for word in field.synonyms} - own
    if _squeezed(key) in map(_squeezed, own):
        return "exact"
    if _squeezed(key) in map(_squeezed, words):
        return "synonym"
    if _parts(header) & set(map(_squeezed, own | words)):
        return "part"
    return "slip" if any(_is_slip(key, word) for word in own | words) else "none"


def _rank(key: str, field: FieldSpec) -> int:
    """The place of a word among the synonyms of a ranked field; 0 for all words of another."""
    words = [_squeezed(normalise_header(word)) for word in field.synonyms] if field.is_ranked else []
    return words.index(_squeezed(key)) if _squeezed(key) in words else len(words)


def _squeezed(key: str) -> str:
    return key.replace(" ", "")


def _parts(header: str) -> set[str]:
    """The endings of a header made of several rows or words in two scripts: 销售表 客户名称 ends in 客户名称."""
    pieces = header.split()
    is_chinese = any(ord(mark) > 0xFF for mark in header)  # noqa: PLR2004 - beyond Latin-1
    endings = {_squeezed(normalise_header(" ".join(pieces[at:]))) for at in range(1, len(pieces))} if is_chinese else set()
    scripts = re.findall(r"[^\x00-\xff]+|[\x00-\xff]+", header)
    if len(scripts) == 2:  # noqa: PLR2004 - one name in each language: 客户名称 Customer
        endings |= {_squeezed(normalise_header(script)) for script in scripts if len(script.strip()) > 1}
    return endings - {""}


def _is_slip(key: str, word: str) -> bool:
    """Whether one letter differs in one long word and everything else is the same."""
    ours, theirs = key.split(), word.split()
    if len(ours) != len(theirs):
        return False
    pairs = [(one, other) for one, other in zip(ours, theirs, strict=True) if one != other]
    if len(pairs) != 1:
        return False
    one, other = pairs[0]
    is_long = min(len(one), len(other)) >= SHORTEST_SLIP and one.isascii()
    return is_long and one.isalpha() and other.isalpha() and OSA.distance(one, other, score_cutoff=1) <= 1
