"""The weekly review as files: every number is the one of the pack, in both languages; nothing a person wrote does anything; sizes hold."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import facts
import ledgers
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pptx import Presentation
from pypdf import PdfReader
from reviews import few

from lib.__main__ import main
from lib.cli.frame import write
from lib.cli.weekly import week
from lib.commands.customers import RegisterCustomer
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.errors import Forbidden, Refused, Unusable
from lib.metrics import METRICS, Cut
from lib.metrics.chart_words import Mark
from lib.metrics.variation import View
from lib.papers import fonts
from lib.papers.review import files, words
from lib.papers.review.brief import MOST_BYTES, brief
from lib.papers.review.files import FILES, Form
from lib.papers.review.words import Wanted
from lib.review import pack
from lib.review.archive import Frozen
from lib.review.beside import NOTHING, Beside
from lib.review.pack import Pack
from lib.review.restating import Restated, Restatements
from lib.store.door import execute
from lib.store.ledger import LATEST, Ledger
from lib.text import LANGUAGES, Language
from lib.ui import review_exports

TODAY, WEEK = date(2026, 6, 30), date(2026, 6, 22)
MADE = datetime(2026, 6, 30, 3, 30)
HOSTILE = (
    '=cmd|" /c calc"!A0',
    "<script>alert(1)</script>",
    "</td><img src=http://evil.example/x>",
    '#import "x": y',
    "$x^2$ *粗* _斜_ `r`",
    "\x1b[31m红\x00\u202e倒",
    "@甲 /* 乙 */ {0} {name}",
    "珺喆㐂 é Ω 😀",
    "x" * 300,
)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("review") / "ledger.duckdb"
    with Ledger(path) as ledger:
        facts.company(ledger)
    return path


@pytest.fixture(scope="module")
def company(book: Path) -> Iterator[Ledger]:
    with ledgers.fresh(clock=lambda: MADE, like=book) as ledger:
        yield ledger


@pytest.fixture(scope="module")
def found(company: Ledger) -> Pack:
    """The week's pack, in which two numbers are signals whatever chance says."""
    built = pack.build(View(company, SYSTEM, TODAY, None, Cut("CNY")), WEEK)
    forced = {"overdue_amount": "worse", "collected_amount": "better"}
    lines = (replace(one, verdict=forced.get(one.metric, one.verdict)) for one in built.lines)
    action = {"action_said": "给客户1打电话", "doer_name": "经理1", "due_on": date(2026, 7, 3), "is_open": True, "action_state": "open"}
    return replace(built, lines=tuple(lines), tables={**built.tables, "actions": (action,)})


def aside(found: Pack) -> Beside:
    """Last week's overdue amount was half of what it is by now, and no signal; something was done about it."""
    now = found.line("overdue_amount")
    then = replace(now, value=now.numerator / 2, numerator=now.numerator / 2, verdict="neutral")
    weeks = (WEEK - timedelta(weeks=1), "all", TODAY, MADE, "CNY", "1", "", 1)
    of = Frozen(1, 1, *weeks, is_readable=True, is_live=True)
    told = Restatements(of, found, found, (Restated(then, now), Restated(replace(now, n=99), now)))
    return Beside({"overdue_amount": (Mark(date(2026, 6, 17), "action", "给前十户发函"),)}, {"overdue_amount": date(2026, 4, 6)}, told)


def wanted(found: Pack, language: Language = "zh", **more: str) -> Wanted:
    return Wanted(
        found,
        language,
        MADE,
        ZoneInfo("Asia/Shanghai"),
        "明账演示",
        **more,
        beside=aside(found) if len(found.lines) == len(METRICS) else NOTHING,
    )


def made(found: Pack, form: Form, language: Language = "zh", **more: str) -> bytes:
    return files.printed(wanted(found, language, **more), form).content


def flat(text: str) -> str:
    """Without what a line break or a place to break does to words."""
    return re.sub(r"[\s\u200b]+", "", text)


def of_pdf(content: bytes) -> str:
    return flat("".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))


def of_slides(content: bytes) -> str:
    told = []
    for slide in Presentation(io.BytesIO(content)).slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                told.append(shape.text_frame.text)
            if shape.has_table:
                told += [cell.text for row in shape.table.rows for cell in row.cells]
    return flat("".join(told))


