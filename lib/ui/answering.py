"""The page behind a survey's link, outside the sign-in: whoever holds the link answers once, and learns nothing but who asks.

Reading never answers (mail servers open links to look at them), guessing is slowed down, and no token gets into a log.
"""

from __future__ import annotations

import asyncio
import math
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from lib.commands.invitations import SECRET, AnswerInvitation
from lib.commands.sight import LONGEST_TEXT
from lib.domain import links
from lib.domain.access import SYSTEM
from lib.domain.letters import language_of
from lib.domain.sender import Sender, sender
from lib.domain.surveys import MARKS, POINTS, Questions
from lib.errors import Conflict, NotFound, Refused
from lib.store import settings as house
from lib.store.door import execute
from lib.store.house_secret import house_secret
from lib.store.query import rows
from lib.text import LANGUAGES, Language, Text
from lib.ui import answer_page, incidents, session
from lib.ui.answer_page import POLICY, Given, Sheet
from lib.ui.throttle import Limit, Throttle, address_key

HEADERS: Final = {
    b"content-security-policy": POLICY.encode(),
    b"cache-control": b"no-store",
    b"x-robots-tag": b"noindex",
    # Only where one comes from, never the token. Without any referrer browsers would not say where a form was sent from either.
    b"referrer-policy": b"strict-origin",
}
"""What goes for this page beside or instead of the house's headers."""
GUESSES: Final = Limit(free=20, longest_seconds=60)
"""Tries of links that open nothing, by address. A link that opens something is never held up: it cannot be guessed, and a whole
office or a mobile network may share one address."""
_MOST_BYTES: Final = 256 * 1024
_MOST_FIELDS: Final = 50
_LONGEST_READ_SECONDS: Final = 20.0
_FORM: Final = "application/x-www-form-urlencoded"

_NO_SCORE = Text("请选一个分数。", "Please choose a score.")
_TOO_LONG = Text("最多 {most} 字，现在有 {count} 字。请删短一些。", "At most {most} characters; there are {count}. Please make it shorter.")
_FAILED = Text(
    "没有保存成功，您填的内容还在。请再点一次“提交”；若仍不行，请联系给您发链接的人（编号 {incident}）。",
    "This was not saved; what you filled in is still here. Press “Send” again; "
    "if it fails again, tell who sent you the link (number {incident}).",
)


@dataclass(frozen=True, slots=True)
class Opened:
    """An invitation behind a link, with who asks."""

    invite: dict[str, Any]
    company: Sender

    @property
    def questions(self) -> Questions:
        """What is asked."""
        return Questions.of(self.invite["questions"])

    def sheet(self, language: Language, given: Given | None = None, trouble: dict[str, str] | None = None) -> str:
        """The page with what was filled in."""
        asked = (self.invite["metric"], self.questions, self.invite["closes_on"], self.company, language)
        return answer_page.sheet(Sheet(*asked, given or Given(), trouble or {}))


async def show(request: Request) -> Response:
    """The survey, or that it is answered, or that the link opens nothing."""
    opened = await run_in_threadpool(_opened, request)
    return opened if isinstance(opened, Response) else _shown(opened, _language(opened, request.query_params.get("language")))


async def answer(request: Request) -> Response:
    """Keep what was filled in; show the survey again when something is wrong with it or another language was asked for."""
    opened = await run_in_threadpool(_opened, request)
    if isinstance(opened, Response):
        return opened
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return HTMLResponse(answer_page.bad(), 415)
    body = await _body(request)
    if body is None:
        return HTMLResponse(answer_page.bad(), 413)
    try:
        fields = {name: values[-1] for name, values in parse_qs(body.decode("ascii"), max_num_fields=_MOST_FIELDS).items()}
    except ValueError:
        return HTMLResponse(answer_page.bad(), 400)
    return await run_in_threadpool(_answered, opened, fields, request.url.path)


ROUTES: Final = [
    Route(f"{links.PATH}{{token}}", show, methods=["GET"]),
    Route(f"{links.PATH}{{token}}", answer, methods=["POST"]),
]


@cache
def guesses() -> Throttle:
    """The server's memory of links that opened nothing."""
    return Throttle()


