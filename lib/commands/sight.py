"""Checks every command about a customer shares: in sight, not just recorded, not in the future, texts and choices as they must be.

A refusal names the field it is about (`about`), so that a form can show it there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from lib.domain.values import BAD_CHARACTERS, TOO_LONG, parse_text
from lib.errors import Doubtful, Forbidden, NotFound, Refused
from lib.store.door import Change
from lib.text import Text, listed

TWICE_WITHIN: Final = timedelta(minutes=10)
LONGEST_TEXT: Final = 5000
LONG_AGO: Final = timedelta(days=2 * 365)
"""Entered by hand, a day before that is more often a wrong year than an old event."""

_NO_CUSTOMER = Text(
    "找不到这个客户，或不在您的范围内。请从列表里选。", "There is no such customer, or it is outside your scope. Pick one from the list."
)
_WHOLE_COMPANY = Text(
    "这对全公司有效；只有能看到全部客户的人可以做。", "This holds for the whole company; only who sees all customers can do it."
)
_MISSING = Text("“{field}”不能为空。", "“{field}” must not be empty.")
_TOO_LONG = Text("“{field}”：{why}", "“{field}”: {why}")
_FUTURE = Text(
    "{day} 还没到：这是计划吗？计划请填在“下次跟进”里。",
    "{day} has not come yet. If it is a plan, put it under “next follow-up”.",
)
_LONG_AGO = Text(
    "{day} 是 {years} 年前。年份没写错吗？没错就确认保存。", "{day} is {years} years ago. Is the year right? If so, confirm to save."
)
_TWICE = Text(
    "刚刚录过同样一条（更改 {change_id}）。仍要再录一条吗？",
    "The same was recorded a moment ago (change {change_id}). Record it once more?",
)


@dataclass(frozen=True, slots=True)
class Subject:
    """The customer a change is about."""

    customer_id: int
    account_no: str
    owner_id: int | None
    secrecy: int


def customer(change: Change, customer_id: int, unless: Text = _NO_CUSTOMER) -> Subject:
    """The customer as known now. Refuses (`NotFound`): one that does not exist or that the person may not see.

    `unless`: what is said of a document of the customer's that does not exist, so that a refusal tells nobody that it does.
    """
    row = change.cursor.execute(
        """
        select customer_id, account_no, owner_id, secrecy from customer_record
        where customer_id = $customer_id and until_on = date '9999-12-31' and retired_at = timestamp '9999-12-31'
            and customer_id in (select customer_id from visible_customer($actor_id))
        """,
        {"customer_id": customer_id, "actor_id": change.actor.user_id},
    ).fetchone()
    if row is None:
        raise NotFound(unless)
    subject = Subject(*row)
    change.subject, change.customer_id = f"customer {subject.account_no}", subject.customer_id
    return subject


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody a thing can be given to; `sees`: whether the customer it is about is in their sight."""

    name: str
    role: str
    sees: bool


def colleague(change: Change, user_id: int, customer_id: int | None) -> Colleague | None:
    """A person with an open account, as seen from one customer or none; None when there is no such person."""
    row = change.cursor.execute(
        """
        select person.name, person.role, $customer_id::integer is null or is_visible($customer_id::integer, person.user_id) as sees
        from app_user as person
        where person.user_id = $user_id and person.user_id > 0 and person.is_active
        """,
        {"user_id": user_id, "customer_id": customer_id},
    ).fetchone()
    return Colleague(*row) if row else None


def whole_company(change: Change) -> None:
    """Refuses: who does not see all customers, for what holds for all of them."""
    if not change.actor.sees_all:
        raise Forbidden(_WHOLE_COMPANY)


def refuse_twice(change: Change, table: str, same: Mapping[str, object], *, confirmed: bool) -> None:
    """Refuses (`Doubtful`): a live row with the same content recorded in the last ten minutes, unless confirmed."""
    if confirmed:
        return
    where = " and ".join(f"{name} is not distinct from ${name}" for name in same)
    row = change.cursor.execute(
        f"select max(origin_change) from {table} "  # noqa: S608 (names from our own code)
        f"where {where} and retired_at = timestamp '9999-12-31' and recorded_at > $since",
        {**same, "since": change.made_at - TWICE_WITHIN},
    ).fetchone()
    if row and row[0]:
        raise Doubtful(_TWICE, change_id=row[0])


def not_in_future(day: date, today: date, *, about: str = "on_date") -> None:
    """Refuses: a day that has not come yet."""
    if day > today:
        raise Refused(_FUTURE, day=day.isoformat(), about=about, plan_on=day)


def a_past_day(day: date, today: date, *, confirmed: bool) -> None:
    """Refuses: a day to come; one so long ago that the year may be a slip (`Doubtful`), unless confirmed."""
    not_in_future(day, today)
    if today - day > LONG_AGO and not confirmed:
        raise Doubtful(_LONG_AGO, day=day.isoformat(), years=(today - day).days // 365)


def text(value: str | None, field: Text, *, about: str | None = None, required: bool = False, limit: int = LONGEST_TEXT) -> None:
    """Refuses: an empty required text, one over the limit or with control characters. What passes is stored as typed."""
    read = parse_text(value or "", limit=limit)
    if read.reason in (TOO_LONG, BAD_CHARACTERS):
        assert read.reason is not None
        raise Refused(_TOO_LONG, field=field, why=Text(read.why("zh"), read.why("en")), about=about)
    if required and not (value or "").strip():
        raise Refused(_MISSING, field=field, about=about)


def choice(value: object, choices: Mapping[Any, Text], field: Text, *, about: str | None = None) -> None:
    """Refuses: a value that is not in the closed list. None passes."""
    if value is not None and value not in choices:
        raise Refused(_NOT_A_CHOICE, field=field, about=about, choices=listed(choices.values()))


_NOT_A_CHOICE = Text("“{field}”请从这些里选：{choices}。", "“{field}” must be one of: {choices}.")
