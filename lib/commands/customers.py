"""Customers: registering them, and changing what is known of them from a day on or from the beginning."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.commands.documents import code
from lib.commands.families import refuse_leaving
from lib.domain import payment_terms
from lib.domain.access import Permission, Scope
from lib.domain.dates import EVER
from lib.domain.matching import name_key, pinyin_initials
from lib.errors import Doubtful, Forbidden, Refused
from lib.store.door import Change
from lib.term_values import VALUE
from lib.text import Text

BEGINNING: Final = date(1, 1, 1)
NAME: Final = Text("客户名称", "Customer name")
ACCOUNT_NO: Final = Text("客户账号", "Account no.")
PREFIX: Final = {"formal": "C", "offbook": "X"}
"""First letter of account numbers the house gives out itself; six digits follow."""
KIND: Final = {kind: VALUE["kind"][kind] for kind in ("company", "person", "institution")}
CHANGEABLE: Final = (
    "account_no", "name", "name_en", "kind", "book", "origin", "status", "owner_id", "region", "industry", "size", "segment",
    "currency", "terms_days", "terms_basis", "tax_no", "bank_account", "secrecy", "parent_id", "note",
)  # fmt: skip
"""Attributes a person may set; name_key and initials follow from the name."""
COLUMNS: Final = ("customer_id", "from_on", "until_on", "name_key", "initials", *CHANGEABLE)
"""What a customer's record says."""
PERSONAL: Final = frozenset({"tax_no", "bank_account", "note"})
"""Values that stay out of the audit: it can never be erased."""

_KEPT: Final = "***"
_TAKEN = Text("账号 {account_no} 已有客户在用。请换一个账号。", "Account number {account_no} is in use. Choose another.")
_UNSEEN = Text(
    "账号里有看不见的字符，会和另一个账号看起来一样。请重新输入。",
    "The account number holds a character nobody sees and would look like another one. Type it again.",
)
_ALIKE = Text("已有与“{name}”同名的客户。仍要新建吗？", "There is already a customer named like “{name}”. Register another one?")
_UNKNOWN_FIELD = Text("客户没有“{field}”这一项。", "A customer has no field “{field}”.")
_NOTHING = Text("没有改动。", "Nothing is different.")
TOO_SECRET: Final = Text(
    "保密级别 {secrecy} 高于您的保密权限，不能由您降低。请合规人员或管理员处理。",
    "Secrecy {secrecy} is above your clearance, so you cannot lower it. Ask someone who is cleared for it.",
)
_CIRCLE = Text(
    "上级不能是客户自己或它的下级。请另选一个。", "A customer cannot stand below itself or below one of its own. Choose another."
)
_TERMS = Text("账期 {terms_days} 不在 0–{most} 之间。", "Payment terms of {terms_days} are not between 0 and {most}.")


@dataclass(frozen=True)
class RegisterCustomer(Command):
    """A new customer. Without an account number the house gives the next one.

    Refuses: an empty name, an account number in use; without confirmation a name that is already there.
    """

    permission: ClassVar[Permission] = Permission.CUSTOMER_WRITE
    title: ClassVar[Text] = Text("新建客户", "Register a customer")
    name: str
    account_no: str | None = None
    name_en: str | None = None
    kind: str = "company"
    book: str = "formal"
    origin: str = "corporate"
    owner_id: int | None = None
    region: str | None = None
    industry: str | None = None
    size: str | None = None
    segment: str | None = None
    currency: str = "CNY"
    terms_days: int | None = None
    terms_basis: payment_terms.Basis | None = None
    tax_no: str | None = field(default=None, metadata={"audit": False})
    bank_account: str | None = field(default=None, metadata={"audit": False})
    secrecy: int = 0
    note: str | None = field(default=None, metadata={"audit": False})
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        _sound({name: getattr(self, name) for name in CHANGEABLE if hasattr(self, name)})
        sight.text(self.name, NAME, required=True)

    def apply(self, change: Change) -> int:
        """The new customer_id."""
        if not self.confirmed:
            _refuse_alike(change, self.name)
        account_no = (self.account_no or "").strip() or next_account_nos(change, self.book, 1)[0]
        _refuse_taken(change, account_no, customer_id=0)
        customer_id = change.next_id("customer_record", "customer_id")
        given = {name: getattr(self, name) for name in CHANGEABLE if hasattr(self, name)}
        row = {"customer_id": customer_id, **given, "account_no": account_no, "status": "active", "owner_id": self._owner(change)}
        change.insert("customer_record", [record(row)])
        change.subject, change.customer_id = f"customer {account_no}", customer_id
        return customer_id

    def _owner(self, change: Change) -> int | None:
        """People who see only part of the customers keep sight of those they register."""
        return change.actor.user_id if self.owner_id is None and change.actor.scope is not Scope.ALL else self.owner_id


