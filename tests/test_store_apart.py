"""What is written beside the facts leaves answers about the facts cached; answers that read it are asked anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import facts
import pytest

from lib.commands.actions import RaiseAction
from lib.commands.explaining import ExplainSignal
from lib.commands.undo import Undo
from lib.domain.access import Actor, Permission, Role, Scope
from lib.metrics import Cut
from lib.metrics.variation import View
from lib.review.pack import build, last_week
from lib.store.door import Change, execute
from lib.store.ledger import Ledger
from lib.store.query import read

TODAY = date(2026, 6, 30)
CHIEF = Actor(1, "chief", Role.MANAGER, Scope.ALL, (), 1)


@pytest.fixture
def asked(ledger: Ledger) -> Ledger:
    ledger.jot("insert into app_user values (1, 'chief', 'chief', 'manager', 'all', null, 'zh', null, null, true, 1)", {})
    facts.customer(ledger, 1)
    facts.invoice(ledger, 10, date(2026, 5, 1), date(2026, 6, 1), 1000, customer_id=1)
    return ledger


def overdue(ledger: Ledger) -> object:
    return read(ledger, CHIEF, "overdue_customers", as_of=TODAY)


def promised(ledger: Ledger) -> int:
    return read(ledger, CHIEF, "my_actions", as_of=TODAY, user_id=1).num_rows


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


def test_what_writes_elsewhere_too_is_past_for_all(asked: Ledger) -> None:
    @dataclass(frozen=True)
    class Both:
        permission: ClassVar[Permission] = Permission.METRIC_READ
        apart: ClassVar[frozenset[str]] = frozenset({"topic"})

        def validate(self) -> None:
            """Nothing is wrong in itself."""

        def apply(self, change: Change) -> None:
            change.retire("entry", "entry_id = 10", {})

    before = overdue(asked)
    execute(asked, CHIEF, Both())
    assert overdue(asked) is not before
