"""What a metric is held against, below its chart: target and usual range, who set them and why; who may sets them anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Final

import streamlit as st

from lib import formats
from lib.commands.metric_rules import FIRST, LAST, TARGET, SetMetricRule
from lib.commands.policies import REASON
from lib.domain.access import Permission
from lib.domain.signals import ASSURANCE, FULL_BASELINE
from lib.metrics import monday
from lib.metrics.variation import Reading
from lib.text import Text
from lib.ui import forms, page, session
from lib.ui.forms import Form

_HELD: Final = Text("目标 {target}；平常的范围{range}。", "Target {target}; usual range: {range}.")
_NO_TARGET: Final = Text("未定", "none")
_HOUSE: Final = Text("由系统每季更新", "renewed each quarter")
_OWN: Final = Text("按 {first} 到 {last} 那些周", "the weeks from {first} to {last}")
_SINCE: Final = Text("{by} 自 {since} 起：{reason}", "{by}, since {since}: {reason}")
_SET: Final = Text("改目标和范围", "Change target and range")
_WHICH: Final = Text("平常的范围", "Usual range")
_CHOICE: Final = {"house": Text("系统每季更新", "Renewed each quarter"), "own": Text("由我选周", "Weeks I choose")}
_UNIT: Final = {"rate": Text("（%）", " (%)"), "days": Text("（天）", " (days)")}
_ANY: Final = Text("留空为不设目标", "Empty: no target")
_WEEK: Final = timedelta(days=7)


def show(reading: Reading, words: Callable[[Decimal], str]) -> None:
    """Target and range in a line; a form behind a button for who may change them."""
    held = reading.held
    target = words(held.target).removeprefix("+") if held.target is not None else session.say(_NO_TARGET)
    met = f" {session.say(ASSURANCE[reading.assurance])}" if reading.assurance else ""
    language = session.language()
    chosen = _HOUSE
    if held.first_on and held.last_on:
        ends = {"first": formats.full_date(held.first_on, language), "last": formats.full_date(held.last_on, language)}
        chosen = Text(_OWN.zh.format(**ends), _OWN.en.format(**ends))
    with st.container(horizontal=True, vertical_alignment="center", key="metric_rule"):
        st.caption(session.say(_HELD, target=f"{target}{met}", range=chosen))
        if session.actor().may(Permission.POLICY_WRITE) and session.actor().sees_all:
            with st.popover(session.say(_SET), icon=":material/flag:", key="metric_rule_form"):
                _form(reading)
    if held.made_by and held.since:
        since = formats.full_date(held.since, language)
        st.caption(page.md(session.say(_SINCE, by=held.made_by, since=since, reason=held.reason)))


def _form(reading: Reading) -> None:
    metric, held = reading.metric, reading.held
    form = Form(f"metric-{metric.name}")
    forms.receipt(form)
    unit = session.say(_UNIT[metric.unit]) if metric.unit in _UNIT else ""
    form.start("target", _typed(reading))
    label = f"{session.say(TARGET)}{unit}"
    typed = forms.field(form, "target", st.number_input, label, value=None, step=1.0, format="%.10g", placeholder=session.say(_ANY))
    target = None if typed is None else Decimal(str(typed)) / (100 if metric.unit == "rate" else 1)
    which = forms.pills(form, "which", _WHICH, _CHOICE) or "house"
    first_on = last_on = None
    if which == "own":
        last = monday(session.today()) - _WEEK
        first_on = forms.day(form, "first_on", FIRST, start=held.first_on or last - (FULL_BASELINE - 1) * _WEEK)
        last_on = forms.day(form, "last_on", LAST, start=held.last_on or last)
    reason, today = forms.line(form, "reason", REASON), session.today()
    forms.save(form, lambda _: SetMetricRule(metric.name, reason, today, target, first_on, last_on), session.say(metric.label))


def _typed(reading: Reading) -> float | None:
    target = reading.held.target
    return None if target is None else float(target * 100 if reading.metric.unit == "rate" else target)
