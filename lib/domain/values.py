"""The cell parser for amounts, whole numbers, scores, choices and text: typed values, never guesses.

Dates are read in `lib.domain.dates`. A column goes through `parse_column`, which reads each distinct text once.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from lib.formats import MINUS, MISSING
from lib.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from lib.text import Language

T = TypeVar("T")
State = Literal["ok", "changed", "error"]
AmountStyle = Literal["point", "comma"]

LARGEST_AMOUNT = Decimal(10) ** 16
LONGEST_NUMBER = 40


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """What one cell came to: its value, whether it now looks different, and why it was refused.

    An empty cell is `ok` with no value; whether a value is required is the caller's rule.
    """

    value: T | None
    state: State
    typed: str
    shown: str = ""
    reason: Text | None = None
    values: Mapping[str, object] = field(default_factory=dict)

    def why(self, language: Language) -> str:
        """The reason in one language, filled in; empty when nothing was refused."""
        return self.reason.say(language, typed=self.typed.strip(), **self.values) if self.reason else ""

    def change(self) -> str:
        """What was typed and what it became, for the preview: 1.2万 → 12,000.00."""
        return f"{self.typed.strip()} → {self.shown}" if self.state == "changed" else self.shown


@dataclass(frozen=True, slots=True)
class AmountStyleVerdict:
    """How a column writes decimals: the proven style, or none, with a value that proves it and one that objects."""

    state: Literal["settled", "unproven", "contradictory"]
    style: AmountStyle | None
    proof: str = ""
    objection: str = ""


NOT_A_NUMBER = Text("「{typed}」不是数字，请改成 1234.50 这样的写法", "“{typed}” is not a number; write it like 1234.50")
BAD_GROUPS = Text(
    "「{typed}」的逗号后面不是三位数字，看不出是千位还是小数，请改成 1234.50 这样的写法",
    "“{typed}” has a comma that is not followed by three digits: thousands or decimals? Write it like 1234.50",
)
OTHER_STYLE = Text(
    "「{typed}」的小数点和千位符与本列的写法不同，请为整列选择小数写法，或改成 1234.50",
    "“{typed}” writes decimals differently from its column; choose a style for the column or write 1234.50",
)
LOST_DIGITS = Text(
    "「{typed}」是科学计数法，可能已丢失位数，请从原表按数字格式重新复制",
    "“{typed}” is in scientific notation and may have lost digits; copy it again formatted as a number",
)
LONE_DASH = Text("「{typed}」可能是 0 也可能是空，请填 0 或清空", "“{typed}” could mean zero or nothing; write 0 or clear the cell")
IS_PERCENT = Text("「{typed}」是百分比，不是金额，请填金额", "“{typed}” is a percentage, not an amount; write the amount")
TOO_LARGE = Text(
    "「{typed}」超出可记录的范围（16 位整数），请检查是否粘错列",
    "“{typed}” is larger than the ledger holds (16 digits); check whether the columns were mixed up",
)
NOT_WHOLE = Text("「{typed}」不是整数，请填整数", "“{typed}” is not a whole number; write a whole number")
OUT_OF_RANGE = Text(
    "「{typed}」不在 {low}–{high} 之间，请改成这个范围里的整数",
    "“{typed}” is not between {low} and {high}; write a whole number in that range",
)
NOT_A_CHOICE = Text("「{typed}」不在可选值里，可填：{choices}", "“{typed}” is not one of the choices: {choices}")
TOO_LONG = Text("这段文字有 {count} 个字，最多 {limit} 个，请缩短", "This text has {count} characters; {limit} is the most")
BAD_CHARACTERS = Text("这段文字含有看不见的控制字符，请重新输入", "This text holds invisible control characters; type it again")
BARE_RATE = Text("「{typed}」看不出是比例还是百分比，请写成 13% 或 0.13", "“{typed}” could be a rate or a percentage; write 13% or 0.13")

CURRENCIES = {
    "¥": "CNY", "RMB": "CNY", "CNY": "CNY", "人民币": "CNY", "元": "CNY", "块": "CNY", "圆": "CNY",
    "US$": "USD", "$": "USD", "USD": "USD", "美元": "USD", "£": "GBP", "GBP": "GBP", "英镑": "GBP",
    "€": "EUR", "EUR": "EUR", "欧元": "EUR", "HK$": "HKD", "HKD": "HKD", "港币": "HKD", "港元": "HKD",
    "JP¥": "JPY", "JPY": "JPY", "日元": "JPY",
}  # fmt: skip
UNITS = {"百": 2, "千": 3, "K": 3, "万": 4, "W": 4, "十万": 5, "百万": 6, "M": 6, "千万": 7, "亿": 8, "十亿": 9}

_CURRENCY = "|".join(re.escape(word) for word in sorted(CURRENCIES, key=len, reverse=True))
_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
_AMOUNT = re.compile(
    rf"(?P<sign>[+-]?) ?(?P<before>{_CURRENCY})? ?(?P<sign2>[+-]?) ?(?P<digits>[\d.,' ]*\d) ?"
    rf"(?P<unit>{_UNIT})? ?(?P<after>{_CURRENCY})?(?P<trailing>-?)",
    re.IGNORECASE | re.ASCII,
)
_PLAIN = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", re.ASCII)
_POINT = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d{1,3}(?:'\d{3})+|\d+)?(?:\.\d+)?")
_COMMA = re.compile(r"(?:\d{1,3}(?:\.\d{3})+|\d{1,3}(?: \d{3})+|\d{1,3}(?:'\d{3})+|\d+)?(?:,\d+)?")
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d+)?E[+-]?\d+", re.IGNORECASE)
_MINUSES = str.maketrans(dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\ufe63", "-"))
_POINT_PROOF = re.compile(r"(?:\d,\d{3})+\.\d|^\D*\d+\.(?:\d{1,2}|\d{4,})\D*$|\d,\d{3},")
_COMMA_PROOF = re.compile(r"(?:\d\.\d{3})+,\d|^\D*\d+,(?:\d{1,2}|\d{4,})\D*$|\d\.\d{3}\.")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def parse_column(values: Sequence[str], parser: Callable[[str], Parsed[T]]) -> list[Parsed[T]]:
    """One result per cell, in order; each distinct text is read once."""
    known = {text: parser(text) for text in dict.fromkeys(values)}
    return [known[text] for text in values]


def parse_amount(text: str, *, style: AmountStyle = "point") -> Parsed[Decimal]:
    """An exact amount in whole units of its currency: 1.2万, ¥300, (500.00), 100-, 人民币 1,000 元.

    All decimals are kept. `style` is what the whole column uses: point (1,234.56) or comma (1.234,56).
    Refuses: text, unclear separators, percentages, scientific notation, a lone dash, more than 16 digits.
    """
    plain = plainly(text)
    if plain in {"", MISSING}:
        return Parsed(None, "ok", text)
    if style == "point" and len(plain) < LONGEST_NUMBER and _PLAIN.fullmatch(plain):
        return _fitting(Decimal(plain.replace(",", "")), text, is_plain=_is_as_typed(text, plain))
    amount = _amount(plain, style)
    if isinstance(amount, Text):
        return refusal(text, amount)
    return _fitting(amount, text, is_plain=_is_as_typed(text, plain) and _is_bare(plain))


def named_currency(text: str) -> str | None:
    """The currency a cell names (¥ is CNY, $ is USD), or nothing; the caller compares it with its own."""
    match = _AMOUNT.fullmatch(_without_brackets(plainly(text))[0])
    word = (match["before"] or match["after"]) if match else None
    return CURRENCIES[word.upper()] if word else None


def amount_style(values: Iterable[str]) -> AmountStyleVerdict:
    """Whether a column writes 1,234.56 or 1.234,56, proven by its own values and contradicted by none."""
    found: dict[AmountStyle, str] = {}
    for text in dict.fromkeys(values):
        plain = plainly(text)
        if "point" not in found and _POINT_PROOF.search(plain):
            found["point"] = text
        if "comma" not in found and _COMMA_PROOF.search(plain):
            found["comma"] = text
    if len(found) > 1:
        return AmountStyleVerdict("contradictory", None, found["point"], found["comma"])
    for style, proof in found.items():
        return AmountStyleVerdict("settled", style, proof)
    return AmountStyleVerdict("unproven", None)


def parse_integer(text: str) -> Parsed[int]:
    """A whole number; 12.0 and 1.2万 are whole too.

    Refuses: whatever is not an amount, and fractions.
    """
    amount = parse_amount(text)
    if amount.value is None:
        return Parsed(None, amount.state, text, reason=amount.reason)
    if amount.value != amount.value.to_integral_value():
        return refusal(text, NOT_WHOLE)
    whole = int(amount.value)
    return Parsed(whole, "changed" if "." in plainly(text) else amount.state, text, f"{whole:,}".replace("-", MINUS))


def parse_score(text: str, *, low: int = 0, high: int = 10) -> Parsed[int]:
    """A whole score from low to high; 9分 and 9/10 are read when 10 is the highest.

    Refuses: fractions and anything out of range; a score is never rounded or capped.
    """
    bare = re.sub(rf"(?<=\d)\s*(?:分|/\s*{high})$", "", plainly(text))
    whole = parse_integer(bare)
    if whole.value is None:
        return Parsed(None, whole.state, text, reason=whole.reason)
    if not low <= whole.value <= high:
        return refusal(text, OUT_OF_RANGE, low=low, high=high)
    return Parsed(whole.value, "ok" if text.strip() == str(whole.value) else "changed", text, str(whole.value))


def parse_rate(text: str) -> Parsed[Decimal]:
    """A rate from 0 to 1, exact: 13% and 0.13 are both 0.13.

    Refuses: a bare number above 1, which could be either.
    """
    plain = plainly(text)
    if plain.endswith("%"):
        number = parse_amount(plain[:-1])
        if number.value is not None:
            return Parsed(number.value / 100, "ok", text, f"{number.value}%".replace("-", MINUS))
    number = parse_amount(text)
    if number.value is not None and abs(number.value) > 1:
        return refusal(text, BARE_RATE)
    return Parsed(number.value, number.state, text, number.shown, number.reason)


def unmarked(text: str) -> str:
    """A number or name of a thing without marks nobody sees, as copied text brings them along: with them it would be another one."""
    return text if text.isascii() else "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


def parse_text(text: str, *, limit: int = 5000) -> Parsed[str]:
    """The text as typed, without outer blanks; formulas, tags and emoji stay as they are.

    Refuses: more characters than the limit, and control characters.
    """
    kept = text.strip()
    if len(kept) > limit:
        return refusal(text, TOO_LONG, count=len(kept), limit=limit)
    if _CONTROL.search(kept):
        return refusal(text, BAD_CHARACTERS)
    return Parsed(kept or None, "ok", text, kept)


def parse_choice(text: str, choices: Mapping[str, Sequence[str]]) -> Parsed[str]:
    """The key whose name or synonyms the cell spells; case, width and blanks do not matter.

    Refuses: anything else, naming the choices; nothing is matched by likeness.
    """
    wanted = _choice_key(text)
    if not wanted:
        return Parsed(None, "ok", text)
    for key, words in choices.items():
        if wanted in {_choice_key(word) for word in (key, *words)}:
            return Parsed(key, "ok", text, text.strip())
    return refusal(text, NOT_A_CHOICE, choices=" / ".join(words[0] if words else key for key, words in choices.items()))


def parse_flag(text: str) -> Parsed[bool]:
    """Yes or no in the words people use for it.

    Refuses: anything else.
    """
    words = {"yes": ("是", "y", "true", "1", "有", "√", "✓", "对"), "no": ("否", "n", "false", "0", "无", "×", "不")}
    found = parse_choice(text, words)
    value = None if found.value is None else found.value == "yes"
    return Parsed(value, found.state, text, found.shown, found.reason, found.values)


def refusal(text: str, reason: Text, **values: object) -> Parsed[T]:
    """A refused cell: no value, what was typed, and why."""
    return Parsed(None, "error", text, text, reason, values)


def plainly(text: str) -> str:
    """The text in half width with one kind of minus and single blanks, without blanks around it."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_MINUSES)
    return " ".join(text.split())


