"""Reviews through the door: who runs one, one step after the other, what closing freezes and carries, what opening again takes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal

import facts
import pytest
import reviews
from reviews import FINANCE, LEAD, MANAGER, NORTH, NORTHERN, SOUTH, TODAY, VICE, VIEWER, WEEK, closed, do, live

from lib.commands import meetings
from lib.commands.meetings import CloseMeeting, OpenMeeting, ReopenMeeting, StartMeeting
from lib.commands.receivables import RecordInvoice
from lib.commands.undo import Undo
from lib.domain.access import Actor
from lib.errors import Conflict, Forbidden, NotFound, Refused
from lib.review import pack
from lib.review.proof import prove
from lib.store.ledger import Ledger
from lib.store.query import rows


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    reviews.few(monkeypatch)
    with reviews.house() as opened:
        yield opened


def state(ledger: Ledger, meeting_id: int, actor: Actor = MANAGER) -> str:
    return next(str(row["state"]) for row in rows(ledger, actor, "meetings") if row["meeting_id"] == meeting_id)


def bill(ledger: Ledger, customer_id: int = 1, doc_no: str = "LATE-1", on: date = WEEK) -> int:
    return do(ledger, RecordInvoice(customer_id, doc_no, on, Decimal(77)), FINANCE).change_id


def test_one_step_after_the_other(ledger: Ledger) -> None:
    meeting_id = do(ledger, OpenMeeting(WEEK, TODAY)).result
    assert state(ledger, meeting_id) == "prepared"
    with pytest.raises(Refused):
        meetings.close(ledger, MANAGER, meeting_id, TODAY)
    do(ledger, StartMeeting(meeting_id))
    with pytest.raises(Refused):
        do(ledger, StartMeeting(meeting_id))
    meetings.close(ledger, MANAGER, meeting_id, TODAY, score=8, attended="方远、叶知秋")
    assert state(ledger, meeting_id) == "closed"
    for late in (StartMeeting(meeting_id), ReopenMeeting(meeting_id, " ")):
        with pytest.raises(Refused):
            do(ledger, late)
    do(ledger, ReopenMeeting(meeting_id, "改评分"))
    meetings.close(ledger, MANAGER, meeting_id, TODAY, score=9)
    (row,) = rows(ledger, MANAGER, "meetings", week_on=WEEK)
    assert (row["score"], row["attended"], row["chair_name"]) == (9, "方远、叶知秋", "u1")


@pytest.mark.parametrize("week_on", [WEEK + timedelta(days=1), WEEK + timedelta(weeks=1)])
def test_a_review_looks_at_a_week_that_is_over(ledger: Ledger, week_on: date) -> None:
    with pytest.raises(Refused) as refusal:
        do(ledger, OpenMeeting(week_on, TODAY))
    assert refusal.value.values["about"] == "week_on"


def test_a_circle_reviews_a_week_once_and_each_circle_for_itself(ledger: Ledger) -> None:
    do(ledger, OpenMeeting(WEEK, TODAY))
    with pytest.raises(Conflict):
        do(ledger, OpenMeeting(WEEK, TODAY), VICE)
    do(ledger, OpenMeeting(WEEK, TODAY), NORTH)
    do(ledger, OpenMeeting(WEEK - timedelta(weeks=1), TODAY))


def test_only_who_sees_what_the_circle_sees_runs_it(ledger: Ledger) -> None:
    company, north = live(ledger), live(ledger, NORTH)
    for stranger, meeting_id in ((NORTH, company), (SOUTH, company), (SOUTH, north)):
        with pytest.raises(NotFound):
            do(ledger, StartMeeting(meeting_id), stranger)
    with pytest.raises(Refused, match="not what you see"):  # sees more: the frozen numbers would not be the circle's
        do(ledger, StartMeeting(north), MANAGER)
    with pytest.raises(Forbidden):
        do(ledger, StartMeeting(north), LEAD)


def test_the_chair_closes_and_another_may_take_the_chair(ledger: Ledger) -> None:
    meeting_id = live(ledger)
    with pytest.raises(Refused, match="chairs"):
        meetings.close(ledger, VICE, meeting_id, TODAY)
    do(ledger, StartMeeting(meeting_id), VICE)
    with pytest.raises(Refused, match="chairs"):
        meetings.close(ledger, MANAGER, meeting_id, TODAY)
    assert meetings.close(ledger, VICE, meeting_id, TODAY).result


def test_closing_freezes_all_that_was_known_a_moment_before(ledger: Ledger) -> None:
    meeting_id = closed(ledger)
    (frozen,) = rows(ledger, MANAGER, "frozen_packs", week_on=WEEK)
    (text,) = rows(ledger, MANAGER, "frozen_text", pack_id=frozen["pack_id"])
    thawed = pack.from_text(text["body"])
    assert pack.sha256(text["body"]) == text["sha256"] == frozen["sha256"]
    assert (frozen["meeting_id"], thawed.week_on, thawed.circle, thawed.known_at) == (meeting_id, WEEK, "all", frozen["known_at"])
    assert thawed.line("billed_amount").value == sum(100 * number for number in (1, 2, 3, 4))
    (audit,) = ledger.cursor().execute("select detail from audit where command = 'CloseMeeting'").fetchall()
    assert json.loads(audit[0])["sha256"] == frozen["sha256"]
    assert "frozen" not in json.loads(audit[0])


def test_what_came_in_last_is_frozen_and_nobody_brings_what_is(ledger: Ledger) -> None:
    """The order to close holds no numbers: those that are frozen are made when nobody else can write any more."""
    meeting_id = live(ledger)
    order = CloseMeeting(meeting_id, ledger, TODAY, "CNY")
    assert not any(isinstance(getattr(order, one.name), pack.Pack) for one in fields(order))
    bill(ledger)
    do(ledger, order)
    (frozen,) = rows(ledger, MANAGER, "frozen_packs")
    (text,) = rows(ledger, MANAGER, "frozen_text", pack_id=frozen["pack_id"])
    assert pack.from_text(text["body"]).line("billed_amount").value == 1077
    assert {one.verdict for one in prove(ledger)} == {"intact"}


def test_a_second_click_freezes_once(ledger: Ledger) -> None:
    meeting_id = live(ledger)
    told = [meetings.close(ledger, MANAGER, meeting_id, TODAY, request_key="k").repeated for _ in range(2)]
    assert told == [False, True]
    assert len(rows(ledger, MANAGER, "frozen_packs")) == 1


def test_opened_again_keeps_what_was_frozen_and_says_why(ledger: Ledger) -> None:
    meeting_id = closed(ledger)
    do(ledger, ReopenMeeting(meeting_id, "漏了一项决定"))
    assert state(ledger, meeting_id) == "live"
    meetings.close(ledger, MANAGER, meeting_id, TODAY)
    last, first = rows(ledger, MANAGER, "frozen_packs", week_on=WEEK)
    assert (last["is_live"], first["is_live"]) == (True, False)
    assert (first["reason"], first["reopened_by"]) == ("漏了一项决定", "u1")
    assert rows(ledger, MANAGER, "frozen_text", pack_id=first["pack_id"])


def test_no_undo_takes_a_freezing_back(ledger: Ledger) -> None:
    meeting_id = live(ledger)
    change_id = meetings.close(ledger, MANAGER, meeting_id, TODAY).change_id
    with pytest.raises(Refused, match="cannot be undone"):
        do(ledger, Undo(change_id))
    again = do(ledger, ReopenMeeting(meeting_id, "x")).change_id
    do(ledger, Undo(again))
    assert state(ledger, meeting_id) == "closed"
    (frozen,) = [row for row in rows(ledger, MANAGER, "frozen_packs") if row["is_live"]]
    assert pack.sha256(rows(ledger, MANAGER, "frozen_text", pack_id=frozen["pack_id"])[0]["body"]) == frozen["sha256"]


def promise(ledger: Ledger, action_id: int, due_on: date, weeks_ago: int = 1, circle: str = "all", **more: object) -> None:
    row = {"action_id": action_id, "week_on": WEEK - timedelta(weeks=weeks_ago), "circle": circle, "said": f"行动{action_id}"}
    facts.insert(ledger, "action_item", {**row, "owner_id": 1, "due_on": due_on, **more})


def steps(ledger: Ledger) -> list[tuple[int, str]]:
    sql = "select action_id, step from action_step where retired_at = timestamp '9999-12-31' order by action_id"
    return ledger.cursor().execute(sql).fetchall()


def test_closing_carries_what_was_due_and_opening_again_takes_that_back(ledger: Ledger) -> None:
    promise(ledger, 1, WEEK)
    promise(ledger, 2, TODAY + timedelta(days=9))
    promise(ledger, 3, WEEK, weeks_ago=0)
    promise(ledger, 4, WEEK, circle="north")
    closed(ledger, NORTH)
    assert steps(ledger) == [(4, "carried")]
    meeting_id = closed(ledger)  # on whose agenda stands what any team promised; once a week it is carried
    assert steps(ledger) == [(1, "carried"), (4, "carried")]
    do(ledger, ReopenMeeting(meeting_id, "x"))
    assert steps(ledger) == [(4, "carried")]
    meetings.close(ledger, MANAGER, meeting_id, TODAY)
    assert steps(ledger) == [(1, "carried"), (4, "carried")]


def test_what_was_put_off_twice_keeps_a_review_open_until_it_is_settled(ledger: Ledger) -> None:
    promise(ledger, 1, WEEK - timedelta(weeks=3), weeks_ago=4)
    for step_id, ago in ((1, 2), (2, 1)):
        week_on = WEEK - timedelta(weeks=ago)
        facts.insert(ledger, "action_step", {"step_id": step_id, "action_id": 1, "week_on": week_on, "on_date": week_on, "step": "carried"})
    meeting_id = live(ledger)
    with pytest.raises(Refused, match="行动1"):
        meetings.close(ledger, MANAGER, meeting_id, TODAY)
    assert state(ledger, meeting_id) == "live"
    facts.insert(ledger, "action_step", {"step_id": 3, "action_id": 1, "week_on": WEEK, "on_date": TODAY, "step": "escalated"})
    meetings.close(ledger, MANAGER, meeting_id, TODAY)
    assert steps(ledger)[-1] == (1, "carried")


def test_who_takes_part_reads_what_was_frozen_and_nobody_else(ledger: Ledger) -> None:
    """Of the company's own review others learn that there was one and when, but neither text nor why it was opened again."""
    company, north = closed(ledger), closed(ledger, NORTH)
    do(ledger, ReopenMeeting(company, "恒源的账错了"))
    company_pack, north_pack = (
        next(row["pack_id"] for row in rows(ledger, MANAGER, "frozen_packs") if row["meeting_id"] == one) for one in (company, north)
    )
    for reader, seen in {MANAGER: {company, north}, VIEWER: {company, north}, NORTH: {north}, LEAD: {north}, SOUTH: set()}.items():
        assert {row["meeting_id"] for row in rows(ledger, reader, "meetings")} == seen, reader.name
        found = {row["meeting_id"]: row for row in rows(ledger, reader, "frozen_packs")}
        assert set(found) == seen | {company}
        assert {name for name, row in found.items() if row["is_readable"]} == seen
        assert (found[company]["reason"] is not None) is (company in seen)
        assert bool(rows(ledger, reader, "frozen_text", pack_id=company_pack)) is (company in seen)
        assert bool(rows(ledger, reader, "frozen_text", pack_id=north_pack)) is (north in seen)


def test_a_lead_of_the_same_team_who_sees_less_than_the_chair_did_reads_no_frozen_text(ledger: Ledger) -> None:
    """The chair has a customer of their own beside those of the team."""
    facts.customer(ledger, 9, owner_id=NORTH.user_id)
    ledger.jot("update app_user set team = 'office' where user_id = $user_id", {"user_id": NORTH.user_id})
    closed(ledger, NORTH)
    (found,) = [row for row in rows(ledger, LEAD, "frozen_packs") if row["circle"] == "north"]
    assert not found["is_readable"]
    assert NORTHERN
