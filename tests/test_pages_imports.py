"""The import page from file to ledger and back, by the screen."""

from __future__ import annotations

import json
from datetime import date

import pytest
import signin
from shared import shared
from streamlit.testing.v1 import AppTest

from lib.commands.importing.staging import Options, stage
from lib.domain.headers import match_headers
from lib.domain.imports import KINDS, likelier
from lib.domain.sheets import read_pasted, read_sheet
from lib.store.ledger import Ledger
from lib.ui import imports
from lib.ui.shell import MENU
from lib.ui.templates import template

PASTE = """客户名称\t账单编号\t账单日期\t到期日\t金额
恒源机械\tF1\t2025-09-01\t2025-10-01\t1.2万
南风贸易\tF2\t2025-11-01\t2025-12-01\tabc
"""


def opened(who: str = "finance", **query: str) -> AppTest:
    test = signin.signed_in(who, path="pages/imports.py")
    for name, value in query.items():
        test.query_params[name] = value
    return test.run()


def posted(ledger: Ledger) -> tuple[object, ...] | None:
    return ledger.cursor().execute("select count(*), sum(amount) from posting").fetchone()


def test_paste_shows_red_cells_first_imports_the_rest_and_undo_empties_the_ledger(house: Ledger) -> None:
    test = opened(kind="invoices", source="paste")
    assert not test.exception
    test.text_area(key="import-0-pasted").input(PASTE).run()
    assert not test.exception
    assert any("1 行需要您看一下" in part.value for part in test.markdown)
    test.button(key="import-0-apply").click().run()
    assert not test.exception
    assert "新增 1" in test.success[0].value
    assert str(posted(house)) == "(1, Decimal('12000.00'))"
    test.button(key="import-undo").click().run()
    assert str(posted(house)) == "(2, Decimal('0.00'))"


def test_mended_cell_goes_back_into_the_plan(house: Ledger) -> None:
    test = opened(kind="invoices", source="paste")
    test.text_area(key="import-0-pasted").input(PASTE).run()
    test.session_state["import-0-mend-kept"] = {(2, "amount"): "800"}
    test.run()
    test.button(key="import-0-apply").click().run()
    assert str(posted(house)) == "(2, Decimal('12800.00'))"


@pytest.mark.usefixtures("house")
def test_a_file_dropped_under_the_wrong_kind_is_recognised_and_put_right_by_one_click() -> None:
    """The page opens on customers; a list of invoices came in as customers without a word."""
    test = opened(kind="customers", source="paste")
    test.text_area(key="import-0-pasted").input(PASTE).run()
    assert [part.value for part in test.warning] == ["这个文件更像“账单”：能对上 5 列，按“客户”只能对上 1 列。"]
    test.button(key="import-0-likelier").click().run()
    assert not test.exception
    assert test.query_params["kind"] == "invoices"
    assert not test.warning
    assert "新增 1" in test.button(key="import-0-apply").label


def test_lines_without_a_customer_are_taken_for_a_bank_statement() -> None:
    found = likelier(("transaction_date", "amount", "memo"), KINDS["contacts"], KINDS.values())
    assert found is not None
    assert found[0] is KINDS["bank"]


@pytest.mark.parametrize("name", KINDS)
def test_a_template_is_never_taken_for_another_kind(name: str) -> None:
    header = read_sheet(template(name), f"{name}.csv").header
    assert likelier(header, KINDS[name], KINDS.values()) is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_leads_to_the_page_that_shows_it(kind: str) -> None:
    _, name = imports._SEE[kind]
    assert name in {page.name for page in MENU}


@pytest.mark.usefixtures("house")
def test_numbers_stand_at_the_right_in_the_preview() -> None:
    test = opened(kind="invoices", source="paste")
    test.text_area(key="import-0-pasted").input(PASTE).run()
    columns = json.loads(test.dataframe[-1].proto.columns)
    assert columns["金额"]["alignment"] == "right"
    assert "alignment" not in columns.get("客户名称", {})


@pytest.mark.usefixtures("house")
def test_help_about_customers_says_nothing_of_customers_nobody_knows() -> None:
    assert not any("不认识的客户" in part.value for part in opened(kind="customers").caption)
    assert any("不认识的客户" in part.value for part in opened(kind="invoices").caption)


def test_undo_of_many_rows_asks_once(house: Ledger) -> None:
    test = opened(kind="customers", source="paste")
    test.text_area(key="import-0-pasted").input("客户名称\n" + "".join(f"客户{number}\n" for number in range(101))).run()
    test.button(key="import-0-apply").click().run()
    assert any("撤销会收回 101 条记录" in part.value for part in test.markdown)
    test.button(key="import-undo").click().run()
    assert house.cursor().execute("select count(*) from customer_record where retired_at = timestamp '9999-12-31'").fetchone() == (0,)


def test_the_order_of_dates_is_said_in_words() -> None:
    sheet = read_pasted("客户名称\t账单编号\t账单日期\t金额\n恒源机械\tF1\t05/12/2026\t100\n")
    (remark,) = stage(KINDS["invoices"], sheet, Options(date(2026, 6, 1)), {}).notes
    assert "按 月/日/年 读取" in remark.say("zh")
    assert "read as month/day/year" in remark.say("en")


