"""The rows the demo company consists of, one type per table, and their way into Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final, get_args, get_type_hints

import pyarrow as pa

from lib.store.ledger import FOREVER

BEGINNING: Final = date(1, 1, 1)

_ARROW: Final[dict[type, pa.DataType]] = {
    int: pa.int64(),
    str: pa.string(),
    bool: pa.bool_(),
    date: pa.date32(),
    datetime: pa.timestamp("us"),
    Decimal: pa.decimal128(18, 2),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What every fact carries. History moved in names no change that retired it, so undoing the build reinstates nothing."""

    recorded_at: datetime
    recorded_by: int
    retired_at: datetime = FOREVER


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow(Recorded):
    """customer_record."""

    customer_id: int
    from_on: date
    until_on: date
    account_no: str
    name: str
    name_en: str
    name_key: str
    initials: str
    kind: str
    book: str
    origin: str
    status: str
    owner_id: int | None
    region: str
    industry: str
    size: str | None
    segment: str
    currency: str
    terms_days: int | None
    tax_no: str | None
    bank_account: str | None
    secrecy: int
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow(Recorded):
    """contact."""

    contact_id: int
    customer_id: int
    name: str
    title: str
    role: str
    phone: str
    email: str
    wechat: str | None
    address: str | None
    is_primary: bool
    language: str
    do_not_contact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow(Recorded):
    """entry."""

    entry_id: int
    customer_id: int
    kind: str
    doc_no: str
    on_date: date
    due_on: date | None
    amount: Decimal
    currency: str
    tax_amount: Decimal | None
    method: str | None
    payer: str | None
    memo: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingRow:
    """posting."""

    entry_id: int
    customer_id: int
    invoice_id: int | None
    kind: str
    on_date: date
    due_on: date | None
    amount: Decimal
    items: int
    currency: str
    rule: str
    recorded_at: datetime
    recorded_by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRow(Recorded):
    """promise."""

    promise_id: int
    customer_id: int
    invoice_id: int
    made_on: date
    due_on: date
    amount: Decimal
    currency: str
    promised_by: str
    note: str | None
    cancelled_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRow(Recorded):
    """activity."""

    activity_id: int
    customer_id: int
    kind: str
    channel: str | None
    direction: str | None
    on_date: date
    due_on: date | None
    done_on: date | None
    owner_id: int | None
    subject: str
    body: str | None
    outcome: str | None
    source_kind: str | None
    source_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackRow(Recorded):
    """feedback."""

    feedback_id: int
    customer_id: int
    metric: str
    on_date: date
    score: Decimal
    top_score: int
    comment: str | None
    channel: str
    respondent: str
    region: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow(Recorded):
    """case_file."""

    case_id: int
    customer_id: int
    kind: str
    on_date: date
    subject: str
    body: str
    severity: int | None
    cause: str | None
    channel: str
    region: str
    invoice_id: int | None
    amount: Decimal | None
    currency: str | None
    owner_id: int | None
    due_on: date | None
    stage: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow(Recorded):
    """case_event."""

    event_id: int
    case_id: int
    customer_id: int
    state: str
    happened_at: datetime
    note: str | None
    action: str | None = None
    level: int | None = None
    cost: Decimal | None = None
    currency: str | None = None
    into_case_id: int | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """app_user."""

    user_id: int
    username: str
    name: str
    role: str
    scope: str
    team: str | None
    language: str
    password_hash: str | None
    password_changed_at: datetime | None
    is_active: bool
    clearance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRow:
    """user_team."""

    user_id: int
    team: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow(Recorded):
    """policy."""

    policy_id: int
    kind: str
    effective_on: date
    body: str
    reason: str


def money(cents: int) -> Decimal:
    """An exact amount."""
    return Decimal(cents).scaleb(-2)


def arrow(rows: Sequence[Any], number: str | None = None) -> pa.Table:
    """Rows of one type as a table, numbered from 1 in their order when a number column is named."""
    types = _types(type(rows[0]))
    columns = {name: pa.array(map(attrgetter(name), rows), kind, size=len(rows)) for name, kind in types.items()}
    numbered = {number: pa.array(range(1, len(rows) + 1), pa.int64())} if number else {}
    return pa.table({**numbered, **columns})


def _types(row: type[Any]) -> dict[str, pa.DataType]:
    hints = get_type_hints(row)
    return {field.name: _ARROW[_plain(hints[field.name])] for field in fields(row)}


def _plain(hint: Any) -> type:  # noqa: ANN401 (a type or a union with None)
    kinds = [kind for kind in get_args(hint) if kind is not type(None)]
    found: type = kinds[0] if kinds else hint
    return found
