"""What was read of a statement, held against what the statement says of itself. Nothing here stops an import: it is said in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import duckdb

from lib import formats
from lib.commands.importing.bank import same_file
from lib.commands.importing.staging import Stage, cell_of
from lib.domain.notes import Note, note, warning
from lib.domain.stated import Flow, Stated
from lib.domain.statements import chained
from lib.domain.values import parse_amount
from lib.text import Text

_MOVEMENTS: Final = Text(
    "账户 {account}：收入 {into_count} 笔 {into}，支出 {out_count} 笔 {out}",
    "Account {account}: {into_count} in, {into}; {out_count} out, {out}",
)
_APART: Final = Text(
    "{count} 行不是本账户的收支，另列并注明原因，没有记入",
    "Lines that are no money in or out of this account, kept apart with the reason: {count}",
)
_BALANCED: Final = Text(
    "期初 {opening} + 收入 {into} − 支出 {out} = 期末 {closing}：与对账单一致",
    "Opening {opening} + in {into} − out {out} = closing {closing}: as the statement says",
)
_UNBALANCED: Final = Text(
    "请核对：期初 {opening} + 收入 {into} − 支出 {out} = {reached}，而对账单写的期末是 {closing}，可能缺行",
    "Please check: opening {opening} + in {into} − out {out} = {reached}, but the statement closes with {closing}; lines may be missing",
)
_OTHER_BALANCE: Final = Text(
    "对账单的期初 {opening}、期末 {closing} 与账户币种不同，无法核对余额",
    "The statement's opening {opening} and closing {closing} are in different currencies, so the balance cannot be checked",
)
_AS_STATED: Final = Text("对账单自己写的笔数和金额与明细一致", "The counts and sums the statement states of itself agree with its lines")
_OTHER_FLOW: Final = Text(
    "请核对{what}：对账单自称 {stated}，明细里是 {found}；按明细记入",
    "Please check {what}: the statement says {stated}, its lines {found}; the lines are what comes in",
)
_JUMPS: Final = Text(
    "请核对：余额列与明细有 {count} 处接不上，第一处在第 {line} 行，可能缺行",
    "Please check: the balance column does not follow from the lines in places ({count}), first at line {line}; lines may be missing",
)
_EARLIER: Final = Text(
    "这个文件 {moment} 已由 {who} 导入过（批次 {batch}），记在账户 {account}；同一账户已有的行不会重复记入",
    "This very file was imported on {moment} by {who} (batch {batch}) for account {account}; lines that account has do not come in twice",
)
_WHAT: Final = {
    "lines": Text("笔数", "the number of lines"),
    "into": Text("收入", "money in"),
    "out": Text("支出", "money out"),
    "neither": Text("不计收支", "what is neither in nor out"),
    "total": Text("合计行的金额", "the sum in its row of totals"),
}
_COUNT: Final = Text("{count} 笔", "{count}")
_COUNT_AND_SUM: Final = Text("{count} 笔 {amount}", "{count} with {amount}")


@dataclass(frozen=True, slots=True)
class _Read:
    """What the lines of one account and currency add up to."""

    account: str
    currency: str
    into: Flow
    out: Flow


def notes(cursor: duckdb.DuckDBPyConnection, stage: Stage) -> list[Note]:
    """Movements by account, what is kept apart, whether the balances and the stated figures agree, and whether the file came before."""
    read = [
        _Read(account, currency, Flow(into_count, into), Flow(out_count, out))
        for account, currency, into_count, into, out_count, out in cursor.execute(_SUMS).fetchall()
    ]
    said = [*_earlier(cursor, stage), *map(_movements, read)]
    apart, neither, amount = cursor.execute(_KEPT_APART).fetchone() or (0, 0, Decimal(0))
    if apart:
        said.append(note(_APART, count=f"{apart:,}"))
    if not stage.questions:
        said += [*_balances(stage.stated, read), *_flows(stage, read, Flow(neither, amount)), *_running(cursor, stage, read)]
    return said


def _movements(of: _Read) -> Note:
    return note(
        _MOVEMENTS,
        account=of.account,
        into_count=f"{of.into.count:,}",
        into=formats.money(of.into.amount, of.currency, "en"),
        out_count=f"{of.out.count:,}",
        out=formats.money(of.out.amount, of.currency, "en"),
    )


def _balances(stated: Sequence[Stated], read: Sequence[_Read]) -> Iterable[Note]:
    """Opening and movements against closing, by account: of several statements of one account the first opens and the last closes."""
    for account in dict.fromkeys(of.account for of in stated):
        own = [of for of in stated if of.account == account]
        first, last = own[0], own[-1]
        if first.opening is None or last.closing is None:
            continue
        currency = first.opening_currency
        if currency != last.closing_currency:
            yield warning(_OTHER_BALANCE, opening=_money(first.opening, currency), closing=_money(last.closing, last.closing_currency))
            continue
        flows = [of for of in read if currency in (None, of.currency) and (len(stated) == 1 or of.account == account)]
        if len(flows) <= 1:
            is_whole = all(one.closing == other.opening for one, other in pairwise(own))
            yield _closes(
                first.opening, last.closing, flows[0] if flows else _Read("", currency or "", Flow(0), Flow(0)), is_whole=is_whole
            )


def _closes(opening: Decimal, closing: Decimal, of: _Read, *, is_whole: bool = True) -> Note:
    into, out = of.into.amount or Decimal(0), of.out.amount or Decimal(0)
    reached = opening + into - out
    figures = {"opening": opening, "into": into, "out": out, "closing": closing, "reached": reached}
    said = {name: _money(figure, of.currency) for name, figure in figures.items()}
    is_right = reached == closing and is_whole
    return note(_BALANCED, **said) if is_right else warning(_UNBALANCED, **said)


def _flows(stage: Stage, read: Sequence[_Read], neither: Flow) -> Iterable[Note]:
    """The counts and sums a statement states of itself, each against its lines."""
    if not stage.stated:
        return
    of = {name: _total([getattr(one, name) for one in stage.stated]) for name in ("into", "out", "neither")}
    lines = [one.lines for one in stage.stated if one.lines is not None]
    found = {"into": _total([one.into for one in read]), "out": _total([one.out for one in read]), "neither": neither}
    off = [_differs(name, of[name], found[name]) for name in of if of[name] != Flow() and not _agrees(of[name], found[name])]
    if lines and sum(lines) != stage.table.num_rows:
        off.insert(0, _differs("lines", Flow(sum(lines)), Flow(stage.table.num_rows)))
    total = next((one.total for one in stage.stated if one.total is not None), None)
    if total is not None and len(read) == 1 and total not in _sums(read[0]):
        off.append(_differs("total", Flow(None, total), Flow(None, (read[0].into.amount or 0) - (read[0].out.amount or Decimal(0)))))
    if off:
        yield from off
    elif lines or total is not None or any(flow != Flow() for flow in of.values()):
        yield note(_AS_STATED)


def _sums(of: _Read) -> set[Decimal]:
    """What a total of one column of amounts can mean: in less out, either of them, or both together."""
    into, out = of.into.amount or Decimal(0), of.out.amount or Decimal(0)
    return {into - out, into + out, into, out, -out}


def _total(flows: Sequence[Flow]) -> Flow:
    counts = [flow.count for flow in flows if flow.count is not None]
    amounts = [flow.amount for flow in flows if flow.amount is not None]
    return Flow(sum(counts) if counts else None, sum(amounts, Decimal(0)) if amounts else None)


def _agrees(stated: Flow, found: Flow) -> bool:
    return stated.count in (None, found.count or 0) and stated.amount in (None, found.amount or Decimal(0))


def _differs(name: str, stated: Flow, found: Flow) -> Note:
    return warning(_OTHER_FLOW, what=_WHAT[name], stated=_flow(stated), found=_flow(found))


def _flow(of: Flow) -> Text:
    if of.count is None and of.amount is not None:
        return Text(formats.number(of.amount, 2), formats.number(of.amount, 2))
    count = "?" if of.count is None else f"{of.count:,}"
    if of.amount is None:
        return Text(_COUNT.say("zh", count=count), _COUNT.say("en", count=count))
    figures = {"count": count, "amount": formats.number(of.amount, 2)}
    return Text(_COUNT_AND_SUM.say("zh", **figures), _COUNT_AND_SUM.say("en", **figures))


def _running(cursor: duckdb.DuckDBPyConnection, stage: Stage, read: Sequence[_Read]) -> Iterable[Note]:
    """The column of balances against the lines, whichever end of the file is the older one."""
    if "balance" not in stage.columns or len(read) != 1:
        return
    typed = [cell_of(stage, "balance", row) for row in range(stage.table.num_rows)]
    totals = [parse_amount(cell.typed).value if cell else None for cell in typed]
    found = cursor.execute("select line.row_no, line.amount from line where line.amount is not null order by line.row_no").fetchall()
    lines = [(row_no, total, amount) for row_no, amount in found if (total := totals[row_no - 1]) is not None]
    if len(lines) < 2 or len(lines) < len(totals):  # noqa: PLR2004 (a step needs two)
        return
    balances, moves = [total for _, total, _ in lines], [amount for _, _, amount in lines]
    oldest, newest = chained(balances, moves)
    is_oldest_first = oldest >= newest
    if max(oldest, newest) == len(lines) - 1:
        start, end = (0, -1) if is_oldest_first else (-1, 0)
        yield _closes(balances[start] - moves[start], balances[end], read[0])
        return
    broken = [
        later[0]
        for earlier, later in pairwise(lines)
        if (earlier[1] + later[2] != later[1] if is_oldest_first else later[1] + earlier[2] != earlier[1])
    ]
    yield warning(_JUMPS, count=len(broken), line=stage.line_nos[broken[0] - 1])


def _earlier(cursor: duckdb.DuckDBPyConnection, stage: Stage) -> Iterable[Note]:
    """When, by whom and for which account this very file came in before, unless that was taken back."""
    if found := same_file(cursor, stage.options.sha256):
        batch, made_at, who, account, settings = found
        zone = ZoneInfo(json.loads(settings or "{}").get("time_zone", "Asia/Shanghai"))
        yield warning(_EARLIER, moment=_moment(made_at, zone), who=who or "—", batch=batch, account=account)


def _moment(made_at: datetime, zone: ZoneInfo) -> str:
    return f"{made_at.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}"


def _money(amount: Decimal, currency: str | None) -> str:
    return formats.money(amount, currency, "en") if currency else formats.number(amount, 2)


_SUMS: Final = """
    select
        record.account, record.currency, count(*) filter (where record.amount > 0),
        coalesce(sum(record.amount) filter (where record.amount > 0), 0)::decimal(18, 2), count(*) filter (where record.amount < 0),
        coalesce(-sum(record.amount) filter (where record.amount < 0), 0)::decimal(18, 2)
    from record
    group by record.account, record.currency
    order by record.account, record.currency
"""

_KEPT_APART: Final = """
    select
        count(*), count(*) filter (where outcome.code = 'apart_neither'),
        coalesce(sum(abs(line.amount)) filter (where outcome.code = 'apart_neither'), 0)::decimal(18, 2)
    from outcome
    inner join line on outcome.row_no = line.row_no
    where outcome.status = 'apart'
"""
