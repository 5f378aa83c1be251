"""A wave as it is planned: one form, beside it whom it would ask, what that comes to, and who is left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import exports, formats, terms
from lib.commands import surveys as door
from lib.commands.surveys import TITLE, ChangeWave, DraftWave
from lib.domain import kinds, sampling, survey_lint, surveys
from lib.domain.sampling import Plan, Spread
from lib.domain.surveys import TEMPLATE, Among, Asked, Questions, Wave
from lib.store import query
from lib.text import Text
from lib.ui import forms, page, session, tables
from lib.ui.forms import Form

_METRIC: Final = Text("问哪个分数", "Which score")
_AUDIENCE: Final = Text("问什么", "About what")
_STAGE: Final = Text("哪个环节", "Which stage")
_SAMPLING: Final = Text("问多少", "How many")
_SIZE: Final = Text("一共问几个客户", "Customers to ask in all")
_SEED: Final = Text("抽样种子（同一个种子抽到同样的人）", "Seed (the same seed draws the same people)")
_CHANNEL: Final = Text("首选渠道", "Asked by")
_OPENS: Final = Text("开始日", "First day")
_CLOSES: Final = Text("截止日", "Last day")
_AMONG: Final = Text("哪些客户（不选为全部）", "Which customers (all if nothing is chosen)")
_ALL: Final = Text("全部", "All")
_BOUGHT: Final = Text("只问开始日前几天内开过账单的", "Only those billed within days before the first day")
_QUESTIONS: Final = Text("问卷", "Questions")
_ASKED: Final[dict[str, Text]] = {
    "score_zh": Text("评分问题（中文）", "Score question (Chinese)"),
    "score_en": Text("评分问题（英文）", "Score question (English)"),
    "why_zh": Text("为什么（中文）", "Why (Chinese)"),
    "why_en": Text("为什么（英文）", "Why (English)"),
}
_ASPECTS: Final = Text("另请客户给这些方面打分（最多 {most} 个）", "Marks for these as well ({most} at most)")
_ASPECTS_SHORT: Final = Text("另请打分的方面", "Marks for")
_WITHIN: Final = Text("{days} 天内开过账单的", "billed within {days} days")
_POINTS: Final = Text("刻度：{points}", "Scale: {points}")
_POINT: Final = Text("{point} {word}", "{point} {word}")
_DAYS_OPEN: Final = 14
_WHOM: Final = Text("会问谁", "Whom it asks")
_WILL_ASK: Final = Text("问 {customers}，共 {people}", "Asks {customers}, {people} in all")
_KEYS: Final = Text("，其中重点客户 {keys} 个", "; key accounts among them: {keys}")
_NOBODY: Final = Text(
    "按这些条件没有可以问的客户。请放宽范围或换一个开始日。", "Nobody can be asked this way. Widen the choice or change the first day."
)
_EXPECTED: Final = Text(
    "预计约 {expected} 个客户回答（按{basis} {rate} 的回答率），分数看得准到 ±{off}",
    "About {expected} customers should answer ({basis}: {rate}), for a score within ±{off}",
)
_BASIS: Final = {True: Text("往期", "earlier waves"), False: Text("规则里估计的", "the rules' guess")}
_ENOUGH: Final = Text("要看出 ±{margin} 的变化需要 {needed} 个回答：够。", "A change of ±{margin} takes {needed} answers: enough.")
_SHORT: Final = Text(
    "要看出 ±{margin} 的变化需要 {needed} 个回答：还差 {short} 个。{hint}",
    "A change of ±{margin} takes {needed} answers: {short} short. {hint}",
)
_ASK_MORE: Final = Text("改为问 {count} 个客户就够。", "Asking {count} customers would do.")
_ALL_ASKED: Final = Text(
    "能问的都问了：靠提醒和电话提高回答率，分数按区间看。",
    "Everybody is asked already: reminders and calls help; read the score with its interval.",
)
_BY_CHANNEL: Final = Text("渠道：{channels}", "By channel: {channels}")
_COUNT: Final = Text("{name} {count}", "{name} {count}")
_LEFT: Final = Text("不问 {customers}：{reasons}", "Not asked: {customers} ({reasons})")
_WHO_LEFT: Final = Text("看不问的是谁", "See who is not asked")
_STRATA: Final = Text("看各层问几个", "See each stratum")
_KEY: Final = Text("重点客户", "Key accounts")
_STRATUM: Final = Text("{grade} · {region}", "{grade} · {region}")
_NO_REGION: Final = Text("无地区", "no region")
_BETWEEN: Final = Text("、", ", ")
_PERIOD: Final = Text("；", "; ")
_ENOUGH_HISTORY: Final = 20
"""Fewer people reached in earlier waves say too little about how many will answer."""
_LISTED: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("account_no", "name", "owner_name", "stratum", "channel", "language", "left_out")),
        ("customer_id", pa.int64()),
        ("contact_id", pa.int64()),
        ("weight", pa.float64()),
        ("free_on", pa.date32()),
    ]
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A wave's list as it would be now: one row per person asked or customer left out."""

    asked: pa.Table
    left_out: pa.Table
    meant: dict[str, int]

    @property
    def customers(self) -> int:
        """How many customers are asked."""
        return len(set(self.asked["customer_id"].to_pylist()))


