"""The demo company's last weeks of billing and banking: agreements, invoices by mail, exchange rates, one bank statement."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from lib.commands.agreements import RecordAgreement
from lib.commands.bank import IgnoreLine, MatchLine
from lib.commands.billing import DraftPeriods, PostDrafts
from lib.commands.imports import Options, order, plan
from lib.commands.mailing import Queued, SendInvoices
from lib.commands.messages import ClaimMessage, NoteDelivery
from lib.commands.rates import SetRates
from lib.commands.write_offs import RecordRecovery
from lib.demo.desk import Debtor, Desk
from lib.demo.moments import END
from lib.demo.sources import words
from lib.domain.access import SYSTEM
from lib.domain.bills import Line
from lib.domain.combinations import combinations
from lib.domain.exchange import Rate
from lib.domain.sheets import read_sheet

AGREED_ON: Final = date(2026, 4, 29)
BILLED_ON: Final = (date(2026, 4, 30), date(2026, 6, 1))
_TAX: Final = Decimal("0.06")
_SERVICES: Final = (
    ("设备维保", "月度设备维保服务", 1, "1800.00", date(2026, 4, 30)),
    ("仓储服务", "月度仓储服务", 1, "2600.00", date(2026, 4, 30)),
    ("软件服务", "月度软件服务", 5, "380.00", date(2026, 4, 30)),
    ("季度巡检", "季度设备巡检", 1, "4200.00", date(2026, 6, 30)),
    ("设备租赁", "月度设备租赁", 2, "1500.00", date(2026, 6, 15)),
    ("年度授权", "年度软件授权", 1, "9600.00", date(2026, 7, 15)),
)
"""Title, what is billed, how often a time, at which price before tax, and the first bill; the titles say the rhythm."""
_RHYTHM: Final = {"季": 3, "年": 12, "月": 1}
_BOSS: Final = ("黎国强", "0000 0000 99990001")
"""Pays for his company from his own account."""
_STRANGER: Final = "湖州云溪文化传媒工作室"
_ACCOUNT: Final = "000000008888"
_OPENING: Final = Decimal("1286540.27")
_BOUNCED: Final = "550 5.1.1 Recipient address rejected: user unknown"
_FULL: Final = "452 4.2.2 Mailbox full"


def rates(desk: Desk, until: date) -> None:
    """The rates of the dollar that are not in the ledger yet, first of each month."""
    known = {day for (day,) in desk.rows("select exchange_rate.on_date from exchange_rate")}
    said = [Rate(line["currency"], date.fromisoformat(line["on_date"]), Decimal(line["rate"])) for line in words("rates")]
    desk.do("finance", SetRates(tuple(one for one in said if one.on_date <= until and one.on_date not in known), desk.day))


def agreements(desk: Desk) -> list[Debtor]:
    """Services billed again and again, to customers nobody has to stop."""
    sound = set.intersection(*(set(desk.rows(_SOUND, day=day)) for day in (*BILLED_ON, END)))
    customers = desk.take(len(_SERVICES), lambda one: one.currency == "CNY" and (one.customer_id,) in sound)
    for customer, (title, what, quantity, price, first_on) in zip(customers, _SERVICES, strict=True):
        every_months = next(months for sign, months in _RHYTHM.items() if sign in what)
        line = Line(what, Decimal(quantity), Decimal(price))
        desk.do("finance", RecordAgreement(customer.customer_id, title, every_months, first_on, (line,), tax_rate=_TAX))
    return customers


def bill(desk: Desk, until: date) -> list[str]:
    """Draft and post what agreements bring, and mail the invoices. Returns their numbers."""
    drafts = desk.do("finance", DraftPeriods(until))
    numbers: list[str] = desk.do("finance", PostDrafts(tuple(drafts), desk.day)).numbers
    found = desk.rows(
        "select entry.entry_id from entry where entry.doc_no in (select unnest($numbers::text[])) order by 1", numbers=numbers
    )
    mail(desk, [entry_id for (entry_id,) in found])
    return numbers


def mail(desk: Desk, invoice_ids: list[int], *, bounced: int = 0) -> None:
    """Invoices by mail: sent, but the last ones are sent back."""
    queued: Queued = desk.do("finance", SendInvoices(tuple(invoice_ids), desk.day))
    deliver(desk, "finance", queued.message_ids, bounced=bounced)


def deliver(desk: Desk, who: str, message_ids: tuple[int, ...], *, bounced: int = 0) -> None:
    """What became of each message; of the last ones the first is unknown to its server, the next one's mailbox is full."""
    said = [*[None] * (len(message_ids) - bounced), *[_BOUNCED, _FULL][:bounced]]
    for message_id, trouble in zip(message_ids, said, strict=True):
        desk.do(who, ClaimMessage(message_id))
        why = None if trouble is None else "refused" if trouble is _BOUNCED else "temporary"
        desk.do(who, NoteDelivery(message_id, is_sent=trouble is None, why=why, said=trouble))


