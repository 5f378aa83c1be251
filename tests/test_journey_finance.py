"""A finance lead's day in a real browser, from a fresh demo ledger: bank statement, calls, reminders by mail, a write-off, the bridge."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import browsing
import pytest
from browsing import quiet
from post_office import PostOffice, open_office
from server import ROOT, Server

from lib.demo import DEMO_ACCOUNTS, DEMO_DATE
from lib.domain.access import Actor
from lib.store.ledger import Ledger
from lib.store.query import rows

if TYPE_CHECKING:
    from playwright.sync_api import Page
else:
    Page = Any

PEOPLE: Final = {one.username: Actor(one.user_id, one.name, one.role, one.scope) for one in DEMO_ACCOUNTS}
PASSWORD: Final = {one.username: one.password for one in DEMO_ACCOUNTS}
FEE: Final = Decimal(15)
STRANGER: Final = "章小满"


@dataclass(frozen=True)
class Cast:
    """Who plays in the day: payers with one open invoice, debtors to call and to write to, a debt that is lost."""

    payers: list[dict[str, Any]]
    called: list[dict[str, Any]]
    written: list[dict[str, Any]]
    lost: dict[str, Any]


def cast(ledger: Ledger) -> Cast:
    """Nobody plays twice, and nobody who plays in the demo's own statement."""
    taken = {row[0] for row in ledger.cursor().execute("select customer_id from plan union select customer_id from proposal").fetchall()}
    told = {row[0] for row in ledger.cursor().execute("select payer from bank_line where payer is not null").fetchall()}
    todo = rows(ledger, PEOPLE["finance"], "worklist", as_of=DEMO_DATE, currency="CNY", view="todo", limit=400)
    debtors = [row for row in todo if row["customer_id"] not in taken and row["name"] not in told and not row["disputed_amount"]]
    lost = max(debtors, key=lambda row: int(row["max_days"]))
    debtors.remove(lost)
    mailed = {row[0] for row in ledger.cursor().execute(WITH_MAIL).fetchall()}
    written = [row for row in debtors if row["code"] == "due" and row["customer_id"] in mailed][:2]
    called = [row for row in debtors if row not in written and row["code"] == "due"][:3]
    busy = taken | {row["customer_id"] for row in (*written, *called, lost)}
    single = [
        dict(zip(("customer_id", "name", "doc_no", "amount"), row, strict=True)) for row in ledger.cursor().execute(SINGLE).fetchall()
    ]
    payers = [one for one in single if one["customer_id"] not in busy and one["name"] not in told][:5]
    return Cast(payers, called, written, lost)


def statement(payers: list[dict[str, Any]]) -> bytes:
    """Five payments and a fee as the bank exports them: three sure, one 15 short, one from a payer nobody knows."""
    *sure, short, boss = payers
    lines = [(one["amount"], one["name"], "货款") for one in sure]
    lines += [(short["amount"] - FEE, short["name"], f"{short['doc_no']} 扣费"), (boss["amount"], STRANGER, "代付款")]
    balance, told = Decimal("90000.00"), []
    for number, (amount, payer, memo) in enumerate(lines, 1):
        balance += amount
        told.append(f'20260630,10:0{number},,"{amount:,.2f}","{balance:,.2f}",{memo},{payer},,F{number:04d}')
    head = f"招商银行交易明细\r\n账号：000000007777\r\n期初余额：90,000.00\r\n期末余额：{balance:,.2f}\r\n"
    return (head + "交易日,交易时间,借方金额,贷方金额,余额,摘要,收/付方名称,收/付方账号,流水号\r\n" + "\r\n".join(told) + "\r\n").encode(
        "gb18030"
    )


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    with open_office() as opened:
        yield opened


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browsing.opened() as browser:
        yield browsing.new_page(browser)


