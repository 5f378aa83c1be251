"""The server around the pages: headers, closed and private routes, the cookie, start and errors."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
import streamlit as st
from server import ROOT, Server
from signin import PEOPLE
from starlette.requests import Request
from starlette.responses import Response
from streamlit.testing.v1 import AppTest

from lib.errors import Refused
from lib.store import sessions
from lib.store.ledger import Ledger
from lib.text import Text
from lib.ui import handover, incidents, session, web

ROUTES = ["/", "/overdue", "/healthz", "/favicon.png", "/_stcore/health", "/_stcore/metrics", "/media/x", "/session/start", "/no/such/page"]


@pytest.fixture(scope="module")
def tokens() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def server(template_ledger: Path, tmp_path_factory: pytest.TempPathFactory, tokens: dict[str, str]) -> Iterator[Server]:
    """One server for the module, with sign-ins made before it opened the ledger: they outlive a restart."""
    path = tmp_path_factory.mktemp("server") / "ledger.duckdb"
    shutil.copy(template_ledger, path)
    with Ledger(path) as ledger:
        for who in ("lead", "finance", "viewer"):
            tokens[who] = sessions.start(ledger, PEOPLE[who][0])
        ledger.jot("update app_user set language = 'en' where username = 'finance'", {})
    with Server(path) as running:
        yield running


def test_the_first_page_is_found_by_its_name_with_what_was_asked_of_it(server: Server) -> None:
    answer = requests.get(f"{server.url}/overview?lang=en", timeout=10, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, "/?lang=en")


@pytest.mark.parametrize("route", ROUTES)
def test_every_answer_carries_the_headers(server: Server, route: str) -> None:
    headers = requests.get(server.url + route, timeout=10).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert "http" not in headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in policy["script-src"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "route",
    [
        "/_stcore/metrics",
        "/_stcore/agent/openapi.json",
        "/_stcore/agent/mcp",
        "/_stcore/script-health-check",
        "/component/x/index.html",
        "/auth/login",
    ],
)
def test_unused_routes_are_closed(server: Server, route: str) -> None:
    assert requests.get(server.url + route, timeout=10).status_code == 404
    assert requests.post(server.url + route, timeout=10).status_code == 404


@pytest.mark.parametrize("cookie", [None, "", "nonsense", "lead "])
def test_private_routes_need_a_live_sign_in(server: Server, cookie: str | None) -> None:
    cookies = {} if cookie is None else {session.COOKIE: cookie}
    assert requests.get(f"{server.url}/media/0123.png", cookies=cookies, timeout=10).status_code == 403
    assert requests.put(f"{server.url}/_stcore/upload_file/a/b", data=b"x", cookies=cookies, timeout=10).status_code == 403


def test_private_routes_open_with_one(server: Server, tokens: dict[str, str]) -> None:
    found = requests.get(f"{server.url}/media/0123.png", cookies={session.COOKIE: tokens["lead"]}, timeout=10)
    assert found.status_code == 404
    assert "no-store" in found.headers["Cache-Control"]


def test_the_page_obeys_messages_of_no_other_page(server: Server) -> None:
    assert requests.get(f"{server.url}/_stcore/host-config", timeout=10).json()["allowedOrigins"] == []


def test_the_frame_speaks_the_persons_language(server: Server, tokens: dict[str, str]) -> None:
    accept = {"Accept": "text/html", "Accept-Encoding": "gzip"}
    stranger = requests.get(server.url, headers=accept, timeout=10)
    english = requests.get(f"{server.url}/overdue", headers=accept, cookies={session.COOKIE: tokens["finance"]}, timeout=10)
    assert '<html lang="zh-CN">' in stranger.text
    assert '<html lang="en">' in english.text
    assert "<title>明账</title>" in stranger.content.decode()
    assert int(stranger.headers["Content-Length"]) == len(stranger.content)


def test_every_inline_script_of_the_page_is_allowed_and_no_other(server: Server) -> None:
    page = requests.get(server.url, headers={"Accept": "text/html"}, timeout=10)
    inline = re.findall(r"<script>", page.text)
    assert len(re.findall(r"'sha256-", page.headers["Content-Security-Policy"])) == len(inline) > 0


def test_a_cookie_needs_a_ticket(server: Server) -> None:
    for body in ("", "{}", '{"ticket": ""}', '{"ticket": "guess"}', "x" * 100_000):
        answer = requests.post(f"{server.url}/session/start", data=body.encode(), headers={"X-Mingzhang": "1"}, timeout=10)
        assert answer.status_code == 400
        assert not answer.cookies


@pytest.mark.parametrize("route", ["/session/start", "/session/end"])
def test_a_foreign_page_reaches_no_session_route(server: Server, tokens: dict[str, str], route: str) -> None:
    cookies = {session.COOKIE: tokens["viewer"]}
    foreign = {"X-Mingzhang": "1", "Origin": "https://evil.example"}
    assert requests.post(server.url + route, headers=foreign, cookies=cookies, timeout=10).status_code == 403
    assert requests.post(server.url + route, cookies=cookies, timeout=10).status_code in {400, 403}
    requests.get(server.url + route, cookies=cookies, timeout=10)
    alive = requests.get(f"{server.url}/media/x", cookies=cookies, timeout=10)
    assert alive.status_code == 404


def test_the_cookie_is_given_back(server: Server, tokens: dict[str, str]) -> None:
    cookies = {session.COOKIE: tokens["lead"]}
    answer = requests.post(f"{server.url}/session/end", headers={"X-Mingzhang": "1", "Origin": server.url}, cookies=cookies, timeout=10)
    assert answer.ok
    assert f'{session.COOKIE}=""' in answer.headers["Set-Cookie"]
    assert requests.get(f"{server.url}/media/x", cookies=cookies, timeout=10).status_code == 403


def redeemed(scheme: str, ticket: str) -> Response:
    """What the start route answers a page that came by http or https."""
    body = json.dumps({"ticket": ticket}).encode()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body}

    headers = [(b"x-mingzhang", b"1"), (b"host", b"desk"), (b"origin", f"{scheme}://desk".encode())]
    scope = {"type": "http", "method": "POST", "path": "/session/start", "scheme": scheme, "server": ("desk", 80), "headers": headers}
    return asyncio.run(web.start(Request({**scope, "query_string": b""}, receive)))


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_cookie_is_out_of_reach_of_scripts_and_foreign_pages(scheme: str) -> None:
    ticket = handover.tickets().issue("the-token")
    cookie = redeemed(scheme, ticket).headers["set-cookie"]
    assert cookie.startswith(f"{session.COOKIE}=the-token;")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie
    assert ("Secure" in cookie) is (scheme == "https")
    assert redeemed(scheme, ticket).status_code == 400


def test_small_messages_leave_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as one:
        web._without_delay(one)
        assert one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize("content", [b"this is no ledger at all, but a note of sixty bytes or more, really", None])
def test_an_unusable_ledger_stops_the_start_in_both_languages(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ledger.duckdb"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", "import app"],
        cwd=ROOT,
        env={"MINGZHANG_LEDGER": str(path), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "账本文件" in done.stderr
    assert "The ledger" in done.stderr
    assert "Traceback" not in done.stderr


def on_error_said(error: str) -> AppTest:
    return AppTest.from_string(
        f"from lib.errors import Refused\nfrom lib.text import Text\nfrom lib.ui import web\nweb.on_error({error})"
    ).run()


@pytest.mark.usefixtures("house")
def test_a_failure_shows_an_incident_number_and_logs_the_traceback(caplog: pytest.LogCaptureFixture) -> None:
    test = on_error_said("ValueError('13800138000 王小明')")
    incident = re.search(r"事件编号 ([0-9A-F]{8})", test.error[0].value)
    assert incident
    assert incident[1] in caplog.text
    assert "ValueError" in caplog.text
    assert "ValueError" not in test.error[0].value


def test_logs_hold_no_values() -> None:
    assert incidents.impersonal("Could not convert '王小明' 13800138000") == "Could not convert … …"


@pytest.mark.usefixtures("house")
def test_a_refusal_says_its_own_sentence() -> None:
    assert on_error_said("Refused(Text('不行', 'no'))").error[0].value == "不行"
    assert isinstance(Refused(Text("不行", "no")), Exception)


def test_streamlit_never_discovers_pages_on_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MINGZHANG_LEDGER", str(tmp_path / "new.duckdb"))
    st.cache_resource.clear()
    web.house()
    session.ledger().close()
    st.cache_resource.clear()
    assert web.PagesManager.uses_pages_directory is False


def test_what_changes_made_past_is_worked_out_once_they_have_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks at versions 1 1 2 3 3 3: for 1 and for 3, not for 2, which did not stand still, and for 3 only once."""
    versions, made = iter([1, 1, 2, 3, 3, 3]), list[int]()
    held = SimpleNamespace(version=0)

    class Over(BaseException):
        pass

    def looked() -> SimpleNamespace:
        try:
            held.version = next(versions)
        except StopIteration:
            raise Over from None
        return held

    async def at_once(_seconds: float) -> None:
        """No waiting in a test."""

    monkeypatch.setattr(session, "ledger", looked)
    monkeypatch.setattr(session, "today", lambda: date(2026, 6, 30))
    monkeypatch.setattr(web.asyncio, "sleep", at_once)
    monkeypatch.setattr(web, "_prepare", lambda *_: made.append(held.version))
    with pytest.raises(Over):
        asyncio.run(web._stay_warm())
    assert made == [1, 3]
