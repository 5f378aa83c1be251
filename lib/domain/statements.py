"""What a bank or wallet statement says around its table: whose account it is, its month, what it states of itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import PurePath
from typing import Final

from lib.domain.dates import parse_date
from lib.domain.headers import normalise_header
from lib.domain.mending import is_total
from lib.domain.notes import LIKE_TOTAL
from lib.domain.sheets import Sheet
from lib.domain.stated import Flow, Stated
from lib.domain.values import Parsed, parse_amount, plainly

_ACCOUNT: Final = re.compile(
    r"(?:支付宝账户|微信昵称|账\s*号|账\s*户|帐\s*号|卡\s*号|account (?:no\.?|number)|account|iban)\s*[:：]\s*\[?([^\s\[\],，;；]+)\]?",
    re.IGNORECASE,
)
_WALLETS: Final = {"支付宝账户": "支付宝", "微信昵称": "微信"}
_BANK: Final = re.compile(r"[\u4e00-\u9fff]{2,8}?银行(?:信用卡)?")
_TAIL: Final = re.compile(r"卡?号?(?:后|末)四位|借记卡号")
_CARD_BILL: Final = re.compile(r"(?:信用卡|贷记卡).*账单|credit card.*statement|账单明细\(", re.IGNORECASE)
_BILLED: Final = ("结算金额", "记账金额", "人民币金额", "入账金额", "交易金额", "金额")
_MONTH: Final = re.compile(r"(20\d\d)\s*年\s*(\d{1,2})\s*月")
_SHORT_DAY: Final = re.compile(r"(\d{1,2})[/-](\d{1,2})")
_FLOW: Final = re.compile(r"(收入|支出|不计收支|中性交易)\s*[:：]\s*([\d,]+)\s*笔[,，\s]*([\d,.]+)\s*元?")
_LINES: Final = re.compile(r"共\s*([\d,]+)\s*笔")
_OPENING: Final = re.compile(r"(?:期初|上期|起始)余额\s*[:：]?\s*(\S+)|opening balance\s*:?\s*(\S+)", re.IGNORECASE)
_CLOSING: Final = re.compile(r"(?:期末|本期|截止)余额\s*[:：]?\s*(\S+)|closing balance\s*:?\s*(\S+)", re.IGNORECASE)
_BLANK: Final = re.compile(r"[-—–−/*.\s]*")
_YEAR_END: Final = 12
_MOST_COLUMNS: Final = 15
_SAMPLE: Final = 500
_SUMMED: Final = frozenset({"income", "outgo", "amount"})
_PARTS: Final = ("小计", "本页", "subtotal", "Subtotal")
"""How totals of a part begin; the one of the whole counts."""
UNNAMED_ACCOUNT: Final = "银行账户"


def stated(sheet: Sheet) -> tuple[Stated, ...]:
    """What the statement says of itself: read from the file where it has fields for it, else from the lines above the table."""
    if sheet.stated:
        return sheet.stated
    above = "\n".join(map(plainly, sheet.preamble))
    flows = {name: Flow(_whole(count), _amount(amount)) for name, count, amount in _FLOW.findall(above)}
    neither = flows.get("不计收支") or flows.get("中性交易") or Flow()
    lines = _LINES.search(above)
    of = Stated(
        account=account(sheet),
        opening=_balance(_OPENING, above),
        closing=_balance(_CLOSING, above),
        lines=_whole(lines[1]) if lines else None,
        into=flows.get("收入", Flow()),
        out=flows.get("支出", Flow()),
        neither=neither,
    )
    return (of,)


def without_totals(sheet: Sheet) -> Sheet:
    """The statement without the rows at its end that call themselves totals and name no day: they are no lines of the account."""
    end = len(sheet.rows)
    while end and is_total(sheet.rows[end - 1]) and not any(_is_day(cell) for cell in sheet.rows[end - 1] if cell.strip()):
        end -= 1
    if end == len(sheet.rows):
        return sheet
    notes = tuple(one for one in sheet.notes if one.text is not LIKE_TOTAL)
    rows, totals = sheet.rows[:end], (*sheet.rows[end:], *sheet.totals)
    return replace(sheet, rows=rows, line_nos=sheet.line_nos[:end], notes=notes, totals=totals)


def totalled(found: tuple[Stated, ...], sheet: Sheet, positions: Mapping[str, int]) -> tuple[Stated, ...]:
    """What the statement says of itself, with what its row of totals says of the columns read, where nothing else did."""
    if len(found) != 1 or not sheet.totals or found[0].into != Flow() or found[0].out != Flow():
        return found
    grand = [row for row in sheet.totals if not row[0].strip().startswith(_PARTS)]
    row = (grand or sheet.totals)[-1]
    amounts = {name: _amount(row[at]) for name, at in positions.items() if name in _SUMMED and at < len(row) and row[at].strip()}
    read = {name: amount for name, amount in amounts.items() if amount is not None}
    into, out = (Flow(None, abs(read[name])) if name in read else Flow() for name in ("income", "outgo"))
    return (replace(found[0], into=into, out=out, total=read.get("amount")),)


def account(sheet: Sheet) -> str | None:
    """The account a statement is about, when the lines above its table or its columns of card numbers say so."""
    for line in map(plainly, sheet.preamble):
        if found := _ACCOUNT.search(line):
            wallet = next((name for word, name in _WALLETS.items() if word in line), "")
            return f"{wallet} {found[1]}".strip()
    bank = next((found[0] for line in _above(sheet) if (found := _BANK.search(line))), None)
    tail = _tail(sheet)
    return " ".join(part for part in (bank, tail) if part) or None


def account_by_name(file_name: str) -> str:
    """The account of a statement that names none: the name of its file without endings, or simply the bank account."""
    return PurePath(file_name).name.partition(".")[0] or UNNAMED_ACCOUNT


def hints(sheet: Sheet) -> dict[str, str]:
    """Normalised header → field where only the whole statement tells: bills of credit cards, tables without headers.

    On a card's bill the amounts are what was spent, so money in is below zero.
    """
    if not sheet.has_header:
        return _by_content(sheet)
    keys = {normalise_header(header) for header in sheet.header}
    if not is_card_bill(sheet) or any(mark in key for key in keys for mark in ("收入", "支出", "存入", "收支", "借贷")):
        return {}
    billed = [word for word in _BILLED if word in keys]
    return {word: "outgo" if at == 0 else "" for at, word in enumerate(billed)}


def is_card_bill(sheet: Sheet) -> bool:
    """Whether this is the bill of a credit card."""
    return any(_CARD_BILL.search(line) for line in _above(sheet))


def month(sheet: Sheet) -> tuple[int, int] | None:
    """Year and month of a statement whose title names them."""
    found = next((found for line in _above(sheet) if (found := _MONTH.search(line))), None)
    return (int(found[1]), int(found[2])) if found else None


def complete_day(text: str, of: tuple[int, int] | None) -> str:
    """A day without a year in the year of its statement: 12/29 in January's bill was in the December before."""
    short = _SHORT_DAY.fullmatch(plainly(text))
    if of is None or short is None:
        return text
    year, last = of
    number = int(short[1])
    return f"{year - (number > last)}-{number:02d}-{int(short[2]):02d}" if 1 <= number <= _YEAR_END else text


