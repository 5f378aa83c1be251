"""What is to be billed: periods of agreements with their oddities, drafts, and posting them; three clicks from list to mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.commands.billing import DraftPeriods, DropDrafts, PostDrafts, Posted, SkipPeriod
from lib.domain.access import Permission
from lib.errors import Doubtful, Refused
from lib.store.door import Command, Receipt, execute
from lib.text import Text
from lib.ui import agreements, downloads, drafting, forms, mailing, page, session, tables
from lib.ui.downloads import Offer

VIEWS: Final[dict[str, Text]] = {
    "draft": Text("待开", "To bill"),
    "issued": Text("已开", "Invoices"),
    "correct": Text("更正与关账", "Corrections"),
    "outbox": Text("发件箱", "Outbox"),
}
ODD_RATE: Final = 0.5
"""A bill that differs from the one before by more than this is pointed out."""
_VIEW: Final = Text("看什么", "View")
_UNTIL: Final = Text("开到哪天", "Bill up to")
_HEAD: Final = Text("{periods}待开，{drafts}", "{periods} to bill, {drafts}")
_PERIODS: Final = Text("{count} 期协议", "{count}")
_DRAFTS_COUNT: Final = Text("{count} 张草稿", "{count}")
_SUMS: Final = Text("待开 {due} · 草稿 {drafted}", "To bill {due} · drafts {drafted}")
_ODD: Final = Text("{count} 项要看一眼", "{count} to look at")
_DUE: Final = Text("协议待开", "From agreements")
_DUE_ABOUT: Final = Text(
    "到 {until} 应开而未开的各期，含漏开的；每期只开一次。",
    "Every period up to {until} not billed yet, missed ones too; each is billed once.",
)
_NOTHING_DUE: Final = Text("到 {until} 没有协议要开。", "No agreement is to be billed up to {until}.")
_MAKE_ALL: Final = Text("全部生成草稿（{count}，{sums}）", "Draft all ({count}, {sums})")
_MAKE: Final = Text("生成选中的草稿（{count}，{sums}）", "Draft the ticked ones ({count}, {sums})")
_MADE: Final = Text("已生成 {count} 张草稿", "Drafts made: {count}")
_SKIP: Final = Text("跳过这一期", "Leave this period out")
_SKIPPED: Final = Text("已跳过这一期", "The period is left out")
_REASON: Final = Text("原因", "Reason")
_CONFIRM: Final = Text("确定", "Confirm")
_DRAFTS: Final = Text("草稿", "Drafts")
_NO_DRAFTS: Final = Text(
    "没有草稿。从上面的协议生成，或在下面新建。", "No drafts. Make them from the agreements above, or write one below."
)
_POST_ALL: Final = Text("全部开票（{count}，{sums}）", "Post all ({count}, {sums})")
_POST: Final = Text("开选中的（{count}，{sums}）", "Post the ticked ones ({count}, {sums})")
_POSTED: Final = Text("已开 {numbers}", "Posted {numbers}")
_LEFT: Final = Text("{drafts}没有开，仍是草稿：", "{drafts} not posted, still drafts:")
_DROP: Final = Text("删除选中的草稿", "Drop the ticked drafts")
_DROPPED: Final = Text("已删除 {count} 张草稿", "Drafts dropped: {count}")
_WRITE: Final = Text("录入", "Write")
_NEW_DRAFT: Final = Text("新建账单", "New invoice")
_CHANGE_DRAFT: Final = Text("修改选中的草稿", "Change the ticked draft")
_NEW_AGREEMENT: Final = Text("新建协议", "New agreement")
_CHANGE_AGREEMENT: Final = Text("修改选中的协议", "Change the clicked agreement")
_END: Final = Text("终止选中的协议", "End the clicked agreement")
_ANYWAY: Final = Text("仍要开票", "Post them anyway")
_UNDO: Final = Text("撤销", "Undo")
_FIRST: Final = Text("首期", "first bill")
_FAR: Final = Text("较上期 {rate}", "{rate} vs last period")
_MISSED: Final = Text("补开", "missed")
_VOIDED: Final = Text("上次已作废", "voided before")
_MOVED: Final = Text("已关账，改记 {day}", "books closed, dated {day}")
_CLOSED: Final = Text("日期已关账", "date is in the closed books")
_COLUMNS: Final = ("name", "agreement_title", "period_on", "amount", "currency", "oddity", "last_amount", "tax_amount", "on_date", "due_on")
_DRAFT_COLUMNS: Final = ("name", "on_date", "amount", "currency", "oddity", "agreement_title", "period_on", "tax_amount", "due_on", "memo")
_KEY: Final = "billing.done"


def choose() -> str:
    """What to look at; it stands in the URL."""
    return forms.switch("view", VIEWS, _VIEW)


@st.fragment
@session.run()
def desk() -> None:
    """The month's end in one look: totals and oddities, periods to draft, drafts to post, agreements behind them."""
    until = st.date_input(session.say(_UNTIL), session.today(), key="until", bind="query-params", format="YYYY-MM-DD", width=170)
    until = until if isinstance(until, date) else session.today()
    asked, waiting = page.question("bills_due", until=until), page.question("drafts")
    due, drafted = _marked(asked.answer()), _marked(waiting.answer())
    _headline(due, drafted)
    _done()
    _periods(due, asked, until)
    ticked = _drafts(drafted, waiting)
    agreement = agreements.listing()
    if session.actor().may(Permission.RECEIVABLE_WRITE):
        _write(ticked, agreement)


