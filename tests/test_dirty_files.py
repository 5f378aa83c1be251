"""Dirty files read to exactly their clean form, or are refused with the reason; nothing crashes or shifts silently.

The collection lies beside the repository: see SOURCE.md in shared/data/dirty_csv.
"""

import contextlib
import csv
import gzip
import io
import json
import random
import zipfile
from datetime import date, datetime
from functools import cache

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.domain import notes, sheets
from lib.domain.sheets import Sheet, read_pasted, read_sheet
from lib.domain.workbooks import TOO_WIDE
from lib.errors import Refused
from tests.shared import shared

# A missing separator cannot be put back without guessing, so these are refused and name their line.
REFUSED = {
    "row_less_sep_row24_col5.csv": "25",
    "row_less_sep_row53_col2.csv": "54",
    "row_less_sep_row55_col6.csv": "56",
}
# The clean form contradicts its own raw file: another phone number; header words dropped for one column of a pair.
UNFAIR = {"location_coordinates.csv", "workforce-management-information-dft_201706.csv"}
Grid = list[list[str]]


@cache
def collection() -> dict[str, bytes]:
    with zipfile.ZipFile(shared("dirty_csv/dirty_csv.zip")) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


def pairs() -> dict[str, tuple[bytes, Grid]]:
    """Each raw file with its clean form, header first."""
    files = collection()
    found = {}
    for name, content in files.items():
        folder, _, short = name.rpartition("/")
        if folder.endswith("/raw"):
            clean = files[name.replace("/raw/", "/clean/")].decode()
            found[short] = content, list(csv.reader(io.StringIO(clean, newline="")))
        elif folder.endswith("csv-spectrum") and short.endswith(".csv"):
            found[short] = content, spectrum(files[name.replace(".csv", ".json")])
    return found


def spectrum(content: bytes) -> Grid:
    """Line ends inside cells are compared as plain ones: newlines_crlf.csv itself has no CR left in this collection."""
    records = json.loads(content)
    records = [records] if isinstance(records, dict) else records
    return [list(records[0]), *([value.replace("\r\n", "\n") for value in record.values()] for record in records)]


def grid(sheet: Sheet) -> Grid:
    header = [list(sheet.header)] if sheet.has_header else []
    return header + [list(row) for row in sheet.rows]


def test_41_of_46_dirty_files_equal_their_clean_form_cell_by_cell() -> None:
    files = pairs()
    equal = {name for name, (raw, clean) in files.items() if name not in REFUSED and grid(read_sheet(raw, name)) == clean}
    assert len(files) == 46
    assert set(files) - equal == set(REFUSED) | UNFAIR


def test_rows_with_a_lost_separator_are_refused_by_line() -> None:
    for name, line in REFUSED.items():
        with pytest.raises(Refused) as refusal:
            read_sheet(pairs()[name][0], name)
        assert f"第 {line} 行" in refusal.value.say("zh")


def test_the_rows_under_an_inconsistent_clean_header_are_equal() -> None:
    raw, clean = pairs()["workforce-management-information-dft_201706.csv"]
    assert grid(read_sheet(raw, "x.csv"))[1:] == clean[1:]


def test_whatever_was_mended_is_said() -> None:
    for name, (raw, _) in pairs().items():
        if name.startswith(("row_more_sep", "row_extra_quote")):
            texts = {note.text for note in read_sheet(raw, name).notes}
            assert texts & {notes.MENDED, notes.REQUOTED}, name


def test_no_csvkit_sample_crashes() -> None:
    read = {}
    for name, content in collection().items():
        if name.startswith("csvkit/"):
            try:
                read[name.removeprefix("csvkit/")] = grid(read_sheet(content, name))
            except Refused as refusal:
                read[name.removeprefix("csvkit/")] = [[refusal.say("en")]]
    assert len(read) == 22
    assert read["test_utf16_big.csv"] == read["test_utf16_little.csv"] == [["a", "b", "c"], ["1", "2", "3"], ["4", "5", "ʤ"]]
    assert read["test_latin1.csv"][2] == ["4", "5", "©"]
    assert read["mac_newlines.csv"][2] == ["Once upon\na time", "5", "6"]
    assert read["test_skip_lines.csv"] == [["a", "b", "c"], ["1", "2", "3"]]
    assert read["test_no_leading_zeroes.csv"][1] == ["01", "00.11", "0.1"]
    assert read["bad.csv"][0][0].startswith("Lines 2, 3 do not have")


