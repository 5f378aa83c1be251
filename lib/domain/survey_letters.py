"""What we write to a customer whose opinion we ask: the invitation and two reminders. The link is put in when the letter is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from lib import formats
from lib.domain import kinds, links
from lib.domain.letters import Letter, one_line, opening, signature
from lib.domain.sender import Sender
from lib.text import Language, Text


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom we ask about what. stage: of the journey, when it is about one event. reminder: 0 for the invitation, then which reminder."""

    customer: str
    contact: str | None
    as_of: date
    closes_on: date
    stage: str | None = None
    reminder: int = 0
    sender: Sender = field(default_factory=Sender)


_SUBJECT: Final[Mapping[int, Text]] = {
    0: Text("{company}想听听您的意见（约 1 分钟）", "{company} would like your opinion (about a minute)"),
    1: Text("提醒：{company}还在等您的意见（约 1 分钟）", "A reminder: {company} would still like your opinion (about a minute)"),
    2: Text("最后一次提醒：{company}想听听您的意见", "Last reminder: {company} would like your opinion"),
}
_US: Final = Text("我们", "We")
_WHY: Final[Mapping[int, Text]] = {
    0: Text(
        "感谢您与我们合作。我们做得怎么样，哪里该改进，想听您说一句实话。",
        "Thank you for working with us. How are we doing, and what should we do better?",
    ),
    1: Text(
        "几天前我们请您给个评价，还没有收到回答。您的意见决定我们先改什么。",
        "Some days ago we asked for your opinion and have not heard from you. It decides what we improve first.",
    ),
    2: Text(
        "我们请您给个评价，还没有收到回答。之后不会再为这次调查打扰您。",
        "We asked for your opinion and have not heard from you. We will not remind you of this survey again.",
    ),
}
_EVENT: Final = Text("这次想请您评价的是：{stage}。", "This time we ask about: {stage}.")
_OPEN: Final = Text("请打开下面的链接回答，约 1 分钟，不用登录：", "Please answer here; it takes about a minute and needs no sign-in:")
_OWN: Final = Text(
    "链接是您专用的，答一次即失效，{closes_on}前有效，请不要转发。",
    "The link is yours alone, works once and until {closes_on}; please do not pass it on.",
)


def survey(language: Language, asked: Asked) -> Letter:
    """Subject and body of an invitation or a reminder."""
    company = asked.sender.called(language) or _US.say(language)
    parts = [
        *opening(asked.customer, asked.contact, language),
        _WHY[asked.reminder].say(language),
        _EVENT.say(language, stage=kinds.STAGE[asked.stage]) if asked.stage else "",
        f"{_OPEN.say(language)}\n{links.PLACE}",
        _OWN.say(language, closes_on=formats.full_date(asked.closes_on, language)),
        signature(asked.sender, asked.as_of, language),
    ]
    return one_line(_SUBJECT[asked.reminder].say(language, company=company)), "\n\n".join(part for part in parts if part)
