"""The sections of a review that are rows: what each is called, which query asks for it, and which columns it keeps, each said once."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from lib.domain.access import Permission
from lib.text import Text


@dataclass(frozen=True, slots=True)
class Source:
    """One section: the named query behind it and the columns kept of it, in their order, `most` rows at the most.

    `parameters`: what the query gets beside dates, circle and filters. `opens`: the page on which its rows live.
    """

    name: str
    label: Text
    query: str
    columns: tuple[str, ...]
    parameters: tuple[tuple[str, Hashable], ...] = ()
    most: int = 10
    needs: Permission = Permission.METRIC_READ
    opens: str = "overview"


SECTIONS: Final = (
    Source(
        "overdue",
        Text("逾期名单", "Overdue customers"),
        "overdue_customers",
        ("customer_id", "name", "owner_name", "currency", "overdue_amount", "max_days"),
        needs=Permission.RECEIVABLE_READ,
        opens="overdue",
    ),
    Source(
        "bridge",
        Text("逾期的变化", "How the overdue moved"),
        "bridge",
        ("currency", "step", "amount", "count"),
        (("what", "overdue"),),
        most=40,
        needs=Permission.RECEIVABLE_READ,
        opens="receivables",
    ),
)
"""In the order of the agenda."""
