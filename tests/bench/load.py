"""A real server over the ledger at MINGZHANG_LEDGER: first page, reruns, 25 people opening together, memory. JSON rows for run.py.

Called with the megabytes the server may hold.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final, Self

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "tests"))

import peers  # noqa: E402 (after the path)
from server import Server  # noqa: E402
from streamlit.proto.BackMsg_pb2 import BackMsg  # noqa: E402
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg  # noqa: E402
from websockets.asyncio.client import ClientConnection, connect  # noqa: E402

from lib.store import sessions  # noqa: E402
from lib.store.ledger import Ledger, ledger_path  # noqa: E402
from lib.ui import session  # noqa: E402

PEOPLE: Final = 25
RERUNS: Final = 20
PAGES: Final = ("overview", "overdue", "classification", "satisfaction", "entry", "customer")
_SMALL: Final = 64
"""The message that ends a run is short; longer ones need not be read."""
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass
class Tab:
    """As little of a browser as it takes: a websocket that has the script run and waits for its end."""

    socket: ClientConnection
    asked: str = ""

    @classmethod
    async def open(cls, server: Server, token: str) -> Self:
        """A tab of somebody who is signed in."""
        address = server.url.replace("http", "ws") + "/_stcore/stream"
        headers = {"Cookie": f"{session.COOKIE}={token}"}
        protocols: Any = ["streamlit", "PLACEHOLDER_AUTH_TOKEN"]
        return cls(await connect(address, additional_headers=headers, subprotocols=protocols, max_size=None, proxy=None, compression=None))

    async def run(self, page: str) -> float:
        """Run the script once. Returns milliseconds until its end."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = self.asked
        started = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        while True:
            data = await self.socket.recv()
            if len(data) <= _SMALL and ForwardMsg.FromString(data).WhichOneof("type") == "script_finished":
                return (time.perf_counter() - started) * 1000


def main() -> None:
    """Run them."""
    path = ledger_path()
    with Ledger(path) as ledger:
        people = [
            row[0] for row in ledger.cursor().execute("select user_id from app_user where is_active order by user_id desc").fetchall()
        ]
        tokens = [sessions.start(ledger, people[place % len(people)]) for place in range(PEOPLE)]
        row = ledger.cursor().execute("select min(customer_id) from visible_customer($who)", {"who": people[0]}).fetchone()
        customer = row[0] if row else 0
    rows = measured(path, alone(tokens[0], customer)) + measured(path, together(tokens, min(PEOPLE, len(people))))
    json.dump(rows, sys.stdout)


def measured(path: Path, work: Any) -> list[dict[str, Any]]:
    """The rows of one piece of work over a server of its own."""
    with Server(path) as server:
        found: list[dict[str, Any]] = asyncio.run(work(server))
    return found


def alone(token: str, customer: int) -> Any:
    """One person goes through the pages."""

    async def work(server: Server) -> list[dict[str, Any]]:
        tab = await Tab.open(server, token)
        before = cpu_ms(server)
        first = await tab.run("overview")
        why = f"{cpu_ms(server) - before:,.0f} ms of it are the server's CPU"
        rows: list[dict[str, Any]] = [{"title": "first page after start, wall", "value": first, "target": 500, "why": why}]
        for page in PAGES:
            tab.asked = f"customer={customer}" if page == "customer" else ""
            await tab.run(page)
            await tab.run(page)
            before = cpu_ms(server)
            wall = [await tab.run(page) for _ in range(RERUNS)]
            rows += [
                {"title": f"{page}, rerun over the wire, server CPU", "value": (cpu_ms(server) - before) / RERUNS, "target": 60},
                {"title": f"{page}, rerun over the wire, wall", "value": median(wall)},
            ]
        return [
            *rows,
            {"title": "server's memory after all pages, MB", "value": peers.peak_mb(str(server.pid)), "target": int(sys.argv[1])},
        ]

    return work


def together(tokens: list[str], sights: int) -> Any:
    """Everybody opens the overview at the same moment, then everybody clicks."""

    async def work(server: Server) -> list[dict[str, Any]]:
        tabs = await asyncio.gather(*(Tab.open(server, token) for token in tokens))
        before = cpu_ms(server)
        opened = await asyncio.gather(*(tab.run("overview") for tab in tabs))
        spent = cpu_ms(server) - before
        again = await asyncio.gather(*(tab.run("overview") for tab in tabs))
        clicked = cpu_ms(server) - before - spent
        why = (
            f"{spent:,.0f} ms of CPU for all of them, the same people's next click {clicked:,.0f}: "
            f"the difference is what {sights} people who see different customers ask for the first time"
        )
        return [
            {"title": f"{PEOPLE} people open the overview together, median wall", "value": median(opened), "target": 1000, "why": why},
            {"title": f"{PEOPLE} people open the overview together, server CPU of all", "value": spent},
            {"title": f"{PEOPLE} people click together, median wall", "value": median(again)},
            {"title": f"server's memory with {PEOPLE} people, MB", "value": peers.peak_mb(str(server.pid)), "target": int(sys.argv[1])},
        ]

    return work


def cpu_ms(server: Server) -> float:
    """CPU the server has used so far."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / _TICKS


if __name__ == "__main__":
    main()
