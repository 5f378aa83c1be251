"""The reports of the shell: their columns are a public interface, their amounts exact, their refusals one sentence."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from facts import company

from lib.__main__ import main
from lib.cli.report import COLUMNS, bucket
from lib.domain.access import SYSTEM
from lib.metrics import BOARD, METRICS, VOICE, Cut
from lib.metrics.variation import View, read_weeks
from lib.review import pack
from lib.store.ledger import Ledger

CONTRACT = {
    "ageing": ["currency", "bucket", "count", "amount"],
    "overdue": ["customer", "name", "currency", "overdue_amount", "max_days", "invoices", "reason"],
    "open-items": ["invoice_no", "customer", "on_date", "due_on", "currency", "open_amount", "days_overdue"],
    "statement": ["on_date", "doc_no", "kind", "debit", "credit", "balance"],
    "classes": ["frequency", "amount", "habit", "credit", "customers", "total"],
    "satisfaction": ["metric", "period", "n", "score", "low", "high"],
    "kpis": ["metric", "week", "value", "numerator", "denominator", "n"],
}

CLASSES = {f"{often}-{much}" for often in ("high", "normal", "low", "dormant") for much in ("large", "medium", "small")}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "ledger.duckdb"
    with Ledger(path) as ledger:
        company(ledger)
    return path


@pytest.fixture(autouse=True)
def _here(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINGZHANG_LEDGER", str(book))
    monkeypatch.delenv("MINGZHANG_LANGUAGE", raising=False)


def told(capsys: pytest.CaptureFixture[str], *words: str, as_of: str = "2026-04-08") -> list[dict[str, Any]]:
    assert main(["report", *words, "--as-of", as_of]) == 0, capsys.readouterr().err
    answer: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return answer


@pytest.mark.parametrize("what", CONTRACT)
def test_columns_stay(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    more = ["--customer", "C1"] if what == "statement" else []
    answer = told(capsys, what, *more)
    assert answer
    assert {tuple(row) for row in answer} == {tuple(CONTRACT[what])}
    assert list(COLUMNS[what]) == CONTRACT[what]
    assert main(["report", what, "--as-of", "2026-04-08", "--format", "csv", *more]) == 0
    read = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert read[0] == CONTRACT[what]
    assert len(read) == len(answer) + 1


@pytest.mark.parametrize(
    ("what", "by"),
    [
        ("ageing", "customer"),
        ("ageing", "owner"),
        ("ageing", "region"),
        ("ageing", "class"),
        ("classes", "customer"),
        ("satisfaction", "channel"),
        ("kpis", "team"),
    ],
)
def test_a_group_stands_before_the_columns(what: str, by: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(told(capsys, what, "--by", by)[0]) == [by, *CONTRACT[what]]


def test_amounts_are_exact_and_groups_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    def cents(*words: str) -> tuple[int, int]:
        answer = [row for row in told(capsys, *words) if row["currency"] == "CNY"]
        assert all(isinstance(row["amount"], str) and row["amount"][-3] == "." for row in answer)
        return sum(int(row["amount"].replace(".", "")) for row in answer), sum(row["count"] for row in answer)

    whole = cents("ageing")
    assert whole == cents("ageing", "--by", "customer") == cents("ageing", "--buckets", "10,400") == cents("ageing", "--basis", "invoice")
    for by in ("owner", "region", "team", "segment", "class"):
        assert cents("ageing", "--by", by) == whole
    assert {row["class"] for row in told(capsys, "ageing", "--by", "class")} <= CLASSES
    items = [row for row in told(capsys, "open-items") if row["currency"] == "CNY"]
    unallocated = [row for row in told(capsys, "ageing") if row["bucket"] == "unallocated" and row["currency"] == "CNY"]
    assert sum(int(row["open_amount"].replace(".", "")) for row in items) + int(unallocated[0]["amount"].replace(".", "")) == whole[0]
    statement = told(capsys, "statement", "--customer", "C1")
    assert statement[-1]["balance"] == f"{sum(float(row['debit']) - float(row['credit']) for row in statement):.2f}"


def test_buckets_are_named_by_their_days() -> None:
    assert [bucket(number, (30, 60, 365)) for number in (0, 1, 2, 3, 4, None)] == [
        "not_due",
        "1-30",
        "31-60",
        "61-365",
        ">365",
        "unallocated",
    ]


def test_periods_and_weeks_are_named_by_the_calendar(capsys: pytest.CaptureFixture[str]) -> None:
    assert {row["period"] for row in told(capsys, "satisfaction", "--period", "quarter")} >= {"2025-Q1", "2026-Q2"}
    assert "2025-01" in {row["period"] for row in told(capsys, "satisfaction", "--period", "month")}
    assert {row["week"] for row in told(capsys, "kpis", "--weeks", "2")} == {"2026-W14", "2026-W15"}


def test_board_review_and_shell_say_the_same(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monday, sunday = date(2026, 3, 30), date(2026, 4, 5)
    shell = {row["metric"]: row for row in told(capsys, "kpis", "--weeks", "1", as_of=str(sunday))}
    with Ledger(book) as ledger:
        view = View(ledger, SYSTEM, sunday, None, Cut("CNY"))
        board = {name: reading.weeks[-1] for name, reading in read_weeks(view, (*BOARD, *VOICE)).items()}
        review = {line.metric: line for line in pack.build(view, monday, ()).lines}
    assert list(shell) == list(review) == list(METRICS)
    for name, line in review.items():
        said = (line.value, line.numerator, line.denominator, line.n)
        if name in board:
            assert said == (board[name].value, board[name].numerator, board[name].denominator, board[name].n)
        numbers = [shell[name][part] for part in ("numerator", "denominator", "n")]
        assert [None if number is None else Decimal(number) for number in numbers] == list(said[1:])
        exact = None if shell[name]["value"] is None else Decimal(shell[name]["value"])
        assert exact == (None if line.value is None or exact is None else line.value.quantize(exact))


def test_no_date_or_moment_is_too_early(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["ageing"], ["classes"], ["overdue"], ["kpis", "--weeks", "1"]):
        for early in (["--as-of", "1850-01-01"], ["--known-at", "1850-01-01"]):
            assert main(["report", *words, *early]) == 0, capsys.readouterr().err


def test_known_at_shows_what_was_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "ageing", "--known-at", "2019-12-31") == []
    assert told(capsys, "ageing", "--known-at", "2020-01-02") == told(capsys, "ageing")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["statement"], "--customer"),
        (["statement", "--customer", "nobody"], "nobody"),
        (["ageing", "--as-of", "01/02/2025"], "01/02/2025"),
        (["ageing", "--known-at", "yesterday"], "yesterday"),
        (["ageing", "--buckets", "60,30"], "--buckets"),
        (["ageing", "--by", "colour"], "colour"),
        (["overdue", "--by", "region"], "region"),
    ],
)
def test_refusals_are_one_sentence(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", *words]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1
