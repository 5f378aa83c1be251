"""Files that leave the house: exact amounts, no formulas, an audit row each."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pytest

from lib import exports, terms
from lib.commands.exports import RecordExport
from lib.domain.access import Actor, Role, Scope
from lib.errors import Forbidden
from lib.exports import Shape, Sheet
from lib.store.door import execute
from lib.store.ledger import Ledger

FINANCE = Actor(0, "system", Role.FINANCE, Scope.ALL)
FORMULAS = ["=cmd|' /C calc'!A0", "+1", "-1", "@sum", "＝1", "\t=1"]
AMOUNTS = [Decimal("0.01"), Decimal("-4.30"), Decimal("9999999999999.99"), Decimal("1234567890123456.78"), Decimal("0.10"), None]


def sheet() -> Sheet:
    table = pa.table(
        {
            "name": FORMULAS,
            "amount": pa.array(AMOUNTS, pa.decimal128(18, 2)),
            "due_on": [date(2025, 1, 31)] * 6,
            "recorded_at": [datetime(2025, 1, 31, 18, 0)] * 6,
            "kind": ["invoice"] * 6,
            "customer_id": list(range(6)),
        }
    )
    return Sheet("逾期", (("截至", "2025-01-31"), ("筛选", "=1+1")), exports.columns(table), table, "zh")


def test_workbook_keeps_cents_and_takes_no_text_for_a_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(exports.xlsx(sheet())))
    cells = list(book.active.iter_rows())
    assert [cell.value for cell in cells[1]][:2] == ["截至", "2025-01-31"]
    assert [cell.value for cell in cells[4]] == ["客户名称", "金额", "到期日", "录入时间", "类型"]
    assert [row[0].value for row in cells[5:]] == FORMULAS
    assert {row[0].data_type for row in cells[5:]} == {"s"}
    assert [None if row[1].value is None else Decimal(str(row[1].value)) for row in cells[5:]] == AMOUNTS
    assert cells[5][1].number_format == "#,##0.00"
    assert (cells[5][2].value, cells[5][3].value) == (datetime(2025, 1, 31), datetime(2025, 1, 31, 18, 0))
    assert cells[5][4].value == "账单"


def test_workbook_prints_all_columns_on_a_page_and_repeats_its_header() -> None:
    page = openpyxl.load_workbook(io.BytesIO(exports.xlsx(sheet()))).active
    assert (page.page_setup.orientation, page.page_setup.fitToHeight, page.sheet_properties.pageSetUpPr.fitToPage) == ("landscape", 0, True)
    assert page.print_title_rows == "$5:$5"


def test_csv_opens_alike_everywhere_and_takes_no_text_for_a_formula() -> None:
    content = exports.csv(sheet())
    assert content.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert header == ["客户名称", "金额", "到期日", "录入时间", "类型"]
    assert [row[0] for row in rows] == [f"'{text}" for text in FORMULAS]
    assert [row[1] for row in rows] == ["" if amount is None else str(amount) for amount in AMOUNTS]


def test_column_without_words_stays_in_the_house() -> None:
    assert "customer_id" not in [column.name for column in sheet().columns]


def test_columns_read_by_type_and_by_the_unit_in_their_name() -> None:
    fields = {
        "late_rate": pa.float64(),
        "amount": pa.decimal128(18, 2),
        "score": pa.decimal128(5, 1),
        "invoices": pa.int32(),
        "due_on": pa.date32(),
        "made_at": pa.timestamp("us"),
        "disputed": pa.bool_(),
        "name": pa.string(),
    }
    assert [exports.shape(pa.field(*field)) for field in fields.items()] == [
        Shape.RATE,
        Shape.MONEY,
        Shape.NUMBER,
        Shape.COUNT,
        Shape.DATE,
        Shape.MOMENT,
        Shape.FLAG,
        Shape.TEXT,
    ]


def test_an_exchange_rate_is_no_percentage() -> None:
    assert exports.shape(pa.field("exchange_rate", pa.string())) is Shape.TEXT
    assert exports.shape(pa.field("overdue_rate", pa.float64())) is Shape.RATE


def test_no_two_downloads_share_a_name() -> None:
    first = exports.file_name("overdue", date(2025, 1, 31), datetime(2025, 2, 1, 8, 0, 0), "csv")
    second = exports.file_name("overdue", date(2025, 1, 31), datetime(2025, 2, 1, 8, 0, 1), "csv")
    assert (first, first != second) == ("overdue_2025-01-31_20250201-080000.csv", True)


def test_export_is_audited_and_kept_from_those_who_may_not(ledger: Ledger) -> None:
    record = RecordExport("overdue_customers", "地区：华东", 12, "overdue.csv")
    execute(ledger, FINANCE, record)
    (subject, detail) = ledger.cursor().execute("select subject, detail from audit").fetchone() or ("", "")
    assert subject == "overdue_customers"
    assert '"row_count": 12' in detail
    with pytest.raises(Forbidden):
        execute(ledger, Actor(1, "admin", Role.ADMIN, Scope.ALL), record)


def test_every_coded_value_has_words_in_both_languages() -> None:
    words = [word for column in exports.VALUE.values() for word in column.values()]
    assert all(word.zh and word.en for word in [*words, *terms.COLUMN.values()])
