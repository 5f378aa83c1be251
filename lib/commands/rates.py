"""Currencies: dated rates, and money of one currency settling an invoice of another.

Between two currencies money goes by way of the base currency, each step an adjustment, so that every currency's books stay exact by
themselves. What the invoice's money has gained or lost since its own day is an adjustment of its own in the base currency.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.commands.documents import document, first, money, positive, records
from lib.commands.postings import post
from lib.domain import exchange
from lib.domain.access import Permission
from lib.domain.exchange import Crossing, Rate
from lib.errors import NotFound, Refused
from lib.store.door import Change
from lib.text import Text

_NONE = Text("没有汇率。请每行写一条：币种、日期、汇率。", "There are no rates. Write one a line: currency, date, rate.")
_BASE = Text("{currency} 就是本位币，汇率恒为 1。", "{currency} is the base currency; its rate is always 1.")
_RATE = Text(
    "{currency} 在 {day} 的汇率 {rate} 要大于 0，最多八位小数。",
    "The rate {rate} of {currency} on {day} must be above 0 with at most eight decimals.",
)
_TWICE = Text("{currency} 在 {day} 有两个不同的汇率。请只留一个。", "There are two different rates of {currency} on {day}. Keep one.")
_NO_RATE = Text(
    "没有 {currency} 在 {day} 或之前的汇率。请先在“审批 · 汇率”里录入。",
    "There is no rate of {currency} on {day} or before. Enter one under Approvals, Rates first.",
)
_SAME = Text("款项和账单都是 {currency}，请直接核销。", "Money and invoice are both in {currency}: allocate it as it is.")
_NO_MONEY = Text("找不到这笔款，或不在您的范围内。", "There is no such money, or it is outside your scope.")
_NO_INVOICE = Text("找不到这个客户的这张账单。", "There is no such invoice of this customer.")
_NOTHING = Text(
    "{day} 起：款项可用 {free}（{money}），账单未收 {open_amount}（{invoice}）。两者都要大于 0。",
    "From {day} on {free} {money} is on account and {open_amount} {invoice} is open. Both must be above 0.",
)
_TOO_MUCH = Text("最多可用 {free}（{money}）。", "{free} {money} can be used at most.")
_TOO_LITTLE = Text("这笔 {money} 不够一分 {invoice}。", "This much {money} is worth less than a cent of {invoice}.")

Line = tuple[int, int | None, str, date | None, Decimal, str, str]
"""A posting in the making: entry_id, invoice_id, kind, due_on, amount, currency, rule."""


@dataclass(frozen=True)
class SetRates(Command):
    """What currencies were worth in the base currency from certain days on; a day said before is said anew.

    Refuses: none at all, a day to come, the base currency itself, a rate that is not above zero, two rates for one day,
    who does not see the whole company.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("录入汇率", "Set exchange rates")
    rates: tuple[Rate, ...]
    today: date

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        if not self.rates:
            raise Refused(_NONE, about="text")
        said: dict[tuple[str, date], Decimal] = {}
        for one in self.rates:
            money(Decimal(1), one.currency)
            sight.not_in_future(one.on_date, self.today)
            about = {"currency": one.currency, "day": one.on_date.isoformat(), "about": "text"}
            if not (one.rate.is_finite() and 0 < one.rate < 10**9) or one.rate != one.rate.quantize(exchange.PLACES):
                raise Refused(_RATE, rate=one.rate, **about)
            if said.setdefault((one.currency, one.on_date), one.rate) != one.rate:
                raise Refused(_TWICE, **about)

    def apply(self, change: Change) -> int:
        """How many rates are new."""
        sight.whole_company(change)
        base = _base(change)
        if any(one.currency == base for one in self.rates):
            raise Refused(_BASE, currency=base, about="text")
        wanted = {(one.currency, one.on_date): one for one in self.rates}
        known = {
            (row["currency"], row["on_date"]): row
            for row in records(change, _RATES, {"base": base, "currencies": sorted({one.currency for one in self.rates})})
        }
        new = [one for key, one in wanted.items() if key not in known or known[key]["rate"] != one.rate]
        next_id = change.next_id("exchange_rate", "rate_id")
        rows = []
        for number, one in enumerate(new, next_id):
            old = known.get((one.currency, one.on_date))
            if old:
                change.retire("exchange_rate", "rate_id = $rate_id", {"rate_id": old["rate_id"]})
            rate_id = old["rate_id"] if old else number
            rows.append({"rate_id": rate_id, "currency": one.currency, "base": base, "on_date": one.on_date, "rate": one.rate})
        change.subject = "rates"
        return change.insert("exchange_rate", rows)


