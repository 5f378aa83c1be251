"""Surveys at the demo company's desks: one being sent in its last week, with calls made; the next one still a draft."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from lib.commands.service import RecordScore
from lib.commands.survey_invites import NoteInvite, WithdrawInvite
from lib.commands.surveys import DraftWave, FreezeWave, StartWave
from lib.demo.desk import Desk
from lib.demo.moments import END
from lib.demo.past_surveys import LARGER
from lib.domain.surveys import TEMPLATE, Among, Wave

FROZEN_ON: Final = date(2026, 6, 19)
SENT_ON: Final = date(2026, 6, 22)
_CALLED: Final = (
    (9, "对账清楚，催得也客气"),
    (None, "no_answer"),
    (8, None),
    (10, "问题当天就有人回"),
    (None, "declined"),
    (7, "价格偏高，服务可以"),
    (None, "no_answer"),
    (9, None),
)
"""What the lead's calls come to: a score with words, or why there is none."""


def make(desk: Desk) -> None:
    """The survey of the summer, by phone: its list is drawn some days before it begins."""
    wave = Wave(
        "2026 年夏季 NPS（未在春季问过的）",
        "nps",
        "relationship",
        "sample",
        SENT_ON,
        SENT_ON + timedelta(days=25),
        TEMPLATE["nps"],
        "phone",
        sample_size=120,
        seed=20260622,
        among=LARGER,
    )
    desk.opens(FROZEN_ON, 16, 40)
    wave_id = desk.do("manager", DraftWave(wave, desk.day))
    desk.do("manager", FreezeWave(wave_id, desk.day))
    desk.opens(SENT_ON, 9, 20)
    desk.do("manager", StartWave(wave_id, desk.day))


def call(desk: Desk) -> None:
    """The lead calls the first on the sheet; one has left the company."""
    asked = desk.rows(_TO_CALL, team="华东", count=len(_CALLED) + 1)
    for (invite_id, wave_id, customer_id, contact_id), (score, said) in zip(asked, _CALLED, strict=False):
        if score is None:
            desk.do("lead", NoteInvite(invite_id, str(said)))
            continue
        about: dict[str, Any] = {"contact_id": contact_id, "wave_id": wave_id, "invite_id": invite_id, "source": "call"}
        desk.do("lead", RecordScore(customer_id, "nps", score, desk.day, desk.day, said, "phone", **about))
    desk.do("manager", WithdrawInvite(asked[-1][0], "联系人已离职"))


def next_one(desk: Desk) -> None:
    """The survey after deliveries of the summer, not yet decided."""
    wave = Wave(
        "7 月交付后满意度",
        "csat",
        "transaction",
        "census",
        END + timedelta(days=6),
        END + timedelta(days=24),
        TEMPLATE["csat"],
        "wechat",
        "delivery",
        among=Among(amount_grades=("large",), bought_days=30),
    )
    desk.do("manager", DraftWave(wave, desk.day))


_TO_CALL: Final = """
    select invite.invite_id, invite.wave_id, invite.customer_id, invite.contact_id
    from survey_invite as invite
    inner join wave_at(date '9999-12-30', timestamp '9999-12-30') as wave on invite.wave_id = wave.wave_id
    inner join customer_at(date '9999-12-30', timestamp '9999-12-30') as customer on invite.customer_id = customer.customer_id
    where wave.state = 'sending' and customer.team = $team
    order by invite.stratum <> 'key', invite.invite_id
    limit $count
"""
