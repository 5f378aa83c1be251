"""The file of a case as the demo opens it, whatever its kind."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Final

from lib.demo.companies import Company
from lib.demo.moments import written_down
from lib.demo.rows import CaseRow
from lib.demo.sources import Words

_CHANNELS: Final = ("phone", "wechat", "email", "visit", "web")


def case_row(company: Company, kind: str, day: date, line: Words, rng: Random) -> CaseRow:
    """What a customer says in the words of a line, written down by who looks after them."""
    return CaseRow(
        case_id=0,
        customer_id=company.customer_id,
        kind=kind,
        on_date=day,
        subject=line["subject"],
        body=line["body"],
        severity=None,
        cause=None,
        channel=rng.choice(_CHANNELS),
        region=company.region,
        invoice_id=None,
        amount=None,
        currency=None,
        owner_id=company.owner_id,
        due_on=None,
        recorded_at=written_down(rng, day),
        recorded_by=company.owner_id,
    )
