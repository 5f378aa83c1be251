"""The five things a review meeting would find here. `data/demo/README.md` tells them; `tests/test_demo.py` finds them."""

from __future__ import annotations

from datetime import date
from typing import Final

SLIPPING: Final = "slipping"
TWIN: Final = "twin"
TWIN_TAX_NO: Final = "91DEMO000000008888"
"""Two names, one tax number."""
REGULAR_PAYER: Final = "regular_payer"

SLIPPING_FROM: Final = date(2025, 7, 1)
"""From this month on Hengyuan pays some days later every month."""
SLIPPING_DAYS_A_MONTH: Final = 7
SLIPPING_NPS: Final = (9, 9, 10, 9, 9, 9, 8, 9, 8, 7, 5, 4)
"""One answer a quarter."""

FALLING_TEAM: Final = "华南"
WAREHOUSE_MOVED_ON: Final = date(2026, 1, 5)
"""When the southern team's goods began to leave from the new Foshan warehouse."""

MENDING_REGION: Final = "天津"
MENDING_FROM: Final = date(2025, 4, 1)
"""When the region began to agree statements with each customer on the 20th of every month."""
MENDED_BY: Final = date(2026, 1, 1)

HANDOVERS: Final = (
    (date(2024, 9, 2), "gu.xiaofan", "lu.wentao", 0.30),
    (date(2025, 3, 3), "meng.xiangyun", "gao.yi", 0.25),
    (date(2025, 11, 3), "huang.qiuyue", "he.junyi", 0.30),
)
"""Portfolios that changed hands: day, from whom, to whom, and which share of it."""


def mended(day: date) -> float:
    """How far the mending region has come on a day: 0 before it began, 1 when done."""
    if day < MENDING_FROM:
        return 0.0
    return min(1.0, (day - MENDING_FROM).days / (MENDED_BY - MENDING_FROM).days)


def slipped_days(due_on: date) -> int:
    """How late Hengyuan pays what is due on a day."""
    months = (due_on.year - SLIPPING_FROM.year) * 12 + due_on.month - SLIPPING_FROM.month + 1
    return max(0, months) * SLIPPING_DAYS_A_MONTH
