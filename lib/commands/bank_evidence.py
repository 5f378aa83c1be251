"""What the ledger knows about open bank lines: invoices their memos name, whom their payers stand for, what those owe."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

import duckdb

from lib.domain.linkage import Movement, Reach, link
from lib.domain.payer_names import Names
from lib.domain.reconciling import (
    Book,
    Line,
    Open,
    Payer,
    Proposal,
    booked,
    by_account,
    by_alias,
    by_likeness,
    by_name,
    number_key,
    propose,
    said_numbers,
)

Progress = Callable[[float], None]
_ALIKE_AT_ONCE: Final = 200
_BOOKED_WITHIN: Final = 10
"""Days a payment booked by hand may lie from its line."""


def proposals(cursor: duckdb.DuckDBPyConnection, lines: Sequence[Line], progress: Progress | None = None) -> dict[int, Proposal]:
    """The likeliest settlement of each line that has one, by line_id."""
    tell = progress or (lambda _: None)
    tell(0.0)
    named = _named(cursor, lines)
    tell(0.1)
    payers = _payers(cursor, lines, lambda share: tell(0.1 + 0.7 * share))
    owed = _owed(cursor, {payer.customer_id for payer in payers.values()})
    book = Book(named, owed, payers)
    found = {line.line_id: proposal for line in lines if (proposal := propose(line, book))}
    found |= _booked_before(cursor, list(found.values()))
    tell(1.0)
    return found


def transfers(cursor: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """Money that probably went between own accounts: by open line coming in, the open line going out."""
    found: dict[int, int] = {}
    rows = cursor.execute(_MOVED).fetchall()
    for currency in {row[2] for row in rows}:
        gone = [row for row in rows if row[2] == currency and row[4] < 0]
        come = [row for row in rows if row[2] == currency and row[4] > 0]
        for one in link([_movement(row) for row in gone], [_movement(row) for row in come], Reach(last_day=5, apart=0.02)):
            out, back = gone[one.left], come[one.right]
            if out[1] != back[1]:
                found[back[0]] = out[0]
    return found


def refunds(cursor: duckdb.DuckDBPyConnection) -> dict[int, tuple[int, str]]:
    """The only refund of a line's amount paid within ten days of it, where that line is the only one too: by open line, id and number."""
    return {line_id: (entry_id, doc_no) for line_id, entry_id, doc_no in cursor.execute(_REFUNDS, {"days": _BOOKED_WITHIN}).fetchall()}


def _movement(row: tuple[int, str, str, date, Decimal, str]) -> Movement:
    return Movement(row[3], abs(row[4]), row[5])


def _booked_before(cursor: duckdb.DuckDBPyConnection, found: Sequence[Proposal]) -> dict[int, Proposal]:
    """Lines whose very payment a person has booked already: matched to that document, not booked twice."""
    if not found:
        return {}
    days = sorted(one.line.on_date for one in found)
    asked = {"customer_ids": sorted({one.customer_id for one in found}), "first_on": days[0], "last_on": days[-1], "days": _BOOKED_WITHIN}
    free = cursor.execute(_BOOKED, asked).fetchall()
    waiting: defaultdict[tuple[int, str, Decimal], list[tuple[int, str, date]]] = defaultdict(list)
    for customer_id, currency, amount, *document in free:
        waiting[customer_id, currency, amount].append((document[0], document[1], document[2]))
    known = {}
    for one in found:
        documents = waiting[one.customer_id, one.line.currency, one.line.amount]
        near = [document for document in documents if abs((document[2] - one.line.on_date).days) <= _BOOKED_WITHIN]
        if near:
            documents.remove(near[0])
            known[one.line.line_id] = booked(one, *near[0])
    return known


def open_lines(cursor: duckdb.DuckDBPyConnection, line_ids: Sequence[int] | None = None) -> list[Line]:
    """Money that came in and is not matched yet, oldest first: all of it, or the lines named."""
    found = cursor.execute(_OPEN_LINES, {"line_ids": None if line_ids is None else list(line_ids)}).fetchall()
    return [Line(*row) for row in found]


def _named(cursor: duckdb.DuckDBPyConnection, lines: Sequence[Line]) -> dict[str, list[Open]]:
    numbers = sorted({number for line in lines for number in said_numbers(line.memo or "")})
    found = defaultdict(list)
    for row in cursor.execute(_NAMED, {"numbers": numbers}).fetchall() if numbers else ():
        found[number_key(row[2])].append(Open(*row))
    return dict(found)


