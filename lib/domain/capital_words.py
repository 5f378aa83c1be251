"""A yuan amount in the capital characters banks and tax offices read: 1,005.30 is 人民币壹仟零伍元叁角整."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Final

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿", "万亿", "亿亿")
_TRILLIONS: Final = 3
_CENT: Final = Decimal("0.01")


def capital_words(amount: Decimal) -> str:
    """The amount in words, rounded to the cent; 负 before a negative one."""
    cents = int((abs(amount).quantize(_CENT)) * 100)
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    whole = f"{_integer(yuan)}元" if yuan else ""
    return f"人民币{'负' if amount < 0 and cents else ''}{whole}{_change(jiao, fen, has_yuan=bool(yuan))}"


def _change(jiao: int, fen: int, *, has_yuan: bool) -> str:
    if not jiao and not fen:
        return "整" if has_yuan else "零元整"
    said = f"{_DIGITS[jiao]}角" if jiao else ("零" if has_yuan else "")
    return said + (f"{_DIGITS[fen]}分" if fen else "整")


def _integer(number: int) -> str:
    """Groups of four digits; one 零 stands for any run of zeros between digits that are said."""
    groups = [number // 10_000**place % 10_000 for place in range(len(_GROUPS))]
    highest = max(place for place, group in enumerate(groups) if group)
    said = _four(groups[highest]) + _named(groups, highest)
    for above, place in pairwise(range(highest, -1, -1)):
        group = groups[place]
        if not group:
            continue
        skipped = above != place + 1 or not groups[above]
        gap = "零" if group < 1000 or skipped or groups[above] % 10 == 0 else ""  # noqa: PLR2004 (a missing thousand)
        said += gap + _four(group) + _named(groups, place)
    return said


def _named(groups: list[int], place: int) -> str:
    """What follows a group: 万 where 亿 is said after it anyway, else its whole name."""
    return "万" if place == _TRILLIONS and groups[place - 1] else _GROUPS[place]


def _four(group: int) -> str:
    said, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit:
            said += ("零" if gap and said else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = True
    return said
