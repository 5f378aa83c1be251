"""Asking customers by a link: letters into the outbox, reminders, a link to hand on, and the answer that comes through one.

What became of asking is a row of `invite_event`; what a letter says stands in the outbox without its link (`lib/domain/links.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.commands.answers import Answer, Kept, check, keep_answer
from lib.commands.cases import moment
from lib.commands.documents import records
from lib.domain import kinds, letters, links, survey_letters
from lib.domain.access import HOUSE, Permission
from lib.domain.addresses import is_address
from lib.domain.sender import Sender, sender
from lib.domain.survey_letters import Asked
from lib.errors import Conflict, Forbidden, NotFound, Refused
from lib.store.door import Change
from lib.store.house_secret import house_secret
from lib.store.ledger import Ledger
from lib.store.query import catalog
from lib.store.settings import settings
from lib.text import LANGUAGES, Text

SECRET: Final = "survey"  # noqa: S105 (the name of one)
HANDED: Final = {channel: kinds.CHANNEL[channel] for channel in ("wechat", "sms", "visit")}
"""Ways a person hands on a link; mail goes through the outbox."""
NO_WEB: Final = Text(
    "还没有填公网网址，客户打不开问卷链接。请经理或管理员到“开票 › 发件箱”的“公司抬头与收款账户”里填写。",
    "The public address is missing, so customers could not open a survey's link. A manager or administrator enters it under "
    "Billing › Outbox, “Company name and bank details”.",
)
_NO_WAVE = Text("找不到这次调查，或不在您的范围内。", "There is no such survey, or it is outside your scope.")
_NOT_SENDING = Text("这次调查现在不在发放中。请先“开始发放”。", "This survey is not being sent now. Start it first.")
_NO_INVITE = Text(
    "找不到这份邀请，或不在您的范围内。请从名单里选。", "There is no such invitation, or it is outside your scope. Pick one from the list."
)
_OVER = Text(
    "这份邀请已不能回答：调查已截止，或邀请已撤回。", "This invitation can no longer be answered: the survey is closed or it was withdrawn."
)
_ANSWERED = Text("这份邀请已经答过了。", "This invitation is answered already.")
_THEIRS = Text(
    "链接只能由客户自己回答。替客户记录请用“回访评分”。",
    "Only the customer answers by the link. To enter what you were told, record a score.",
)
_NOBODY_NEW = Text(
    "没有可补发的人：请先改好联系人的邮箱；信已在发件箱的，从发件箱重发。",
    "Nobody new can be written to: mend the contact's address first; a letter in the outbox is sent again from there.",
)
_NOBODY_DUE = Text("现在没有要提醒的人。", "Nobody is to be reminded now.")


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of asking many: letters in the outbox, and invitations without one, each with why (`terms.VALUE['why']`)."""

    message_ids: tuple[int, ...]
    left_out: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class QueueInvitations(Command):
    """Letters for those on a wave's list who could not be written to before, now that their contact is mended.

    Refuses: a wave out of sight or not being sent, nobody who can be written to by now, no public address.
    """

    permission: ClassVar[Permission] = Permission.SURVEY_WRITE
    title: ClassVar[Text] = Text("补发调查邀请", "Send invitations left out before")
    wave_id: int
    today: date

    def apply(self, change: Change) -> Sent:
        """The letters."""
        _sending(change, self.wave_id, self.today)
        sent = queue_invitations(change, self.wave_id, self.today)
        if not sent.message_ids:
            raise Refused(_NOBODY_NEW)
        return sent


@dataclass(frozen=True)
class QueueReminders(Command):
    """A reminder into the outbox for everyone asked by mail who has not answered, when the survey rules say it is time; two at most.

    Refuses: a wave out of sight or not being sent, nobody to remind, no public address.
    """

    permission: ClassVar[Permission] = Permission.SURVEY_WRITE
    title: ClassVar[Text] = Text("提醒未回答的客户", "Remind who has not answered")
    wave_id: int
    today: date

    def apply(self, change: Change) -> Sent:
        """The letters."""
        wave = _sending(change, self.wave_id, self.today)
        due = records(change, _DUE, {**_scope(change, self.wave_id), "today": self.today})
        if not due:
            raise Refused(_NOBODY_DUE)
        return _queue(change, wave, due, self.today)