def _owed(cursor: duckdb.DuckDBPyConnection, customer_ids: set[int]) -> dict[tuple[int, str], list[Open]]:
    found = defaultdict(list)
    for row in cursor.execute(_OWED, {"customer_ids": sorted(customer_ids)}).fetchall() if customer_ids else ():
        found[row[1], row[3]].append(Open(*row))
    return dict(found)


def _payers(cursor: duckdb.DuckDBPyConnection, lines: Sequence[Line], tell: Progress) -> dict[int, Payer]:
    """By line: known account first, then a name confirmed before, the very name, a name alike."""
    accounts = _only(cursor, _BY_ACCOUNT, {line.payer_account for line in lines if line.payer_account})
    aliases = _only(cursor, _BY_ALIAS, {line.payer_key for line in lines if line.payer_key})
    names = _only(cursor, _BY_NAME, {line.payer_key for line in lines if line.payer_key})
    found: dict[int, Payer] = {}
    for line in lines:
        if line.payer_account in accounts:
            found[line.line_id] = Payer(accounts[line.payer_account], "R2", by_account(), is_certain=True)
        elif line.payer_key in aliases:
            found[line.line_id] = Payer(aliases[line.payer_key], "R2", by_alias(), is_certain=True)
        elif line.payer_key in names:
            found[line.line_id] = Payer(names[line.payer_key], "R3", by_name(), is_certain=True)
    unknown = [line for line in lines if line.line_id not in found and line.payer]
    alike = _alike(cursor, sorted({line.payer for line in unknown if line.payer}), tell)
    return found | {line.line_id: alike[line.payer] for line in unknown if line.payer in alike}


def _only(cursor: duckdb.DuckDBPyConnection, sql: str, asked: set[str]) -> dict[str | None, int]:
    """What stands for exactly one customer."""
    return dict(cursor.execute(sql, {"asked": sorted(asked)}).fetchall()) if asked else {}


def _alike(cursor: duckdb.DuckDBPyConnection, payers: Sequence[str], tell: Progress) -> dict[str, Payer]:
    if not payers:
        return {}
    rows: list[tuple[int, str]] = cursor.execute(_NAMES).fetchall()
    known = _names(tuple(name for _, name in rows))
    found = {}
    for number, payer in enumerate(payers):
        if number % _ALIKE_AT_ONCE == 0:
            tell(number / len(payers))
        likely = known.find(payer)
        if likely and likely[0].is_likely:
            why = by_likeness(likely[0].score, is_branch=likely[0].is_branch)
            found[payer] = Payer(rows[likely[0].place][0], "R3", why, is_certain=likely[0].is_sure)
    return found


@lru_cache(maxsize=2)
def _names(names: tuple[str, ...]) -> Names:
    """The names of all customers, made ready once for as long as none changes."""
    return Names(names)