def _headline(due: pa.Table, drafted: pa.Table) -> None:
    periods = session.say(_PERIODS, count=formats.counted(due.num_rows, "period", "periods"))
    drafts = session.say(_DRAFTS_COUNT, count=formats.counted(drafted.num_rows, "draft", "drafts"))
    st.subheader(session.say(_HEAD, periods=periods, drafts=drafts), anchor=False)
    odd = sum(1 for table in (due, drafted) for said in table["oddity"].to_pylist() if said)
    with st.container(horizontal=True, vertical_alignment="center", key="billing-sums"):
        st.caption(page.md(session.say(_SUMS, due=sums(due), drafted=sums(drafted))), width="content")
        if odd:
            st.badge(session.say(_ODD, count=odd), icon=":material/visibility:", color="orange")


def sums(table: pa.Table) -> str:
    """Amounts added up, one currency at a time."""
    found: dict[str, Decimal] = {}
    for amount, currency in zip(table["amount"].to_pylist(), table["currency"].to_pylist(), strict=True):
        found[currency] = found.get(currency, Decimal(0)) + amount
    return " + ".join(forms.money(amount, currency) for currency, amount in sorted(found.items())) or formats.MISSING


def _marked(table: pa.Table) -> pa.Table:
    """The same rows with what looks odd about them, in words."""
    return table.append_column("oddity", pa.array([_oddity(row) for row in table.to_pylist()], pa.string()))


def _oddity(row: Mapping[str, Any]) -> str | None:
    said = []
    if row["agreement_id"] is not None and row["last_amount"] is None:
        said.append(session.say(_FIRST))
    if row["change_rate"] is not None and abs(row["change_rate"]) > ODD_RATE:
        rate = formats.percent(row["change_rate"], 0)
        said.append(session.say(_FAR, rate=rate if row["change_rate"] < 0 else f"+{rate}"))
    marks = (("is_missed", _MISSED), ("is_voided", _VOIDED), ("is_closed", _CLOSED))
    said += [session.say(word) for name, word in marks if row.get(name)]
    if row.get("is_moved"):
        said.append(session.say(_MOVED, day=formats.day(row["on_date"], session.language())))
    return " · ".join(said) or None


def _periods(due: pa.Table, asked: page.Question, until: date) -> None:
    day = formats.full_date(until, session.language())
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_DUE)
        downloads.export(Offer(_DUE, asked, due.num_rows, prepare=_marked))
    if not due.num_rows:
        st.caption(session.say(_NOTHING_DUE, until=day))
        return
    st.caption(session.say(_DUE_ABOUT, until=day))
    ticked = tables.several(due, _COLUMNS, key="bills_due")
    if not session.actor().may(Permission.RECEIVABLE_WRITE):
        return
    chosen = ticked if ticked.num_rows else due
    periods = tuple(zip(chosen["agreement_id"].to_pylist(), chosen["period_on"].to_pylist(), strict=True))
    with st.container(horizontal=True, key="billing-make"):
        label = session.say(_MAKE if ticked.num_rows else _MAKE_ALL, count=chosen.num_rows, sums=sums(chosen))
        st.button(page.md(label), key="draft-periods", type="primary", on_click=_make, args=(until, periods))
        if ticked.num_rows == 1:
            with st.popover(session.say(_SKIP), key="skip-period"):
                st.text_input(session.say(_REASON), key="skip-reason")
                st.button(session.say(_CONFIRM), key="skip-confirm", on_click=_skip, args=periods[0])


def _make(until: date, periods: tuple[tuple[int, date], ...]) -> None:
    act(DraftPeriods(until, periods), lambda receipt: session.say(_MADE, count=len(receipt.result)))


def _skip(agreement_id: int, period_on: date) -> None:
    act(SkipPeriod(agreement_id, period_on, st.session_state["skip-reason"]), lambda _: session.say(_SKIPPED))


