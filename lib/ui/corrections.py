"""Documents that set the books right, numbers that were voided, and closing the books: what finance needs beside billing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.closing import ClosePeriod, ReopenPeriod
from lib.commands.corrections import RecordAdjustment, RecordOpening, RecordRefund
from lib.commands.on_account import SettleFromAccount
from lib.commands.receivables import IssueCredit, RecordInvoice
from lib.domain.access import Permission
from lib.text import Text
from lib.ui import downloads, drafting, forms, page, session, tables
from lib.ui.downloads import Offer
from lib.ui.entry_money import METHOD
from lib.ui.forms import Form

FORM: Final[dict[str, Text]] = {
    "refund": Text("退款", "Refund"),
    "credit": Text("贷项", "Credit note"),
    "settle": Text("用预收核销", "Settle from account"),
    "adjustment": Text("调整", "Adjustment"),
    "opening": Text("期初余额", "Opening balance"),
    "invoice": Text("外部账单", "Invoice from elsewhere"),
    "close": Text("关账", "Close the books"),
    "reopen": Text("重新开账", "Reopen the books"),
}
_ABOUT: Final[dict[str, Text]] = {
    "refund": Text("把客户的预收退回去；最多退预收余额。", "Pays money on account back to the customer; no more than is on account."),
    "credit": Text("减少应收，记为预收，可在“已开”里核销到账单。", "Takes off what is owed; stands on account until used on an invoice."),
    "settle": Text(
        "把所有客户账上的预收和贷项，按先到期先核销记到同一客户、同一币种的账单上，日期为今天。",
        "Lays money and credits on account over the same customer's invoices in the same currency, oldest first, dated today.",
    ),
    "adjustment": Text(
        "正数增加应收，负数减少应收；必须写原因。", "Above zero adds to what is owed, below zero takes off; a reason is needed."
    ),
    "opening": Text(
        "启用账本前就有的欠款（正）或预收（负），带原到期日。",
        "What was owed (or, below zero, paid ahead) before the ledger began, with its old due date.",
    ),
    "invoice": Text("在别的系统开好的账单，用它自己的编号。", "An invoice written in another system, under its own number."),
    "close": Text(
        "到这一天为止不再记账；月结、报税之后做。", "No money is written up to that day any more; after the month's end or the tax return."
    ),
    "reopen": Text(
        "只关到更早的一天，或全部打开；原因写入审计。", "Closed only up to an earlier day, or not at all; the reason goes into the audit."
    ),
}
_WHAT: Final = Text("登记什么", "What to record")
_RECORD: Final = Text("登记更正单据", "Record a document")
_AMOUNT: Final = Text("金额", "Amount")
_ON: Final = Text("日期", "Date")
_DUE: Final = Text("到期日", "Due date")
_TAX: Final = Text("其中税额", "Tax in it")
_METHOD: Final = Text("方式", "Method")
_REASON: Final = Text("原因", "Reason")
_MEMO: Final = Text("备注", "Memo")
_DOC_NO: Final = Text("单据号", "Document no.")
_AUTO: Final = Text("不填则自动编号", "Given automatically if left empty")
_FREE: Final = Text("预收余额 {amount}。", "{amount} on account.")
_NOTHING_FREE: Final = Text("这个客户没有预收余额。", "This customer has no money on account.")
_TO_SETTLE: Final = Text("{customers}，可核销 {amount}", "{customers}, {amount} can be settled")
_NOTHING_TO_SETTLE: Final = Text("没有可核销的预收。", "No money on account could settle an invoice.")
_NUMBERS: Final = Text("账单号码", "Invoice numbers")
_NO_GAPS: Final = Text("✓ 自动编号没有缺号，也没有作废。", "✓ No house number is missing or voided.")
_GAPS_ABOUT: Final = Text(
    "作废和撤销的号码保留不再用；缺号应为零。", "Voided and undone numbers stay used and are never given again; none should be missing."
)
_CLOSING: Final = Text("关账", "Closing the books")
_CLOSED: Final = Text(
    "账已关到 {day}（{name}，{moment}：{reason}）。这天及以前不能再记账。",
    "Closed up to {day} ({name}, {moment}: {reason}). No money is written on that day or before.",
)
_OPEN_BOOKS: Final = Text(
    "账没有关。月结后把账关到上月末，旧数字就不会再变。",
    "The books are open. Close them after the month's end and old figures no longer change.",
)
_CLOSE: Final = Text("关账到", "Close up to")
_LEFT: Final = Text(
    "到这一天还有{left}。关账后就不能再按原来的日期记账，请先处理。",
    "Up to this day there are {left}. Once closed, none can be booked on its own date: deal with them first.",
)
_LINES: Final = Text("{count} 笔流水没有对账", "{count}")
_DRAFTS: Final = Text("{count} 张草稿没有开出", "{count}")
_PERIODS: Final = Text("{count} 期协议没有开票", "{count}")
_TO_BANK: Final = Text("去对账", "Match the lines")
_REOPEN: Final = Text("重新开账，只关到（不填为全部打开）", "Reopen: closed only up to (empty: open all)")
_COLUMNS: Final = ("doc_no", "number_state", "name", "on_date", "amount", "currency", "made_at", "made_by", "reason")


@st.fragment
@session.run()
def desk() -> None:
    """Forms for whoever may write money; numbers and closing for all who may read."""
    if session.actor().may(Permission.RECEIVABLE_WRITE):
        page.section(_RECORD)
        chosen = forms.switch("document", _offered(), _WHAT)
        st.caption(session.say(_ABOUT[chosen]))
        with st.container(key="correction-form"):
            _DRAW[chosen](forms.begin(f"document_{chosen}"))
    _closing()
    _numbers()


def _offered() -> dict[str, Text]:
    """What this person may record: closing is for the whole company, so only for who sees all of it."""
    return {name: label for name, label in FORM.items() if session.actor().sees_all or name not in {"settle", "close", "reopen"}}


def _refund(form: Form) -> None:
    about = forms.customer(form)
    money = drafting.currency(form, _usual(about))
    if about:
        _on_account(about["customer_id"], money)
    amount = forms.amount(form, "amount", _AMOUNT, currency=money)
    on_date = forms.day(form, "on_date", _ON, start=session.today())
    method = forms.pills(form, "method", _METHOD, METHOD, remember=True)
    memo = forms.line(form, "memo", _MEMO, optional=True)
    given = {"amount": amount, "on_date": on_date, "currency": money, "method": method, "memo": memo or None}
    _save(form, about, "refund", lambda confirmed: RecordRefund(**_who(about), **given, today=session.today(), confirmed=confirmed))  # type: ignore[arg-type]


def _on_account(customer_id: int, money: str) -> None:
    free = sum((row["amount"] for row in page.rows("money_on_account", customer_id=customer_id, currency=money)), Decimal(0))
    st.caption(page.md(session.say(_FREE, amount=forms.money(free, money)) if free else session.say(_NOTHING_FREE)))


def _credit(form: Form) -> None:
    about = forms.customer(form)
    money = drafting.currency(form, _usual(about))
    amount = forms.amount(form, "amount", _AMOUNT, currency=money)
    on_date = forms.day(form, "on_date", _ON, start=session.today())
    memo = forms.line(form, "memo", _REASON)
    doc_no = forms.line(form, "doc_no", _DOC_NO, hint=_AUTO)
    given = {"amount": amount, "on_date": on_date, "currency": money, "memo": memo or None, "doc_no": doc_no or None}
    _save(form, about, "credit", lambda _: IssueCredit(**_who(about), **given, today=session.today()), memo=_REASON)  # type: ignore[arg-type]


def _adjustment(form: Form) -> None:
    about = forms.customer(form)
    money = drafting.currency(form, _usual(about))
    amount = forms.amount(form, "amount", _AMOUNT, currency=money)
    on_date = forms.day(form, "on_date", _ON, start=session.today())
    reason = forms.line(form, "reason", _REASON)
    given = {"amount": amount, "on_date": on_date, "currency": money, "reason": reason}
    _save(
        form,
        about,
        "adjustment",
        lambda confirmed: RecordAdjustment(**_who(about), **given, today=session.today(), confirmed=confirmed),  # type: ignore[arg-type]
        reason=_REASON,
    )


def _opening(form: Form) -> None:
    about = forms.customer(form)
    money = drafting.currency(form, _usual(about))
    amount = forms.amount(form, "amount", _AMOUNT, currency=money)
    on_date = forms.day(form, "on_date", _ON, start=session.today())
    due_on = forms.day(form, "due_on", _DUE, start=None)
    doc_no = forms.line(form, "doc_no", _DOC_NO, hint=_AUTO)
    memo = forms.line(form, "memo", _MEMO, optional=True)
    given = {"amount": amount, "on_date": on_date, "due_on": due_on, "currency": money, "doc_no": doc_no or None, "memo": memo or None}
    _save(form, about, "opening", lambda confirmed: RecordOpening(**_who(about), **given, today=session.today(), confirmed=confirmed))  # type: ignore[arg-type]


def _invoice(form: Form) -> None:
    about = forms.customer(form)
    money = drafting.currency(form, _usual(about))
    doc_no = forms.line(form, "doc_no", _DOC_NO, hint=_AUTO)
    amount = forms.amount(form, "amount", _AMOUNT, currency=money)
    tax_amount = forms.amount(form, "tax_amount", _TAX, currency=money)
    on_date = forms.day(form, "on_date", _ON, start=session.today())
    due_on = forms.day(form, "due_on", _DUE, start=None)
    memo = forms.line(form, "memo", _MEMO, optional=True)
    given = {"doc_no": doc_no, "amount": amount, "on_date": on_date, "due_on": due_on, "currency": money, "tax_amount": tax_amount}
    _save(form, about, "invoice", lambda _: RecordInvoice(**_who(about), **given, memo=memo or None, today=session.today()))  # type: ignore[arg-type]


def _usual(about: Mapping[str, Any] | None) -> str:
    return str(about["currency"]) if about else "CNY"


def _who(about: Mapping[str, Any] | None) -> dict[str, int]:
    return {"customer_id": about["customer_id"] if about else 0}


def _save(form: Form, about: Mapping[str, Any] | None, kind: str, build: Callable[[bool], Any], **needed: Text) -> None:
    what = f"{session.say(FORM[kind])} · {about['name']}" if about else ""
    forms.save(form, build, what, needed={"amount": _AMOUNT, "on_date": _ON, **needed})


def _close(form: Form) -> None:
    until = forms.day(form, "until", _CLOSE, start=session.today().replace(day=1) - timedelta(days=1))
    if until:
        _left_open(until)
    reason = forms.line(form, "reason", _REASON)
    needed = {"until": _CLOSE, "reason": _REASON}
    forms.save(form, lambda _: ClosePeriod(until, reason, session.today()), session.say(FORM["close"]), needed=needed)  # type: ignore[arg-type]


def _left_open(until: date) -> None:
    """What a closed day would leave without a place: a line of the bank is booked on its own day, a bill on its own."""
    counts = (
        (sum(total["open_count"] for total in page.rows("bank_totals", until=until)), _LINES, ("open bank line", "open bank lines")),
        (sum(draft["on_date"] <= until for draft in page.rows("drafts")), _DRAFTS, ("draft", "drafts")),
        (len(page.rows("bills_due", until=until)), _PERIODS, ("period to bill", "periods to bill")),
    )
    left = [session.say(words, count=formats.counted(count, *units)) for count, words, units in counts if count]
    if left:
        st.warning(session.say(_LEFT, left=session.listed(left)))
        page.link(_TO_BANK, "bank", until=until.isoformat())


def _reopen(form: Form) -> None:
    until = forms.day(form, "until", _REOPEN, start=None)
    reason = forms.line(form, "reason", _REASON)
    forms.save(form, lambda _: ReopenPeriod(until, reason, session.today()), session.say(FORM["reopen"]), needed={"reason": _REASON})


def _settle(form: Form) -> None:
    found = page.rows("money_to_settle")
    if not found:
        page.empty(_NOTHING_TO_SETTLE)
        return
    for total in found:
        amount = forms.money(total["amount"], total["currency"])
        st.markdown(page.md(session.say(_TO_SETTLE, customers=formats.customers(total["count"]), amount=amount)))
    forms.save(form, lambda _: SettleFromAccount(session.today()), session.say(FORM["settle"]), needed={})


_DRAW: Final[dict[str, Callable[[Form], None]]] = {
    "refund": _refund,
    "credit": _credit,
    "settle": _settle,
    "adjustment": _adjustment,
    "opening": _opening,
    "invoice": _invoice,
    "close": _close,
    "reopen": _reopen,
}


def _numbers() -> None:
    question = page.question("number_gaps")
    table = question.answer()
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_NUMBERS)
        downloads.export(Offer(_NUMBERS, question, table.num_rows))
    if table.num_rows:
        st.caption(session.say(_GAPS_ABOUT))
        tables.show(table, _COLUMNS, key="number_gaps")
    else:
        st.caption(session.say(_NO_GAPS))


def _closing() -> None:
    page.section(_CLOSING)
    found = page.row("closing")
    until = found["until_on"] if found else None
    if found and until:
        words = {"name": found["made_by"] or formats.MISSING, "reason": found["reason"], "moment": page.moment(found["made_at"])}
        st.info(page.md(session.say(_CLOSED, day=formats.full_date(until, session.language()), **words)), icon=":material/lock:")
    else:
        st.caption(session.say(_OPEN_BOOKS))