def _opened(request: Request) -> Opened | Response:
    """The invitation behind the link; else the answer that there is none. What no house made is not even looked up."""
    ledger = session.ledger()
    named = links.opened(house_secret(ledger, SECRET), request.path_params["token"])
    today = house.today(ledger)
    found = rows(ledger, SYSTEM, "house_invitation", wave_id=named[0], invite_id=named[1], as_of=today) if named else []
    if found and found[0]["state"] != "over":
        return Opened(found[0], sender(house.settings(ledger)))
    wait = 0.0 if named else guesses().take({address_key(request.client.host if request.client else None): GUESSES})
    if wait:
        seconds = math.ceil(wait)
        return HTMLResponse(answer_page.busy(seconds), 429, {"Retry-After": str(seconds)})
    return HTMLResponse(answer_page.gone(), 404)


def _shown(opened: Opened, language: Language) -> Response:
    if opened.invite["state"] == "answered":
        return HTMLResponse(answer_page.thanks(opened.company, language))
    return HTMLResponse(opened.sheet(language))


def _answered(opened: Opened, fields: dict[str, str], path: str) -> Response:
    language = _language(opened, fields.get("language") or fields.get("said"))
    here = RedirectResponse(f"{path}?language={language}", 303)
    if opened.invite["state"] == "answered":
        return here
    given = _given(opened, fields)
    if "language" in fields:
        return HTMLResponse(opened.sheet(language, given))
    trouble, status = _trouble(given, language), 422
    if not trouble:
        trouble, status = _kept(opened, given, language)
    return HTMLResponse(opened.sheet(language, given, trouble), status) if trouble else here


def _kept(opened: Opened, given: Given, language: Language) -> tuple[dict[str, str], int]:
    """What kept an answer from being kept, if anything, and which kind of failure that is; what was typed is never lost."""
    try:
        _keep(opened, given, language)
    except (Conflict, NotFound):
        return {}, 303  # answered or over since: the page itself says which
    except Refused as refusal:
        return {"": refusal.say(language)}, 422
    except Exception as error:  # noqa: BLE001 (the customer is told, the log has the reason)
        return {"": _FAILED.say(language, incident=incidents.noted(error))}, 500
    return {}, 303


def _keep(opened: Opened, given: Given, language: Language) -> None:
    assert given.score is not None
    ledger = session.ledger()
    order = AnswerInvitation(
        opened.invite["wave_id"],
        opened.invite["invite_id"],
        given.score,
        house.today(ledger),
        given.comment.strip() or None,
        given.aspects,
        language,
    )
    execute(ledger, SYSTEM, order)


def _given(opened: Opened, fields: dict[str, str]) -> Given:
    """What a form says; what no form of ours would say counts as not filled in."""
    points = {str(value): value for value in POINTS[opened.invite["metric"]]}
    marks = {str(mark): mark for mark in MARKS}
    given = {aspect: marks[said] for aspect in opened.questions.aspects if (said := fields.get(f"aspect-{aspect}", "")) in marks}
    return Given(points.get(fields.get("score", "")), _cleaned(fields.get("comment", "")), given)


def _cleaned(text: str) -> str:
    """A text without the control characters that phones and pasted texts bring along, its lines ending in one way."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", " ", text.replace("\r\n", "\n").replace("\r", "\n"))


def _trouble(given: Given, language: Language) -> dict[str, str]:
    found = {}
    if given.score is None:
        found["score"] = _NO_SCORE.say(language)
    if len(given.comment) > LONGEST_TEXT:
        found["comment"] = _TOO_LONG.say(language, most=LONGEST_TEXT, count=len(given.comment))
    return found


def _language(opened: Opened, chosen: str | None) -> Language:
    return next((known for known in LANGUAGES if known == chosen), language_of(opened.invite["language"]))


async def _body(request: Request) -> bytes | None:
    """What was sent; None when it is too much or comes too slowly."""
    body = bytearray()
    try:
        async with asyncio.timeout(_LONGEST_READ_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > _MOST_BYTES:
                    return None
    except (TimeoutError, ClientDisconnect):
        return None
    return bytes(body)
