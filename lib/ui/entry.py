"""The quick forms: interaction, score, complaint, suggestion, promise, payment, new customer; and what I entered today."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, Final

import streamlit as st

from lib import formats, terms
from lib.commands import REGISTRY
from lib.commands.answers import CALL_BACK_DAYS
from lib.commands.complaints import RecordComplaint, answer_due
from lib.commands.customers import KIND, RegisterCustomer
from lib.commands.promises import RecordPromise
from lib.commands.receivables import RecordPayment
from lib.commands.service import RecordInteraction, RecordScore, RecordSuggestion
from lib.domain import kinds, matching
from lib.domain.access import Permission
from lib.domain.planning import working_days_after
from lib.text import Text
from lib.ui import batch, forms, page, session
from lib.ui.forms import Form

FORM: Final[dict[str, Text]] = {
    "interaction": Text("互动", "Interaction"),
    "score": Text("评分", "Score"),
    "complaint": Text("投诉", "Complaint"),
    "suggestion": Text("建议", "Suggestion"),
    "promise": Text("承诺还款", "Promise to pay"),
    "payment": Text("收款", "Payment"),
    "customer_new": Text("新客户", "New customer"),
}
NEEDS: Final[dict[str, Permission]] = {
    "interaction": Permission.SERVICE_WRITE,
    "score": Permission.SERVICE_WRITE,
    "complaint": Permission.SERVICE_WRITE,
    "suggestion": Permission.SERVICE_WRITE,
    "promise": Permission.PROMISE_WRITE,
    "payment": Permission.RECEIVABLE_WRITE,
    "customer_new": Permission.CUSTOMER_WRITE,
}
METHOD: Final[dict[str, Text]] = {
    "transfer": Text("银行转账", "Bank transfer"),
    "cash": Text("现金", "Cash"),
    "draft": Text("承兑汇票", "Bank draft"),
    "wechat": Text("微信", "WeChat"),
    "alipay": Text("支付宝", "Alipay"),
    "card": Text("刷卡", "Card"),
}
REMEMBERED: Final = ("channel", "direction", "metric", "method")
"""Fields that start with what was chosen last time."""
_WHAT: Final = Text("录入什么", "What to enter")
_CHANNEL: Final = Text("渠道", "Channel")
_DIRECTION: Final = Text("方向", "Direction")
_SUMMARY: Final = Text("一句话内容", "In one sentence")
_BODY: Final = Text("详细", "Details")
_OUTCOME: Final = Text("结果", "Outcome")
_ON: Final = Text("日期", "Date")
_NEXT: Final = Text("下次跟进", "Next follow-up")
_METRIC: Final = Text("指标", "Metric")
_SCORE: Final = Text("分数", "Score")
_WHY: Final = Text("为什么", "Why")
_WHY_HINT: Final = Text("客户原话", "In the customer's words")
_RESPONDENT: Final = Text("受访人", "Respondent")
_LOW: Final = Text("低分：保存后自动建回访任务，{day}前完成。", "A low score: saving makes a call-back task, due {day}.")
_COMPLAINT: Final = Text("投诉内容", "What happened")
_SEVERITY: Final = Text("严重程度", "Severity")
_CAUSE: Final = Text("原因", "Cause")
_PROMISED_BY_US: Final = Text("答应何时答复", "Answer promised for")
_ANSWER: Final = Text("不填则按严重程度：{day}前答复。", "If left empty, by its severity: answer due {day}.")
_IDEA: Final = Text("客户希望我们怎么做", "What the customer would have us do")
_INVOICE: Final = Text("账单", "Invoice")
_ALL_OVERDUE: Final = Text("全部逾期账单", "All overdue invoices")
_AMOUNT: Final = Text("金额", "Amount")
_PAID: Final = Text("金额（{currency}）", "Amount ({currency})")
_DEFAULT: Final = Text("不填则为 {amount}", "If left empty: {amount}")
_NOTHING_OPEN: Final = Text("这个客户没有未收账单。", "This customer has no open invoices.")
_PROMISED_ON: Final = Text("承诺还款日", "Promised date")
_WHO: Final = Text("谁承诺的", "Who promised")
_NOTE: Final = Text("备注", "Note")
_METHOD: Final = Text("付款方式", "Method")
_PAYER: Final = Text("付款人（与客户不同时填）", "Payer, if not the customer")
_OPEN: Final = Text("未收 {open_amount}，其中逾期 {overdue}。", "{open_amount} open, of which {overdue} overdue.")
_NAME: Final = Text("客户名称", "Customer name")
_ALIKE: Final = Text("可能已有这个客户：", "This customer may already be there:")
_KIND: Final = Text("类型", "Kind")
_REGION: Final = Text("地区", "Region")
_ACCOUNT: Final = Text("客户账号", "Account no.")
_ACCOUNT_HINT: Final = Text("不填则自动编号", "Given automatically if left empty")
_MINE: Final = Text("我今天录入的", "What I entered today")
_NOTHING_YET: Final = Text("今天还没有录入。", "Nothing entered today yet.")
_UNDO: Final = Text("撤销", "Undo")
_IS_UNDONE: Final = Text("（已撤销）", " (undone)")
_ONE: Final = Text("单条", "One")
_BATCH: Final = Text("批量（只用键盘）", "Batch (keyboard only)")
_MODE: Final = Text("方式", "Mode")


@st.fragment
@session.run()
def desk() -> None:
    """The forms this person may use, one at a time; the URL says which (`?form=score&customer=7`). Below: what was entered today."""
    offered = {name: FORM[name] for name, needs in NEEDS.items() if session.actor().may(needs)}
    chosen = forms.switch("form", offered, _WHAT)
    with st.container(key="entry-form"):
        _DRAW[chosen]()
    mine_today()


def _interaction() -> None:
    form = forms.begin("interaction")
    about = forms.customer(form)
    channel = forms.pills(form, "channel", _CHANNEL, kinds.CHANNEL, remember=True)
    summary = forms.line(form, "summary", _SUMMARY)
    outcome = forms.pills(form, "outcome", _OUTCOME, kinds.OUTCOME)
    body = forms.area(form, "body", _BODY)
    left, middle, right = st.columns(3)
    with left:
        direction = forms.pills(form, "direction", _DIRECTION, kinds.DIRECTION, remember=True)
    with middle:
        on_date = forms.day(form, "on_date", _ON, start=session.today())
    with right:
        next_on = forms.soon(form, "next_on", _NEXT)
    given = {"summary": summary, "channel": channel, "direction": direction, "outcome": outcome, "body": body, "next_on": next_on}
    _save(form, RecordInteraction, about, {**given, "on_date": on_date})


def _score() -> None:
    mode = forms.switch("mode", {"one": _ONE, "batch": _BATCH}, _MODE)
    if mode == "batch":
        batch.sheet()
    else:
        _one_score()


def _one_score() -> None:
    form = forms.begin("score")
    about = forms.customer(form)
    metric = forms.pills(form, "metric", _METRIC, {name: scale.label for name, scale in kinds.SCORE.items()}, remember=True) or "nps"
    scale = kinds.SCORE[metric]
    st.caption(session.say(scale.question))
    marks = {mark: Text(str(mark), str(mark)) for mark in range(scale.low, scale.high + 1)}
    score = forms.pills(form, f"score_{metric}", _SCORE, marks)
    if score is not None and scale.is_low(score):
        due_on = working_days_after(session.today(), CALL_BACK_DAYS)
        st.caption(session.say(_LOW, day=formats.day(due_on, session.language())))
    comment = forms.line(form, "comment", _WHY, hint=_WHY_HINT)
    left, middle, right = st.columns(3)
    with left:
        channel = forms.pills(form, "channel", _CHANNEL, kinds.CHANNEL, remember=True)
    with middle:
        respondent = forms.line(form, "respondent", _RESPONDENT, optional=True)
    with right:
        on_date = forms.day(form, "on_date", _ON, start=session.today())
    given = {"metric": metric, "score": score, "comment": comment or None, "channel": channel, "respondent": respondent or None}
    _save(form, RecordScore, about, {**given, "on_date": on_date}, needed={f"score_{metric}": _SCORE})


def _complaint() -> None:
    form = forms.begin("complaint")
    about = forms.customer(form)
    summary = forms.line(form, "summary", _COMPLAINT)
    severity = forms.pills(form, "severity", _SEVERITY, kinds.SEVERITY)
    cause = forms.pills(form, "cause", _CAUSE, kinds.CAUSE)
    body = forms.area(form, "body", _BODY)
    left, middle, right = st.columns(3)
    with left:
        channel = forms.pills(form, "channel", _CHANNEL, kinds.CHANNEL, remember=True)
    with middle:
        on_date = forms.day(form, "on_date", _ON, start=session.today())
    with right:
        due_on = forms.day(form, "due_on", _PROMISED_BY_US, start=None)
        if severity and on_date:
            st.caption(session.say(_ANSWER, day=formats.day(answer_due(_complaint_rule(), severity, on_date), session.language())))
    given = {"summary": summary, "severity": severity, "cause": cause, "body": body, "channel": channel, "due_on": due_on}
    _save(form, RecordComplaint, about, {**given, "on_date": on_date}, needed={"severity": _SEVERITY})


def _complaint_rule() -> dict[str, Any]:
    found = page.row("rule_in_force", kind="complaint")
    return dict(json.loads(found["body"])) if found else {}


def _suggestion() -> None:
    form = forms.begin("suggestion")
    about = forms.customer(form)
    summary = forms.line(form, "summary", _IDEA)
    cause = forms.pills(form, "cause", _CAUSE, kinds.CAUSE)
    body = forms.area(form, "body", _BODY)
    left, right = st.columns(2)
    with left:
        channel = forms.pills(form, "channel", _CHANNEL, kinds.CHANNEL, remember=True)
    with right:
        on_date = forms.day(form, "on_date", _ON, start=session.today())
    given = {"summary": summary, "cause": cause, "body": body, "channel": channel, "on_date": on_date}
    _save(form, RecordSuggestion, about, given)


def _promise() -> None:
    form = forms.begin("promise")
    about = forms.customer(form)
    owed = page.rows("open_items", customer_id=about["customer_id"]) if about else []
    if about and not owed:
        page.empty(_NOTHING_OPEN)
        return
    invoice, default = _owed(form, owed)
    currency = invoice["currency"] if invoice else owed[0]["currency"] if owed else "CNY"
    left, right = st.columns(2)
    with left:
        promised = forms.amount(
            form, "amount", _AMOUNT, currency=currency, hint=_DEFAULT if owed else None, amount=forms.money(default, currency)
        )
    with right:
        due_on = forms.soon(form, "due_on", _PROMISED_ON)
    promised_by = forms.line(form, "promised_by", _WHO, optional=True)
    note = forms.line(form, "note", _NOTE, optional=True)
    given = {"amount": promised, "currency": currency, "invoice_id": invoice and invoice["invoice_id"], "due_on": due_on}
    more = {"promised_by": promised_by or None, "note": note or None}
    said = (forms.money(promised or default, currency), formats.full_date(due_on, session.language())) if due_on else ()
    _save(form, RecordPromise, about, {**given, **more}, needed={"due_on": _PROMISED_ON}, said=said)


def _owed(form: Form, owed: list[dict[str, Any]]) -> tuple[dict[str, Any] | None, Decimal]:
    """The invoice the promise is about, if one, and the amount that is meant when none is given."""
    if not owed:
        return None, Decimal(0)
    labels = {0: session.say(_ALL_OVERDUE)} | {row["invoice_id"]: _invoice(row) for row in owed}
    st.selectbox(session.say(_INVOICE), list(labels), key=form.key("invoice_id"), format_func=labels.__getitem__)
    chosen = next((row for row in owed if row["invoice_id"] == form.get("invoice_id")), None)
    if chosen:
        return chosen, chosen["open_amount"]
    same = [row for row in owed if row["currency"] == owed[0]["currency"]]
    overdue = sum((row["open_amount"] for row in same if row["due_on"] < session.today()), Decimal(0))
    return None, overdue or sum((row["open_amount"] for row in same), Decimal(0))


def _invoice(row: Mapping[str, Any]) -> str:
    amount = forms.money(row["open_amount"], row["currency"])
    return f"{row['invoice_no']} · {formats.day(row['due_on'], session.language())} · {amount}"


def _payment() -> None:
    form = forms.begin("payment")
    about = forms.customer(form)
    owed = page.rows("open_items", customer_id=about["customer_id"]) if about else []
    currency = _currency(form, [row["currency"] for row in owed] + [about["currency"] if about else "CNY"])
    same = [row for row in owed if row["currency"] == currency]
    if same:
        overdue = sum((row["open_amount"] for row in same if row["due_on"] < session.today()), Decimal(0))
        open_amount = sum((row["open_amount"] for row in same), Decimal(0))
        st.caption(session.say(_OPEN, open_amount=forms.money(open_amount, currency), overdue=forms.money(overdue, currency)))
    left, right = st.columns(2)
    with left:
        label = Text(_PAID.say("zh", currency=currency), _PAID.say("en", currency=currency))
        paid = forms.amount(form, "amount", label, currency=currency)
    with right:
        on_date = forms.day(form, "on_date", _ON, start=session.today())
    method = forms.pills(form, "method", _METHOD, METHOD, remember=True)
    payer = forms.line(form, "payer", _PAYER, optional=True)
    memo = forms.line(form, "memo", _NOTE, optional=True)
    given = {"amount": paid, "on_date": on_date, "currency": currency, "method": method, "payer": payer or None, "memo": memo or None}
    said = (forms.money(paid, currency), formats.full_date(on_date, session.language())) if paid and on_date else ()
    _save(form, RecordPayment, about, given, needed={"amount": _AMOUNT}, said=said)


def _currency(form: Form, possible: list[str]) -> str:
    """What the customer owes in, the oldest debt first; asked only when there are several."""
    used = list(dict.fromkeys(possible))
    if len(used) == 1:
        return used[0]
    form.start("currency", used[0])
    if form.get("currency") not in used:  # another customer was chosen since
        form.put("currency", used[0])
    return str(forms.pills(form, "currency", terms.COLUMN["currency"], {one: Text(one, one) for one in used}) or used[0])


def _customer_new() -> None:
    form = forms.begin("customer_new")
    name = forms.line(form, "name", _NAME)
    _alike(name)
    kind = forms.pills(form, "kind", _KIND, KIND, remember=True)
    left, right = st.columns(2)
    with left:
        region = forms.line(form, "region", _REGION, optional=True)
    with right:
        account_no = forms.line(form, "account_no", _ACCOUNT, hint=_ACCOUNT_HINT)
    note = forms.line(form, "note", _NOTE, optional=True)
    given = {"name": name, "kind": kind, "region": region or None, "account_no": account_no or None, "note": note or None}
    forms.save(form, lambda confirmed: RegisterCustomer(**given, confirmed=confirmed), name, remember={"kind": kind})


def _alike(name: str) -> None:
    """A warning while the name is typed; it never blocks."""
    if len(name.strip()) < 2:  # noqa: PLR2004 (one character is like everything)
        return
    ids, cores = _names(session.ledger().version, session.actor().sight)
    alike = matching.similar(name, cores)
    if alike:
        with st.container(border=True, horizontal=True):
            st.markdown(session.say(_ALIKE))
            for other in alike:
                page.link(other.name, "customer", customer=ids[other.name])


@st.cache_data(show_spinner=False, max_entries=4)
def _names(version: int, sight: tuple[object, ...]) -> tuple[dict[str, int], dict[str, str]]:  # noqa: ARG001 (what the cache is keyed by)
    ids = {row["name"]: row["customer_id"] for row in page.rows("customer_names")}
    return ids, {name: matching.core_name(name) for name in ids}


def _save(  # noqa: PLR0913 (a form has that many sides)
    form: Form,
    command: Callable[..., Any],
    about: Mapping[str, Any] | None,
    given: dict[str, Any],
    *,
    needed: Mapping[str, Text] | None = None,
    said: Sequence[str] = (),
) -> None:
    """The save button for a command about a customer on a day; `said` is read back in the receipt beside form and customer."""
    needed = {**(needed or {}), **({"on_date": _ON} if "on_date" in given else {})}
    facts = {**given, "today": session.today(), "customer_id": about["customer_id"] if about else 0}
    what = " · ".join((session.say(FORM[form.name]), about["name"], *said)) if about else ""
    last = {name: given[name] for name in REMEMBERED if given.get(name)}
    forms.save(form, lambda confirmed: command(**facts, confirmed=confirmed), what, needed=needed, remember=last)


_DRAW: Final[dict[str, Callable[[], None]]] = {
    "interaction": _interaction,
    "score": _score,
    "complaint": _complaint,
    "suggestion": _suggestion,
    "promise": _promise,
    "payment": _payment,
    "customer_new": _customer_new,
}


def mine_today() -> None:
    """My own entries of today, each with its undo."""
    page.section(_MINE)
    now = session.ledger().clock().replace(tzinfo=UTC).astimezone(session.zone())
    since = datetime.combine(now.date(), time.min, session.zone()).astimezone(UTC).replace(tzinfo=None)
    entries = page.rows("my_changes", user_id=session.actor().user_id, since=since, commands=RECORDED, most=20)
    if not entries:
        st.caption(session.say(_NOTHING_YET))
    for entry in entries:
        _mine(entry)


RECORDED: Final = tuple(
    command.__name__
    for command in (RecordInteraction, RecordScore, RecordComplaint, RecordSuggestion, RecordPromise, RecordPayment, RegisterCustomer)
)


def _mine(entry: Mapping[str, Any]) -> None:
    detail = json.loads(entry["detail"])
    said = detail.get("summary") or detail.get("comment") or detail.get("name") or ""
    mark = detail.get("score") if detail.get("score") is not None else detail.get("amount") or ""
    title = session.say(REGISTRY[entry["command"]].title)
    about = entry["customer_name"] or page.about_words(entry["subject"])
    parts = [page.moment(entry["made_at"])[-5:], title, about, str(mark), said[:40]]
    with st.container(horizontal=True, vertical_alignment="center", key=f"mine-{entry['change_id']}"):
        text = page.md(" · ".join(part for part in parts if part))
        if entry["is_undone"]:
            st.markdown(f"~~{text}~~{session.say(_IS_UNDONE)}")
        else:
            st.markdown(text)
            st.button(
                session.say(_UNDO), key=f"undo-{entry['change_id']}", type="tertiary", on_click=forms.undo, args=(entry["change_id"],)
            )
