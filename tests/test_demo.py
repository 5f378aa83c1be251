"""The demo company: complete, the same every time, in balance, believable, and telling its five stories."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lib.__main__ import main
from lib.cli.demo import build
from lib.commands.bank_evidence import open_lines, proposals
from lib.demo import DEMO_ACCOUNTS, DEMO_DATE, BuildDemo, is_demo
from lib.demo.sources import FOLDER, words
from lib.domain import passwords
from lib.domain.access import SYSTEM, Role
from lib.errors import Conflict
from lib.review.proof import prove
from lib.store.door import broken_link, execute
from lib.store.ledger import LATEST, Ledger
from lib.store.query import catalog, rows

ROOT = Path(__file__).parents[1]
FACTS = (
    *("customer_record", "contact", "entry", "posting", "promise", "activity", "feedback", "case_file", "case_event"),
    *("agreement", "invoice_draft", "message", "message_event", "bank_line", "bank_match", "payer_alias"),
    *("plan", "hold", "proposal", "decision", "credit_override", "exchange_rate"),
    *("survey_wave", "wave_event", "survey_invite", "invite_event"),
)
SLIPPING = "苏州恒源机械股份有限公司"
TWINS = ("杭州明辉电子科技有限公司", "杭州市明辉电子科技公司")
REGULAR_PAYER = "义乌顺通贸易商行"


@dataclass(frozen=True, slots=True)
class Built:
    path: Path
    ledger: Ledger

    def rows(self, sql: str, **values: object) -> list[Any]:
        bound = {"today": DEMO_DATE, "known_at": LATEST, **values}
        return self.ledger.cursor().execute(sql, {name: value for name, value in bound.items() if f"${name}" in sql}).fetchall()

    def one(self, sql: str, **values: object) -> Any:
        ((value, *_),) = self.rows(sql, **values)
        return value


@pytest.fixture(scope="module")
def demo(demo_ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """The demo company, built once."""
    path = tmp_path_factory.mktemp("demo") / "ledger.duckdb"
    shutil.copy(demo_ledger, path)
    with Ledger(path) as ledger:
        yield Built(path, ledger)


def digests(ledger: Ledger) -> dict[str, str]:
    """What every fact says, hashed."""
    cursor = ledger.cursor()
    found = {}
    for table in FACTS:
        key = "posting_id" if table == "posting" else "record_id"
        row = cursor.execute(f"select md5(string_agg({table}::text, chr(10) order by {key})) from {table}").fetchone()
        assert row is not None
        found[table] = row[0]
    return found


# --- the build


def test_another_process_builds_the_same_bytes_and_force_replaces_a_demo(demo: Built, tmp_path: Path) -> None:
    copy = copied(demo, tmp_path)
    command = [sys.executable, "-m", "lib", "demo", "--path", str(copy), "--force"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert said["demo_date"] == "2026-06-30"
    assert {account["username"]: account["password"] for account in said["accounts"]}["manager"] == "mingzhang-demo-manager"
    with Ledger(copy) as rebuilt:
        assert digests(rebuilt) == digests(demo.ledger)
        assert sorted(path.name for path in tmp_path.glob("*.building*")) == []


def test_a_ledger_with_data_is_kept(demo: Built, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = copied(demo, tmp_path)
    assert main(["demo", "--path", str(copy)]) == 1
    assert "--force" in capsys.readouterr().err
    with Ledger(copy) as kept:
        assert digests(kept) == digests(demo.ledger)


def test_force_never_replaces_a_ledger_that_is_no_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "real.duckdb"
    with Ledger(path) as real:
        real.jot(
            "insert into audit (change_id, made_at, user_id, command, detail, prev_hash, hash) "
            "values (1, timestamp '2026-01-01', 0, 'AddUser', '{}', '', 'x')",
            {},
        )
    assert main(["demo", "--path", str(path), "--force"]) == 1
    assert "not a demo" in capsys.readouterr().err


def test_the_command_refuses_a_ledger_that_was_changed_before(demo: Built) -> None:
    assert is_demo(demo.ledger)
    with pytest.raises(Conflict):
        execute(demo.ledger, SYSTEM, BuildDemo())


def test_it_is_as_large_as_it_says(demo: Built) -> None:
    assert demo.one("select count(*) from customer_at($today, $known_at)") == 2000
    assert 29_000 <= demo.one("select count(*) from entry where kind = 'invoice' and retired_at = timestamp '9999-12-31'") <= 31_000
    assert demo.one("select count(*) from app_user where user_id > 10") == 12
    assert demo.one("select count(distinct team) from app_user where user_id > 10") == 3
    assert demo.one("select count(*) from customer_at($today, $known_at) where currency = 'USD'") == 20
    assert demo.rows("select min(on_date) >= date '2023-07-01', max(on_date) <= $today from posting") == [(True, True)]
    assert demo.one("select count(distinct name) from customer_at($today, $known_at)") >= 1990
    kinds = {kind for (kind,) in demo.rows("select distinct kind from entry")}
    assert kinds == {"invoice", "payment", "credit_note", "write_off", "adjustment"}


# --- trust


def test_no_check_finds_anything(demo: Built) -> None:
    broken = {name: demo.rows(query.sql)[:3] for name, query in catalog().items() if name.startswith("check_")}
    assert {name: rows for name, rows in broken.items() if rows} == {}
    assert broken_link(demo.ledger) is None


@pytest.mark.parametrize("as_of", [date(2023, 9, 30), date(2024, 2, 10), date(2025, 5, 17), DEMO_DATE])
def test_open_invoices_and_money_on_account_are_the_balance(demo: Built, as_of: date) -> None:
    wrong = demo.rows(
        """
        with open_item as (
            select customer_id, currency, sum(open_amount) as amount from open_invoice_at($as_of, $known_at) group by all
        ),
        unallocated as (
            select customer_id, currency, sum(amount) as amount
            from posting_at($as_of, $known_at) where invoice_id is null group by all
        ),
        balance as (select customer_id, currency, sum(amount) as amount from posting_at($as_of, $known_at) group by all)
        select balance.customer_id
        from balance left join open_item using (customer_id, currency) left join unallocated using (customer_id, currency)
        where balance.amount <> coalesce(open_item.amount, 0) + coalesce(unallocated.amount, 0)
        """,
        as_of=as_of,
    )
    assert wrong == []


@pytest.mark.parametrize("known_at", [datetime(2023, 9, 3, 4), datetime(2024, 12, 31, 6), datetime(2026, 5, 11, 2)])
def test_what_was_known_at_any_moment_makes_sense(demo: Built, known_at: datetime) -> None:
    negative = "select invoice_id from posting where invoice_id is not null and recorded_at <= $known_at group by 1 having sum(amount) < 0"
    assert demo.rows(negative, known_at=known_at) == []
    unknown = "select customer_id from posting where recorded_at <= $known_at except select customer_id from customer_at($today, $known_at)"
    assert demo.rows(unknown, known_at=known_at) == []


def test_late_entries_and_corrections_make_restatements(demo: Built) -> None:
    meeting = datetime(2026, 3, 31, 10)
    balance = "select sum(amount) from posting_at(date '2026-03-31', $known_at) where currency = 'CNY'"
    assert demo.one(balance) != demo.one(balance, known_at=meeting)
    late = demo.one("select avg((recorded_at::date - on_date > 6)::integer) from posting where rule in ('issue', 'match')")
    assert 0.01 < late < 0.04
    corrected = demo.rows("select entry_id from entry where retired_at < timestamp '9999-12-31'")
    assert len(corrected) >= 8
    mirrored = "select entry_id from posting where rule = 'undo' group by entry_id"
    assert sorted(demo.rows(mirrored)) == sorted(corrected)


def test_customers_have_a_past(demo: Built) -> None:
    changed = demo.rows(
        """
        select count(distinct new.customer_id) filter (where new.owner_id <> old.owner_id),
            count(distinct new.customer_id) filter (where new.region <> old.region),
            count(distinct new.customer_id) filter (where new.book <> old.book)
        from customer_at($today, $known_at) as new inner join customer_at(date '2024-04-15', $known_at) as old using (customer_id)
        """
    )
    owners, regions, books = changed[0]
    assert owners > 60
    assert regions > 10
    assert books == 12
    assert demo.one("select count(*) from customer_record where retired_at < timestamp '9999-12-31'") > 200


# --- believable


def test_receivables_are_believable(demo: Built) -> None:
    overdue_share = demo.one(
        """
        select sum(open_amount) filter (where due_on < $today) / sum(open_amount)
        from open_invoice_at($today, $known_at) where currency = 'CNY'
        """
    )
    assert 0.15 <= overdue_share <= 0.25
    dso_days = demo.one(
        """
        select 91 * (select sum(open_amount) from open_invoice_at($today, $known_at) where currency = 'CNY') / sum(amount)
        from entry_at($today, $known_at) where kind = 'invoice' and currency = 'CNY' and on_date > $today - 91
        """
    )
    assert 50 <= dso_days <= 70
    on_time_rate = demo.one(
        """
        with settled as (
            select invoice_id, any_value(due_on) as due_on, max(on_date) filter (where items = -1) as settled_on, sum(items) as open_count
            from posting where invoice_id is not null group by invoice_id
        )
        select avg((open_count = 0 and settled_on <= due_on)::integer) from settled where due_on < $today
        """
    )
    assert 0.60 <= on_time_rate <= 0.70


def test_satisfaction_is_believable(demo: Built) -> None:
    def score(metric: str, good: int, bad: int) -> float:
        sql = f"select 100 * avg((score >= {good})::integer - (score <= {bad})::integer) from feedback where metric = '{metric}'"
        return float(demo.one(sql + " and on_date > $today - 365"))

    assert 10 <= score("nps", 9, 6) <= 40
    assert 80 <= score("csat", 4, -1) <= 90
    assert 70 <= score("ces", 5, -1) <= 90


def test_every_kind_of_promise_exists(demo: Built) -> None:
    results = dict(demo.rows("select result, count(*) from promise_at($today, $known_at) group by result"))
    assert set(results) == {"kept", "partly", "broken", "open", "cancelled"}
    assert results["kept"] > results["broken"]


def test_month_ends_are_heavy_and_spring_festival_is_quiet(demo: Built) -> None:
    by_day = dict(demo.rows("select on_date, count(*) from entry where kind = 'invoice' group by on_date"))
    month_end = [count for day, count in by_day.items() if (day + timedelta(days=4)).month != day.month]
    others = [count for day, count in by_day.items() if (day + timedelta(days=4)).month == day.month]
    assert sum(month_end) / len(month_end) > 2 * sum(others) / len(others)
    for festival in (date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17)):
        before = sum(count for day, count in by_day.items() if festival - timedelta(days=21) <= day < festival)
        after = sum(count for day, count in by_day.items() if festival <= day < festival + timedelta(days=21))
        assert before > 4 * after


def test_low_scores_have_a_call_back_task(demo: Built) -> None:
    low = "(metric = 'nps' and score <= 6) or (metric = 'csat' and score <= 2) or (metric = 'ces' and score <= 3)"
    missing = demo.rows(
        f"select feedback_id from feedback where ({low}) and feedback_id not in "
        "(select source_id from activity where source_kind = 'feedback' and kind = 'task')"
    )
    assert missing == []
    waiting = demo.rows(
        "select due_on from activity where source_kind = 'feedback' and retired_at = timestamp '9999-12-31' and done_on is null"
    )
    assert len(waiting) > 2
    assert min(due_on for (due_on,) in waiting) > date(2026, 6, 30) - timedelta(days=100), "nobody waits for years"


def test_complaints_follow_their_states(demo: Built) -> None:
    first = "select distinct arg_min(state, (happened_at, event_id)) from case_event group by case_id"
    assert demo.rows(first) == [("new",)]
    last = demo.rows(
        """
        select distinct arg_max(case_event.state, (case_event.happened_at, case_event.event_id))
        from case_event inner join case_file using (case_id) where case_file.kind = 'complaint' group by case_event.case_id
        """
    )
    assert {"closed", "in_progress", "merged", "unfounded", "withdrawn"} <= {state for (state,) in last}
    taken = {action for (action,) in demo.rows("select distinct action from case_event")}
    assert {"wait", "resume", "escalate", "attempt", "rework", "reopen"} <= taken
    (fixed,) = rows(demo.ledger, SYSTEM, "corrections", as_of=DEMO_DATE)
    assert (fixed["cause"], fixed["count_before"] > 10, fixed["count_after"] > 5) == ("delivery", True, True)


def test_nothing_can_be_mistaken_for_a_real_person(demo: Built) -> None:
    assert demo.rows("select phone from contact where not starts_with(phone, '1990000') and not starts_with(phone, '1990001')") == []
    assert demo.rows("select email from contact where not ends_with(email, '.example.com')") == []
    assert demo.rows("select tax_no from customer_record where not starts_with(tax_no, '91DEMO')") == []
    assert demo.rows("select bank_account from customer_record where not starts_with(bank_account, '0000 0000')") == []


# --- people


def test_the_demo_accounts_sign_in_and_account_managers_do_not(demo: Built) -> None:
    hashes = dict(demo.rows("select username, password_hash from app_user where password_hash is not null"))
    assert set(hashes) == {account.username for account in DEMO_ACCOUNTS}
    admin = next(account for account in DEMO_ACCOUNTS if account.role is Role.ADMIN)
    assert passwords.matches(admin.password, hashes["admin"])
    assert hashes["admin"].startswith("$2b$12$")


def test_each_role_has_an_account_and_sees_customers(demo: Built) -> None:
    assert {account.role for account in DEMO_ACCOUNTS} == set(Role)
    seen = {
        account.username: demo.one("select count(distinct customer_id) from visible_customer($actor_id)", actor_id=account.user_id)
        for account in DEMO_ACCOUNTS
    }
    assert seen["manager"] == demo.one("select count(distinct customer_id) from customer_record")
    assert 400 < seen["lead"] < 1000
    assert 400 < seen["viewer"] < 1000


def test_the_demo_has_its_own_today(demo: Built) -> None:
    (body,) = demo.rows("select body from policy_at('settings', date '9999-12-30', $known_at)")[0]
    settings = json.loads(body)
    assert settings.pop("company")["bank_account"].startswith("0000 0000")
    assert settings == {"base_currency": "CNY", "time_zone": "Asia/Shanghai", "demo_date": "2026-06-30"}
    assert demo.one("select count(*) from policy where kind = 'settings' and retired_at = timestamp '9999-12-31'") == 1


def test_both_languages_are_spoken(demo: Built) -> None:
    assert demo.one("select count(*) from feedback where comment ~ '^[ -~]+$'") > 100
    assert demo.one("select count(*) from customer_at($today, $known_at) where name_en is null") == 0


# --- stories


def test_story_1_hengyuan_pays_later_every_month_and_breaks_its_word(demo: Built) -> None:
    late = [
        days
        for (days,) in demo.rows(
            """
            select avg(posting.on_date - posting.due_on)
            from posting inner join customer_at($today, $known_at) as customer using (customer_id)
            where customer.name = $name and posting.items = -1 and posting.due_on >= date '2025-06-01'
            group by date_trunc('month', posting.due_on) order by date_trunc('month', posting.due_on)
            """,
            name=SLIPPING,
        )
    ]
    assert late == sorted(late)
    assert late[0] <= 0
    assert late[-1] > 60
    results = dict(
        demo.rows(
            "select result, count(*) from promise_at($today, $known_at) inner join customer_at($today, $known_at) as c using (customer_id) "
            "where c.name = $name group by result",
            name=SLIPPING,
        )
    )
    assert results["broken"] >= 15
    assert "kept" not in results
    largest = demo.rows(
        """
        select customer.name from open_invoice_at($today, $known_at) as item
        inner join customer_at($today, $known_at) as customer using (customer_id)
        where item.due_on < $today and item.currency = 'CNY' group by customer.name order by sum(item.open_amount) desc limit 3
        """
    )
    assert (SLIPPING,) in largest


def test_story_2_the_southern_team_falls_after_the_warehouse_move(demo: Built) -> None:
    def quarter(team: str, metric: str, value: str, first: date) -> float:
        sql = f"""
            select 100 * avg({value}) from feedback inner join customer_at($today, $known_at) as customer using (customer_id)
            where metric = $metric and customer.team = $team and on_date >= $first and on_date < $first + interval 3 month
        """
        return float(demo.one(sql, team=team, metric=metric, first=first))

    nps, csat = "(score >= 9)::integer - (score <= 6)::integer", "(score >= 4)::integer"
    before, then, now = date(2025, 10, 1), date(2026, 1, 1), date(2026, 4, 1)
    for metric, value, fall in (("nps", nps, 35), ("csat", csat, 18)):
        figures = [quarter("华南", metric, value, first) for first in (before, then, now)]
        assert figures[0] > figures[1] > figures[2]
        assert figures[0] - figures[2] > fall
        for team in ("华东", "华北"):
            assert abs(quarter(team, metric, value, now) - quarter(team, metric, value, before)) < 10
    about = "select count(*) from feedback where on_date >= date '2026-01-05' and (comment like '%仓%' or comment like '%warehouse%')"
    assert demo.one(about) > 30
    assert demo.one(about.replace(">=", "<")) < 10
    delivery = """
        select count(*) filter (where case_file.on_date >= date '2026-01-05'),
            count(*) filter (where case_file.on_date between date '2025-07-05' and date '2026-01-04')
        from case_file inner join customer_at($today, $known_at) as customer using (customer_id)
        where case_file.kind = 'complaint' and cause = 'delivery' and customer.team = '华南'
    """
    ((since, earlier),) = demo.rows(delivery)
    assert since > 3 * earlier


def test_story_3_tianjin_mends(demo: Built) -> None:
    def overdue_share(as_of: date, where: str) -> Decimal:
        sql = f"""
            select sum(open_amount) filter (where due_on < $as_of) / sum(open_amount)
            from open_invoice_at($as_of, $known_at) as item inner join customer_at($today, $known_at) as customer using (customer_id)
            where item.currency = 'CNY' and {where}
        """
        return Decimal(str(demo.one(sql, as_of=as_of)))

    shares = [overdue_share(day, "region = '天津'") for day in (date(2025, 3, 31), date(2025, 9, 30), DEMO_DATE)]
    assert shares[0] > Decimal("0.40")
    assert shares[0] > shares[1] > shares[2]
    assert shares[2] < Decimal("0.10")
    assert overdue_share(DEMO_DATE, "region <> '天津'") > Decimal("0.17")


def test_story_4_one_customer_stands_in_the_ledger_twice(demo: Built) -> None:
    found = demo.rows(
        """
        select customer.name, customer.tax_no, count(*) > 20
        from customer_at($today, $known_at) as customer inner join entry using (customer_id)
        where customer.name in ($first, $second) and entry.kind = 'invoice' group by all order by all
        """,
        first=TWINS[0],
        second=TWINS[1],
    )
    assert {name for name, _, _ in found} == set(TWINS)
    assert len({tax_no for _, tax_no, _ in found}) == 1
    assert all(has_invoices for _, _, has_invoices in found)


def test_story_5_an_off_book_payer_keeps_paying(demo: Built) -> None:
    payments = demo.rows(
        """
        select date_trunc('month', posting.on_date)::date, posting.invoice_id, customer.book
        from posting inner join customer_at($today, $known_at) as customer using (customer_id)
        where customer.name = $name order by 1
        """,
        name=REGULAR_PAYER,
    )
    assert len({month for month, _, _ in payments}) == 10
    assert {invoice_id for _, invoice_id, _ in payments} == {None}
    assert {book for _, _, book in payments} == {"offbook"}


# --- what its people did at their desks


def test_what_was_done_by_hand_stands_in_the_audit_at_its_own_hour(demo: Built) -> None:
    done = demo.rows("select command, user_id, made_at from audit order by change_id")
    assert {"RecordAgreement", "SendInvoices", "ImportMoney", "MatchLine", "RecordPlan", "LogOutcome", "Decide"} <= {row[0] for row in done}
    assert {user_id for _, user_id, _ in done[1:]} == {2, 3, 4}
    moments = [made_at for *_, made_at in done]
    assert moments == sorted(moments)
    assert all(1 <= moment.hour <= 10 for moment in moments)
    assert moments[-1].date() == DEMO_DATE
    by_hand = [made_at for command, _, made_at in done if command != "FitModels"]
    assert by_hand[-1] < datetime(2026, 6, 30, 4)  # the last day is only beginning; the models are fitted in its evening


def test_each_rule_of_reconciliation_waits_on_the_bank_statement(demo: Built) -> None:
    waiting = open_lines(demo.ledger.cursor())
    found = proposals(demo.ledger.cursor(), waiting)
    assert {one.rule for one in found.values()} == {"R1", "R2", "R3", "R4", "R5"}
    assert [one.fits for one in found.values() if one.fits > 1] == [2]
    assert {line.payer for line in waiting if line.line_id not in found} == {"湖州云溪文化传媒工作室"}
    assert sum(one.is_sure for one in found.values()) >= 6
    assert dict(demo.rows("select rule, count(*) from bank_match group by rule")) == {"R1": 1, "manual": 2, "ignored": 2}
    assert demo.rows("select amount::text from entry where kind = 'adjustment' and amount < 0") == [("-15.00",)]
    assert demo.one("select count(*) from payer_alias") == 1
    assert demo.rows("select min(on_date) > $today - 8, max(on_date) <= $today, count(distinct account) from bank_line") == [
        (True, True, 1)
    ]


def test_services_are_to_be_billed_on_the_demo_date(demo: Built) -> None:
    due = demo.rows("select agreement_id, period_on from unbilled_period($today)")
    assert len(due) == 5
    assert max(period_on for _, period_on in due) == DEMO_DATE
    assert demo.one("select count(*) from entry where starts_with(doc_no, 'INV-2026-')") == 6


def test_mail_was_sent_failed_and_waits(demo: Built) -> None:
    states = {
        (kind, state): count
        for kind, state, count in demo.rows("select kind, state, count(*) from message_at($today, $known_at) group by kind, state")
    }
    assert states["invoice", "failed"] == 2
    assert states["reminder", "failed"] == 1
    assert states["invoice", "sent"] >= 6
    assert states["reminder", "queued"] >= 2


def test_one_plan_is_kept_and_one_broken(demo: Built) -> None:
    states = demo.rows("select state from plan_of((select list(plan.customer_id) from plan), $today, $known_at) order by state")
    assert states == [("broken",), ("kept",)]


def test_holds_disputes_and_calls_are_there(demo: Built) -> None:
    assert demo.one("select count(*) from hold where until_on > $today") == 2
    assert demo.rows("select state from case_at($today, $known_at) where kind = 'dispute' and cause <> 'billing' order by state") != []
    outcomes = {outcome for (outcome,) in demo.rows("select outcome from activity where source_kind = 'collect' and outcome is not null")}
    assert outcomes == {"promised", "no_answer", "wrong_number"}


def test_three_proposals_wait_for_the_manager_and_two_are_decided(demo: Built) -> None:
    found = demo.rows("select kind, outcome from proposal_at($today, $known_at) order by kind, outcome nulls last")
    terms = [("special_term", "approved"), ("special_term", None)]
    assert found == [("credit_limit", None), ("credit_release", "approved"), *terms, ("write_off", None)]


def test_strategies_are_at_work(demo: Built) -> None:
    assert demo.rows("select kind, days from special_term_at($today, $known_at)") == [("payment_terms", 120)]
    assert demo.rows("select count(*), count(distinct head_id) from family_of(null::integer[], $today, $known_at)") == [(3, 1)]
    woken = "select count(distinct customer_id), count(*) from activity_at($today, $known_at) where source_kind = 'strategy'"
    assert demo.rows(woken) == [(4, 12)]
    standings = dict(demo.rows("select credit_state, count(*) from credit_standing_of(null, $today, $known_at) group by credit_state"))
    assert standings["released"] == 1
    assert standings["stop"] > 20


def test_surveys_were_made_one_is_out_and_one_is_planned(demo: Built) -> None:
    waves = "select state, metric from wave_at($today, $known_at) order by opens_on"
    found = [("told", "nps"), ("told", "nps"), ("analysed", "nps"), ("closed", "csat"), ("sending", "nps"), ("draft", "csat")]
    assert demo.rows(waves) == found
    states = "select state, count(*) from invite_at($today, $known_at) where wave_id = {} group by state"
    spring = dict(demo.rows(states.format(3)))
    assert spring["answered"] > 30
    assert {"delivered", "failed", "no_answer", "declined"} <= set(spring)
    out = dict(demo.rows(states.format(5)))
    assert (out["answered"], out["no_answer"], out["declined"], out["withdrawn"]) == (5, 2, 1, 1)
    twice = """
        select invite.contact_id from invite_at($today, $known_at) as invite inner join survey_wave as wave using (wave_id)
        where wave.metric = 'nps' and invite.state <> 'failed' group by invite.contact_id
        having max(wave.opens_on) - min(wave.opens_on) < 180 * (count(*) - 1)
    """
    assert demo.rows(twice) == []
    stray = "select 1 from feedback as answer left join survey_invite as invite using (invite_id, customer_id, wave_id, contact_id)"
    assert demo.rows(f"{stray} where answer.invite_id is not null and invite.record_id is null") == []


def test_half_of_a_written_off_debt_came_in_after_all(demo: Built) -> None:
    ((written_off, recovered),) = demo.rows(
        "select written_off_amount, recovered_amount from written_off_at($today, $known_at) where recovered_amount > 0"
    )
    assert abs(written_off - 2 * recovered) <= Decimal("0.01")


def test_the_dollar_has_a_rate_for_every_month(demo: Built) -> None:
    assert demo.one("select count(*) from exchange_rate where currency = 'USD'") == 36
    assert 6 < demo.one("select rate_on('USD', $today, $known_at)") < 8


def test_another_seed_lives_the_same_days(tmp_path: Path) -> None:
    build(tmp_path / "other.duckdb", 7)
    with Ledger(tmp_path / "other.duckdb") as ledger:
        other = Built(tmp_path / "other.duckdb", ledger)
        assert other.one("select count(*) from unbilled_period($today)") == 5
        assert other.one("select count(*) from proposal_at($today, $known_at) where outcome is null") == 3
        assert other.one("select count(*) from wave_at($today, $known_at)") == 6


# --- sources


def test_the_readme_names_the_stories_and_every_source() -> None:
    told = (FOLDER / "README.md").read_text("utf-8")
    for name in (SLIPPING, *TWINS, REGULAR_PAYER, "华南", "天津", *(path.name for path in FOLDER.glob("*.csv"))):
        assert name in told


def test_every_source_line_is_complete() -> None:
    for path in FOLDER.glob("*.csv"):
        for line in words(path.stem):
            assert None not in line
            assert all(line.values()), f"{path.name}: {line}"


def copied(demo: Built, folder: Path) -> Path:
    demo.ledger.checkpoint()
    copy = folder / "copy.duckdb"
    # In a child: copying inside the process would drop its lock on the file.
    subprocess.run(["cp", str(demo.path), str(copy)], check=True)
    return copy


def test_a_review_held_was_frozen_as_known_then_and_late_entries_have_changed_it_since(demo: Built) -> None:
    (found,) = prove(demo.ledger, date(2026, 6, 15), restate=True)
    assert (found.verdict, found.where) == ("intact", ())
    assert "overdue_amount" in found.restated