@dataclass(frozen=True)
class ChangeCustomer(Command):
    """New values for some attributes, from a day on; without a day they were always so.

    Refuses: unknown attributes, values out of range, an account number in use, nothing different, leaving a group that was billed.
    """

    permission: ClassVar[Permission] = Permission.CUSTOMER_WRITE
    title: ClassVar[Text] = Text("修改客户", "Change a customer")
    customer_id: int
    values: tuple[tuple[str, Any], ...] = field(metadata={"audit": False})
    from_on: date | None = None
    today: date | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        for name, _ in self.values:
            if name not in CHANGEABLE:
                raise Refused(_UNKNOWN_FIELD, field=name)
        given = dict(self.values)
        _sound(given)
        for name, label in (("name", NAME), ("account_no", ACCOUNT_NO)):
            if name in given:
                sight.text(given[name], label, about=name, required=True)

    def apply(self, change: Change) -> int:
        """The customer_id."""
        given = dict(self.values)
        if "account_no" in given:
            given["account_no"] = given["account_no"].strip()
        if given.get("parent_id"):
            _refuse_circle(change, self.customer_id, given["parent_id"])
        subject = sight.customer(change, self.customer_id)
        change.detail["values"] = {name: _KEPT if name in PERSONAL and value else value for name, value in given.items()}
        if given.get("secrecy", subject.secrecy) < subject.secrecy and not change.actor.may_lower(subject.secrecy):
            raise Forbidden(TOO_SECRET, secrecy=subject.secrecy)
        if "account_no" in given:
            _refuse_taken(change, given["account_no"], customer_id=self.customer_id)
        from_on = self.from_on or BEGINNING
        about = {"customer_id": self.customer_id, "from_on": from_on}
        rows = _records(change, about)
        if "parent_id" in given and any(row["parent_id"] not in {None, given["parent_id"]} for row in rows):
            refuse_leaving(change, self.customer_id, self.today or change.made_at.date())
        _rewrite(change, about, rows, given)
        return self.customer_id


def leave_group(change: Change, customer_id: int, from_on: date) -> None:
    """Nobody stands above the customer from a day on. Refuses: it has left already."""
    about = {"customer_id": customer_id, "from_on": from_on}
    _rewrite(change, about, _records(change, about), {"parent_id": None})


def _rewrite(change: Change, about: dict[str, Any], rows: list[dict[str, Any]], given: dict[str, Any]) -> None:
    if [{**row, **given} for row in rows] == rows:
        raise Refused(_NOTHING)
    change.retire("customer_record", _TOUCHED, about)
    change.insert("customer_record", [part for row in rows for part in split(row, given, about["from_on"])])


def record(row: dict[str, Any]) -> dict[str, Any]:
    """A customer's row with what follows from its name, valid always unless it says otherwise."""
    name = row["name"].strip()
    own = {"name": name, "name_key": name_key(name), "initials": pinyin_initials(name)}
    return {"from_on": BEGINNING, "until_on": EVER, **row, **own}


