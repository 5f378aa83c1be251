"""The house's settings in force: its base currency, its time zone, who we are; and what day it is there."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from lib.domain.access import SYSTEM
from lib.store.ledger import Ledger
from lib.store.query import rows

_TO_BEGIN_WITH: Final = {"base_currency": "CNY", "time_zone": "Asia/Shanghai"}


def settings(ledger: Ledger) -> dict[str, Any]:
    """The settings in force: base_currency, time_zone, company and, in the demo company, demo_date."""
    found = rows(ledger, SYSTEM, "settings")
    return {**_TO_BEGIN_WITH, **(json.loads(found[0]["body"]) if found else {})}


def zone(ledger: Ledger) -> ZoneInfo:
    """The business time zone."""
    return ZoneInfo(settings(ledger)["time_zone"])


def today(ledger: Ledger) -> date:
    """Today in the business time zone; in the demo company its fixed date."""
    if fixed := settings(ledger).get("demo_date"):
        return date.fromisoformat(fixed)
    return ledger.clock().replace(tzinfo=UTC).astimezone(zone(ledger)).date()


def moment(ledger: Ledger, given: str) -> datetime:
    """A moment as people write it, in UTC; a bare date is the end of that business day. Raises ValueError: what is none."""
    read = datetime.fromisoformat(given)
    if len(given) <= len("2025-11-15"):
        read = datetime.combine(read, time.max, zone(ledger))
    return read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo else read
