"""Messages to customers: queued, taken back, tried again, and what became of each. The sending itself is `lib/post.py`.

The live row of `message_event` says what a message is now; its event_id stays, so the earlier states are its retired rows.
A message is claimed before it is sent, as failed with an unknown outcome: what breaks in between can never send it twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Final, Literal, get_args

from lib import terms
from lib.commands import Command, invitations, sight
from lib.domain import letters
from lib.domain.access import Permission
from lib.domain.addresses import is_address
from lib.errors import Conflict, Doubtful, NotFound, Refused
from lib.store.door import Change
from lib.text import LANGUAGES, Language, Text

Kind = Literal["invoice", "statement", "reminder", "thanks"]
KIND: Final = {kind: terms.VALUE["kind"][kind] for kind in get_args(Kind)}
NEEDS: Final[Mapping[str, Permission]] = {
    "invoice": Permission.RECEIVABLE_WRITE,
    "statement": Permission.RECEIVABLE_WRITE,
    "reminder": Permission.COLLECT,
    "thanks": Permission.COLLECT,
    "survey": Permission.SURVEY_WRITE,
}
"""Who may send what. An invitation to a survey is written by `lib/commands/invitations.py` alone."""
UNKNOWN: Final = "unknown"
"""Why a claimed message counts as failed until its outcome is noted."""

_SUBJECT = Text("主题", "Subject")
_BODY = Text("正文", "Text")
_REPAIR = Text("请到客户页“联系人”改正后再发。", "Mend it under Contacts on the customer's page, then send again.")
_NOBODY = Text(
    "客户 {customer} 没有可用的电子邮箱联系人。请先在客户页补一个联系人的邮箱。",
    "Customer {customer} has no contact with an e-mail address. Add one to a contact on the customer's page first.",
)
_NO_CONTACT = Text("这位联系人不属于该客户。请从列表里选。", "That contact is not this customer's. Pick one from the list.")
_DO_NOT = Text(
    "联系人 {contact} 标记为“请勿联系”。请换一位联系人。", "Contact {contact} is marked “do not contact”. Choose another contact."
)
_BAD_ADDRESS = Text("联系人 {contact} 的邮箱缺失或无法使用。{repair}", "The e-mail address of {contact} is missing or not usable. {repair}")
_BAD_TYPED = Text("这个邮箱无法使用：请写一个完整的地址。", "This e-mail address is not usable: write one whole address.")
_NO_INVOICE = Text("找不到这张账单，或它已作废。请从列表里选。", "There is no such invoice, or it was voided. Pick one from the list.")
_NO_MESSAGE = Text("找不到这封邮件，或不在您的范围内。", "There is no such message, or it is outside your scope.")
_NOT_WAITING = Text(
    "这封邮件已不在待发（{state}）。请刷新发件箱。", "This message is no longer waiting ({state}). Look at the outbox again."
)
_NOT_FAILED = Text(
    "只有失败或已取消的邮件能重发（现在：{state}）。", "Only a failed or cancelled message can be sent again (now: {state})."
)
_CHECK_FIRST = Text(
    "上次发送中断，可能已经送达。请先问客户是否收到，确认后再重发。",
    "Sending broke off and it may have arrived. Ask the customer first, then confirm to send it again.",
)
_NOT_CANCELLED = Text("这封邮件不能取消（现在：{state}）。", "This message cannot be cancelled (now: {state}).")
STATE: Final = terms.VALUE["delivery"]


@dataclass(frozen=True)
class QueueMessage(Command):
    """A mail to a customer, put into the outbox. Without a contact: the one for finance, else the primary one.

    Papers are attached when it is sent: the invoice `entry_id`, or the statement as of `today`.
    Refuses: a contact that must not be contacted, has no usable address or is another customer's; an empty text; the same again at once.
    """

    permission: ClassVar[Permission] = Permission.COLLECT
    title: ClassVar[Text] = Text("发邮件给客户", "Write to a customer")
    customer_id: int
    kind: Kind
    today: date
    subject: str = field(metadata={"audit": False})
    body: str = field(metadata={"audit": False})
    contact_id: int | None = None
    recipient: str | None = field(default=None, metadata={"audit": False})
    language: Language | None = None
    entry_id: int | None = None
    level: int | None = None
    currency: str | None = None
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.choice(self.kind, KIND, Text("类型", "Kind"), about="kind")
        sight.choice(self.language, {one: Text(one, one) for one in LANGUAGES}, Text("语言", "Language"), about="language")
        sight.text(self.subject, _SUBJECT, about="subject", required=True)
        sight.text(self.body, _BODY, about="body", required=True)
        if self.recipient is not None and not is_address(self.recipient):
            raise Refused(_BAD_TYPED, about="recipient")

    def apply(self, change: Change) -> int:
        """The new message_id."""
        change.actor.need(NEEDS[self.kind])
        subject = sight.customer(change, self.customer_id)
        _need_invoice(change, self.customer_id, self.entry_id, needed=self.kind == "invoice")
        contact = None if self.recipient else contact_for(change, self.customer_id, self.contact_id, subject.account_no)
        same = {"customer_id": self.customer_id, "kind": self.kind, "on_date": self.today, "entry_id": self.entry_id, "level": self.level}
        sight.refuse_twice(change, "message", {**same, "currency": self.currency}, confirmed=self.confirmed)
        message_id = change.next_id("message", "message_id")
        message = {
            **same,
            "message_id": message_id,
            "contact_id": contact["contact_id"] if contact else None,
            "channel": "email",
            "recipient": contact["email"] if contact else self.recipient,
            "language": self.language or letters.language_of(contact["language"] if contact else None),
            "subject": letters.one_line(self.subject),
            "body": self.body,
            "currency": self.currency,
        }
        change.insert("message", [message])
        _note(change, message, "queued")
        return message_id


@dataclass(frozen=True)
class CancelMessage(Command):
    """A message that will not be sent: one that waits, failed, or whose outcome nobody knows.

    Refuses: one that is sent or already cancelled.
    """

    permission: ClassVar[Permission] = Permission.COLLECT
    title: ClassVar[Text] = Text("取消邮件", "Cancel a message")
    message_id: int

    def apply(self, change: Change) -> int:
        """The message_id."""
        message = _message(change, self.message_id)
        if message["state"] not in {"queued", "failed", "unknown"}:
            raise Conflict(_NOT_CANCELLED, state=STATE[message["state"]])
        _note(change, message, "cancelled")
        return self.message_id


@dataclass(frozen=True)
class RetryMessage(Command):
    """A failed or cancelled message, waiting again; a contact's address is read anew, so mending it is enough.

    Refuses: one that waits or is sent; an address still not usable; without confirmation one whose outcome nobody knows.
    """

    permission: ClassVar[Permission] = Permission.COLLECT
    title: ClassVar[Text] = Text("重发邮件", "Send a message again")
    message_id: int
    confirmed: bool = False

    def apply(self, change: Change) -> int:
        """The message_id."""
        message = _message(change, self.message_id)
        if message["state"] not in {"failed", "cancelled", "unknown"}:
            raise Conflict(_NOT_FAILED, state=STATE[message["state"]])
        if message["state"] == "unknown" and not self.confirmed:
            raise Doubtful(_CHECK_FIRST)
        if message["contact_id"] is not None:
            self._readdress(change, message)
        _note(change, message, "queued")
        return self.message_id

    def _readdress(self, change: Change, message: dict[str, Any]) -> None:
        contact = contact_for(change, message["customer_id"], message["contact_id"], "")
        if contact["email"] == message["recipient"]:
            return
        change.rewrite("message", self.message_id, recipient=contact["email"])


@dataclass(frozen=True)
class ClaimMessage(Command):
    """A waiting message taken up for sending, by one sender alone. Its outcome is unknown until `NoteDelivery` says it.

    Refuses: one that no longer waits.
    """

    permission: ClassVar[Permission] = Permission.COLLECT
    title: ClassVar[Text] = Text("开始发送邮件", "Begin to send a message")
    is_final: ClassVar[bool] = True
    message_id: int

    def apply(self, change: Change) -> dict[str, Any]:
        """The message as it is to be sent; do_not_contact: whether its contact is so marked by now."""
        message = _message(change, self.message_id)
        if message["state"] != "queued":
            raise Conflict(_NOT_WAITING, state=STATE[message["state"]])
        _note(change, message, "failed", why=UNKNOWN)
        return message


@dataclass(frozen=True)
class NoteDelivery(Command):
    """What became of a claimed message: taken by the mail server, or why not, in the server's own words without addresses.

    Refuses: a message that was not claimed.
    """

    permission: ClassVar[Permission] = Permission.COLLECT
    title: ClassVar[Text] = Text("记录发送结果", "Note a delivery")
    is_final: ClassVar[bool] = True
    message_id: int
    is_sent: bool
    why: str | None = None
    said: str | None = None

    def apply(self, change: Change) -> int:
        """The message_id."""
        message = _message(change, self.message_id)
        if message["state"] != "unknown":
            raise Conflict(_NOT_WAITING, state=STATE[message["state"]])
        _note(change, message, "sent" if self.is_sent else "failed", why=self.why, said=self.said)
        if message["invite_id"] is not None:
            invitations.note_delivery(change, message, why=None if self.is_sent else self.why)
        return self.message_id


def contact_for(change: Change, customer_id: int, contact_id: int | None, account_no: str) -> dict[str, Any]:
    """Whom to write to: the contact asked for, else the one for finance, else the primary one, else any with an address.

    Refuses: nobody, another customer's contact, one that must not be contacted or has no usable address.
    """
    found = _rows(
        change,
        """
        select
            contact_id, name, email, language, do_not_contact,
            if(present.secrecy < 2, name, shown(name, present.secrecy, $actor_id)) as shown_name
        from contact
        cross join (select secrecy_now($customer_id) as secrecy) as present
        where customer_id = $customer_id and retired_at = timestamp '9999-12-31'
            and ($contact_id::bigint is null or contact_id = $contact_id::bigint)
        order by role = 'finance' desc nulls last, is_primary desc, contact_id
        """,
        {"customer_id": customer_id, "contact_id": contact_id, "actor_id": change.actor.user_id},
    )
    if contact_id is not None and not found:
        raise NotFound(_NO_CONTACT, about="contact_id")
    usable = [one for one in found if is_address(one["email"]) and not one["do_not_contact"]]
    if usable:
        return usable[0]
    _refuse_contact(found, account_no)
    raise AssertionError


def _refuse_contact(found: list[dict[str, Any]], account_no: str) -> None:
    """Refuses: naming the person to mend; one with any address is nearer to usable than one without."""
    if not found:
        raise Refused(_NOBODY, customer=account_no, about="contact_id")
    near = next((one for one in found if not one["do_not_contact"]), None)
    if near is None:
        raise Refused(_DO_NOT, contact=found[0]["shown_name"], about="contact_id")
    raise Refused(_BAD_ADDRESS, contact=near["shown_name"], repair=_REPAIR, about="contact_id")


def _message(change: Change, message_id: int) -> dict[str, Any]:
    """A message with its state now. Refuses: one unknown or out of sight, and who may not send its kind."""
    found = _rows(
        change,
        """
        select message.*, coalesce(contact.do_not_contact, false) as do_not_contact, contact.name as contact_name
        from message_at(date '9999-12-30', timestamp '9999-12-30') as message
        left join contact on message.contact_id = contact.contact_id and contact.retired_at = timestamp '9999-12-31'
        where message.message_id = $message_id
        """,
        {"message_id": message_id},
    )
    if not found:
        raise NotFound(_NO_MESSAGE)
    sight.customer(change, found[0]["customer_id"], unless=_NO_MESSAGE)
    change.actor.need(NEEDS[found[0]["kind"]])
    return found[0]


def _note(change: Change, message: Mapping[str, Any], state: str, **why: str | None) -> None:
    """Make this what the message is now; what it was stays as a retired row."""
    about = {"message_id": message["message_id"]}
    row = change.cursor.execute(
        "select max(event_id) from message_event where message_id = $message_id and retired_at = timestamp '9999-12-31'", about
    ).fetchone()
    event_id = row[0] if row and row[0] else change.next_id("message_event", "event_id")
    change.retire("message_event", "message_id = $message_id", about)
    told = {name: value for name, value in why.items() if value}
    event = {"event_id": event_id, **about, "customer_id": message["customer_id"], "state": state, "happened_at": change.made_at}
    change.insert("message_event", [{**event, "detail": json.dumps(told, ensure_ascii=False) if told else None}])


def _need_invoice(change: Change, customer_id: int, entry_id: int | None, *, needed: bool) -> None:
    if entry_id is None and not needed:
        return
    row = change.cursor.execute(
        "select 1 from entry where entry_id = $entry_id and customer_id = $customer_id and kind = 'invoice' "
        "and retired_at = timestamp '9999-12-31'",
        {"entry_id": entry_id, "customer_id": customer_id},
    ).fetchone()
    if row is None:
        raise NotFound(_NO_INVOICE, about="entry_id")


def _rows(change: Change, sql: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
    found = change.cursor.execute(sql, dict(parameters))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
