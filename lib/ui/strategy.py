"""The strategy page: what each play takes and brings, whom to be in touch with, whom to activate, special terms and groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.commands.proposals import ProposeTerm
from lib.commands.special_terms import WHAT, Term
from lib.domain.access import Permission
from lib.domain.payment_terms import months_after
from lib.domain.strategy import ACTIVATED, PLAYS
from lib.terms import VALUE
from lib.text import Text, plain
from lib.ui import charts, downloads, families, forms, page, playbook, session, stops, tables, theme
from lib.ui.charts import Axis, Measure
from lib.ui.downloads import Offer
from lib.ui.filters import Scope

VIEWS: Final[dict[str, Text]] = {
    "plays": Text("打法", "Plays"),
    "contact": Text("该联系的", "Contacts due"),
    "activate": Text("激活名单", "To activate"),
    "terms": Text("特殊条件", "Special terms"),
    "groups": Text("集团", "Groups"),
}
_VIEW: Final = Text("看什么", "View")
_HEAD: Final = Text(
    "“{first}”有 {due}该联系了；“{play}”占工时 {hours}，带来金额的 {share}",
    "{first}: {due} due for a contact. {play} takes {hours} of the hours and brings {share} of the amount",
)
_HEAD_NO_HOURS: Final = Text(
    "“{first}”有 {due}该联系了；近 12 个月没有联系记录", "{first}: {due} due for a contact; nothing was recorded in twelve months"
)
_EMPTY: Final = Text(
    "这里还没有客户。导入客户和账单后，就能看到每类客户该怎么做。",
    "There are no customers yet. Import customers and invoices to see what to do with each class.",
)
_EFFORT: Final = Text("“{play}”每小时带来 {amount}，最少", "{play} brings least per hour: {amount}")
_EFFORT_ABOUT: Final = Text(
    "各打法占投入工时和占金额的份额，近 12 个月，{currency}；工时按策略里每次联系、面访、投诉的小时数估算",
    "Share of hours and of amount by play, 12 months, {currency}; hours estimated by those of a touch, visit and case in the strategy",
)
_NO_EFFORT: Final = Text(
    "近 12 个月没有联系、面访或投诉的记录，没有投入可比。", "No touch, visit or case in twelve months, so there is no effort to compare."
)
_KIND: Final[dict[str, Text]] = {"hours": Text("工时", "hours"), "total": Text("金额", "amount")}
_PLAYS: Final = Text("每套打法的投入与产出", "What each play takes and brings")
_PLAYS_ABOUT: Final = Text("点一行看它的客户", "Click a row for its customers")
_OF_PLAY: Final = Text("{play}的客户", "{play}: customers")
_RULES: Final = Text("看或改策略规则", "See or change the strategy")
_CONTACT: Final = Text("超过联系周期的客户", "Customers past their contact rhythm")
_CONTACT_ABOUT: Final = Text("金额大的在前；没有联系记录的也算", "The most money first; those never in touch count too")
_NOBODY_DUE: Final = Text("没有超过联系周期的客户。", "Nobody is past the contact rhythm.")
_ACTIVATE: Final = Text("激活名单：低频的小客户和沉睡客户", "To activate: rare small and dormant customers")
_ACTIVATE_ABOUT: Final = Text(
    "近两年金额大的在前；勾选客户，把他们的步骤建成任务",
    "The most money of two years first; tick customers and plan their steps as tasks",
)
_NOBODY_QUIET: Final = Text("没有低频的小客户或沉睡客户。", "There are no rare small or dormant customers.")
_PLAN: Final = Text("给勾选的 {count} 个客户建任务", "Plan the steps of {count} ticked")
_TERMS: Final = Text("特殊条件", "Special terms")
_TERMS_ABOUT: Final = Text(
    "经另一人批准，到期自动结束；先到期的在前", "Approved by a second person; they end by themselves, those that end first on top"
)
_NO_TERMS: Final = Text("没有特殊条件。", "There are no special terms.")
_PROPOSE: Final = Text("申请特殊条件", "Propose special terms")
_WHICH: Final = Text("给什么", "What")
_DAYS: Final = Text("账期（天）", "Terms, days")
_RATE: Final = Text("折扣（%）", "Discount (%)")
_UNTIL: Final = Text("有效至", "Until")
_REASON: Final = Text("原因", "Reason")
_SAID: Final = Text("{what} · {name}", "{what} · {name}")
_GROUPS: Final = Text("集团合计占用与额度", "Groups: use and limit together")
_GROUPS_ABOUT: Final = Text(
    "起始额度全集团只计一次；集团超额时，成员也开不了账单。在客户页“信用为什么”里选上级。",
    "What customers start with counts once in a group; when a group is over its limit, its members get no more bills.",
)
_NO_GROUPS: Final = Text(
    "还没有集团：在客户页“信用为什么”里选上级，就会合计。",
    "There are no groups yet: choose a parent under Why this credit on a customer's page.",
)
_PLAY_COLUMNS: Final = (
    "play",
    "customers",
    "total",
    "total_rate",
    "hours",
    "hours_rate",
    "contacts_due",
    "open_tasks",
    "touches",
    "visits",
    "cases",
)
_COLUMNS: Final = (
    *("name", "play", "next_step", "amount_12m", "old_amount_12m", "last_contact_on", "contact_due_on", "hours", "open_tasks"),
    *("owner_name", "account_no"),
)
_DUE_COLUMNS: Final = (
    *("name", "next_step", "last_contact_on", "contact_due_on", "owner_name", "amount_12m", "play", "old_amount_12m", "hours"),
    *("open_tasks", "account_no"),
)
_TERM_COLUMNS: Final = (
    *("name", "term_kind", "terms_days", "discount_rate", "agreed", "until_on", "days_left", "decided_by_name", "reason", "from_on"),
    *("owner_name", "account_no"),
)
_GROUP_COLUMNS: Final = ("head_name", "name", "currency", "exposure_amount", "limit_amount", "credit_state", "overdue_amount", "owner_name")


def choose() -> str:
    """What to look at; it stands in the URL."""
    return forms.switch("view", VIEWS, _VIEW)


def headline(scope: Scope) -> bool:
    """One sentence: who waits for us, and where the hours go; False when there are no customers."""
    rows = page.rows("class_plays", scope)
    if not rows:
        page.nothing_yet(_EMPTY)
        return False
    first = rows[0]
    said_first = {"due": formats.customers(first["contacts_due"]), "first": PLAYS[first["play"]]}
    hours, total = sum(row["hours"] for row in rows), sum((row["total"] for row in rows), Decimal(0))
    most = max(rows, key=lambda row: row["hours"])
    if hours and total:
        shares = {"hours": formats.percent(most["hours"] / hours, 0), "share": formats.percent(most["total"] / total, 0)}
        said = session.say(_HEAD, **said_first, play=PLAYS[most["play"]], **shares)
    else:
        said = session.say(_HEAD_NO_HOURS, **said_first)
    st.markdown(f"#### {page.md(said)}")
    return True


def show(view: str, scope: Scope) -> None:
    """One of the views."""
    {"plays": _plays, "contact": _contact, "activate": _activate, "terms": _terms, "groups": _groups}[view](scope)


def _plays(scope: Scope) -> None:
    asked = page.question("class_plays", scope)
    table = _shares(asked.answer())
    _effort(table, scope)
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_PLAYS)
        downloads.export(Offer(_PLAYS, asked, table.num_rows, prepare=_shares), scope)
        page.link(_RULES, "policies", kind="strategy")
    st.caption(session.say(_PLAYS_ABOUT))
    chosen = tables.pick(table, _PLAY_COLUMNS, key="plays", into="play", by="play")
    if chosen:
        _customers(scope, session.say(_OF_PLAY, play=PLAYS[chosen]), plays=(chosen,))


def _shares(table: pa.Table) -> pa.Table:
    """The same plays with their share of all hours and of all money."""
    for name in ("total", "hours"):
        values = [float(value) for value in table[name].to_pylist()]
        whole = sum(values)
        table = table.append_column(f"{name}_rate", pa.array([value / whole if whole else None for value in values], pa.float64()))
    return table


def _effort(table: pa.Table, scope: Scope) -> None:
    """Effort beside value, a pair of bars per play; the finding is where an hour brings least."""
    spent = [row for row in table.to_pylist() if row["hours"] and row["total"]]
    if not spent:
        page.empty(_NO_EFFORT)
        return
    least = min(spent, key=lambda row: row["total"] / Decimal(row["hours"]))
    amount = formats.money(least["total"] / Decimal(least["hours"]), str(scope.currency), session.language(), compact=True)
    said = charts.caption("effort", _EFFORT, _EFFORT_ABOUT, play=PLAYS[least["play"]], amount=page.md(amount), currency=scope.currency)
    colours = theme.palette()
    pairs = [
        {"label": f"{playbook.named(row['play'])} · {session.say(_KIND[name])}", "share": round(100 * (row[f"{name}_rate"] or 0), 1)}
        for row in table.to_pylist()
        for name in _KIND
    ]
    shades = tuple(colours.neutral if number % 2 == 0 else colours.ink for number in range(len(pairs)))
    charts.bars(pa.Table.from_pylist(pairs), said, Axis("label", colours=shades), Measure("share"))


def _customers(scope: Scope, title: str, **wanted: Any) -> None:  # noqa: ANN401 (query parameters)
    """Customers with their next step; a click opens one."""
    asked = page.question("class_play_customers", scope, **wanted, since=_year_before(scope))
    key = f"strategy-{'-'.join(map(str, wanted.get('plays') or wanted))}"
    table = asked.answer(limit=tables.PAGE_ROWS, offset=tables.offset(key))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(page.md(title), anchor=False)
        count = table["total_count"][0].as_py() if table.num_rows else 0
        language = session.language()
        downloads.export(Offer(plain(title), asked, count, prepare=lambda answer: playbook.with_next_step(answer, language)), scope)
    columns = _DUE_COLUMNS if wanted.get("due_only") else _COLUMNS
    tables.show(playbook.with_next_step(table, language), columns, key=key, opens="customer")


def _year_before(scope: Scope) -> date:
    return months_after(scope.as_of, -12)


def _contact(scope: Scope) -> None:
    st.caption(session.say(_CONTACT_ABOUT))
    if not page.read("class_play_customers", scope, due_only=True, since=_year_before(scope), limit=1).num_rows:
        page.empty(_NOBODY_DUE)
        return
    _customers(scope, session.say(_CONTACT), due_only=True)


@st.fragment
@session.run()
def _activate(scope: Scope) -> None:
    """Whom to wake up, the largest first; ticked ones get their steps as tasks."""
    asked = page.question("class_play_customers", scope, plays=ACTIVATED, since=_year_before(scope))
    language = session.language()
    table = playbook.with_next_step(asked.answer(limit=tables.PAGE_ROWS, offset=0), language)
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_ACTIVATE)
        count = table["total_count"][0].as_py() if table.num_rows else 0
        downloads.export(Offer(_ACTIVATE, asked, count, prepare=lambda answer: playbook.with_next_step(answer, language)), scope)
    if not table.num_rows:
        page.empty(_NOBODY_QUIET)
        return
    st.caption(session.say(_ACTIVATE_ABOUT))
    ticked = tables.several(table, _COLUMNS, key=f"activate-{session.ledger().version}")
    if ticked.num_rows and session.actor().may(Permission.SERVICE_WRITE):
        chosen = tuple(ticked["customer_id"].to_pylist())
        label = session.say(_PLAN, count=formats.number(len(chosen)))
        playbook.offer(chosen, label, "activate-plan", "primary")


@st.fragment
@session.run()
def _terms(scope: Scope) -> None:  # noqa: ARG001 (views are drawn alike)
    asked = page.question("special_terms")
    table = asked.answer()
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_TERMS)
        downloads.export(Offer(_TERMS, asked, table.num_rows, _TERMS_ABOUT))
    st.caption(session.say(_TERMS_ABOUT))
    if table.num_rows:
        tables.show(table, _TERM_COLUMNS, key="special_terms", opens="customer")
    else:
        page.empty(_NO_TERMS)
    if session.actor().may(Permission.PROPOSE):
        page.section(_PROPOSE)
        _propose()


def _propose() -> None:
    form = forms.begin("propose_term")
    stops.follow(form)
    about = forms.customer(form)
    kind = forms.pills(form, "kind", _WHICH, VALUE["term_kind"])
    days = rate = None
    if kind == "payment_terms":
        days = forms.field(form, "days", st.number_input, session.say(_DAYS), min_value=0, max_value=730, step=15, value=None)
    if kind == "discount":
        rate = forms.field(form, "rate", st.number_input, session.say(_RATE), min_value=0.0, max_value=99.0, step=0.5, value=None)
    what = forms.line(form, "what", WHAT, optional=kind != "service")
    until_on = forms.soon(form, "until_on", _UNTIL)
    reason = forms.line(form, "reason", _REASON)
    share = Decimal(str(rate)) / 100 if rate is not None else None
    name = session.say(_SAID, what=session.say(_PROPOSE), name=about["name"] if about else "")
    needed = {"kind": _WHICH, **({"what": WHAT} if kind == "service" else {}), "until_on": _UNTIL, "reason": _REASON}

    def build(_: bool) -> ProposeTerm:  # noqa: FBT001 (the form's own signature)
        term = Term(str(kind), days, share, what or None)
        return ProposeTerm(about["customer_id"] if about else 0, term, until_on or session.today(), reason, session.today())

    forms.save(form, build, name, needed=needed)


def _groups(scope: Scope) -> None:  # noqa: ARG001 (views are drawn alike)
    asked = page.question("families")
    table = asked.answer()
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_GROUPS)
        downloads.export(Offer(_GROUPS, asked, table.num_rows, _GROUPS_ABOUT))
    st.caption(session.say(_GROUPS_ABOUT))
    if not table.num_rows:
        page.empty(_NO_GROUPS)
        return
    _lines(table.to_pylist())
    tables.show(table, _GROUP_COLUMNS, key="groups", opens="customer")


def _lines(rows: Sequence[Mapping[str, Any]]) -> None:
    """Each group with its sum, the fullest first."""
    found = sorted(families.together(rows), key=lambda family: family.used or 0, reverse=True)
    parted = families.in_part()
    for family in found[:20]:
        colour = {"stop": "red", "red": "orange", "amber": "orange"}.get(family.state, "gray")
        st.markdown(f"**{page.md(family.head)}** :{colour}[{page.md(families.line(family, parted))}]")
