"""What a customer answered, however it came: the one place where an answer and the call-back a low one makes are written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from lib.commands import calendar, readings, sight
from lib.commands.documents import records
from lib.domain import kinds
from lib.domain.access import HOUSE
from lib.errors import NotFound, Refused
from lib.store.door import Change
from lib.text import Text, plain

CALL_BACK_DAYS: Final = 2
"""Working days in which a low score is called back; later, an answer is no longer fresh in the customer's mind."""
FRESH: Final = timedelta(days=30)
"""A low score older than this is history when it is entered: nobody is called back about it."""

SOURCE: Final = "feedback"
"""What call-back tasks name as their source."""
COMMENT: Final = Text("原话", "Comment")
CHANNEL: Final = Text("渠道", "Channel")
_METRIC = Text("指标", "Metric")
_OUT_OF_RANGE = Text(
    "{metric} 是 {low}–{high}，“{score}”不在其中。要改成 {nearest} 吗？",
    "{metric} runs from {low} to {high}; “{score}” is outside. Change it to {nearest}?",
)
_NO_ASPECT = Text("没有“{aspect}”这个方面，或它不在 1–5 之间。", "There is no aspect “{aspect}”, or it is not between 1 and 5.")
_ANSWERED = Text("这份邀请已经答过了，不能再记一次。", "This invitation is answered already and cannot be answered twice.")
_OTHER_WAVE = Text("这次调查问的不是 {metric}。请改指标或调查。", "That survey does not ask for {metric}. Change the score or the survey.")
_NOT_THEIRS = Text("“{field}”不是这个客户的。请重新选择。", "“{field}” is not this customer's. Choose again.")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `entered_by`: who typed it; None: the customer did. `aspects`: what 1..5 was given for.

    `about_owner`: the question was about the account manager, who then is not the one to call back.
    """

    customer_id: int
    metric: str
    score: int
    on_date: date
    today: date
    comment: str | None = None
    channel: str | None = None
    respondent: str | None = None
    source: str = "entry"
    entered_by: int | None = None
    contact_id: int | None = None
    wave_id: int | None = None
    invite_id: int | None = None
    case_id: int | None = None
    language: str | None = None
    stage: str | None = None
    aspects: Mapping[str, int] = field(default_factory=dict)
    about_owner: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What an answer came to: task_id of the call-back when its score is low."""

    feedback_id: int
    task_id: int | None


@dataclass(frozen=True, slots=True)
class Low:
    """A low answer whose customer is to be called back. `is_about_owner`: not by the account manager, whom it is about."""

    feedback_id: int
    customer_id: int
    metric: str
    score: int
    owner_id: int | None
    is_about_owner: bool


def check(answer: Answer, *, confirmed: bool = False) -> None:
    """Refuses: a score outside its scale (never capped), a day to come, what is in no list, texts too long."""
    sight.choice(answer.metric, {name: scale.label for name, scale in kinds.SCORE.items()}, _METRIC, about="metric")
    score_in_range(answer.metric, answer.score)
    sight.text(answer.comment, COMMENT, about="comment")
    sight.text(answer.respondent, Text("受访人", "Respondent"), about="respondent")
    sight.choice(answer.channel, kinds.CHANNEL, CHANNEL, about="channel")
    sight.choice(answer.stage, kinds.STAGE, Text("环节", "Stage"), about="stage")
    sight.a_past_day(answer.on_date, answer.today, confirmed=confirmed)
    for aspect, mark in answer.aspects.items():
        if aspect not in kinds.ASPECT or not 1 <= mark <= kinds.ASPECT_HIGH:
            raise Refused(_NO_ASPECT, aspect=kinds.ASPECT.get(aspect, plain(aspect)), about="aspects")


def score_in_range(metric: str, score: int) -> None:
    """Refuses: a score outside its scale, offering the nearest; it is never changed silently."""
    scale = kinds.SCORE[metric]
    if not scale.low <= score <= scale.high:
        nearest = min(max(score, scale.low), scale.high)
        raise Refused(_OUT_OF_RANGE, metric=metric.upper(), low=scale.low, high=scale.high, score=score, nearest=nearest, about="score")


