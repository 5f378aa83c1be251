"""What a person wants to be told between meetings: their subscriptions, a form for another, their address, and the log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.commands.subscriptions import LANGUAGE, MuteSubscription, SetEmail, Subscribe, Unsubscribe
from lib.metrics import METRICS
from lib.metrics.words import said
from lib.review.alerting import KIND, WHY
from lib.text import LANGUAGES, Text
from lib.ui import forms, page, session, tables
from lib.ui.forms import Form

_MINE: Final = Text("我的订阅", "My subscriptions")
_NONE: Final = Text(
    "还没有订阅。在这里选每周简报、某项指标的信号，或越过界限时通知。",
    "No subscriptions yet. Choose the week in brief, a metric's signal or a bound to be told about.",
)
_ADD: Final = Text("再订一项", "Subscribe to more")
_WHAT: Final = Text("订阅什么", "What to be told")
_METRIC: Final = Text("指标", "Metric")
_SIDE: Final = Text("高于还是低于", "Above or below")
_SIDES: Final = {True: Text("高于", "above"), False: Text("低于", "below")}
_BOUND: Final = Text("界限", "Bound")
_PERCENT: Final = Text("界限（%）", "Bound (%)")
_SIGNAL: Final = Text("{metric}有信号", "{metric}: a signal")
_ABOVE: Final = Text("{metric}高于 {bound}", "{metric} above {bound}")
_BELOW: Final = Text("{metric}低于 {bound}", "{metric} below {bound}")
_NEVER: Final = Text("还没有检查过", "not looked at yet")
_LOOKED: Final = Text("{at}检查：{why}", "looked at {at}: {why}")
_MUTED: Final = Text("静音到 {day}", "muted until {day}")
_MUTE: Final = Text("静音 4 周", "Mute for 4 weeks")
_MUTE_DONE: Final = Text("已静音。", "Muted.")
_SPEAK: Final = Text("取消静音", "Unmute")
_SPEAK_DONE: Final = Text("不再静音。", "No longer muted.")
_END: Final = Text("退订", "Unsubscribe")
_END_DONE: Final = Text("已退订。", "Unsubscribed.")
_ADDRESS: Final = Text("我的邮箱", "My address")
_WHERE: Final = Text("简报和通知发到这里；不填就只在记录里写明。", "Briefs and alerts go here; without one they only stand in the log.")
_KEEP: Final = Text("保存邮箱", "Save address")
_KEPT: Final = Text("邮箱已保存。", "Address saved.")
_LOG: Final = Text("检查记录", "What was looked at")
_LOG_EMPTY: Final = Text(
    "还没有检查过。设好邮件服务器后，每天 7 点起检查一次。",
    "Nothing was looked at yet. With a mail server set, the house looks once a day from 7:00.",
)
_LANGUAGES: Final = {"zh": Text("中文", "Chinese"), "en": Text("英文", "English")}
_GONE: Final = Text("已取消的指标", "A metric no longer kept")
_MUTED_FOR: Final = timedelta(weeks=4)
_LOGGED: Final = 200


def mine() -> None:
    """Each own subscription, with when it was last looked at, and what can be done with it."""
    page.section(_MINE)
    found = page.rows("my_subscriptions", user_id=session.actor().user_id)
    if not found:
        st.caption(session.say(_NONE))
    for row in found:
        _card(row)


def _card(row: Mapping[str, Any]) -> None:
    number, muted = row["subscription_id"], row["muted_until"]
    is_muted = muted is not None and session.today() < muted
    with st.container(border=True, key=f"subscription-{number}"):
        st.markdown(f"**{page.md(_named(row))}**")
        looked = _NEVER if row["looked_at"] is None else _LOOKED
        values = {} if row["looked_at"] is None else {"at": page.moment(row["looked_at"]), "why": WHY[row["why"]]}
        mute = session.say(_MUTED, day=formats.full_date(muted, session.language())) if is_muted else None
        st.caption(" · ".join(part for part in (session.say(looked, **values), session.say(_LANGUAGES[row["language"]]), mute) if part))
        with st.container(horizontal=True):
            st.button(session.say(_SPEAK if is_muted else _MUTE), key=f"mute-{number}", on_click=_mute, args=(number, is_muted))
            st.button(session.say(_END), key=f"end-{number}", on_click=_end, args=(number,))


def _named(row: Mapping[str, Any]) -> str:
    """A subscription in words."""
    if row["kind"] == "brief":
        return session.say(KIND["brief"])
    metric = METRICS.get(row["metric"])
    if metric is None:
        return session.say(_GONE)
    if row["kind"] == "signal":
        return session.say(_SIGNAL, metric=metric.label)
    bound = said(row["bound"], metric, row["currency"], session.language())
    return session.say(_ABOVE if row["is_above"] else _BELOW, metric=metric.label, bound=bound)


def _mute(subscription_id: int, is_muted: bool) -> None:  # noqa: FBT001 (what the button's row says)
    until = None if is_muted else session.today() + _MUTED_FOR
    page.change(MuteSubscription(subscription_id, until, session.today()), _SPEAK_DONE if is_muted else _MUTE_DONE)


def _end(subscription_id: int) -> None:
    page.change(Unsubscribe(subscription_id), _END_DONE)


def add() -> None:
    """A form for another subscription."""
    page.section(_ADD)
    form = forms.begin("subscription")
    forms.receipt(form)
    form.start("kind", "brief")
    kind = forms.pills(form, "kind", _WHAT, KIND) or "brief"
    metric = _metric(form) if kind != "brief" else None
    is_above, bound = _bound(form, metric) if kind == "threshold" and metric else (None, None)
    form.start("language", session.language())
    language = forms.pills(form, "language", LANGUAGE, {one: _LANGUAGES[one] for one in LANGUAGES}) or session.language()
    currencies = page.rows("currencies", as_of=session.today())
    currency = currencies[0]["currency"] if currencies else None
    forms.save(form, lambda _: Subscribe(kind, language, metric, is_above, bound, currency), session.say(KIND[kind]))


def _metric(form: Form) -> str | None:
    labels = {name: session.say(metric.label) for name, metric in METRICS.items()}
    chosen: str | None = forms.field(
        form, "metric", st.selectbox, session.say(_METRIC), options=list(labels), index=None, format_func=labels.__getitem__
    )
    return chosen


def _bound(form: Form, metric: str) -> tuple[bool, Decimal | None]:
    """Which side, and the number; shares are typed in percent."""
    form.start("side", METRICS[metric].good == "down")
    side = forms.pills(form, "side", _SIDE, _SIDES)
    is_rate = METRICS[metric].unit == "rate"
    label = session.say(_PERCENT if is_rate else _BOUND)
    typed = forms.field(form, "bound", st.number_input, label, value=None, step=1.0, format="%.10g")
    return bool(side), None if typed is None else Decimal(str(typed)) / (100 if is_rate else 1)


def address() -> None:
    """Where the house writes to the person."""
    page.section(_ADDRESS)
    st.caption(session.say(_WHERE))
    known = page.row("my_email", user_id=session.actor().user_id)
    st.text_input(
        session.say(_ADDRESS), value=known["mailbox"] if known else "", key="my_email", label_visibility="collapsed", autocomplete="email"
    )
    st.button(session.say(_KEEP), key="my_email_save", on_click=_keep)


def _keep() -> None:
    page.change(SetEmail(str(st.session_state.get("my_email") or "").strip() or None), _KEPT)


def log() -> None:
    """What became of the person's subscriptions, the latest first."""
    page.section(_LOG)
    found = page.read("subscription_log", user_id=session.actor().user_id, limit=_LOGGED)
    if not found.num_rows:
        st.caption(session.say(_LOG_EMPTY))
        return
    words = [
        session.say(KIND[kind] if metric is None else METRICS[metric].label if metric in METRICS else _GONE)
        for metric, kind in zip(found["metric"].to_pylist(), found["kind"].to_pylist(), strict=True)
    ]
    why = [session.say(WHY[code]) for code in found["why"].to_pylist()]
    shown = (
        found.drop_columns(["why", "kind", "metric"]).append_column("about", pa.array(words)).append_column("alert_reason", pa.array(why))
    )
    tables.show(shown, ("happened_at", "subscribed", "fired", "alert_reason", "letter_state"), key="subscription_log")
