"""Exchange rates by day, money laid on invoices of another currency, and what rates gained or lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.rates import SetRates, SettleAcross
from lib.domain import exchange
from lib.domain.access import Permission
from lib.text import Text
from lib.ui import downloads, forms, page, session, tables
from lib.ui.downloads import Offer
from lib.ui.forms import Form

_RATES: Final = Text("汇率", "Exchange rates")
_RATES_ABOUT: Final = Text(
    "1 单位外币值多少 {base}，从当日起用到下一个汇率。没有汇率，不同币种绝不相加。",
    "What one unit is worth in {base}, from its day until the next rate. Without a rate currencies are never added up.",
)
_NO_RATES: Final = Text("还没有汇率。财务在下面粘贴一条即可。", "There are no rates yet. Finance pastes them below.")
_DO: Final = Text("办理", "To do")
_ENTER: Final = Text("录入汇率", "Enter rates")
_TEXT: Final = Text("每行一条：币种, 日期, 汇率（可从表格粘贴）", "One a line: currency, date, rate (paste from a sheet)")
_FILE: Final = Text("或选一个 CSV 文件", "Or choose a CSV file")
_SETTLE: Final = Text("跨币种核销", "Settle across currencies")
_MONEY: Final = Text("用哪笔款", "Which money")
_INVOICE: Final = Text("核销哪张账单", "Which invoice")
_ON: Final = Text("按哪天的汇率", "At the rate of")
_MOST: Final = Text("最多用多少（{currency}，不填为全部）", "At most ({currency}, all if left empty)")
_NO_MONEY: Final = Text("这个客户没有预收余额。先登记收款。", "This customer has no money on account. Record the payment first.")
_NO_INVOICE: Final = Text("这个客户没有其他币种的未收账单。", "This customer has no open invoice in another currency.")
_DIFFERENCES: Final = Text("已实现汇兑差额", "Realised exchange differences")
_NONE: Final = Text("还没有跨币种核销。", "Nothing was settled across currencies yet.")
_SAID: Final = Text("{what} · {name}", "{what} · {name}")
_RATE_COLUMNS: Final = ("currency", "on_date", "exchange_rate", "base_currency", "recorded_by_name", "recorded_at")
_DIFFERENCE_COLUMNS: Final = ("on_date", "name", "amount", "currency", "memo", "doc_no")


@st.fragment
@session.run()
def desk() -> None:
    """Rates for everyone; entering and settling for who may write money."""
    may = session.actor().may(Permission.RECEIVABLE_WRITE)
    _listed(_RATES, page.question("exchange_rates"), _RATE_COLUMNS, _NO_RATES)
    st.caption(session.say(_RATES_ABOUT, base=session.settings()["base_currency"]))
    _listed(_DIFFERENCES, page.question("exchange_differences"), _DIFFERENCE_COLUMNS, _NONE)
    if may:
        page.section(_DO)
        ways = {"enter": _ENTER, "settle": _SETTLE} if session.actor().sees_all else {"settle": _SETTLE}
        chosen = forms.switch("do", ways, _DO)
        _enter() if chosen == "enter" else _settle()


def _listed(title: Text, asked: page.Question, names: tuple[str, ...], nothing: Text) -> None:
    table = asked.answer()
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(title)
        downloads.export(Offer(title, asked, table.num_rows))
    if table.num_rows:
        tables.show(table, names, key=asked.name)
    else:
        page.empty(nothing)


def _enter() -> None:
    form = forms.begin("rates")
    typed = forms.area(form, "text", _TEXT) or ""
    file = st.file_uploader(session.say(_FILE), type=["csv", "txt"], key=form.key("_file"), max_upload_size=1)
    text = exchange.decoded(file.getvalue()) if file else typed
    today = session.today()
    forms.save(form, lambda _: SetRates(exchange.read_rates(text, today), today), session.say(_RATES))


def _settle() -> None:
    form = forms.begin("settle_across")
    about = forms.customer(form)
    if about is None:
        return
    free = page.rows("money_on_account", customer_id=about["customer_id"])
    source = _one(form, "entry_id", _MONEY, {row["entry_id"]: row for row in free}, "amount")
    if source is None:
        page.empty(_NO_MONEY)
        return
    owed = [row for row in page.rows("open_items", customer_id=about["customer_id"]) if row["currency"] != source["currency"]]
    invoice = _one(form, "invoice_id", _INVOICE, {row["invoice_id"]: {**row, "doc_no": row["invoice_no"]} for row in owed}, "open_amount")
    if invoice is None:
        page.empty(_NO_INVOICE)
        return
    left, right = st.columns(2)
    with left:
        on_date = forms.day(form, "on_date", _ON, start=session.today())
    with right:
        label = Text(_MOST.say("zh", currency=source["currency"]), _MOST.say("en", currency=source["currency"]))
        most = forms.amount(form, "amount", label, currency=source["currency"])
    command = (source["entry_id"], invoice["invoice_id"])
    what = session.say(_SAID, what=session.say(SettleAcross.title), name=about["name"])
    forms.save(form, lambda _: SettleAcross(*command, on_date, session.today(), most), what, needed={"on_date": _ON})  # type: ignore[arg-type]


def _one(form: Form, field: str, label: Text, rows: Mapping[int, Mapping[str, Any]], amount: str) -> Mapping[str, Any] | None:
    """One of the documents, the first to begin with."""
    if not rows:
        return None
    if form.get(field) not in rows:
        form.put(field, next(iter(rows)))
    st.selectbox(session.say(label), list(rows), key=form.key(field), format_func=lambda number: _named(rows[number], amount))
    return rows[form.get(field)]


def _named(row: Mapping[str, Any], amount: str) -> str:
    return f"{row['doc_no']} · {formats.day(row['on_date'], session.language())} · {forms.money(row[amount], row['currency'])}"