@dataclass(frozen=True)
class SettleAcross(Command):
    """Money on account laid on an invoice in another currency, at the rates of the day: as much as fits, or the amount given.

    Refuses: no rate, no money left or nothing open from that day on, more than is on account, one and the same currency.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("跨币种核销", "Settle across currencies")
    entry_id: int
    invoice_id: int
    on_date: date
    today: date
    amount: Decimal | None = None

    def validate(self) -> None:
        """Refuses: an amount that is not positive, a day to come."""
        if self.amount is not None:
            positive(self.amount)
        sight.not_in_future(self.on_date, self.today)

    def apply(self, change: Change) -> Crossing:
        """What was used, what it was worth and what it settled."""
        source = self._source(change)
        invoice = self._invoice(change, source)
        said = {"money": source["currency"], "invoice": invoice["currency"], "free": f"{source['free_amount']:,.2f}"}
        if source["currency"] == invoice["currency"]:
            raise Refused(_SAME, currency=source["currency"])
        if source["free_amount"] <= 0 or invoice["open_amount"] <= 0:
            raise Refused(_NOTHING, day=self.on_date.isoformat(), open_amount=f"{invoice['open_amount']:,.2f}", **said)
        if self.amount is not None and self.amount > source["free_amount"]:
            raise Refused(_TOO_MUCH, about="amount", free=said["free"], money=said["money"])
        days = ((source["currency"], self.on_date), (invoice["currency"], self.on_date), (invoice["currency"], invoice["on_date"]))
        of_money, of_invoice, of_invoice_then = (_rate(change, currency, day) for currency, day in days)
        crossing = exchange.cross(source["free_amount"], invoice["open_amount"], (of_money, of_invoice, of_invoice_then), self.amount)
        if not (crossing.paid and crossing.worth and crossing.settled):
            raise Refused(_TOO_LITTLE, money=source["currency"], invoice=invoice["currency"])
        _write(change, _Way(change, source, invoice, crossing, self.on_date, _base(change)))
        return crossing

    def _source(self, change: Change) -> dict[str, Any]:
        found = records(change, _FREE, {"entry_id": self.entry_id, "on_date": self.on_date})
        if not found:
            raise NotFound(_NO_MONEY)
        sight.customer(change, found[0]["customer_id"], unless=_NO_MONEY)
        return found[0]

    def _invoice(self, change: Change, source: dict[str, Any]) -> dict[str, Any]:
        about = {"invoice_id": self.invoice_id, "customer_id": source["customer_id"], "on_date": self.on_date}
        found = records(change, _OPEN, about)
        if not found:
            raise NotFound(_NO_INVOICE)
        return found[0]


@dataclass(slots=True)
class _Way:
    """The way of the money: documents are recorded as it goes, their lines gathered and posted together."""

    change: Change
    source: dict[str, Any]
    invoice: dict[str, Any]
    crossing: Crossing
    on_date: date
    base: str
    lines: list[Line] = field(default_factory=list)

    def record(self, amount: Decimal, currency: str, rule: str = "exchange") -> int:
        """An adjustment: owed above zero, on account below."""
        is_owed = amount > 0
        common = {"kind": "adjustment", "customer_id": self.source["customer_id"], "on_date": self.on_date}
        entry_id = document(
            self.change,
            {**common, "due_on": self.on_date if is_owed else None, "amount": amount, "currency": currency, "memo": self._memo(rule)},
        )
        to = (entry_id, self.on_date) if is_owed else (None, None)
        self.lines.append((entry_id, to[0], "adjustment", to[1], amount, currency, rule))
        return entry_id

    def lay(self, source: tuple[int, str], invoice: tuple[int, date], amount: Decimal, currency: str) -> None:
        """Money on account of a document laid on what is owed."""
        entry_id, kind = source
        self.lines.append((entry_id, None, kind, None, amount, currency, "exchange"))
        self.lines.append((entry_id, invoice[0], kind, invoice[1], -amount, currency, "exchange"))

    def _memo(self, rule: str) -> str:
        way = f"{self.crossing.paid:,} {self.source['currency']} → {self.crossing.settled:,} {self.invoice['currency']}"
        words = _DIFFERENCE if rule == "exchange_difference" else _EXCHANGE
        return f"{words.zh} · {words.en} {way} ({self.invoice['doc_no']})"


_EXCHANGE: Final = Text("跨币种核销", "Settled across currencies")
_DIFFERENCE: Final = Text("已实现汇兑差额", "Realised exchange difference")


def _write(change: Change, way: _Way) -> None:
    in_base = _into_base(way)
    if way.invoice["currency"] == way.base:
        way.lay(in_base, (way.invoice["invoice_id"], way.invoice["due_on"]), way.crossing.settled, way.base)
    else:
        _out_of_base(way, in_base)
    columns = list(zip(*way.lines, strict=True))
    names = ("entry_ids", "invoice_ids", "kinds", "due_days", "amounts", "currencies", "rules")
    amounts = [str(amount) for amount in columns[4]]
    lists = {name: list(column) for name, column in zip(names, columns, strict=True)} | {"amounts": amounts}
    post(change, _LINES, {**lists, "customer_id": way.source["customer_id"], "on_date": way.on_date})


def _into_base(way: _Way) -> tuple[int, str]:
    """The document that has the money in the base currency: the money's own, or an adjustment that takes its place."""
    own = (way.source["entry_id"], way.source["kind"])
    if way.source["currency"] == way.base:
        return own
    out_id = way.record(way.crossing.paid, way.source["currency"])
    way.lay(own, (out_id, way.on_date), way.crossing.paid, way.source["currency"])
    return way.record(-way.crossing.worth, way.base), "adjustment"