def read_amount(cell: Parsed[Decimal]) -> Parsed[Decimal]:
    """An amount in one of two columns, where a dash says that the money went the other way."""
    return Parsed(None, "ok", cell.typed) if cell.state == "error" and _BLANK.fullmatch(plainly(cell.typed)) else cell


def _above(sheet: Sheet) -> list[str]:
    return [*map(plainly, sheet.preamble), *map(plainly, sheet.header[:1])]


def _tail(sheet: Sheet) -> str | None:
    for position, header in enumerate(sheet.header):
        if _TAIL.search(header):
            seen = {cell.strip() for cell in sheet.column(position)} - {""}
            return f"尾号{seen.pop()}" if len(seen) == 1 else None
    return None


def _balance(pattern: re.Pattern[str], text: str) -> Decimal | None:
    found = pattern.search(text)
    return _amount(found[1] or found[2]) if found else None


def _amount(text: str) -> Decimal | None:
    return parse_amount(text).value


def _whole(text: str) -> int:
    return int(text.replace(",", ""))


def _by_content(sheet: Sheet) -> dict[str, str]:
    """Roles of columns without names: a day first, two amounts that take turns, a balance that proves which of them is which."""
    if len(sheet.header) > _MOST_COLUMNS:
        return {}
    columns = [sheet.column(position)[:_SAMPLE] for position in range(len(sheet.header))]
    days = [at for at, cells in enumerate(columns) if all(map(_is_day, cells))]
    amounts = {at: found for at, cells in enumerate(columns) if at not in days and (found := _numbers(cells))}
    texts = [at for at in range(len(columns)) if at not in days and at not in amounts and any(map(str.strip, columns[at]))]
    balance, sides = _proven(amounts)
    if not days or balance is None:
        return {}
    roles = {days[0]: "on_date", balance: "balance", **sides}
    if texts:
        roles[texts[0]] = "memo"
    return {normalise_header(sheet.header[at]): name for at, name in roles.items()}