def _amount(plain: str, style: AmountStyle) -> Decimal | Text:
    inner, is_negative = _without_brackets(plain)
    match = _AMOUNT.fullmatch(inner) if len(inner) < LONGEST_NUMBER else None
    if match is None:
        return _why_not_a_number(plain)
    minuses = [match["sign"], match["sign2"], match["trailing"]].count("-") + is_negative
    pattern, comma, point = (_POINT, ",", ".") if style == "point" else (_COMMA, ".", ",")
    digits = match["digits"]
    if minuses > 1 or (match["before"] and match["after"] and not _same_currency(match["before"], match["after"])):
        return NOT_A_NUMBER
    if not pattern.fullmatch(digits):
        return _why_not_grouped(digits)
    bare = digits.replace(comma, "").replace(" ", "").replace("'", "").replace(point, ".")
    amount = Decimal(bare).scaleb(UNITS[match["unit"].upper()] if match["unit"] else 0)
    return -amount if minuses else amount


def _without_brackets(plain: str) -> tuple[str, bool]:
    match = re.fullmatch(rf"((?:{_CURRENCY})? ?)\((.*)\)(.*)", plain, re.IGNORECASE)
    return (f"{match[1]}{match[2].strip()}{match[3]}", True) if match else (plain, False)


def _same_currency(before: str, after: str) -> bool:
    return CURRENCIES[before.upper()] == CURRENCIES[after.upper()]


