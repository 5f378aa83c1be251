"""The server around the pages: routes of our own, the gate before Streamlit's, headers, start and errors.

Does not import streamlit_authenticator: it complains when it is imported outside a page.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import hashlib
import importlib
import logging
import pkgutil
import re
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import altair as alt
import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.pages_manager import PagesManager

from lib import alerts, ui
from lib.domain import links, passwords
from lib.errors import Refused, Unusable
from lib.store import safety, sessions
from lib.store.ledger import Ledger
from lib.text import Text
from lib.ui import answering, board, brand, first_start, handover, incidents, page, review, session

CLOSED: Final = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check", "/component/", "/auth/", "/oauth2callback")
"""Streamlit's routes that this house does not use and that tell strangers about it."""
PRIVATE: Final = ("/media/", "/_stcore/upload_file")
"""Streamlit's routes that hand out or take in people's data on a bare URL."""
_UNKEPT: Final = {b"cache-control": b"private, no-store"}
"""A file of a customer stays on no disk between us and the person."""
_MOST_BYTES: Final = 1024
_FIRST_CHORE_SECONDS: Final = 300
_CHORES_EVERY_SECONDS: Final = 3600
_FIRST_WARM_SECONDS: Final = 20
_WARM_EVERY_SECONDS: Final = 10
_REST: Final = 10
"""Of its time the server gives one part in eleven at most to what nobody has asked for yet."""
_BROUGHT_LATE: Final = ("streamlit.emojis", "streamlit.material_icon_names", "pyarrow.pandas_compat", "PIL.ImageFile")
"""What Streamlit imports only with the first icon, table and picture; otherwise the first person waits for it."""
_LOG: Final = logging.getLogger("mingzhang")

_FAILED = Text(
    "出错了，这次操作没有完成。请重试；若再次出现，请把事件编号 {incident} 告诉管理员。",
    "Something went wrong and this was not done. Try again; if it happens again, give your administrator incident number {incident}.",
)


def house() -> dict[str, Any]:
    """What `st.App` needs. Opens the ledger first, so that a file that cannot be used stops the start with a sentence."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    try:
        session.ledger()
    except Unusable as trouble:
        sys.exit(f"{trouble.say('zh')}\n{trouble.say('en')}")
    # st.navigation owns the pages; else the first request after a start would run a page file without the app around it.
    PagesManager.uses_pages_directory = False
    asyncio.base_events._set_nodelay = _without_delay  # type: ignore[attr-defined] # noqa: SLF001 (see there)
    return {"routes": ROUTES, "middleware": [Middleware(Guard)], "lifespan": lifespan, "on_script_error": on_error}


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Warm up before the first person comes, close the ledger after the last one left."""
    await asyncio.to_thread(_warm_up)
    gc.collect()
    # What is loaded by now lives as long as the server; the collector need not look at it after every click.
    gc.freeze()
    if first_start.needed():
        for language in ("zh", "en"):
            sys.stderr.write(first_start.ANNOUNCEMENT.say(language, code=first_start.code()) + "\n")
        sys.stderr.flush()
    tasks = [asyncio.create_task(_keep_house()), asyncio.create_task(_stay_warm())]
    yield
    for task in tasks:
        task.cancel()
    session.ledger().close()


def on_error(error: Exception) -> bool:
    """In place of a traceback on the page: a refusal's own sentence, or an incident number whose traceback is in the log."""
    if isinstance(error, Refused):
        page.refused(error)
        return True
    incident = incidents.noted(error)
    try:
        st.error(session.say(_FAILED, incident=incident))
    except Exception:  # noqa: BLE001 (the ledger itself may be what failed)
        st.error(f"{_FAILED.zh}\n\n{_FAILED.en}".format(incident=incident))
    return True


class Guard:
    """Before Streamlit sees a request: closed routes, private routes, foreign origins; on the way out: headers and language."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or pass on."""
        if scope["type"] == "websocket" and not _same_origin(HTTPConnection(scope)):
            # Streamlit lets in every page of this machine, and cookies do not tell its ports apart.
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_survey = scope["path"].startswith(links.PATH)
        more = answering.HEADERS if is_survey else _UNKEPT if scope["path"].startswith(PRIVATE) else {}
        outward = _with_headers(send, more, is_https=scope["scheme"] == "https")
        refusal = await _refusal(Request(scope))
        if refusal:
            await refusal(scope, receive, outward)
        elif _is_page(scope) and not is_survey:
            await _translated(self._app, scope, receive, outward)
        else:
            await self._app(scope, receive, outward)


