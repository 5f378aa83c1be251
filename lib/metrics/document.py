"""The page that says what every number means, written from the catalog so that the two cannot part."""

from __future__ import annotations

from typing import Final

from lib.domain.access import ROLE_LABEL
from lib.metrics.catalog import BOARD, METRICS
from lib.metrics.listening import VOICE
from lib.metrics.metric import GROUPS, Group, Metric, Part

_HEAD: Final = """# Metrics · 指标

Made by `python -m lib.metrics > docs/METRICS.md`; a test keeps it current. Weeks run Monday to Sunday, the current one up to the
as-of date. Money is measured in one currency at a time. A ratio without a denominator has no value, and says why.
Groups stand in the order in which a review reads them.

"""
_UNIT: Final = {"money": "金额 money", "rate": "比率 rate, 0–1", "days": "天 days", "count": "个 count", "score": "分 points, −100 to 100"}
_GOOD: Final = {"up": "↑", "down": "↓"}


def page() -> str:
    """The whole page."""
    return _HEAD + "\n".join(_group(group) for group in GROUPS)


def _group(group: Group) -> str:
    found = [_entry(metric) for metric in METRICS.values() if metric.group == group]
    return "\n".join([f"## {GROUPS[group].zh} · {GROUPS[group].en}", "", *found])


def _entry(metric: Metric) -> str:
    owner = ROLE_LABEL[metric.owner]
    lines = [
        f"### {metric.label.zh} · {metric.label.en}",
        "",
        f"`{metric.name}` · {metric.kind} · {_UNIT[metric.unit]} · better {_GOOD[metric.good]}{_more(metric)}",
        f"负责 {owner.zh} · answers for it: {owner.en}",
        "",
        f"{metric.definition.zh}。",
        f"{metric.definition.en}.",
        "",
        f"- {metric.formula.zh} · {metric.formula.en}",
        f"- numerator: {_sum(metric.numerator)}",
    ]
    if metric.denominator:
        lines.append(f"- denominator: {_sum(metric.denominator)}")
    return "\n".join([*lines, ""])


def _more(metric: Metric) -> str:
    said = [f"last {metric.window} weeks"] if metric.window > 1 else []
    said += [f"target {metric.target}"] if metric.target is not None else []
    said += ["on the board"] if metric.name in (*BOARD, *VOICE) else []
    return "".join(f" · {words}" for words in said)


def _sum(part: Part) -> str:
    only = "" if part.only == "true" else f" where {part.only}"
    since = "all time" if part.running else "of the week"
    return f"sum of `{part.amount}` over `measured_{part.base}`{f' `{only.strip()}`' if only else ''}, {since}"
