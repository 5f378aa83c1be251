"""Customer 360: who it is, what it owes, what was said, who works there; and the list to begin with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import streamlit as st

from lib import formats, terms
from lib.domain import kinds
from lib.exports import VALUE
from lib.text import Text
from lib.ui import (
    actions,
    calling,
    casework,
    class_why,
    contacts,
    credit,
    customer_facts,
    customer_terms,
    downloads,
    exceptions,
    hand_over,
    page,
    papers,
    plans,
    playbook,
    quick,
    score,
    search,
    session,
    tables,
)
from lib.ui.cards import Card
from lib.ui.cards import show as show_cards
from lib.ui.downloads import Offer
from lib.ui.filters import Scope
from lib.ui.review_forms import About

_NOT_FOUND: Final = Text("找不到这个客户，或不在您的范围内。", "There is no such customer, or it is outside your scope.")
_ALL: Final = Text("全部客户", "All customers")
_FIRST: Final = Text("我的客户在前，余额大的在前", "My customers first, the largest balance first")
_FIRST_FEW: Final = Text(
    "这里只列前 {most} 位：我的客户在前，余额大的在前；其余请在上面搜索",
    "The first {most} only: my customers first, the largest balance first; search above for the rest",
)
_MOST: Final = 200
_NO_CUSTOMERS: Final = Text(
    "还没有客户。导入客户或账单后会出现在这里。", "There are no customers yet. Import customers or invoices to see them here."
)
_PAIR: Final = Text("{name}：{value}", "{name}: {value}")
_OWNER: Final = Text("客户经理 {name}", "Account manager {name}")
_NOBODY: Final = Text("未分配", "nobody")
_BALANCE: Final = Text("余额", "Balance")
_OVERDUE: Final = Text("逾期", "Overdue")
_LAST_SCORE: Final = Text("最近评分", "Latest score")
_PROMISE: Final = Text("下一个承诺", "Next promise")
_OPEN_COUNT: Final = Text("{count} 笔未结", "{count} open")
_OLDEST: Final = Text("最长 {days}", "oldest {days}")
_NONE_LATE: Final = Text("没有逾期", "nothing overdue")
_NO_SCORE: Final = Text("还没有评分", "no score yet")
_NO_PROMISE: Final = Text("没有未到期的承诺", "no open promise")
_ALSO: Final = Text("另有 {amounts}", "also {amounts}")
_TIMELINE: Final = Text("时间线", "Timeline")
_MONEY: Final = Text("往来账", "Account")
_CONTACTS: Final = Text("联系人", "Contacts")
_SERVICE: Final = Text("反馈与任务", "Feedback and tasks")
_CHANGES: Final = Text("变更", "Changes")
_KINDS: Final = Text("只看", "Only")
_GROUP: Final[dict[str, tuple[Text, tuple[str, ...]]]] = {
    "money": (Text("钱", "Money"), ("invoice", "credit_note", "payment", "refund", "write_off", "adjustment", "opening", "settled")),
    "promise": (Text("承诺", "Promises"), ("promise",)),
    "touch": (Text("互动与任务", "Touches and tasks"), ("interaction", "task", "reminder")),
    "score": (Text("评分", "Scores"), ("nps", "csat", "ces")),
    "case": (Text("投诉、请求与建议", "Complaints, requests, ideas"), ("complaint", "service", "suggestion", "dispute")),
    "attribute": (Text("资料变更", "Attributes"), ("attribute",)),
}
_ICON: Final = {
    "money": "payments",
    "promise": "handshake",
    "touch": "call",
    "score": "sentiment_satisfied",
    "case": "report",
    "attribute": "edit",
}
_EVENT: Final[dict[str, Text]] = {
    **VALUE["kind"],
    "settled": Text("结清", "Settled"),
    "promise": Text("承诺还款", "Promised to pay"),
    "nps": Text("NPS", "NPS"),
    "csat": Text("CSAT", "CSAT"),
    "ces": Text("CES", "CES"),
    "attribute": Text("资料变更", "Attribute"),
}
_STATE: Final[dict[str, Text]] = {
    **VALUE["state"],
    **VALUE["result"],
    **kinds.OUTCOME,
    **kinds.COLLECT_OUTCOME,
    "open": Text("进行中", "open"),
    "done": Text("已完成", "done"),
    "low": Text("低分", "low"),
}
_BAD: Final = frozenset({"low", "broken", "disputed", "no_answer"})
_NO_EVENTS: Final = Text("还没有记录。从上面的按钮开始录入。", "Nothing recorded yet. Start with the buttons above.")
_MORE: Final = Text("再看 {count} 条", "{count} more")
_STEP: Final = 30
_OPEN_ITEMS: Final = Text("未收账单", "Open invoices")
_STATEMENT: Final = Text("对账单", "Statement")
_NO_MONEY: Final = Text("没有往来账。", "There is no money with this customer.")
_NOTHING_CHANGED: Final = Text("还没有变更记录。", "No changes recorded yet.")


def directory() -> None:
    """Without a customer in the URL: the search field and whom to begin with."""
    search.box("customer_search")
    table = page.read("customers_first", most=_MOST + 1)
    if not table.num_rows:
        page.nothing_yet(_NO_CUSTOMERS)
        return
    is_all = table.num_rows <= _MOST
    st.caption(session.say(_FIRST if is_all else _FIRST_FEW, most=_MOST))
    names = ["name", "account_no", "owner_name", "region", "currency", "balance", "overdue_amount"]
    tables.show(table.slice(0, _MOST), names, key="customers", opens="customer")
    hand_over.orphans()


def head(customer_id: int) -> bool:
    """Who it is and how it stands; False when there is no such customer in sight."""
    card = page.row("customer_card", customer_id=customer_id)
    if card is None:
        page.empty(_NOT_FOUND, "customer", _ALL)
        return False
    st.subheader(page.md(card["name"]), anchor=False)
    owner = session.say(_OWNER, name=card["owner_name"] or session.say(_NOBODY))
    coded = [session.say(VALUE[name][card[name]]) for name in ("kind", "book", "status") if card[name] in VALUE[name]]
    parts = [card["account_no"], card["name_en"], owner, card["team"], card["region"], card["industry"], card["segment"], *coded]
    st.caption(page.md(" · ".join(part for part in parts if part)))
    _classes(customer_id)
    credit.badges(customer_id)
    with st.container(horizontal=True, key="customer-why"):
        class_why.button(customer_id)
        score.button(customer_id)
        hand_over.panel(card)
        customer_facts.panel(card)
    hand_over.told()
    customer_facts.told()
    _contact(customer_id)
    customer_terms.line(card)
    show_cards([_balance(card), _overdue(card), _score(customer_id), _promise(customer_id)], key="customer-cards")
    playbook.panel(customer_id)
    _actions(customer_id)
    actions.panel(About(customer_id, card["name"], case_id=page.asked_number("case")))
    return True


def _classes(customer_id: int) -> None:
    """The four grades; orange where they warn."""
    found = page.row("class_of_customer", customer_id=customer_id)
    if found is None:
        return
    bought = terms.class_words(found["frequency"], found["amount_grade"])
    habit, credit = (session.say(VALUE[name][found[name]]) for name in ("habit", "credit_grade"))
    score = "" if found["credit_grade"] == "unrated" else f" {formats.number(found['credit_score'])}"
    with st.container(horizontal=True, key="customer-classes"):
        st.badge(session.say(bought), color="orange" if found["frequency"] == "dormant" else "gray")
        st.badge(_pair("habit", habit), color="orange" if found["habit"] == "late" else "gray")
        st.badge(_pair("credit_grade", f"{credit}{score}"), color="orange" if found["credit_grade"] == "low" else "gray")


def _pair(name: str, value: str) -> str:
    return session.say(_PAIR, name=terms.COLUMN[name], value=value.lower())


def _contact(customer_id: int) -> None:
    """Whom to call, as far as this person may see it."""
    people = [person for person in page.rows("customer_contacts", customer_id=customer_id) if not person["do_not_contact"]]
    if people:
        calling.person(people[0], key="customer")


def _balance(card: Mapping[str, Any]) -> Card:
    main, others = _main(page.rows("customer_balance", customer_id=card["customer_id"]), card["currency"])
    said = " · ".join(_money(row["balance"], row["currency"]) for row in others)
    note = session.say(_ALSO, amounts=said) if others else session.say(_OPEN_COUNT, count=main["open_invoices"] if main else 0)
    return _amount(_BALANCE, main["balance"] if main else Decimal(0), main["currency"] if main else card["currency"], note)


def _overdue(card: Mapping[str, Any]) -> Card:
    main, _ = _main(page.rows("customer_balance", customer_id=card["customer_id"]), card["currency"])
    late = [row["days_overdue"] for row in page.rows("open_items", customer_id=card["customer_id"]) if row["days_overdue"]]
    note = session.say(_OLDEST, days=formats.days(max(late), session.language())) if late else session.say(_NONE_LATE)
    return _amount(_OVERDUE, main["overdue_amount"] if main else Decimal(0), main["currency"] if main else card["currency"], note)


def _amount(label: Text, amount: Decimal, currency: str, note: str) -> Card:
    """Short on the card, so that it fits a phone; in full below."""
    short = formats.money(amount, currency, session.language(), compact=True)
    return Card(session.say(label), short, note=f"{_money(amount, currency)} · {note}" if amount else note)


def _main(owed: list[dict[str, Any]], currency: str) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The customer's own currency, or the one it owes in; and the others."""
    main = next((row for row in owed if row["currency"] == currency), owed[0] if owed else None)
    return main, [row for row in owed if row is not main]


