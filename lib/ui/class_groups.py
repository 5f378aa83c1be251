"""Classes beside other dimensions: size, industry, region, what customers mostly buy, and how they are rated."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pyarrow as pa

from lib import formats
from lib.text import Language, Text
from lib.ui import charts, class_rating, downloads, forms, page, session, tables
from lib.ui.charts import Axis, Measure
from lib.ui.downloads import Offer
from lib.ui.filters import Scope

BY: Final = {
    "region": Text("地区", "Region"),
    "industry": Text("行业", "Industry"),
    "size": Text("规模", "Size"),
    "product": Text("常买的产品", "Favourite product"),
    **class_rating.RATED,
}
_SIZES: Final = {"large": Text("大型", "Large"), "medium": Text("中型", "Medium"), "small": Text("小型", "Small")}
_BY_LABEL: Final = Text("按什么分", "By")
_FINDING: Final = Text("{label}占近 12 个月金额的 {share}", "{label} makes {share} of twelve months' amount")
_ABOUT: Final = Text("近 12 个月金额，{currency}，截至 {date}", "Amount of 12 months, {currency}, as of {date}")
_PRODUCT: Final = Text("每个客户算在买得最多的产品下", "Each customer counts under the product it spent most on")
_UNKNOWN: Final = Text("没有填写", "Not recorded")
_NO_LINES: Final = Text("没有产品明细", "No lines")
_TITLE: Final = Text("各组", "Groups")
_MOST: Final = 50
_BARS: Final = 12
_COLUMNS: Final = ("group_name", "customers", "total", "total_rate", "top_count", "top_amount", "dormant_count")


def show(scope: Scope) -> None:
    """Where the money and the best customers are, by one dimension at a time."""
    by = forms.switch("dimension", BY, _BY_LABEL)
    if by in class_rating.RATED:
        class_rating.show(scope, by)
        return
    asked = page.question("class_by", scope, by=by, limit=_MOST)
    language = session.language()
    table = worded(asked.answer(), by, language)
    rows = [row for row in table.to_pylist() if row["total"]]
    if rows:
        first = rows[0]
        share = formats.percent(first["total_rate"], 0)
        about = {"currency": scope.currency, "date": formats.full_date(scope.as_of, language)}
        said = charts.caption(f"class_by_{by}", _FINDING, _ABOUT, label=page.md(first["group_name"]), share=share, **about)
        charts.bars(table.slice(0, _BARS), said, Axis("group_name"), Measure("total", str(scope.currency)))
    page.section(_TITLE, _PRODUCT if by == "product" else None)
    downloads.export(Offer(BY[by], asked, table.num_rows, prepare=lambda answer: worded(answer, by, language)), scope)
    tables.plain(table, _COLUMNS, key=f"class_by_{by}_table")


def worded(table: pa.Table, by: str, language: Language) -> pa.Table:
    """Each group's name, and its share of the money of all of them."""
    missing = _NO_LINES if by == "product" else _UNKNOWN
    names = [_name(label, by, missing, language) for label in table["label"].to_pylist()]
    totals = table["total"].to_pylist()
    whole = sum(totals, Decimal(0))
    shares = pa.array([float(total / whole) if whole else None for total in totals], pa.float64())
    return table.append_column("group_name", pa.array(names, pa.string())).append_column("total_rate", shares)


def _name(label: str | None, by: str, missing: Text, language: Language) -> str:
    if label is None:
        return missing.say(language)
    return _SIZES[label].say(language) if by == "size" and label in _SIZES else label
