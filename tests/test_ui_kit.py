"""The kit pages are built from: safe words, filters in the URL, ordered colours."""

from __future__ import annotations

from datetime import date

import desk
import pytest
import signin

from lib.colours import LIGHT
from lib.store.ledger import Ledger
from lib.text import Language
from lib.ui import filters, page, receivables, theme


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://evil.example/a.png)",
        "[click](javascript:alert(1))",
        ":red[danger]",
        "$x^2$",
        "<b>bold</b>",
        "**loud**",
        "# head",
        "`code`",
    ],
)
def test_text_from_people_carries_no_markdown(text: str) -> None:
    safe = page.md(text)
    assert safe.replace("\\", "").replace("\u2060", "") == text.replace("\\", "")
    bare = [place for place, mark in enumerate(safe) if mark in "[]()<>*`$:#!" and safe[place - 1 : place] != "\\"]
    assert not bare


def test_line_breaks_of_people_stay_on_one_line() -> None:
    assert page.md("a\nb\r\tc") == "a b  c"


@pytest.mark.parametrize(
    ("text", "edges"),
    [
        ("30,60,90", (30, 60, 90)),
        ("30，60、90", (30, 60, 90)),
        (" 7 , 14 ", (7, 14)),
        ("30,30", None),
        ("60,30", None),
        ("0,30", None),
        ("-1", None),
        ("x", None),
        ("", None),
        ("1,2,3,4,5,6,7,8,9", None),
        ("１０", None),
        ("99999", None),
    ],
)
def test_bucket_edges_are_rising_days_or_refused(text: str, edges: tuple[int, ...] | None) -> None:
    assert filters.parse_edges(text) == edges


def test_each_bucket_is_named_by_its_days_and_unallocated_comes_last() -> None:
    words = receivables.bucket_words((30, 60))
    assert [word.zh for word in words.values()] == ["未到期", "1–30 天", "31–60 天", "60 天以上", "未核销收款"]
    assert list(words) == [0, 1, 2, 3, None]


def test_scope_gives_each_filter_to_the_query_of_its_name() -> None:
    scope = filters.Scope(date(2026, 6, 30), region="华东", words=(("地区", "华东"),))
    assert scope.parameters()["region"] == "华东"
    assert "words" not in scope.parameters()


def test_ramp_goes_from_calm_to_alarming_in_any_number_of_steps() -> None:
    colours = LIGHT.ageing
    for count in range(2, 10):
        steps = theme.ramp(colours, count)
        assert (len(steps), steps[0], steps[-1]) == (count, colours[0], colours[-1])
        assert [colours.index(step) for step in steps] == sorted(colours.index(step) for step in steps)


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("name", ["overview", "overdue"])
def test_empty_house_says_what_to_do_next(name: str) -> None:
    test = signin.signed_in("manager", path=f"pages/{name}.py").run()
    assert not test.exception
    assert any("导入" in text.value for text in test.markdown)


def test_latest_change_can_be_undone_from_the_overview_by_who_may(house: Ledger) -> None:
    desk.furnish(house)
    latest = house.version
    assert not [button for button in signin.signed_in("viewer", path="pages/overview.py").run().button if button.label == "撤销"]
    test = signin.signed_in("finance", path="pages/overview.py").run()
    test.button(key=f"undo_{latest}").click().run()
    assert not test.exception
    assert house.version == latest + 1
    assert f"undo_{latest}" not in {button.key for button in test.button}


def test_row_opens_down_to_the_single_posting_and_its_author(house: Ledger) -> None:
    desk.furnish(house)
    test = signin.signed_in("finance", path="pages/overdue.py")
    test.query_params["customer"] = "1"
    test.query_params["invoice"] = "1"
    test.run()
    assert not test.exception
    debtors, items, postings = (table.value for table in test.dataframe if "currency" not in table.value and "bucket" not in table.value)
    assert list(debtors["name"]) == ["恒源机械"]
    assert list(items["invoice_no"]) == ["F1", "F2"]
    assert list(postings["recorded_by_name"]) == ["Finance"]


@pytest.mark.usefixtures("house")
def test_who_may_not_import_is_told_who_can() -> None:
    told = {who: signin.signed_in(who, path="pages/overview.py").run().markdown for who in ("admin", "viewer", "finance")}
    said = {who: " ".join(text.value for text in texts) for who, texts in told.items()}
    assert "请添加一位角色为“财务”的用户" in said["admin"]
    assert "能导入的是：财务" in said["viewer"]
    assert "财务" not in said["finance"]


def test_a_date_of_long_ago_in_the_address_is_the_date_shown(house: Ledger) -> None:
    desk.furnish(house)
    test = signin.signed_in("finance", path="pages/overdue.py")
    test.query_params["as_of"] = "1998-06-30"
    test.run()
    assert not test.exception
    assert test.date_input[0].value == date(1998, 6, 30)


def test_an_exception_names_the_colleague_to_ask(house: Ledger) -> None:
    desk.furnish(house)
    reasons = {who: [one.value for one in signin.signed_in(who, path="pages/overview.py").run().caption] for who in ("finance", "lead")}
    assert any("Lead" in reason for reason in reasons["finance"])
    assert not any("Lead" in reason for reason in reasons["lead"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_link_shows_the_same_choice_in_every_language(house: Ledger, language: Language) -> None:
    desk.furnish(house)
    test = signin.signed_in("finance", language, path="pages/overdue.py")
    test.query_params.update({"basis": "invoice", "by": "class"})
    test.run()
    assert [test.session_state[f"switch-{name}"] for name in ("basis", "by")] == ["invoice", "class"]
    told = " ".join(text.value for text in test.markdown)
    assert {"zh": "已开票超过 60 天", "en": "was invoiced over 60 days ago"}[language] in told
