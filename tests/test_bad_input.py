"""What bad input gets, line by line: what is said in both languages, by the command and, where it is the screen's matter, on the screen.

Nothing typed is lost, nothing is changed silently, and the server checks all of it again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import desk
import ledgers
import pyarrow as pa
import pytest
import signin
from streamlit.testing.v1 import AppTest

from lib import exports
from lib.commands.closing import ClosePeriod
from lib.commands.complaints import RecordComplaint
from lib.commands.receivables import RecordInvoice, RecordPayment
from lib.commands.service import RecordInteraction, RecordScore, RecordSuggestion
from lib.domain.access import Actor, Role, Scope
from lib.errors import Doubtful, Forbidden, NotFound, Refused, Unusable
from lib.store.door import Command, execute
from lib.store.ledger import Ledger
from lib.store.query import read, rows
from lib.text import Language, Text

TODAY = signin.TODAY
LONG_AGO = TODAY - timedelta(days=3 * 365 + 1)
SOON = TODAY + timedelta(days=3)
LEAD = Actor(2, "Lead", Role.LEAD, Scope.TEAM, ("north",))
TOUCH = RecordInteraction(1, TODAY, TODAY, "谈了对账")
SCORE = RecordScore(1, "nps", 9, TODAY, TODAY)
COMPLAINT = RecordComplaint(1, TODAY, TODAY, "发错货", 2)
IDEA = RecordSuggestion(1, TODAY, TODAY, "加个夜班")
PAYMENT = RecordPayment(1, Decimal(820), TODAY, TODAY)
INVOICE = RecordInvoice(1, "X1", TODAY, Decimal(5), TODAY - timedelta(days=1))
OLD_ZH, OLD_EN = (
    f"{LONG_AGO} 是 3 年前。年份没写错吗？没错就确认保存。",
    f"{LONG_AGO} is 3 years ago. Is the year right? If so, confirm to save.",
)
FUTURE_ZH = f"{SOON} 还没到：这是计划吗？计划请填在“下次跟进”里。"
FUTURE_EN = f"{SOON} has not come yet. If it is a plan, put it under “next follow-up”."
NOBODY_ZH = "找不到这个客户，或不在您的范围内。请从列表里选。"
NOBODY_EN = "There is no such customer, or it is outside your scope. Pick one from the list."
MAY_NOT_ZH = "您的角色（组长）不能做这件事；可以做的角色：财务。请联系他们。"
MAY_NOT_EN = "Your role (Team lead) cannot do this; these roles can: Finance. Please ask one of them."


@pytest.fixture
def house(opens: ledgers.Opens) -> Ledger:
    return opens(desk.furnish)


Line = tuple[Command, Actor, type[Refused], str, str]
LINES: dict[str, Line] = {
    "score 11": (
        replace(SCORE, score=11),
        LEAD,
        Refused,
        "NPS 是 0–10，“11”不在其中。要改成 10 吗？",
        "NPS runs from 0 to 10; “11” is outside. Change it to 10?",
    ),
    "payment above what is open": (
        PAYMENT,
        desk.FINANCE,
        Doubtful,
        "多付 320.00（CNY）记为预收？",
        "320.00 (CNY) is more than is open. Keep it on account?",
    ),
    "due before the invoice": (
        INVOICE,
        desk.FINANCE,
        Refused,
        f"到期日 {TODAY - timedelta(days=1)} 早于账单日 {TODAY}。请改其中一个。",
        f"The due date {TODAY - timedelta(days=1)} is before the invoice date {TODAY}. Change one of them.",
    ),
    "touch to come": (replace(TOUCH, on_date=SOON), LEAD, Refused, FUTURE_ZH, FUTURE_EN),
    "score to come": (replace(SCORE, on_date=SOON), LEAD, Refused, FUTURE_ZH, FUTURE_EN),
    "touch of long ago": (replace(TOUCH, on_date=LONG_AGO), LEAD, Doubtful, OLD_ZH, OLD_EN),
    "score of long ago": (replace(SCORE, on_date=LONG_AGO), LEAD, Doubtful, OLD_ZH, OLD_EN),
    "complaint of long ago": (replace(COMPLAINT, on_date=LONG_AGO), LEAD, Doubtful, OLD_ZH, OLD_EN),
    "suggestion of long ago": (replace(IDEA, on_date=LONG_AGO), LEAD, Doubtful, OLD_ZH, OLD_EN),
    "payment of long ago": (replace(PAYMENT, on_date=LONG_AGO), desk.FINANCE, Doubtful, OLD_ZH, OLD_EN),
    "negative payment": (
        replace(PAYMENT, amount=Decimal(-5)),
        desk.FINANCE,
        Refused,
        "金额 -5 是负数。要减少应收，请到“开票”开贷项。",
        "The amount -5 is negative. To lower what is owed, issue a credit note under Billing.",
    ),
    "unknown customer": (replace(TOUCH, customer_id=999), LEAD, NotFound, NOBODY_ZH, NOBODY_EN),
    "customer of others": (replace(TOUCH, customer_id=13), LEAD, NotFound, NOBODY_ZH, NOBODY_EN),
    "text too long": (
        replace(TOUCH, summary="长" * 5001),
        LEAD,
        Refused,
        "“内容”：这段文字有 5001 个字，最多 5000 个，请缩短",
        "“Summary”: This text has 5001 characters; 5000 is the most",
    ),
    "not allowed": (PAYMENT, LEAD, Forbidden, MAY_NOT_ZH, MAY_NOT_EN),
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_what_is_said(house: Ledger, line: Line) -> None:
    command, actor, kind, zh, en = line
    with pytest.raises(kind) as refusal:
        execute(house, actor, command)
    assert type(refusal.value) is kind
    assert (refusal.value.say("zh"), refusal.value.say("en")) == (zh, en)
    if kind is Doubtful:
        execute(house, actor, replace(command, confirmed=True))  # type: ignore[type-var]


@pytest.mark.parametrize("command", [TOUCH, SCORE, COMPLAINT, IDEA])
def test_the_same_within_ten_minutes_is_asked_about(house: Ledger, command: Command) -> None:
    change_id = execute(house, LEAD, command).change_id
    with pytest.raises(Doubtful) as refusal:
        execute(house, LEAD, command)
    assert refusal.value.say("zh") == f"刚刚录过同样一条（更改 {change_id}）。仍要再录一条吗？"
    assert refusal.value.say("en") == f"The same was recorded a moment ago (change {change_id}). Record it once more?"


@pytest.mark.parametrize("raw", ["长" * 5000, "好👍🏽", "<script>alert(1)</script>", "=cmd|'/C calc'!A1", "@SUM(1)", "-2+3"])
def test_texts_are_kept_as_typed_shown_escaped_and_exported_as_text(house: Ledger, raw: str) -> None:
    execute(house, LEAD, replace(SCORE, score=3, comment=raw))
    assert house.cursor().execute("select comment from feedback").fetchall() == [(raw,)]
    table = exports.Sheet("x", (), exports.columns(answered := low(house), ["comment"]), answered, "zh")
    written = exports.csv(table).decode("utf-8-sig")
    assert ("'" + raw if raw[0] in "=@-" else raw) in written
    test = opened(form="call_back", whose="all")
    assert not test.exception
    assert "<script>" not in "".join(part.value for part in test.markdown if "alert" in part.value)


def low(house: Ledger) -> pa.Table:
    return read(house, LEAD, "low_scores", as_of=TODAY)


def test_the_closed_books_are_changed_by_the_day_after_or_opened_with_a_reason(house: Ledger) -> None:
    closed = TODAY - timedelta(days=10)
    execute(house, desk.FINANCE, ClosePeriod(closed, "月结", TODAY))
    with pytest.raises(Refused) as refusal:
        execute(house, desk.FINANCE, replace(PAYMENT, amount=Decimal(5), on_date=closed))
    for words in (refusal.value.say("zh"), refusal.value.say("en")):
        assert str(closed) in words
        assert "月结" in words
    # What is no money is never closed: a touch of that week is recorded, and what was known then stays known.
    execute(house, LEAD, replace(TOUCH, on_date=closed))
    assert rows(house, LEAD, "customer_timeline", customer_id=1, as_of=closed)


# On the screen.


@pytest.mark.parametrize(("language", "roles"), [("zh", "经理、合规、管理员"), ("en", "Manager, Compliance, Administrator")])
def test_who_may_not_gets_words_to_ask_with(house: Ledger, language: Language, roles: str) -> None:
    test = signin.signed_in("lead", language, "pages/administration.py").run()
    assert house
    assert not test.exception
    (request,) = test.code
    assert roles in request.value
    assert "Lead" in request.value  # who asks


def opened(who: str = "lead", **query: str) -> AppTest:
    test = signin.signed_in(who, path="pages/entry.py")
    for name, value in query.items():
        test.query_params[name] = value
    return test.run()


def said(test: AppTest) -> str:
    return " ".join(part.value for kind in (test.caption, test.markdown, test.warning, test.error) for part in kind)


def test_eleven_is_mended_or_cleared_by_one_click(house: Ledger) -> None:
    test = opened(form="score", mode="batch")
    test.text_input(key="batch-typed").input("11 很好").run()
    test.button(key="batch-clear").click().run()
    assert test.text_input(key="batch-typed").value == ""
    test.text_input(key="batch-typed").input("11 很好").run()
    test.button(key="batch-nearest").click().run()
    assert house.cursor().execute("select score, comment from feedback").fetchall() == [(Decimal(10), "很好")]


def test_a_touch_to_come_becomes_the_next_follow_up(house: Ledger) -> None:
    test = opened(form="interaction", customer="1")
    test.text_input(key="interaction-0-summary").input("去拜访")
    test.date_input(key="interaction-0-on_date").set_value(SOON).run()
    test.button(key="interaction-0-_save").click().run()
    assert "这是计划吗" in said(test)
    test.button(key="interaction-0-_plan").click().run()
    test.button(key="interaction-0-_save").click().run()
    kept = house.cursor().execute("select kind, on_date, due_on from activity order by activity_id").fetchall()
    assert kept == [("interaction", TODAY, None), ("task", TODAY, SOON)]


def test_a_date_of_long_ago_is_confirmed_in_amber(house: Ledger) -> None:
    test = opened(form="complaint", customer="1")
    test.text_input(key="complaint-0-summary").input("发错货")
    test.button_group(key="complaint-0-severity").set_value(2)
    test.date_input(key="complaint-0-on_date").set_value(LONG_AGO).run()
    test.button(key="complaint-0-_save").click().run()
    assert OLD_ZH.replace("-", "\\-") in test.warning[0].value
    assert test.text_input(key="complaint-0-summary").value == "发错货"
    test.button(key="complaint-0-_anyway").click().run()
    assert house.cursor().execute("select on_date from case_file").fetchall() == [(LONG_AGO,)]


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("who", "typed", "words", "buttons"),
    [
        ("manager", "横源机械", "没有“横源机械”这个客户。是不是", {"_like_1", "_offbook"}),
        ("lead", "横源机械", "新客户由经理、财务登记", {"_like_1"}),
    ],
)
def test_an_unknown_customer_gets_the_likest_or_who_may_register_it(who: str, typed: str, words: str, buttons: set[str]) -> None:
    """What the buttons do is tried in a browser: the test bench cannot hold a choice that is not in the list."""
    test = signin.signed_in(who, path="pages/entry.py")
    test.query_params["form"] = "interaction"
    test.session_state["interaction-0-customer_id"] = typed
    test.run()
    assert not test.exception
    assert words in said(test)
    offered = {str(button.key).removeprefix("interaction-0-") for button in test.button}
    assert {name for name in offered if name.startswith(("_like_1", "_offbook"))} - {"_like_10", "_like_11", "_like_12"} == buttons


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("typed", ["恒源", "HYJX ", "恒源机械"])
def test_initials_typed_and_entered_are_the_customer_they_stand_for(typed: str) -> None:
    """Enter takes the first line of the list, and that is the browser's offer of a new name: nobody was found by initials."""
    test = signin.signed_in("lead", path="pages/entry.py")
    test.query_params["form"] = "interaction"
    test.session_state["interaction-0-customer_id"] = typed
    test.run()
    assert not test.exception
    assert test.session_state["interaction-0-customer_id"] == 1
    assert test.selectbox(key="interaction-0-customer_id").value == 1


def test_when_the_file_cannot_be_written_the_text_stays_and_saving_again_works(house: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(form="interaction", customer="1")
    test.text_input(key="interaction-0-summary").input("谈了对账").run()

    def locked(*_: object, **__: object) -> None:
        raise Unusable(Text("账簿被另一个程序占用。请稍后再试。", "The ledger is in use by another program. Try again shortly."))

    with monkeypatch.context() as broken:
        broken.setattr("lib.ui.forms.execute", locked)
        test.button(key="interaction-0-_save").click().run()
    assert "账簿被另一个程序占用" in said(test)
    assert test.text_input(key="interaction-0-summary").value == "谈了对账"
    assert house.cursor().execute("select count(*) from draft where form = 'interaction'").fetchone() == (1,)
    test.button(key="interaction-0-_save").click().run()
    assert house.cursor().execute("select subject from activity").fetchall() == [("谈了对账",)]