_OPEN_LINES: Final = """
    select line.line_id, line.on_date, line.amount, line.currency, line.payer, line.payer_key, line.payer_account, line.memo
    from bank_line as line
    where
        line.retired_at = timestamp '9999-12-31'
        and line.amount > 0
        and ($line_ids::bigint[] is null or list_contains($line_ids::bigint[], line.line_id))
        and line.line_id not in (select bank_match.line_id from bank_match where bank_match.retired_at = timestamp '9999-12-31')
    order by line.on_date, line.line_id
"""
_MOVED: Final = """
    select line.line_id, line.account, line.currency, line.on_date, line.amount, concat_ws(' ', line.payer, line.memo)
    from bank_line as line
    where
        line.retired_at = timestamp '9999-12-31'
        and line.line_id not in (select bank_match.line_id from bank_match where bank_match.retired_at = timestamp '9999-12-31')
        and (select count(distinct other.account) from bank_line as other where other.retired_at = timestamp '9999-12-31') > 1
    order by line.on_date, line.line_id
"""
_REFUNDS: Final = """
    select line.line_id, entry.entry_id, entry.doc_no
    from bank_line as line
    inner join entry
        on
            line.amount = -entry.amount
            and line.currency = entry.currency
            and abs(date_diff('day', line.on_date, entry.on_date)) <= $days
    where
        entry.kind = 'refund'
        and entry.retired_at = timestamp '9999-12-31'
        and line.retired_at = timestamp '9999-12-31'
        and not exists (
            from bank_match
            where
                bank_match.retired_at = timestamp '9999-12-31'
                and (bank_match.line_id = line.line_id or bank_match.entry_id = entry.entry_id)
        )
    qualify count(*) over (partition by line.line_id) = 1 and count(*) over (partition by entry.entry_id) = 1
"""
_BOOKED: Final = """
    select entry.customer_id, entry.currency, entry.amount, entry.entry_id, entry.doc_no, entry.on_date
    from entry
    where
        entry.kind = 'payment'
        and entry.retired_at = timestamp '9999-12-31'
        and entry.on_date between $first_on::date - $days::integer and $last_on::date + $days::integer
        and entry.customer_id in (select unnest($customer_ids::integer[]))
        and entry.entry_id not in (
            select bank_match.entry_id from bank_match
            where bank_match.entry_id is not null and bank_match.retired_at = timestamp '9999-12-31'
        )
    order by entry.on_date, entry.entry_id
"""
_NAMED: Final = """
    with invoice as (
        select entry.entry_id, entry.customer_id, entry.doc_no, entry.currency, entry.due_on
        from entry
        where
            entry.retired_at = timestamp '9999-12-31'
            and entry.kind in ('invoice', 'opening')
            -- Nearly all numbers hold no mark but hyphens, and taking those out is much quicker.
            and if(
                regexp_full_match(entry.doc_no, '[A-Z0-9-]*'),
                replace(entry.doc_no, '-', ''),
                regexp_replace(upper(entry.doc_no), '[^A-Z0-9]', '', 'g')
            ) in (select unnest($numbers::text[]))
    )

    select
        invoice.entry_id, invoice.customer_id, any_value(invoice.doc_no), any_value(invoice.currency), any_value(invoice.due_on),
        sum(posting.amount)
    from posting
    inner join invoice on posting.invoice_id = invoice.entry_id
    group by invoice.entry_id, invoice.customer_id
    having sum(posting.amount) > 0
    order by any_value(invoice.due_on), invoice.entry_id
"""
_OWED: Final = """
    with item as (
        select posting.invoice_id, posting.customer_id, posting.currency, sum(posting.amount) as amount
        from posting
        where posting.customer_id in (select unnest($customer_ids::integer[])) and posting.invoice_id is not null
        group by posting.invoice_id, posting.customer_id, posting.currency
        having sum(posting.amount) > 0
    )

    select item.invoice_id, item.customer_id, entry.doc_no, item.currency, entry.due_on, item.amount
    from item
    inner join entry on item.invoice_id = entry.entry_id and entry.retired_at = timestamp '9999-12-31'
"""
_CURRENT: Final = "until_on = date '9999-12-31' and retired_at = timestamp '9999-12-31' and status <> 'merged'"
_BY_ACCOUNT: Final = f"""
    with known as (
        select payer_alias.payer_account as account, payer_alias.customer_id from payer_alias
        where payer_alias.retired_at = timestamp '9999-12-31'
        union
        select customer_record.bank_account, customer_record.customer_id from customer_record where {_CURRENT}
    )

    select known.account, min(known.customer_id) from known
    where known.account in (select unnest($asked::text[])) group by known.account having count(distinct known.customer_id) = 1
"""  # noqa: S608 (our own words)
_BY_ALIAS: Final = """
    select payer_alias.payer_key, min(payer_alias.customer_id) from payer_alias
    where payer_alias.retired_at = timestamp '9999-12-31' and payer_alias.payer_key in (select unnest($asked::text[]))
    group by payer_alias.payer_key having count(distinct payer_alias.customer_id) = 1
"""
_BY_NAME: Final = f"""
    select customer_record.name_key, min(customer_record.customer_id) from customer_record
    where {_CURRENT} and customer_record.name_key in (select unnest($asked::text[]))
    group by customer_record.name_key having count(distinct customer_record.customer_id) = 1
"""  # noqa: S608 (our own words)
_NAMES: Final = f"""
    select customer_record.customer_id, customer_record.name from customer_record where {_CURRENT} order by customer_record.customer_id
"""  # noqa: S608 (our own words)