async def start(request: Request) -> Response:
    """Redeem a ticket for the cookie."""
    token = handover.tickets().redeem(await _ticket(request)) if _is_ours(request) else None
    if token is None:
        return PlainTextResponse("no such ticket", 400)
    answer = JSONResponse({"ok": True}, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        session.COOKIE,
        token,
        max_age=int(sessions.ABSOLUTE.total_seconds()),
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


async def end(request: Request) -> Response:
    """End the sign-in of the cookie and take the cookie back."""
    if not _is_ours(request):
        return PlainTextResponse("forbidden", 403)
    if token := request.cookies.get(session.COOKIE):
        await run_in_threadpool(sessions.end, session.ledger(), sessions.token_hash(token))
    answer = JSONResponse({"ok": True}, headers={"Cache-Control": "no-store"})
    answer.delete_cookie(session.COOKIE, path="/", httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return answer


async def favicon(_request: Request) -> Response:
    """The mark, also before sign-in."""
    return FileResponse(brand.FAVICON, headers={"Cache-Control": "max-age=86400"})


async def healthz(_request: Request) -> Response:
    """Whether the ledger answers."""
    await run_in_threadpool(lambda: session.ledger().cursor().execute("select 1").fetchone())
    return JSONResponse({"status": "ok"})


async def first_page(request: Request) -> Response:
    """The first page has no path of its own; who types or keeps one is taken there."""
    return RedirectResponse(f"/?{request.url.query}".rstrip("?"), 307)


ROUTES: Final = [
    Route(f"/{page.START}", first_page),
    Route(handover.START_PATH, start, methods=["POST"]),
    Route(handover.END_PATH, end, methods=["POST"]),
    Route(brand.FAVICON_PATH, favicon),
    Route("/healthz", healthz),
    *answering.ROUTES,
]


async def _refusal(request: Request) -> Response | None:
    path = request.scope["path"]
    if path.startswith(CLOSED):
        return PlainTextResponse("not found", 404)
    if request.method not in {"GET", "HEAD", "OPTIONS"} and not _same_origin(request):
        return PlainTextResponse("forbidden", 403)
    if path.startswith(PRIVATE) and await run_in_threadpool(_signed_in, request) is None:
        return PlainTextResponse("forbidden", 403)
    return None


def _signed_in(request: HTTPConnection) -> sessions.SignedIn | None:
    token = request.cookies.get(session.COOKIE)
    return sessions.find(session.ledger(), sessions.token_hash(token)) if token else None


def _same_origin(request: HTTPConnection) -> bool:
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _is_ours(request: Request) -> bool:
    # A foreign page cannot add this header without asking first, and is never allowed to.
    return request.headers.get("x-mingzhang") == "1" and _same_origin(request)


async def _ticket(request: Request) -> str:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return ""
    found = re.fullmatch(rb'\s*\{\s*"ticket"\s*:\s*"([\w-]+)"\s*\}\s*', body)
    return found[1].decode() if found else ""


def _is_page(scope: Scope) -> bool:
    return scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")


async def _translated(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """The page's frame in the person's language: Streamlit's says English and its own name."""
    person = await run_in_threadpool(_signed_in, HTTPConnection(scope))
    language = b"en" if person and person.language == "en" else b"zh-CN"
    # Uncompressed and unconditional, so that there is a text to change.
    kept = [(name, value) for name, value in scope["headers"] if name not in {b"accept-encoding", b"if-none-match", b"if-modified-since"}]
    parts: list[bytes] = []
    first: Message = {}

    async def hold(message: Message) -> None:
        nonlocal first
        if message["type"] == "http.response.start":
            first = message
            return
        parts.append(message.get("body", b""))
        if message.get("more_body"):
            return
        body = b"".join(parts).replace(b'<html lang="en">', b'<html lang="%s">' % language)
        body = body.replace(b"<title>Streamlit</title>", "<title>明账</title>".encode())
        headers = [pair for pair in first["headers"] if pair[0] not in {b"content-length", b"etag", b"last-modified"}]
        await send({**first, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})

    await app({**scope, "headers": kept}, receive, hold)


def _with_headers(send: Send, more: Mapping[bytes, bytes], *, is_https: bool) -> Send:
    async def outward(message: Message) -> None:
        if message["type"] == "http.response.start":
            ours = {**_headers(), **more, **({b"strict-transport-security": b"max-age=31536000"} if is_https else {})}
            message["headers"] = [*(pair for pair in message["headers"] if pair[0] not in ours), *ours.items()]
        await send(message)

    return outward


@cache
def _headers() -> dict[bytes, bytes]:
    policy = {
        "default-src": "'self'",
        "script-src": f"'self' 'unsafe-eval' blob: {' '.join(_inline_scripts())}",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self' data:",
        "worker-src": "'self' blob:",
        "frame-src": "'self' blob:",
        "frame-ancestors": "'none'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
    }
    return {
        b"content-security-policy": "; ".join(f"{name} {sources}" for name, sources in policy.items()).encode(),
        b"x-content-type-options": b"nosniff",
        b"x-frame-options": b"DENY",
        b"referrer-policy": b"same-origin",
        b"cross-origin-opener-policy": b"same-origin",
        b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
    }


def _inline_scripts() -> list[str]:
    """What the policy must let through of Streamlit's own page, counted anew at each start because it differs by version."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_bytes()
    scripts = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" for script in scripts]


def _warm_up() -> None:
    # Imported outside a page, the login library warns about that; nothing is wrong.
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)
    for module in pkgutil.iter_modules(ui.__path__):
        try:
            importlib.import_module(f"lib.ui.{module.name}")
        except Exception:  # noqa: BLE001 (its page will say so with an incident number; the others work)
            _LOG.exception("lib.ui.%s cannot be imported", module.name)
    for name in _BROUGHT_LATE:
        importlib.import_module(name)
    alt.Chart(alt.Data(values=[])).mark_point().encode(alt.X("x:Q")).to_dict()  # type: ignore[no-untyped-call] # altair leaves it untyped
    passwords.nobodys()
    _prepare(board.prepare)


async def _stay_warm() -> None:
    """Once nothing was written for a while, work out anew what the last changes made past, so that nobody has to wait for it.

    Then rest for many times as long: the machine is there for people.
    """
    await asyncio.sleep(_FIRST_WARM_SECONDS)
    warm = seen = None
    while True:
        took = 0.0
        try:
            now = session.ledger().version, session.today()
            if now == seen != warm:
                started = time.monotonic()
                await asyncio.to_thread(_prepare, board.prepare, review.prepare)
                warm, took = now, time.monotonic() - started
            seen = now
        except Exception:  # noqa: BLE001 (the next look is another try; the log has the reason)
            _LOG.exception("nothing could be prepared")
        await asyncio.sleep(max(_WARM_EVERY_SECONDS, _REST * took))


def _prepare(*made: Callable[[], None]) -> None:
    for prepare in made:
        try:
            prepare()
        except Exception:  # noqa: BLE001 (the page itself will say so; the others work)
            _LOG.exception("%s could not be prepared", prepare.__module__)


async def _keep_house() -> None:
    """The day's chores while the server runs, not in its busy first minutes."""
    await asyncio.sleep(_FIRST_CHORE_SECONDS)
    while True:
        for name, chore in _CHORES.items():
            try:
                await asyncio.to_thread(chore, session.ledger())
            except Refused as refusal:
                _LOG.error("%s: %s", name, refusal.say("en"))
            except Exception:  # noqa: BLE001 (tomorrow is another try; the log has the reason)
                _LOG.exception("%s failed", name)
        await asyncio.sleep(_CHORES_EVERY_SECONDS)


_CHORES: Final[Mapping[str, Callable[[Ledger], object]]] = {
    "backup": safety.daily,
    "tidying": sessions.forget_old,
    "subscriptions": alerts.daily,
}


def _without_delay(sock: socket.socket) -> None:
    """Send small messages at once. asyncio does so only for sockets whose protocol number Streamlit leaves out."""
    if sock.family in {socket.AF_INET, socket.AF_INET6} and sock.type == socket.SOCK_STREAM:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
