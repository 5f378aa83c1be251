"""`report WHAT`: ageing, overdue, open items, statement, classes, satisfaction, metrics as JSON or CSV; `report weekly` in every format.

Columns are a public interface.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from lib import metrics
from lib.cli import weekly
from lib.cli.frame import day, known_at, language, open_ledger, say_rows, write
from lib.domain import advice, scores
from lib.domain.access import SYSTEM
from lib.errors import NotFound, Refused
from lib.papers.review.files import FILES
from lib.papers.statement import Wanted, statement
from lib.store.ledger import Ledger
from lib.store.query import catalog, rows
from lib.store.settings import today
from lib.text import Text

Row = dict[str, Any]
COLUMNS: Final = {
    "ageing": ("currency", "bucket", "count", "amount"),
    "overdue": ("customer", "name", "currency", "overdue_amount", "max_days", "invoices", "reason"),
    "open-items": ("invoice_no", "customer", "on_date", "due_on", "currency", "open_amount", "days_overdue"),
    "statement": ("on_date", "doc_no", "kind", "debit", "credit", "balance"),
    "classes": ("frequency", "amount", "habit", "credit", "customers", "total"),
    "satisfaction": ("metric", "period", "n", "score", "low", "high"),
    "kpis": ("metric", "week", "value", "numerator", "denominator", "n"),
}
"""What each report says, in this order; with --by the group stands before them."""
_WEEKLY: Final = "weekly"
_BY: Final = {
    "ageing": ("customer", "owner", "region", "team", "segment", "class"),
    "classes": ("customer",),
    "satisfaction": tuple(scores.BY),
    "kpis": ("region", "owner", "team", "segment"),
}
_ROUNDED: Final = {
    "money": Decimal("0.01"),
    "rate": Decimal("0.000001"),
    "days": Decimal("0.1"),
    "score": Decimal("0.0001"),
    "count": Decimal(1),
}

_NO_CUSTOMER = Text("没有账号为 {account_no} 的客户。", "There is no customer with account number {account_no}.")
_WEEKLY_ONLY = Text(
    "{format} 只用于周报：report weekly --format {format} --output 文件。",
    "{format} is for the weekly report: report weekly --format {format} --output FILE.",
)
_WHOSE = Text("对账单要指明客户：加上 --customer 客户账号。", "A statement is one customer's: add --customer ACCOUNT_NO.")
_PDF_NEEDS = Text(
    "PDF 只用于对账单：report statement --customer 客户账号 --format pdf --out 文件。",
    "PDF is for statements: report statement --customer ACCOUNT_NO --format pdf --out FILE.",
)
_BAD_EDGES = Text("--buckets 要写成递增的天数，如 30,60,90。", "Write --buckets as rising numbers of days, such as 30,60,90.")
_BAD_BY = Text("这份报告不能按“{by}”分组；可用：{possible}。", "This report cannot be split by “{by}”; possible: {possible}.")


@dataclass(frozen=True, slots=True)
class Asked:
    """One report as asked for: the ledger, what was given, and the dates and filters that follow from it."""

    ledger: Ledger
    chosen: argparse.Namespace
    as_of: date
    known_at: datetime | None
    filters: dict[str, Hashable]

    def rows(self, name: str, **more: Hashable) -> list[Row]:
        """A query's answer; it gets those parameters it takes."""
        given = {"as_of": self.as_of, "known_at": self.known_at, **self.filters, **more}
        taken = catalog()[name].parameters
        return rows(self.ledger, SYSTEM, name, **{key: value for key, value in given.items() if key in taken})


