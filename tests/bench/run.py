"""`make bench`: every target of the design beside what this machine needs, and beside pandas and PostgreSQL. Writes docs/BENCH.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import classification  # noqa: E402 (after the path)
import duckdb  # noqa: E402
import learning  # noqa: E402
import peers  # noqa: E402
import reasons  # noqa: E402
import receivables  # noqa: E402
import review  # noqa: E402
import satisfaction  # noqa: E402
import service  # noqa: E402
from questions import AS_OF, QUESTIONS, Question  # noqa: E402

from lib.cli.demo import build as build_demo  # noqa: E402
from lib.commands import Command  # noqa: E402
from lib.commands.service import RecordInteraction, RecordScore  # noqa: E402
from lib.domain.access import Actor, Role, Scope  # noqa: E402
from lib.metrics import BOARD, measure  # noqa: E402
from lib.store import query, safety  # noqa: E402
from lib.store.door import execute  # noqa: E402
from lib.store.ledger import Ledger  # noqa: E402

SIZES: Final = {"XS": 1_000, "S": 10_000, "M": 100_000}
BOSS: Final = Actor(20, "boss", Role.FINANCE, Scope.ALL, (), 1)
LEADER: Final = Actor(21, "leader", Role.LEAD, Scope.TEAM, ("north",), 0)
TARGETS_AT: Final = "M"
MEMORY_MB: Final = {"XS": 300, "S": 300, "M": 600}
"""What the server's process may hold, by size."""


@dataclass(frozen=True)
class Row:
    """One line of the table; milliseconds unless the title says otherwise."""

    title: str
    value: float
    target: float | None = None
    lead: float | None = None
    pandas: float | None = None
    postgres: float | None = None
    why: str | None = None
    """Where its time goes, measured beside it."""


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=list(SIZES), default="S")
    parser.add_argument("--no-peers", action="store_true", help="leave out pandas and PostgreSQL")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mingzhang-bench-") as folder:
        path = Path(folder) / "ledger.duckdb"
        # In a process of its own: what building takes is not what questions need.
        building = get_context("spawn").Process(target=build, args=(path, SIZES[chosen.size]))
        building.start()
        building.join()
        size_mb = path.stat().st_size / 2**20
        with Ledger(path) as ledger:
            asked = questions(ledger, chosen.size, with_peers=not chosen.no_peers)
            others = [*writing(ledger), *reading(ledger), *money(ledger, chosen.size)]
        others += (
            pages(path, "pages.py", chosen.size) + pages(path, "load.py", chosen.size) + importing(Path(folder)) + [demo(Path(folder))]
        )
        with Ledger(path) as ledger:
            why = reasons.missed(ledger, BOSS, [*asked, *others])
    report(chosen.size, asked, others, size_mb, why)


def build(path: Path, customers: int) -> None:
    """The company, the same rows every time."""
    with Ledger(path) as ledger:
        with ledger.transaction() as cursor:
            for statement in duckdb.extract_statements(Path(__file__).with_name("company.sql").read_text("utf-8")):
                cursor.execute(statement, {"customers": customers} if statement.named_parameters else None)
        ledger.checkpoint()


def questions(ledger: Ledger, size: str, *, with_peers: bool) -> list[Row]:
    """CPU of each view's query, uncached, for someone who sees all and for a team lead, and of others for the same question."""
    own = {one.title: (ask(ledger, BOSS, one), ask(ledger, LEADER, one)) for one in QUESTIONS}
    memory = peers.peak_mb()
    row = ledger.cursor().execute("select sum(memory_usage_bytes) // 1048576 from duckdb_memory()").fetchone()
    kept = f"the engine keeps {row[0] if row else 0} MB, the rest its operators had at one moment or the allocator has not given back"
    theirs: dict[str, float] = {}
    servers: dict[str, float] = {}
    if with_peers:
        frames = peers.frames(ledger)
        theirs = {one.title: peers.cpu_ms(lambda one=one: one.pandas(frames)) for one in QUESTIONS if one.pandas}
        del frames
        with peers.postgres(ledger) as connection:
            if connection:
                servers = {one.title: peers.postgres_ms(connection, one) for one in QUESTIONS if one.postgres}
    target = {one.title: one.target_ms if size == TARGETS_AT else None for one in QUESTIONS}
    rows = [Row(name, boss, target[name], lead, theirs.get(name), servers.get(name)) for name, (boss, lead) in own.items()]
    return [*rows, Row("memory after all questions, MB", memory, MEMORY_MB[size], why=kept)]


