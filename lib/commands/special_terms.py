"""Terms of a customer's own: what can be agreed, and what an approval writes. They hold from a day to a day and then end by themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from lib.commands import sight
from lib.domain import payment_terms
from lib.errors import Refused
from lib.store.door import Change
from lib.terms import VALUE
from lib.text import Text

WHAT: Final = Text("约定内容", "What is agreed")
_KIND = Text("特殊条件", "Special terms")
_DAYS = Text("账期 {days} 天不在 0–{most} 之间。", "Payment terms of {days} days are not between 0 and {most}.")
_RATE = Text("折扣要在 0 和 100% 之间，最多两位小数。", "The discount must be between 0 and 100 %, with two decimals at most.")
_STEP: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Term:
    """What is agreed. kind: payment_terms (days), discount (rate from 0 to 1) or service (in words)."""

    kind: str
    days: int | None = None
    rate: Decimal | None = None
    what: str | None = None


def sound(term: Term) -> None:
    """Refuses: a kind there is not, or one without what it needs."""
    sight.choice(term.kind, VALUE["term_kind"], _KIND, about="kind")
    most = payment_terms.LONGEST["net"]
    if term.kind == "payment_terms" and (term.days is None or not 0 <= term.days <= most):
        raise Refused(_DAYS, days="—" if term.days is None else term.days, most=most, about="days")
    if term.kind == "discount" and (term.rate is None or not 0 < term.rate < 1 or term.rate != term.rate.quantize(_STEP)):
        raise Refused(_RATE, about="rate")
    sight.text(term.what, WHAT, about="what", required=term.kind == "service")


def kept(term: Term) -> dict[str, Any]:
    """The term as a proposal keeps it; only what its kind needs."""
    needed: dict[str, dict[str, Any]] = {"payment_terms": {"days": term.days}, "discount": {"rate": str(term.rate)}, "service": {}}
    return {"kind": term.kind, **needed[term.kind], "what": (term.what or "").strip() or None}


def grant(change: Change, proposal: Mapping[str, Any], days: tuple[date, date]) -> int:
    """Write what was approved, from one day up to and including another; the term_id."""
    body = json.loads(proposal["body"])
    term_id = change.next_id("special_term", "term_id")
    own = {name: proposal[name] for name in ("proposal_id", "customer_id", "reason")}
    rate = Decimal(body["rate"]) if body.get("rate") else None
    agreed = {"kind": body["kind"], "days": body.get("days"), "rate": rate, "what": body.get("what")}
    change.insert("special_term", [{"term_id": term_id, **own, **agreed, "from_on": days[0], "until_on": days[1]}])
    return term_id