class Page(HTMLParser):
    """What a browser would show and fetch."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.text, self.tags, self.links = "", set[str](), list[str]()
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href", "action"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def of_sheets(content: bytes) -> dict[str, openpyxl.worksheet.worksheet.Worksheet]:
    return {sheet.title: sheet for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_file_says_every_number_of_the_pack(found: Pack, language: Language) -> None:
    said = words.said(wanted(found, language))
    told = {
        "pdf": of_pdf(made(found, "pdf", language)),
        "pptx-full": of_slides(made(found, "pptx-full", language)),
        "html": flat(Page(made(found, "html", language)).text),
    }
    numbers = [text for item in said.items for text in (item.label, item.value, item.change, item.verdict)]
    cells = [cell for section in said.sections for row in section.rows for cell in row]
    notes = [value for _, value in said.notes if value != said.pack.maker]
    assert len(said.items) == len(found.lines) == len(METRICS)
    assert len(cells) > 50
    for form, text in told.items():
        missing = [one for one in (*numbers, *cells, *notes, said.headline) if flat(one) not in text]
        assert missing == [], form


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_workbook_has_the_numbers_as_numbers(found: Pack, language: Language) -> None:
    sheets = of_sheets(made(found, "xlsx", language))
    metrics = {row[1].value: row for row in list(sheets.values())[1].iter_rows(min_row=4)}
    large = 10_000 if language == "zh" else 1_000
    for line in found.lines:
        row = metrics[METRICS[line.metric].label.say(language)]
        scale = large if METRICS[line.metric].unit == "money" else 1
        expected = [line.value, line.before, *(value for _, value in line.weeks)]
        assert [None if cell.value is None else pytest.approx(cell.value * scale, abs=0.006) for cell in (*row[3:5], *row[9:])] == [
            None if value is None else float(value) for value in expected
        ]
    overdue = next(section for section in words.said(wanted(found, language)).sections if section.name == "overdue").sheet
    listed = [row for row in sheets[overdue.title].iter_rows(min_row=5, values_only=True) if row[0]]
    amounts = [float(row["overdue_amount"]) for row in found.tables["overdue"]]
    assert [row[2] for row in listed] == pytest.approx(amounts)


def test_each_sheet_says_of_which_week_it_is_and_charts_what_they_draw(found: Pack) -> None:
    said = words.said(wanted(found))
    sheets = of_sheets(made(found, "xlsx"))
    for sheet in sheets.values():
        told = " ".join(str(cell.value) for row in sheet.iter_rows(max_row=9, max_col=2) for cell in row if cell.value)
        assert said.week in told + (sheet.oddFooter.left.text or ""), sheet.title
    charts = " ".join(str(cell.value) for row in sheets["信号图"].iter_rows() for cell in row if cell.value is not None)
    assert all(part in charts for item in said.signals for part in (item.drawn, *item.done))
    (overdue,) = (item for item in said.signals if item.line.metric == "overdue_amount")
    assert "▼ 行动：给前十户发函" in charts
    assert overdue.line.points[-1].verdict != "worse" or "◆ 变差信号" in charts


@pytest.mark.parametrize("language", LANGUAGES)
def test_slides_for_the_meeting_are_few_and_say_the_same(found: Pack, language: Language) -> None:
    content = made(found, "pptx", language)
    file, text, said = Presentation(io.BytesIO(content)), of_slides(content), words.said(wanted(found, language))
    assert len(file.slides) <= 15
    numbers = [cell for item in said.items for cell in (item.label, item.value, item.change, item.verdict)]
    spoken = [cell for item in said.signals for cell in (item.before, item.means, item.why)]
    firsts = [section.rows[0][0] for section in said.sections if section.rows and section.name not in {"bridge", "explanations"}]
    assert [one for one in (*numbers, *spoken, *firsts, said.headline) if flat(one) not in text] == []
    for number, slide in enumerate(file.slides, 1):
        foot = flat(" ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame))
        assert flat(said.about) in foot
        assert f"{number}/{len(file.slides)}" in foot
    below = max(shape.top + shape.height for slide in file.slides for shape in slide.shapes)
    assert below <= file.slide_height
    tables = [shape for slide in file.slides for shape in slide.shapes if shape.has_table]
    assert all(shape.left + sum(column.width for column in shape.table.columns) < file.slide_width for shape in tables)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_has_no_number_or_no_rows_is_named_in_one_sentence(found: Pack, language: Language) -> None:
    lines = tuple(replace(line, value=None, before=None) if line.metric == "nps" else line for line in found.lines)
    sparse = replace(found, lines=lines, tables={**found.tables, "topics": (), "quiet": ()})
    said = words.said(wanted(sparse, language))
    assert METRICS["nps"].label.say(language) in words.unmeasured(said)
    assert flat(words.unmeasured(said)) in of_slides(made(sparse, "pptx", language))
    titles = [section.sheet.title for section in said.sections if section.name in {"topics", "quiet"}]
    assert all(title in words.empty(said) for title in titles)
    for text in (of_pdf(made(sparse, "pdf", language)), flat(Page(made(sparse, "html", language)).text)):
        assert flat(words.empty(said)) in text
        assert all(text.count(flat(title)) == 1 for title in titles)


def test_a_long_list_is_cut_on_a_slide_and_says_so(found: Pack) -> None:
    rows = tuple({"name": f"客户{n}", "owner_name": "经理", "currency": "CNY", "amount": "1.00", "due_on": "2026-06-01"} for n in range(40))
    long = replace(found, lines=found.lines[:1], tables={"broken": rows})
    text = of_slides(made(long, "pptx"))
    shown = len(re.findall(r"客户\d+经理", text))
    assert 5 < shown < 40
    assert f"另有{40 - shown}行" in text
    assert "客户39" in of_slides(made(long, "pptx-full"))


def test_slides_have_charts_to_edit_and_a_font_with_chinese(found: Pack) -> None:
    file = Presentation(io.BytesIO(made(found, "pptx")))
    charts = {
        shape.chart.plots[0].series[0].name: list(shape.chart.plots[0].series[0].values)
        for slide in file.slides
        for shape in slide.shapes
        if shape.has_chart and len(shape.chart.plots[0].categories) > len(found.tables["bridge"])
    }
    line = found.line("overdue_amount")
    assert charts[METRICS["overdue_amount"].label.zh] == [point.value for point in line.points]
    runs = [node for slide in file.slides for node in slide.element.iter() if node.tag.endswith("}rPr")]
    assert len(runs) > 100
    assert all(node.find("{*}ea").get("typeface") == node.find("{*}latin").get("typeface") for node in runs)


def test_a_frozen_pack_makes_the_same_files(found: Pack) -> None:
    thawed = pack.from_text(pack.to_text(found))
    for form in ("html", "brief", "json", "xlsx"):
        assert made(found, form) == made(thawed, form)
    assert pack.from_text(made(found, "json").decode()) == thawed


@pytest.mark.parametrize(
    ("known_at", "says", "named"),
    [
        (LATEST, "现在更正后：2026-06-30 11:30", "review_2026-W26_20260630-033000.pdf"),
        (datetime(2026, 6, 29, 1, 5), "当时看到的：2026-06-29 09:05", "review_2026-W26_known-20260629-010500_20260630-033000.pdf"),
    ],
)
def test_a_file_says_by_what_was_known(found: Pack, known_at: datetime, says: str, named: str) -> None:
    then = replace(found, known_at=known_at)
    assert says in words.said(wanted(then)).about
    assert says in brief(wanted(then))
    assert files.file_name(wanted(then), "pdf") == named


def test_whose_week_it_is_stands_in_the_name_and_on_top(found: Pack) -> None:
    mine = wanted(replace(found, circle="华东/一队、华北"))
    assert files.file_name(mine, "xlsx").startswith("review_2026-W26_华东_一队_华北_")
    assert "华东/一队、华北 · 区域：华东" in words.said(replace(mine, filters="区域：华东")).about


def test_what_people_wrote_is_only_text(found: Pack) -> None:
    rows = tuple({"name": one, "owner_name": one, "currency": "CNY", "overdue_amount": "1.00", "max_days": 3} for one in HOSTILE)
    told = tuple({"action_said": one, "doer_name": one, "due_on": "2026-07-01", "is_open": True} for one in HOSTILE)
    evil = replace(found, circle=HOSTILE[1], tables={"overdue": rows, "actions": told})
    more = {"filters": HOSTILE[0], "link": "javascript:alert(1)"}

    seen = Page(made(evil, "html", **more))
    assert not seen.tags & {"script", "img", "iframe", "link", "object", "form"}
    assert all(link.startswith("#") for link in seen.links)
    assert all(one in seen.text for one in HOSTILE if one.isprintable())

    content = made(evil, "xlsx", **more)
    cells = [cell for sheet in of_sheets(content).values() for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert all(cell.quotePrefix for cell in cells if str(cell.value) == HOSTILE[0])
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert not [name for name in parts.namelist() if "externalLink" in name]

    for form, read in (("pptx", of_slides), ("pdf", of_pdf)):
        text = read(made(evil, form, **more))
        assert all(flat(one) in text for one in HOSTILE[:5]), form
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", text), form


def test_on_a_phone_long_lists_open_at_a_tap_without_scripts(found: Pack) -> None:
    page = made(found, "html").decode()
    labels = set(re.findall(r"<label for=(all-\w+)>看全部 \d+ 条", page))
    assert labels == {f"all-{name}" for name, rows in found.tables.items() if len(rows) > 5} | (
        {"all-signals"} if len(found.signals) > 3 else set()
    )
    assert labels <= set(re.findall(r"<input type=checkbox class=all id=(all-\w+)>", page))


def test_every_drawing_is_whole_and_fetches_nothing(found: Pack) -> None:
    page = made(found, "html").decode()
    drawn = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawn) > len(METRICS) // 2
    for drawing in drawn:
        assert {node.tag.rpartition("}")[2] for node in ET.fromstring(drawing).iter()} <= {  # noqa: S314 (our own)
            *("svg", "polyline", "polygon", "circle", "text", "title", "line", "path", "g", "rect"),
        }
    assert "url(" not in page
    assert "default-src 'none'" in page


def test_without_a_font_for_chinese_no_boxes_are_printed(found: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(fonts.VARIABLE, "/nowhere.ttf")
    with pytest.raises(Unusable, match="MINGZHANG_FONT"):
        made(found, "pdf")


@given(
    names=st.lists(st.text(max_size=400), min_size=0, max_size=12),
    circle=st.text(max_size=300),
    filters=st.text(max_size=900),
    link=st.text(max_size=900),
    language=st.sampled_from(get_args(Language)),
)
@settings(max_examples=40)
def test_a_brief_never_exceeds_what_a_group_takes(  # noqa: PLR0913, PLR0917 (each is a side of it)
    found: Pack, names: list[str], circle: str, filters: str, link: str, language: Language
) -> None:
    rows = tuple({"name": one, "currency": "CNY", "overdue_amount": "99999999999.99", "max_days": 9999} for one in names)
    told = tuple({"action_said": one, "doer_name": one, "due_on": "2026-07-01", "is_open": True} for one in names)
    few = replace(found, circle=circle, lines=found.lines[:8], tables={"overdue": rows, "actions": told})
    text = brief(wanted(few, language, filters=filters, link=link))
    assert 0 < len(text.encode()) <= MOST_BYTES
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", text)


def test_a_brief_names_three_signals_customers_and_actions(found: Pack) -> None:
    text = brief(wanted(found, link="https://ledger.example.cn/review?week=2026-W26"))
    lines = text.splitlines()
    assert lines[0].startswith("【每周经营回顾】2026年第26周（6/22–6/28）")
    first = words.said(wanted(found)).signals[0]
    assert lines[2] == f"1. {first.verdict} {first.label} {first.value}（前一周 {first.before}，{first.change}）"
    collected = next(item for item in words.said(wanted(found)).items if item.line.metric == "csat_rate")
    assert any(f"{collected.label} {collected.value}（{collected.change}）" in line for line in lines)
    assert f"1. {found.tables['overdue'][0]['name']} 逾期 " in text
    assert "1. 给客户1打电话（经理1，7月3日 周五）" in lines
    assert lines[-1] == "打开：https://ledger.example.cn/review?week=2026-W26"
    assert len([line for line in lines if line.startswith("3. ")]) <= 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_done_and_what_was_restated_is_said(found: Pack, language: Language) -> None:
    said = words.said(wanted(found, language))
    *_, section = said.sections
    assert (section.name, len(section.rows)) == ("restated", 1), "what reads alike is left out"
    assert all(
        words.words.VERDICT[verdict].say(language) in cell for verdict, cell in zip(("neutral", "worse"), section.rows[0][1:3], strict=True)
    )
    assert "W25" in section.sheet.title or "第25周" in section.sheet.title
    for text in (of_pdf(made(found, "pdf", language)), flat(Page(made(found, "html", language)).text)):
        assert flat("▼ 行动：给前十户发函" if language == "zh" else "▼ Action: 给前十户发函") in text


def test_what_is_small_is_not_said_as_nothing(found: Pack) -> None:
    line = replace(found.line("bad_debt_rate"), value=Decimal("0.00034"), before=Decimal("0.00036"), verdict="better")
    (item,) = words.said(wanted(replace(found, lines=(line,), tables={}))).items
    assert (item.value, item.before, item.change) == ("0.034%", "0.036%", "↓ 0.002 个百分点")


def test_a_house_without_a_currency_has_no_amounts(found: Pack) -> None:
    bare = replace(found, currency=None, tables={})
    assert "None" not in brief(wanted(bare))
    amounts = [item for item in words.said(wanted(bare)).items if item.metric.unit == "money"]
    assert {(item.value, item.before) for item in amounts} == {("—", "—")}


def test_a_brief_says_why_and_names_the_other_signals(found: Pack) -> None:
    lines = tuple(replace(line, verdict="worse") for line in found.lines[:5])
    why = {"metric": lines[0].metric, "doer_name": "经理1", "explanation_said": "两人休假", "signal_cause": "ours", "signal_verdict": None}
    text = brief(wanted(replace(found, lines=lines, tables={"explanations": (why,)}))).splitlines()
    assert text[3] == "   说明：两人休假（经理1）"
    assert text[6] == "另有 2 个：" + "、".join(METRICS[line.metric].label.zh for line in lines[3:])


# --- command line


def test_the_shell_writes_the_same_pack(
    book: Path, company: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few(monkeypatch)
    monkeypatch.setenv("MINGZHANG_LEDGER", str(book))
    given = ["report", "weekly", "--week", "2026-W26", "--as-of", "2026-06-30"]
    assert main(given) == 0
    told = pack.from_text(capsys.readouterr().out)
    assert told == pack.from_text(pack.to_text(pack.build(View(company, SYSTEM, TODAY, None, Cut("CNY")), WEEK)))
    path = tmp_path / "week.html"
    assert main([*given, "--format", "html", "--language", "zh", "--output", str(path)]) == 0
    assert flat(words.said(wanted(told)).headline) in flat(Page(path.read_bytes()).text)
    with pytest.raises(Refused, match="not written"):
        write(path, b"")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--format", "pptx"], "--output FILE"),
        (["--format", "csv"], "possible: pdf, pptx, pptx-full, xlsx, html, brief, json"),
        (["--week", "2026-W54"], "is not a week"),
        (["--week", "soon"], "is not a week"),
        (["--week", "2026-W28"], "has not begun yet; the latest is 2026-W27"),
        (["--known-at", "then"], "is not a date"),
    ],
)
def test_a_week_that_cannot_be_written_is_refused(
    book: Path, more: list[str], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MINGZHANG_LEDGER", str(book))
    assert main(["report", "weekly", "--as-of", "2026-06-30", *more]) != 0
    assert says in capsys.readouterr().err


def test_a_week_is_read_as_people_write_it() -> None:
    assert week(None, TODAY) == week("2026-W26", TODAY) == week("2026w26", TODAY) == week("2026-06-24", TODAY) == WEEK
    with pytest.raises(Refused):
        week("2026-W00", TODAY)


# --- the buttons


def job(ledger: Ledger, actor: Actor, shown: review_exports._Shown | None = None) -> review_exports._Job:
    again = review_exports._Built(ledger, review_exports.Scope(TODAY, None, "CNY"), WEEK)
    drawn = shown or review_exports._Shown(again(SYSTEM), SYSTEM, ledger.version, again)
    return review_exports._Job(ledger, lambda: actor, drawn, "html", "zh", Cut("CNY"), "", "")


def test_a_click_gives_only_what_the_person_sees_and_is_written_down(company: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch)
    lead = Actor(1, "u1", Role.LEAD, Scope.TEAM, ("T1",))
    names = {row["name"] for row in pack.build(View(company, lead, TODAY, None, Cut("CNY")), WEEK).tables["overdue"]}
    everyone = {row["name"] for row in pack.build(View(company, SYSTEM, TODAY, None, Cut("CNY")), WEEK).tables["overdue"]}
    text = Page(job(company, lead)()).text
    strangers = everyone - names
    assert strangers
    assert all(re.search(rf"{name}(?!\d)", text) for name in names)
    assert not [name for name in strangers if re.search(rf"{name}(?!\d)", text)]
    assert "T1" in text
    (order,) = company.cursor().execute("select detail from audit where command = 'RecordExport'").fetchall()
    assert '"file_name": "review_2026-W26_T1_' in order[0]


def test_who_may_not_export_gets_no_file(company: Ledger, found: Pack) -> None:
    with pytest.raises(Forbidden):
        job(company, Actor(9, "u9", Role.ADMIN, Scope.ALL), review_exports._Shown(found, SYSTEM, 0, lambda _: found))()


def test_a_file_is_of_what_the_page_showed_until_a_fact_changes(company: Ledger, found: Pack) -> None:
    later = replace(found, circle="再做一次")
    shown = review_exports._Shown(found, SYSTEM, company.version, lambda _: later)
    for _ in range(2):
        assert "全公司" in Page(job(company, SYSTEM, shown)()).text
    execute(company, SYSTEM, RegisterCustomer("新客户", owner_id=1))
    assert "再做一次" in Page(job(company, SYSTEM, shown)()).text


def test_every_format_is_offered_or_the_brief() -> None:
    assert {*review_exports._OFFERED, "brief"} == set(FILES)
    assert len({(file.stem, file.suffix) for file in FILES.values()}) == len(FILES)
