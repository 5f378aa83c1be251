"""The collector's list: how much is to do, whom to call first, what is held or done, and who is to be thanked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats, terms
from lib.commands.collect import SKIPPED, SendReminders, SendThanks
from lib.domain import advice, kinds, ladder, letters
from lib.papers.letter import Written
from lib.term_values import VALUE
from lib.text import Language, Text
from lib.ui import downloads, forms, page, papers, session, tables
from lib.ui.filters import Scope

VIEW: Final[dict[str, Text]] = {
    "todo": Text("今天要做", "To do"),
    "soon": Text("快到期", "Due soon"),
    "waiting": Text("未到时候", "Not yet"),
    "held": Text("暂缓", "On hold"),
    "done": Text("今天已做", "Done today"),
    "thanks": Text("致谢", "Thanks"),
}
_VIEW_LABEL: Final = Text("看哪些", "Which customers")
_HEADLINE: Final = Text("今天要联系 {customers}，逾期共 {amount}", "{customers} to contact today, {amount} overdue")
_CLEAR: Final = Text("今天的都做完了", "Everything for today is done")
_COUNTS: Final = Text(
    "今天已做 {done} 个 · 暂缓 {held} 个 · 未到时候 {waiting} 个", "{done} done today · {held} on hold · {waiting} not yet due"
)
_SOON: Final = Text(
    "没有逾期、几天内到期的客户；到期前的提醒按同一条催收阶梯，每笔只提醒一次",
    "Nothing overdue, due within days; notes before the due date follow the same ladder, once for each debt",
)
_ORDER: Final = Text("按“逾期金额 × 逾期天数 × 回款可能”从多到少", "Most overdue money × days late × likelihood of paying first")
_FORMULA: Final = Text(
    "每笔逾期金额乘它的逾期天数，相加，再乘回款可能。回款可能：该客户近一年到期日没付的账单中，30 天内付清的比例；"
    "账单少时向购买频次相同的客户靠拢（相当于再加 3 笔同类客户的账单，笔数取自分类规则）。",
    "Each overdue amount times its days late, added up, times the likelihood of paying. Likelihood: of this customer's invoices in a year "
    "not paid on their due day, the share settled within 30 days; with few of them it is drawn towards customers who buy as often "
    "(as if 3 more had gone like theirs, the number from the classification rules).",
)
_EMPTY: Final[dict[str, Text]] = {
    "todo": Text(
        "没有要联系的客户了。看看“未到时候”，或放宽筛选。", "Nobody is left to contact. Look under “Not yet”, or loosen the filters."
    ),
    "soon": Text(
        "没有快到期的账单，或催收阶梯没有到期前的一级。", "Nothing falls due soon, or the reminder ladder has no level before the due date."
    ),
    "waiting": Text("没有在等的客户。", "Nobody is waiting."),
    "held": Text("没有暂缓的客户：没有未到期的承诺、分期、争议或暂缓。", "Nobody is on hold: no open promise, plan, dispute or hold."),
    "done": Text("今天还没有记录结果。从“今天要做”的第一行开始。", "No outcome logged today yet. Start with the first row of “To do”."),
    "thanks": Text("没有要感谢的客户：催过又付清的会出现在这里。", "Nobody to thank: customers who paid all after a reminder appear here."),
}
_NO_MONEY: Final = Text(
    "这里还没有账单。导入账单和收款后，今天该催谁会出现在这里。",
    "There are no invoices yet. Import invoices and payments to see whom to contact today.",
)
_STOP: Final[dict[str, Text]] = {
    "hold": Text("暂缓到 {until_on}", "On hold until {until_on}"),
    "promise": Text("承诺 {until_on} 前付", "Promised by {until_on}"),
    "plan": Text("分期中，{until_on} 再提醒", "Plan runs; next on {until_on}"),
    "dispute": Text("全部有争议，先解决", "All disputed: settle first"),
    "small": Text("低于最小催收金额", "Below the smallest amount"),
    "gap": Text("刚催过，{until_on} 再催", "Reminded lately; from {until_on}"),
    "done": Text("本级已催，下一级 {until_on}", "Level done; next on {until_on}"),
    "early": Text("{until_on} 起提醒", "From {until_on}"),
    "none": Text("没有可催的账单", "Nothing to ask for"),
}
_LEVEL: Final = Text("{channel} · 第 {level} 级{tone}", "{channel} · level {level}, {tone}")
_STEP: Final = Text("{channel} · {tone}", "{channel} · {tone}")
_CALL_NOW: Final = Text("承诺落空，致电", "Broke its word: call")
_CALL_AGAIN: Final = Text("约好今天再联系", "Call again as agreed")
_LATER: Final = Text("约好 {until_on} 再联系", "Call again on {until_on}")
_SEND: Final = Text("发出书面提醒（{count}）", "Send written reminders ({count})")
_SEND_ABOUT: Final = Text(
    "本页有 {count} 个客户的提醒该用邮件或信函。邮件进发件箱，信函在“今天已做”里打印；大客户第一次由人致电，不在其中。",
    "{count} on this page are due a mail or letter. Mails go into the outbox, letters are printed under “Done today”; "
    "large customers are called first and left out.",
)
_TO_PRINT: Final = Text("信函，可打印（{count}）", "Letters to print ({count})")
_PRINTED_WITHIN: Final = timedelta(days=7)
_SEND_NOW: Final = Text("放入发件箱", "Put into the outbox")
_SENT: Final = Text("已发 {sent} 个，跳过 {skipped} 个{why}", "{sent} sent, {skipped} left out{why}")
REMINDED: Final = Text("提醒已处理。", "Reminders taken care of.")
_THANK: Final = Text("发感谢", "Send thanks")
_THANKED: Final = Text("感谢已放入发件箱。", "Thanks put into the outbox.")
_PAID: Final = Text("{paid_on} 付清，收到 {amount}", "paid all by {paid_on}, {amount} in all")
_KEEPING: Final = Text("承诺兑现：近一年到期的，按记录人", "Promises kept: due within a year, by who recorded them")
_KEPT: Final = Text(
    "**{name}** {judged} 条到期，兑现 {kept} 条，到账 {rate}", "**{name}** {judged} fell due, {kept} kept, {rate} of the money came in"
)
_SOON_COLUMNS: Final = ("name", "asked_amount", "due_on", "reminder_due", "last_word", "untouched_days", "owner_name", "account_no")
_COLUMNS: Final = ("name", "overdue_amount", "reminder_due", "reason", "max_days", "last_word", "untouched_days", "likelihood_rate")


def headline(scope: Scope) -> bool:
    """How many, how much and what is done; False when there is no money at all."""
    counts = _counts(scope)
    if counts is None and page.row("any_money", scope) is None:
        page.nothing_yet(_NO_MONEY)
        return False
    counts = counts or {"todo_count": 0, "done_count": 0, "held_count": 0, "waiting_count": 0}
    if counts["todo_count"]:
        said = session.say(_HEADLINE, customers=formats.customers(counts["todo_count"]), amount=_short(counts["todo_amount"], scope))
    else:
        said = session.say(_CLEAR)
    st.markdown(f"#### {said}")
    st.caption(session.say(_COUNTS, done=counts["done_count"], held=counts["held_count"], waiting=counts["waiting_count"]))
    return True


def worklist(scope: Scope) -> Mapping[str, Any] | None:
    """The list of one view; returns the chosen customer's row, the first one unless another was clicked."""
    view = forms.switch("view", VIEW, _VIEW_LABEL)
    if view == "thanks":
        _thanks(scope)
        return None
    if view == "soon":
        return _due_soon(scope)
    asked = page.question("worklist", scope, view=view)
    table = _turned_to(asked)
    st.caption(session.say(_ORDER), help=session.say(_FORMULA))
    if view == "done":
        _keeping(scope)
        _letters()
    if not table.num_rows:
        page.empty(_EMPTY[view])
        return _linked(scope)
    language, policy = session.language(), policy_of()
    with st.container(horizontal=True):
        if view == "todo":
            _send_all(table, policy)
        offer = downloads.Offer(terms.COLLECT, asked, table.num_rows, _FORMULA, lambda answer: worded(answer, policy, language))
        downloads.export(offer, scope)
    chosen = tables.pick(_worded_once(table, policy, language), _COLUMNS, key="worklist", into="customer", by="customer_id")
    ids = [str(one) for one in table["customer_id"].to_pylist()]
    return _row(table, ids.index(chosen)) if chosen in ids else _linked(scope) or _row(table, 0)