@dataclass(frozen=True)
class HandOverLink(Command):
    """One invitation's link, taken by a person to hand it on by WeChat or SMS. The answer will bear that person's name too.

    What was seen cannot be unseen: no undo.
    Refuses: an invitation out of sight, answered or over, no public address.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("取问卷链接", "Take a survey link")
    is_final: ClassVar[bool] = True
    invite_id: int
    channel: str
    today: date

    def validate(self) -> None:
        """Refuses: a way that is none."""
        sight.choice(self.channel, HANDED, Text("渠道", "Channel"), about="channel")

    def apply(self, change: Change) -> int:
        """The wave_id, which `link` takes."""
        invite = invitation(change, self.invite_id, self.today)
        if invite is None:
            raise NotFound(_NO_INVITE)
        sight.customer(change, invite["customer_id"], unless=_NO_INVITE)
        company(change)
        _refuse_over(invite)
        note(change, [invite], "delivered", note=self.channel, handed_by=change.actor.user_id)
        return int(invite["wave_id"])


@dataclass(frozen=True)
class AnswerInvitation(Command):
    """What a customer answered on the page behind a link, once. The house itself writes it down; a low score makes a call-back task.

    Refuses: anyone but the house, an invitation that is answered, withdrawn or whose wave is over, a score or text that cannot be.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("客户回答问卷", "A customer answers a survey")
    wave_id: int
    invite_id: int
    score: int
    today: date
    comment: str | None = field(default=None, metadata={"audit": False})
    aspects: Mapping[str, int] = field(default_factory=dict)
    language: str = "zh"

    def validate(self) -> None:
        """Refuses: a language that is none; the rest needs the wave."""
        sight.choice(self.language, {one: Text(one, one) for one in LANGUAGES}, Text("语言", "Language"), about="language")

    def apply(self, change: Change) -> Kept:
        """What came of it."""
        invite = invitation(change, self.invite_id, self.today, self.wave_id)
        if invite is None:
            raise NotFound(_NO_INVITE)
        if change.actor.user_id != HOUSE:
            sight.customer(change, invite["customer_id"], unless=_NO_INVITE)
            raise Forbidden(_THEIRS)
        _refuse_over(invite)
        answer = Answer(
            customer_id=invite["customer_id"],
            metric=invite["metric"],
            score=self.score,
            on_date=self.today,
            today=self.today,
            comment=self.comment,
            channel=invite["channel"],
            source="link",
            entered_by=invite["handed_by"],
            contact_id=invite["contact_id"],
            wave_id=self.wave_id,
            invite_id=self.invite_id,
            language=self.language,
            stage=invite["stage"],
            aspects=self.aspects,
        )
        check(answer)
        return keep_answer(change, answer)


def invitation(change: Change, invite_id: int, today: date, wave_id: int | None = None) -> dict[str, Any] | None:
    """An invitation with what its wave asks and whether it can be answered; None for one that does not exist. Not cut by sight."""
    given = {"wave_id": wave_id, "invite_id": invite_id, "as_of": today}
    found = records(change, catalog()["house_invitation"].sql, given)
    return found[0] if found else None


def queue_invitations(change: Change, wave_id: int, today: date) -> Sent:
    """Letters into the outbox for everyone in sight on a wave's list who is asked by mail and has none yet.

    Who cannot be written to is left out and noted so.
    Refuses: no public address.
    """
    wave = _wave(change, wave_id, today)
    waiting = records(change, _WAITING, {**_scope(change, wave_id), "today": today})
    return _queue(change, wave, waiting, today) if waiting else Sent((), ())


def link(ledger: Ledger, wave_id: int, invite_id: int) -> str:
    """The link of an invitation as customers open it. Refuses: no public address."""
    web = sender(settings(ledger)).web
    if not web:
        raise Refused(NO_WEB)
    return f"{web.rstrip('/')}{links.PATH}{links.token(house_secret(ledger, SECRET), wave_id, invite_id)}"


def note(change: Change, invites: Sequence[Mapping[str, Any]], state: str, **more: object) -> None:
    """Write down what became of asking; in the demo company no later than on its fixed date."""
    first = change.next_id("invite_event", "event_id")
    names = ("invite_id", "wave_id", "customer_id")
    fixed = _settings(change).get("demo_date")
    at = min(change.made_at, moment(change, date.fromisoformat(fixed))) if fixed else change.made_at
    common = {"state": state, "happened_at": at, **more}
    rows = [{"event_id": first + at, **{name: invite[name] for name in names}, **common} for at, invite in enumerate(invites)]
    change.insert("invite_event", rows)


def note_delivery(change: Change, message: Mapping[str, Any], *, why: str | None) -> None:
    """A letter's outcome on its invitation: it arrived, or its reminder did, or why it did not."""
    sql = "select distinct invite_id, wave_id, customer_id from survey_invite where invite_id = $invite_id"
    found = records(change, sql, {"invite_id": message["invite_id"]})
    if why is None:
        note(change, found, "reminded" if message["level"] else "delivered")
    elif not message["level"]:
        note(change, found, "failed", note=why)


def company(change: Change) -> Sender:
    """Who we are. Refuses: an address customers cannot reach us under is missing."""
    found = sender(_settings(change))
    if not found.web:
        raise Refused(NO_WEB)
    return found


def _settings(change: Change) -> dict[str, Any]:
    row = change.cursor.execute("select body from policy_at('settings', date '9999-12-30', timestamp '9999-12-30')").fetchone()
    found: dict[str, Any] = json.loads(row[0]) if row else {}
    return found


