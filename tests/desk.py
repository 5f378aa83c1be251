"""Two customers of two teams with open invoices, for tests of pages and forms."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from lib.commands.customers import RegisterCustomer
from lib.commands.receivables import RecordInvoice
from lib.domain.access import Actor, Role, Scope
from lib.store.door import execute
from lib.store.ledger import Ledger

FINANCE = Actor(4, "Finance", Role.FINANCE, Scope.ALL)


def furnish(ledger: Ledger) -> None:
    """Customers 1–12 of team north and 13 of team south; 恒源机械 owes 300 long due and 200 not due for a century."""
    names = ["恒源机械", *(f"北方客户{number:02d}" for number in range(2, 13))]
    for name in names:
        execute(ledger, FINANCE, RegisterCustomer(name, owner_id=2, confirmed=True))
    execute(ledger, FINANCE, RegisterCustomer("南风贸易", owner_id=7))
    execute(ledger, FINANCE, RecordInvoice(1, "F1", date(2025, 9, 1), Decimal(300), date(2025, 10, 1)))
    execute(ledger, FINANCE, RecordInvoice(1, "F2", date(2025, 11, 1), Decimal(200), date(2125, 12, 1)))