def keep_answer(change: Change, answer: Answer, *, confirmed: bool = False) -> Kept:
    """Write an answer and, when it is low and fresh, its call-back task.

    Refuses: a customer out of sight, an invitation answered before, a contact, case or invitation of somebody else,
    the same answer twice in ten minutes unless confirmed.
    """
    subject = sight.customer(change, answer.customer_id)
    _refuse_foreign(change, answer)
    answer = _as_invited(change, answer)
    same = {"customer_id": answer.customer_id, "metric": answer.metric, "on_date": answer.on_date, "score": answer.score}
    more = {"respondent": answer.respondent, "contact_id": answer.contact_id, "wave_id": answer.wave_id, "invite_id": answer.invite_id}
    sight.refuse_twice(change, "feedback", {**same, **more}, confirmed=confirmed)
    feedback_id = change.next_id("feedback", "feedback_id")
    change.insert("feedback", [{"feedback_id": feedback_id, **same, **more, **_said(answer)}])
    if answer.comment:
        readings.read_text(change, "feedback", feedback_id)
    if not (kinds.SCORE[answer.metric].is_low(answer.score) and is_fresh(answer.on_date, answer.today)):
        return Kept(feedback_id, None)
    mark = answer.aspects.get("manager", kinds.ASPECT_HIGH)
    is_about_owner = answer.about_owner or answer.entered_by == subject.owner_id or mark <= kinds.ASPECT_LOW
    low = Low(feedback_id, answer.customer_id, answer.metric, answer.score, subject.owner_id, is_about_owner)
    return Kept(feedback_id, call_back(change, [low], answer.today)[0])


def is_fresh(on_date: date, today: date) -> bool:
    """Whether the customer still expects somebody to call about what was answered that day."""
    return today - on_date <= FRESH


def due_on(change: Change, today: date) -> date:
    """The day a low score entered today is called back by."""
    return calendar.in_force(change).working_days_after(today, call_back_days(change, today))


def call_back_days(change: Change, today: date) -> int:
    """Working days for a call-back, as the survey rules say."""
    row = change.cursor.execute(
        "select (rule.body::json ->> '$.call_back_days')::integer from policy_at('survey', $today, $known_at) as rule",
        {"today": today, "known_at": change.made_at},
    ).fetchone()
    return CALL_BACK_DAYS if row is None or row[0] is None else int(row[0])


def _said(answer: Answer) -> dict[str, object]:
    aspects = json.dumps(dict(sorted(answer.aspects.items()))) if answer.aspects else None
    names = ("comment", "channel", "source", "entered_by", "case_id", "language", "stage")
    return {**{name: getattr(answer, name) for name in names}, "aspects": aspects, "top_score": kinds.SCORE[answer.metric].high}


def call_back(change: Change, low: Sequence[Low], today: date) -> list[int]:
    """Write the call-back tasks of low answers. Gives their activity_ids."""
    if not low:
        return []
    first, due = change.next_id("activity", "activity_id"), due_on(change, today)
    callers = {key: _caller(change, *key) for key in {(one.owner_id, one.is_about_owner) for one in low}}
    tasks = [
        {
            "activity_id": number,
            "customer_id": one.customer_id,
            "kind": "task",
            "on_date": today,
            "due_on": due,
            "owner_id": callers[one.owner_id, one.is_about_owner],
            "subject": f"{one.metric.upper()} {one.score}",
            "source_kind": SOURCE,
            "source_id": one.feedback_id,
        }
        for number, one in enumerate(low, first)
    ]
    change.insert("activity", tasks)
    return [first + place for place in range(len(low))]


def _caller(change: Change, owner_id: int | None, is_about_owner: bool) -> int:  # noqa: FBT001 (the two sides of one key)
    """Who calls back: the account manager; when the score is about that very person, or typed by them, whoever leads them."""
    if owner_id is None and change.actor.user_id != HOUSE:
        return change.actor.user_id
    if owner_id is not None and not is_about_owner:
        return owner_id
    row = change.cursor.execute(_LEADS, {"owner_id": owner_id}).fetchone()
    return int(row[0]) if row else owner_id or change.actor.user_id


