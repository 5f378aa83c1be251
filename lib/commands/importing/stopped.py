"""Invoices of customers under credit stop: said by name in the preview, never held up."""

from __future__ import annotations

from datetime import date
from typing import Final

import duckdb

from lib import formats
from lib.domain.notes import Note, warning
from lib.text import Text

STOPPED: Final = Text(
    "{count} 个客户现已停供，账单仍会记入，请核对：{names}",
    "{count} under credit stop; the invoices come in all the same: {names}",
)
_NAMED: Final = 10
"""So many stopped customers are named."""


def notes(cursor: duckdb.DuckDBPyConnection, actor_id: int, today: date) -> list[Note]:
    """Which customers of new invoices are under credit stop today. It holds nothing up: what was billed elsewhere is billed."""
    about = cursor.execute(_BILLED, {"actor_id": actor_id}).fetchone()
    if not about or not about[0]:
        return []
    names = [name for (name,) in cursor.execute(_STOPPED, {"customer_ids": about[0], "today": today}).fetchall()]
    if not names:
        return []
    count = formats.counted(len(names), "customer is", "customers are")
    return [warning(STOPPED, count=count, names=" · ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else ""))]


_BILLED: Final = """
    select list(distinct record.customer_id)
    from record
    inner join outcome on record.record_no = outcome.record_no
    where outcome.status = 'new' and record.kind = 'invoice'
        and record.customer_id in (select visible.customer_id from visible_customer($actor_id) as visible)
"""

_STOPPED: Final = """
    select distinct customer.name
    from credit_standing_of($customer_ids::integer[], $today::date, timestamp '9999-12-30') as standing
    inner join customer_at($today::date, timestamp '9999-12-30') as customer on standing.customer_id = customer.customer_id
    where standing.credit_state = 'stop'
    order by customer.name
"""
