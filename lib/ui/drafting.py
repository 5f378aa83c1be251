"""The forms of a bill: its lines with quantity and unit price before tax, what they come to, one draft to write or change."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import streamlit as st

from lib import formats, terms
from lib.commands.billing import ChangeDraft, RecordDraft
from lib.domain import bills
from lib.domain.bills import Line
from lib.errors import Refused
from lib.text import Text
from lib.ui import customer_terms, forms, page, session
from lib.ui.forms import Form

TAX: Final[dict[str, Text]] = {
    "": Text("不计税", "No tax"),
    "0": Text("0%", "0%"),
    "0.01": Text("1%", "1%"),
    "0.03": Text("3%", "3%"),
    "0.06": Text("6%", "6%"),
    "0.09": Text("9%", "9%"),
    "0.13": Text("13%", "13%"),
}
_CHANGE: Final = Text("修改草稿：{name}", "Change the draft for {name}")
_WHAT: Final = Text("内容", "Description")
_QUANTITY: Final = Text("数量", "Quantity")
_PRICE: Final = Text("单价（不含税）", "Unit price before tax")
_MORE: Final = Text("加一行", "Add a line")
_TAX: Final = Text("税率", "Tax rate")
_COMES: Final = Text("合计 {amount}，其中税额 {tax}", "Comes to {amount}, of which tax {tax}")
_ON: Final = Text("账单日期", "Invoice date")
_DUE: Final = Text("到期日（不填按客户账期）", "Due date (empty: the customer's terms)")
_MEMO: Final = Text("备注", "Memo")
_INCOMPLETE: Final = Text("第 {place} 行还缺数量或单价。", "Line {place} still lacks its quantity or unit price.")
_SAVED: Final = Text("账单草稿", "draft invoice")


def draft(row: Mapping[str, Any] | None) -> None:
    """The form for a new draft, or for the one ticked."""
    if row:
        st.caption(session.say(_CHANGE, name=page.md(row["name"])))
    form = forms.begin(f"draft_{row['draft_id']}" if row else "draft")
    if row:
        fill(form, row, bills.read(row["lines"]))
        about: Mapping[str, Any] | None = row
    else:
        about = forms.customer(form)
    money = currency(form, row["currency"] if row else about["currency"] if about else "CNY")
    lines(form, money)
    left, right = st.columns(2)
    with left:
        on_date = forms.day(form, "on_date", _ON, start=row["on_date"] if row else session.today())
    with right:
        due_on = forms.day(form, "due_on", _DUE, start=None)
        if about and on_date and due_on is None:
            customer_terms.default(about["customer_id"], on_date)
    memo = forms.line(form, "memo", _MEMO, optional=True)

    def build(confirmed: bool) -> RecordDraft | ChangeDraft:  # noqa: FBT001 (what forms.save asks with)
        common = {
            "on_date": on_date,
            "lines": read(form),
            "currency": money,
            "tax_rate": rate(form),
            "due_on": due_on,
            "memo": memo or None,
        }
        if row:
            return ChangeDraft(row["draft_id"], **common)  # type: ignore[arg-type]
        return RecordDraft(about["customer_id"] if about else 0, confirmed=confirmed, **common)  # type: ignore[arg-type]

    forms.save(form, build, f"{session.say(_SAVED)} · {about['name']}" if about else "", needed={"on_date": _ON})


def fill(form: Form, row: Mapping[str, Any], found: tuple[Line, ...]) -> None:
    """Start a form with what a bill says already."""
    form.start("line_count", max(len(found), 1))
    for place, line in enumerate(found):
        for name, value in (("what", line.description), ("quantity", f"{line.quantity:f}"), ("price", f"{line.unit_price:f}")):
            form.start(f"{name}_{place}", value)
    form.start("memo", row["memo"] or "")
    known = row.get("tax_rate")
    if known is None and row.get("tax_amount") is not None:
        known = (row["tax_amount"] / (row["amount"] - row["tax_amount"])).quantize(Decimal("0.01"))
    form.start("tax_rate", "" if known is None else next((code for code in TAX if code and Decimal(code) == known), ""))


def currency(form: Form, usual: str) -> str:
    """The currency of the bill: the customer's, another by its three letters."""
    form.start("currency", usual)
    if not form.get("currency"):
        form.put("currency", usual)
    return forms.line(form, "currency", terms.COLUMN["currency"]).strip().upper()


def lines(form: Form, money: str) -> None:
    """The lines, each with its own fields; what they come to stands below."""
    form.start("line_count", 1)
    count = int(form.get("line_count"))
    for place in range(count):
        what, quantity, price = st.columns([3, 1, 1], vertical_alignment="bottom")
        with what:
            forms.line(form, f"what_{place}", _WHAT)
        with quantity:
            form.start(f"quantity_{place}", "1")
            forms.amount(form, f"quantity_{place}", _QUANTITY, currency=money)
        with price:
            forms.amount(form, f"price_{place}", _PRICE, currency=money)
    refusal = form.get("_refusal")
    if refusal and refusal.values.get("about") == "lines":
        st.caption(f":orange[:material/error: {page.md(refusal.say(session.language()))}]")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        forms.pills(form, "tax_rate", _TAX, TAX)
        st.button(session.say(_MORE), key=form.key("_more"), icon=":material/add:", on_click=form.put, args=("line_count", count + 1))
    _comes_to(form, money)


def _comes_to(form: Form, money: str) -> None:
    try:
        found = bills.total(read(form), rate(form))
    except Refused:
        return
    if not found.amount:
        return
    tax = formats.MISSING if found.tax_amount is None else forms.money(found.tax_amount, money)
    st.caption(page.md(session.say(_COMES, amount=forms.money(found.amount, money), tax=tax)))


def read(form: Form) -> tuple[Line, ...]:
    """The lines as filled in; untouched ones are left out. Refuses: a line without quantity or price."""
    found = []
    for place in range(int(form.get("line_count") or 1)):
        what = str(form.get(f"what_{place}") or "").strip()
        quantity, price = (forms.number(form, f"{name}_{place}") for name in ("quantity", "price"))
        if not what and price is None:
            continue
        if quantity is None or price is None:
            raise Refused(_INCOMPLETE, place=place + 1, about="lines")
        found.append(Line(what, quantity, price))
    return tuple(found)


def rate(form: Form) -> Decimal | None:
    """The tax rate chosen, None for no tax."""
    chosen = form.get("tax_rate")
    return Decimal(chosen) if chosen else None