def add(verbs: Any) -> None:  # noqa: ANN401 (argparse keeps the type of its subparsers to itself)
    """Declare the verb."""
    verb = verbs.add_parser("report", help="what the ledger says, as JSON or CSV")
    verb.add_argument("what", choices=[*COLUMNS, _WEEKLY])
    verb.add_argument("--as-of", metavar="DATE", help="what was true at the end of this day (default today; in the demo its fixed date)")
    verb.add_argument("--known-at", metavar="MOMENT", help="by what was known then: a date means the end of that day, a moment is UTC")
    verb.add_argument("--customer", metavar="ACCOUNT_NO", help="one customer only")
    verb.add_argument("--currency", help="one currency only")
    verb.add_argument(
        "--format",
        choices=("json", "csv", *(form for form in FILES if form != "json")),
        default="json",
        help="pdf: a statement as customers get it, or the weekly report; pptx, xlsx, html, brief: the weekly report",
    )
    verb.add_argument("--out", "--output", type=Path, metavar="FILE", help="the file to write; it is never overwritten")
    weekly.options(verb)
    verb.add_argument("--from", dest="from_on", metavar="DATE", help="pdf: the first day listed (default: the month two before)")
    verb.add_argument("--buckets", metavar="DAYS", help="ageing: edges such as 30,60,90")
    verb.add_argument("--basis", choices=("due", "invoice"), default="due", help="ageing: days since the due date or since the invoice")
    verb.add_argument(
        "--by", help="ageing: customer, owner, region, team, segment, class; classes: customer; satisfaction and kpis: region, owner, ..."
    )
    verb.add_argument(
        "--period", choices=("month", "quarter", "rolling", "wave", "all"), default="all", help="satisfaction: one score per period"
    )
    verb.add_argument("--weeks", type=int, default=13, help="kpis: how many weeks")
    verb.set_defaults(run=_report)


def _report(chosen: argparse.Namespace) -> None:
    _refuse_by(chosen)
    if chosen.what == _WEEKLY:
        with open_ledger() as ledger:
            weekly.report(ledger, chosen, chosen.language or language())
        return
    if chosen.format not in ("json", "csv", "pdf"):
        raise Refused(_WEEKLY_ONLY, format=chosen.format)
    if chosen.format == "pdf":
        _pdf(chosen)
        return
    with open_ledger() as ledger:
        answer = _REPORTS[chosen.what](_asked(ledger, chosen))
    group = (chosen.by,) if chosen.by else ()
    say_rows(answer, (*group, *COLUMNS[chosen.what]), chosen.format)


def _pdf(chosen: argparse.Namespace) -> None:
    """The statement as a file of its own."""
    if chosen.what != "statement" or not chosen.out or not chosen.customer:
        raise Refused(_PDF_NEEDS)
    with open_ledger() as ledger:
        asked = _asked(ledger, chosen)
        from_on = day(chosen.from_on) if chosen.from_on else None
        customer_id = _customer_id(ledger, chosen.customer)
        assert customer_id is not None
        wanted = Wanted(customer_id, asked.as_of, language(), from_on, chosen.currency, asked.known_at)
        made = statement(ledger, SYSTEM, wanted)
    write(chosen.out, made.content)


def _ageing(asked: Asked) -> list[Row]:
    edges = _edges(asked.chosen.buckets) or tuple(asked.rows("bucket_edges")[0]["edges"])
    by = asked.chosen.by
    name = {None: "ageing", "customer": "ageing_by_customer"}.get(by, "ageing_by")
    found = asked.rows(name, edges=edges, by=by)
    group = "account_no" if by == "customer" else "label"
    return [{**row, **({by: row[group]} if by else {}), "bucket": bucket(row["bucket_no"], edges)} for row in found]


def bucket(bucket_no: int | None, edges: Sequence[int]) -> str:
    """A bucket's name in files: not_due, 1-30, ..., >365, unallocated."""
    if bucket_no is None:
        return "unallocated"
    if bucket_no == 0:
        return "not_due"
    return f">{edges[-1]}" if bucket_no > len(edges) else f"{(0, *edges)[bucket_no - 1] + 1}-{edges[bucket_no - 1]}"


def _overdue(asked: Asked) -> list[Row]:
    found = asked.rows("overdue_customers")
    return [{**row, "customer": row["account_no"], "reason": advice.reason(row).say(language())} for row in found]