def draft(row: Mapping[str, Any] | None) -> Form:
    """The form for a new wave, or for a draft; beside it what it would come to."""
    form = forms.begin(form_name(row["wave_id"] if row else None))
    left, right = page.halves(1.3)
    with left:
        wave = _fields(form, door.planned(row) if row else _usual())
    with right:
        with st.container(border=True):
            page.section(_WHOM)
            preview(wave, row["wave_id"] if row else None)
        _save(form, wave, row)
    return form


def form_name(wave_id: int | None) -> str:
    """The name of a draft's form."""
    return f"survey_{wave_id}" if wave_id else "survey"


def _save(form: Form, wave: Wave, row: Mapping[str, Any] | None) -> None:
    today = session.today()

    def build(confirmed: bool) -> DraftWave | ChangeWave:  # noqa: FBT001 (what forms.save asks with)
        return ChangeWave(row["wave_id"], wave, today) if row else DraftWave(wave, today, confirmed)

    forms.save(form, build, wave.title, needed={"title": TITLE})


def _usual() -> Wave:
    """What a new wave starts from: everybody's recommendation, from today for two weeks."""
    today = session.today()
    closes_on = today + timedelta(days=_DAYS_OPEN)
    return Wave("", "nps", "relationship", "sample", today, closes_on, TEMPLATE["nps"], sample_size=100, seed=int(f"{today:%Y%m%d}"))


def _fields(form: Form, start: Wave) -> Wave:
    form.start("title", start.title)
    title = forms.line(form, "title", TITLE)
    metric = _pill(form, "metric", _METRIC, {name: scale.label for name, scale in kinds.SCORE.items()}, start.metric)
    about = start.audience if start.metric == metric else surveys.USUAL[metric]
    audience = _pill(form, f"audience_{metric}", _AUDIENCE, surveys.AUDIENCE, about)
    stage = _stage(form, start) if audience == "transaction" else None
    left, right = st.columns(2)
    with left:
        opens_on = forms.day(form, "opens_on", _OPENS, start=start.opens_on) or start.opens_on
    with right:
        closes_on = forms.day(form, "closes_on", _CLOSES, start=start.closes_on) or opens_on
    page.section(_AMONG)
    among = _among(form, start.among, audience)
    how = _pill(form, "sampling", _SAMPLING, surveys.SAMPLING, start.sampling)
    size, seed = _sample(form, start) if how == "sample" else (None, start.seed)
    channel = _pill(form, "channel", _CHANNEL, surveys.CHANNEL, start.channel)
    page.section(_QUESTIONS)
    questions = _questions(form, metric, start.questions if start.metric == metric else TEMPLATE[metric])
    return Wave(title, metric, audience, how, opens_on, closes_on, questions, channel, stage, size, seed, among)


def _pill(form: Form, name: str, label: Text, choices: Mapping[str, Text], start: str) -> str:
    form.start(name, start)
    return str(forms.pills(form, name, label, choices) or start)