def test_chinese_bank_statements_find_their_header() -> None:
    wanted = {"alipay": "交易时间", "wechat": "交易时间", "icbc__credit": "交易日期", "boc__debit": "记账日期", "abc": "交易日期"}
    for path in sorted(shared("bank_statements_zh").glob("*.csv")):
        sheet = read_sheet(path.read_bytes(), path.name)
        first = next((word for start, word in wanted.items() if path.name.startswith(start)), None)
        assert first is None or sheet.header[0].strip() == first
        assert sheet.has_header == (not path.name.startswith("td"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_chinese_files_are_read_in_every_usual_encoding(encoding: str) -> None:
    text = "客户名称,金额,日期\r\n恒源机械有限公司,1.2万,2025年3月6日\r\n华东贸易,300,2025年3月7日\r\n"
    sheet = read_sheet(text.encode(encoding), "客户.csv")
    assert grid(sheet)[1] == ["恒源机械有限公司", "1.2万", "2025年3月6日"]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_western_files_are_not_taken_for_chinese(encoding: str) -> None:
    text = "name,amount\nMüller & Söhne,£5\nCafé Noël,£6\n"
    assert read_sheet(text.encode(encoding), "x.csv").rows[0] == ("Müller & Söhne", "£5")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end(mark: str, end: str) -> None:
    text = end.join(mark.join(row) for row in (["name", "amount", "due"], ["A; B" if mark != ";" else "A", "1.5", "2025-01-02"])) + end
    sheet = read_sheet(text.encode(), "x.txt")
    assert (sheet.delimiter, sheet.header, len(sheet.rows)) == (mark, ("name", "amount", "due"), 1)


def test_blank_separated_numbers_are_columns() -> None:
    sheet = read_sheet(b" 00004 19970101  2  29.33\n 00021 19970118  3  63.34\n", "cdnow.txt")
    assert (sheet.has_header, sheet.rows[0]) == (False, ("00004", "19970101", "2", "29.33"))


def test_headerless_rows_get_letters_and_a_note() -> None:
    sheet = read_sheet(b"05/01/2023,SHOP,1.96,,13.04\n05/02/2023,SHOP,2.96,,10.08\n", "td.csv")
    assert (sheet.header, sheet.first_row_no, sheet.notes[0].text) == (("A", "B", "C", "D", "E"), 1, notes.NO_HEADER)


def test_a_first_customer_without_phone_stays_a_customer() -> None:
    sheet = read_sheet("客户,城市,电话\n恒源,上海,\n华东,北京,13800000000\n东方,广州,13900000000\n".encode(), "x.csv")
    assert (len(sheet.rows), sheet.rows[0]) == (3, ("恒源", "上海", ""))


def test_years_as_column_names_are_still_a_header() -> None:
    sheet = read_sheet("客户,2023,2024\n恒源,100,200\n华东,300,400\n".encode(), "x.csv")
    assert sheet.header == ("客户", "2023", "2024")


def test_a_row_cut_in_the_middle_of_text_is_refused_not_shifted() -> None:
    content = "客户,城市,电话\n恒源,上海,138\n华东,北京,139\n东方,广州,137\n南方北京,136\n".encode()
    with pytest.raises(Refused, match="Lines 5 do not have"):
        read_sheet(content, "x.csv")


def test_quotes_that_tear_a_cell_are_refused() -> None:
    content = b'name,remark,amount\nA,x,1\nB,y "big, red",2\nC,"z",3\n'
    with pytest.raises(Refused):
        read_sheet(content, "x.csv")


def test_inches_are_only_text() -> None:
    sheet = read_sheet(b'item,size,amount\nTV,24" wide,1\nTV,30",2\nTV,"5"" x",3\n', "x.csv")
    assert [row[1] for row in sheet.rows] == ['24" wide', '30"', '5" x']


def test_codes_and_dates_in_workbooks_stay_as_shown() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "客户"
    for row in (
        ["编号", "名称", "金额", "到期", "时间", "有效"],
        ["00123", "恒源", 1200, date(2025, 3, 6), datetime(2025, 3, 6, 10, 11, 12), True],
        ["00124", "华东", 0.1 + 0.2, date(2025, 3, 7), None, False],
    ):
        page.append(row)
    book.create_sheet("空")
    stream = io.BytesIO()
    book.save(stream)
    sheet = read_sheet(stream.getvalue(), "客户.xlsx")
    assert sheet.rows[0] == ("00123", "恒源", "1200", "2025-03-06", "2025-03-06 10:11:12", "TRUE")
    assert (sheet.rows[1][2], sheet.sheet_names, sheet.sheet, sheet.first_row_no) == ("0.3", ("客户", "空"), "客户", 2)
    with pytest.raises(Refused, match="has no sheet"):
        read_sheet(stream.getvalue(), "客户.xlsx", sheet="账单")
    with pytest.raises(Refused, match="no data"):
        read_sheet(stream.getvalue(), "客户.xlsx", sheet="空")


def test_a_title_over_words_only_is_not_the_header() -> None:
    sheet = read_sheet("客户清单,,\n客户,城市,备注\n恒源,上海,好\n华东,北京,好\n".encode(), "x.csv")
    assert (sheet.header, len(sheet.rows), sheet.preamble) == (("客户", "城市", "备注"), 2, ("客户清单",))


def test_an_unnamed_column_does_not_pull_a_customer_into_the_header() -> None:
    sheet = read_sheet("名称,,电话\n恒源,上海,\n华东,北京,13800000000\n东方,广州,13900000000\n".encode(), "x.csv")
    assert (sheet.header, len(sheet.rows)) == (("名称", "", "电话"), 3)


def test_a_row_of_dashes_is_data() -> None:
    sheet = read_sheet("名称,金额\n,-\n恒源,5\n华东,6\n".encode(), "x.csv")
    assert (sheet.header, len(sheet.rows)) == (("名称", "金额"), 3)


def test_months_over_amounts_are_a_header() -> None:
    sheet = read_sheet("客户,2025/1/1,2025/2/1\n恒源,100,200\n华东,300,400\n".encode(), "x.csv")
    assert sheet.header == ("客户", "2025/1/1", "2025/2/1")


def test_units_under_the_header_join_it() -> None:
    sheet = read_sheet("客户,金额,日期\n,万元,\n恒源,100,2025-01-02\n华东,300,2025-01-03\n".encode(), "x.csv")
    assert (sheet.header, sheet.first_row_no) == (("客户", "金额 万元", "日期"), 3)


def test_one_column_of_remarks_with_commas_stays_one_column() -> None:
    sheet = read_sheet("备注\n很好,不错\n一般\n还行\n快\n".encode(), "x.csv")
    assert [len(row) for row in sheet.rows] == [1, 1, 1, 1]


def test_unquoted_thousands_are_refused_not_shifted() -> None:
    for row in ("恒源,1,234.50,2025-01-02", "恒源,1,234,567.50,2025-01-02"):
        with pytest.raises(Refused):
            read_sheet(f"客户,金额,日期\n{row}\n{row}\n{row}\n".encode(), "x.csv")


def test_the_separator_a_file_declares_is_believed() -> None:
    sheet = read_sheet(b"sep=;\nname;amount\nA;1,5\nB;2,5\n", "x.csv")
    assert (sheet.header, sheet.rows[0], sheet.first_row_no) == (("name", "amount"), ("A", "1,5"), 3)


def packed(**files: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.csv", content)
    return stream.getvalue()


def test_one_packed_file_is_read_and_several_are_refused() -> None:
    plain = b"a,b\n1,2\n"
    assert read_sheet(gzip.compress(plain), "x.csv.gz").rows == [("1", "2")]
    assert read_sheet(packed(x=plain), "x.zip").rows == [("1", "2")]
    with pytest.raises(Refused, match="holds 2 files"):
        read_sheet(packed(x=plain, y=plain), "x.zip")


def test_archives_packed_too_tightly_are_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="unusually tightly"):
        read_sheet(packed(x=b"0" * 5_000_000), "x.zip")
    with pytest.raises(Refused, match="unusually tightly"):
        read_sheet(packed(x=packed(y=b"a,b\n1,2\n")), "x.zip")
    with pytest.raises(Refused, match="unusually tightly"):
        read_sheet(gzip.compress(gzip.compress(b"a,b\n1,2\n")), "x.csv.gz.gz")
    monkeypatch.setattr(sheets, "LARGEST_BYTES", 1000)
    with pytest.raises(Refused, match="larger than"):
        read_sheet(gzip.compress(b"0" * 5000), "x.csv.gz")


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "LARGEST_ROWS", 2)
    with pytest.raises(Refused, match="more than 2 rows"):
        read_sheet(b"a,b\n1,2\n3,4\n5,6\n", "x.csv")


@pytest.mark.parametrize(
    "content", [b"", b"  \n\n", b"\x89PNG\r\n\x1a\n" + bytes(500), b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0broken", b"\x1f\x8bbroken"]
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        read_sheet(content, "x.csv")


def test_a_paste_from_a_spreadsheet_keeps_its_cells() -> None:
    sheet = read_pasted('客户\t金额\t备注\r\n恒源\t1,234.50\t"两行\n备注"\r\n华东\t300\t\r\n')
    assert sheet.rows == [("恒源", "1,234.50", "两行\n备注"), ("华东", "300", "")]
    with pytest.raises(Refused):
        read_pasted(" \n ")


CELL = st.text(alphabet="ab,;\t|\"'\n \\客é5", max_size=6).map(str.strip)
ROWS = st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8)


@given(ROWS, st.sampled_from([",", ";", "\t", "|"]))
@settings(max_examples=300)
def test_a_well_written_file_reads_back_exactly_or_is_refused(rows: list[tuple[str, str]], mark: str) -> None:
    numbered = [(f"{number}.50", *row, f"2025-01-{number:02}") for number, row in enumerate(rows, start=1)]
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=mark, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([("amount", "name", "remark", "due"), *numbered])
    sheet = read_sheet(stream.getvalue().encode(), "x.csv")
    assert sheet.header == ("amount", "name", "remark", "due")
    assert list(sheet.rows) == numbered


@given(st.binary(max_size=300))
@settings(max_examples=300)
def test_random_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        sheet = read_sheet(content, "x.csv")
    except Refused:
        return
    assert all(len(row) == len(sheet.header) for row in sheet.rows)
    assert len(sheet.rows) == len(sheet.line_nos)


@given(st.text(alphabet="a1,;\"'\n\t |-.客", max_size=120))
@settings(max_examples=500)
def test_random_tables_are_read_or_refused(text: str) -> None:
    try:
        sheet = read_pasted(text)
    except Refused:
        return
    assert all(len(row) == len(sheet.header) for row in sheet.rows)
    assert len(sheet.rows) == len(sheet.line_nos)


def test_a_damaged_byte_anywhere_never_crashes() -> None:
    files = pairs()
    chance = random.Random(7)  # noqa: S311 - reproducible damage, not a secret
    for name in ("source.csv", "Note_4_Staff_costs_-_Average_number_of_persons_employed_13-14.csv"):
        for _ in range(40):
            content = bytearray(files[name][0])
            content[chance.randrange(len(content))] = chance.choice(b'",\n\x00\xff;')
            try:
                sheet = read_sheet(bytes(content), name)
            except Refused:
                continue
            assert all(len(row) == len(sheet.header) for row in sheet.rows)


def test_a_damaged_workbook_never_crashes() -> None:
    chance = random.Random(7)  # noqa: S311 - reproducible damage, not a secret
    for name in ("csvkit/test.xls", "csvkit/test.xlsx"):
        for _ in range(12):
            content = bytearray(collection()[name])
            for _ in range(5):
                content[chance.randrange(8, len(content))] = chance.randrange(256)
            with contextlib.suppress(Refused):
                read_sheet(bytes(content), name)


def test_a_cell_in_the_far_corner_brings_nothing_down() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page["A1"], page["XFD1048576"] = "客户", "远"
    stream = io.BytesIO()
    book.save(stream)
    with pytest.raises(Refused, match="cannot be opened"):
        read_sheet(stream.getvalue(), "远.xlsx")


def test_a_table_with_thousands_of_columns_is_refused_before_it_fills_the_memory() -> None:
    """22 kB of workbook asked for 2 GB; half a million columns would each have got a field on the page."""
    book = openpyxl.Workbook()
    for row in range(1, 301):
        book.active.cell(row, 1, "客户")
        book.active.cell(row, 16384, "远")
    stream = io.BytesIO()
    book.save(stream)
    for content in (stream.getvalue(), b"a," * 5000 + b"\n" + b"1," * 5000):
        with pytest.raises(Refused) as refusal:
            read_sheet(content, "宽.xlsx")
        assert refusal.value.text is TOO_WIDE