def _out_of_base(way: _Way, in_base: tuple[int, str]) -> None:
    """Out of the base currency at the rate of the invoice's day, the difference apart, and off the invoice."""
    out_id = way.record(way.crossing.booked, way.base)
    way.lay(in_base, (out_id, way.on_date), min(way.crossing.worth, way.crossing.booked), way.base)
    if way.crossing.difference:
        difference_id = way.record(way.crossing.difference, way.base, "exchange_difference")
        if way.crossing.difference > 0:
            way.lay(in_base, (difference_id, way.on_date), way.crossing.difference, way.base)
        else:
            way.lay((difference_id, "adjustment"), (out_id, way.on_date), -way.crossing.difference, way.base)
    off = (way.record(-way.crossing.settled, way.invoice["currency"]), "adjustment")
    way.lay(off, (way.invoice["invoice_id"], way.invoice["due_on"]), way.crossing.settled, way.invoice["currency"])


def _base(change: Change) -> str:
    return str(first(change, "select base_currency(date '9999-12-30', timestamp '9999-12-30')", {})[0])


def _rate(change: Change, currency: str, day: date) -> Decimal:
    """Refuses: a currency nobody gave a rate for by that day."""
    sql = "select rate_on($currency, $day::date, timestamp '9999-12-30')"
    (rate,) = first(change, sql, {"currency": currency, "day": day})
    if rate is None:
        raise Refused(_NO_RATE, currency=currency, day=day.isoformat())
    return Decimal(rate)


_RATES: Final = """
    select exchange_rate.rate_id, exchange_rate.currency, exchange_rate.on_date, exchange_rate.rate
    from exchange_rate
    where
        exchange_rate.base = $base and exchange_rate.currency in (select unnest($currencies::text[]))
        and exchange_rate.retired_at = timestamp '9999-12-31'
"""
_FREE: Final = """
    select
        entry.entry_id, entry.customer_id, entry.kind, entry.currency,
        coalesce(arg_max(lasting.amount, lasting.on_date) filter (where lasting.on_date <= $on_date), 0) as free_amount
    from entry
    left join lasting_on_account($entry_id::bigint) as lasting on true
    where
        entry.entry_id = $entry_id and entry.kind in ('payment', 'credit_note', 'adjustment', 'opening')
        and entry.retired_at = timestamp '9999-12-31'
    group by entry.entry_id, entry.customer_id, entry.kind, entry.currency
"""
_OPEN: Final = """
    select
        entry.entry_id as invoice_id, entry.doc_no, entry.on_date, entry.due_on, entry.currency,
        coalesce(arg_max(lasting.amount, lasting.on_date) filter (where lasting.on_date <= $on_date), 0) as open_amount
    from entry
    left join lasting_open([$invoice_id::bigint]) as lasting on true
    where entry.entry_id = $invoice_id and entry.customer_id = $customer_id and entry.due_on is not null
        and entry.retired_at = timestamp '9999-12-31'
    group by entry.entry_id, entry.doc_no, entry.on_date, entry.due_on, entry.currency
"""
_LINES: Final = """
    select
        unnest($entry_ids::bigint[]) as entry_id, $customer_id as customer_id, unnest($invoice_ids::bigint[]) as invoice_id,
        unnest($kinds::text[]) as kind, $on_date::date as on_date, unnest($due_days::date[]) as due_on,
        unnest($amounts::decimal(18, 2)[]) as amount, unnest($currencies::text[]) as currency, unnest($rules::text[]) as rule
"""
