"""What is asked of the benchmark company: each view's query as its page asks it, its target, and the same in pandas and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import pandas as pd

AS_OF: Final = date(2026, 6, 30)
Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Question:
    """One question: our query, the CPU milliseconds it may take at 100k customers, and how others would answer it."""

    title: str
    query: str
    target_ms: int | None
    parameters: Mapping[str, Hashable] = field(default_factory=dict)
    pandas: Callable[[Frames], Any] | None = None
    postgres: str | None = None


def _ageing(frames: Frames) -> Any:
    posting = frames["posting"]
    posting = posting[posting.on_date <= pd.Timestamp(AS_OF)]
    days = (pd.Timestamp(AS_OF) - posting.due_on).dt.days
    bucket = pd.cut(days, [-10_000, 0, 30, 60, 90, 180, 365, 10_000])
    return posting.groupby(["currency", bucket], observed=True).agg(amount=("amount", "sum"), items=("items", "sum"))


def _overdue(frames: Frames) -> Any:
    posting = frames["posting"]
    late = posting[(posting.on_date <= pd.Timestamp(AS_OF)) & (posting.due_on < pd.Timestamp(AS_OF))]
    late = late.assign(weight=late.amount * (pd.Timestamp(AS_OF) - late.due_on).dt.days)
    found = late.groupby("customer_id").agg(amount=("amount", "sum"), weight=("weight", "sum"), invoices=("items", "sum"))
    return found[found.amount > 0].nlargest(100, "weight").join(frames["customer"].set_index("customer_id"))


def _open_items(frames: Frames) -> Any:
    posting = frames["posting"]
    posting = posting[(posting.on_date <= pd.Timestamp(AS_OF)) & posting.due_on.notna()]
    found = posting.groupby(["invoice_id", "customer_id", "due_on"]).amount.sum().reset_index()
    return found[found.amount != 0].nsmallest(100, "due_on")


def _classes(frames: Frames) -> Any:
    entry = frames["entry"]
    year = entry[(entry.kind == "invoice") & (entry.on_date > pd.Timestamp(AS_OF) - pd.DateOffset(months=12))]
    found = year.groupby("customer_id").agg(n=("amount", "size"), total=("amount", "sum"))
    frequency = pd.cut(found.n, [0, 3, 8, 10_000_000])
    amount = pd.cut(found.total, [-1, 20_000, 100_000, 1e12])
    return found.groupby([frequency, amount], observed=True).total.agg(["size", "sum"])


def _nps(frames: Frames) -> Any:
    feedback = frames["feedback"]
    nps = feedback[feedback.metric == "nps"]
    value = (nps.score >= 9).astype(int) - (nps.score <= 6).astype(int)
    return value.groupby(nps.on_date.dt.to_period("M")).agg(["size", "mean", "var"])


def _customer(frames: Frames) -> Any:
    return [
        frame[frame.customer_id == 17].sort_values("on_date").tail(200)
        for frame in (frames["entry"], frames["feedback"], frames["activity"])
    ]


def _search(frames: Frames) -> Any:
    customer = frames["customer"]
    return customer[customer.name.str.contains("恒远", regex=False) | customer.initials.str.contains("恒远", regex=False)].head(20)


_PG_AGEING: Final = """
    select currency, width_bucket(date '2026-06-30' - due_on, array[1, 31, 61, 91, 181, 366]), sum(amount), sum(items)
    from posting where on_date <= date '2026-06-30' group by 1, 2
"""
_PG_OVERDUE: Final = """
    with late as (
        select customer_id, sum(amount) as amount, sum(items) as invoices, sum(amount * (date '2026-06-30' - due_on)) as weight
        from posting where on_date <= date '2026-06-30' and due_on < date '2026-06-30' group by customer_id having sum(amount) > 0
    )
    select * from late inner join customer using (customer_id) order by weight desc limit 100
"""
_PG_OPEN: Final = """
    select invoice_id, customer_id, due_on, sum(amount) from posting where on_date <= date '2026-06-30' and due_on is not null
    group by 1, 2, 3 having sum(amount) <> 0 order by due_on limit 100
"""
_PG_CLASSES: Final = """
    with year as (
        select customer_id, count(*) as n, sum(amount) as total from entry
        where kind = 'invoice' and on_date > date '2025-06-30' group by customer_id
    )
    select width_bucket(n, array[0, 4, 9]), width_bucket(total, array[0, 20000, 100000]::numeric[]), count(*), sum(total)
    from year group by 1, 2
"""
_PG_NPS: Final = """
    select
        date_trunc('month', on_date), count(*), avg((score >= 9)::int - (score <= 6)::int),
        var_samp((score >= 9)::int - (score <= 6)::int)
    from feedback where metric = 'nps' group by 1
"""
_PG_CUSTOMER: Final = """
    select on_date, kind from (
        select on_date, kind from entry where customer_id = 17
        union all select on_date, metric from feedback where customer_id = 17
        union all select on_date, kind from activity where customer_id = 17
    ) as dated order by on_date desc limit 200
"""
_PG_SEARCH: Final = "select * from customer where name like '%恒远%' or initials like '%恒远%' limit 20"

QUESTIONS: Final = (
    Question("ageing 账龄", "ageing", 30, {"currency": "CNY"}, _ageing, _PG_AGEING),
    Question("ageing of every customer, a year ago", "ageing_by_customer", 300, {"as_of": date(2025, 6, 30)}),
    Question("ageing by owner", "ageing_by", None, {"by": "owner"}),
    Question("ageing by class", "ageing_by", None, {"by": "class"}),
    Question("collecting list 催收", "worklist", 300, {"currency": "CNY", "view": "todo", "limit": 100}),
    Question("overdue list 逾期", "overdue_customers", 70, {"currency": "CNY", "limit": 100}, _overdue, _PG_OVERDUE),
    Question("open items", "open_items", 70, {"limit": 100}, _open_items, _PG_OPEN),
    Question("ledger proof 对平", "ledger_proof", None),
    Question("class matrix 分类", "class_matrix", 35, {}, _classes, _PG_CLASSES),
    Question("all four grades", "classes", 400),
    Question("value of customers 价值", "value_customers", None, {"currency": "CNY", "limit": 100}),
    Question("NPS trend 满意度", "satisfaction", 30, {"metric": "nps", "period": "month", "since": date(2023, 7, 1)}, _nps, _PG_NPS),
    Question("customer 360", "customer_timeline", 40, {"customer_id": 17, "limit": 200}, _customer, _PG_CUSTOMER),
    Question("search 搜索", "search_customers", 20, {"search": "恒远", "limit": 20}, _search, _PG_SEARCH),
    Question("what a person may filter by", "filter_choices", None),
)
