"""The customer page: found by three letters, seen whole, worked on; and what stays hidden."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import desk
import ledgers
import pytest
import signin
from streamlit.testing.v1 import AppTest

from lib import formats
from lib.commands.billing import PostDrafts, RecordDraft
from lib.commands.complaints import RecordComplaint
from lib.commands.customers import RegisterCustomer
from lib.commands.hand_over import HandOver
from lib.commands.promises import RecordPromise
from lib.commands.receivables import RecordInvoice
from lib.commands.service import RecordInteraction, RecordScore
from lib.domain import payment_terms
from lib.domain.access import Actor, Role, Scope
from lib.domain.bills import Line
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.ui import session

FINANCE = Actor(4, "Finance", Role.FINANCE, Scope.ALL)
LEAD = Actor(2, "Lead", Role.LEAD, Scope.TEAM, ("north",))


@pytest.fixture
def house(opens: ledgers.Opens) -> Ledger:
    return opens(known)


def known(house: Ledger) -> None:
    desk.furnish(house)
    day = date(2026, 1, 5)
    execute(house, LEAD, RecordScore(1, "nps", 3, day, day, "发货慢"))
    execute(house, LEAD, RecordComplaint(1, day, day, "发错货", 1))
    execute(house, LEAD, RecordPromise(1, date(2126, 1, 1), day, confirmed=True, promised_by="王总"))
    with house.transaction() as cursor:
        cursor.execute(
            "insert into contact (record_id, contact_id, customer_id, name, title, role, phone, is_primary, do_not_contact, "
            "recorded_at, recorded_by, change_id, origin_change, retired_at) values (1, 1, 1, '王总', '总经理', 'decision', "
            "'13800138000', true, false, timestamp '2025-01-01', 0, 1, 1, timestamp '9999-12-31')"
        )
        cursor.execute("update customer_record set secrecy = 1 where customer_id = 1")


def opened(who: str = "lead", customer: int | None = 1) -> AppTest:
    test = signin.signed_in(who, path="pages/customer.py")
    if customer:
        test.query_params["customer"] = str(customer)
    return test.run()


def said(test: AppTest) -> str:
    return "\n".join(part.value for part in [*test.markdown, *test.caption, *test.subheader])


@pytest.mark.usefixtures("house")
def test_everything_about_one_customer_stands_on_one_timeline() -> None:
    test = opened()
    assert not test.exception
    assert [metric.value for metric in test.metric] == ["¥500", "¥300", "NPS 3", "¥300"]
    for words in ("恒源机械", "发货慢", "发错货", "承诺还款", "F1"):
        assert words in said(test)


@pytest.mark.usefixtures("house")
def test_without_a_customer_my_own_come_first() -> None:
    test = opened(customer=None)
    assert not test.exception
    assert test.dataframe[0].value["name"][0] == "恒源机械"


@pytest.mark.usefixtures("house")
def test_customer_of_another_team_is_not_there() -> None:
    assert "找不到这个客户" in said(opened(customer=13))


def test_contact_is_masked_until_a_reason_is_given(house: Ledger) -> None:
    test = opened()
    test.session_state["customer-tabs"] = "联系人"
    test.run()
    assert "13\\*\\*\\*\\*\\*\\*\\*00" in said(test)
    assert not test.get("link_button")
    test.text_input(key="reveal-reason").input("电话催收").run()
    test.button(key="reveal-show").click().run()
    assert [button.proto.url for button in test.get("link_button")] == ["tel:13800138000"], "and one tap dials it"
    assert house.cursor().execute("select count(*) from audit where command = 'RevealContact'").fetchone() == (1,)


def test_a_task_is_done(house: Ledger) -> None:
    today = session.today()
    execute(house, LEAD, RecordInteraction(1, today, today, "谈了对账", next_on=today))
    ((task_id,),) = house.cursor().execute("select max(activity_id) from activity").fetchall()
    test = opened()
    test.session_state["customer-tabs"] = "反馈与任务"
    test.session_state[f"task-{task_id}"] = True
    test.run()
    test.button(key=f"complete-{task_id}").click().run()
    done = "select count(*) from activity where kind = 'task' and done_on is not null and retired_at = timestamp '9999-12-31'"
    assert house.cursor().execute(done).fetchone() == (1,)


def test_a_contact_is_added_on_the_page_and_is_the_one_to_call(house: Ledger) -> None:
    test = opened(customer=2)
    test.session_state["customer-tabs"] = "联系人"
    test.session_state["contact-add"] = True
    test.run()
    test.text_input(key="contact_2_new-0-name").input("李会计").run()
    test.text_input(key="contact_2_new-0-phone").input("+86 139 0013-9000").run()
    test.button(key="contact_2_new-0-_save").click().run()
    assert not test.exception
    assert ":material/person: 李会计" in said(test)
    assert {button.proto.url for button in test.get("link_button")} == {"tel:+8613900139000"}
    assert house.cursor().execute("select name, is_primary from contact where customer_id = 2").fetchall() == [("李会计", True)]


def test_a_customer_is_handed_to_a_colleague_and_taken_back(house: Ledger) -> None:
    test = opened()
    test.session_state["hand-over"] = True
    test.run()
    test.selectbox(key="hand_over_1-0-to_id").select(3)
    test.checkbox(key="hand_over_1-0-all_too").check().run()
    test.button(key="hand_over_1-0-_save").click().run()
    assert not test.exception
    live = "until_on = date '9999-12-31' and retired_at = timestamp '9999-12-31'"
    owners = f"select owner_id, count(*) from customer_record where {live} group by 1"
    assert sorted(house.cursor().execute(owners).fetchall()) == [(3, 12), (7, 1)]
    test.button(key="hand_over.undo").click().run()
    assert sorted(house.cursor().execute(owners).fetchall()) == [(2, 12), (7, 1)]


def test_a_name_typed_wrong_is_put_right_and_taken_back(house: Ledger) -> None:
    test = opened("finance", customer=2)
    test.session_state["customer-facts"] = True
    test.run()
    test.text_input(key="customer_facts_2-0-name").input("北方机床").run()
    test.text_input(key="customer_facts_2-0-region").input("华北").run()
    test.button(key="customer_facts_2-0-_save").click().run()
    assert not test.exception
    found = "select name, region, initials from customer_record where customer_id = 2 and retired_at = timestamp '9999-12-31'"
    assert house.cursor().execute(found).fetchall() == [("北方机床", "华北", "bfjc")]
    test.button(key="customer_facts.undo").click().run()
    assert house.cursor().execute(found).fetchall()[0][:2] == ("北方客户02", None)
    assert not [button for button in opened("viewer").button if "facts" in str(button.key)]


@pytest.mark.usefixtures("house")
def test_nothing_is_written_over_what_was_known_then() -> None:
    writers = {"移交", "改资料"}
    assert writers <= popovers(opened("manager"))
    then = signin.signed_in("manager", path="pages/customer.py")
    then.query_params.update({"customer": "1", "known_at": session.today().isoformat()})
    assert not writers & popovers(then.run())


def popovers(test: AppTest) -> set[str]:
    assert not test.exception
    return {block.proto.popover.label for block in test.get("popover")}


def test_customers_nobody_looks_after_are_listed_for_who_sees_them(house: Ledger) -> None:
    with house.transaction() as cursor:
        cursor.execute("update app_user set scope = 'all' where user_id = 3")
    orphan = execute(house, FINANCE, RegisterCustomer("无主客户")).result
    test = opened("manager", customer=None)
    assert not test.exception
    assert "没有客户经理的客户" in [expander.label for expander in test.expander]
    assert test.dataframe[1].value["name"].tolist() == ["无主客户"]
    ticks = test.dataframe[1].proto.id
    execute(house, LEAD, RecordScore(1, "nps", 9, session.today(), session.today()))
    assert test.run().dataframe[1].proto.id == ticks
    execute(house, Actor(3, "Manager", Role.MANAGER, Scope.ALL), HandOver((orphan,), 2, session.today()))
    assert not opened("manager", customer=None).expander


def test_account_tab_shows_open_items_and_statement(house: Ledger) -> None:
    test = opened("finance")
    test.session_state["customer-tabs"] = "往来账"
    test.run()
    assert not test.exception
    assert len(test.dataframe) == 2
    assert house.version


def test_changes_are_undone_where_they_are_listed(house: Ledger) -> None:
    test = signin.signed_in("lead", path="pages/customer.py")
    test.query_params["customer"] = "1"
    test.session_state["customer-tabs"] = "变更"
    test.run()
    assert not test.exception
    ((change_id,),) = house.cursor().execute("select change_id from audit where command = 'RecordPromise'").fetchall()
    test.button(key=f"undo_{change_id}").click().run()
    assert not test.exception
    assert house.cursor().execute("select count(*) from promise where retired_at = timestamp '9999-12-31'").fetchone() == (0,)


@pytest.mark.parametrize("tab", ["时间线", "往来账", "联系人", "反馈与任务", "变更"])
@pytest.mark.parametrize("who", ["viewer", "compliance", "admin"])
@pytest.mark.usefixtures("house")
def test_every_tab_runs_for_who_only_reads(who: str, tab: str) -> None:
    test = opened(who)
    test.session_state["customer-tabs"] = tab
    assert not test.run().exception


@pytest.mark.usefixtures("house")
def test_the_head_says_which_class_and_whom_to_call() -> None:
    test = opened()
    assert re.search(r"badge\[(高频|常规|低频|沉睡)[大中小]额\]", said(test)), "which of them depends on the day the test runs"
    assert "付款习惯：未知" in said(test)
    assert ":material/person: 王总" in said(test)


def test_a_statement_is_of_one_currency_and_says_whose(house: Ledger) -> None:
    execute(house, FINANCE, RecordInvoice(1, "U1", date(2025, 9, 1), Decimal(70), date(2025, 10, 1), currency="USD"))
    test = opened("finance")
    test.session_state["customer-tabs"] = "往来账"
    test.run()
    assert list(test.dataframe[1].value["balance"]) == [300, 500]
    test.session_state["customer-currency"] = "USD"
    test.run()
    assert list(test.dataframe[1].value["balance"]) == [70]


@pytest.mark.usefixtures("house")
def test_the_first_customers_are_not_taken_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    everyone = opened("finance", customer=None)
    assert "只列前" not in said(everyone)
    monkeypatch.setattr("lib.ui.customer._MOST", 1)
    test = opened("finance", customer=None)
    assert "只列前 1 位" in said(test)
    assert len(test.dataframe[0].value) == 1 < len(everyone.dataframe[0].value)


def test_terms_changed_on_screen_are_those_of_the_next_bill(house: Ledger) -> None:
    """EOM + 30 from today: a draft without a due date is due 30 days after the end of this month, and the form says so before."""
    test = opened("finance")
    assert "开票当天到期" in said(test)
    test.text_input(key="terms-1").set_value("一会儿").run()
    assert "看不出账期" in said(test)
    test.text_input(key="terms-1").set_value("月结30天").run()
    test.button(key="terms-save-1").click().run()
    assert "账期 月结 30 天" in said(test)
    today = session.today()
    due_on = payment_terms.due_on(today, "eom", 30)
    form = signin.signed_in("finance", path="pages/billing.py")
    form.query_params["customer"] = "1"
    assert f"按客户账期：{formats.full_date(due_on, 'zh')} 到期" in said(form.run())
    number = execute(house, FINANCE, RecordDraft(1, today, (Line("服务", Decimal(1), Decimal(5)),))).result
    execute(house, FINANCE, PostDrafts((number,), today))
    assert house.cursor().execute("select due_on from entry order by entry_id desc limit 1").fetchone() == (due_on,)
    assert not [button for button in opened("lead").button if str(button.key).startswith("terms-save")]