def test_a_finance_leads_day(
    page: Page, office: PostOffice, bare_demo_ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.duckdb"
    shutil.copy(bare_demo_ledger, path)
    with Ledger(path) as ledger:
        people = cast(ledger)
        before = ledger.version
    file = tmp_path / "招行_0630.csv"
    file.write_bytes(statement(people.payers))
    monkeypatch.setenv("MINGZHANG_SMTP_URL", office.url)
    with Server(path) as server:
        browsing.sign_in(page, server, "finance", PASSWORD["finance"], "/imports?kind=bank")
        bring_in(page, file)
        reconcile(page, people.payers)
        call(page, server, people.called)
        remind(page, server, people.written)
        propose(page, server, people.lost)
        browsing.sign_out(page)
        browsing.sign_in(page, server, "manager", PASSWORD["manager"], "/approvals")
        approve(page, people.lost)
        look_at_the_bridge(page, server)
    assert {letter["To"].addresses[0].addr_spec for _, letter in office.letters} >= mailboxes(path, people.written)
    assert all(any(part.get_content_type() == "application/pdf" for part in letter.iter_attachments()) for _, letter in office.letters)
    with Ledger(path) as ledger:
        the_money_is_where_it_belongs(ledger, people)
        the_bridge_ties(ledger, people)
        everything_is_in_the_audit(ledger, before)
    checked = subprocess.run(
        [sys.executable, "-m", "lib", "check"],
        cwd=ROOT,
        env={**os.environ, "MINGZHANG_LEDGER": str(path)},
        capture_output=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout.decode() + checked.stderr.decode()


# --- the day


def bring_in(page: Page, file: Path) -> None:
    page.locator('input[type="file"]').set_input_files(str(file))
    page.get_by_role("button", name="导入：新增 5").click()
    page.get_by_text("已导入").first.wait_for()
    page.get_by_role("link", name="去对账").click()
    page.get_by_role("button", name="全部接受确定的").wait_for()
    quiet(page)


def reconcile(page: Page, payers: list[dict[str, Any]]) -> None:
    *_, short, boss = payers
    page.get_by_role("button", name="全部接受确定的").click()
    page.get_by_role("button", name="全部接受确定的").wait_for(state="detached")
    quiet(page)
    line = card(page, "扣费")
    line.get_by_role("button", name="手工对账").click()
    line.get_by_text("作为手续费或尾差核销").click()
    quiet(page)
    save(page, line)
    line = card(page, STRANGER)
    line.get_by_role("button", name="手工对账").click()
    quiet(page)
    field = line.locator('[data-testid="stSelectbox"] input')
    field.fill(boss["name"])
    page.get_by_role("option", name=boss["name"]).first.click()
    line.get_by_text(boss["doc_no"]).click()
    line.get_by_text("正好相符").wait_for()
    save(page, line)
    assert page.get_by_text("✗ 与流水合计不一致").count() == 0
    page.get_by_text("✓ 与流水合计一致").first.wait_for()
    assert short["doc_no"] != boss["doc_no"]


def card(page: Page, said: str) -> Any:
    return page.locator('[class*="st-key-line-"]').filter(has_text=said)


def save(page: Page, line: Any) -> None:
    """Save the form of a line; what is matched leaves the queue."""
    line.get_by_role("button", name="保存").click()
    line.wait_for(state="detached")
    quiet(page)


def call(page: Page, server: Server, called: list[dict[str, Any]]) -> None:
    promised, disputed, planned = called
    outcome(page, server, promised, "承诺付款")
    page.get_by_role("button", name="+1 周").first.click()
    quiet(page)
    page.get_by_role("button", name="保存").click()
    page.locator(".st-key-collect-saved").filter(has_text=promised["name"]).wait_for()
    outcome(page, server, disputed, "有异议")
    page.locator(".st-key-debtor").get_by_text("价格不符", exact=True).click()
    quiet(page)
    page.get_by_role("button", name="保存").click()
    page.locator(".st-key-collect-saved").filter(has_text=disputed["name"]).wait_for()
    open_card(page, server, planned)
    page.locator(".st-key-debtor").get_by_role("button", name="分期").click()
    page.get_by_role("button", name="约定").click()
    page.locator(".st-key-collect-saved").wait_for()


def open_card(page: Page, server: Server, row: dict[str, Any]) -> None:
    page.goto(f"{server.url}/collect?customer={row['customer_id']}")
    page.locator(".st-key-debtor").get_by_text(row["name"]).wait_for()
    quiet(page)


def outcome(page: Page, server: Server, row: dict[str, Any], said: str) -> None:
    open_card(page, server, row)
    page.locator(".st-key-debtor").get_by_text(said, exact=True).click()
    quiet(page)


def remind(page: Page, server: Server, written: list[dict[str, Any]]) -> None:
    for row in written:
        open_card(page, server, row)
        page.get_by_role("button", name="用邮件提醒").click()
        page.locator(".st-key-collect-saved").wait_for()
        quiet(page)
    page.goto(f"{server.url}/billing?view=outbox")
    page.locator(".st-key-outbox-send button").click()
    page.get_by_text("失败 0 封").wait_for()


def propose(page: Page, server: Server, lost: dict[str, Any]) -> None:
    page.goto(f"{server.url}/approvals?view=lost&customer={lost['customer_id']}")
    page.get_by_label("为什么收不回来").fill("客户已停业")
    quiet(page)
    page.get_by_role("button", name="保存").click()
    page.locator(".st-key-propose_write_off-saved").wait_for()


def approve(page: Page, lost: dict[str, Any]) -> None:
    waiting = page.locator('[class*="st-key-proposal-"]').filter(has_text=lost["name"])
    waiting.get_by_role("button", name="批准").click()
    page.locator(".st-key-approvals-done").filter(has_text="已批准").wait_for()
    quiet(page)


def look_at_the_bridge(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/receivables")
    page.get_by_role("heading", name="逾期").first.wait_for()
    page.get_by_text("各步相加正好等于期末").first.wait_for()


# --- what it came to


def mailboxes(path: Path, written: list[dict[str, Any]]) -> set[str]:
    ids = [row["customer_id"] for row in written]
    with Ledger(path) as ledger:
        sql = "select distinct recipient from message where customer_id in (select unnest($ids::integer[])) and kind = 'reminder'"
        found = {row[0] for row in ledger.cursor().execute(sql, {"ids": ids}).fetchall()}
    assert len(found) == len(written)
    return found


def the_money_is_where_it_belongs(ledger: Ledger, people: Cast) -> None:
    def open_amount(customer_id: int) -> Decimal:
        sql = "select coalesce(sum(amount), 0) from posting where customer_id = $id and currency = 'CNY' and invoice_id is not null"
        return Decimal(ledger.cursor().execute(sql, {"id": customer_id}).fetchone()[0])  # type: ignore[index]

    assert [open_amount(one["customer_id"]) for one in people.payers] == [0] * 5
    overdue = "select count(*) from open_invoice_at($day, timestamp '9999-12-30') where customer_id = $id and due_on < $day"
    assert ledger.cursor().execute(overdue, {"day": DEMO_DATE, "id": people.lost["customer_id"]}).fetchone() == (0,)
    alias = "select customer_id from payer_alias where payer_key = $payer and retired_at = timestamp '9999-12-31'"
    assert ledger.cursor().execute(alias, {"payer": STRANGER}).fetchone() == (people.payers[-1]["customer_id"],)


def the_bridge_ties(ledger: Ledger, people: Cast) -> None:
    for what in ("overdue", "all"):
        found = {
            row["step"]: row["amount"]
            for row in rows(
                ledger, PEOPLE["manager"], "bridge", as_of=DEMO_DATE, currency="CNY", what=what, from_on=DEMO_DATE - timedelta(days=7)
            )
        }
        closing = found.pop("closing")
        assert sum(found.values()) == closing
        assert -found["written_off"] == people.lost["overdue_amount"]
        assert ledger.cursor().execute(STANDING[what], {"day": DEMO_DATE}).fetchone() == (closing,)


def everything_is_in_the_audit(ledger: Ledger, before: int) -> None:
    sql = "select command, user_id, detail from audit where change_id > $before order by change_id"
    done = [(name, user_id) for name, user_id, _ in ledger.cursor().execute(sql, {"before": before}).fetchall()]
    by_finance = [name for name, user_id in done if user_id == PEOPLE["finance"].user_id]
    kept = [name for name in by_finance if name not in {"ClaimMessage", "NoteDelivery"}]
    day = ["ImportMoney", "MatchAutomatically", "MatchLine", "MatchLine", "LogOutcome", "LogOutcome", "RecordPlan"]
    assert kept == [*day, "SendReminders", "SendReminders", "ProposeWriteOff"]
    assert by_finance.count("ClaimMessage") == by_finance.count("NoteDelivery") >= 2
    assert [name for name, user_id in done if user_id == PEOPLE["manager"].user_id] == ["Decide"]
    details = [json.loads(row[2]) for row in ledger.cursor().execute(sql, {"before": before}).fetchall()]
    assert [one["outcome"] for one in details if "outcome" in one][:2] == ["promised", "disputed"]


STANDING: Final = {
    "overdue": """
        select sum(open_amount) from open_invoice_at($day, timestamp '9999-12-30') where currency = 'CNY' and due_on < $day
    """,
    "all": "select sum(amount) from posting where currency = 'CNY' and on_date <= $day",
}
WITH_MAIL: Final = """
    select customer_id from contact
    where role = 'finance' and email is not null and not do_not_contact and retired_at = timestamp '9999-12-31'
"""
SINGLE: Final = """
    select item.customer_id, customer.name, any_value(entry.doc_no), sum(item.open_amount)
    from open_invoice_at(date '2026-06-30', timestamp '9999-12-30') as item
    inner join entry on item.invoice_id = entry.entry_id and entry.retired_at = timestamp '9999-12-31'
    inner join customer_at(date '2026-06-30', timestamp '9999-12-30') as customer on item.customer_id = customer.customer_id
    where customer.book = 'formal' and item.currency = 'CNY'
    group by item.customer_id, customer.name
    having count(*) = 1 and sum(item.open_amount) between 500 and 50000
    order by item.customer_id desc
    limit 60
"""
