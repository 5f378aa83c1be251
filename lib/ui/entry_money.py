"""The quick forms about money: a promise to pay, a payment."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import streamlit as st

from lib import formats, terms
from lib.commands.promises import RecordPromise
from lib.commands.receivables import RecordPayment
from lib.text import Text
from lib.ui import entry_saving, forms, page, session
from lib.ui.entry_saving import AMOUNT, NOTE, ON
from lib.ui.forms import Form

METHOD: Final[dict[str, Text]] = {
    "transfer": Text("银行转账", "Bank transfer"),
    "cash": Text("现金", "Cash"),
    "draft": Text("承兑汇票", "Bank draft"),
    "wechat": Text("微信", "WeChat"),
    "alipay": Text("支付宝", "Alipay"),
    "card": Text("刷卡", "Card"),
}
_INVOICE: Final = Text("账单", "Invoice")
_ALL_OVERDUE: Final = Text("全部逾期账单", "All overdue invoices")
_PAID: Final = Text("金额（{currency}）", "Amount ({currency})")
_DEFAULT: Final = Text("不填则为 {amount}", "If left empty: {amount}")
_NOTHING_OPEN: Final = Text("这个客户没有未收账单。", "This customer has no open invoices.")
_PROMISED_ON: Final = Text("承诺还款日", "Promised date")
_WHO: Final = Text("谁承诺的", "Who promised")
_METHOD: Final = Text("付款方式", "Method")
_PAYER: Final = Text("付款人（与客户不同时填）", "Payer, if not the customer")
_OPEN: Final = Text("未收 {open_amount}，其中逾期 {overdue}。", "{open_amount} open, of which {overdue} overdue.")


def promise() -> None:
    """How much of what is owed comes when."""
    form = forms.begin("promise")
    about = forms.customer(form)
    owed = page.rows("open_items", customer_id=about["customer_id"]) if about else []
    if about and not owed:
        page.empty(_NOTHING_OPEN)
        return
    invoice, default = _owed(form, owed)
    currency = invoice["currency"] if invoice else owed[0]["currency"] if owed else "CNY"
    left, right = st.columns(2)
    with left:
        promised = forms.amount(
            form, "amount", AMOUNT, currency=currency, hint=_DEFAULT if owed else None, amount=forms.money(default, currency)
        )
    with right:
        due_on = forms.soon(form, "due_on", _PROMISED_ON)
    promised_by = forms.line(form, "promised_by", _WHO, optional=True)
    note = forms.line(form, "note", NOTE, optional=True)
    given = {"amount": promised, "currency": currency, "invoice_id": invoice and invoice["invoice_id"], "due_on": due_on}
    more = {"promised_by": promised_by or None, "note": note or None}
    said = (forms.money(promised or default, currency), formats.full_date(due_on, session.language())) if due_on else ()
    entry_saving.save(form, RecordPromise, about, {**given, **more}, needed={"due_on": _PROMISED_ON}, said=said)


def _owed(form: Form, owed: list[dict[str, Any]]) -> tuple[dict[str, Any] | None, Decimal]:
    """The invoice the promise is about, if one, and the amount that is meant when none is given."""
    if not owed:
        return None, Decimal(0)
    labels = {0: session.say(_ALL_OVERDUE)} | {row["invoice_id"]: _invoice(row) for row in owed}
    st.selectbox(session.say(_INVOICE), list(labels), key=form.key("invoice_id"), format_func=labels.__getitem__)
    chosen = next((row for row in owed if row["invoice_id"] == form.get("invoice_id")), None)
    if chosen:
        return chosen, chosen["open_amount"]
    same = [row for row in owed if row["currency"] == owed[0]["currency"]]
    overdue = sum((row["open_amount"] for row in same if row["due_on"] < session.today()), Decimal(0))
    return None, overdue or sum((row["open_amount"] for row in same), Decimal(0))


def _invoice(row: Mapping[str, Any]) -> str:
    amount = forms.money(row["open_amount"], row["currency"])
    return f"{row['invoice_no']} · {formats.day(row['due_on'], session.language())} · {amount}"


def payment() -> None:
    """What came in, in the currency the customer owes in."""
    form = forms.begin("payment")
    about = forms.customer(form)
    owed = page.rows("open_items", customer_id=about["customer_id"]) if about else []
    currency = _currency(form, [row["currency"] for row in owed] + [about["currency"] if about else "CNY"])
    same = [row for row in owed if row["currency"] == currency]
    if same:
        overdue = sum((row["open_amount"] for row in same if row["due_on"] < session.today()), Decimal(0))
        open_amount = sum((row["open_amount"] for row in same), Decimal(0))
        st.caption(session.say(_OPEN, open_amount=forms.money(open_amount, currency), overdue=forms.money(overdue, currency)))
    left, right = st.columns(2)
    with left:
        label = Text(_PAID.say("zh", currency=currency), _PAID.say("en", currency=currency))
        paid = forms.amount(form, "amount", label, currency=currency)
    with right:
        on_date = forms.day(form, "on_date", ON, start=session.today())
    method = forms.pills(form, "method", _METHOD, METHOD, remember=True)
    payer = forms.line(form, "payer", _PAYER, optional=True)
    memo = forms.line(form, "memo", NOTE, optional=True)
    given = {"amount": paid, "on_date": on_date, "currency": currency, "method": method, "payer": payer or None, "memo": memo or None}
    said = (forms.money(paid, currency), formats.full_date(on_date, session.language())) if paid and on_date else ()
    entry_saving.save(form, RecordPayment, about, given, needed={"amount": AMOUNT}, said=said)


def _currency(form: Form, possible: list[str]) -> str:
    """What the customer owes in, the oldest debt first; asked only when there are several."""
    used = list(dict.fromkeys(possible))
    if len(used) == 1:
        return used[0]
    form.start("currency", used[0])
    if form.get("currency") not in used:  # another customer was chosen since
        form.put("currency", used[0])
    return str(forms.pills(form, "currency", terms.COLUMN["currency"], {one: Text(one, one) for one in used}) or used[0])
