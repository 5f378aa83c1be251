"""People for tests: one per role in every template ledger, and an app or page already signed in as one of them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import bcrypt
from streamlit.testing.v1 import AppTest

from lib.domain.access import CLEARANCE, DEFAULT_SCOPE, Role
from lib.store import sessions
from lib.store.ledger import Ledger
from lib.text import Language
from lib.ui import session

ROOT: Final = Path(__file__).parents[1]
TODAY: Final[date] = datetime.now(ZoneInfo("Asia/Shanghai")).date()
"""What a page takes for today, wherever the tests run and at whatever hour."""
PASSWORD: Final = "测试用的口令 horse"
"""The password of every test user; bcrypt cost 4 keeps it quick."""
PEOPLE: Final[dict[str, tuple[int, Role, str]]] = {
    "viewer": (1, Role.VIEWER, "north"),
    "lead": (2, Role.LEAD, "north"),
    "manager": (3, Role.MANAGER, "north"),
    "finance": (4, Role.FINANCE, "office"),
    "compliance": (5, Role.COMPLIANCE, "office"),
    "admin": (6, Role.ADMIN, "office"),
    "lead_south": (7, Role.LEAD, "south"),
}
"""User name: id, role, own team. People with scope 'team' see their own team."""


def add_people(ledger: Ledger) -> None:
    """Write the test people into a ledger."""
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    with ledger.transaction() as cursor:
        for username, (user_id, role, team) in PEOPLE.items():
            cursor.execute(
                "insert into app_user values (?, ?, ?, ?, ?, ?, 'zh', ?, ?, true, ?)",
                [user_id, username, username.title(), role, DEFAULT_SCOPE[role], team, hashed, ledger.clock(), CLEARANCE[role]],
            )
            cursor.execute("insert into user_team values (?, ?)", [user_id, team])


def signed_in(who: str, language: Language = "zh", path: str = "tests/entry.py") -> AppTest:
    """The app (or one page file) signed in as a person of PEOPLE, not yet run. Needs the `house` fixture."""
    ledger = session.ledger()
    user_id = PEOPLE[who][0]
    ledger.jot("update app_user set language = $language where user_id = $user_id", {"language": language, "user_id": user_id})
    test = AppTest.from_file(str(ROOT / path), default_timeout=30)
    test.session_state[session.SIGN_IN_KEY] = sessions.token_hash(sessions.start(ledger, user_id))
    test.session_state[session.SOCKET_KEY] = None
    return test
