"""Statement lines put right by hand: one or several, customer, invoices ticked, what is left; adjust or keep on account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.bank import MatchLine, MatchLines
from lib.domain.reconciling import Proposal
from lib.text import Text
from lib.ui import forms, page, session
from lib.ui.forms import Form

_NOTHING_OPEN: Final = Text(
    "该客户没有 {currency} 的未收账单；保存后整笔记为预收。", "This customer owes nothing in {currency}; saving keeps all of it on account."
)
_INVOICE: Final = Text("{number} · {day}到期 · 未收 {amount}", "{number} · due {day} · {amount} open")
_TOGETHER: Final = Text("和这些流水一起对（同一客户的多笔）", "Together with these lines (several of one customer)")
_NONE_TOO: Final = Text("只对这一笔", "This line only")
_LINE: Final = Text("{day} {amount} {payer}", "{day} {amount} {payer}")
_SUM: Final = Text("{count} 笔合计 {amount}，先到账的先核销", "{count} lines, {amount} in all, the earliest settles first")
_PART: Final = Text("到账少 {amount}：最后一张账单部分核销", "{amount} short: the last invoice is settled in part")
_EVEN: Final = Text("正好相符", "It comes out even")
_LEFT: Final = Text("还剩 {amount} 记为预收", "{amount} is left and stays on account")
_SHORT: Final = Text(
    "到账少 {amount}：最后一张账单部分核销，或把差额作为手续费核销",
    "{amount} short: the last invoice is settled in part, or write the difference off",
)
_WRITE_OFF: Final = Text("差额 {amount} 作为手续费或尾差核销", "Write {amount} off as a fee or rounding")
_REASON: Final = Text("原因", "Reason")
_BANK_FEE: Final = Text("银行手续费", "Bank fee")
_MOST_LINES: Final = 300
"""Lines offered to be matched together: those of the same payer, then the latest."""


def form(line: Mapping[str, Any], found: Proposal | None) -> None:
    """The form for a line, and for others chosen with it; its customer starts as proposed."""
    entry = forms.begin(f"bank{line['line_id']}")
    if found:
        entry.start("customer_id", found.customer_id)
    about = forms.customer(entry)
    others = _together(entry, line)
    owed = _owed(about, line["currency"])
    if about and not owed:
        st.caption(session.say(_NOTHING_OPEN, currency=line["currency"]))
    chosen = _ticked(entry, owed, found)
    customer_id, what = (about["customer_id"], about["name"]) if about else (0, "")
    if others:
        forms.save(entry, _several(line, others, customer_id, chosen), what)
        return
    gap = sum((row["open_amount"] for row in chosen), Decimal(0)) - line["amount"]
    adjustment, reason = _difference(entry, gap, line["currency"]) if chosen else (Decimal(0), None)
    parts = laid(line["amount"] + adjustment, [(row["invoice_id"], row["open_amount"]) for row in chosen])
    forms.save(entry, lambda _: MatchLine(line["line_id"], customer_id, session.today(), parts, adjustment, reason), what)


def _together(entry: Form, line: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Other open lines of money that came in, those of the same payer first."""
    rows = [
        row
        for row in page.rows("bank_lines", line_state="open")
        if row["amount"] > 0 and row["currency"] == line["currency"] and row["line_id"] != line["line_id"]
    ]
    rows.sort(key=lambda row: (row["payer"] != line["payer"], -row["on_date"].toordinal(), row["line_id"]))
    choices = {row["line_id"]: row for row in rows[:_MOST_LINES]}
    if not choices:
        return []
    kept = [line_id for line_id in entry.get("others") or () if line_id in choices]
    entry.put("others", kept)  # a line somebody else matched meanwhile is no choice any more
    st.multiselect(
        session.say(_TOGETHER),
        list(choices),
        key=entry.key("others"),
        format_func=lambda line_id: _named(choices[line_id]),
        placeholder=session.say(_NONE_TOO),
    )
    return [choices[line_id] for line_id in entry.get("others") or ()]


def _named(row: Mapping[str, Any]) -> str:
    day, amount = formats.day(row["on_date"], session.language()), forms.money(row["amount"], row["currency"])
    return session.say(_LINE, day=day, amount=amount, payer=row["payer"] or row["memo"] or formats.MISSING)


def _several(
    line: Mapping[str, Any], others: Sequence[Mapping[str, Any]], customer_id: int, chosen: Sequence[Mapping[str, Any]]
) -> Callable[[bool], MatchLines]:
    """Many lines over many invoices; says what they come to and what is left or missing."""
    total = sum((row["amount"] for row in others), Decimal(line["amount"]))
    gap = sum((row["open_amount"] for row in chosen), Decimal(0)) - total
    st.caption(page.md(session.say(_SUM, count=len(others) + 1, amount=forms.money(total, line["currency"]))))
    left = _EVEN if not gap else _PART if gap > 0 else _LEFT
    st.caption(page.md(session.say(left, amount=forms.money(abs(gap), line["currency"]))))
    line_ids = (line["line_id"], *(row["line_id"] for row in others))
    return lambda _: MatchLines(line_ids, customer_id, session.today(), tuple(row["invoice_id"] for row in chosen))


def laid(money: Decimal, owed: Sequence[tuple[int, Decimal]]) -> tuple[tuple[int, Decimal], ...]:
    """Money over invoices in their order."""
    parts = []
    for invoice_id, open_amount in owed:
        paid = min(money, open_amount)
        if paid > 0:
            parts.append((invoice_id, paid))
        money -= paid
    return tuple(parts)


def _owed(about: Mapping[str, Any] | None, currency: str) -> list[dict[str, Any]]:
    rows = page.rows("open_items", customer_id=about["customer_id"]) if about else []
    return sorted((row for row in rows if row["currency"] == currency), key=lambda row: (row["due_on"], row["invoice_id"]))


def _ticked(entry: Form, owed: Sequence[dict[str, Any]], found: Proposal | None) -> list[dict[str, Any]]:
    """The invoices ticked; those of the proposal to begin with."""
    proposed = {invoice_id for invoice_id, _ in found.parts} if found else set()
    ticked = []
    for row in owed:
        field = f"invoice{row['invoice_id']}"
        entry.start(field, row["invoice_id"] in proposed)
        day, amount = formats.day(row["due_on"], session.language()), forms.money(row["open_amount"], row["currency"])
        label = session.say(_INVOICE, number=row["invoice_no"], day=day, amount=amount)
        if st.checkbox(page.md(label), key=entry.key(field)):
            ticked.append(row)
    return ticked


def _difference(entry: Form, gap: Decimal, currency: str) -> tuple[Decimal, str | None]:
    """What the ticked invoices and the money differ by, and what to do about it."""
    amount = forms.money(abs(gap), currency)
    if gap <= 0:
        st.caption(page.md(session.say(_LEFT, amount=amount) if gap else session.say(_EVEN)))
        return Decimal(0), None
    st.caption(page.md(session.say(_SHORT, amount=amount)))
    if not st.checkbox(page.md(session.say(_WRITE_OFF, amount=amount)), key=entry.key("write_off")):
        return Decimal(0), None
    entry.start("reason", session.say(_BANK_FEE))
    return gap, forms.line(entry, "reason", _REASON) or None
