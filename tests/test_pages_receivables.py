"""The page of receivables analysis: each of its five views runs for finance and a team lead, in both languages, and its figures tie."""

from __future__ import annotations

from itertools import product

import pytest
from test_pages import company as company  # noqa: PLC0414 (a fixture)
from test_pages import foreign, run

from lib.store.ledger import Ledger
from lib.text import LANGUAGES, Language

VIEWS = ("bridge", "migration", "trend", "behaviour", "cash")


@pytest.mark.parametrize(("view", "who", "language"), list(product(VIEWS, ("finance", "lead"), LANGUAGES)))
def test_view_runs_and_speaks_one_language(company: Ledger, view: str, who: str, language: Language) -> None:
    test = run(company, "receivables", who, language, view=view)
    assert not test.exception, test.exception
    assert not test.error
    assert [text for text in test.markdown if text.value.startswith("####")]
    assert foreign(company, test, language) == []


def test_the_day_compared_with_and_the_money_stand_in_the_address(company: Ledger) -> None:
    week = run(company, "receivables", "finance", view="bridge", what="all")
    month = run(company, "receivables", "finance", view="bridge", what="all", from_on="2026-05-31")
    assert not month.exception
    assert week.markdown[0].value != month.markdown[0].value


def test_provision_says_that_finance_must_confirm(company: Ledger) -> None:
    test = run(company, "receivables", "finance", view="behaviour")
    assert any("须由财务确认" in caption.value for caption in test.caption)
