"""The entry page as people use it: one form at a time, drafts, doubts, undo."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import desk
import ledgers
import pytest
import signin
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib.commands.receivables import RecordInvoice
from lib.commands.service import RecordScore
from lib.domain import call_line
from lib.domain.access import Actor, Role, Scope
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.ui import session

TODAY = signin.TODAY
MANAGER = Actor(3, "Manager", Role.MANAGER, Scope.TEAM, ("north",))


@pytest.fixture
def house(opens: ledgers.Opens) -> Ledger:
    return opens(desk.furnish)


def opened(who: str = "lead", **query: str) -> AppTest:
    test = signin.signed_in(who, path="pages/entry.py")
    for name, value in query.items():
        test.query_params[name] = value
    return test.run()


def live(ledger: Ledger, table: str, columns: str) -> list[tuple[object, ...]]:
    sql = f"select {columns} from {table} where retired_at = timestamp '9999-12-31' order by record_id"
    return ledger.cursor().execute(sql).fetchall()


def test_interaction_of_the_customer_in_the_url_is_saved_and_can_be_undone(house: Ledger) -> None:
    test = opened(form="interaction", customer="1")
    assert not test.exception
    test.text_input(key="interaction-0-summary").input("谈了对账").run()
    test.button(key="interaction-0-_save").click().run()
    assert not test.exception
    assert live(house, "activity", "customer_id, subject, channel") == [(1, "谈了对账", "phone")]
    ((name,),) = live(house, "customer_record", "name")[:1]
    assert any(str(name) in part.value and "谈了对账" in part.value for part in test.markdown)
    test.button(key="interaction.undo").click().run()
    assert live(house, "activity", "1") == []


@pytest.mark.usefixtures("house")
def test_missing_customer_is_said_and_nothing_typed_is_lost() -> None:
    test = opened(form="interaction")
    test.text_input(key="interaction-0-summary").input("谈了对账").run()
    test.button(key="interaction-0-_save").click().run()
    assert any("请先选一个客户" in caption.value for caption in test.caption)
    assert test.text_input(key="interaction-0-summary").value == "谈了对账"


def test_draft_comes_back_in_another_visit_and_goes_with_the_save(house: Ledger) -> None:
    opened(form="complaint").text_input(key="complaint-0-summary").input("发错货").run()
    test = opened(form="complaint")
    test.button(key="complaint.restore").click().run()
    assert test.text_input(key="complaint-0-summary").value == "发错货"
    test.selectbox(key="complaint-0-customer_id").select(1)
    test.button_group(key="complaint-0-severity").set_value(2).run()
    test.button(key="complaint-0-_save").click().run()
    assert live(house, "case_file", "subject, severity") == [("发错货", 2)]
    assert house.cursor().execute("select 1 from draft where form = 'complaint'").fetchall() == []


def test_draft_outlives_the_server(house: Ledger) -> None:
    opened(form="complaint").text_input(key="complaint-0-summary").input("发错货").run()
    house.close()
    st.cache_resource.clear()
    st.cache_data.clear()
    test = opened(form="complaint")
    test.button(key="complaint.restore").click().run()
    assert test.text_input(key="complaint-0-summary").value == "发错货"
    assert session.ledger() is not house
    session.ledger().close()


def test_same_touch_again_asks_first(house: Ledger) -> None:
    test = opened(form="interaction", customer="1")
    for round_ in range(2):
        test.text_input(key=f"interaction-{round_}-summary").input("谈了对账").run()
        test.button(key=f"interaction-{round_}-_save").click().run()
    assert len(live(house, "activity", "1")) == 1
    test.button(key="interaction-1-_anyway").click().run()
    assert len(live(house, "activity", "1")) == 2


def test_promise_without_an_amount_is_for_what_is_overdue(house: Ledger) -> None:
    test = opened(form="promise", customer="1")
    test.button(key="promise-0-_due_on7").click().run()
    test.button(key="promise-0-_save").click().run()
    assert not test.exception
    assert live(house, "promise", "amount") == [(Decimal("300.00"),)]


def test_payment_is_asked_for_its_currency_when_the_customer_deals_in_several(house: Ledger) -> None:
    execute(house, desk.FINANCE, RecordInvoice(1, "U1", date(2026, 1, 1), Decimal(70), date(2026, 2, 1), currency="USD"))
    test = opened("finance", form="payment", customer="1")
    test.button_group(key="payment-0-currency").set_value("USD").run()
    assert test.text_input(key="payment-0-amount").label == "金额（USD）"
    test.text_input(key="payment-0-amount").input("70").run()
    test.button(key="payment-0-_save").click().run()
    assert not test.exception
    found = house.cursor().execute("select currency, sum(amount)::integer from posting group by currency order by currency").fetchall()
    assert found == [("CNY", 500), ("USD", 0)]


def test_payment_reads_amounts_as_people_write_them(house: Ledger) -> None:
    test = opened("finance", form="payment", customer="1")
    test.text_input(key="payment-0-amount").input("¥300").run()
    test.button(key="payment-0-_save").click().run()
    assert not test.exception
    assert house.cursor().execute("select amount from entry where kind = 'payment'").fetchall() == [(Decimal("300.00"),)]


@pytest.mark.parametrize(("form", "who"), [("promise", "lead"), ("payment", "finance")])
@pytest.mark.parametrize("typed", ["五千x", "1,5000"])
def test_amount_nobody_can_read_is_refused_not_replaced(house: Ledger, form: str, who: str, typed: str) -> None:
    test = opened(who, form=form, customer="1")
    before = live(house, "promise", "1") + live(house, "entry", "1")
    if form == "promise":
        test.button(key="promise-0-_due_on7").click().run()
    test.text_input(key=f"{form}-0-amount").input(typed).run()
    test.button(key=f"{form}-0-_save").click().run()
    assert not test.error
    assert len([caption for caption in test.caption if typed in caption.value]) == 1
    assert live(house, "promise", "1") + live(house, "entry", "1") == before
    test.text_input(key=f"{form}-0-amount").input("300").run()
    test.button(key=f"{form}-0-_save").click().run()
    assert len(live(house, "promise", "1") + live(house, "entry", "1")) == len(before) + 1


@pytest.mark.parametrize(("form", "who"), [("promise", "lead"), ("payment", "finance")])
def test_money_of_another_currency_is_refused_beside_its_field(house: Ledger, form: str, who: str) -> None:
    test = opened(who, form=form, customer="1")
    before = live(house, "promise", "1") + live(house, "entry", "1")
    if form == "promise":
        test.button(key="promise-0-_due_on7").click().run()
    test.text_input(key=f"{form}-0-amount").input("HK$300").run()
    test.button(key=f"{form}-0-_save").click().run()
    assert [caption.value for caption in test.caption if "HKD" in caption.value]
    assert live(house, "promise", "1") + live(house, "entry", "1") == before


def test_a_saved_payment_is_read_back(house: Ledger) -> None:
    test = opened("finance", form="payment", customer="1")
    test.text_input(key="payment-0-amount").input("300").run()
    test.button(key="payment-0-_save").click().run()
    assert house.cursor().execute("select count(*) from entry where kind = 'payment'").fetchone() == (1,)
    assert any("300" in one.value and "收款" in one.value for one in test.markdown)


@pytest.mark.usefixtures("house")
def test_blanks_are_no_amount() -> None:
    test = opened("finance", form="payment", customer="1")
    test.text_input(key="payment-0-amount").input("  ").run()
    test.button(key="payment-0-_save").click().run()
    assert not test.error
    assert any("请填" in caption.value for caption in test.caption)


@pytest.mark.usefixtures("house")
def test_new_customer_warns_while_typing() -> None:
    test = opened("finance", form="customer_new")
    test.text_input(key="customer_new-0-name").input("恒源机械有限公司").run()
    assert any("可能已有" in part.value for part in test.markdown)


def test_calls_with_several_customers_are_noted_a_line_each(house: Ledger) -> None:
    test = opened(form="interaction", mode="batch")
    for number in (3, 1):
        test.selectbox(key="batch-0-customer_id").select(number).run()
    test.text_input(key="batch-typed").input("谈好下月下单 +1周").run()
    test.text_input(key="batch-typed").input("? 占线").run()
    assert not test.exception
    touches = live(house, "activity", "customer_id, kind, subject, outcome, due_on")
    assert touches == [
        (3, "interaction", "谈好下月下单", "reached", None),
        (3, "task", "谈好下月下单", None, session.today() + timedelta(days=7)),
        (1, "interaction", "占线", "no_answer", None),
    ]
    test.button(key="batch-undo-0").click().run()
    assert [row[0] for row in live(house, "activity", "customer_id")] == [1]
    test.button(key="batch-next").click().run()
    test.text_input(key="batch-typed").input("第一次联系").run()
    assert live(house, "activity", "customer_id")[-1] == (1,), "then those it is longest ago: a call in vain was no talk"


@pytest.mark.parametrize(
    ("typed", "said", "in_vain", "again"),
    [
        ("谈好了", "谈好了", False, None),
        ("谈好了 ＋3", "谈好了", False, 3),
        ("call again +2w", "call again", False, 14),
        ("？", "", True, None),
        ("! ? 占线 +1月", "占线", True, 30),
        ("涨了 C+5", "涨了 C+5", False, None),
        ("涨价+30", "涨价+30", False, None),
        ("+7", "", False, 7),
    ],
)
def test_a_call_in_one_line_is_read(typed: str, said: str, in_vain: bool, again: int | None) -> None:
    line = call_line.read(typed)
    assert (line.said, line.is_in_vain, line.again_days, line.is_sure) == (said, in_vain, again, typed.startswith("!"))


def test_the_same_call_again_is_saved_by_one_tap(house: Ledger) -> None:
    test = opened(form="interaction", mode="batch")
    for _ in range(2):
        test.selectbox(key="batch-0-customer_id").select(3).run()
        test.text_input(key="batch-typed").input("谈好了 +7").run()
    assert len(live(house, "activity", "1")) == 2
    test.button(key="batch-anyway").click().run()
    assert not test.exception
    assert len(live(house, "activity", "1")) == 4


def test_batch_takes_score_and_words_and_refuses_eleven(house: Ledger) -> None:
    test = opened(form="score", mode="batch")
    test.text_input(key="batch-typed").input("11").run()
    assert any("NPS 是 0–10" in caption.value for caption in test.caption)
    test.text_input(key="batch-typed").input("3 发货慢").run()
    test.text_input(key="batch-typed").input("-").run()
    test.text_input(key="batch-typed").input("10").run()
    assert not test.exception
    assert live(house, "feedback", "score, comment") == [(Decimal("3.00"), "发货慢"), (Decimal("10.00"), None)]
    # Whoever typed a low score of their own customer is not the one to call back.
    assert live(house, "activity", "kind, owner_id") == [("task", 3)]


def test_a_score_keeps_its_stage_and_marks(house: Ledger) -> None:
    test = opened(form="score", customer="1")
    test.button_group(key="score-0-score_nps").set_value(9)
    test.button_group(key="score-0-stage").set_value("delivery")
    test.button_group(key="score-0-aspect_price").set_value(4).run()
    test.button(key="score-0-_save").click().run()
    assert not test.exception
    assert live(house, "feedback", "score, stage, aspects, entered_by") == [(Decimal(9), "delivery", '{"price": 4}', 2)]


def test_a_call_back_is_one_form_and_the_manager_finds_it(house: Ledger) -> None:
    execute(house, MANAGER, RecordScore(1, "nps", 3, TODAY, TODAY, "发货太慢"))
    test = opened(form="call_back")
    assert any("发货太慢" in part.value for part in test.markdown)
    test.button_group(key="call_back_1-0-outcome").set_value("reached").run()
    assert test.button_group(key="call_back_1-0-themes").value == ["delivery"]  # read from the customer's words
    test.button_group(key="call_back_1-0-severity").set_value(2).run()
    test.button(key="call_back_1-0-_save").click().run()
    assert not test.exception
    assert live(house, "case_file", "subject, cause, severity") == [("发货太慢", "delivery", 2)]
    assert live(house, "activity", "outcome") == [("reached",)]
    test.button(key="call_back.undo").click().run()
    assert live(house, "case_file", "1") == []


def test_a_request_solved_on_the_spot(house: Ledger) -> None:
    test = opened(form="request", customer="1")
    test.text_input(key="service_request-0-summary").input("要补一张发票")
    test.text_input(key="service_request-0-solved").input("已重发").run()
    test.button(key="service_request-0-_save").click().run()
    assert not test.exception
    assert live(house, "case_file", "kind, subject, severity") == [("service", "要补一张发票", 2)]


def test_the_theme_of_a_suggestion_is_read_from_it_until_somebody_chooses(house: Ledger) -> None:
    test = opened(form="suggestion", customer="1")
    test.text_input(key="suggestion-0-summary").input("希望发货再快一点").run()
    assert test.button_group(key="suggestion-0-cause").value == "delivery"
    test.button_group(key="suggestion-0-cause").set_value("contract").run()
    test.text_input(key="suggestion-0-summary").input("希望对账单按月发").run()
    test.button(key="suggestion-0-_save").click().run()
    assert live(house, "case_file", "cause") == [("contract",)]


@pytest.mark.usefixtures("house")
def test_forms_are_those_the_role_may_use() -> None:
    assert opened("lead").button_group(key="switch-form").options == ["互动", "评分", "低分回访", "投诉", "服务请求", "建议", "承诺还款"]
    assert opened("finance").button_group(key="switch-form").options == ["承诺还款", "收款", "新客户"]


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("who", ["viewer", "compliance", "admin"])
def test_who_may_enter_nothing_is_refused(who: str) -> None:
    test = opened(who)
    assert test.error
    assert not test.button_group