@pytest.mark.usefixtures("house")
def test_preview_says_what_new_documents_add_up_to_and_in_which_currency() -> None:
    test = opened(kind="invoices", source="paste")
    test.text_area(key="import-0-pasted").input(PASTE).run()
    assert any("新增账单 1 笔，合计 CNY 12,000" in part.value for part in test.caption)


@pytest.mark.usefixtures("house")
def test_a_missing_column_is_said_once_not_row_by_row() -> None:
    test = opened(kind="invoices", source="paste")
    rows = "".join(f"恒源机械\tF{number}\t2025-09-01\n" for number in range(5))
    test.text_area(key="import-0-pasted").input(f"客户名称\t账单编号\t账单日期\n{rows}").run()
    assert "每一行都是同一个问题：缺少金额" in test.error[0].value
    assert not any("行需要您看一下" in part.value for part in test.markdown)


def test_date_order_is_asked_once_and_nothing_is_written_before_the_answer(house: Ledger) -> None:
    test = opened(kind="invoices", source="paste")
    test.text_area(key="import-0-pasted").input("客户名称\t账单编号\t账单日期\t金额\n恒源机械\tF1\t03/05/2025\t100\n").run()
    assert "import-0-apply" not in [button.key for button in test.button]
    test.button_group(key="import-0-order-on_date").set_value("dmy").run()
    test.button(key="import-0-apply").click().run()
    assert str(house.cursor().execute("select on_date from entry").fetchall()) == "[(datetime.date(2025, 5, 3),)]"


def test_ibm_invoices_by_the_screen_have_the_known_totals(house: Ledger) -> None:
    folder = shared("ar_ibm_late_payments")
    facts = json.loads((folder / "expected.json").read_text("utf-8"))["facts"]
    (file,) = folder.glob("*.csv")
    test = opened(kind="invoices")
    test.file_uploader(key="import-0-file").upload(file.name, file.read_bytes(), "text/csv").run()
    assert not test.exception
    test.button(key="import-0-apply").click().run(timeout=60)
    assert not test.exception
    found = (
        house.cursor()
        .execute("select count(*), sum(amount)::text, count(distinct customer_id) from entry where kind = 'invoice'")
        .fetchone()
    )
    rows, invoices, customers = facts["rows/invoices/customers"]
    assert found == (invoices, facts["amount sum/min/max"][0], customers)
    assert rows == invoices
    test.button(key="import-again").click().run()
    test.file_uploader(key="import-1-file").upload(file.name, file.read_bytes(), "text/csv").run()
    assert test.button(key="import-1-apply").disabled


@pytest.mark.parametrize("kind", KINDS)
def test_every_template_is_read_without_a_question(house: Ledger, kind: str) -> None:
    sheet = read_sheet(template(kind), f"{kind}.csv")
    matched = match_headers(sheet.header, KINDS[kind].fields)
    assert [match.field for match in matched.matches] == [field.name for field in KINDS[kind].fields]
    test = opened(kind=kind, source="paste")
    test.text_area(key="import-0-pasted").input(template(kind).decode("utf-8-sig")).run()
    assert not test.exception
    assert not test.error
    assert not test.button(key="import-0-apply").disabled
    assert house.version == 0


@pytest.mark.usefixtures("house")
def test_kinds_are_those_the_role_may_import() -> None:
    assert "账单" not in opened("lead").button_group(key="switch-kind").options
    assert "账单" in opened("finance").button_group(key="switch-kind").options


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("who", ["viewer", "compliance", "admin"])
def test_who_may_import_nothing_is_refused(who: str) -> None:
    test = opened(who)
    assert test.error
    assert not test.button_group


BANK = """共4笔记录
交易时间,收/支,金额,交易对方,备注
2025-09-01 10:00:00,收入,¥100.00,恒源机械,INV-1
2025-09-01 10:00:01,/,30.00,理财通,转入
2025-09-02 10:00:00,支出,8,电力公司,/
"""


def test_a_wallet_statement_shows_its_sums_its_warning_and_what_is_kept_apart(house: Ledger) -> None:
    test = opened(kind="bank", source="paste")
    test.text_area(key="import-0-pasted").input(BANK).run()
    assert not test.exception
    assert not test.error
    assert any("账户 银行账户：收入 1 笔 CNY 100\\.00，支出 1 笔 CNY 8\\.00" in part.value for part in test.caption)
    assert [part.value for part in test.warning] == ["请核对笔数：对账单自称 4 笔，明细里是 3 笔；按明细记入"]
    test.button_group(key="import-0-preview-new-apart").set_value("apart").run()
    assert "不计收支" in str(test.dataframe[-1].value)
    test.text_input(key="import-0-account").input("微信 小店").run()
    test.button(key="import-0-apply").click().run()
    assert not test.exception
    assert house.cursor().execute("select account, amount::text from bank_line order by line_id").fetchall() == [
        ("微信 小店", "100.00"),
        ("微信 小店", "-8.00"),
    ]
    assert test.get("download_button")
    test.button(key="import-undo").click().run()
    assert house.cursor().execute("select count(*) from bank_line where retired_at = timestamp '9999-12-31'").fetchone() == (0,)


@pytest.mark.usefixtures("house")
def test_who_may_not_import_money_gets_no_statements() -> None:
    assert "银行流水" not in opened("lead").button_group(key="switch-kind").options
    assert "银行流水" in opened("finance").button_group(key="switch-kind").options