def _score(customer_id: int) -> Card:
    answers = [row for row in _events(customer_id) if row["event"] in _GROUP["score"][1]]
    if not answers:
        return Card(session.say(_LAST_SCORE), formats.MISSING, note=session.say(_NO_SCORE))
    last = answers[0]
    value = f"{last['event'].upper()} {last['title']}"
    return Card(session.say(_LAST_SCORE), value, note=formats.full_date(last["on_date"], session.language()))


def _promise(customer_id: int) -> Card:
    promises = page.rows("promises", customer_id=customer_id, result="open")
    if not promises:
        return Card(session.say(_PROMISE), formats.MISSING, note=session.say(_NO_PROMISE))
    following = min(promises, key=lambda row: row["due_on"])
    note = formats.full_date(following["due_on"], session.language())
    return _amount(_PROMISE, following["amount"], following["currency"], note)


def _actions(customer_id: int) -> None:
    """The entry forms, with this customer filled in."""
    with st.container(horizontal=True, key="customer-actions"):
        for name, label in quick.about_customer().items():
            page.link(label, "entry", form=name, customer=customer_id)


def rooms(customer_id: int) -> None:
    """The tabs; a tab is asked for only when it is open."""
    words = (_TIMELINE, _MONEY, _CONTACTS, _SERVICE, _CHANGES)
    draw: tuple[Callable[[int], None], ...] = (_timeline, _account, contacts.show, casework.service, _changes)
    opened = st.tabs([session.say(word) for word in words], key="customer-tabs", on_change="rerun")
    for tab, show in zip(opened, draw, strict=True):
        if tab.open:
            with tab:
                show(customer_id)