def next_account_nos(change: Change, book: str, count: int) -> list[str]:
    """The next account numbers of the house, in order; numbers once given are never given again."""
    prefix = PREFIX[book]
    row = change.cursor.execute(
        "select coalesce(max(substr(account_no, 2)::bigint), 0) from customer_record where regexp_full_match(account_no, $pattern)",
        {"pattern": prefix + "[0-9]{6,9}"},
    ).fetchone()
    last = int(row[0]) if row else 0
    return [f"{prefix}{number:06d}" for number in range(last + 1, last + 1 + count)]


_TOUCHED: Final = "customer_id = $customer_id and until_on > $from_on"


def _records(change: Change, about: dict[str, Any]) -> list[dict[str, Any]]:
    cursor = change.cursor.execute(
        f"select {', '.join(COLUMNS)} from customer_record "  # noqa: S608 (names from our own code)
        f"where {_TOUCHED} and retired_at = timestamp '9999-12-31' order by from_on",
        about,
    )
    return [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]


def split(row: dict[str, Any], given: dict[str, Any], from_on: date) -> list[dict[str, Any]]:
    """The record up to the day as it was, and from the day on with the new values."""
    before = [{**row, "until_on": from_on}] if row["from_on"] < from_on else []
    return [*before, record({**row, **given, "from_on": max(row["from_on"], from_on)})]


def _sound(given: dict[str, Any]) -> None:
    for name in ("name", "account_no", "name_en", "region", "industry", "size", "segment", "note", "tax_no", "bank_account"):
        sight.text(given.get(name), NAME if name == "name" else Text(name, name))
    if any(unicodedata.category(sign) in {"Cc", "Cf"} for sign in (given.get("account_no") or "").strip()):
        raise Refused(_UNSEEN, about="account_no")
    if given.get("currency") is not None:
        code(given["currency"])
    for name, choices in (("kind", KIND), ("book", VALUE["book"]), ("status", VALUE["status"]), ("terms_basis", payment_terms.BASIS)):
        sight.choice(given.get(name), choices, Text(name, name))
    most = payment_terms.LONGEST[given.get("terms_basis") or "net"]
    if (terms_days := given.get("terms_days")) is not None and not 0 <= terms_days <= most:
        raise Refused(_TERMS, terms_days=terms_days, most=most, about="terms_days")


def _refuse_taken(change: Change, account_no: str, *, customer_id: int) -> None:
    row = change.cursor.execute(
        "select customer_id from customer_record where account_no = $account_no and customer_id <> $customer_id "
        "and until_on = date '9999-12-31' and retired_at = timestamp '9999-12-31'",
        {"account_no": account_no, "customer_id": customer_id},
    ).fetchone()
    if row:
        raise Refused(_TAKEN, account_no=account_no)


def _refuse_circle(change: Change, customer_id: int, parent_id: int) -> None:
    """Refuses: a customer above that is out of sight, or that stands below this one itself."""
    sight.customer(change, parent_id)
    sql = """
        with recursive above as (
            select $parent_id::integer as customer_id
            union
            select record.parent_id as customer_id
            from above
            inner join customer_record as record on above.customer_id = record.customer_id
            where record.parent_id is not null and record.retired_at = timestamp '9999-12-31'
        )

        select above.customer_id from above where above.customer_id = $customer_id
    """
    if change.cursor.execute(sql, {"parent_id": parent_id, "customer_id": customer_id}).fetchone():
        raise Refused(_CIRCLE, about="parent_id")


def _refuse_alike(change: Change, name: str) -> None:
    row = change.cursor.execute(
        "select customer_id from customer_record where name_key = $key "
        "and until_on = date '9999-12-31' and retired_at = timestamp '9999-12-31'",
        {"key": name_key(name)},
    ).fetchone()
    if row:
        raise Doubtful(_ALIKE, name=name)
