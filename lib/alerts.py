"""Subscriptions looked at: each person's by what that person sees, written down before anything leaves, then handed to the mail server.

Looked at twice on one day, nothing is told twice: what was told is on record before it is sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date
from decimal import Decimal
from email.message import EmailMessage
from typing import Any, Final

from lib import formats
from lib.commands.subscriptions import NoteTold, WriteTold
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.domain.addresses import wire
from lib.domain.letters import one_line
from lib.errors import Refused
from lib.metrics import METRICS, Cut
from lib.metrics.variation import View
from lib.metrics.words import VERDICT, said
from lib.papers.review.brief import brief
from lib.papers.review.files import printed, wanted
from lib.post import Server, connected, head, named, send, server
from lib.review.alerting import Judged, Subscription, judge
from lib.review.pack import Pack, build, last_week
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows
from lib.store.settings import today, zone
from lib.text import Language, Text

_FROM_HOUR: Final = 7
_BRIEF: Final = Text("【明账】{week} 周报", "[Mingzhang] The week {week}")
_ALERT: Final = Text("【明账】{metric}：{value}", "[Mingzhang] {metric}: {value}")
_SIGNAL: Final = Text("{metric}：{value}，{verdict}。{week} 那一周。", "{metric}: {value}, {verdict}. In the week {week}.")
_ABOVE: Final = Text("{metric}：{value}，高于您定的 {bound}。{week} 那一周。", "{metric}: {value}, above your {bound}. In the week {week}.")
_BELOW: Final = Text("{metric}：{value}，低于您定的 {bound}。{week} 那一周。", "{metric}: {value}, below your {bound}. In the week {week}.")
_WHY_YOU: Final = Text(
    "您在“订阅”页订阅了它，也在那里退订或静音。", "You subscribed to this under Subscriptions; unsubscribe or mute it there."
)


@dataclass(slots=True)
class Told:
    """How many subscriptions were looked at and spoke, and what became of their letters."""

    looked_at: int = 0
    fired: int = 0
    sent: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class _One:
    """A subscription that was judged: the person, the pack they see, and what came of it."""

    row: Mapping[str, Any]
    pack: Pack
    judged: Judged


def tell(ledger: Ledger, day: date, to: Server | None) -> Told:
    """Look at every subscription; what speaks up is mailed to who has an address. Without a server it is only written down.

    Refuses (`Unusable`): a server that cannot be reached; what it was to carry is on record as failed.
    """
    looked_at = [_judged(ledger, row, day) for row in rows(ledger, SYSTEM, "house_subscriptions")]
    count = Told(len(looked_at), sum(one.judged.fires for one in looked_at))
    if not looked_at:
        return count
    numbers = execute(ledger, SYSTEM, WriteTold(day, tuple(_event(one) for one in looked_at))).result
    speaking = [(number, one) for number, one in zip(numbers, looked_at, strict=True) if one.judged.fires and one.row["mailbox"]]
    if to is None or not speaking:
        return count
    outcomes = dict.fromkeys((number for number, _ in speaking), "failed")
    try:
        with connected(to) as line:
            for number, one in speaking:
                letter = _letter(ledger, to, one, number)
                outcomes[number] = send(line, to, wire(one.row["mailbox"]), letter).state
    finally:
        execute(ledger, SYSTEM, NoteTold(tuple(outcomes.items())))
    count.sent = sum(state == "sent" for state in outcomes.values())
    count.failed = len(outcomes) - count.sent
    return count


def daily(ledger: Ledger) -> Told | None:
    """The same once a day, not before people come to work. None: no server is set, it is too early, or the day was looked at."""
    to, day = server(), today(ledger)
    early = ledger.clock().replace(tzinfo=UTC).astimezone(zone(ledger)).hour < _FROM_HOUR
    if to is None or early or rows(ledger, SYSTEM, "house_told_on", as_of=day)[0]["count"]:
        return None
    return tell(ledger, day, to)


def _judged(ledger: Ledger, row: Mapping[str, Any], day: date) -> _One:
    actor = Actor(row["user_id"], row["name"], Role(row["role"]), Scope(row["scope"]), tuple(row["teams"] or ()), row["clearance"])
    currency = row["currency"] or next((one["currency"] for one in rows(ledger, actor, "currencies", as_of=day)), None)
    pack = build(View(ledger, actor, day, None, Cut(currency)), last_week(day))
    subscription = Subscription(**{name: row[name] for name in Subscription.__dataclass_fields__})
    return _One(row, pack, judge(subscription, pack, day, json.loads(row["detail"]) if row["detail"] else None))


def _event(one: _One) -> dict[str, Any]:
    fires = one.judged.fires
    return {
        "subscription_id": one.row["subscription_id"],
        "fired": fires,
        "why": "no_address" if fires and not one.row["mailbox"] else one.judged.why,
        "detail": json.dumps(one.judged.said, sort_keys=True),
    }


def _letter(ledger: Ledger, to: Server, one: _One, number: int) -> EmailMessage:
    """The brief with the week as a page, or one sentence about the metric."""
    language: Language = one.row["language"]
    letter = head(ledger, to, language, named(one.row["name"], wire(one.row["mailbox"])), f"subscription-{number}")
    week = formats.iso_week(one.pack.week_on)
    if one.row["kind"] == "brief":
        asked = wanted(ledger, one.pack, language)
        letter["Subject"] = _BRIEF.say(language, week=week)
        letter.set_content(f"{brief(asked)}\n\n{_WHY_YOU.say(language)}\n")
        with suppress(Refused):
            page = printed(asked, "html")
            letter.add_attachment(page.content, maintype="text", subtype="html", filename=page.file_name)
        return letter
    metric, line = METRICS[one.row["metric"]], one.pack.line(one.row["metric"])
    value = said(line.value, metric, one.pack.currency, language)
    letter["Subject"] = one_line(_ALERT.say(language, metric=metric.label, value=value))
    sentence = _SIGNAL if one.row["kind"] == "signal" else _ABOVE if one.row["is_above"] else _BELOW
    bound = said(Decimal(one.row["bound"] or 0), metric, one.pack.currency, language)
    told = {"metric": metric.label, "value": value, "verdict": VERDICT[line.verdict], "bound": bound, "week": week}
    used = {name: word for name, word in told.items() if f"{{{name}}}" in sentence.zh}
    letter.set_content(f"{sentence.say(language, **used)}\n\n{_WHY_YOU.say(language)}\n")
    return letter
