"""The demo company's desks: what its people do goes through the door, each at the hour it happened, so that the audit shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from lib.commands import Command
from lib.demo.moments import END
from lib.demo.people import DEMO_ACCOUNTS
from lib.demo.stories import MENDING_REGION, TWIN_TAX_NO
from lib.domain.access import Actor
from lib.store.door import execute
from lib.store.ledger import Ledger

_ZONE: Final = timedelta(hours=8)
"""The office is in Shanghai; the ledger stores UTC."""
_BETWEEN: Final = timedelta(seconds=95)
"""From one thing done to the next."""
_LARGE: Final = 300_000
"""Who owes more has a story already, or would change the picture of the whole."""
_PEOPLE: Final = {one.username: Actor(one.user_id, one.name, one.role, one.scope) for one in DEMO_ACCOUNTS}


@dataclass(frozen=True, slots=True)
class Open:
    """An invoice that nobody has paid by the demo date."""

    invoice_id: int
    doc_no: str
    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Debtor:
    """A customer with open invoices on the demo date, oldest first, with a mailbox for its bills."""

    customer_id: int
    name: str
    currency: str
    team: str
    bank_account: str
    invoices: tuple[Open, ...]

    @property
    def days(self) -> int:
        """How long the oldest has been due; below zero when none is."""
        return (END - self.invoices[0].due_on).days

    @property
    def amount(self) -> Decimal:
        """All that is open."""
        return sum((one.amount for one in self.invoices), Decimal(0))


class Desk:
    """Hands out debtors, each for one story, and does what is done on a day from an hour on."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.day = END
        self._moment = datetime.min  # noqa: DTZ901 (moments are UTC without a zone)
        self._debtors = _debtors(self)

    @property
    def moment(self) -> datetime:
        """When the last thing was done."""
        return self._moment

    def opens(self, day: date, hour: int, minute: int = 0) -> None:
        """What follows happens on this day from this time on."""
        self.day = day
        self._moment = datetime.combine(day, time(hour, minute)) - _ZONE

    def do(self, who: str, command: Command) -> Any:  # noqa: ANN401 (each command returns what its caller needs)
        """Somebody does something, a minute and a half after the last thing done."""
        self._moment += _BETWEEN
        moment, clock = self._moment, self.ledger.clock
        self.ledger.clock = lambda: moment
        try:
            return execute(self.ledger, _PEOPLE[who], command).result
        finally:
            self.ledger.clock = clock

    def person(self, who: str) -> Actor:
        """One of those who have an account."""
        return _PEOPLE[who]

    def rows(self, sql: str, **values: object) -> list[Any]:
        """Read the ledger as it is."""
        return self.ledger.cursor().execute(sql, values).fetchall()

    def take(self, count: int, fits: Callable[[Debtor], bool]) -> list[Debtor]:
        """The first so many debtors that fit and are in no other story."""
        found = [one for one in self._debtors.values() if fits(one)][:count]
        for one in found:
            del self._debtors[one.customer_id]
        return found

    def take_these(self, customer_ids: Sequence[int]) -> None:
        """Keep customers out of other stories."""
        for customer_id in customer_ids:
            self._debtors.pop(customer_id, None)


def _debtors(desk: Desk) -> dict[int, Debtor]:
    """Debtors without a story of their own, by customer."""
    found: dict[int, Debtor] = {}
    for customer_id, name, currency, team, bank_account, *invoice in desk.rows(
        _DEBTORS, day=END, region=MENDING_REGION, tax_no=TWIN_TAX_NO
    ):
        known = found.get(customer_id) or Debtor(customer_id, name, currency, team, bank_account, ())
        found[customer_id] = replace(known, invoices=(*known.invoices, Open(*invoice)))
    return {customer_id: one for customer_id, one in found.items() if one.amount < _LARGE}


_DEBTORS: Final = """
    select
        customer.customer_id, customer.name, item.currency, customer.team, customer.bank_account,
        item.invoice_id, entry.doc_no, item.due_on, item.open_amount
    from open_invoice_at($day::date, timestamp '9999-12-30') as item
    inner join entry on item.invoice_id = entry.entry_id and entry.retired_at = timestamp '9999-12-31'
    inner join customer_at($day::date, timestamp '9999-12-30') as customer
        on item.customer_id = customer.customer_id and item.currency = customer.currency
    where
        customer.book = 'formal'
        and customer.secrecy = 0
        and customer.region <> $region
        and customer.tax_no <> $tax_no
        and customer.bank_account is not null
        and customer.customer_id in (
            select contact.customer_id from contact
            where
                contact.role = 'finance'
                and contact.email is not null
                and not contact.do_not_contact
                and contact.retired_at = timestamp '9999-12-31'
        )
        and customer.customer_id not in (
            select case_file.customer_id from case_file where case_file.kind = 'dispute' and case_file.retired_at = timestamp '9999-12-31'
        )
    order by customer.customer_id, item.due_on, item.invoice_id
"""