def _refuse_over(invite: Mapping[str, Any]) -> None:
    if invite["state"] != "open":
        raise Conflict(_ANSWERED if invite["state"] == "answered" else _OVER)


def _scope(change: Change, wave_id: int) -> dict[str, object]:
    return {"wave_id": wave_id, "actor_id": change.actor.user_id}


def _wave(change: Change, wave_id: int, today: date) -> dict[str, Any]:
    found = records(change, _WAVE, {**_scope(change, wave_id), "today": today, "known_at": change.made_at})
    if not found:
        raise NotFound(_NO_WAVE)
    return found[0]


def _sending(change: Change, wave_id: int, today: date) -> dict[str, Any]:
    """The wave a change is about. Refuses: one out of sight, not being sent, or over."""
    wave = _wave(change, wave_id, today)
    if wave["state"] != "sending" or today > wave["closes_on"]:
        raise Conflict(_NOT_SENDING)
    change.subject = f"wave {wave_id}"
    return wave


def _queue(change: Change, wave: Mapping[str, Any], invites: Sequence[Mapping[str, Any]], today: date) -> Sent:
    """Letters for invitations that can be written to; the others are noted as failed, with why."""
    ours = company(change)
    why = {invite["invite_id"]: reason for invite in invites if (reason := _why_not(invite))}
    for reason in sorted(set(why.values())):
        note(change, [one for one in invites if why.get(one["invite_id"]) == reason and not one["level"]], "failed", note=reason)
    written = [_letter(invite, wave, ours, today) for invite in invites if invite["invite_id"] not in why]
    return Sent(_put(change, written), tuple(why.items()))


def _why_not(invite: Mapping[str, Any]) -> str | None:
    if invite["do_not_contact"]:
        return "do_not_contact"
    return None if is_address(invite["email"]) else "address"


def _put(change: Change, written: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    """Letters into the outbox. Their numbers."""
    first, first_event = change.next_id("message", "message_id"), change.next_id("message_event", "event_id")
    change.insert("message", [{"message_id": first + at, **letter} for at, letter in enumerate(written)])
    state = {"state": "queued", "happened_at": change.made_at}
    events = [
        {"event_id": first_event + at, "message_id": first + at, "customer_id": letter["customer_id"], **state}
        for at, letter in enumerate(written)
    ]
    change.insert("message_event", events)
    return tuple(range(first, first + len(written)))


def _letter(invite: Mapping[str, Any], wave: Mapping[str, Any], ours: Sender, today: date) -> dict[str, object]:
    language = letters.language_of(invite["language"])
    stage = wave["stage"] if wave["audience"] == "transaction" else None
    asked = Asked(invite["customer"], invite["contact"], today, wave["closes_on"], stage, invite["level"], ours)
    subject, body = survey_letters.survey(language, asked)
    named = {name: invite[name] for name in ("customer_id", "contact_id", "invite_id")}
    about = {"kind": "survey", "channel": "email", "on_date": today, "recipient": invite["email"], "language": language}
    return {**named, **about, "subject": subject, "body": body, "level": invite["level"] or None}


_WAVE: Final = """
    select wave.wave_id, wave.audience, wave.stage, wave.closes_on, wave.state
    from wave_at($today::date, $known_at::timestamp) as wave
    where wave.wave_id = $wave_id and sees_wave(wave.wave_id, $actor_id)
"""
_ASKED: Final = """
    select
        invite.invite_id, invite.wave_id, invite.customer_id, invite.contact_id, invite.language,
        contact.name as contact, contact.email, coalesce(contact.do_not_contact, false) as do_not_contact, customer.name as customer
    from survey_invite as invite
    inner join customer_record as customer on invite.customer_id = customer.customer_id
        and customer.until_on = date '9999-12-31' and customer.retired_at = timestamp '9999-12-31'
    left join contact on invite.contact_id = contact.contact_id and contact.retired_at = timestamp '9999-12-31'
    semi join visible_customer($actor_id) as visible on invite.customer_id = visible.customer_id
    where invite.wave_id = $wave_id and invite.channel = 'email' and invite.retired_at = timestamp '9999-12-31'
"""
_WAITING: Final = f"""
    select asked.*, 0 as level
    from ({_ASKED}) as asked
    inner join invite_at($today::date, timestamp '9999-12-30') as present on asked.invite_id = present.invite_id
    where present.state in ('waiting', 'failed') and asked.invite_id not in (
        select mailed.invite_id from invite_mailed(timestamp '9999-12-30') as mailed
    )
    order by asked.invite_id
"""  # noqa: S608 (our own words)
_DUE: Final = f"""
    select asked.*, due.level
    from ({_ASKED}) as asked
    inner join invite_due_at($today::date, timestamp '9999-12-30') as due on asked.invite_id = due.invite_id
    order by asked.invite_id
"""  # noqa: S608 (our own words)