def _is_day(cell: str) -> bool:
    return any(parse_date(cell, today=date(2100, 1, 1), order=order).value for order in ("ymd", "mdy", "dmy"))


def _numbers(cells: Sequence[str]) -> list[Decimal | None] | None:
    read = [parse_amount(cell) for cell in cells]
    found = [cell.value for cell in read]
    return found if all(cell.state != "error" for cell in read) and any(value is not None for value in found) else None


def _proven(amounts: Mapping[int, list[Decimal | None]]) -> tuple[int | None, dict[int, str]]:
    """The column of balances, and the columns in and out (or the signed one) that explain most of its steps; more than half."""
    best: tuple[int, int | None, dict[int, str]] = (0, None, {})
    for balance, cells in amounts.items():
        totals = [total for total in cells if total is not None]
        if len(totals) < len(cells):
            continue
        for sides in _sides([at for at in amounts if at != balance], amounts):
            moves = [_move(sides, amounts, row) for row in range(len(totals))]
            best = max(best, (max(chained(totals, moves)), balance, sides), key=lambda found: found[0])
    count = len(next(iter(amounts.values()), []))
    return (best[1], best[2]) if best[0] * 2 >= count else (None, {})


def _sides(places: list[int], amounts: Mapping[int, list[Decimal | None]]) -> list[dict[int, str]]:
    full = [{at: "amount"} for at in places if None not in amounts[at]]
    pairs = [
        {one: "income", other: "outgo"}
        for one in places
        for other in places
        if one != other and all((left is None) != (right is None) for left, right in zip(amounts[one], amounts[other], strict=True))
    ]
    return full + pairs


def _move(sides: Mapping[int, str], amounts: Mapping[int, list[Decimal | None]], row: int) -> Decimal:
    return sum(((-1 if name == "outgo" else 1) * (amounts[at][row] or Decimal(0)) for at, name in sides.items()), Decimal(0))


def chained(balances: Sequence[Decimal], moves: Sequence[Decimal]) -> tuple[int, int]:
    """How many steps from balance to balance the movements explain, with the oldest line first, and with the newest first."""
    lines = list(zip(balances, moves, strict=True))
    oldest = sum(before + move == after for (before, _), (after, move) in pairwise(lines))
    newest = sum(before + move == after for (after, move), (before, _) in pairwise(lines))
    return oldest, newest