def lately_billed(desk: Desk, since: date, count: int) -> list[int]:
    """The last invoices of customers with a mailbox for bills."""
    found = desk.rows(_LATELY, since=since, count=count)
    return [entry_id for (entry_id,) in found]


def recover(desk: Desk) -> int:
    """A customer whose debt was written off pays half of it after all. Returns the customer_id."""
    ((invoice_id, customer_id, amount, payer),) = desk.rows(_WRITTEN_OFF)
    half = (amount / 2).quantize(Decimal("0.01"))
    note = "法院执行款"
    desk.do("finance", RecordRecovery(invoice_id, half, desk.day, desk.day, method="transfer", payer=payer, memo=note))
    return int(customer_id)


@dataclass(frozen=True, slots=True)
class _Paid:
    """One line of the statement, above zero when it came in; `settles` and `ignored` say what finance has made of it already."""

    on_date: date
    amount: Decimal
    payer: str
    memo: str
    account: str = ""
    settles: Debtor | None = None
    ignored: str | None = None


def statement(desk: Desk, serviced: list[Debtor], numbers: list[str]) -> None:
    """The last week's bank statement, imported on the demo date; the first lines are dealt with, the rest waits with a proposal each."""
    lines = sorted([*_payments(desk, serviced, numbers), *_of_the_bank()], key=lambda one: one.on_date)
    content = written(lines).encode("gb18030")
    name = "招商银行_20260630.csv"
    options = Options(today=desk.day, file_name=name, sha256=hashlib.sha256(content).hexdigest())
    desk.do("finance", order(plan(desk.ledger, SYSTEM, "bank", read_sheet(content, name), options)))
    line_ids = dict(desk.rows("select bank_line.ref, bank_line.line_id from bank_line"))
    for number, line in enumerate(lines, 1):
        _work(desk, line_ids[_REF.format(number)], line)


def _payments(desk: Desk, serviced: list[Debtor], numbers: list[str]) -> list[_Paid]:
    """What customers paid: each rule of reconciliation at least once."""
    few = desk.take(60, lambda one: one.currency == "CNY" and one.amount < _HANDY and len(one.invoices) <= _FEW)
    single, several = [one for one in few if len(one.invoices) == 1], [one for one in few if _only_pair(one)]
    named, short, boss, by_account, short_again, over = single[:6]
    boss_name, boss_account = _BOSS
    return [
        # R1, the amount right and 15 short; a payer nobody knew, remembered since.
        _Paid(_WEEK[0], named.amount, named.name, f"货款 {_number(named)}", settles=named),
        _Paid(_WEEK[0], short.amount - _FEE, short.name, f"{_number(short)} 扣手续费", settles=short),
        _Paid(_WEEK[1], boss.amount, boss_name, "代付货款", boss_account, settles=boss),
        # R1 again, and one amount that two invoices have.
        _Paid(_WEEK[1], _service_amount(desk, numbers[0]), serviced[0].name, f"{numbers[0]} 服务费"),
        _Paid(_WEEK[2], _service_amount(desk, numbers[1]), serviced[1].name, "服务费"),
        # R2: a known account, a payer remembered.
        _Paid(_WEEK[3], by_account.amount, "网银转账", "货款", by_account.bank_account),
        _Paid(_WEEK[5], _ADVANCE, boss_name, "代付预付款", boss_account),
        # R3: name and exact amount. R4: the only two that add up.
        *(_Paid(_WEEK[place], one.amount, one.name, "货款") for place, one in enumerate(single[6:10], 1)),
        *(_Paid(_WEEK[place], _pair(one), one.name, "货款") for place, one in enumerate(several[:2], 2)),
        # R1 short of a fee nobody has written off yet. R5: part of what is owed, and more than that.
        _Paid(_WEEK[4], short_again.amount - _FEE, short_again.name, f"{_number(short_again)} 货款"),
        _Paid(_WEEK[4], several[2].invoices[0].amount + 1, several[2].name, "先付部分"),
        _Paid(_WEEK[4], over.amount + _ADVANCE, over.name, "货款及预付"),
        _Paid(_WEEK[4], Decimal("2680.00"), _STRANGER, "合作款"),
    ]


