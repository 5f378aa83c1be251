"""Why a customer has this credit grade and limit, one click away: points with their facts, what would lift them, how the limit comes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.domain import scoring
from lib.domain.scoring import Debt, Facts, Part, Weights
from lib.terms import VALUE
from lib.text import Text, listed
from lib.ui import charts, credit, families, page, session
from lib.ui.charts import Axis, Measure

_WHY: Final = Text("信用为什么", "Why this credit")
_TITLE: Final = Text("信用分和额度是怎么来的", "Where the credit score and the limit come from")
_FINDING: Final = Text("{score} 分，{grade}；丢分最多的是“{part}”：{lost} 分", "{score} points, {grade}; most is lost here: {part}, {lost}")
_ABOUT: Final = Text(
    "已知各项按 100 分折算，未知的项不计；{high} 分起为高，{mid} 分起为中",
    "Known parts out of 100, unknown ones left out; high from {high}, medium from {mid}",
)
_SCORE: Final = Text("信用分", "Score")
_POINTS: Final = Text("**{part}** {earned} / {most} · {fact}", "**{part}** {earned} of {most} · {fact}")
_UNKNOWN: Final = Text("**{part}** 不计 · {fact}", "**{part}** left out · {fact}")
_VALID: Final = Text(
    "这一评分靠近 {months} 个月结清的账单；若不再有付款，{day}后就未评。",
    "It rests on invoices settled in the last {months} months; without further payments it ends after {day}.",
)
_UNRATED: Final = Text(
    "未评：近 {months} 个月只结清 {paid}，满 {needed} 张才评。再结清 {missing} 就有评分。",
    "Not rated: {paid} settled in the last {months} months, {needed} are needed. {missing} more and there is a score.",
)
_COUNT: Final = Text("{count} 张", "{count}")
_LIFT: Final = Text("付清 {invoices} → {gain} 分 → {grade}", "Paying {invoices} → {gain} points → {grade}")
_FIRST: Final = Text("付清 {invoices} 就有评分：{grade}", "Paying {invoices} leads to a first rating: {grade}")
_NO_LIFT: Final = Text(
    "付清现有逾期也不会加分：拖过的账单按不按时计入。", "Paying what is overdue now adds no points: invoices paid late count as late."
)
_MOST_NAMED: Final = 6
_AND_MORE: Final = Text("{named} 等 {count}", "{named} and others, {count}")
_FACT: Final[dict[str, Text]] = {
    "punctuality": Text("结清的 {paid}里 {rate} 按时", "{rate} of {paid} settled on time"),
    "overdue": Text("未收的 {rate} 已逾期", "{rate} of what is open is overdue"),
    "promises": Text("到期的 {judged} 个承诺兑现 {kept} 个", "{kept} of {judged} promises kept"),
    "tenure": Text("{day}起往来", "in business with us since {day}"),
    "stability": Text("近四个季度有 {quarters} 个季度购买", "bought in {quarters} of the last four quarters"),
    "ability": Text("{size}企业", "{size} company"),
}
_NO_FACT: Final[dict[str, Text]] = {
    "punctuality": Text("结清的账单太少", "too few invoices settled"),
    "overdue": Text("没有未收", "nothing open"),
    "promises": Text("没有到期的承诺", "no promise has come due"),
    "tenure": Text("还没有账单", "no invoice yet"),
    "stability": Text("还没有账单", "no invoice yet"),
    "ability": Text("没有填写规模；补录后计入", "size not recorded; it counts once it is"),
}
_SIZE: Final = {"large": Text("大型", "large"), "medium": Text("中型", "medium"), "small": Text("小型", "small")}
_LIMIT: Final = Text("信用额度", "Credit limit")
_FROM_SALES: Final = Text(
    "{limit} = 近 12 个月 {amount} ÷ 12 × {months} 个月（信用{grade}）",
    "{limit} = {amount} in 12 months ÷ 12 × {months} months ({grade} credit)",
)
_APPROVED: Final = Text(
    "{limit}：另一人批准的额度，{day}止，到期自动恢复", "{limit}: approved by a second person until {day}, then as before"
)
_START: Final = Text("{limit}：未评或没有购买记录时的起始额度", "{limit}: what a customer not rated or without purchases starts with")
_USE: Final = Text("已占用 {exposure}（{used}）：{state}", "{exposure} in use ({used}): {state}")
_EDGES: Final = Text("{amber} 起提示，{red} 起警告，{stop} 停供", "noted from {amber}, warned from {red}, stopped at {stop}")


def button(customer_id: int) -> None:
    """The way to the reasons."""
    if st.button(session.say(_WHY), key="credit-why", icon=":material/help:", type="tertiary"):
        st.dialog(session.say(_TITLE), width="large")(session.run()(_why))(customer_id)


def _why(customer_id: int) -> None:
    found = page.row("credit_reasons", customer_id=customer_id)
    if found is not None:
        body = _rule("classification")
        _score(found, body)
        _lift(found, body)
    rows = page.rows("credit_standings", customer_ids=(customer_id,))
    if rows:
        page.section(_LIMIT)
    for row in rows:
        _limit(row, _rule("credit_stop"))
    families.show(customer_id)


def _rule(kind: str) -> dict[str, Any]:
    found = page.row("rule_in_force", kind=kind) or {"body": "{}"}
    body: dict[str, Any] = json.loads(found["body"])
    return body


def _score(found: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    """The points in a chart and in words; before there are enough, what is missing."""
    weights, facts, months = Weights.of(body), _facts(found), body["months"]
    parts = scoring.parts(facts, weights, session.as_of())
    if found["credit_grade"] == "unrated":
        said = {"paid": _invoices(facts.paid_invoices), "missing": _invoices(scoring.still_needed(facts, weights))}
        st.markdown(page.md(session.say(_UNRATED, months=months, needed=weights.known_from, **said)))
    else:
        _chart(scoring.visible(parts), found["credit_grade"], weights)
    shown = {part.name: part for part in scoring.visible(parts)}
    for part in parts:
        st.markdown(_part(shown.get(part.name), part.name, facts))
    if found["valid_until_on"] and found["credit_grade"] != "unrated":
        day = formats.full_date(found["valid_until_on"], session.language())
        st.caption(session.say(_VALID, months=months, day=day))


def _facts(found: Mapping[str, Any]) -> Facts:
    return Facts(**{name: found[name] for name in Facts.__dataclass_fields__})


def _chart(shown: Sequence[Part], grade: str, weights: Weights) -> None:
    score = sum(part.earned or 0 for part in shown)
    worst = max(shown, key=lambda part: part.most - (part.earned or 0))
    rows = [{"credit_part": part.name, "points": part.earned, "most_points": round(part.most)} for part in shown]
    table = pa.Table.from_pylist([*rows, {"credit_part": "score", "points": score, "most_points": 100}])
    said = charts.caption(
        "score",
        _FINDING,
        _ABOUT,
        score=formats.number(score),
        grade=session.say(VALUE["credit_grade"][grade]).lower(),
        part=session.say(VALUE["credit_part"][worst.name]),
        lost=formats.number(worst.most - (worst.earned or 0)),
        high=formats.number(weights.high),
        mid=formats.number(weights.mid),
    )
    words = {**VALUE["credit_part"], "score": _SCORE}
    charts.waterfall(table, said, Axis("credit_part", words=words), Measure("points"), ("score",), more_is_good=True)


def _part(part: Part | None, name: str, facts: Facts) -> str:
    word = session.say(VALUE["credit_part"][name])
    if part is None:
        return session.say(_UNKNOWN, part=word, fact=session.say(_NO_FACT[name]))
    values = {"part": word, "earned": formats.number(part.earned), "most": formats.number(part.most)}
    return session.say(_POINTS, **values, fact=page.md(_said(name, facts)))


def _said(name: str, facts: Facts) -> str:
    language, size = session.language(), _SIZE.get(facts.size or "")
    late = facts.overdue_amount / facts.open_amount if facts.open_amount else 0
    fact: dict[str, Callable[[], dict[str, object]]] = {
        "punctuality": lambda: {"paid": _invoices(facts.paid_invoices), "rate": formats.percent(facts.on_time_rate, 0)},
        "overdue": lambda: {"rate": formats.percent(min(1, max(0, late)), 0)},
        "promises": lambda: {"judged": facts.judged_promises, "kept": facts.kept_promises},
        "tenure": lambda: {"day": formats.full_date(facts.first_on, language)},
        "stability": lambda: {"quarters": min(4, facts.active_quarters or 0)},
        "ability": lambda: {"size": session.say(size) if size else facts.size},
    }
    return session.say(_FACT[name], **fact[name]())


def _invoices(count: int) -> str:
    return session.say(_COUNT, count=formats.counted(count, "invoice", "invoices"))


def _lift(found: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    """What would be gained by paying what is overdue."""
    if found["credit_grade"] == "high":
        return
    late = [row for row in page.rows("open_items", customer_id=found["customer_id"]) if row["days_overdue"] > 0]
    if not late:
        return
    late.sort(key=lambda row: -row["days_overdue"])
    debts = [Debt(row["invoice_no"], float(row["open_amount"]), row["days_overdue"]) for row in late]
    better = scoring.lift(_facts(found), debts, Weights.of(body), session.as_of())
    if better is None:
        st.caption(session.say(_NO_LIFT))
        return
    named = listed(better.invoices[:_MOST_NAMED]).say(session.language())
    if len(better.invoices) > _MOST_NAMED:
        named = session.say(_AND_MORE, named=named, count=_invoices(len(better.invoices)))
    gain = f"+{formats.number(better.gain, 0)}"
    said = _FIRST if found["credit_grade"] == "unrated" else _LIFT  # before there is a score there is nothing to gain on
    grade = session.say(VALUE["credit_grade"][better.grade])
    st.info(page.md(session.say(said, invoices=named, gain=gain, grade=grade)), icon=":material/trending_up:")


def _limit(row: Mapping[str, Any], rule: Mapping[str, Any]) -> None:
    """How the limit comes, and how much of it is in use."""
    state = credit.reason(row, session.language()) or session.say(VALUE["credit_state"][row["credit_state"]])
    used = session.say(_USE, exposure=_money(row, "exposure_amount"), used=formats.percent(row["used_rate"], 0), state=state)
    edges = session.say(_EDGES, **{name: formats.percent(rule[name], 0) for name in ("amber", "red", "stop")})
    st.markdown(page.md(_origin(row, rule)))
    st.caption(page.md(f"{used} · {edges}"))


def _origin(row: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    limit = _money(row, "limit_amount")
    if row["limit_until_on"]:
        return session.say(_APPROVED, limit=limit, day=formats.full_date(row["limit_until_on"], session.language()))
    if row["credit_grade"] == "unrated" or not row["amount_12m"]:
        return session.say(_START, limit=limit)
    months = formats.number(rule["months"][row["credit_grade"]], 0 if float(rule["months"][row["credit_grade"]]).is_integer() else 1)
    grade = session.say(VALUE["credit_grade"][row["credit_grade"]])
    return session.say(_FROM_SALES, limit=limit, amount=_money(row, "amount_12m"), months=months, grade=grade.lower())


def _money(row: Mapping[str, Any], name: str) -> str:
    return formats.money(row[name], row["currency"], session.language())
