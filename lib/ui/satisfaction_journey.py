"""The customer's journey: for each stage how easy it was found, what was complained of, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from lib import formats
from lib.domain import kinds
from lib.domain.statistics import FEW_ANSWERS, FEWEST_FOR_SCORE
from lib.text import Text
from lib.ui import charts, page, session, tables, voice_charts
from lib.ui.filters import Scope
from lib.ui.scores import YEAR, as_text

_MEASURES: Final[dict[str, Text]] = {
    "score": Text("轻松 CES", "Easy (CES)"),
    "complaints": Text("投诉", "Complaints"),
    "days": Text("耗时", "Time"),
}
_HARDEST: Final = Text("“{stage}”最费力：{score}% 觉得轻松（n={n}）", "“{stage}” is hardest: {score}% found it easy (n={n})")
_NOTHING: Final = Text("还没有哪个环节有 {least} 个以上费力度回答", "No stage has {least} effort answers yet")
_ABOUT: Final = Text(
    "近 12 个月；颜色越深越差，耗时取中位、和前一年比，— 是账本没有记录。"
    "对账 = 开票到送出，付款 = 开票到结清，其余 = 该环节投诉和服务请求的历时",
    "12 months; darker is worse, median times against the year before, — is not on record. Reconciliation: bill to dispatch, "
    "payment: bill to money, else the life of complaints and requests of the stage",
)
_ANSWERS: Final = Text("n={n}", "n={n}")
_FEW: Final = Text("n={n}，样本少", "n={n}, few")
_BILLS: Final = Text("{n} 张账单", "{n}")
_CASES: Final = Text("{n} 件", "{n}")
_BEFORE: Final = Text("前一年 {days}", "before: {days}")
_TWICE: Final = 2
"""A time half as long again is as bad as it gets."""
_UNKNOWN: Final = Text("没有记录", "not on record")
_TABLE: Final = ("stage", "score", "low", "high", "n", "complaints", "bill_days", "case_days", "bills")


def show(scope: Scope) -> None:
    """A row per stage, a cell per measure, and the figures below."""
    table = page.read("journey", scope, since=scope.as_of - YEAR)
    before = page.rows("journey", scope, as_of=scope.as_of - YEAR, since=scope.as_of - 2 * YEAR)
    rows = [{**row, "before": then} for row, then in zip(table.to_pylist(), before, strict=True)]
    known = [row for row in rows if row["n"] >= FEWEST_FOR_SCORE]
    hardest = min(known, key=lambda row: row["score"], default=None)
    values = (
        {"stage": kinds.STAGE[hardest["stage"]], "score": formats.number(hardest["score"]), "n": formats.number(hardest["n"])}
        if hardest
        else {"least": FEWEST_FOR_SCORE}
    )
    cells = [cell for measure in _MEASURES for cell in _shaded([_cell(row, measure) for row in rows])]
    caption = charts.caption("journey", _HARDEST if hardest else _NOTHING, _ABOUT, **values)
    voice_charts.stages(pa.Table.from_pylist(cells), caption, _MEASURES)
    tables.plain(as_text(table, "score"), _TABLE, key="journey_figures")


def _cell(row: Mapping[str, Any], measure: str) -> dict[str, Any]:
    words = {"score": _score, "complaints": _complaints, "days": _days}[measure]
    bad, said, about = words(row)
    return {"stage_said": session.say(kinds.STAGE[row["stage"]]), "measure": measure, "bad": bad, "said": said, "about": about}


def _score(row: Mapping[str, Any]) -> tuple[float | None, str, str]:
    if row["n"] < FEWEST_FOR_SCORE:
        return None, formats.MISSING, session.say(_ANSWERS, n=row["n"]) if row["n"] else session.say(_UNKNOWN)
    about = session.say(_FEW if row["n"] < FEW_ANSWERS else _ANSWERS, n=formats.number(row["n"]))
    return 100 - row["score"], f"{formats.number(row['score'])}%", about


def _complaints(row: Mapping[str, Any]) -> tuple[float | None, str, str]:
    return float(row["complaints"]), formats.number(row["complaints"]), ""


def _days(row: Mapping[str, Any]) -> tuple[float | None, str, str]:
    """The time a stage takes against the year before: stages differ by nature, so one is not bad for being longer than another."""
    name, counted, one, more, words = (
        ("bill_days", "bills", "bill", "bills", _BILLS) if row["bill_days"] is not None else ("case_days", "cases", "case", "cases", _CASES)
    )
    now, then, language = row[name], row["before"][name], session.language()
    if now is None:
        return None, formats.MISSING, session.say(_UNKNOWN)
    if then is None:
        count = formats.counted(row[counted], one, more) if language == "en" else formats.number(row[counted])
        return 0.0, formats.days(now, language), session.say(words, n=count)
    about = session.say(_BEFORE, days=formats.days(then, language))
    return _TWICE * max(0.0, now / then - 1) if then else 0.0, formats.days(now, language), about


def _shaded(cells: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """How bad each is, 0 to 1: a time by how much it grew, anything else among its column."""
    worst = 1.0 if cells[0]["measure"] == "days" else max((cell["bad"] or 0 for cell in cells), default=0)
    return [{**cell, "badness": None if cell["bad"] is None else min(1.0, cell["bad"] / worst) if worst else 0.0} for cell in cells]
