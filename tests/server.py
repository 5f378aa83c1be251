"""A real server on a free port over a given ledger, for tests that need cookies, websockets or a browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import requests

ROOT: Final = Path(__file__).parents[1]
_STARTS_WITHIN_SECONDS: Final = 120


class Server:
    """`streamlit run app.py`; use as a context manager. `url` has no slash at the end; `log` is what it printed so far."""

    def __init__(self, ledger: Path, *options: str, log: Path | None = None) -> None:
        self.ledger = ledger
        self._options = options
        self._log = log or ledger.with_suffix(".log")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Everything the server printed."""
        return self._log.read_text("utf-8")

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def start(self) -> Self:
        """Start and wait until it answers."""
        with self._log.open("a") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port), *self._options],
                cwd=ROOT,
                env={**os.environ, "MINGZHANG_LEDGER": str(self.ledger)},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + _STARTS_WITHIN_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise RuntimeError(f"the server did not start:\n{self.log}")
            time.sleep(0.1)
        return self

    def stop(self) -> None:
        """Stop as Ctrl+C does."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).ok
        except requests.RequestException:  # the port is open before the server is ready
            return False

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
