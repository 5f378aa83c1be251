"""A wave being sent, with invitations put straight into a ledger, for tests of links and answers."""

from __future__ import annotations

from datetime import date
from typing import Any

import facts

from lib.commands.company import DescribeCompany
from lib.domain.access import SYSTEM
from lib.domain.sender import Sender
from lib.domain.surveys import TEMPLATE
from lib.store.door import execute
from lib.store.ledger import Ledger

WEB = "https://survey.example.com"
WAVE = 3
STARTED = facts.KNOWN


def wave(ledger: Ledger, *, closes_on: date, wave_id: int = WAVE, metric: str = "nps", state: str = "sending", **more: Any) -> None:
    """A wave in a state."""
    kept = {"metric": metric, "audience": "relationship", "sampling": "census", "seed": 1, "filter": "{}", "channel": "email"}
    days = {"opens_on": date(2026, 1, 1), "closes_on": closes_on}
    facts.insert(ledger, "survey_wave", {"wave_id": wave_id, "title": "调查", "questions": TEMPLATE[metric].kept(), **kept, **days, **more})
    facts.insert(ledger, "wave_event", {"event_id": wave_id * 10, "wave_id": wave_id, "state": state, "happened_at": STARTED})


def invite(ledger: Ledger, invite_id: int, customer_id: int, *, wave_id: int = WAVE, **more: Any) -> None:
    """One of those asked, by mail in Chinese unless said otherwise."""
    asked = {"invite_id": invite_id, "wave_id": wave_id, "customer_id": customer_id, "channel": "email", "language": "zh", "weight": 1.0}
    facts.insert(ledger, "survey_invite", {**asked, **more})


def contact(ledger: Ledger, contact_id: int, customer_id: int, **more: Any) -> None:
    """Somebody to write to."""
    person = {
        "contact_id": contact_id,
        "customer_id": customer_id,
        "name": f"联系人{contact_id}",
        "is_primary": True,
        "do_not_contact": False,
    }
    facts.insert(ledger, "contact", {**person, "email": f"c{contact_id}@example.com", **more})


def be_found(ledger: Ledger, today: date, web: str | None = WEB) -> None:
    """Who we are, with an address customers can open."""
    execute(ledger, SYSTEM, DescribeCompany(Sender(name="明桥工业", name_en="Mingqiao", phone="400 000", web=web), today))
