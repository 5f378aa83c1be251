"""Waves of surveys from draft to customers told.

Whose it is: a wave is moved on by who made it, or who sees all customers. Its list holds only customers in sight of who freezes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.commands.cases import moment
from lib.commands.documents import records
from lib.commands.invitations import Sent, queue_invitations
from lib.domain import kinds, sampling, surveys, waves
from lib.domain.access import Permission
from lib.domain.sampling import Asked, Drawn, Plan
from lib.domain.surveys import MOST_ASPECTS, Among, Questions, Wave
from lib.errors import Conflict, Forbidden, NotFound, Refused
from lib.store.door import Change
from lib.store.query import catalog
from lib.text import Text

TITLE: Final = Text("调查名称", "Title")
FINDINGS: Final = Text("结论", "Findings")
TOLD: Final = Text("告知了什么", "What they were told")
_LONGEST_TITLE: Final = 100

_QUESTION = Text("问题", "Question")
_SAMPLE_SIZE = Text("抽样要写明问多少个客户。", "Say how many customers to ask in a sample.")
_DAYS = Text("截止日 {closes_on} 早于开始日 {opens_on}。", "The last day {closes_on} is before the first day {opens_on}.")
_PAST = Text("截止日 {closes_on} 已过。请先改成今天或以后。", "The last day {closes_on} is over. Change it to today or later first.")
_TOO_EARLY = Text(
    "开始日 {opens_on} 还没到。到那天再发，或撤销冻结后改日期。",
    "The first day {opens_on} has not come. Start then, or undo the freezing and change the day.",
)
_ASPECTS = Text("最多选 {most} 个方面，且都要在列表里。", "Choose {most} aspects at most, all from the list.")
_NO_WAVE = Text("找不到这次调查，或不在您的范围内。", "There is no such survey, or it is outside your scope.")
_NOT_YOURS = Text(
    "这次调查是别人建的；由建它的人，或能看到全部客户的经理来推进。",
    "This survey was made by somebody else, who moves it on, or a manager who sees all customers.",
)
_NOBODY = Text(
    "按这些条件没有可以问的客户（{left_out} 个因没有联系人、请勿联系或最近问过而排除）。请放宽范围。",
    "Nobody can be asked this way ({left_out} left out: no contact, do not contact, or asked lately). Widen the choice.",
)
_NOT_DRAFT = Text("名单冻结后不能再改。请先撤销冻结。", "It cannot be changed once the list is frozen. Undo the freezing first.")


@dataclass(frozen=True)
class DraftWave(Command):
    """A new wave, still a draft.

    Refuses: a wave that cannot be, a last day that is over, the same wave twice in ten minutes.
    """

    permission: ClassVar[Permission] = Permission.SURVEY_WRITE
    title: ClassVar[Text] = Text("新建调查", "Draft a survey")
    wave: Wave
    today: date
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        check(self.wave, self.today)

    def apply(self, change: Change) -> int:
        """The new wave_id."""
        same = {"title": self.wave.title.strip(), "metric": self.wave.metric, "opens_on": self.wave.opens_on}
        sight.refuse_twice(change, "survey_wave", same, confirmed=self.confirmed)
        wave_id = change.next_id("survey_wave", "wave_id")
        change.insert("survey_wave", [{"wave_id": wave_id, **_row(self.wave)}])
        _step(change, {"wave_id": wave_id}, "draft", self.today)
        return wave_id


@dataclass(frozen=True)
class ChangeWave(Command):
    """Another plan for a wave that is still a draft.

    Refuses: a wave unknown, somebody else's or frozen; a plan that cannot be.
    """

    permission: ClassVar[Permission] = Permission.SURVEY_WRITE
    title: ClassVar[Text] = Text("修改调查", "Change a survey")
    wave_id: int
    wave: Wave
    today: date

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        check(self.wave, self.today)

    def apply(self, change: Change) -> int:
        """The wave_id."""
        _drafted(change, self.wave_id)
        change.retire("survey_wave", "wave_id = $wave_id", {"wave_id": self.wave_id})
        change.insert("survey_wave", [{"wave_id": self.wave_id, **_row(self.wave)}])
        return self.wave_id


@dataclass(frozen=True)
class DropWave(Command):
    """A draft thrown away.

    Refuses: a wave unknown, somebody else's or frozen.
    """

    permission: ClassVar[Permission] = Permission.SURVEY_WRITE
    title: ClassVar[Text] = Text("删除调查草稿", "Drop a draft survey")
    wave_id: int

    def apply(self, change: Change) -> int:
        """The wave_id."""
        _drafted(change, self.wave_id)
        for table in ("survey_wave", "wave_event"):
            change.retire(table, "wave_id = $wave_id", {"wave_id": self.wave_id})
        return self.wave_id


@dataclass(frozen=True)
class FreezeWave(Command):
    """The list drawn and fixed: who is asked, how, and for how many customers each speaks.

    Refuses: a wave unknown, somebody else's or past its draft; a last day that is over; nobody who can be asked.
    """

    permission: ClassVar[Permission] = Permission.SURVEY_WRITE
    title: ClassVar[Text] = Text("冻结调查名单", "Freeze a survey's list")
    wave_id: int
    today: date

    def apply(self, change: Change) -> dict[str, int]:
        """How many customers and contacts are asked, and how many customers are left out."""
        found = _mine(change, self.wave_id, "frozen")
        _refuse_past(found["closes_on"], self.today)
        drawn = drawn_for(change, planned(found), self.wave_id)
        if not drawn.asked:
            raise Refused(_NOBODY, left_out=len(drawn.left_out))
        _invite(change, self.wave_id, drawn.asked)
        _step(change, found, "frozen", self.today)
        return {"customers": drawn.customers, "asked": len(drawn.asked), "left_out": len(drawn.left_out)}


@dataclass(frozen=True)
class StartWave(Command):
    """Sending begins: letters go into the outbox, call sheets open.

    Refuses: a wave unknown, somebody else's or not frozen, before its first day or past its last; letters without our public address.
    """

    permission: ClassVar[Permission] = Permission.SURVEY_WRITE
    title: ClassVar[Text] = Text("开始发放调查", "Start sending a survey")
    wave_id: int
    today: date

    def apply(self, change: Change) -> Sent:
        """The letters."""
        found = _mine(change, self.wave_id, "sending")
        _refuse_past(found["closes_on"], self.today)
        if self.today < found["opens_on"]:
            raise Refused(_TOO_EARLY, opens_on=found["opens_on"].isoformat())
        _step(change, found, "sending", self.today)
        return queue_invitations(change, self.wave_id, self.today)


@dataclass(frozen=True)
class CloseWave(Command):
    """No more answers are taken.

    Refuses: a wave unknown, somebody else's or not being sent.
    """

    permission: ClassVar[Permission] = Permission.SURVEY_WRITE
    title: ClassVar[Text] = Text("截止调查", "Close a survey")
    wave_id: int
    today: date

    def apply(self, change: Change) -> int:
        """The wave_id."""
        _step(change, _mine(change, self.wave_id, "closed"), "closed", self.today)
        return self.wave_id


@dataclass(frozen=True)
class MarkAnalysed(Command):
    """What a closed wave taught us.

    Refuses: a wave unknown, somebody else's or not closed; no findings.
    """

    permission: ClassVar[Permission] = Permission.SURVEY_WRITE
    title: ClassVar[Text] = Text("记下调查结论", "Note a survey's findings")
    wave_id: int
    findings: str
    today: date

    def validate(self) -> None:
        """Refuses: no findings."""
        sight.text(self.findings, FINDINGS, about="findings", required=True)

    def apply(self, change: Change) -> int:
        """The wave_id."""
        _step(change, _mine(change, self.wave_id, "analysed"), "analysed", self.today, note=self.findings.strip())
        return self.wave_id


@dataclass(frozen=True)
class MarkTold(Command):
    """Customers were told the result and what we do about it.

    Refuses: a wave unknown, somebody else's or not analysed; nothing said, no way of saying it.
    """

    permission: ClassVar[Permission] = Permission.SURVEY_WRITE
    title: ClassVar[Text] = Text("记下已告知调查结果", "Note that customers were told")
    wave_id: int
    told: str
    channel: str
    today: date

    def validate(self) -> None:
        """Refuses: nothing said, a way that is none."""
        sight.text(self.told, TOLD, about="told", required=True)
        sight.choice(self.channel, kinds.CHANNEL, Text("渠道", "Channel"), about="channel")

    def apply(self, change: Change) -> int:
        """The wave_id."""
        _step(change, _mine(change, self.wave_id, "told"), "told", self.today, note=self.told.strip(), channel=self.channel)
        return self.wave_id


def check(wave: Wave, today: date) -> None:
    """Refuses: a wave that cannot be."""
    sight.text(wave.title, TITLE, about="title", required=True, limit=_LONGEST_TITLE)
    sight.choice(wave.metric, {name: scale.label for name, scale in kinds.SCORE.items()}, Text("指标", "Metric"), about="metric")
    sight.choice(wave.audience, surveys.AUDIENCE, Text("问什么", "Asks about"), about="audience")
    sight.choice(wave.sampling, surveys.SAMPLING, Text("问谁", "Who is asked"), about="sampling")
    sight.choice(wave.channel, surveys.CHANNEL, Text("渠道", "Channel"), about="channel")
    sight.choice(wave.stage, kinds.STAGE, Text("环节", "Stage"), about="stage")
    if wave.closes_on < wave.opens_on:
        raise Refused(_DAYS, opens_on=wave.opens_on.isoformat(), closes_on=wave.closes_on.isoformat(), about="closes_on")
    _refuse_past(wave.closes_on, today)
    if wave.sampling == "sample" and not (wave.sample_size and wave.sample_size > 0):
        raise Refused(_SAMPLE_SIZE, about="sample_size")
    for name, asked in (("score", wave.questions.score), ("why", wave.questions.why)):
        for language in ("zh", "en"):
            sight.text(getattr(asked, language), _QUESTION, about=f"{name}_{language}", required=True, limit=300)
    if len(wave.questions.aspects) > MOST_ASPECTS or not set(wave.questions.aspects) <= set(kinds.ASPECT):
        raise Refused(_ASPECTS, most=MOST_ASPECTS, about="aspects")


def planned(kept: Mapping[str, Any]) -> Wave:
    """A wave as its row keeps it."""
    names = ("title", "metric", "audience", "sampling", "opens_on", "closes_on", "channel", "stage", "sample_size", "seed")
    return Wave(questions=Questions.of(kept["questions"]), among=Among.of(kept["filter"]), **{name: kept[name] for name in names})


def wanted(wave: Wave, wave_id: int | None) -> dict[str, Any]:
    """What the query `survey_candidates` is asked for a wave."""
    among = asdict(wave.among)
    days, grades = among.pop("bought_days"), among.pop("amount_grades")
    since = wave.opens_on - timedelta(days=days) if days else None
    return {**among, "amount_grades": grades or None, "since": since, "audience": wave.audience, "as_of": wave.opens_on, "wave_id": wave_id}


def plan(wave: Wave, rule: Mapping[str, Any]) -> Plan:
    """How a wave's list is drawn under the rules of surveys."""
    gap_days = int(rule[f"{wave.audience}_days"])
    return Plan(wave.opens_on, gap_days, wave.channel, wave.sampling, wave.sample_size, wave.seed)


