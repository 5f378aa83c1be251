"""A change leaves cached what is answered from other tables than those it wrote; what reads one of these is asked anew."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import facts
import pyarrow as pa
import pytest

from lib.commands.actions import RaiseAction
from lib.commands.explaining import ExplainSignal
from lib.commands.receivables import RecordPayment
from lib.commands.service import RecordInteraction
from lib.commands.undo import Undo
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.metrics import Cut
from lib.metrics.variation import View
from lib.review.pack import build, last_week
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import read

TODAY = date(2026, 6, 30)
CHIEF = Actor(1, "chief", Role.MANAGER, Scope.ALL, (), 1)
FINANCE = Actor(1, "chief", Role.FINANCE, Scope.ALL, (), 1)


@pytest.fixture
def asked(ledger: Ledger) -> Ledger:
    ledger.jot("insert into app_user values (1, 'chief', 'chief', 'manager', 'all', null, 'zh', null, null, true, 1)", {})
    facts.customer(ledger, 1)
    facts.invoice(ledger, 10, date(2026, 5, 1), date(2026, 6, 1), 1000, customer_id=1)
    return ledger


def overdue(ledger: Ledger) -> object:
    return read(ledger, CHIEF, "overdue_customers", as_of=TODAY)


def ageing(ledger: Ledger) -> pa.Table:
    return read(ledger, CHIEF, "ageing", as_of=TODAY)


def touches(ledger: Ledger) -> pa.Table:
    return read(ledger, SYSTEM, "house_touch", as_of=TODAY)


def promised(ledger: Ledger) -> int:
    return read(ledger, CHIEF, "actions", as_of=TODAY, user_id=1, state="open").num_rows


def raised(ledger: Ledger) -> int:
    return execute(ledger, CHIEF, RaiseAction("打电话", 1, TODAY, TODAY)).change_id


def test_a_promise_leaves_what_is_owed_cached_and_is_itself_seen(asked: Ledger) -> None:
    before = overdue(asked)
    assert promised(asked) == 0
    change_id = raised(asked)
    assert overdue(asked) is before
    assert promised(asked) == 1
    execute(asked, CHIEF, Undo(change_id, TODAY))
    assert promised(asked) == 0


def test_a_pack_follows_both(asked: Ledger) -> None:
    view = View(asked, CHIEF, TODAY, None, Cut("CNY"))
    first = build(view, last_week(TODAY))
    execute(asked, CHIEF, ExplainSignal("overdue_amount", "补录", "data", last_week(TODAY), TODAY))
    second = build(view, last_week(TODAY))
    assert second.lines == first.lines
    assert len(second.tables["explanations"]) == len(first.tables["explanations"]) + 1


def test_what_one_table_says_is_past_when_it_changes_and_not_before(asked: Ledger) -> None:
    owed, talked = ageing(asked), touches(asked)
    execute(asked, CHIEF, RecordInteraction(1, TODAY, TODAY, "问发票"))
    assert ageing(asked) is owed
    assert touches(asked).num_rows == talked.num_rows + 1
    talked = touches(asked)
    execute(asked, FINANCE, RecordPayment(1, Decimal(400), TODAY, TODAY))
    assert sum(ageing(asked)["amount"].to_pylist()) == sum(owed["amount"].to_pylist()) - 400
    assert touches(asked) is talked
