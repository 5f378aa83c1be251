"""From the bill to the money, timed: a year of ageing, the cash calendar, a statement on paper, 10,000 bank lines reconciled."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

import peers
from questions import AS_OF

from lib.commands.bank import MatchAutomatically
from lib.commands.bank_evidence import open_lines, proposals
from lib.domain.access import Actor
from lib.papers.statement import Wanted, statement
from lib.store import query
from lib.store.door import execute
from lib.store.ledger import Ledger

LINES: Final = 10_000


@dataclass(frozen=True)
class Timed:
    """What took how many milliseconds, and may take at most."""

    title: str
    value: float
    target: float | None
    why: str | None = None


def trend(ledger: Ledger, actor: Actor) -> list[Timed]:
    """52 weeks of ageing, past the cache and out of it."""
    asked: dict[str, Any] = {"as_of": AS_OF, "weeks": 52, "currency": "CNY"}

    def cold() -> None:
        ledger.identity = object()
        query.read(ledger, actor, "ageing_trend", **asked)

    found = peers.cpu_ms(cold)
    warm = peers.cpu_ms(lambda: query.read(ledger, actor, "ageing_trend", **asked))
    return [Timed("52 weeks of ageing, cold, CPU", found, 1000), Timed("52 weeks of ageing, warm, CPU", warm, 50)]


def calendar(ledger: Ledger, actor: Actor) -> list[Timed]:
    """What is to come, and how far past forecasts missed: the page shows the first while it works out the second."""
    asked: dict[str, Any] = {"as_of": AS_OF, "currency": "CNY", "by_record": True}

    def cold() -> None:
        ledger.identity = object()
        query.read(ledger, actor, "cash_forecast", past_weeks=0, **asked)

    ahead = peers.cpu_ms(cold)
    started = time.process_time()
    query.read(ledger, actor, "cash_forecast", past_weeks=13, **asked)
    past = (time.process_time() - started) * 1000
    return [Timed("cash calendar, what is to come, CPU", ahead, 2000), Timed("cash calendar, 13 past weeks beside it, CPU", past, None)]


def paper(ledger: Ledger, actor: Actor) -> list[Timed]:
    """A customer's statement as PDF."""
    wanted = Wanted(17, AS_OF, "zh", currency="CNY")
    return [Timed("statement as PDF, CPU", peers.cpu_ms(lambda: statement(ledger, actor, wanted)), 300)]


def reconciliation(ledger: Ledger, actor: Actor) -> list[Timed]:
    """Bank lines of all kinds: what each most likely pays, then all that are sure in one change."""
    with ledger.transaction() as cursor:
        cursor.execute(_CAME, {"lines": LINES, "today": AS_OF})
    started = time.perf_counter()
    waiting = open_lines(ledger.cursor())
    proposals(ledger.cursor(), waiting)
    proposed = time.perf_counter()
    done = execute(ledger, actor, MatchAutomatically(AS_OF)).result
    matched = time.perf_counter()
    return [
        Timed(f"{len(waiting):,} bank lines, a proposal each, wall", (proposed - started) * 1000, 30_000),
        Timed(f"{sum(done.values()):,} of them matched, wall", (matched - proposed) * 1000, 30_000),
    ]


_CAME: Final = """
    insert into bank_line
    with owed as (
        select
            item.customer_id, item.currency, item.open_amount, entry.doc_no, customer.name, customer.name_key,
            row_number() over (order by hash(item.invoice_id)) as line_id
        from open_invoice_at($today::date, timestamp '9999-12-30') as item
        inner join entry on item.invoice_id = entry.entry_id and entry.retired_at = timestamp '9999-12-31'
        inner join customer_at($today::date, timestamp '9999-12-30') as customer on item.customer_id = customer.customer_id
        qualify line_id <= $lines
    )

    select
        line_id, line_id, 'bench', $today::date - (line_id % 28)::integer, open_amount, currency,
        case line_id % 10 when 0 then '无名付款人' || line_id when 1 then name || '分公司' else name end,
        case line_id % 10 when 0 then '无名付款人' || line_id when 1 then name_key || '分公司' else name_key end,
        null, case when line_id % 5 = 2 then '货款 ' || doc_no else '货款' end, 'B' || line_id, 1,
        $today::timestamp, 0, 1, 1, null, timestamp '9999-12-31', null
    from owed
"""