def ask(ledger: Ledger, actor: Actor, question: Question) -> float:
    """CPU of one query, past the cache."""
    found = query.catalog()[question.query]
    given = {"as_of": AS_OF, "user_id": actor.user_id, **question.parameters}
    fitting = {name: value for name, value in given.items() if name in found.parameters}

    def once() -> None:
        ledger.identity = object()
        query.read(ledger, actor, question.query, **fitting)

    return peers.cpu_ms(once)


def writing(ledger: Ledger) -> list[Row]:
    """Saves through the door, with their fsync: a touch, and a low score with its words and the call-back it makes."""
    customer_id = customer_of(ledger)
    touch = [RecordInteraction(customer_id, AS_OF, AS_OF, f"回访 {number}") for number in range(30)]
    score = [RecordScore(customer_id, "nps", 3, AS_OF, AS_OF, comment=f"第 {number} 次送货又晚了", confirmed=True) for number in range(30)]
    saved = (("form save, wall", touch), ("low score saved, wall", score))
    return [Row(title, median(_saved(ledger, order) for order in orders), 50) for title, orders in saved]


def _saved(ledger: Ledger, order: Command) -> float:
    started = time.perf_counter()
    execute(ledger, LEADER, order)
    return (time.perf_counter() - started) * 1000


def money(ledger: Ledger, size: str) -> list[Row]:
    """The targets of receivables, satisfaction, service, the review and models; those of time hold at the size they were set for."""
    asked = (receivables.trend, receivables.calendar, receivables.paper, receivables.reconciliation, classification.classes)
    timed = [one for ask_for in asked for one in ask_for(ledger, BOSS)]
    timed += [
        *satisfaction.slices(ledger, BOSS),
        *service.clocks(ledger),
        *review.reviews(ledger, BOSS, LEADER),
        *learning.learning(ledger),
    ]
    return [Row(one.title, one.value, one.target if size == TARGETS_AT else None, why=one.why) for one in timed]


def customer_of(ledger: Ledger) -> int:
    """A customer the team lead sees."""
    row = ledger.cursor().execute("select min(customer_id) from visible_customer(21)").fetchone()
    assert row
    return int(row[0])


def reading(ledger: Ledger) -> list[Row]:
    """Checks, the cards and a workbook."""
    started = time.process_time()
    safety.check(ledger)
    checks = (time.process_time() - started) * 1000
    started = time.perf_counter()
    safety.backup(ledger)
    return [
        Row("check, all rules, CPU", checks),
        Row("backup with its proof, wall", (time.perf_counter() - started) * 1000),
        *cards(ledger),
        *workbook(ledger),
    ]


def cards(ledger: Ledger) -> list[Row]:
    """The overview's eight numbers over half a year: for the first person of a version, then for one who sees others."""

    def first() -> None:
        ledger.identity = object()
        measure(ledger, BOSS, BOARD, AS_OF, weeks=26)

    once = peers.cpu_ms(first)
    started = time.process_time()
    measure(ledger, LEADER, BOARD, AS_OF, weeks=26)
    further = (time.process_time() - started) * 1000
    return [Row("eight cards of the overview, first sight, CPU", once), Row("the same, each further sight, CPU", further)]


def workbook(ledger: Ledger) -> list[Row]:
    """5,000 rows as XLSX."""
    from lib import exports  # noqa: PLC0415 (brings libraries whose memory should not count before)

    table = query.read(ledger, BOSS, "open_items", as_of=AS_OF, limit=5000)
    sheet = exports.Sheet("open items", (), exports.columns(table), table, "zh")
    return [Row(f"XLSX of {table.num_rows:,} rows, CPU", peers.cpu_ms(lambda: exports.xlsx(sheet)), 300)]


