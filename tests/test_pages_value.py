"""The value page: nothing invented before models are fitted, fitted by who sees all, read by everyone for the customers in sight."""

from __future__ import annotations

from pathlib import Path

import facts
import pytest
from signin import signed_in

from lib.store.ledger import Ledger

PAGE = "pages/value.py"
TRADING = Path(__file__).with_name("trading.sql")
NEVER = "这一天还没有算过模型"


@pytest.fixture
def trading(house: Ledger) -> Ledger:
    with house.transaction() as cursor:
        cursor.execute(TRADING.read_text("utf-8"))
        cursor.execute("update app_user set scope = 'all' where role = 'manager'")
    return house


def texts(test: object) -> str:
    return " ".join(part.value for kind in ("markdown", "caption") for part in test.get(kind))  # type: ignore[attr-defined]


@pytest.mark.usefixtures("trading")
def test_a_manager_who_sees_all_fits_the_models_and_reads_how_far_to_believe_them() -> None:
    test = signed_in("manager", path=PAGE).run()
    assert NEVER in texts(test)
    assert test.dataframe[-1].value["expected_12m_amount"].isna().all()
    test.button(key="fit_models").click().run()
    assert not test.exception
    said = texts(test)
    assert NEVER not in said
    assert "**购买与价值**" in said
    assert "**晚付**" in said
    customers = next(table.value for table in test.dataframe if "reason" in table.value)
    assert customers["expected_12m_amount"].notna().all()
    assert customers["reason"].str.contains("买过 .* 天，最近").all()
    trials = next(table.value for table in test.dataframe if "rule_ranking" in table.value)
    assert len(trials) >= 7
    test.selectbox(key="rfm_band").select_index(0).run()
    core = next(table.value for table in test.dataframe if "reason" in table.value)
    assert set(core["rfm_band"]) == {"核心"}
    assert 0 < len(core) < len(customers)


@pytest.mark.usefixtures("trading")
def test_who_sees_a_part_reads_and_does_not_fit() -> None:
    test = signed_in("lead", path=PAGE).run()
    assert not test.exception
    assert "fit_models" not in [button.key for button in test.button]


def test_without_purchases_the_way_to_the_import_is_shown(house: Ledger) -> None:
    facts.customer(house, 1, owner_id=2)
    test = signed_in("manager", path=PAGE).run()
    assert not test.exception
    assert "没有买过东西的客户" in texts(test) or "还没有买过东西" in texts(test)
    assert not test.dataframe