def _row(table: pa.Table, place: int) -> Mapping[str, Any]:
    return dict(table.slice(place, 1).to_pylist()[0])


def _due_soon(scope: Scope) -> Mapping[str, Any] | None:
    """Who has money due within days; returns the chosen customer's row."""
    asked = page.question("due_soon", scope)
    table = asked.answer()
    st.caption(session.say(_SOON))
    if not table.num_rows:
        page.empty(_EMPTY["soon"])
        return None
    language, policy = session.language(), policy_of()
    with st.container(horizontal=True):
        _send_all(table, policy)
        downloads.export(
            downloads.Offer(VIEW["soon"], asked, table.num_rows, _SOON, lambda answer: _coming(answer, policy, language)), scope
        )
    chosen = tables.pick(_coming(table, policy, language), _SOON_COLUMNS, key="due_soon", into="customer", by="customer_id")
    rows = table.to_pylist()
    return next((row for row in rows if str(row["customer_id"]) == chosen), None) or dict(rows[0])


def _coming(table: pa.Table, policy: ladder.Policy, language: Language) -> pa.Table:
    """The same rows with what the ladder says in words."""
    rows = table.to_pylist()
    said = pa.array([due(row, policy, language, _STEP) for row in rows], pa.string())
    words = pa.array([last_word(row, language) for row in rows], pa.string())
    return table.append_column("reminder_due", said).append_column("last_word", words)


