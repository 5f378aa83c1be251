"""Real data sets come in through the shell with the totals computed independently of this program."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from shared import shared

from lib.__main__ import main
from lib.domain.access import SYSTEM
from lib.store.ledger import Ledger
from lib.store.query import rows

Shell = Callable[..., Any]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """`python -m lib ...` on an empty ledger: the JSON it prints, or its one sentence when it refuses."""
    monkeypatch.setenv("MINGZHANG_LEDGER", str(tmp_path / "ledger.duckdb"))
    monkeypatch.setenv("MINGZHANG_LANGUAGE", "en")

    def run(*arguments: object) -> Any:
        code = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return json.loads(out) if code == 0 else err

    return run


def facts(name: str) -> dict[str, Any]:
    """The facts of a data set, computed without this program."""
    return dict(json.loads((shared(name) / "expected.json").read_text("utf-8"))["facts"])


def asked(sql: str) -> list[tuple[Any, ...]]:
    """What the ledger file answers, read from outside the program."""
    with duckdb.connect(os.environ["MINGZHANG_LEDGER"], read_only=True) as connection:
        return connection.execute(sql).fetchall()


LIVE = "retired_at = timestamp '9999-12-31'"


def valued(as_of: str, currency: str) -> list[dict[str, Any]]:
    """What the value page says of each customer, once classes, bands and the map were found to add up to it."""
    day = date.fromisoformat(as_of)
    with Ledger(Path(os.environ["MINGZHANG_LEDGER"])) as ledger:
        asked: dict[str, Any] = {"as_of": day, "currency": currency}
        customers = rows(ledger, SYSTEM, "value_customers", **asked)
        money, year = (sum(row[name] for row in customers) for name in ("lifetime_amount", "amount_12m"))
        assert sum(row["total"] for row in rows(ledger, SYSTEM, "value_cells", **asked)) == year
        assert sum(row["total"] for row in rows(ledger, SYSTEM, "classes", **asked)) == year
        curve = rows(ledger, SYSTEM, "value_concentration", **asked, window="all")
    assert (curve[0]["total_amount"], curve[0]["customers"]) == (money, len(customers))
    assert curve[-1]["money_rate"] == pytest.approx(1)
    return sorted(customers, key=lambda row: -row["lifetime_amount"])


def test_ibm_late_payments(shell: Shell) -> None:
    folder = shared("ar_ibm_late_payments")
    known = facts("ar_ibm_late_payments")
    file = folder / "accounts_receivable_2012-01_2013-06.csv"

    done = shell("import", "invoices", file, "--currency", "USD")

    assert (done["new"], done["changed"], done["same"], done["rejected"]) == (1930, 0, 0, 0)
    invoices = f"from entry where kind = 'invoice' and {LIVE}"
    amounts = asked(f"select count(*), count(distinct customer_id), sum(amount), min(amount), max(amount) {invoices}")[0]
    assert [amounts[0], *amounts[:2]] == known["rows/invoices/customers"]
    assert [str(amount) for amount in amounts[2:]] == known["amount sum/min/max"]
    assert _late(None) == known["late invoices, amount of late, mean DaysLate of late"]
    for fact in [name for name in known if name.startswith("open at end of")]:
        as_of = fact.split()[4]
        buckets = shell("report", "ageing", "--as-of", as_of)
        found = [[bucket["count"], bucket["amount"]] for bucket in buckets if bucket["count"]]
        assert found == [[count, amount] for _, count, amount in known[fact]], as_of
    disputed = asked(f"select count(*), sum(amount) from case_file where kind = 'dispute' and {LIVE}")[0]
    assert [str(value) for value in disputed] == known["disputed yes"]
    top = asked(
        f"select account_no, sum(amount)::text, count(*) from entry inner join customer_record using (customer_id) "
        f"where entry.kind = 'invoice' and entry.{LIVE} group by account_no order by sum(amount) desc limit 5"
    )
    assert [list(row) for row in top] == known["top5 customers by amount"]
    assert asked("select count(*) from posting where due_on <> on_date + 30 and kind = 'invoice' and amount > 0") == [(0,)]

    again = shell("import", "invoices", file, "--currency", "USD")
    assert (again["new"], again["changed"], again["same"], again["batch"]) == (0, 0, 1930, None)

    shell("undo", done["batch"])
    assert asked("select coalesce(sum(amount), 0), coalesce(sum(items), 0) from posting") == [(Decimal(0), 0)]
    for table in ("entry", "customer_record", "case_file", "case_event"):
        assert asked(f"select count(*) from {table} where {LIVE}") == [(0,)], table
    assert shell("report", "ageing", "--as-of", "2012-12-31") == [] or all(
        row["amount"] == "0.00" for row in shell("report", "ageing", "--as-of", "2012-12-31")
    )
    assert shell("import", "invoices", file, "--currency", "USD")["new"] == 1930


def _late(_: None) -> list[str]:
    row = asked(
        f"""
        with settled as (
            select invoice.amount, date_diff('day', invoice.due_on, max(posting.on_date)) as days
            from entry as invoice
            inner join posting on posting.invoice_id = invoice.entry_id
            where invoice.kind = 'invoice' and invoice.{LIVE} and posting.kind = 'payment'
            group by invoice.entry_id, invoice.amount, invoice.due_on
        )

        select count(*), sum(amount), round(avg(days), 4) from settled where days > 0
        """
    )[0]
    return [str(value) for value in row]


def test_chinese_superstore(shell: Shell) -> None:
    known = facts("zh_superstore_2013_2015")
    file = shared("zh_superstore_2013_2015") / "示例_超市_订单.csv.gz"

    done = shell("import", "invoices", file)

    lines, orders, customers, _ = known["rows, orders, customers, products"][0]
    assert (str(done["rows"]), str(done["new_customers"]), done["rejected"]) == (lines, customers, 0)
    # One order number serves several customers in this file, so there are more documents than numbers.
    assert asked(f"select count(distinct doc_no)::text, sum(amount) from entry where {LIVE}") == [(orders, Decimal(10545248))]
    by_year = asked(f"select year(on_date)::text, sum(amount)::double::text from entry where {LIVE} group by all order by all")
    assert [list(row) for row in by_year] == [[year, sales] for year, _, sales, _ in known["by year"]]
    top = asked(
        f"select customer_record.name, sum(amount)::double::text from entry inner join customer_record using (customer_id) "
        f"where entry.{LIVE} group by all order by sum(amount) desc limit 5"
    )
    assert [list(row) for row in top] == [[name, sales] for name, sales, _ in known["top5 customers"]]
    assert asked(f"select count(*)::text from entry_line where {LIVE}") == [(lines,)]
    worth = valued("2015-12-31", "CNY")
    assert (str(len(worth)), sum(row["lifetime_amount"] for row in worth)) == (customers, Decimal(10545248))
    assert [[row["name"], f"{row['lifetime_amount']:.1f}"] for row in worth[:5]] == [
        [name, sales] for name, sales, _ in known["top5 customers"]
    ]
    (_, *_, (_, _, last_year, _)) = known["by year"]
    assert sum(row["amount_12m"] for row in worth) == Decimal(last_year)
    again = shell("import", "invoices", file)
    assert (again["new"], again["changed"], again["batch"]) == (0, 0, None)


@pytest.mark.parametrize("first", ["NPStimeseries.csv", "NPStimeseries_other_date_style.csv"])
def test_nps_survey_in_either_date_style_and_the_other_one_changes_nothing(shell: Shell, first: str) -> None:
    known = facts("nps_survey")
    folder = shared("nps_survey")

    done = shell("import", "feedback", folder / first)

    assert (done["new"], done["rejected"]) == (5000, 0)
    nps = "round(100.0 * (count(*) filter (where score >= 9) - count(*) filter (where score <= 6)) / count(*), 4)"
    assert asked(f"select {nps} from feedback where {LIVE}") == [(11.8,)]
    by_month = asked(
        f"select month(on_date)::text, count(*)::text, {nps} from feedback where {LIVE} group by month(on_date) order by month(on_date)"
    )
    assert [[month, n, float(score)] for month, n, score in by_month] == [
        [month, n, float(score)] for month, n, score in known["NPS by month"]
    ]
    by_market = asked(f"select region, count(*)::text from feedback where {LIVE} group by all order by all")
    assert [list(row) for row in by_market] == [[market, n] for market, n, _ in known["NPS by market"]]
    for period, by, fact in (("month", None, "NPS by month"), ("quarter", None, "NPS by quarter"), ("all", "region", "NPS by market")):
        said = shell("report", "satisfaction", "--as-of", "2021-12-31", "--period", period, *(["--by", by] if by else []))
        assert [(row["n"], row["score"]) for row in said] == [(int(n), float(score)) for _, n, score in known[fact]]
    (other,) = {"NPStimeseries.csv", "NPStimeseries_other_date_style.csv"} - {first}
    again = shell("import", "feedback", folder / other)
    assert (again["new"], again["changed"], again["same"], again["batch"]) == (0, 0, 5000, None)


def test_northwind_orders_and_customers(shell: Shell, tmp_path: Path) -> None:
    known = facts("northwind")
    folder = shared("northwind")
    joined = tmp_path / "orders.csv"
    with (folder / "orders.csv").open(encoding="utf-8") as file:
        orders = {order["order_id"]: order for order in csv.DictReader(file)}
    with (folder / "order_details.csv").open(encoding="utf-8") as file, joined.open("w", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["order_id", "customer_id", "order_date", "product_id", "unit_price", "quantity", "discount"])
        for line in csv.DictReader(file):
            order = orders[line["order_id"]]
            numbers = [line[name] for name in ("product_id", "unit_price", "quantity", "discount")]
            writer.writerow([line["order_id"], order["customer_id"], order["order_date"], *numbers])

    assert shell("import", "customers", folder / "customers.csv")["new"] == 91
    done = shell("import", "invoices", joined, "--currency", "USD")

    assert (done["new"], done["new_customers"], done["rejected"]) == (830, 0, 0)
    net = asked(f"select round(sum(amount), 2) from entry_line where {LIVE}")[0][0]
    assert str(net) == known["gross, net of discount"][0][1]
    # Each invoice is rounded to the cent, as an invoice must be; the lines keep what they are.
    assert abs(asked(f"select sum(amount) from entry where {LIVE}")[0][0] - net) == Decimal("0.18")
    top = asked(
        f"select account_no, count(distinct entry_id)::text from entry_line inner join entry using (entry_id) "
        f"inner join customer_record using (customer_id) where entry.{LIVE} and customer_record.{LIVE} "
        f"group by all order by sum(entry_line.amount) desc limit 5"
    )
    assert [list(row) for row in top] == [[no, n] for no, _, n in known["top5 customers by net"]]
    assert asked(f"select count(*) from contact where {LIVE}") == [(91,)]
    again = shell("import", "customers", folder / "customers.csv")
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 91)


def test_comcast_complaints(shell: Shell) -> None:
    known = facts("complaints_comcast")

    done = shell("import", "complaints", shared("complaints_comcast") / "Comcast_telecom_complaints_data.csv")

    assert (done["new"], done["rejected"]) == (2224, 0)
    by_month = asked(f"select strftime(on_date, '%Y-%m'), count(*)::text from case_file where {LIVE} group by all order by all")
    assert [list(row) for row in by_month] == known["by month (2015)"]
    states = dict(asked(f"select state, count(*)::text from case_event where {LIVE} group by all"))
    wanted = dict(known["status"])
    assert states == {
        "resolved": wanted["Solved"],
        "closed": wanted["Closed"],
        "new": wanted["Open"],
        "in_progress": wanted["Pending"],
    }
    channels = dict(asked(f"select channel, count(*)::text from case_file where {LIVE} group by all"))
    assert channels == {"phone": dict(known["channel"])["Customer Care Call"], "web": dict(known["channel"])["Internet"]}
    assert spread("region")[:5] == counted(known["top5 states"])
    assert sorted(spread("state")) == [("closed", 734), ("in_progress", 154), ("new", 363), ("resolved", 973)]
    assert sorted(spread("channel")) == sorted((name, int(count)) for name, count in channels.items())
    assert spread("month") == counted(known["by month (2015)"])
    with Ledger(Path(os.environ["MINGZHANG_LEDGER"])) as ledger:
        (cause,) = rows(ledger, SYSTEM, "complaint_causes", **THROUGH_2015)
        (summary,) = rows(ledger, SYSTEM, "complaint_summary", **THROUGH_2015)
    assert (cause["cause"], cause["count"]) == (None, 2224)  # the file names no cause, and so does the page
    assert (summary["open_count"], summary["undated"]) == (2224 - 734, 734)
    assert summary["decided"] == 0  # that a complaint is closed does not say it was justified


THROUGH_2015: dict[str, Any] = {"as_of": date(2016, 1, 1), "since": date(2015, 1, 1)}


def spread(by: str) -> list[tuple[str, int]]:
    """Complaints as the page splits them."""
    with Ledger(Path(os.environ["MINGZHANG_LEDGER"])) as ledger:
        return [(row["label"], row["count"]) for row in rows(ledger, SYSTEM, "complaint_groups", **THROUGH_2015, by=by)]


def counted(known: list[list[str]]) -> list[tuple[str, int]]:
    return [(name, int(count)) for name, count in known]


def test_chinese_companies_from_workbook_and_gbk_text(shell: Shell) -> None:
    known = facts("zh_companies_szse")
    folder = shared("zh_companies_szse")

    listed = shell("import", "customers", folder / "A股列表_2025-10.xlsx")
    assert (listed["new"], listed["rejected"]) == (known["rows, columns"][0], 0)
    assert asked(f"select count(distinct name), count(distinct account_no) from customer_record where {LIVE}") == [(2875, 2875)]
    assert asked(f"select name, initials, region from customer_record where account_no = '000001' and {LIVE}") == [
        ("平安银行股份有限公司", "payhgfyxgs", "华南")
    ]

    other = shell("import", "customers", folder / "stock_basic_gbk.csv")
    rows = known["stock_basic_gbk.csv: rows, columns; utf-8 decodes?"][0]
    assert other["new"] + other["changed"] + other["same"] == rows
    assert other["rejected"] == 0
    assert asked("select count(*) from audit") == [(2,)]
    shell("undo", other["batch"])
    assert asked(f"select count(distinct name), count(*) from customer_record where {LIVE}") == [(2875, 2875)]


def test_online_retail_half_a_million_lines(shell: Shell) -> None:
    known = facts("online_retail_2010_2011")
    folder = shared("online_retail_2010_2011")

    done = shell("import", "invoices", folder / "online_retail.csv.gz", "--currency", "GBP")

    lines, invoices, customers, _, _ = known["lines/invoices/customers/products/countries"]
    assert (done["rows"], done["new"], done["rejected"], done["new_customers"]) == (lines, invoices, 0, customers + 1)
    units, value = known["units, net value sum(qty*price)"]
    assert asked(f"select sum(quantity)::bigint::text, round(sum(amount), 2)::text from entry_line where {LIVE}") == [(units, value)]
    # Four invoices end between cents; rounded one by one they still add up to the same cent.
    signed = f"sum(case when kind = 'credit_note' then -amount else amount end)::text from entry where {LIVE}"
    assert asked(f"select {signed}") == [(value,)]
    assert asked("select sum(amount)::text from posting") == [(value,)]
    cancelled_lines, cancelled, cancelled_value = known["cancel lines / cancel invoices / cancel value (invoice starts with C)"]
    assert asked(f"select count(*)::text, {signed} and doc_no like 'C%'") == [(cancelled, cancelled_value)]
    assert asked(f"select count(*) from entry where {LIVE} and doc_no like 'C%' and kind <> 'credit_note'") == [(0,)]
    unnamed = (
        f"from entry_line inner join entry using (entry_id) inner join customer_record using (customer_id) "
        f"where account_no = 'UNNAMED' and entry.{LIVE}"
    )
    assert asked(f"select count(*) {unnamed}") == [(known["lines with no customer id"],)]
    of_cancelled = "from entry_line inner join entry using (entry_id) where entry.doc_no like 'C%'"
    assert asked(f"select count(*)::text {of_cancelled}") == [(cancelled_lines,)]
    adjusted = asked(f"select kind, amount::text from entry where doc_no like 'A%' and {LIVE} order by doc_no")
    assert adjusted == [("invoice", "11062.06"), ("credit_note", "11062.06"), ("credit_note", "11062.06")]

    worth = [row for row in valued("2011-12-09", "GBP") if row["account_no"] != "UNNAMED"]
    _, _, buyers, clean = known["clean sales (not C, qty>0, price>0, customer known): lines, invoices, customers, value"]
    assert (str(len(worth)), sum(row["lifetime_amount"] for row in worth)) == (buyers, Decimal(clean))
    top = [[int(row["account_no"]), f"{row['lifetime_amount'].normalize():f}"] for row in worth[:10]]
    assert top == [[customer, value] for customer, value, _ in known["top10 customers by clean value (id, value, invoices)"]]
    fifth = sum(row["lifetime_amount"] for row in worth[: round(len(worth) / 5)]) / Decimal(clean)
    assert round(float(fifth), 4) == known["share of clean value held by top 20% of customers"]
    quiet = [row for row in worth if row["quiet_days"] > 90]
    assert [len(quiet), len(worth)] == known["customers with no clean purchase in the 90 days up to 2011-12-09"]

    daily = shell("import", "invoices", folder / "by-day_2010-12-01.csv", "--currency", "GBP")
    assert (daily["new"], daily["changed"], daily["rejected"], daily["new_customers"]) == (0, 0, 0, 0)
    assert daily["same"] > 100


def test_cdnow_purchases_and_what_they_teach(shell: Shell, tmp_path: Path) -> None:
    known = facts("cdnow_sample_1997Q1_Q3")
    lines = (shared("cdnow_sample_1997Q1_Q3") / "CDNOW_sample_to_1997-09-30.txt").read_text("utf-8").splitlines()
    file = tmp_path / "cdnow.csv"
    with file.open("w", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["invoice_no", "customer_id", "invoice_date", "amount"])
        for number, line in enumerate(lines, 1):
            _, customer, day, _, value = line.split()
            writer.writerow([f"N{number}", customer, f"{day[:4]}-{day[4:6]}-{day[6:]}", value])

    done = shell("import", "invoices", file, "--currency", "USD")

    purchases, customers, _, value = known["rows, customers, units, value"][0]
    assert (str(done["rows"]), str(done["new_customers"]), done["rejected"]) == (purchases, customers, 0)
    # Some were given away: a bill over nothing is no purchase, but a customer who only got such is one.
    by_month = asked(
        f"select strftime(on_date, '%Y-%m'), count(*)::text, sum(amount)::text from entry where {LIVE} group by all order by all"
    )
    assert [list(row) for row in by_month] == known["by month"]
    worth = valued("1997-09-30", "USD")
    assert sum(row["lifetime_amount"] for row in worth) == Decimal(value)
    found = {(run["model"], run["kind"]): run for run in shell("models", "--as-of", "1997-09-30", "--dry-run")["runs"]}
    learned = found["purchases", "live"]["parameters"]
    assert learned["customers"] == len(worth)
    # As published but for the bills over nothing.
    assert [learned[name] for name in ("r", "alpha", "a", "b")] == pytest.approx([0.243, 4.414, 0.793, 2.426], rel=0.05)
