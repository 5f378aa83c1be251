"""The track record of models: which are used, how they ranked at past origins beside their simple rules, and fitting them anew."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats, terms
from lib.commands import models
from lib.domain.access import Permission
from lib.domain.access import Scope as Sight
from lib.domain.worth import MODEL, RULE
from lib.errors import Refused
from lib.text import Text
from lib.ui import charts, downloads, page, session, tables, value_charts
from lib.ui.downloads import Offer
from lib.ui.filters import Scope

_TITLE: Final = Text("模型可信吗", "Can the models be trusted")
_ABOUT: Final = Text(
    "每个模型都在账本自己的过去上检验：站在四个起点，只看当时已有的事实，再与其后 91 天对照；旁边是简单规则。"
    "排序准确度：随机取一个发生的和一个没发生的，排对的机会，0.5 等于碰运气。",
    "Each model is tried on the ledger's own past: from four origins, with only what was there by then, held against the 91 days after; "
    "beside it the simple rule. Ranking: of one that came about and one that did not, the chance to put them right; 0.5 is luck.",
)
_NEVER: Final = Text(
    "这一天还没有算过模型。能看到全部客户的经理可以现在计算。",
    "No model has been fitted by this day. A manager who sees all customers can do it now.",
)
_FIT: Final = Text("计算模型", "Fit the models")
_DONE: Final = Text("模型已计算：{scores} 个预测", "Models fitted: {scores} forecasts")
_FITTED: Final = Text("最近计算：{day}", "Last fitted: {day}")
_USES_MODEL: Final = Text(
    "**{model}**：用模型。{tried} 个起点里 {wins} 次明显好过“{rule}”；最近一次 {auc}，规则 {rule_auc}。",
    "**{model}**: the model is used. At {wins} of {tried} origins it clearly beat “{rule}”; last time {auc}, the rule {rule_auc}.",
)
_USES_RULE: Final = Text(
    "**{model}**：用简单规则“{rule}”。模型要在四个起点里至少 {needed} 次明显更好才会启用，现在 {tried} 个起点里 {wins} 次。",
    "**{model}**: the simple rule “{rule}” is used. A model takes over once it is clearly better at {needed} of four origins; "
    "now it is at {wins} of {tried}.",
)
_UNTRIED: Final = Text(
    "**{model}**：用简单规则“{rule}”。历史还太短，没有起点可以检验模型。",
    "**{model}**: the simple rule “{rule}” is used. The history is too short yet to try the model.",
)
_COVERED: Final = Text(
    "金额的“多半在”该装下八成以上的客户，最近一次检验里装下了 {share}。",
    "The likely amounts should hold 80% of customers or more; in the last trial they held {share}.",
)
_REFUSED: Final = Text("**{model}**：用简单规则。{why}", "**{model}**: the simple rule is used. {why}")
_CREDIT_BETTER: Final = Text(
    "**信用分**：比单看按期付款率更会区分后来是否拖欠：{auc}，单看习惯 {rule_auc}。",
    "**Credit score**: tells later late payers better than the share paid on time alone: {auc}, habit alone {rule_auc}.",
)
_CREDIT_SAME: Final = Text(
    "**信用分**：老实说，它并不比单看按期付款率更准：{auc}，单看习惯 {rule_auc}，差别在误差内。",
    "**Credit score**: in all honesty no better than the share paid on time alone: {auc}, habit {rule_auc}, a difference within chance.",
)
_CREDIT_WORSE: Final = Text(
    "**信用分**：老实说，它不如单看按期付款率：{auc}，单看习惯 {rule_auc}。该重新考虑各项的权重。",
    "**Credit score**: in all honesty worse than the share paid on time alone: {auc}, habit {rule_auc}. Its weights need a second look.",
)
_READS_MODEL: Final = Text(
    "**{model}**：用模型读评语。在没学过的 {n} 条评语上，模型判对 {accuracy}，词表 {rule_accuracy}。",
    "**{model}**: the model reads comments. Of {n} it had not learned from, it judged {accuracy} rightly, the word list {rule_accuracy}.",
)
_READS_WORDS: Final = Text(
    "**{model}**：用词表读评语。模型在没学过的 {n} 条评语上判对 {accuracy}，词表 {rule_accuracy}：没有明显更好，不启用。",
    "**{model}**: the word list reads comments. Of {n} not learned from, the model judged {accuracy} rightly, the list {rule_accuracy}: "
    "not clearly better.",
)
_GRADES: Final = Text(
    "评为高的 {high}、中的 {mid}、低的 {low} 后来多数账单晚付。", "Of high {high}, medium {mid}, low {low} then paid mostly late."
)
_OF: Final = Text("{share}（{n} 个）", "{share} (n={n})")
_CALIBRATION: Final = Text("说会再买的，真的买了吗：平均差 {error}", "Did those said to buy again buy: off by {error} on average")
_CALIBRATION_ABOUT: Final = Text(
    "起点 {day}，{n} 个客户；横轴：说会在 91 天内买的可能，纵轴：真的买了的比例；虚线是说到做到",
    "From {day}, {n} customers; across: chance said to buy within 91 days, up: share that did; dashed: as said",
)
_TOTALS: Final = Text(
    "次数：说 {said}，实际 {came}；金额：说 {amount}，实际 {amount_came}",
    "purchases: said {said}, came {came}; amount: said {amount}, came {amount_came}",
)
_COLUMNS: Final = ("model", "fitted_on", "tried_count", "ranking", "rule_ranking", "lead", "brier", "calibration", "detail")


def show(scope: Scope) -> None:
    """Which models are used and why, their trials, and the button that fits them."""
    page.section(_TITLE, _ABOUT)
    runs = page.rows("model_runs", scope)
    _button(runs)
    if not runs:
        page.empty(_NEVER)
        return
    for sentence in _sentences(runs):
        st.markdown(sentence)
    asked = page.question("model_runs", scope)
    table = told(asked.answer())
    if table.num_rows:
        downloads.export(Offer(terms.MODELS, asked, table.num_rows, _ABOUT, prepare=told), scope)
        tables.plain(table, _COLUMNS, key="model_trials")
    _calibration(runs)


def told(table: pa.Table) -> pa.Table:
    """Trials, and live runs whose time is over, with their figures in words."""
    rows = [_row(row) for row in table.to_pylist() if row["figures"] and "auc" in json.loads(row["figures"])]
    names = {"model": pa.string(), "fitted_on": pa.date32(), "tried_count": pa.int64()}
    schema = pa.schema([(name, names.get(name, pa.string())) for name in _COLUMNS])
    return pa.Table.from_pylist(rows, schema=schema)


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    figures = json.loads(row["figures"])
    ranked = {"ranking": _interval(figures["auc"]), "rule_ranking": _interval(figures["rule_auc"]), "lead": _lead(figures["lead"])}
    off = {"brier": _pair(figures, "brier"), "calibration": formats.number(figures.get("calibration_error"), 3)}
    told_of = {"model": row["model"], "fitted_on": row["fitted_on"], "tried_count": figures["n"], "detail": _detail(figures)}
    return {**told_of, **ranked, **off}


def _detail(figures: Mapping[str, Any]) -> str | None:
    if "grades" in figures:
        return session.say(_GRADES, **_grades(figures))
    if figures.get("amount_came") is None:  # not of this model, or for who sees the whole company
        return None
    numbers = {name: formats.number(figures[name]) for name in ("said", "came")}
    money = {
        name: formats.money(Decimal(round(figures[key])), figures["currency"], session.language(), compact=True)
        for name, key in (("amount", "amount_said"), ("amount_came", "amount_came"))
    }
    return session.say(_TOTALS, **numbers, **money)


def _sentences(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    found = []
    for model in ("purchases", "late"):
        live = next((run for run in runs if run["model"] == model and run["kind"] == "live"), None)
        last = next((run for run in runs if run["model"] == model and run["kind"] == "trial"), None)
        if live:
            found.append(_used(model, live, last))
    last = next((run for run in runs if run["model"] == "credit"), None)
    if last:
        found.append(_credit(json.loads(last["figures"])))
    live = next((run for run in runs if run["model"] == "text" and run["kind"] == "live"), None)
    if live:
        found.append(_reading(live, next((run for run in runs if run["model"] == "text" and run["kind"] == "trial"), None)))
    return found


def _reading(live: Mapping[str, Any], trial: Mapping[str, Any] | None) -> str:
    """Who reads comments, and how often rightly."""
    if trial is None:
        return session.say(_REFUSED, model=MODEL["text"], why=page.md(json.loads(live["parameters"])["refused"][session.language()]))
    figures = json.loads(trial["figures"])
    right = {name: formats.percent(figures[name]) for name in ("accuracy", "rule_accuracy")}
    return session.say(
        _READS_MODEL if live["uses"] == "model" else _READS_WORDS, model=MODEL["text"], n=formats.number(figures["n"]), **right
    )


def _used(model: str, live: Mapping[str, Any], last: Mapping[str, Any] | None) -> str:
    parameters = json.loads(live["parameters"])
    if "refused" in parameters:
        return session.say(_REFUSED, model=MODEL[model], why=page.md(parameters["refused"][session.language()]))
    counts = {name: parameters[name] for name in ("wins", "tried", "needed")}
    if not parameters["tried"]:
        return session.say(_UNTRIED, model=MODEL[model], rule=RULE[model])
    if live["uses"] == "rule" or last is None:
        return session.say(_USES_RULE, model=MODEL[model], rule=RULE[model], **counts)
    figures = json.loads(last["figures"])
    ranked = {"auc": _interval(figures["auc"]), "rule_auc": _interval(figures["rule_auc"])}
    del counts["needed"]
    said = session.say(_USES_MODEL, model=MODEL[model], rule=RULE[model], **counts, **ranked)
    held = figures.get("covered")
    return said if held is None else f"{said} {session.say(_COVERED, share=formats.percent(held, 0))}"


def _credit(figures: Mapping[str, Any]) -> str:
    _, low, high = figures["lead"]
    sentence = _CREDIT_BETTER if low > 0 else _CREDIT_WORSE if high < 0 else _CREDIT_SAME
    said = session.say(sentence, auc=_interval(figures["auc"]), rule_auc=_interval(figures["rule_auc"]))
    return f"{said} {session.say(_GRADES, **_grades(figures))}"


def _grades(figures: Mapping[str, Any]) -> dict[str, str]:
    return {
        one["grade"]: session.say(_OF, share=formats.percent(one["late"] / one["n"] if one["n"] else None, 0), n=formats.number(one["n"]))
        for one in figures["grades"]
    }


def _calibration(runs: Sequence[Mapping[str, Any]]) -> None:
    last = next((run for run in runs if run["model"] == "purchases" and run["kind"] == "trial"), None)
    if last is None:
        return
    figures = json.loads(last["figures"])
    rows = [{"said_rate": one["said"], "happened_rate": one["happened"], "tried_count": one["n"]} for one in figures["bins"]]
    error = formats.percent(figures["calibration_error"])
    day = formats.full_date(last["fitted_on"], session.language())
    said = charts.caption("calibration", _CALIBRATION, _CALIBRATION_ABOUT, error=error, day=day, n=formats.number(figures["n"]))
    value_charts.calibration(pa.Table.from_pylist(rows), said)


def _button(runs: Sequence[Mapping[str, Any]]) -> None:
    """For those who may: everything is worked out while the bar moves, then recorded in one change."""
    last = next((run for run in runs if run["kind"] == "live"), None)
    with st.container(horizontal=True, vertical_alignment="center"):
        person = session.actor()
        wanted = person.may(Permission.POLICY_WRITE) and person.scope is Sight.ALL
        clicked = wanted and st.button(session.say(_FIT), key="fit_models", icon=":material/model_training:")
        if last:
            st.caption(session.say(_FITTED, day=formats.full_date(last["fitted_on"], session.language())))
    if clicked and _fit():
        st.rerun()


def _fit() -> bool:
    bar = st.progress(0.0)

    def tell(done: float, what: Text) -> None:
        bar.progress(done, session.say(what))

    try:
        found = models.prepare(session.ledger(), session.actor(), session.today(), tell)
    except Refused as refusal:
        page.refused(refusal)
        return False
    finally:
        bar.empty()
    scores = sum(run.scores.num_rows for run in found.runs if run.scores is not None)
    return page.change(models.FitModels(session.today(), found), _DONE, scores=formats.number(scores)) is not None


def _interval(one: Sequence[float]) -> str:
    value, low, high = (formats.number(part, 2) for part in one)
    return f"{value} ({low}–{high})"


def _lead(one: Sequence[float]) -> str:
    value, low, high = (f"{part:+.3f}".replace("-", formats.MINUS) for part in one)
    return f"{value} ({low} … {high})"


def _pair(figures: Mapping[str, Any], name: str) -> str | None:
    if name not in figures:
        return None
    return f"{formats.number(figures[name], 3)} / {formats.number(figures[f'rule_{name}'], 3)}"
