"""Every page as every role in both languages over the demo company: it runs or refuses, and speaks one language."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib.demo import DEMO_ACCOUNTS
from lib.domain.access import GRANTS, ROLE_LABEL
from lib.domain.review_kind import SECTION
from lib.metrics import BOARD
from lib.store import sessions
from lib.store.ledger import Ledger
from lib.text import LANGUAGES, Language
from lib.ui import class_groups, collect, movement, policies, service, session, strategy
from lib.ui.shell import MENU

ROOT = Path(__file__).parents[1]
ACCOUNTS = {account.username: account for account in DEMO_ACCOUNTS}
PAGES = {page.name: page for page in MENU if page.path.exists()}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_BOTH = {"NPS", "CSAT", "CES", "CSV", "XLSX", "CNY", "USD", "English", ""}
QUERIES = {
    "customer": {"customer": "1"},
    "overdue": {"customer": "1", "basis": "invoice"},
    "overview": {"metric": "promise_kept_rate", "part": "below"},
    "teams": {"by": "owner", "share": "coverage_rate", "group": "沈佳宁"},
}

VIEWS = {
    "approvals": [{"view": view} for view in ("stopped", "lost", "rates")],
    "billing": [{"view": view} for view in ("issued", "correct", "outbox")],
    "classification": [
        *({"view": view} for view in ("moves", "groups", "lab")),
        *({"view": "groups", "dimension": dimension} for dimension in class_groups.BY),
        *({"view": "moves", "outcome": outcome} for outcome in ("habit", "credit")),
    ],
    "collect": [{"view": view} for view in collect.VIEW],
    "inbox": [{"view": "themes"}, *({"view": "suggestions", "state": state} for state in ("new", "classified", "untold"))],
    "policies": [{"kind": kind} for kind in policies.HERE],
    "receivables": [{"view": view} for view in movement.VIEWS],
    "review": [
        *({"mode": "live", "section": section} for section in SECTION if section != "wrap"),
        *({"mode": mode} for mode in ("close", "archive")),
    ],
    "service": [{"show": view} for view in service.VIEWS],
    "strategy": [{"view": view} for view in strategy.VIEWS],
    "value": [{"window": "all"}],
}
"""What else pages show, by their address."""


@pytest.fixture(scope="module")
def company(demo_ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """The demo company as the app opens it; pages only read it."""
    path = tmp_path_factory.mktemp("company") / "ledger.duckdb"
    shutil.copy(demo_ledger, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINGZHANG_LEDGER", str(path))
        st.cache_data.clear()
        st.cache_resource.clear()
        opened = session.ledger()
        yield opened
        opened.close()
        st.cache_data.clear()
        st.cache_resource.clear()


def run(ledger: Ledger, page: str, who: str, language: Language = "zh", **query: str) -> AppTest:
    """One page file, run as a demo account."""
    user_id = ACCOUNTS[who].user_id
    ledger.jot("update app_user set language = $language where user_id = $user_id", {"language": language, "user_id": user_id})
    test = AppTest.from_file(str(PAGES[page].path), default_timeout=60)
    test.session_state[session.SIGN_IN_KEY] = sessions.token_hash(sessions.start(ledger, user_id))
    test.session_state[session.SOCKET_KEY] = None
    for name, value in query.items():
        test.query_params[name] = value
    return test.run()


@pytest.mark.parametrize(("page", "who", "language"), list(product(PAGES, ACCOUNTS, LANGUAGES)))
def test_page_runs_or_refuses_and_speaks_one_language(company: Ledger, page: str, who: str, language: Language) -> None:
    test = run(company, page, who, language, **QUERIES.get(page, {}))
    assert not test.exception, test.exception
    if PAGES[page].needs not in GRANTS[ACCOUNTS[who].role]:
        assert any(ROLE_LABEL[ACCOUNTS[who].role].say(language) in error.value for error in test.error)
        assert [*test.title, *test.dataframe, *test.metric, *test.button, *test.text_input] == []
        return
    assert test.title[0].value == PAGES[page].title.say(language)
    assert not test.error
    assert foreign(company, test, language) == []


@pytest.mark.parametrize(("page", "query", "language"), [(page, one, said) for page in VIEWS for one in VIEWS[page] for said in LANGUAGES])
def test_each_view_runs_and_speaks_one_language(company: Ledger, page: str, query: dict[str, str], language: Language) -> None:
    test = run(company, page, "manager", language, **query)
    assert not test.exception, test.exception
    assert not test.error
    assert foreign(company, test, language) == []


def test_team_lead_sees_own_team_only(company: Ledger) -> None:
    everything = run(company, "overdue", "manager").dataframe
    teams = run(company, "overdue", "lead").dataframe
    managers = {name for table in teams for name in table.value.get("owner_name", [])}
    team = ACCOUNTS["lead"].team
    known = {row[0] for row in company.cursor().execute("select name from app_user where team = $team", {"team": team}).fetchall()}
    assert managers <= known
    assert sum(len(table.value) for table in teams) < sum(len(table.value) for table in everything)


def test_currencies_are_never_mixed(company: Ledger) -> None:
    yuan, dollar = (run(company, "overdue", "manager", currency=currency) for currency in ("CNY", "USD"))
    assert yuan.markdown[0].value != dollar.markdown[0].value
    assert all("USD" not in caption.value for caption in yuan.caption if "CNY" in caption.value)


def test_proof_adds_up_for_every_filter_and_date(company: Ledger) -> None:
    for query in ({}, {"region": "上海"}, {"as_of": "2025-03-31"}, {"basis": "invoice"}, {"currency": "USD", "team": "华南"}):
        test = run(company, "overdue", "finance", **query)
        assert any("✓" in text.value for text in test.markdown), query


def test_edges_typed_wrong_are_said_and_the_usual_ones_stay(company: Ledger) -> None:
    test = run(company, "overdue", "manager", buckets="90,30")
    assert len(test.warning) == 1
    assert not test.exception


def test_filters_in_the_address_are_in_force_and_can_be_cleared(company: Ledger) -> None:
    narrow = run(company, "overview", "manager", region="上海")
    assert any("上海" in caption.value for caption in narrow.caption)
    narrow.button(key="filters_clear").click().run()
    assert not narrow.exception
    assert not any("上海" in caption.value for caption in narrow.caption)


def foreign(ledger: Ledger, test: AppTest, language: Language) -> list[str]:
    """What is said in the other language: Chinese left in English once data is taken out, labels without Chinese in Chinese."""
    labels = [*widget_labels(test), *column_labels(test)]
    if language == "en":
        data = data_words(ledger, ledger.version)
        return [text for text in [*labels, *sentences(test)] if CHINESE.search(without_data(data, text))]
    return [label for label in labels if not CHINESE.search(label) and label.strip() not in SAME_IN_BOTH and re.search("[a-z]{3}", label)]


def widget_labels(test: AppTest) -> list[str]:
    kinds = (
        "button",
        "selectbox",
        "text_input",
        "text_area",
        "date_input",
        "number_input",
        "multiselect",
        "toggle",
        "checkbox",
        "metric",
        "tabs",
    )
    found = [str(getattr(widget, "label", "") or "") for kind in kinds for widget in test.get(kind)]
    return [label for label in found if label]


def column_labels(test: AppTest) -> list[str]:
    """Words of the columns a table shows; a column without a word shows its identifier."""
    found: list[str] = []
    for table in test.dataframe:
        config: dict[str, Any] = json.loads(table.proto.columns or "{}")
        found += [str(config.get(name, {}).get("label") or name) for name in table.value.columns]
    return found


def sentences(test: AppTest) -> list[str]:
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "success")
    return [str(element.value) for kind in kinds for element in test.get(kind)]


@cache
@cache
def data_words(ledger: Ledger, version: int) -> re.Pattern[str]:
    """Everything people and banks wrote: names, regions, subjects, memos. The version is what the answer is kept by."""
    assert version == ledger.version
    sql = """
        select name from customer_record union select region from customer_record union select segment from customer_record
        union select industry from customer_record union select name from app_user union select team from app_user
        union select subject from case_file union select subject from activity union select body from activity
        union select body from case_file union select note from promise union select promised_by from promise
        union select comment from feedback union select respondent from feedback union select name from contact
        union select title from contact union select note from customer_record union select payer from entry union select memo from entry
        union select note from case_event union select outcome from activity union select title from survey_wave
        union select note from wave_event union select note from invite_event
        union select reason from policy union select reason from proposal union select body::json ->> '$.evidence' from proposal
        union select body::json ->> '$.what' from proposal union select what from special_term
        union select note from decision union select reason from hold union select note from plan union select title from agreement
        union select description from entry_line union select description from agreement_line
        union select payer from bank_line union select memo from bank_line union select account from bank_line
        union select said from action_item union select note from action_step union select said from resolution
        union select reason from resolution union select said from topic union select outcome from topic
        union select said from explanation union select attended from meeting
        union select subject from message union select note from bank_match union select detail::json ->> '$.file' from audit
    """
    words = {row[0] for row in ledger.cursor().execute(sql).fetchall() if row[0] and CHINESE.search(row[0])}
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))


def without_data(data: re.Pattern[str], text: str) -> str:
    plain = re.sub(r":(?:blue|orange|gray)-background\[([^]]*)\]", r"\1", text.replace("\\", "").replace("中文", ""))
    return data.sub("", plain)


@pytest.mark.parametrize("name", BOARD)
def test_a_card_opens_the_customers_that_add_up_to_it(company: Ledger, name: str) -> None:
    test = run(company, "overview", "manager", metric=name)
    assert not test.exception
    assert "✓" in " ".join(one.value for one in test.markdown)
    assert [frame.key for frame in test.dataframe if str(frame.key).startswith("behind")]
