"""Server-side time of each page over the ledger at MINGZHANG_LEDGER: first run and rerun, as JSON rows for run.py.

Called with the megabytes the process may hold.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import peers  # noqa: E402 (after the path)
from asking import dearest, watched  # noqa: E402
from streamlit.testing.v1 import AppTest  # noqa: E402

from lib.store import sessions  # noqa: E402
from lib.ui import session  # noqa: E402

BOSS = 20
_SCRIPT = """
import runpy
from lib.ui import session
with session.run():
    runpy.run_path({path!r}, run_name="__main__")
"""
"""A page as the frame of the app runs it: who asks is looked up once, not for each sentence."""


def main() -> None:
    """Run them."""
    ledger = session.ledger()
    hashed = sessions.token_hash(sessions.start(ledger, BOSS))
    rows: list[dict[str, Any]] = []
    asked = watched()
    for path in sorted((ROOT / "pages").glob("*.py")):
        test = AppTest.from_string(_SCRIPT.format(path=str(path)), default_timeout=120)
        test.session_state[session.SIGN_IN_KEY] = hashed
        test.session_state[session.SOCKET_KEY] = None
        if path.stem == "customer":
            test.query_params["customer"] = "17"
        test.query_params["as_of"] = "2026-06-30"
        asked.clear()
        first = timed(test)
        why = dearest(asked)
        taken = [first, *(timed(test) for _ in range(5))]
        failed = f" ({test.exception[0].value[:60]})" if test.exception else ""
        rows += [
            {"title": f"page {path.stem}, first run, CPU{failed}", "value": first, "target": 600, "why": why},
            {"title": f"page {path.stem}, rerun, CPU", "value": median(taken[1:]), "target": 60},
        ]
    rows.append({"title": "memory after all pages, MB", "value": peers.peak_mb(), "target": int(sys.argv[1])})
    json.dump(rows, sys.stdout)


def timed(test: AppTest) -> float:
    started = time.process_time()
    test.run()
    return (time.process_time() - started) * 1000


if __name__ == "__main__":
    main()