def _drafts(drafted: pa.Table, asked: page.Question) -> dict[str, Any] | None:
    """The drafts with their buttons; gives the one ticked."""
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_DRAFTS)
        downloads.export(Offer(_DRAFTS, asked, drafted.num_rows, prepare=_marked))
    if not drafted.num_rows:
        st.caption(session.say(_NO_DRAFTS))
    ticked = tables.several(drafted, _DRAFT_COLUMNS, key="drafts")
    if drafted.num_rows and session.actor().may(Permission.RECEIVABLE_WRITE):
        _post_bar(drafted, ticked)
    return dict(ticked.to_pylist()[0]) if ticked.num_rows == 1 else None


def _write(draft: dict[str, Any] | None, agreement: dict[str, Any] | None) -> None:
    """One form at a time: for what was ticked or clicked last, else for something new."""
    words = {
        "draft": _CHANGE_DRAFT if draft else _NEW_DRAFT,
        "agreement": _CHANGE_AGREEMENT if agreement else _NEW_AGREEMENT,
        **({"end": _END} if agreement else {}),
    }
    for name, row, key in (("draft", draft, "draft_id"), ("agreement", agreement, "agreement_id")):
        touched = row[key] if row else None
        if touched != st.session_state.get(f"billing.{name}"):
            st.session_state[f"billing.{name}"] = touched
            if touched:
                st.session_state["switch-write"] = name
    page.section(_WRITE)
    chosen = forms.switch("write", words, _WRITE)
    with st.container(key="billing-form"):
        if chosen == "end" and agreement:
            agreements.end(agreement)
        elif chosen == "agreement":
            agreements.agreement(agreement)
        else:
            drafting.draft(draft)


def _post_bar(drafted: pa.Table, ticked: pa.Table) -> None:
    chosen = ticked if ticked.num_rows else drafted
    draft_ids = tuple(chosen["draft_id"].to_pylist())
    with st.container(horizontal=True, key="billing-post"):
        label = session.say(_POST if ticked.num_rows else _POST_ALL, count=chosen.num_rows, sums=sums(chosen))
        st.button(page.md(label), key="post-drafts", type="primary", on_click=_post, args=(draft_ids,))
        if ticked.num_rows:
            st.button(session.say(_DROP), key="drop-drafts", on_click=_drop, args=(draft_ids,))


def _post(draft_ids: tuple[int, ...], *, confirmed: bool = False) -> None:
    """What cannot be posted stays a draft and is named with its reason."""
    command = PostDrafts(draft_ids, session.today(), confirmed, whole=False)
    act(command, lambda receipt: session.say(_POSTED, numbers=_listed(receipt.result.numbers)), lambda: _post(draft_ids, confirmed=True))


def _left_behind(left: Mapping[int, Refused]) -> None:
    """The drafts that were not posted, each with the reason."""
    if not left:
        return
    names = {row["draft_id"]: row["name"] for row in page.rows("drafts")}
    whose = {draft_id: names.get(draft_id) or formats.MISSING for draft_id in left}
    lines = [f"- **{page.md(whose[number])}** {page.md(refusal.say(session.language()))}" for number, refusal in left.items()]
    count = session.say(_DRAFTS_COUNT, count=formats.counted(len(left), "draft", "drafts"))
    st.warning("\n".join([session.say(_LEFT, drafts=count), "", *lines]))


def _listed(numbers: Sequence[str]) -> str:
    return numbers[0] if len(numbers) == 1 else f"{numbers[0]} – {numbers[-1]}"


def _drop(draft_ids: tuple[int, ...]) -> None:
    act(DropDrafts(draft_ids), lambda receipt: session.say(_DROPPED, count=receipt.result))


def act(command: Command, said: Callable[[Receipt], str], again: Callable[[], None] | None = None) -> None:
    """Make a change from a button; what came of it stands above the lists with its undo, a doubt with its way on."""
    try:
        receipt = execute(session.ledger(), session.actor(), command)
    except Refused as refusal:
        st.session_state[_KEY] = (refusal, again if isinstance(refusal, Doubtful) else None, None)
        return
    posted = receipt.result if isinstance(receipt.result, Posted) else None
    st.session_state[_KEY] = (said(receipt), receipt.change_id, posted)


def _done() -> None:
    """What the last click came to."""
    told = st.session_state.get(_KEY)
    if not told:
        return
    what, then, posted = told
    if isinstance(what, Refused):
        page.refused(what)
        if then:
            st.button(session.say(_ANYWAY), key="post-anyway", on_click=then)
        else:
            st.session_state.pop(_KEY)
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="billing-done"):
        st.markdown(":material/check_circle: " + page.md(what))
        st.button(session.say(_UNDO), key="billing-undo", icon=":material/undo:", on_click=forms.undo, args=(then, _KEY))
        if posted:
            mailing.batch(tuple(posted.numbers))
    if posted:
        _left_behind(posted.left)
