"""The same questions in plain pandas and in PostgreSQL, so that a figure means something on any machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any, Final

import pandas as pd
from pyarrow import csv
from questions import Frames, Question

from lib.store.ledger import Ledger

TABLES: Final[dict[str, str]] = {
    "posting": "select customer_id, invoice_id, on_date, due_on, amount, items, currency from posting",
    "entry": "select entry_id, customer_id, kind, on_date, amount from entry",
    "customer": "select customer_id, account_no, name, initials, region, owner_id from customer_record",
    "feedback": "select customer_id, metric, on_date, score from feedback",
    "activity": "select customer_id, kind, on_date from activity",
}
TIMES: Final = 5


def cpu_ms(work: Any) -> float:
    """Median CPU milliseconds of several runs, the first one left out."""
    taken = []
    for _ in range(TIMES + 1):
        started = time.process_time()
        work()
        taken.append((time.process_time() - started) * 1000)
    return median(taken[1:])


def frames(ledger: Ledger) -> Frames:
    """Everything in memory as pandas holds it: dates as timestamps, amounts as floats. Loading it does not count."""
    found = {}
    for name, sql in TABLES.items():
        frame = ledger.cursor().sql(sql).df()
        for column in ("on_date", "due_on"):
            if column in frame:
                frame[column] = pd.to_datetime(frame[column])
        for column in ("amount", "score"):
            if column in frame:
                frame[column] = frame[column].astype(float)
        found[name] = frame
    return found


@contextmanager
def postgres(ledger: Ledger) -> Iterator[Any]:
    """A connection to a throw-away PostgreSQL with the same rows, indexed as one would; None when none is installed."""
    home = _programs()
    if home is None:
        yield None
        return
    import psycopg  # noqa: PLC0415 (only where a server is)

    with tempfile.TemporaryDirectory(prefix="mingzhang-bench-") as folder:
        run = _as_nobody(Path(folder))
        data = f"{folder}/data"
        subprocess.run([*run, f"{home}/initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8"], check=True, capture_output=True)
        options = f"-k {folder} -c listen_addresses= -c shared_buffers=512MB -c max_parallel_workers_per_gather=0"
        subprocess.run(
            [*run, f"{home}/pg_ctl", "-D", data, "-o", options, "-w", "-l", f"{folder}/log", "start"], check=True, capture_output=True
        )
        try:
            with psycopg.connect(host=folder, user="bench", dbname="postgres", autocommit=True) as connection:
                _fill(connection, ledger)
                yield connection
        finally:
            with suppress(subprocess.CalledProcessError):
                subprocess.run([*run, f"{home}/pg_ctl", "-D", data, "-m", "fast", "stop"], check=True, capture_output=True)


def postgres_ms(connection: Any, question: Question) -> float:
    """CPU milliseconds of the server process for one question, which runs on one core there."""
    pid = connection.info.backend_pid
    sql = str(question.postgres)
    connection.execute(sql).fetchall()
    before = _cpu_of(pid)
    for _ in range(TIMES):
        connection.execute(sql).fetchall()
    return (_cpu_of(pid) - before) / TIMES * 1000


def peak_mb(process: str = "self") -> float:
    """The most memory a process has held, in MB. Not from `getrusage`: a child starts there with what its parent once held."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _programs() -> str | None:
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    if found := shutil.which("initdb"):
        places.insert(0, Path(found).resolve().parent)
    return next((str(place) for place in places if (place / "initdb").exists() and (place / "pg_ctl").exists()), None)


def _as_nobody(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as the administrator."""
    if os.geteuid() != 0:
        return []
    os.chown(folder, 65534, 65534)
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def _fill(connection: Any, ledger: Ledger) -> None:
    types = {"INTEGER": "integer", "BIGINT": "bigint", "DATE": "date", "VARCHAR": "text"}
    for name, sql in TABLES.items():
        described = ledger.cursor().execute(f"describe {sql}").fetchall()
        columns = ", ".join(f"{row[0]} {types.get(row[1], 'numeric(18, 2)')}" for row in described)
        connection.execute(f"create table {name} ({columns})")
        rows = ledger.cursor().sql(sql).to_arrow_table()
        with connection.cursor() as cursor, cursor.copy(f"copy {name} from stdin (format csv)") as copy:
            for batch in rows.to_batches(200_000):
                text = BytesIO()
                csv.write_csv(batch, text, csv.WriteOptions(include_header=False))
                copy.write(text.getvalue())
        connection.execute(f"create index on {name} (customer_id)")
    connection.execute("vacuum analyze")
