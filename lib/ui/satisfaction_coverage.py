"""Whom the scores come from: customers and revenue heard from, who never answers, and which way of asking works."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from lib import formats
from lib.commands.hearing import AskSilent
from lib.domain import kinds
from lib.domain.access import Permission
from lib.text import Text
from lib.ui import board, charts, downloads, forms, page, session, tables, working_calendar
from lib.ui.charts import Axis
from lib.ui.filters import Scope
from lib.ui.scores import YEAR

_CARDS: Final = ("coverage_rate", "revenue_coverage_rate", "response_rate", "silent_rate")
_HEARD: Final = Text(
    "听到了 {accounts} 个活跃客户中的 {heard} 个（{rate}），占近 12 个月{currency}开票额的 {money}",
    "Heard from {heard} of {accounts} active customers ({rate}), who make {money} of {currency} billing in 12 months",
)
_NONE: Final = Text("近 12 个月没有开票的客户，谈不上听到谁。", "Nobody was billed in 12 months, so there is nobody to hear from.")
_GROUPS: Final[dict[str, Text]] = {
    "team": Text("团队", "Team"),
    "owner": Text("客户经理", "Account manager"),
    "region": Text("地区", "Region"),
    "segment": Text("细分", "Segment"),
}
_BY: Final = Text("按什么分", "Group by")
_COVERED: Final = Text("听到了谁", "Whom we heard from")
_SILENT: Final = Text("没听到的客户", "Customers not heard from")
_WHO: Final[dict[str, Text]] = {"all": Text("全部", "All"), "silent": Text("连续两次调查未答", "Two surveys unanswered")}
_WHO_LABEL: Final = Text("哪些客户", "Which")
_SILENT_ABOUT: Final = Text(
    "近 12 个月有账单、太久没有回答的客户，金额大的在前；勾选后一键建任务",
    "Billed in 12 months and not heard from for too long, the largest first; tick some to plan a call",
)
_NO_SILENT: Final = Text("没有这样的客户。", "There are no such customers.")
_PLAN: Final = Text("给 {count} 个客户建询问任务", "Plan calls to {count}")
_PLANNED: Final = Text("已建任务，由各自的客户经理在 {day} 前询问。", "Planned: their account managers ask by {day}.")
_DAYS: Final = 5
"""Working days in which somebody is to ask."""
_SHOWN: Final = ("name", "owner_name", "amount_12m", "currency", "last_answer_on", "unanswered", "is_planned", "account_no")
_MOST: Final = 200
_RESPONSE: Final = Text("{channel}回复最多：{rate}（{n} / {delivered}）", "{channel} brings most answers: {rate} ({n} of {delivered})")
_RESPONSE_ABOUT: Final = Text(
    "送达的邀请中回答的百分比及 95% 区间，近 12 个月；电话、面访要接通或见到才算送达，所以偏高",
    "Per cent of delivered invitations answered, 95% intervals, 12 months; by phone and face to face only those reached count as delivered",
)
_NO_RESPONSE: Final = Text("近 12 个月没有送达的调查邀请。", "No invitation reached anybody in 12 months.")
_SURVEYS: Final = Text("去发调查", "Go to surveys")


def show(scope: Scope) -> None:
    """How much of the house the scores speak for, and who is missing."""
    if not _headline(scope):
        return
    board.panel(_CARDS, scope, "coverage")
    board.behind(scope)
    _groups(scope)
    _silent(scope)
    _responses(scope)


def _headline(scope: Scope) -> bool:
    rows = [row for row in page.rows("coverage", scope) if row["currency"] == scope.currency]
    if not rows:
        page.nothing_yet(_NONE)
        return False
    (row,) = rows
    values = {
        "accounts": formats.number(row["accounts"]),
        "heard": formats.number(row["heard_accounts"]),
        "rate": formats.percent(row["heard_accounts"] / row["accounts"], 0),
        "currency": f" {row['currency']} ",
        "money": formats.percent(float(row["heard_amount"] / row["amount_12m"]), 0) if row["amount_12m"] else formats.MISSING,
    }
    st.markdown(f"#### {session.say(_HEARD, **values)}")
    return True


def _groups(scope: Scope) -> None:
    page.section(_COVERED)
    by = forms.switch("covered", _GROUPS, _BY, labelled=True)
    asked = page.question("coverage", scope, by=by)
    downloads.export(downloads.Offer(_COVERED, asked, 1, prepare=_with_rates), scope)
    tables.plain(
        _with_rates(asked.answer()),
        ("label", "currency", "accounts", "heard_accounts", "heard_rate", "amount_12m", "heard_amount", "heard_amount_rate"),
        key=f"coverage_{by}",
    )


def _with_rates(table: pa.Table) -> pa.Table:
    rate = pc.divide(pc.cast(table["heard_accounts"], pa.float64()), pc.cast(table["accounts"], pa.float64()))
    total = pc.cast(table["amount_12m"], pa.float64())
    known = pc.if_else(pc.equal(total, 0.0), None, total)
    money = pc.divide(pc.cast(table["heard_amount"], pa.float64()), known)
    return table.append_column("heard_rate", rate).append_column("heard_amount_rate", money)


def _silent(scope: Scope) -> None:
    page.section(_SILENT)
    st.caption(session.say(_SILENT_ABOUT))
    who = forms.switch("silent", _WHO, _WHO_LABEL)
    asked = page.question("silent_customers", scope, least=2 if who == "silent" else None)
    table = asked.answer(limit=_MOST)
    if not table.num_rows:
        page.empty(_NO_SILENT)
        return
    downloads.export(downloads.Offer(_SILENT, asked, table["total_count"][0].as_py()), scope)
    ticked = tables.several(table, _SHOWN, key=f"silent-{who}-{session.ledger().version}")
    if ticked.num_rows and session.actor().may(Permission.SERVICE_WRITE):
        chosen = tuple(ticked["customer_id"].to_pylist())
        text = session.say(_PLAN, count=formats.counted(len(chosen), "customer", "customers"))
        st.button(text, key="silent-plan", type="primary", icon=":material/add_task:", on_click=_plan, args=(chosen,))


def _plan(customer_ids: tuple[int, ...]) -> None:
    today = session.today()
    due_on = working_calendar.calendar().working_days_after(today, _DAYS)
    day = formats.full_date(due_on, session.language())
    page.change(AskSilent(customer_ids, due_on, today, session.language()), _PLANNED, day=day)


def _responses(scope: Scope) -> None:
    table = page.read("responses", scope, since=scope.as_of - YEAR + timedelta(days=1))
    if not table.num_rows:
        page.empty(_NO_RESPONSE, "surveys", _SURVEYS)
        return
    best = table.slice(0, 1).to_pylist()[0]
    values = {
        "channel": kinds.CHANNEL[best["channel"]],
        "rate": formats.percent(best["score"] / 100, 0),
        "n": formats.number(best["n"]),
        "delivered": formats.number(best["delivered"]),
    }
    charts.spread(table, charts.caption("responses", _RESPONSE, _RESPONSE_ABOUT, **values), Axis("channel", words=kinds.CHANNEL))
