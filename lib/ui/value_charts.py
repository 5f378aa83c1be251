"""The drawings customer value needs of its own: how unevenly money is spread, and whether what was said came about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import altair as alt
import pyarrow as pa

from lib import formats
from lib.ui import theme
from lib.ui.charts import Drawing, _base, _framed, _records, _tip

_EVEN = ({"x": 0.0, "y": 0.0}, {"x": 1.0, "y": 1.0})


@_framed
def concentration(table: pa.Table) -> Drawing:
    """Customers from the largest on, and the share of money they make; the dashed line is money spread evenly.

    Frame: customer_rate, money_rate, rising.
    """
    colours = theme.palette()
    records = [{"customer_rate": 0.0, "money_rate": 0.0}, *_records(table)]
    _said(records, ("customer_rate", "money_rate"))
    base = _base(records).encode(x=alt.X("customer_rate:Q", **_share()), y=alt.Y("money_rate:Q", **_share()))
    tips = [_tip(f"{name}_said", name) for name in ("customer_rate", "money_rate")]
    area = base.mark_area(color=colours.band)
    line = base.mark_line(color=colours.ink).encode(tooltip=tips)
    return area + _diagonal() + line, 280


@_framed
def calibration(table: pa.Table) -> Drawing:
    """A dot for each bin: what was said on average and what happened; on the dashed line both are the same.

    Frame: said_rate, happened_rate, tried_count.
    """
    records = _records(table)
    _said(records, ("said_rate", "happened_rate"))
    tips = [_tip("said_rate_said", "said_rate"), _tip("happened_rate_said", "happened_rate"), _tip("tried_count", "tried_count")]
    base = _base(records).encode(x=alt.X("said_rate:Q", **_share()), y=alt.Y("happened_rate:Q", **_share()), tooltip=tips)
    dots = base.mark_point(filled=True, size=110, color=theme.palette().ink)
    return _diagonal() + base.mark_line(color=theme.palette().neutral) + dots, 280


def _said(records: Sequence[dict[str, object]], names: tuple[str, ...]) -> None:
    for record in records:
        record |= {f"{name}_said": formats.percent(record[name]) for name in names}  # type: ignore[arg-type]


def _diagonal() -> alt.Chart:
    line = _base(_EVEN).mark_line(strokeDash=[4, 4], color=theme.palette().neutral)
    return cast("alt.Chart", line.encode(x=alt.X("x:Q", **_share()), y=alt.Y("y:Q", **_share())))


def _share() -> dict[str, Any]:
    return {"title": None, "scale": alt.Scale(domain=[0, 1]), "axis": alt.Axis(format="%", tickCount=5, grid=False)}
