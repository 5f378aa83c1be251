"""Files: no text that leaves in one is a formula where a spreadsheet opens it, and none that comes in brings hidden names to light."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from io import StringIO

import facts
import pytest
import test_scope

from lib.cli import frame
from lib.store.ledger import Ledger

FORMULA = "=HYPERLINK(1)"
ledger = test_scope.ledger


def test_a_report_from_the_shell_carries_no_formula_and_keeps_its_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    frame.say_rows([{"name": FORMULA, "amount": Decimal("-9.00")}, {"name": None, "amount": None}], ("name", "amount"), "csv")
    assert capsys.readouterr().out == f"name,amount\n'{FORMULA},-9.00\n,\n"


def test_the_header_of_rejected_rows_is_a_strangers_text_too(ledger: Ledger) -> None:
    of = test_scope.planned(ledger, test_scope.MANAGER, "customers", f"客户编号\t客户名称\t保密级别\t{FORMULA}\nC003\t客户3\t0\t{FORMULA}")
    header, row = csv.reader(StringIO(of.rejected("csv", "en").decode("utf-8-sig")))
    assert header[-1] == row[-1] == f"'{FORMULA}"


def test_a_preview_names_nobody_of_a_secret_customer(ledger: Ledger) -> None:
    said = {"metric": "nps", "score": Decimal(3), "top_score": 10, "ref": "R1", "respondent": "王秘密"}
    facts.insert(ledger, "feedback", {"feedback_id": 1, "customer_id": 3, "on_date": date(2026, 5, 1), **said})
    of = test_scope.planned(ledger, test_scope.LEAD, "feedback", "客户编号\t日期\tNPS\t受访人\tref\nC003\t2026-05-01\t3\t李四\tR1")
    ((shown,),) = (row.changes for row in of.preview())
    assert (shown.field, shown.before, shown.after) == ("respondent", "***", "李四")


@pytest.mark.parametrize("number", ["C0\u200b02", "C002\u202c", "\u202dC002", "\ufeffC002"])
def test_a_number_with_marks_nobody_sees_is_the_number(ledger: Ledger, number: str) -> None:
    of = test_scope.planned(ledger, test_scope.MANAGER, "customers", f"客户编号\t客户名称\n{number}\t客户2")
    assert (of.counts.new, of.counts.same) == (0, 1)
    (cell,) = (row.cells["customer"] for row in of.preview())
    assert (cell.value, cell.state) == ("C002", "changed")
