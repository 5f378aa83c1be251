"""A column goes to a field only when its header says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.headers import FieldSpec, match_headers, normalise_header
from lib.text import Text

FIELDS = (
    FieldSpec("customer", Text("客户", "Customer"), ("客户名称", "公司", "customer name", "company"), required=True),
    FieldSpec("invoice_no", Text("账单号", "Invoice no"), ("发票号", "invoice number", "InvoiceNo"), required=True),
    FieldSpec("invoiced_on", Text("账单日期", "Invoice date"), ("开票日期",), kind="date"),
    FieldSpec("due_on", Text("到期日", "Due date"), (), kind="date"),
    FieldSpec("amount", Text("金额", "Amount"), ("应收金额", "total"), kind="amount", required=True),
)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("地      区", "地区"),
        ("InvoiceDate", "invoice date"),
        ("customerID", "customer id"),
        ("Survey date", "survey date"),
        ("客户名称", "客户名称"),
        ("Ticket #", "ticket no"),
        ("Date_month_year", "date month year"),
        ("金额(元)", "金额"),
        ("金额（万元）", "金额"),
        ("ＡＭＯＵＮＴ", "amount"),
        ("订单 Id", "订单id"),
        ("*客户名称：", "客户名称"),
        ("DATE DATE", "date"),
        ("(m3)", "m3"),
        ("交易时间            ", "交易时间"),
        ("", ""),
    ],
)
def test_headers_are_compared_by_their_words(header: str, words: str) -> None:
    assert normalise_header(header) == words


@given(st.text(max_size=20))
def test_normalising_twice_changes_nothing_and_never_fails(header: str) -> None:
    normal = normalise_header(header)
    assert match_headers([header], FIELDS).matches[0].header == header
    assert normal == normal.strip()


def test_names_synonyms_and_slips_find_their_field() -> None:
    mapping = match_headers(["公司", "INVOICE_NO", "Invoice Date", "duedate", "Amout(元)", "备注"], FIELDS)
    assert mapping.positions == {"customer": 0, "invoice_no": 1, "invoiced_on": 2, "due_on": 3}
    assert [match.how for match in mapping.matches] == ["synonym", "exact", "exact", "exact", "none", "none"]
    assert [match.header for match in mapping.matches if match.field is None] == ["Amout(元)", "备注"]
    assert mapping.missing == ("amount",)


def test_one_slip_in_a_long_word_is_forgiven() -> None:
    mapping = match_headers(["Custmer Name", "Invocie No", "Invoice Rate"], FIELDS)
    assert [(match.field, match.how) for match in mapping.matches] == [("customer", "slip"), ("invoice_no", "slip"), (None, "none")]


def test_a_header_joined_from_several_rows_matches_by_its_last() -> None:
    mapping = match_headers(["3月销售表 客户名称", "合同 金额(元)", "开票日期Invoice"], FIELDS)
    assert mapping.positions == {"customer": 0, "amount": 1, "invoiced_on": 2}


def test_weak_likeness_maps_nothing() -> None:
    mapping = match_headers(["产品名称", "supplier name", "date", "金额备注", "供应商公司", "no"], FIELDS)
    assert mapping.positions == {}


def test_exact_wins_over_synonym() -> None:
    assert match_headers(["客户名称", "客户"], FIELDS).positions == {"customer": 1}


def test_two_columns_that_tie_are_both_left_to_the_person() -> None:
    mapping = match_headers(["应收金额", "total", "客户"], FIELDS)
    assert mapping.positions == {"customer": 2}
    assert [match.header for match in mapping.matches if match.field is None] == ["应收金额", "total"]


def test_what_was_said_last_time_is_remembered() -> None:
    mapping = match_headers(["买方", "金额", "合计"], FIELDS, {"买方": "customer", "金额": "", "合计": "amount"})
    assert mapping.positions == {"customer": 0, "amount": 2}
    assert mapping.matches[0].how == "remembered"


def test_a_remembered_field_that_no_longer_exists_is_ignored() -> None:
    assert match_headers(["买方"], FIELDS, {"买方": "gone"}).positions == {}
