"""What the overdue page shows: the headline, the proof, ageing in two charts, and the way from a customer down to single postings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats, terms
from lib.domain import advice
from lib.domain.access import Permission
from lib.domain.buckets import bucket_words
from lib.store.query import derived
from lib.text import Language, Text
from lib.ui import charts, credit, downloads, forms, page, papers, session, tables, theme
from lib.ui.charts import Axis, Measure
from lib.ui.filters import Scope

_BY: Final[dict[str, tuple[str, Text]]] = {
    "owner": ("owner_name", terms.COLUMN["owner_name"]),
    "region": ("region", Text("地区", "Region")),
    "class": ("class", Text("类别", "Class")),
    "segment": ("segment", Text("细分", "Segment")),
    "team": ("team", Text("团队", "Team")),
}
_GROUPING: Final = Text("按什么分", "Group by")
_HEADLINE: Final = Text("{customers} 个客户逾期 {overdue}，占应收 {share}", "{customers} {overdue} overdue, {share} of receivables")
_ALL_PAID: Final = Text("没有未收的账单，所以没有逾期", "Nothing is open, so nothing is overdue")
_OLD: Final = Text("逾期的 {share} 已超过 {days} 天（{amount}）", "{share} of overdue money is over {days} days old ({amount})")
_NONE_OLD: Final = Text("没有超过 {days} 天的逾期", "Nothing is overdue by more than {days} days")
_OLD_BILLS: Final = Text(
    "未收款的 {share} 已开票超过 {days} 天（{amount}）", "{share} of open money was invoiced over {days} days ago ({amount})"
)
_NO_OLD_BILLS: Final = Text("没有开票超过 {days} 天的未收款", "Nothing open was invoiced over {days} days ago")
_TODAY: Final = Text("当天开票", "Invoiced today")
_WHO: Final = Text("{name}的旧账最多：{amount} 超过 {days} 天", "{name} has the most old debt: {amount} over {days} days")
_WHO_NONE: Final = Text("各组都没有超过 {days} 天的旧账", "No group has debt over {days} days")
_ABOUT: Final = Text("{currency}，截至 {date}，{count} 笔未结", "{currency}, as of {date}, {count}")
_ABOUT_BY: Final = Text(
    "{currency} 逾期金额，截至 {date}；超过 {days} 天的多者在前，共 {count} 组",
    "{currency} overdue, as of {date}; most over {days} days first, {count} shown",
)
_ABOUT_BY_BILLS: Final = Text(
    "{currency} 未收金额，按开票日，截至 {date}；超过 {days} 天的多者在前，共 {count} 组",
    "{currency} open by invoice date, as of {date}; most over {days} days first, {count} shown",
)
_PROVEN: Final = Text("✓ 账已核对", "✓ Books agree")
_BROKEN: Final = Text("✗ 账不平，请让管理员运行 python -m lib check", "✗ Books disagree: ask an administrator to run python -m lib check")
_PROOF: Final = Text(
    "各段合计 {buckets} + 未核销收款 {unallocated} = 余额 {balance}；单据合计 {ledger}",
    "Buckets {buckets} + unallocated {unallocated} = balance {balance}; documents {ledger}",
)
_NOBODY: Final = Text(
    "没有逾期的客户。换一个截至日，或放宽筛选条件。", "No customer is overdue. Choose another date or loosen the filters."
)
_NO_MONEY: Final = Text(
    "这里还没有账单。导入账单和收款后，账龄和催收名单会出现在这里。",
    "There are no invoices yet. Import invoices and payments to see ageing and who to call.",
)
_CALL: Final = Text("先联系谁", "Whom to call first")
_CALL_ABOUT: Final = Text("按“金额 × 逾期天数”从大到小", "Most money times days overdue first")
_OPEN_ITEMS: Final = Text("{name}：未收账单", "{name}: open invoices")
_POSTINGS: Final = Text("账单 {invoice_no} 的每一笔账", "Every posting of invoice {invoice_no}")
_POSTINGS_ABOUT: Final = Text("谁在何时录入、属于哪次更改", "Who recorded it, when, and in which change")
_CUSTOMER: Final = Text("打开客户", "Open customer")
_COLLECT: Final = Text("去催收", "Collect")
_PROMISE: Final = Text("记录还款承诺", "Record a promise to pay")
_NOBODYS: Final = Text("（无）", "(none)")
_DEFINITION: Final = Text(
    "逾期：到期日早于截至日且未收清；到期当天不算逾期。未核销收款不冲减逾期，单列。",
    "Overdue: due before the as-of date and not fully paid; due today is not overdue. Unallocated money is not netted, it stands apart.",
)
_DEBTORS: Final = ("name", "overdue_amount", "max_days", "credit_state", "reason", "next_step", "owner_name")
_ITEMS: Final = ("invoice_no", "open_amount", "days_overdue", "due_on", "on_date", "amount")
_LINES: Final = ("on_date", "kind", "doc_no", "amount", "open_amount", "recorded_by_name", "recorded_at", "change_id")
_STATES: Final = {"all": Text("全部", "All"), **terms.VALUE["money_state"]}
_MOST_GROUPS: Final = 8
_OLD_FROM: Final = 2
"""Old debt starts above the second edge: over 60 days with the usual buckets."""


def headline(scope: Scope) -> bool:
    """One sentence with the figures that matter, and the proof that the money adds up; False when nothing is to be paid."""
    found = page.row("ledger_proof", scope)
    if found is None:
        page.nothing_yet(_NO_MONEY)
        return False
    late = sum((row["amount"] for row in page.rows("ageing", replace(scope, basis="due")) if row["bucket_no"]), Decimal(0))
    first = page.row("overdue_customers", scope, limit=tables.PAGE_ROWS, offset=0)  # as the list below asks
    if not found["bucket_amount"]:
        st.markdown(f"#### {session.say(_ALL_PAID)}")
        _proof(found, scope)
        return False
    share = formats.percent(late / found["bucket_amount"])
    late_customers = formats.counted(first["total_count"] if first else 0, "customer owes", "customers owe")
    said = session.say(_HEADLINE, customers=late_customers, overdue=_short(late, scope), share=share)
    st.markdown(f"#### {said}")
    _proof(found, scope)
    return True


def ageing(scope: Scope) -> None:
    """Money by bucket, and beside it what is overdue by account manager, region, class, segment or team."""
    chosen = forms.switch("by", {code: word for code, (_, word) in _BY.items()}, _GROUPING, labelled=True)
    left, right = st.columns(2)
    with left:
        _by_bucket(scope)
    with right:
        _by_group(scope, chosen)


def debtors(scope: Scope) -> str | None:
    """One line per customer with reason and next step; returns the chosen customer's id."""
    page.section(_CALL, _CALL_ABOUT)
    bar = st.container(horizontal=True, vertical_alignment="bottom")
    with bar:
        state = forms.switch("money_state", _STATES, terms.COLUMN["money_state"], labelled=True)
    asked = page.question("overdue_customers", scope, money_state=None if state == "all" else state)
    table = asked.answer(limit=tables.PAGE_ROWS, offset=tables.offset("debtors"))
    if not table.num_rows:
        page.empty(_NOBODY)
        return None
    language = session.language()
    offer = downloads.Offer(terms.OVERDUE, asked, table.num_rows, _DEFINITION, lambda answer: _explained(answer, language))
    with bar:
        downloads.export(offer, scope)
    return tables.pick(_with_credit(derived(_explained, table, language)), _DEBTORS, key="debtors", into="customer", by="customer_id")