def _counts(scope: Scope) -> Mapping[str, Any] | None:
    """How many stand in each view: every row of the list below says so, and only an empty list makes it a question of its own."""
    view = forms.chosen("view", VIEW)
    table = None if view in {"thanks", "soon"} else _turned_to(page.question("worklist", scope, view=view))
    if table is not None and table.num_rows:
        return _row(table, 0)
    return page.row("worklist", scope, limit=1)


def _turned_to(asked: page.Question) -> pa.Table:
    """The page of the list a person has turned to."""
    return asked.answer(limit=tables.PAGE_ROWS, offset=tables.offset("worklist"))


def _linked(scope: Scope) -> Mapping[str, Any] | None:
    """The customer a link names, though not of this view; after a save the address names nobody."""
    linked = page.asked_number("customer")
    return page.row("worklist", scope, customer_id=linked, limit=1) if linked else None


def policy_of() -> ladder.Policy:
    """The reminder ladder in force on the date shown."""
    (row,) = page.rows("ladder_policy")
    return ladder.parse(json.loads(row["body"]), row["policy_id"], row["effective_on"])


def worded(table: pa.Table, policy: ladder.Policy, language: Language) -> pa.Table:
    """The same rows with what is due, why the money is late and the last promise in words."""
    rows = table.to_pylist()
    columns = {
        "reminder_due": [due(row, policy, language, _STEP) for row in rows],
        "reason": [advice.reason(row).say(language) for row in rows],
        "next_step": [advice.next_step(row).say(language) for row in rows],
        "last_word": [last_word(row, language) for row in rows],
    }
    for name, words in columns.items():
        table = table.append_column(name, pa.array(words, pa.string()))
    return table


def _worded_once(table: pa.Table, policy: ladder.Policy, language: Language) -> pa.Table:
    """The same, kept for as long as the answer is the same one: a thousand rows of words at every click are felt."""
    kept = st.session_state.get("worklist.worded")
    if not (kept and kept[0] is table and kept[1:3] == (policy, language)):
        kept = st.session_state["worklist.worded"] = (table, policy, language, worded(table, policy, language))
    return kept[3]


def due(row: Mapping[str, Any], policy: ladder.Policy, language: Language, step: Text = _LEVEL) -> str:
    """What is due today for a row of the list, or what stops it; `step` says a step of the ladder, in a list without its number."""
    if row["follow_on"] and row["view"] in {"todo", "waiting"}:
        until = formats.day(row["follow_on"], language)
        return (_CALL_AGAIN if row["view"] == "todo" else _LATER).say(language, until_on=until)
    if row["code"] == "due":
        level = next(one for one in policy.levels if one.level == row["level"])
        tone = ladder.TONE.get(level.tone, Text(level.tone, level.tone))
        return step.say(language, channel=kinds.CHANNEL[level.channel], level=level.level, tone=tone)
    if row["view"] == "todo":
        return _CALL_NOW.say(language)
    until = formats.day(row["until_on"], language) if row["until_on"] else formats.MISSING
    return _STOP[row["code"]].say(language, until_on=until)