def _why_not_a_number(plain: str) -> Text:
    if _SCIENTIFIC.fullmatch(plain):
        return LOST_DIGITS
    if plain.strip("-") == "":
        return LONE_DASH
    if re.fullmatch(r"[+-]?[\d.,]+ ?%", plain):
        return IS_PERCENT
    return NOT_A_NUMBER


def _why_not_grouped(digits: str) -> Text:
    if _COMMA.fullmatch(digits) and "." in digits and "," in digits:
        return OTHER_STYLE
    if "," in digits and digits.count(".") < 2:  # noqa: PLR2004 - two points are no number at all
        return BAD_GROUPS
    return NOT_A_NUMBER


def _is_as_typed(text: str, plain: str) -> bool:
    return text.strip().translate(_MINUSES) == plain


def _is_bare(plain: str) -> bool:
    return all(mark.isdigit() or mark in "+-., '" for mark in plain) and not plain.endswith("-")


def _fitting(amount: Decimal, text: str, *, is_plain: bool) -> Parsed[Decimal]:
    if abs(amount) >= LARGEST_AMOUNT:
        return refusal(text, TOO_LARGE)
    exponent = amount.as_tuple().exponent
    places = max(2, -exponent) if isinstance(exponent, int) else 2
    shown = f"{MINUS if amount < 0 else ''}{abs(amount):,.{places}f}"
    return Parsed(amount, "ok" if is_plain else "changed", text, shown)


def _choice_key(text: str) -> str:
    return "".join(plainly(text).casefold().split())