def drawn_for(change: Change, wave: Wave, wave_id: int) -> Drawn:
    """The list of a wave as it would be now."""
    query = catalog()["survey_candidates"]
    given = {**dict.fromkeys(query.named), **wanted(wave, wave_id), "actor_id": change.actor.user_id, "known_at": change.made_at}
    given["amount_grades"] = list(given["amount_grades"]) if given["amount_grades"] else None
    (rule,) = records(change, "select * from survey_rule($today::date, $known_at::timestamp)", _now(change, wave.opens_on))
    return sampling.draw(sampling.candidates(records(change, query.sql, given)), plan(wave, rule))


def _row(wave: Wave) -> dict[str, Any]:
    names = ("metric", "audience", "sampling", "seed", "opens_on", "closes_on", "stage", "channel")
    size = wave.sample_size if wave.sampling == "sample" else None
    kept = {"questions": wave.questions.kept(), "filter": wave.among.kept(), "sample_size": size}
    return {"title": wave.title.strip(), **kept, **{name: getattr(wave, name) for name in names}}


def _step(change: Change, wave: Mapping[str, Any], state: str, today: date, **more: str) -> None:
    change.subject = f"wave {wave['wave_id']}"
    # In a demo with its fixed date an earlier hour may follow a later one.
    at = max(moment(change, today), wave.get("changed_at") or datetime.min)  # noqa: DTZ901 (moments are UTC without a zone)
    event = {"event_id": change.next_id("wave_event", "event_id"), "wave_id": wave["wave_id"], "state": state, "happened_at": at}
    change.insert("wave_event", [{**event, **more}])