def last_word(row: Mapping[str, Any], language: Language) -> str | None:
    """The last promise and what became of it."""
    if not row["last_promise_on"]:
        return None
    return f"{formats.day(row['last_promise_on'], language)} {VALUE['result'][row['last_promise']].say(language)}"


def sent(receipt: Any) -> None:  # noqa: ANN401 (whatever a command returns)
    """Say what a round of reminders came to."""
    result = receipt.result or {"sent": (), "skipped": ()}
    reasons = dict.fromkeys(why for *_, why in result["skipped"])
    said = session.listed(session.say(SKIPPED[why]) for why in reasons)
    why = f"（{said}）" if said and session.language() == "zh" else f" ({said})" if said else ""
    st.toast(page.md(session.say(_SENT, sent=len(result["sent"]), skipped=len(result["skipped"]), why=why)))


def _keeping(scope: Scope) -> None:
    """How well the word customers gave to each collector was kept."""
    with st.expander(session.say(_KEEPING), icon=":material/handshake:"):
        for row in page.rows("promise_keeping", scope, by="collector"):
            rate = page.md(formats.percent(row["received_amount"] / row["promised_amount"] if row["promised_amount"] else None, 0))
            name = page.md(row["label"] or formats.MISSING)
            st.markdown(session.say(_KEPT, name=name, kept=row["kept"], judged=row["judged"], rate=rate))


def _send_all(table: pa.Table, policy: ladder.Policy) -> None:
    written = {level.level for level in policy.levels if level.channel != "phone"}
    rows = table.select(["customer_id", "currency", "code", "level"]).to_pylist()
    wanted = [(row["customer_id"], row["currency"]) for row in rows if row["code"] == "due" and row["level"] in written]
    if not wanted:
        return
    with st.popover(session.say(_SEND, count=len(wanted)), icon=":material/outgoing_mail:", key="send-all"):
        st.markdown(session.say(_SEND_ABOUT, count=len(wanted)))
        st.button(session.say(_SEND_NOW), key="send-all-now", type="primary", on_click=_send, args=(tuple(wanted),))


def _send(wanted: tuple[tuple[int, str], ...]) -> None:
    receipt = page.change(SendReminders(wanted, session.today()), REMINDED)
    if receipt:
        sent(receipt)
        st.session_state["collect.saved"] = (receipt.change_id, session.say(SendReminders.title))


def _letters() -> None:
    """The letters of the last days, each ready to be printed."""
    found = page.rows("letters_to_print", since=session.as_of() - _PRINTED_WITHIN)
    if not found:
        return
    with st.expander(session.say(_TO_PRINT, count=len(found)), icon=":material/print:", key="letters"):
        for row in found:
            with st.container(horizontal=True, vertical_alignment="center"):
                day = formats.day(row["on_date"], session.language())
                st.markdown(f"**{page.md(row['name'])}** {page.md(day)} {page.md(row['subject'])}")
                language = letters.language_written(row["subject"])
                written = Written(row["customer_id"], row["subject"], row["body"], language, row["on_date"])
                papers.letter(written, row["account_no"], str(row["activity_id"]))


def _thanks(scope: Scope) -> None:
    rows = page.rows("thanks_due", scope)
    if not rows:
        page.empty(_EMPTY["thanks"])
    for row in rows:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            amount = formats.money(row["paid_amount"], row["currency"], session.language())
            said = session.say(_PAID, paid_on=formats.day(row["paid_on"], session.language()), amount=amount)
            st.markdown(f"**{page.md(row['name'])}** {page.md(said)}")
            key = f"thank-{row['customer_id']}-{row['currency']}"
            st.button(session.say(_THANK), key=key, on_click=_thank, args=(row["customer_id"], row["currency"]))


def _thank(customer_id: int, currency: str) -> None:
    page.change(SendThanks(customer_id, session.today(), currency), _THANKED)


def _short(amount: Any, scope: Scope) -> str:  # noqa: ANN401 (a decimal)
    return page.md(formats.money(amount, str(scope.currency), session.language(), compact=True))
