"""What a cell looks like, without reading its value: enough to tell a header from data."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

CellClass = Literal["empty", "dash", "year", "number", "date", "time", "url", "text"]
TYPED: frozenset[CellClass] = frozenset({"year", "number", "date", "time", "url"})

_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER = re.compile(
    r"[(（]?[-+−]?\s?(?:[A-Z]{0,3}[$£€¥￥]|CNY|RMB|人民币)?\s?[-+−]?(?:\d[\d,.' ]*|\.\d+)(?:[eE][-+]?\d+)?"
    r"\s?(?:%|万|亿|元|万元)?[)）]?-?"
)
_DATE = re.compile(
    r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})|\d{1,2}[- ][A-Za-z]{3,9}[- ]\d{2,4})"
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AP]M)?Z?)?",
    re.IGNORECASE,
)
_TIME = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AP]M)?", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


@lru_cache(maxsize=4096)
def cell_class(cell: str) -> CellClass:
    """The class of one cell by its look alone."""
    text = cell.strip()
    if not text:
        return "empty"
    if not text.strip("-—–−/*.") or text.upper() in {"N/A", "NA", "NIL", "NULL", "NONE", "#N/A"}:
        return "dash"
    for name, pattern in _PATTERNS:
        if pattern.fullmatch(text):
            return name
    return "text"


_PATTERNS: tuple[tuple[CellClass, re.Pattern[str]], ...] = (
    ("year", _YEAR),
    ("date", _DATE),
    ("time", _TIME),
    ("number", _NUMBER),
    ("url", _URL),
)