def open_invoices(customer_id: str, scope: Scope) -> str | None:
    """The chosen customer's open invoices and what can be done; returns the chosen invoice's id."""
    table = page.read("open_items", scope, customer_id=int(customer_id))
    if not table.num_rows:
        return None
    page.section(_OPEN_ITEMS, name=page.md(table["name"][0].as_py()))
    with st.container(horizontal=True):
        page.link(_CUSTOMER, "customer", customer=customer_id)
        if session.actor().may(Permission.COLLECT):
            page.link(_COLLECT, "collect", customer=customer_id, currency=scope.currency)
        if session.actor().may(Permission.PROMISE_WRITE):
            page.link(_PROMISE, "entry", customer=customer_id, form="promise")
        papers.statement(int(customer_id), table["customer"][0].as_py(), scope.currency)
    return tables.pick(table, _ITEMS, key="open_items", into="invoice", by="invoice_id")


def postings(invoice_id: str) -> None:
    """Every money line of the chosen invoice with who recorded it and which change it belongs to."""
    table = page.read("invoice_entries", invoice_id=int(invoice_id))
    if table.num_rows:
        page.section(_POSTINGS, _POSTINGS_ABOUT, invoice_no=page.md(str(table["doc_no"][0].as_py())))
        tables.show(table, _LINES, key="postings")


def _proof(found: Mapping[str, Any], scope: Scope) -> None:
    amounts = {
        name: formats.money(found[f"{name}_amount"], str(scope.currency), session.language())
        for name in ("unallocated", "balance", "ledger")
    }
    buckets = formats.money(found["bucket_amount"], str(scope.currency), session.language())
    with st.container(horizontal=True, vertical_alignment="center", key="proof"):
        st.badge(session.say(_PROVEN if found["is_proven"] else _BROKEN), color="green" if found["is_proven"] else "red")
        st.caption(page.md(session.say(_PROOF, buckets=buckets, **amounts)), width="content")