def _of_the_bank() -> list[_Paid]:
    return [
        _Paid(_WEEK[0], Decimal("-36.50"), "招商银行", "账户管理费", ignored="银行手续费"),
        _Paid(_WEEK[1], Decimal("412.77"), "招商银行", "结息", ignored="利息"),
        _Paid(_WEEK[5], Decimal("-15.00"), "招商银行", "转账手续费"),
    ]


_WEEK: Final = tuple(END - timedelta(days=back) for back in (7, 6, 5, 4, 1, 0))
_REF: Final = "CMB2606{:05d}"
_HANDY: Final = 120_000
_FEW: Final = 6
_FEE: Final = Decimal(15)
_ADVANCE: Final = Decimal("3000.00")


def _number(one: Debtor) -> str:
    return one.invoices[0].doc_no


def _pair(one: Debtor) -> Decimal:
    return one.invoices[0].amount + one.invoices[1].amount


def _only_pair(one: Debtor) -> bool:
    """Whether the two oldest of three or more open invoices add up to a sum that no other choice has."""
    cents = [int(invoice.amount.scaleb(2)) for invoice in one.invoices]
    return len(cents) > 2 and combinations(cents, cents[0] + cents[1]).is_unique  # noqa: PLR2004 (two of at least three)


def _service_amount(desk: Desk, number: str) -> Decimal:
    ((amount,),) = desk.rows("select entry.amount from entry where entry.doc_no = $number", number=number)
    return Decimal(amount)


def written(lines: list[_Paid]) -> str:
    """The statement as the bank's website writes it: lines above the table, two columns of money, a running balance."""
    balance, rows = _OPENING, []
    for number, one in enumerate(lines, 1):
        balance += one.amount
        money = f'"{one.amount:,.2f}",' if one.amount > 0 else f',"{-one.amount:,.2f}"'
        rows.append(f'{one.on_date:%Y%m%d},{money},"{balance:,.2f}",{one.payer},{one.account},{one.memo},{_REF.format(number)}')
    head = ["招商银行交易明细", f"账号：{_ACCOUNT}", f"期初余额：{_OPENING:,.2f}", f"期末余额：{balance:,.2f}", f"共 {len(lines)} 笔"]
    return "\r\n".join([*head, "交易日期,收入金额,支出金额,余额,对方户名,对方账号,摘要,流水号", *rows, ""])


def _work(desk: Desk, line_id: int, line: _Paid) -> None:
    """What finance has made of a line by now: a payment of a customer, perhaps with a fee written off, nothing of ours, or nothing yet."""
    if line.ignored:
        desk.do("finance", IgnoreLine(line_id, line.ignored, desk.day))
    if line.settles is None:
        return
    (invoice,) = line.settles.invoices
    fee, rule = invoice.amount - line.amount, "R1" if invoice.doc_no in line.memo and invoice.amount == line.amount else "manual"
    part, reason = (invoice.invoice_id, invoice.amount), "银行手续费" if fee else None
    desk.do("finance", MatchLine(line_id, line.settles.customer_id, desk.day, (part,), fee, reason, rule=rule))


_SOUND: Final = """
    select standing.customer_id
    from credit_standing_of(null, $day::date, timestamp '9999-12-30') as standing
    where
        standing.credit_state = 'ok' and standing.currency = 'CNY' and standing.limit_amount - standing.exposure_amount > 20000
"""
_LATELY: Final = """
    select entry.entry_id
    from entry
    inner join customer_at($since::date, timestamp '9999-12-30') as customer on entry.customer_id = customer.customer_id
    where
        entry.kind = 'invoice'
        and entry.on_date >= $since
        and entry.retired_at = timestamp '9999-12-31'
        and entry.customer_id in (
            select contact.customer_id from contact
            where
                contact.role = 'finance'
                and contact.email is not null
                and not contact.do_not_contact
                and contact.retired_at = timestamp '9999-12-31'
        )
    qualify row_number() over (partition by entry.customer_id order by entry.entry_id desc) = 1
    order by entry.entry_id desc
    limit $count
"""
_WRITTEN_OFF: Final = """
    select posting.invoice_id, posting.customer_id, -sum(posting.amount)::decimal(18, 2), any_value(customer.name)
    from posting
    inner join customer_at(date '2026-06-30', timestamp '9999-12-30') as customer on posting.customer_id = customer.customer_id
    where posting.kind = 'write_off' and posting.invoice_id is not null and posting.currency = 'CNY'
    group by posting.invoice_id, posting.customer_id
    order by max(posting.on_date) desc, posting.invoice_id
    limit 1
"""