def _statement(asked: Asked) -> list[Row]:
    if asked.filters["customer_id"] is None:
        raise Refused(_WHOSE)
    return asked.rows("statement")


def _classes(asked: Asked) -> list[Row]:
    single = asked.chosen.by is not None
    found = asked.rows("class_of_customers" if single else "classes")
    alone = {"customers": 1} if single else {}
    return [{**row, **alone, **_grades(row)} for row in found]


def _grades(row: Row) -> Row:
    named = {"amount": row["amount_grade"], "credit": row["credit_grade"]}
    return {**named, "customer": row["account_no"], "total": row["amount_12m"]} if "account_no" in row else named


def _satisfaction(asked: Asked) -> list[Row]:
    by = asked.chosen.by
    rounded = ("score", "low", "high")
    found = asked.rows(scores.counted_by(by), by=by, period=asked.chosen.period)
    return [{**row, **{name: round(row[name], 4) for name in rounded}, **({by: row["label"]} if by else {})} for row in found]


def _kpis(asked: Asked) -> list[Row]:
    chosen, by = asked.chosen, asked.chosen.by
    currency = chosen.currency or next((row["currency"] for row in asked.rows("currencies")), None)
    found = metrics.measure(
        asked.ledger,
        SYSTEM,
        list(metrics.METRICS),
        asked.as_of,
        known_at=asked.known_at,
        weeks=chosen.weeks,
        by=by,
        scope=metrics.Cut(currency),
    )
    return [{**_numbers(measured), **({by: measured.label} if by else {})} for measured in found]


def _numbers(measured: metrics.Measurement) -> Row:
    year, week, _ = measured.week_on.isocalendar()
    metric = metrics.METRICS[measured.metric]
    return {
        "metric": measured.metric,
        "week": f"{year}-W{week:02}",
        "value": _plain(measured.value, _ROUNDED[metric.unit]),
        "numerator": _plain(measured.numerator),
        "denominator": _plain(measured.denominator),
        "n": measured.n,
    }


def _plain(value: Decimal | None, places: Decimal | None = None) -> Decimal | None:
    return value if value is None or places is None else value.quantize(places)


_REPORTS: Final[dict[str, Callable[[Asked], list[Row]]]] = {
    "ageing": _ageing,
    "overdue": _overdue,
    "open-items": lambda asked: asked.rows("open_items"),
    "statement": _statement,
    "classes": _classes,
    "satisfaction": _satisfaction,
    "kpis": _kpis,
}


def _refuse_by(chosen: argparse.Namespace) -> None:
    possible = _BY.get(chosen.what, ())
    if chosen.by and chosen.by not in possible:
        names = ", ".join(possible) or "—"
        raise Refused(_BAD_BY, by=chosen.by, possible=Text(names, names))


def _asked(ledger: Ledger, chosen: argparse.Namespace) -> Asked:
    as_of = day(chosen.as_of) if chosen.as_of else today(ledger)
    customer_id = _customer_id(ledger, chosen.customer)
    filters = {"customer_id": customer_id, "currency": chosen.currency, "basis": chosen.basis}
    return Asked(ledger, chosen, as_of, known_at(ledger, chosen.known_at), filters)


def _customer_id(ledger: Ledger, account_no: str | None) -> int | None:
    if account_no is None:
        return None
    found = rows(ledger, SYSTEM, "customer_by_account", account_no=account_no)
    if not found:
        raise NotFound(_NO_CUSTOMER, account_no=account_no)
    return int(found[0]["customer_id"])


def _edges(given: str | None) -> tuple[int, ...] | None:
    if given is None:
        return None
    parts = given.replace("，", ",").split(",")
    edges = tuple(int(part) for part in parts if part.strip().isdecimal())
    if len(edges) != len(parts) or any(low >= high for low, high in zip((0, *edges), edges, strict=False)):
        raise Refused(_BAD_EDGES)
    return edges