def pages(path: Path, script: str, size: str) -> list[Row]:
    """Pages in a fresh process: each one's first run and rerun (pages.py), and behind a real server, alone and in a crowd (load.py)."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name(script)), str(MEMORY_MB[size])],
        cwd=ROOT,
        env={**os.environ, "MINGZHANG_LEDGER": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return [Row(f"{script}: {done.stderr.strip().splitlines()[-1]}", float("nan"))]
    return [Row(**row) for row in json.loads(done.stdout)]


def importing(folder: Path) -> list[Row]:
    """100,000 invoices of 10,000 customers from a CSV file into an empty ledger, from the shell."""
    file = folder / "invoices.csv"
    with duckdb.connect() as plain:
        plain.execute(
            "copy (select 'C' || (1 + hash(n) % 10000) as \"客户账号\", '客户' || (1 + hash(n) % 10000) as \"客户名称\", "
            "'N' || n as \"发票号\", "
            "date '2025-01-01' + (n % 365)::integer as \"开票日期\", date '2025-01-31' + (n % 365)::integer as \"到期日\", "
            '(100 + hash(n + 1) % 900000 / 100)::decimal(18, 2) as "金额" '
            f"from range(100000) as numbers(n)) to '{file}' (header)"
        )
    started, before = time.perf_counter(), os.times()
    done = subprocess.run(
        [sys.executable, "-m", "lib", "import", "invoices", str(file)],
        cwd=ROOT,
        env={**os.environ, "MINGZHANG_LEDGER": str(folder / "import.duckdb")},
        capture_output=True,
        text=True,
        check=False,
    )
    wall, after = time.perf_counter() - started, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    said = done.stdout if done.returncode == 0 else done.stderr
    new = json.loads(said) if done.returncode == 0 else said
    title = f"import of {_new(new)} invoices with preview"
    return [Row(f"{title}, wall", wall * 1000, 20_000), Row(f"{title}, CPU", cpu * 1000)]


def demo(folder: Path) -> Row:
    """The demo company from nothing."""
    started = time.process_time()
    build_demo(folder / "demo.duckdb")
    return Row("demo company built, CPU", (time.process_time() - started) * 1000, 15_000)


def _new(said: Any) -> str:
    found = said[0] if isinstance(said, list) else said
    return f"{found['new']:,}" if isinstance(found, dict) and "new" in found else f"({str(said).strip()[:80]})"


def report(size: str, asked: list[Row], others: list[Row], size_mb: float, why: list[str]) -> None:
    """Print the tables and put them into docs/BENCH.md in place of the ones for this size."""
    customers = SIZES[size]
    memory = Path("/proc/meminfo").read_text().split()[1] if Path("/proc/meminfo").exists() else "0"
    heading = (
        f"## {size}: {customers:,} customers, {customers * 10:,} invoices\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}), {int(memory) // 2**20} GB, "
        f"load {os.getloadavg()[0]:.1f} at the end;\n"
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}; ledger file {size_mb:.0f} MB.\n"
        "CPU milliseconds, median of five, past the cache. × : how many times dearer the other is.\n\n"
        "| question | all customers | one team | target | pandas | PostgreSQL |\n|---|---|---|---|---|---|\n"
    )
    lines = [
        f"| {r.title} | {_n(r.value)} | {_n(r.lead)} | {_target(r)} | {_ratio(r.pandas, r)} | {_ratio(r.postgres, r)} |" for r in asked
    ]
    rest = [f"| {row.title} | {_n(row.value)} | {_target(row)} |" for row in others]
    section = heading + "\n".join(lines) + "\n\n| what else, ms | | target |\n|---|---|---|\n" + "\n".join(rest) + "\n"
    if why:
        section += "\n### Why some targets are missed\n\n" + "\n".join(why) + "\n"
    sys.stdout.write(section)
    file = ROOT / "docs" / "BENCH.md"
    known = file.read_text("utf-8").split("\n## ") if file.exists() else [_INTRODUCTION]
    kept = [part.rstrip() for part in known[1:] if not part.startswith(f"{size}:")]
    parts = sorted([*kept, section.removeprefix("## ").rstrip()], key=lambda part: list(SIZES).index(part.split(":")[0]))
    file.write_text(known[0].rstrip() + "\n\n" + "\n\n".join(f"## {part}" for part in parts) + "\n", "utf-8")


_INTRODUCTION: Final = """# Speed and memory

Made by `make bench BENCH=M` (or S, the default). The company is synthetic (`tests/bench/company.sql`), the same rows every time.
pandas holds everything in memory as floats and does not count loading it; PostgreSQL has the same rows, indexed by customer, on one core.
"""


def _n(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _target(row: Row) -> str:
    return "" if row.target is None else f"≤ {row.target:,.0f} {'✓' if row.value <= row.target else '✗'}"


def _ratio(other: float | None, row: Row) -> str:
    return "" if other is None else f"× {other / max(row.value, 0.1):.1f}"


if __name__ == "__main__":
    main()
