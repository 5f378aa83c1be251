"""One request to the server's own routes with the guard before them, in this process: no port, any caller's address."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import Message

from lib.ui import web

APP = Starlette(routes=web.ROUTES, middleware=[Middleware(web.Guard)])
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str


def get(path: str, address: str = "10.0.0.1", **headers: str) -> Reply:
    """Open a page."""
    return ask("GET", path, (), address, headers)


def post(path: str, fields: Mapping[str, object] | bytes | Iterable[bytes], address: str = "10.0.0.1", **headers: str) -> Reply:
    """Send a form, a body, or one in parts."""
    body = (urlencode(fields).encode(),) if isinstance(fields, Mapping) else (fields,) if isinstance(fields, bytes) else fields
    return ask("POST", path, body, address, {"content_type": FORM, "origin": "https://house", **headers})


def ask(method: str, path: str, body: Iterable[bytes], address: str, headers: Mapping[str, str]) -> Reply:
    """Any request, by https to `house`."""
    parts, sent = iter(body), list[Message]()

    async def receive() -> Message:
        part = next(parts, None)
        return {"type": "http.request", "body": part or b"", "more_body": part is not None}

    async def send(message: Message) -> None:
        sent.append(message)

    given = {"host": "house", "accept": "text/html", **headers}
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items() if value]
    path, _, query = path.partition("?")
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "scheme": "https", "headers": pairs}
    asyncio.run(APP({**scope, "client": (address, 1), "server": ("house", 443)}, receive, send))
    texts = b"".join(message.get("body", b"") for message in sent)
    return Reply(sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}, texts.decode())
