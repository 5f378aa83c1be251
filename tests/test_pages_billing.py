"""Billing at the month's end: what is due in one look, drafted, posted and sent in three clicks; corrections with undo."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import ledgers
import pytest
from desk import FINANCE, furnish
from signin import signed_in
from streamlit.testing.v1 import AppTest

from lib.commands.agreements import RecordAgreement
from lib.commands.billing import RecordDraft
from lib.commands.receivables import RecordPayment
from lib.domain.bills import Line
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.text import LANGUAGES, Language
from lib.ui import session

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def house(opens: ledgers.Opens) -> Ledger:
    return opens(furnish)


def agree(house: Ledger, customer_id: int = 2, months: int = 2) -> None:
    first = session.today().replace(day=1)
    year, month = divmod(first.year * 12 + first.month - 1 - (months - 1), 12)
    lines = (Line("服务费", Decimal(1), Decimal(1000)),)
    execute(house, FINANCE, RecordAgreement(customer_id, "服务合同", 1, date(year, month + 1, 1), lines, tax_rate=Decimal("0.06")))


def opened(who: str = "finance", language: Language = "zh", **query: str) -> AppTest:
    test = signed_in(who, language, "pages/billing.py")
    for name, value in query.items():
        test.query_params[name] = value
    return test.run()


def said(test: AppTest) -> str:
    parts = [*test.caption, *test.subheader, *test.markdown, *test.error, *test.info, *test.warning]
    return "\n".join([part.value for part in parts] + [button.label for button in test.button]).replace("\\", "")


def asked(house: Ledger, sql: str) -> list[tuple[Any, ...]]:
    return house.cursor().execute(sql).fetchall()


LIVE_INVOICES = (
    "select doc_no, amount::text from entry where kind = 'invoice' and retired_at = '9999-12-31' and doc_no like 'INV%' order by 1"
)


def test_a_month_is_billed_in_two_clicks_and_can_be_undone(house: Ledger) -> None:
    agree(house)
    test = opened()
    assert "2 期协议待开，0 张草稿" in said(test)
    assert "¥2,120.00" in said(test)
    test.button(key="draft-periods").click().run()
    assert "已生成 2 张草稿" in said(test)
    test.button(key="post-drafts").click().run()
    assert not test.exception
    year = session.today().year
    assert [amount for _, amount in asked(house, LIVE_INVOICES)] == ["1060.00", "1060.00"]
    assert f"INV-{year}" in said(test)
    (posted,) = asked(house, "select max(entry_id) from entry")[0]
    listed = next(frame.value for frame in opened(view="issued", invoice=str(posted)).dataframe if "unit_price" in frame.value)
    assert listed[["description", "quantity", "unit_price"]].values.tolist() == [["服务费", "1", "1,000"]]
    test.button(key="billing-undo").click().run()
    assert asked(house, LIVE_INVOICES) == []
    assert "2 张草稿" in said(test)


def test_all_that_can_be_posted_is_and_the_rest_is_named(house: Ledger) -> None:
    """A bill of 10 million is over the limit to start with; the one of 1,000 goes out."""
    today = session.today()
    for amount in (10_000_000, 1000):
        execute(house, FINANCE, RecordDraft(2, today, (Line("服务费", Decimal(1), Decimal(amount)),)))
    test = opened()
    test.button(key="post-drafts").click().run()
    assert [amount for _, amount in asked(house, LIVE_INVOICES)] == ["1000.00"]
    assert "1 张草稿没有开，仍是草稿" in said(test)
    assert "停供：CNY" in said(test)


def test_an_oddity_stands_out(house: Ledger) -> None:
    agree(house)
    test = opened()
    frame = test.dataframe[0].value
    assert list(frame["oddity"]) == ["首期 · 补开", "首期"]
    assert any("2 项要看一眼" in part.value for part in test.markdown)


def test_posted_invoices_go_to_the_outbox_and_say_who_has_no_address(house: Ledger) -> None:
    agree(house, months=1)
    test = opened()
    test.button(key="draft-periods").click().run()
    test.button(key="post-drafts").click().run()
    test.button(key="send-invoices").click().run()
    assert not test.exception
    assert any("北方客户02" in part.value for part in test.warning)


def test_an_invoice_is_voided_with_a_reason_and_brought_back(house: Ledger) -> None:
    test = opened(view="issued", invoice="1")
    test.text_input(key="void-why-1").input("开错客户").run()
    test.button(key="void-1").click().run()
    assert not test.exception
    assert asked(house, "select count(*) from entry where entry_id = 1 and retired_at = '9999-12-31'") == [(0,)]
    test.button(key="invoices-undo").click().run()
    assert asked(house, "select count(*) from entry where entry_id = 1 and retired_at = '9999-12-31'") == [(1,)]


def test_money_on_account_is_used_and_taken_back_from_the_invoice(house: Ledger) -> None:
    paid = execute(house, FINANCE, RecordPayment(1, Decimal(100), session.today(), session.today(), oldest=False)).result["entry_id"]
    test = opened(view="issued", invoice="1")
    test.button(key=f"allocate-{paid}").click().run()
    assert asked(house, "select sum(amount)::integer from posting where invoice_id = 1") == [(200,)]
    test.button(key=f"unallocate-{paid}").click().run()
    assert asked(house, "select sum(amount)::integer from posting where invoice_id = 1") == [(300,)]


def test_a_credit_note_takes_off_the_invoice(house: Ledger) -> None:
    test = opened(view="issued", invoice="1")
    test.text_input(key="credit-1").input("50").run()
    test.button(key="credit-save-1").click().run()
    assert asked(house, "select sum(amount)::integer from posting where invoice_id = 1") == [(250,)]


def test_a_draft_is_written_with_lines_and_tax(house: Ledger) -> None:
    test = opened(customer="2")
    test.text_input(key="draft-0-what_0").input("培训").run()
    test.text_input(key="draft-0-quantity_0").input("2").run()
    test.text_input(key="draft-0-price_0").input("¥500").run()
    test.button_group(key="draft-0-tax_rate").set_value("0.06").run()
    assert "合计 ¥1,060.00，其中税额 ¥60.00" in said(test)
    test.button(key="draft-0-_save").click().run()
    assert not test.exception
    assert asked(house, "select amount::text, tax_amount::text from invoice_draft") == [("1060.00", "60.00")]


def test_a_draft_without_lines_is_refused_beside_them(house: Ledger) -> None:
    test = opened(customer="2")
    test.button(key="draft-0-_save").click().run()
    assert "还没有明细" in said(test)
    assert asked(house, "select 1 from invoice_draft") == []


def test_a_refund_of_more_than_is_on_account_is_refused_beside_the_amount(house: Ledger) -> None:
    execute(house, FINANCE, RecordPayment(1, Decimal(100), session.today(), session.today(), oldest=False))
    test = opened(view="correct", document="refund", customer="1")
    assert "预收余额 ¥100.00" in said(test)
    test.text_input(key="document_refund-0-amount").input("101").run()
    test.button(key="document_refund-0-_save").click().run()
    assert "可退的预收只有 100" in said(test)
    test.text_input(key="document_refund-0-amount").input("100").run()
    test.button(key="document_refund-0-_save").click().run()
    assert asked(house, "select count(*) from entry where kind = 'refund'") == [(1,)]


def test_the_books_are_closed_and_say_so(house: Ledger) -> None:
    test = opened(view="correct", document="close")
    test.text_input(key="document_close-0-reason").input("已报税").run()
    test.button(key="document_close-0-_save").click().run()
    assert not test.exception
    assert any("已报税" in part.value for part in test.info)
    assert len(asked(house, "select 1 from policy where kind = 'closing'")) == 1


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("view", ["draft", "issued", "correct", "outbox"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_view_runs_and_reads_in_both_languages(house: Ledger, view: str, language: Language) -> None:
    agree(house)
    test = opened("finance", language, view=view, invoice="1")
    assert not test.exception
    if language == "en":
        chinese = [line for line in said(test).splitlines() if CHINESE.search(re.sub(r"恒源机械|北方客户\d\d|服务合同|中文", "", line))]
        assert chinese == []


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("view", ["draft", "issued", "correct"])
def test_who_only_reads_gets_no_buttons_that_write(house: Ledger, view: str) -> None:
    agree(house)
    test = opened("viewer", view=view, invoice="1")
    assert not test.exception
    keys = {str(button.key) for button in test.button}
    assert not any(key.startswith(("draft-", "post-", "void-", "allocate-", "send-", "document_")) for key in keys)