@st.fragment
@session.run()
def _timeline(customer_id: int) -> None:
    events = _events(customer_id)
    present = [name for name, (_, members) in _GROUP.items() if any(row["event"] in members for row in events)]
    if not present:
        page.empty(_NO_EVENTS)
        return
    only = st.pills(
        session.say(_KINDS),
        present,
        selection_mode="multi",
        key=f"timeline-{customer_id}",
        format_func=lambda name: session.say(_GROUP[name][0]),
        label_visibility="collapsed",
    )
    kept = [row for row in events if not only or _group(row["event"]) in only]
    shown = int(st.session_state.get(f"shown-{customer_id}", _STEP))
    with st.container(key="timeline", gap="xsmall"):
        for row in kept[:shown]:
            st.markdown(_said(row))
    if len(kept) > shown:
        st.button(
            session.say(_MORE, count=min(_STEP, len(kept) - shown)), key="timeline-more", on_click=_show_more, args=(customer_id, shown)
        )


def _show_more(customer_id: int, shown: int) -> None:
    st.session_state[f"shown-{customer_id}"] = shown + _STEP


def _events(customer_id: int) -> list[dict[str, Any]]:
    return page.rows("customer_timeline", customer_id=customer_id)


def lately(customer_id: int, scope: Scope, most: int) -> None:
    """What lately happened with a customer up to a date, besides bills and what settled them; one line each."""
    told = [row for row in page.rows("customer_timeline", scope, customer_id=customer_id) if _group(row["event"]) != "money"]
    with st.container(key="timeline", gap="xsmall"):
        for row in told[:most]:
            st.markdown(_said(row))