def _by_bucket(scope: Scope) -> None:
    edges = _edges(scope)
    words = bucket_words(edges) | ({0: _TODAY} if _by_bills(scope) else {})
    found = {row["bucket_no"]: row for row in page.rows("ageing", scope)}
    amounts = [found[code]["amount"] if code in found else Decimal(0) for code in words]
    counts = [found[code]["count"] if code in found else 0 for code in words]
    table = pa.table({"bucket": [session.say(word) for word in words.values()], "amount": _money(amounts), "count": counts})
    whole = sum((row["amount"] for code, row in found.items() if code or (code == 0 and _by_bills(scope))), Decimal(0))
    old = sum((row["amount"] for code, row in found.items() if code and code > _old_from(edges)), Decimal(0))
    values = {
        "days": edges[_old_from(edges) - 1],
        "amount": _short(old, scope),
        "share": formats.percent(old / whole if whole else None, 0),
    }
    finding = session.say((_OLD_BILLS if old else _NO_OLD_BILLS) if _by_bills(scope) else _OLD if old else _NONE_OLD, **values)
    about = session.say(_ABOUT, currency=scope.currency, date=_date(scope), count=formats.counted(sum(counts), "open item", "open items"))
    colours = [*theme.ramp(theme.palette().ageing, len(words) - 1), theme.palette().neutral]
    charts.bars(table, charts.Caption("ageing", finding, about), Axis("bucket", colours=colours), Measure("amount", scope.currency))


def _by_group(scope: Scope, by: str) -> None:
    column, _ = _BY[by]
    edges = _edges(scope)
    found = [
        {"bucket": row["bucket_no"], "amount": row["amount"], "count": row["count"], column: _group(row["label"], by)}
        for row in page.rows("ageing_by", scope, by=by)
        if row["bucket_no"]
    ]
    if not found:
        page.empty(_NOBODY)
        return
    old = _old_by(found, column, _old_from(edges))
    ranked = sorted(old, key=lambda name: -old[name])[:_MOST_GROUPS]
    kept = sorted((row for row in found if row[column] in ranked), key=lambda row: ranked.index(row[column]))
    days, most = edges[_old_from(edges) - 1], ranked[0]
    finding = session.say(
        _WHO if old.get(most) else _WHO_NONE, name=page.md(most), days=days, amount=_short(old.get(most, Decimal(0)), scope)
    )
    about = session.say(
        _ABOUT_BY_BILLS if _by_bills(scope) else _ABOUT_BY, currency=scope.currency, date=_date(scope), days=days, count=len(ranked)
    )
    words = {code: word for code, word in bucket_words(edges).items() if code}
    said = charts.Caption(f"ageing_by_{by}", finding, about)
    table = pa.Table.from_pylist(
        kept, pa.schema({column: pa.string(), "bucket": pa.int32(), "amount": pa.decimal128(18, 2), "count": pa.int64()})
    )
    charts.stacked(
        table,
        said,
        column,
        Measure("amount", scope.currency),
        Axis("bucket", words=words, colours=theme.ramp(theme.palette().ageing, len(words) + 1)[1:]),
    )


def _old_by(found: Sequence[Mapping[str, Any]], column: str, old_from: int) -> dict[str, Decimal]:
    old: dict[str, Decimal] = {}
    for row in found:
        old[row[column]] = old.get(row[column], Decimal(0)) + (row["amount"] if row["bucket"] > old_from else 0)
    return old


def _group(label: str | None, by: str) -> str:
    if label is None:
        return session.say(_NOBODYS)
    return session.say(terms.class_words(*label.split("-"))) if by == "class" else label


def _explained(table: pa.Table, language: Language) -> pa.Table:
    """The same rows with why the money is late and what to do next, in words."""
    records = table.to_pylist()
    reasons = [advice.reason(record).say(language) for record in records]
    steps = [advice.next_step(record).say(language) for record in records]
    return table.append_column("reason", pa.array(reasons, pa.string())).append_column("next_step", pa.array(steps, pa.string()))


def _with_credit(table: pa.Table) -> pa.Table:
    """The same rows with whether more bills may go out."""
    found = credit.states(table["customer_id"].to_pylist())
    states = [found.get(about) for about in zip(table["customer_id"].to_pylist(), table["currency"].to_pylist(), strict=True)]
    return table.append_column("credit_state", pa.array(states, pa.string()))


def _by_bills(scope: Scope) -> bool:
    """Whether age counts from the invoice's day: then an old bill need not be overdue."""
    return scope.basis == "invoice"


def _edges(scope: Scope) -> tuple[int, ...]:
    return scope.edges or tuple(page.rows("bucket_edges", scope)[0]["edges"])


def _old_from(edges: Sequence[int]) -> int:
    return min(_OLD_FROM, len(edges))


def _short(amount: Decimal, scope: Scope) -> str:
    return page.md(formats.money(amount, str(scope.currency), session.language(), compact=True))


def _date(scope: Scope) -> str:
    return formats.full_date(scope.as_of, session.language())


def _money(amounts: Sequence[Decimal]) -> pa.Array:
    return pa.array(list(amounts), pa.decimal128(18, 2))
