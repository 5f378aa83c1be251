"""Working time, timed: 200,000 tickets, each with what it took and when it was due, from the hours and holidays of the ledger."""

from __future__ import annotations

import peers
from receivables import Timed

from lib.store.ledger import Ledger

_TICKETS = 200_000
_TARGET = 100
_MAKE = f"""
    create or replace temp table ticket as
    select
        made.id as thing_id,
        'first' as clock,
        14400000000::bigint as target_us,
        made.since_at,
        made.since_at + to_seconds((hash(made.id + 1) % 600000)::bigint) as until_at,
        true as is_whole
    from (
        select place.id, timestamp '2024-01-01' + to_seconds((hash(place.id) % 63072000)::bigint) as since_at
        from range({_TICKETS}) as place (id)
    ) as made
"""
_ASK = """
    select count(*), sum(ran_us), max(due_at), count(*) filter (where ran_us > target_us)
    from clock_of('ticket', date '2024-01-01', date '2026-12-31', timestamp '9999-12-30')
"""


def clocks(ledger: Ledger) -> list[Timed]:
    """All of them, whatever else the ledger holds."""
    cursor = ledger.cursor()
    cursor.execute(_MAKE)
    found = Timed(f"{_TICKETS:,} tickets on working time, CPU", peers.cpu_ms(lambda: cursor.execute(_ASK).fetchall()), _TARGET)
    cursor.execute("drop table ticket")
    return [found]
