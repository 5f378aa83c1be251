"""What we write to customers, in their language: invoice, statement, reminders by tone, thanks. Exact figures, one home for the words.

The same text goes out by mail and stands on the collecting page to be copied into any other channel.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from lib import formats
from lib.domain.sender import Sender
from lib.text import Language, Text

Tone = Literal["friendly", "reminder", "firm", "lead", "final", "review"]
Letter = tuple[str, str]
"""Subject and body."""

MOST_LINES: Final = 20
"""A letter lists this many invoices; the statement lists them all."""


@dataclass(frozen=True, slots=True)
class Line:
    """One open invoice as a letter names it."""

    invoice_no: str
    due_on: date
    open_amount: Decimal


@dataclass(frozen=True, slots=True)
class Facts:
    """What a letter may say about one customer in one currency.

    amount: what it is about: overdue money in a reminder, money soon due in a friendly one, what came in for thanks.
    lines: the invoices behind `amount`, oldest first.
    """

    customer: str
    currency: str
    as_of: date
    amount: Decimal
    lines: tuple[Line, ...] = ()
    contact: str | None = None
    sender: Sender = field(default_factory=Sender)

    @property
    def due_on(self) -> date:
        """The earliest due date among the lines."""
        return min((line.due_on for line in self.lines), default=self.as_of)

    @property
    def days(self) -> int:
        """Days the oldest line is late; 0 when none is."""
        return max(0, (self.as_of - self.due_on).days)


def language_of(contact_language: str | None) -> Language:
    """The language to write in: what the contact is recorded with, else Chinese."""
    return "en" if (contact_language or "").strip().lower().startswith(("en", "英")) else "zh"


def language_written(subject: str) -> Language:
    """The language of a letter by its subject line, which names nobody: whatever has a Chinese character is Chinese."""
    return "zh" if re.search(r"[\u4e00-\u9fff]", subject) else "en"


def reminder(tone: Tone, language: Language, facts: Facts) -> Letter:
    """Subject and body of a reminder. Before the due date every tone says only that the day is near; after it none says so."""
    if not facts.days:
        tone = "friendly"
    elif tone == "friendly":
        tone = "reminder"
    return _letter(_REMINDERS[tone], language, facts)


def thanks(language: Language, facts: Facts) -> Letter:
    """Subject and body when a customer has paid all that was overdue."""
    return _letter(_THANKS, language, facts)


def statement(language: Language, facts: Facts) -> Letter:
    """Subject and body that go with a customer statement; the statement itself is attached."""
    return _letter(_STATEMENT, language, facts)


def invoice(language: Language, facts: Facts) -> Letter:
    """Subject and body that go with one invoice, the first of the lines; the invoice itself is attached."""
    return _letter(_INVOICE, language, facts)


def opening(customer: str, contact: str | None, language: Language) -> list[str]:
    """To whom, and a greeting: how every letter begins."""
    to = (_TO_PERSON if contact else _TO).say(language, customer=one_line(customer), contact=one_line(contact or ""))
    return [to, _HELLO.say(language)]


def signature(company: Sender, as_of: date, language: Language) -> str:
    """Who writes and when: how every letter ends."""
    told = [company.called(language), company.phone]
    return "\n".join([*(one_line(one) for one in told if one), formats.full_date(as_of, language)])


def one_line(value: str) -> str:
    """A text on one line, without control characters: what may stand in a subject."""
    return re.sub(r"[\s\x00-\x1f\x7f\u2028\u2029]+", " ", value).strip()


@dataclass(frozen=True, slots=True)
class _Wording:
    subject: Text
    paragraphs: tuple[Text, ...]
    lists: bool = True
    pays: bool = True


_REMINDERS: Final[Mapping[Tone, _Wording]] = {
    "friendly": _Wording(
        Text("付款提醒：{amount} 将于 {due_on} 到期", "Payment of {amount} falls due on {due_on}"),
        (
            Text(
                "提醒一下：以下 {invoices} 张账单共 {amount}，最早的于 {due_on} 到期。",
                "A friendly note: {amount} for {invoices} will soon be due, the first on {due_on}.",
            ),
            Text("如已安排付款，请忽略本提醒。感谢您的支持。", "If payment is already on its way, please ignore this note. Thank you."),
        ),
    ),
    "reminder": _Wording(
        Text("付款提醒：{amount} 已到期", "Reminder: {amount} is past due"),
        (
            Text(
                "截至 {as_of}，以下 {invoices} 张账单共 {amount} 已过到期日，最早的已逾期 {late} 天。想必是一时遗漏。",
                "As of {as_of}, {amount} for {invoices} is past due, the oldest by {late}. We assume this was overlooked.",
            ),
            Text(
                "请近日安排付款。若已付款，请告知付款日期，以便我们核对。",
                "Please arrange payment in the next few days. If you have paid already, let us know the date so that we can match it.",
            ),
        ),
    ),
    "firm": _Wording(
        Text("再次提醒：{amount} 已逾期 {late} 天", "Second reminder: {amount} is overdue by {late}"),
        (
            Text(
                "截至 {as_of}，以下 {invoices} 张账单共 {amount} 仍未收到，最早的已逾期 {late} 天。",
                "As of {as_of} we have still not received {amount} for {invoices}, the oldest overdue by {late}.",
            ),
            Text(
                "请在 5 个工作日内付清，或回复付款日期。若对账单有异议，请说明是哪一张及原因。",
                "Please pay within five working days, or reply with the date of payment. If you dispute an invoice, say which and why.",
            ),
        ),
    ),
    "lead": _Wording(
        Text("请确认付款日期：{amount} 已逾期 {late} 天", "Please confirm a payment date: {amount} is overdue by {late}"),
        (
            Text(
                "多次提醒后，以下 {invoices} 张账单共 {amount} 截至 {as_of} 仍未付，最早的已逾期 {late} 天。",
                "Despite our reminders, {amount} for {invoices} remains unpaid as of {as_of}, the oldest overdue by {late}.",
            ),
            Text(
                "请书面确认全额付款日期，或提出分期付款方案。我们的负责人会与您电话联系。",
                "Please confirm in writing when the full amount will be paid, or propose a plan. Our team lead will call you about it.",
            ),
        ),
    ),
    "final": _Wording(
        Text("最后催款通知：{amount} 已逾期 {late} 天", "Final notice: {amount} is overdue by {late}"),
        (
            Text(
                "截至 {as_of}，以下 {invoices} 张账单共 {amount} 经多次催收仍未支付，最早的已逾期 {late} 天。",
                "As of {as_of}, {amount} for {invoices} remains unpaid after repeated reminders, the oldest overdue by {late}.",
            ),
            Text(
                "请在收到本通知之日起 7 日内付清。逾期未付，我们将停止赊销供货，并保留依法追偿的权利。",
                "Please pay within 7 days of receiving this notice. Otherwise we will stop supplies on credit and reserve our rights.",
            ),
        ),
    ),
    "review": _Wording(
        Text("欠款处理通知：{amount} 已逾期 {late} 天", "Account under review: {amount} is overdue by {late}"),
        (
            Text(
                "截至 {as_of}，以下 {invoices} 张账单共 {amount} 仍未支付，最早的已逾期 {late} 天。贵方账户已提交坏账评审。",
                "As of {as_of}, {amount} for {invoices} remains unpaid, the oldest overdue by {late}. It is under bad-debt review.",
            ),
            Text(
                "评审结束前，您仍可付清欠款或与我们书面商定还款计划。",
                "Until the review ends you can still pay in full or agree a written repayment plan with us.",
            ),
        ),
    ),
}
_THANKS: Final = _Wording(
    Text("感谢付款：已收到 {amount}", "Thank you: {amount} received"),
    (
        Text(
            "我们已收到 {amount}，贵方账户目前没有逾期款项。感谢您的支持。",
            "We have received {amount}, and nothing on your account is overdue. Thank you.",
        ),
    ),
    lists=False,
    pays=False,
)
_STATEMENT: Final = _Wording(
    Text("对账单（截至 {as_of}）", "Statement of account as of {as_of}"),
    (
        Text(
            "随信附上截至 {as_of} 的对账单，余额 {amount}。", "Please find attached your statement as of {as_of}; the balance is {amount}."
        ),
        Text("如有不符，请在收到后 7 日内告知。", "If anything differs from your books, please tell us within 7 days."),
    ),
    lists=False,
)
_INVOICE: Final = _Wording(
    Text("账单 {invoice_no}：{amount}，{due_on} 到期", "Invoice {invoice_no}: {amount}, due on {due_on}"),
    (
        Text(
            "随信附上账单 {invoice_no}，金额 {amount}，请于 {due_on} 前付款。",
            "Please find attached invoice {invoice_no} of {amount}, payable by {due_on}.",
        ),
        Text("付款时请注明账单编号。", "Please quote the invoice number when you pay."),
    ),
    lists=False,
)
_TO: Final = Text("致：{customer}", "To: {customer}")
_TO_PERSON: Final = Text("致：{customer}（{contact}）", "To: {customer} ({contact})")
_HELLO: Final = Text("您好！", "Hello,")
_LINE: Final = Text("· {invoice_no}　到期 {due_on}　未收 {open_amount}", "· {invoice_no}, due {due_on}, open {open_amount}")
_LATE: Final = Text("　逾期 {late} 天", ", {late} overdue")
_MORE: Final = Text("· 另有 {count} 张，合计 {rest}", "· and {count} more, {rest} in total")
_PAY_TO: Final = Text("收款账户", "Please pay to")
_PAIR: Final = Text("{label}：{value}", "{label}: {value}")


def _letter(wording: _Wording, language: Language, facts: Facts) -> Letter:
    values = _values(facts, language)
    parts = [
        *opening(facts.customer, facts.contact, language),
        *(paragraph.say(language, **values) for paragraph in wording.paragraphs[:1]),
        _listed(facts, language) if wording.lists else "",
        *(paragraph.say(language, **values) for paragraph in wording.paragraphs[1:]),
        _pay_to(facts, language) if wording.pays else "",
        signature(facts.sender, facts.as_of, language),
    ]
    return one_line(wording.subject.say(language, **values)), "\n\n".join(part for part in parts if part)


def _values(facts: Facts, language: Language) -> dict[str, object]:
    """Each figure a sentence may name, as it is read in the language."""
    count = len(facts.lines)
    return {
        "amount": formats.money(facts.amount, facts.currency, language),
        "as_of": formats.full_date(facts.as_of, language),
        "due_on": formats.full_date(facts.due_on, language),
        "late": formats.counted(facts.days, "day", "days"),
        "invoices": formats.counted(count, "invoice", "invoices"),
        "invoice_no": one_line(facts.lines[0].invoice_no) if facts.lines else formats.MISSING,
    }


def _listed(facts: Facts, language: Language) -> str:
    told = [_line(line, facts, language) for line in facts.lines[:MOST_LINES]]
    rest = facts.lines[MOST_LINES:]
    if rest:
        amount = formats.money(sum((line.open_amount for line in rest), Decimal(0)), facts.currency, language)
        told.append(_MORE.say(language, count=formats.number(len(rest)), rest=amount))
    return "\n".join(told)


def _line(line: Line, facts: Facts, language: Language) -> str:
    days = (facts.as_of - line.due_on).days
    said = _LINE.say(
        language,
        invoice_no=one_line(line.invoice_no),
        due_on=formats.full_date(line.due_on, language),
        open_amount=formats.money(line.open_amount, facts.currency, language),
    )
    return said + (_LATE.say(language, late=formats.counted(days, "day", "days")) if days > 0 else "")


def _pay_to(facts: Facts, language: Language) -> str:
    bank = facts.sender.bank(language)
    told = [_PAIR.say(language, label=label, value=one_line(value)) for label, value in bank]
    return "\n".join([_PAY_TO.say(language), *told]) if told else ""
