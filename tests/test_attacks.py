"""Attacks on the sign-in, against a real server: each was possible with the parts as they come out of the box."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import bcrypt
import pytest
import requests
from server import ROOT, Server
from signin import PASSWORD, PEOPLE
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from lib.store import sessions
from lib.store.ledger import Ledger
from lib.ui import session


@pytest.fixture(scope="module")
def tokens() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def server(template_ledger: Path, tmp_path_factory: pytest.TempPathFactory, tokens: dict[str, str]) -> Iterator[Server]:
    path = tmp_path_factory.mktemp("attacks") / "ledger.duckdb"
    shutil.copy(template_ledger, path)
    with Ledger(path) as ledger:
        for who in PEOPLE:
            tokens[who] = sessions.start(ledger, PEOPLE[who][0])
        hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(12)).decode()
        ledger.jot("update app_user set password_hash = $hashed", {"hashed": hashed})
    with Server(path) as running:
        yield running


class Client:
    """As little of a browser as an attacker needs: a websocket that runs the script and reads what it shows."""

    def __init__(self, server: Server, *, cookie: str | None = None, resume: str | None = None, origin: str | None = None) -> None:
        headers = {"Cookie": f"{session.COOKIE}={cookie}"} if cookie else {}
        address = server.url.replace("http", "ws") + "/_stcore/stream"
        protocols: list[Any] = ["streamlit", "PLACEHOLDER_AUTH_TOKEN", *([resume] if resume else [])]
        self._open = ExitStack()
        self.socket: ClientConnection = self._open.enter_context(
            connect(address, additional_headers=headers, subprotocols=protocols, origin=origin, max_size=None, proxy=None)  # type: ignore[arg-type]
        )
        self.session_id = ""
        self.widgets: dict[str, str] = {}

    def run(self, page: str = "", **widgets: str) -> str:
        """Run the script once. Returns every text it sent."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = ""
        for label, value in widgets.items():
            state = message.rerun_script.widget_states.widgets.add(id=self.widgets[label])
            if value == "click":
                state.trigger_value = True
            else:
                state.string_value = value
        self.socket.send(message.SerializeToString())
        return self._read()

    def _read(self) -> str:
        seen = []
        while True:
            message = ForwardMsg()
            data = self.socket.recv(timeout=30)
            assert isinstance(data, bytes)
            message.ParseFromString(data)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session_id = message.new_session.initialize.session_id
            if kind == "delta":
                self._note(message)
            seen.append(_words(message))
            # A rerun follows a sign-in at once: the run that it cut short does not count as finished.
            if kind == "script_finished" and message.script_finished in {
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
            }:
                return "\n".join(seen)

    def _note(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        for kind in ("text_input", "button"):
            if element.WhichOneof("type") == kind:
                found = getattr(element, kind)
                self.widgets[found.label] = found.id

    def close(self) -> None:
        self._open.close()


def _words(message: ForwardMsg) -> str:
    return message.SerializeToString().decode("utf-8", "ignore")


def is_sign_in_form(seen: str) -> bool:
    return "用户名" in seen and "my_corner" not in seen


@pytest.mark.parametrize("page", ["overdue", "administration", "customer", "imports"])
def test_the_first_request_after_a_start_runs_no_page_file(server: Server, page: str) -> None:
    """Streamlit runs pages/x.py directly until some visitor has run the app: no sign-in, no roles."""
    server.stop()
    server.start()
    client = Client(server)
    seen = client.run(page)
    client.close()
    assert is_sign_in_form(seen)
    assert f"pages/{page}.py" not in seen


def test_people_stay_signed_in_when_the_server_restarts(server: Server, tokens: dict[str, str]) -> None:
    server.stop()
    server.start()
    client = Client(server, cookie=tokens["finance"])
    assert "Finance" in client.run()
    client.close()


def test_a_session_id_alone_opens_nothing(server: Server, tokens: dict[str, str]) -> None:
    """The id stands in upload addresses and so in proxy logs; whoever shows it takes over the live tab."""
    victim = Client(server, cookie=tokens["manager"])
    assert "Manager" in victim.run()
    thief = Client(server, resume=victim.session_id)
    seen = thief.run("overview")
    assert thief.session_id == victim.session_id
    assert is_sign_in_form(seen)
    assert "Manager" not in seen
    other = Client(server, resume=victim.session_id, cookie=tokens["viewer"])
    assert "Manager" not in other.run()
    for client in (thief, other, victim):
        client.close()


def test_the_victim_comes_back_with_the_cookie(server: Server, tokens: dict[str, str]) -> None:
    victim = Client(server, cookie=tokens["manager"])
    victim.run()
    victim.close()
    again = Client(server, resume=victim.session_id, cookie=tokens["manager"])
    assert "Manager" in again.run()
    again.close()


def test_a_cookie_is_worth_nothing_after_signing_out(server: Server, tokens: dict[str, str]) -> None:
    tab, other_tab = (Client(server, cookie=tokens["compliance"]) for _ in range(2))
    assert "Compliance" in tab.run()
    assert "Compliance" in other_tab.run()
    tab.run("", 退出登录="click")
    assert is_sign_in_form(tab.run())
    assert is_sign_in_form(other_tab.run())
    replayed = Client(server, cookie=tokens["compliance"])
    assert is_sign_in_form(replayed.run())
    assert requests.get(f"{server.url}/media/x", cookies={session.COOKIE: tokens["compliance"]}, timeout=10).status_code == 403
    for client in (tab, other_tab, replayed):
        client.close()


@pytest.mark.parametrize("forged", ["", "x" * 43, "eyJhbGciOiJub25lIn0.eyJ1c2VybmFtZSI6ImFkbWluIn0.", "../../etc", "%00"])
def test_a_forged_cookie_shows_the_form_and_no_error(server: Server, forged: str) -> None:
    client = Client(server, cookie=forged)
    assert is_sign_in_form(client.run())
    client.close()


def test_the_stored_hash_is_no_cookie(server: Server, tokens: dict[str, str]) -> None:
    client = Client(server, cookie=sessions.token_hash(tokens["admin"]))
    assert is_sign_in_form(client.run())
    client.close()


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null"])
def test_a_foreign_page_gets_no_websocket(server: Server, tokens: dict[str, str], origin: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        Client(server, cookie=tokens["admin"], origin=origin)
    assert refusal.value.response.status_code == 403


def _try(server: Server, username: str) -> tuple[float, str]:
    client = Client(server)
    client.run()
    started = time.perf_counter()
    seen = client.run("", 用户名=username, 密码="a wrong guess", 登录="click")
    client.close()
    return time.perf_counter() - started, seen


def test_unknown_people_read_and_last_the_same(server: Server) -> None:
    known, unknown = [], []
    for name in ("lead", "manager", "viewer"):
        took, seen = _try(server, name)
        known.append(took)
        assert "用户名或密码不正确" in seen
        took, seen = _try(server, f"nobody-{name}")
        unknown.append(took)
        assert "用户名或密码不正确" in seen
    # The quickest of each: what else the machine does only ever adds.
    assert 0.5 < min(known) / min(unknown) < 2


def test_signing_in_over_the_wire_and_waiting_after_too_many_tries(server: Server) -> None:
    client = Client(server)
    client.run()
    assert "Admin" in client.run("", 用户名="admin", 密码=PASSWORD, 登录="click")
    client.close()
    waits = ["尝试次数过多" in _try(server, "lead_south")[1] for _ in range(5)]
    # On a busy machine a try may outlast the first waits; they double.
    while not waits[-1] and len(waits) < 12:
        waits.append("尝试次数过多" in _try(server, "lead_south")[1])
    assert waits[:5] == [False] * 5
    assert waits[-1]


def test_the_log_names_nobody(server: Server) -> None:
    assert "a sign-in failed" in server.log
    for secret in (PASSWORD, "a wrong guess", "nobody-lead"):
        assert secret not in server.log


def test_the_app_is_two_branches_and_nothing_else() -> None:
    assert len((ROOT / "app.py").read_text("utf-8").splitlines()) < 20