def _stage(form: Form, start: Wave) -> str | None:
    form.start("stage", start.stage)
    chosen: str | None = forms.pills(form, "stage", _STAGE, kinds.STAGE)
    return chosen


def _sample(form: Form, start: Wave) -> tuple[int | None, int]:
    left, right = st.columns(2)
    with left:
        form.start("sample_size", start.sample_size or 100)
        size = forms.field(form, "sample_size", st.number_input, session.say(_SIZE), min_value=1, max_value=1_000_000, step=10)
    with right:
        form.start("seed", start.seed)
        seed = forms.field(form, "seed", st.number_input, session.say(_SEED), min_value=1, max_value=2_000_000_000, step=1)
    return size, int(seed or start.seed)


def _among(form: Form, start: Among, audience: str) -> Among:
    """Lists in two columns, grades, and for events who was billed lately."""
    choices = page.rows("filter_choices")
    chosen: dict[str, Any] = {}
    for place, name in zip(st.columns(2) * 2, ("team", "region", "segment", "owner_id"), strict=True):
        words = {row["choice"]: row["label"] for row in choices if row["field"] == name}
        given = getattr(start, name)
        form.start(name, None if given is None else str(given))
        if form.get(name) not in words:
            form.put(name, None)
        label = session.say(exports.label("owner_name" if name == "owner_id" else name))
        with place:
            chosen[name] = forms.field(
                form, name, st.selectbox, label, options=list(words), index=None, format_func=words.get, placeholder=session.say(_ALL)
            )
    grades = {grade: session.say(word) for grade, word in terms.VALUE["amount_grade"].items()}
    form.start("amount_grades", list(start.amount_grades))
    label = session.say(terms.COLUMN["amount_grade"])
    wanted = forms.field(form, "amount_grades", st.pills, label, options=list(grades), selection_mode="multi", format_func=grades.get)
    bought = None
    if audience == "transaction":
        form.start("bought_days", start.bought_days)
        bought = forms.field(form, "bought_days", st.number_input, session.say(_BOUGHT), min_value=1, max_value=730, value=None, step=1)
    owner_id = int(chosen.pop("owner_id") or 0) or None
    return Among(owner_id=owner_id, amount_grades=tuple(wanted or ()), bought_days=bought, **chosen)


def _questions(form: Form, metric: str, start: Questions) -> Questions:
    """The two questions in both languages with what is wrong with them, the scale's points, and aspects."""
    typed: dict[str, Asked] = {}
    for name in ("score", "why"):
        given: Asked = getattr(start, name)
        for language in ("zh", "en"):
            field = f"{name}_{language}"
            form.start(f"{metric}_{field}", getattr(given, language))
            forms.line(form, f"{metric}_{field}", _ASKED[field])
            forms.complaint(form, field)
        typed[name] = Asked(*(str(form.get(f"{metric}_{name}_{language}") or "").strip() for language in ("zh", "en")))
        for wrong in survey_lint.check(typed[name].zh, typed[name].en):
            st.caption(f":orange[:material/lightbulb: {page.md(session.say(wrong.said))}]")
        if name == "score":
            said = [session.say(_POINT, point=point, word=word) for point, word in surveys.POINTS[metric].items()]
            st.caption(page.md(session.say(_POINTS, points=session.say(_PERIOD).join(said))))
    aspects = {aspect: session.say(word) for aspect, word in kinds.ASPECT.items()}
    form.start(f"{metric}_aspects", list(start.aspects))
    label = session.say(_ASPECTS, most=surveys.MOST_ASPECTS)
    chosen = forms.field(
        form, f"{metric}_aspects", st.pills, label, options=list(aspects), selection_mode="multi", format_func=aspects.get, wrap=True
    )
    forms.complaint(form, "aspects")
    return Questions(typed["score"], typed["why"], tuple(aspect for aspect in aspects if aspect in (chosen or ())))


def preview(wave: Wave, wave_id: int | None) -> Listed:
    """Whom a wave would ask now, how many answers to expect and how many it takes, and who is left out."""
    body = json.loads((page.row("rule_in_force", kind="survey", as_of=wave.opens_on) or {"body": "{}"})["body"])
    listed = _listing(wave, wave_id, door.plan(wave, body))
    if not listed.asked.num_rows:
        st.warning(session.say(_NOBODY))
    else:
        _counts(listed)
        _expected(wave, listed, body)
    _left_out(listed)
    return listed


