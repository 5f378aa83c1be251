"""Teams and account managers beside what chance allows: who differs, on which number, and what their own numbers say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.domain.statistics import FEWEST_FOR_SCORE, Z
from lib.metrics import BOARD, METRICS, SHARES, VOICE
from lib.metrics.sharing import OUTSIDE, Placed, beyond, placed
from lib.metrics.variation import View
from lib.text import Text, listed
from lib.ui import board, charts, forms, page, session, tables, voice_charts
from lib.ui.filters import Scope

_BY: Final[dict[str, Text]] = {"team": Text("团队", "Teams"), "owner": Text("客户经理", "Account managers")}
_GROUPING: Final = Text("比什么", "Compare")
_METRIC: Final = Text("哪个比率", "Which share")
_NOBODY: Final = Text("未分配", "Nobody")
_MOST_SAID: Final = 3
_BEYOND: Final = Text("{count}超出偶然的范围，先看：{names}", "{count} beyond chance; first: {names}")
_PLACES: Final = Text("{count} 处", "{count}")
_ALIKE: Final = Text("各组的差别都在偶然的范围内：不必比高低。", "Every group lies within what chance allows: there is nothing to rank.")
_FIRST: Final = Text("{label} {metric} {share}（全体 {whole}）", "{label}, {metric} {share} (all: {whole})")
_ABOUT: Final = Text(
    "只比您看得到的客户，和他们合起来的比率比；不排名次，因为小组的比率自己就跳得大。",
    "Only customers you see, against all of them together; no league table, as the shares of small groups jump about by themselves.",
)
_ALONE: Final = Text(
    "您看得到的客户都归同一组，没有可比的。换一种分法，或看下面这一组自己的数。",
    "All customers you see belong to one group: there is nothing to compare. Group differently, or look at its own numbers below.",
)
_NOTHING: Final = Text(
    "还没有可以比的数。有了客户、联系、评分和承诺，这里就能看出哪个团队不同。",
    "Nothing to compare yet. With customers, touches, scores and promises this shows which team differs.",
)
_OUTSIDE: Final = Text("{metric}：{names} 超出偶然的范围", "{metric}: beyond chance {names}")
_WITHIN: Final = Text("{metric}：各组都在偶然的范围内", "{metric}: every group lies within what chance allows")
_NAMED: Final = Text("{label} {share}", "{label} {share}")
_FUNNEL: Final = Text(
    "{definition}。横轴是基数，虚线是全体 {whole}，带子是偶然（95%、3 个标准误），单位 %",
    "{definition}. Across: how many it rests on; dashed: all together {whole}; bands: chance (95%, 3 standard errors); per cent",
)
_RANGE: Final = Text("{low} – {high}", "{low} – {high}")
_MARKS: Final[dict[str, Text]] = {
    "better": Text("◆ 比大家好", "◆ better than the rest"),
    "worse": Text("◆ 比大家差", "◆ worse than the rest"),
    "near": Text("在 95% 之外，每 20 组平常有 1 组", "outside 95%, as 1 of 20 is by chance"),
    "within": Text("● 和大家一样", "● like the rest"),
    "few": Text("不到 {least} 个，不评", "under {least}: not judged"),
}
_OWN: Final = Text("{label}自己的数", "{label}: own numbers")
_OWN_ABOUT: Final = Text("和自己平常的波动比；点“看明细”打开客户", "Against its own usual ups and downs; details open the customers")
_COLUMNS: Final = ("label", "group_share", "group_verdict", "group_base", "usual")


def show(scope: Scope) -> None:
    """Who differs, the funnel of one share, and the numbers of the group that was clicked."""
    view = View(session.ledger(), session.actor(), scope.as_of, scope.known_at, scope.cut())
    # Who sees one team alone begins with its people.
    order = ("team", "owner") if len(_labels(placed(view, "team"))) > 1 else ("owner", "team")
    by = forms.switch("by", {name: _BY[name] for name in order}, _GROUPING)
    found = placed(view, by)
    labels = _labels(found)
    if not found:
        page.nothing_yet(_NOTHING)
        return
    if len(labels) == 1:
        page.empty(_ALONE)
        _own(by, labels[0], scope)
        return
    _headline(beyond(found))
    name = _chosen(found)
    _funnel([one for one in found if one.metric.name == name and one.standing != "few"])
    picked = _table([one for one in found if one.metric.name == name])
    if picked is not None:
        _own(by, picked or None, scope)


def _labels(found: Sequence[Placed]) -> list[str | None]:
    return sorted({one.label for one in found}, key=lambda label: label or "")


def _headline(outside: Sequence[Placed]) -> None:
    if outside:
        names = [_said(one) for one in outside[:_MOST_SAID]]
        count = session.say(_PLACES, count=formats.counted(len(outside), "place", "places"))
        st.markdown(f"#### {session.say(_BEYOND, count=count, names=Text('；'.join(names), '; '.join(names)))}")
    else:
        st.markdown(f"#### {session.say(_ALIKE)}")
    st.caption(session.say(_ABOUT))


def _said(one: Placed) -> str:
    share, whole = formats.percent(one.share), formats.percent(one.whole)
    return session.say(_FIRST, label=_label(one), metric=one.metric.label, share=share, whole=whole)


def _chosen(found: Sequence[Placed]) -> str:
    """The share that is looked at: those in which somebody differs are marked."""
    differs = {one.metric.name for one in beyond(found)}
    known = {one.metric.name for one in found}
    marks: dict[str, str] = {name: "◆ " if name in differs else "" for name in SHARES if name in known}
    labels = {name: Text(f"{mark}{METRICS[name].label.zh}", f"{mark}{METRICS[name].label.en}") for name, mark in marks.items()}
    return forms.switch("share", labels, _METRIC)


def _funnel(groups: Sequence[Placed]) -> None:
    if not groups:
        return
    metric, whole = groups[0].metric, groups[0].whole
    far = beyond(groups)
    names = [session.say(_NAMED, label=_label(one), share=formats.percent(one.share)) for one in far]
    values = {"metric": metric.label, **({"names": listed(names)} if names else {})}
    finding = session.say(_OUTSIDE if far else _WITHIN, **values)
    about = session.say(_FUNNEL, definition=metric.definition, whole=formats.percent(whole))
    limits = [_edge(groups[0], n) for n in voice_charts.sizes([one.n for one in groups])]
    caption = charts.Caption("teams_funnel", finding, about)
    voice_charts.funnel(pa.Table.from_pylist([_dot(one) for one in groups]), caption, pa.Table.from_pylist(limits))


def _dot(one: Placed) -> dict[str, Any]:
    outside = one.standing == "outside"
    named = {"is_outside": outside, "is_named": one.standing != "within", "is_better": one.is_better}
    return {"label": _name(one.label), "n": one.n, "score": 100 * one.share, **named}


def _edge(one: Placed, n: int) -> dict[str, float]:
    near, far = (replace(one, n=n).limits(errors) for errors in (Z, OUTSIDE))
    ends = {"low": near.low, "high": near.high, "lowest": far.low, "highest": far.high, "score": one.whole}
    return {"n": n, **{name: 100 * value for name, value in ends.items()}}


def _table(groups: Sequence[Placed]) -> str | None:
    """The same as rows; the label of the one clicked, empty for customers of nobody."""
    rows = [{**_row(one), "place": one.label or ""} for one in groups]
    return tables.pick(pa.Table.from_pylist(rows), _COLUMNS, key="team_shares", into="group", by="place")


def _row(one: Placed) -> dict[str, Any]:
    near = one.limits(Z)
    mark = one.standing if one.standing != "outside" else "better" if one.is_better else "worse"
    return {
        "label": _name(one.label),
        "group_share": formats.percent(one.share) if one.n >= FEWEST_FOR_SCORE else None,
        "group_base": one.n,
        "usual": session.say(_RANGE, low=formats.percent(near.low), high=formats.percent(near.high)),
        "group_verdict": session.say(_MARKS[mark], **({"least": FEWEST_FOR_SCORE} if mark == "few" else {})),
    }


def _own(by: str, label: str | None, scope: Scope) -> None:
    """The board of one group: its numbers against its own past."""
    field = "team" if by == "team" else "owner_id"
    meant = [row["choice"] for row in page.rows("filter_choices", scope) if row["field"] == field and row["label"] == label]
    if len(meant) != 1:
        return  # nobody's customers, or two people of one name: the filters of the other pages tell these apart
    st.subheader(session.say(_OWN, label=page.md(_name(label))), anchor=False)
    st.caption(session.say(_OWN_ABOUT))
    chosen: Any = int(meant[0]) if field == "owner_id" else meant[0]
    own = replace(scope, **{field: chosen})
    board.panel((*BOARD, *VOICE), own, "own_board")
    board.behind(own)


def _label(one: Placed) -> str:
    return page.md(_name(one.label))


def _name(label: str | None) -> str:
    return label or session.say(_NOBODY)
