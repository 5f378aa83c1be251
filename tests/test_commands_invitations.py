"""Asking by a link: who gets a letter and who a reminder, what becomes of each, links to hand on, and the one answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import facts
import pytest
import surveys
from post_office import PostOffice, open_office
from surveys import WAVE

from lib.commands.invitations import (
    NO_WEB,
    SECRET,
    AnswerInvitation,
    HandOverLink,
    QueueInvitations,
    QueueReminders,
    link,
    queue_invitations,
)
from lib.commands.messages import CancelMessage, RetryMessage
from lib.commands.undo import Undo
from lib.domain import links
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.errors import Conflict, Forbidden, NotFound, Refused
from lib.post import Round, deliver, server
from lib.store.door import Change, execute
from lib.store.house_secret import house_secret
from lib.store.ledger import Ledger
from lib.store.query import rows

TODAY = date(2026, 6, 30)
LEAD = Actor(2, "lead", Role.LEAD, Scope.OWN)
MANAGER = Actor(3, "manager", Role.MANAGER, Scope.ALL)


class Start:
    """What starting a wave does with its list."""

    permission = QueueReminders.permission

    def __init__(self, today: date = TODAY) -> None:
        self.today = today

    def validate(self) -> None: ...

    def apply(self, change: Change) -> Any:
        return queue_invitations(change, WAVE, self.today)


@pytest.fixture(autouse=True)
def asked(ledger: Ledger) -> None:
    """Customers 1 and 2 are the lead's, 3 nobody's; contact 3 has no address, contact 4 wants no mail."""
    set_clock(ledger, TODAY)
    for user_id, role, scope in ((2, "lead", "own"), (3, "manager", "all")):
        sql = "insert into app_user values ($user_id, $role, 'u', $role, $scope, null, 'zh', null, null, true, 1)"
        ledger.jot(sql, {"user_id": user_id, "role": role, "scope": scope})
    for customer_id in (1, 2, 3):
        facts.customer(ledger, customer_id, owner_id=2 if customer_id < 3 else None)
    surveys.contact(ledger, 1, 1)
    surveys.contact(ledger, 2, 2, language="en")
    surveys.contact(ledger, 3, 3, email="nonsense")
    surveys.contact(ledger, 4, 3, do_not_contact=True)
    surveys.wave(ledger, closes_on=date(2026, 7, 31))
    for invite_id, customer_id, language in ((11, 1, "zh"), (12, 2, "en"), (13, 3, "zh"), (14, 3, "zh")):
        surveys.invite(ledger, invite_id, customer_id, contact_id=invite_id - 10, language=language)
    surveys.invite(ledger, 15, 1, channel="phone")
    surveys.be_found(ledger, TODAY)


def set_clock(ledger: Ledger, day: date) -> None:
    ledger.clock = lambda: datetime(day.year, day.month, day.day, 4)


def states(ledger: Ledger, today: date = TODAY) -> dict[int, tuple[str, int]]:
    sql = "select invite_id, state, reminders from invite_at($today, timestamp '9999-12-30') order by invite_id"
    return {row[0]: row[1:] for row in ledger.cursor().execute(sql, {"today": today}).fetchall()}


def mail(ledger: Ledger, office: PostOffice, at: date = TODAY) -> Round:
    set_clock(ledger, at)
    to = server(office.url)
    assert to
    return deliver(ledger, MANAGER, to)


def answered(ledger: Ledger, score: int = 3, invite_id: int = 11, **more: Any) -> Any:
    return execute(ledger, SYSTEM, AnswerInvitation(WAVE, invite_id, score, TODAY, **more)).result


def test_the_outbox_holds_no_link_and_the_letter_holds_its_readers(ledger: Ledger) -> None:
    sent = execute(ledger, MANAGER, Start()).result
    assert (len(sent.message_ids), dict(sent.left_out)) == (2, {13: "address", 14: "do_not_contact"})
    kept = ledger.cursor().execute("select string_agg(body || subject, ' ') from message").fetchall()[0][0]
    assert links.PLACE in kept
    assert links.PATH not in kept
    with open_office() as office:
        assert mail(ledger, office).sent == 2
        letters = {to[0]: letter for to, letter in office.letters}
    for invite_id, language in ((11, "zh"), (12, "en")):
        letter = letters[f"c{invite_id - 10}@example.com"]
        said = letter.get_content()
        assert link(ledger, WAVE, invite_id) in said
        assert links.PLACE not in said
        assert said.count(links.PATH) == 1
        assert letter["Content-Language"] == language
    assert states(ledger) == {11: ("delivered", 0), 12: ("delivered", 0), 13: ("failed", 0), 14: ("failed", 0), 15: ("waiting", 0)}


def test_nobody_is_written_to_twice_and_a_mended_address_is_once(ledger: Ledger) -> None:
    execute(ledger, MANAGER, Start())
    ledger.jot("update contact set email = 'good@example.com' where contact_id = 3", {})
    assert len(execute(ledger, MANAGER, QueueInvitations(WAVE, TODAY)).result.message_ids) == 1
    with pytest.raises(Refused, match="Nobody new"):
        execute(ledger, MANAGER, QueueInvitations(WAVE, TODAY))


def test_without_an_address_of_our_own_nothing_is_sent(ledger: Ledger) -> None:
    surveys.be_found(ledger, TODAY, web=None)
    for order in (Start(), HandOverLink(11, "wechat", TODAY)):
        with pytest.raises(Refused) as refusal:
            execute(ledger, MANAGER, order)
        assert refusal.value.text is NO_WEB


@pytest.mark.parametrize(
    "web", ["http://survey.example.com", "https://x@evil.example", "https://a.example/x", "javascript:alert(1)", "https://1.2.3.4"]
)
def test_customers_are_sent_to_safe_addresses_only(ledger: Ledger, web: str) -> None:
    with pytest.raises(Refused, match="https"):
        surveys.be_found(ledger, TODAY, web=web)


def test_who_answered_withdrew_or_is_over_gets_no_letter_that_waited(ledger: Ledger) -> None:
    execute(ledger, MANAGER, Start())
    answered(ledger)
    about = {"invite_id": 12, "wave_id": WAVE, "customer_id": 2, "happened_at": facts.KNOWN}
    facts.insert(ledger, "invite_event", {**about, "event_id": 99, "state": "withdrawn"})
    with open_office() as office:
        assert mail(ledger, office).failed == 2
        assert not office.letters
    found = rows(ledger, SYSTEM, "messages", as_of=TODAY)
    assert {row["why"] for row in found} == {"answered", "over"}


def test_reminders_come_on_their_day_twice_at_most_and_never_to_who_answered(ledger: Ledger) -> None:
    execute(ledger, MANAGER, Start())
    with open_office() as office:
        mail(ledger, office)
        seen = []
        for day in range(12):
            today = TODAY + timedelta(days=day)
            try:
                queued = execute(ledger, MANAGER, QueueReminders(WAVE, today)).result
            except Refused:
                continue
            mail(ledger, office, today)
            seen.append((day, len(queued.message_ids)))
            if day == 3:
                answered(ledger, invite_id=12)
        subjects = [letter["Subject"] for _, letter in office.letters]
    assert seen == [(3, 2), (7, 1)]
    assert [subject.startswith(("提醒", "最后", "A reminder")) for subject in subjects] == [False, False, True, True, True]
    assert states(ledger, date(2026, 7, 31))[11] == ("delivered", 2)


def test_reminders_end_with_the_wave(ledger: Ledger) -> None:
    with pytest.raises(Conflict):
        execute(ledger, MANAGER, QueueReminders(WAVE, date(2026, 8, 1)))
    with pytest.raises(NotFound):
        execute(ledger, Actor(3, "m", Role.MANAGER, Scope.ALL), QueueReminders(99, TODAY))


def test_an_answer_comes_once_and_a_low_one_makes_a_task(ledger: Ledger) -> None:
    kept = answered(ledger, comment="等了三周", aspects={"delivery": 2}, language="en")
    (row,) = ledger.cursor().execute("select * from feedback").to_arrow_table().to_pylist()
    expected = {"metric": "nps", "score": 3, "wave_id": WAVE, "invite_id": 11, "contact_id": 1, "source": "link", "entered_by": None}
    assert expected.items() <= row.items()
    assert (row["language"], row["channel"], row["recorded_by"], row["aspects"]) == ("en", "email", 0, '{"delivery": 2}')
    (task,) = ledger.cursor().execute("select owner_id, source_id from activity where kind = 'task'").fetchall()
    assert task == (2, kept.feedback_id)
    with pytest.raises(Conflict):
        answered(ledger, 9)


def test_an_answer_taken_back_can_be_given_again(ledger: Ledger) -> None:
    execute(ledger, SYSTEM, AnswerInvitation(WAVE, 11, 3, TODAY))
    execute(ledger, MANAGER, Undo(ledger.version, TODAY))
    answered(ledger, 9)
    assert ledger.cursor().execute("select count(*) from activity where retired_at > now()::timestamp").fetchall() == [(0,)]


@pytest.mark.parametrize(
    "order",
    [
        AnswerInvitation(WAVE, 99, 3, TODAY),
        AnswerInvitation(WAVE + 1, 11, 3, TODAY),
        AnswerInvitation(WAVE, 11, 3, date(2026, 8, 1)),
        AnswerInvitation(WAVE, 11, 11, TODAY),
        AnswerInvitation(WAVE, 11, 3, TODAY, comment="字" * 5001),
        AnswerInvitation(WAVE, 11, 3, TODAY, aspects={"delivery": 6}),
    ],
)
def test_what_cannot_be_an_answer_is_refused(ledger: Ledger, order: AnswerInvitation) -> None:
    with pytest.raises(Refused):
        execute(ledger, SYSTEM, order)
    assert not ledger.cursor().execute("select 1 from feedback").fetchall()


def test_nobody_of_the_house_answers_as_the_customer(ledger: Ledger) -> None:
    with pytest.raises(Forbidden):
        execute(ledger, MANAGER, AnswerInvitation(WAVE, 11, 10, TODAY))


def test_a_link_handed_on_is_told_and_its_answer_bears_who_had_it(ledger: Ledger) -> None:
    receipt = execute(ledger, LEAD, HandOverLink(11, "wechat", TODAY))
    assert link(ledger, receipt.result, 11).startswith(f"{surveys.WEB}{links.PATH}")
    assert states(ledger)[11][0] == "delivered"
    audit = ledger.cursor().execute("select string_agg(detail || coalesce(subject, ''), ' ') from audit").fetchall()[0][0]
    assert links.token(house_secret(ledger, SECRET), WAVE, 11) not in audit
    with pytest.raises(Refused):
        execute(ledger, LEAD, Undo(receipt.change_id, TODAY))
    answered(ledger)
    assert ledger.cursor().execute("select entered_by from feedback").fetchall() == [(2,)]
    (task,) = ledger.cursor().execute("select owner_id from activity where kind = 'task'").fetchall()
    assert task != (2,)


@pytest.mark.parametrize("invite_id", [13, 99])
def test_a_link_out_of_sight_is_refused_as_one_that_does_not_exist(ledger: Ledger, invite_id: int) -> None:
    with pytest.raises(NotFound, match="no such invitation"):
        execute(ledger, LEAD, HandOverLink(invite_id, "wechat", TODAY))


def test_a_cancelled_invitation_can_be_put_back(ledger: Ledger) -> None:
    first, _ = execute(ledger, MANAGER, Start()).result.message_ids
    execute(ledger, MANAGER, CancelMessage(first))
    execute(ledger, MANAGER, RetryMessage(first))
    with open_office() as office:
        assert mail(ledger, office).sent == 2


def test_the_secret_is_made_once_and_is_in_no_answer(ledger: Ledger) -> None:
    secret = house_secret(ledger, SECRET)
    house_secret.cache_clear()
    assert house_secret(ledger, SECRET) == secret
    assert len(secret) == 32
    token = links.token(secret, WAVE, 11)
    assert links.opened(secret, token) == (WAVE, 11)
    assert links.opened(secret[::-1], token) is None
    assert all(links.opened(secret, token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]) is None for at in range(len(token)))
