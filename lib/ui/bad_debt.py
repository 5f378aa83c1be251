"""Bad debt: invoices ticked and proposed for writing off, what is written off, and money that comes in after all."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.commands.proposals import EVIDENCE, ProposeWriteOff
from lib.commands.write_offs import RecordRecovery
from lib.domain.access import Permission
from lib.text import Text
from lib.ui import downloads, forms, page, session, stops, tables
from lib.ui.downloads import Offer
from lib.ui.entry_money import METHOD
from lib.ui.forms import Form

_LOST: Final = Text("已核销的坏账", "Written off")
_LOST_ABOUT: Final = Text("点一行登记收回；再点一次回到申请。", "Click a row to record a recovery, again to go back to proposing.")
_NONE: Final = Text("没有核销过坏账。", "Nothing was written off yet.")
_PROPOSE: Final = Text("申请核销坏账", "Propose a write-off")
_TICK: Final = Text("勾选要核销的账单；不勾则是全部逾期的。", "Tick the invoices to be written off; without a tick all that are overdue.")
_NOTHING_OPEN: Final = Text("这个客户没有未收账单。", "This customer has no open invoices.")
_TOTAL: Final = Text("共核销 {amount}（{count}）", "{amount} to be written off ({count})")
_COUNT: Final = Text("{count} 张", "{count}")
_CURRENCY: Final = Text("币种", "Currency")
_REASON: Final = Text("为什么收不回来", "Why it will not come")
_EVIDENCE_HINT: Final = Text("判决书、破产公告、律师函编号等", "Court ruling, insolvency notice, lawyer's letter")
_RECOVER: Final = Text("登记坏账收回", "Record a recovery")
_RECOVER_ABOUT: Final = Text(
    "账单 {invoice_no}（{name}）仍有 {amount} 没有收回。", "{amount} of invoice {invoice_no} ({name}) is still lost."
)
_AMOUNT: Final = Text("收到金额", "Amount received")
_ON: Final = Text("收款日", "Received on")
_METHOD: Final = Text("方式", "Method")
_PAYER: Final = Text("付款人（与客户不同时填）", "Payer, if not the customer")
_SAID: Final = Text("{what} · {name}", "{what} · {name}")
_ITEMS: Final = ("invoice_no", "open_amount", "days_overdue", "due_on", "on_date", "amount")
_COLUMNS: Final = (
    *("name", "invoice_no", "currency", "written_off_amount", "recovered_amount", "lost_amount", "written_off_on", "account_no"),
)


@st.fragment
@session.run()
def desk() -> None:
    """What is lost, the money that came for it, and the proposal of more."""
    asked = page.question("written_off")
    table = asked.answer()
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_LOST)
        downloads.export(Offer(_LOST, asked, table.num_rows))
    chosen = None
    if table.num_rows:
        may = session.actor().may(Permission.RECEIVABLE_WRITE)
        if may:
            st.caption(session.say(_LOST_ABOUT))
        chosen = tables.pick(table, _COLUMNS, key="written_off", into="invoice", by="invoice_id")
        if chosen and may:
            _recover(next(row for row in table.to_pylist() if str(row["invoice_id"]) == chosen))
            return
    else:
        page.empty(_NONE)
    if session.actor().may(Permission.PROPOSE):
        page.section(_PROPOSE)
        _propose()


def _recover(row: Mapping[str, Any]) -> None:
    page.section(_RECOVER)
    form = forms.begin(f"recovery_{row['invoice_id']}")
    amount = forms.money(row["lost_amount"], row["currency"])
    st.caption(page.md(session.say(_RECOVER_ABOUT, invoice_no=row["invoice_no"], name=row["name"], amount=amount)))
    left, right = st.columns(2)
    with left:
        received = forms.amount(form, "amount", _AMOUNT, currency=row["currency"])
    with right:
        on_date = forms.day(form, "on_date", _ON, start=session.today())
    method = forms.pills(form, "method", _METHOD, METHOD, remember=True)
    payer = forms.line(form, "payer", _PAYER, optional=True)
    given = {"amount": received, "on_date": on_date, "today": session.today(), "method": method, "payer": payer or None}
    what = session.say(_SAID, what=session.say(_RECOVER), name=row["name"])
    forms.save(
        form,
        lambda confirmed: RecordRecovery(row["invoice_id"], **given, confirmed=confirmed),
        what,
        needed={"amount": _AMOUNT, "on_date": _ON},
    )


def _propose() -> None:
    form = forms.begin("propose_write_off")
    stops.follow(form)
    about = forms.customer(form)
    chosen = _chosen(form, about["customer_id"]) if about else None
    if about and chosen is None:
        page.empty(_NOTHING_OPEN)
        return
    reason = forms.line(form, "reason", _REASON)
    evidence = forms.line(form, "evidence", EVIDENCE, hint=_EVIDENCE_HINT)
    parts = tuple(zip(*(chosen[name].to_pylist() for name in ("invoice_id", "open_amount")), strict=True)) if chosen else ()
    what = session.say(_SAID, what=session.say(_PROPOSE), name=about["name"] if about else "")
    customer_id = about["customer_id"] if about else 0
    forms.save(
        form,
        lambda _: ProposeWriteOff(customer_id, parts, reason, evidence or None, session.today()),
        what,
        needed={"reason": _REASON},
    )


def _chosen(form: Form, customer_id: int) -> pa.Table | None:
    """The invoices ticked, else all overdue ones; None when nothing is open."""
    table = page.read("open_items", customer_id=customer_id)
    if not table.num_rows:
        return None
    currency = _currency(form, table["currency"].unique().to_pylist())
    table = table.filter(pa.array([one == currency for one in table["currency"].to_pylist()], pa.bool_()))
    st.caption(session.say(_TICK))
    ticked = tables.several(table, _ITEMS, key=form.key(f"_items{customer_id}{currency}"))
    late = table.filter(pa.array([bool(days) for days in table["days_overdue"].to_pylist()], pa.bool_()))
    chosen = ticked if ticked.num_rows else late
    amount = sum(chosen["open_amount"].to_pylist(), Decimal(0))
    count = session.say(_COUNT, count=formats.counted(chosen.num_rows, "invoice", "invoices"))
    st.markdown(page.md(session.say(_TOTAL, amount=forms.money(amount, currency), count=count)))
    return chosen


def _currency(form: Form, used: list[str]) -> str:
    """One currency at a time."""
    if len(used) == 1:
        return used[0]
    form.start("currency", used[0])
    return str(forms.pills(form, "currency", _CURRENCY, {one: Text(one, one) for one in used}) or used[0])