def _listing(wave: Wave, wave_id: int | None, plan: Plan) -> Listed:
    asked = page.question("survey_candidates", **_hashable(door.wanted(wave, wave_id)))
    candidates = asked.answer()
    table = query.derived(_drawn, candidates, plan)
    meant = dict.fromkeys(zip(candidates["customer_id"].to_pylist(), candidates["stratum"].to_pylist(), strict=True))
    counts: dict[str, int] = {}
    for _, stratum in meant:
        counts[stratum] = counts.get(stratum, 0) + 1
    is_asked = table["left_out"].is_null()
    return Listed(table.filter(is_asked), table.filter(table["left_out"].is_valid()), counts)


def _hashable(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


def _drawn(candidates: pa.Table, plan: Plan) -> pa.Table:
    """The list of a wave as a table."""
    rows = candidates.to_pylist()
    drawn = sampling.draw(sampling.candidates(rows), plan)
    known = {row["customer_id"]: {name: row[name] for name in ("account_no", "name", "owner_name", "stratum")} for row in rows}
    names = ("customer_id", "contact_id", "channel", "language", "weight")
    asked = [{**known[one.customer_id], **{name: getattr(one, name) for name in names}} for one in drawn.asked]
    left = [
        {**known[one.customer_id], "customer_id": one.customer_id, "left_out": one.reason, "free_on": one.free_on} for one in drawn.left_out
    ]
    return pa.Table.from_pylist([*asked, *left], _LISTED)


def _counts(listed: Listed) -> None:
    strata = dict(zip(listed.asked["customer_id"].to_pylist(), listed.asked["stratum"].to_pylist(), strict=True))
    about = {"customers": customers(listed.customers), "people": people(listed.asked.num_rows)}
    keys = sum(stratum == sampling.KEY for stratum in strata.values())
    said = session.say(_WILL_ASK, **about) + (session.say(_KEYS, keys=formats.number(keys)) if keys else "")
    st.markdown(f"**{page.md(said)}**")
    by_channel = listed.asked.group_by("channel").aggregate([("customer_id", "count")]).to_pylist()
    by_channel.sort(key=lambda row: -row["customer_id_count"])
    ways = [session.say(_COUNT, name=kinds.CHANNEL[row["channel"]], count=formats.number(row["customer_id_count"])) for row in by_channel]
    st.caption(session.say(_BY_CHANNEL, channels=session.say(_BETWEEN).join(ways)))
    with st.expander(session.say(_STRATA)):
        counts: dict[str, int] = {}
        for stratum in strata.values():
            counts[stratum] = counts.get(stratum, 0) + 1
        rows = [
            {"stratum_name": stratum_name(stratum), "meant": meant, "asked_customers": counts.get(stratum, 0)}
            for stratum, meant in sorted(listed.meant.items(), key=lambda item: (item[0] != sampling.KEY, -item[1], item[0]))
        ]
        tables.plain(pa.Table.from_pylist(rows), key="survey_strata")


def _expected(wave: Wave, listed: Listed, rule: Mapping[str, Any]) -> None:
    """How many answers will come, and how many a change of so many points takes."""
    past = page.row("survey_history", metric=wave.metric) or {}
    is_known = (past.get("delivered") or 0) >= _ENOUGH_HISTORY
    rate = past["answered"] / past["delivered"] if is_known else float(rule["response_rate"])
    answered = past.get("answered") or 0
    spread = Spread(past["tops"] / answered, past["lows"] / answered) if answered >= _ENOUGH_HISTORY else sampling.WORST[wave.metric]
    population, margin = sum(listed.meant.values()), float(rule["margin"])
    expected = max(round(listed.customers * rate), 1)
    needed = sampling.needed(wave.metric, population, margin, spread)
    off = formats.number(sampling.off(wave.metric, expected, population, spread))
    said = {"expected": formats.number(expected), "basis": _BASIS[is_known], "rate": formats.percent(rate, 0), "off": off}
    st.markdown(page.md(session.say(_EXPECTED, **said)))
    about = {"margin": formats.number(margin), "needed": formats.number(needed)}
    if expected >= needed:
        st.markdown(f":material/check_circle: {page.md(session.say(_ENOUGH, **about))}")
        return
    to_ask = sampling.to_ask(needed, rate, population)
    can_more = wave.sampling == "sample" and listed.customers < to_ask <= population - listed.left_out.num_rows
    hint = session.say(_ASK_MORE, count=formats.number(to_ask)) if can_more else session.say(_ALL_ASKED)
    st.markdown(f":orange[:material/error:] {page.md(session.say(_SHORT, **about, short=formats.number(needed - expected), hint=hint))}")


def _left_out(listed: Listed) -> None:
    if not listed.left_out.num_rows:
        return
    reasons = listed.left_out["left_out"].to_pylist()
    counted = [
        session.say(_COUNT, name=word, count=formats.number(reasons.count(reason)))
        for reason, word in sampling.LEFT_OUT.items()
        if reason in reasons
    ]
    said = session.say(_LEFT, customers=customers(len(reasons)), reasons=session.say(_BETWEEN).join(counted))
    st.markdown(f":material/person_off: {page.md(said)}")
    with st.expander(session.say(_WHO_LEFT)):
        names = ("name", "left_out", "free_on", "owner_name", "account_no")
        tables.plain(listed.left_out.slice(0, tables.PAGE_ROWS), names, key="survey_left_out")


def summary(wave: Wave) -> None:
    """A plan in words: whom and what it asks."""
    language = session.language()
    lines = [
        (_METRIC, session.say(kinds.SCORE[wave.metric].label)),
        (_AUDIENCE, session.say(surveys.AUDIENCE[wave.audience])),
        (_STAGE, session.say(kinds.STAGE[wave.stage]) if wave.stage else None),
        (_SAMPLING, session.say(surveys.SAMPLING[wave.sampling])),
        (_SIZE, formats.number(wave.sample_size) if wave.sample_size else None),
        (_SEED, str(wave.seed) if wave.sampling == "sample" else None),
        (_CHANNEL, session.say(surveys.CHANNEL[wave.channel])),
        (_OPENS, formats.full_date(wave.opens_on, language)),
        (_CLOSES, formats.full_date(wave.closes_on, language)),
        (_AMONG, _among_words(wave.among)),
        *((label, getattr(getattr(wave.questions, name.split("_")[0]), name.split("_")[1])) for name, label in _ASKED.items()),
        (_ASPECTS_SHORT, session.say(_BETWEEN).join(session.say(kinds.ASPECT[aspect]) for aspect in wave.questions.aspects) or None),
    ]
    said = [f":gray[{page.md(session.say(label))}]  \n{page.md(value)}" for label, value in lines if value]
    middle = (len(said) + 1) // 2
    for column, part in zip(st.columns(2), (said[:middle], said[middle:]), strict=True):
        column.markdown("\n\n".join(part))


def _among_words(among: Among) -> str:
    grades = [session.say(terms.VALUE["amount_grade"][grade]) for grade in among.amount_grades]
    owner = next((row["label"] for row in page.rows("filter_choices") if row["choice"] == str(among.owner_id)), None)
    bought = session.say(_WITHIN, days=formats.number(among.bought_days)) if among.bought_days else None
    named = [among.team, among.region, among.segment, owner, *grades, bought]
    return session.say(_BETWEEN).join(str(one) for one in named if one) or session.say(_ALL)


def stratum_name(stratum: str | None) -> str:
    """A stratum in words."""
    if stratum is None or stratum == sampling.KEY:
        return session.say(_KEY) if stratum else formats.MISSING
    grade, _, region = stratum.partition("|")
    return session.say(_STRATUM, grade=terms.VALUE["amount_grade"].get(grade, Text(grade, grade)), region=region or session.say(_NO_REGION))


def customers(count: int) -> Text:
    """So many customers, for a sentence."""
    return Text(f"{formats.number(count)} 个客户", formats.counted(count, "customer", "customers").en)


def people(count: int) -> Text:
    """So many people, for a sentence."""
    return Text(f"{formats.number(count)} 人", formats.counted(count, "person", "people").en)