def _group(event: str) -> str:
    return next(name for name, (_, members) in _GROUP.items() if event in members)


def _said(row: Mapping[str, Any]) -> str:
    """One event in one line: when, what, how much, how it stands, in whose words."""
    label = session.say(_EVENT[row["event"]])
    title = page.md(row["title"] or "")
    amount = f" {_money(row['amount'], row['currency'])}" if row["amount"] is not None else ""
    state = _STATE.get(row["state"] or "")
    mark = f" :{'orange' if row['state'] in _BAD else 'gray'}-badge[{session.say(state)}]" if state else ""
    detail = f" :gray[{page.md(row['detail'])}]" if row["detail"] else ""
    day = formats.full_date(row["on_date"], session.language())
    if row["event"] == "settled":  # the line above says with which money
        return f":gray[{day}] :gray[:material/subdirectory_arrow_right: {label} {title}{amount}]"
    return f":gray[{day}] :material/{_ICON[_group(row['event'])]}: **{label}** {title}{amount}{mark}{detail}"


def _account(customer_id: int) -> None:
    dealt = page.read("statement", customer_id=customer_id)
    if not dealt.num_rows:
        page.empty(_NO_MONEY)
        return
    currency = _currency(dealt["currency"].unique().to_pylist())
    items = page.question("open_items", customer_id=customer_id, currency=currency)
    statement = page.question("statement", customer_id=customer_id, currency=currency)
    if items.answer().num_rows:
        _offered(_OPEN_ITEMS, items, currency)
        tables.show(items.answer(), ["invoice_no", "open_amount", "days_overdue", "due_on", "on_date", "amount"], key="customer-items")
    plans.listing(customer_id)
    casework.promises(customer_id)
    _offered(_STATEMENT, statement, currency)
    tables.show(statement.answer(), ["on_date", "doc_no", "kind", "debit", "credit", "balance", "due_on"], key="customer-statement")


def _currency(used: list[str]) -> str:
    """One currency at a time: balances of several would run into each other."""
    if len(used) == 1:
        return used[0]
    return (
        st.segmented_control(session.say(terms.COLUMN["currency"]), used, default=used[0], required=True, key="customer-currency")
        or used[0]
    )


def _offered(title: Text, asked: page.Question, currency: str) -> None:
    card = page.row("customer_card", customer_id=asked.parameters["customer_id"]) or {}
    whose = (session.say(terms.CUSTOMER), f"{card['name']} · {card['account_no']} · {currency}")
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(title)
        st.caption(currency, width="content")
        downloads.export(Offer(title, asked, asked.answer().num_rows, about=whose))
        if title is _STATEMENT:
            papers.statement(card["customer_id"], card["account_no"], currency)
            papers.evidence(card["customer_id"], card["account_no"])


def _changes(customer_id: int) -> None:
    attributes = [row for row in _events(customer_id) if row["event"] == "attribute"]
    for row in attributes:
        st.markdown(_said(row))
    changes = page.rows("changes_of_customer", customer_id=customer_id, most=50)
    for change in changes:
        title = page.order_words(change["command"])
        line = page.md(f"{page.moment(change['made_at'])} · {title} · {change['made_by'] or ''} · #{change['change_id']}")
        with st.container(horizontal=True, vertical_alignment="center", key=f"change_{change['change_id']}"):
            st.markdown(f"~~{line}~~" if change["is_undone"] else line, width="stretch")
            exceptions.undo(change)
    if not attributes and not changes:
        page.empty(_NOTHING_CHANGED)


def _money(amount: Decimal, currency: str) -> str:
    return formats.money(amount, currency, session.language())