# The lead given the account manager's team, else a manager of it, else a manager of all; nobody above: the account manager after all.
_LEADS: Final = """
    select person.user_id
    from app_user as person
    where person.is_active and person.user_id is distinct from $owner_id::integer and person.role in ('lead', 'manager')
        and (
            (person.role = 'manager' and person.scope = 'all')
            or (
                person.scope = 'team'
                and exists (
                    select 1 from user_team inner join app_user as owner on user_team.team = owner.team
                    where user_team.user_id = person.user_id and owner.user_id = $owner_id::integer
                )
            )
        )
    order by person.role = 'lead' desc, person.scope = 'team' desc, person.user_id
    limit 1
"""


def _refuse_foreign(change: Change, answer: Answer) -> None:
    """Refuses: what the answer names and is not this customer's; an invitation answered before."""
    theirs = {
        "contact": ("contact_id", answer.contact_id, Text("联系人", "Contact")),
        "case_file": ("case_id", answer.case_id, Text("工单", "Case")),
    }
    for table, (name, number, label) in theirs.items():
        if number is not None and not _has(change, table, {name: number, "customer_id": answer.customer_id}):
            raise NotFound(_NOT_THEIRS, field=label, about=name)
    asked = {"invite_id": answer.invite_id, "customer_id": answer.customer_id, "wave_id": answer.wave_id}
    if answer.invite_id is not None and not _has(change, "survey_invite", asked):
        raise NotFound(_NOT_THEIRS, field=Text("邀请", "Invitation"), about="invite_id")
    if answer.wave_id is not None and not _knows_wave(change, answer):
        raise NotFound(_OTHER_WAVE, metric=answer.metric.upper(), about="wave_id")
    if answer.invite_id is not None and _has(change, "feedback", {"invite_id": answer.invite_id, "metric": answer.metric}):
        raise Refused(_ANSWERED, about="invite_id")


def _as_invited(change: Change, answer: Answer) -> Answer:
    """The answer with the invitation it answers, where the survey asked this contact, or only one of this customer's people."""
    if answer.wave_id is None or answer.invite_id is not None:
        return answer
    about = {"wave_id": answer.wave_id, "customer_id": answer.customer_id, "metric": answer.metric}
    open_ones = change.cursor.execute(_UNANSWERED, about).fetchall()
    theirs = [invite_id for invite_id, contact_id in open_ones if answer.contact_id is None or contact_id in {None, answer.contact_id}]
    return replace(answer, invite_id=theirs[0]) if len(theirs) == 1 else answer


_UNANSWERED: Final = """
    select invite.invite_id, invite.contact_id
    from survey_invite as invite
    where invite.wave_id = $wave_id and invite.customer_id = $customer_id and invite.retired_at = timestamp '9999-12-31'
        and invite.invite_id not in (
            select feedback.invite_id from feedback
            where feedback.invite_id is not null and feedback.metric = $metric and feedback.retired_at = timestamp '9999-12-31'
        )
"""


def _knows_wave(change: Change, answer: Answer) -> bool:
    """Whether there is such a survey of this score that the person may know of; nobody finds out by trying numbers."""
    asked = {"wave_id": answer.wave_id, "metric": answer.metric, "actor_id": change.actor.user_id}
    return bool(records(change, _KNOWN_WAVE, asked))


_KNOWN_WAVE: Final = """
    select 1 as found from survey_wave as wave
    where wave.wave_id = $wave_id and wave.metric = $metric and wave.retired_at = timestamp '9999-12-31'
        and sees_wave(wave.wave_id, $actor_id)
"""


def _has(change: Change, table: str, same: Mapping[str, object]) -> bool:
    where = " and ".join(f"{name} = ${name}" for name in same)
    sql = f"select 1 from {table} where {where} and retired_at = timestamp '9999-12-31' limit 1"  # noqa: S608 (names from our own code)
    return change.cursor.execute(sql, dict(same)).fetchone() is not None