def _invite(change: Change, wave_id: int, asked: Sequence[Asked]) -> None:
    first = change.next_id("survey_invite", "invite_id")
    change.insert("survey_invite", [{"invite_id": number, "wave_id": wave_id, **asdict(one)} for number, one in enumerate(asked, first)])


def _mine(change: Change, wave_id: int, to: str) -> dict[str, Any]:
    """A wave this person may move on to a state. Refuses: one unknown or out of sight, somebody else's, any step but the next."""
    found = _wave(change, wave_id)
    waves.go(found["state"], to)
    return found


def _drafted(change: Change, wave_id: int) -> None:
    if _wave(change, wave_id)["state"] != "draft":
        raise Conflict(_NOT_DRAFT)


def _wave(change: Change, wave_id: int) -> dict[str, Any]:
    asked = {"wave_id": wave_id, "actor_id": change.actor.user_id, **_now(change, date(9999, 12, 30))}
    found = records(change, _WAVE, asked)
    if not found:
        raise NotFound(_NO_WAVE)
    if not (change.actor.sees_all or found[0]["is_own"]):
        raise Forbidden(_NOT_YOURS)
    change.subject = f"wave {wave_id}"
    return found[0]


def _refuse_past(closes_on: date, today: date) -> None:
    if closes_on < today:
        raise Refused(_PAST, closes_on=closes_on.isoformat(), about="closes_on")


def _now(change: Change, today: date) -> dict[str, object]:
    return {"today": today, "known_at": change.made_at}


_WAVE: Final = """
    select
        wave.*,
        wave.wave_id in (select own.wave_id from survey_wave as own where own.recorded_by = $actor_id) as is_own
    from wave_at($today::date, $known_at::timestamp) as wave
    where wave.wave_id = $wave_id and sees_wave(wave.wave_id, $actor_id)
"""
