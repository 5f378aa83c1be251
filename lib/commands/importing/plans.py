"""A file weighed against the ledger: counts, questions, rows to look at, rejected rows as a file. Nothing is written here."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final, Literal

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from lib import exports, formats, terms
from lib.commands.importing import bank, bank_checks, customers, invoice_writing, invoices, parties, payments, records, stopped
from lib.commands.importing.matching import conclude
from lib.commands.importing.reasons import NOTE, REASON
from lib.commands.importing.staging import Options, Question, Stage, Tell, cell_of, stage
from lib.domain.access import Actor, Permission
from lib.domain.headers import normalise_header
from lib.domain.imports import KINDS, ImportKind
from lib.domain.notes import Note, note
from lib.domain.sheets import Sheet
from lib.domain.values import Parsed
from lib.errors import Refused
from lib.store.door import Change
from lib.store.ledger import Ledger
from lib.text import Language, Text

Status = Literal["new", "changed", "same", "duplicate", "error", "apart"]
_CASES: Final = frozenset({"complaints", "suggestions", "requests"})
_ORDER: Final = ("error", "apart", "changed", "new", "duplicate", "same")
_SHOWN_AS: Final = {
    "terms_basis": "terms_days",
    "state": "status",
    "owner_id": "owner",
    "account_no": "customer",
    "kind": "doc_kind",
    "doc_no": "invoice_no",
}
_PERSONAL: Final = frozenset({"phone", "email", "wechat", "address", "tax_no", "bank_account", "contact_name", "respondent"})

_MISSING = Text(
    "没有一列可以当作“{field}”。请指定是哪一列（命令行用 --map 表头={name}）。",
    "No column serves as “{field}”. Say which one it is (--map HEADER={name} on the command line).",
)
_AMBIGUOUS = Text(
    "“{header}”列的日期（如 {example}）看不出日月顺序。请选择顺序（命令行：--date-order {candidates}）。",
    "The dates of “{header}” (such as {example}) do not show their order. Choose it (on the command line: --date-order {candidates}).",
)
_REASON_HEADER: Final = Text("未导入原因", "Reason")
_LINE_HEADER: Final = Text("原行号", "Line")


@dataclass(frozen=True, slots=True)
class Counts:
    """What a file amounts to: records that are new, changed or the same; rows repeated or rejected; customers it brings.

    `apart` counts the lines of a statement that are no money of its account.
    """

    rows: int
    new: int
    changed: int
    same: int
    duplicate: int
    rejected: int
    new_customers: int
    apart: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a record the ledger already has: before and after."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row of the file: its line, what becomes of it, its cells as read, what it changes, and why it was refused."""

    row_no: int
    line_no: int
    status: Status
    cells: Mapping[str, Parsed[Any]]
    changes: tuple[Difference, ...]
    reasons: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What importing a file would do. Hold on to it, show it, then hand it to `ImportRecords`."""

    stage: Stage
    sheet: Sheet
    counts: Counts
    notes: tuple[Note, ...]
    outcome: pa.Table
    changes: Mapping[int, tuple[Difference, ...]]

    @property
    def questions(self) -> tuple[Question, ...]:
        """Columns whose dates can be read in several ways: one answer each, in `Options.date_orders`."""
        return self.stage.questions

    @property
    def mapping(self) -> dict[str, str]:
        """Header → field of every column that is used."""
        return {column.header: name for name, column in self.stage.columns.items()}

    def preview(self, offset: int = 0, limit: int = 50, status: Status | None = None) -> list[PlannedRow]:
        """A page of rows, errors first, then changes; or only those of one status."""
        picked = self.outcome if status is None else self.outcome.filter(pc.equal(self.outcome["status"], status))
        return [self._row(found) for found in picked.slice(offset, limit).to_pylist()]

    def rejected(self, form: Literal["csv", "xlsx"], language: Language) -> bytes:
        """The rejected rows as they were in the file, with line and reason in front: to be mended and brought in again."""
        size = self.outcome.num_rows
        rows = [*self.preview(0, size, "error"), *self.preview(0, size, "apart")]
        headers = [_LINE_HEADER.say(language), _REASON_HEADER.say(language), *self.sheet.header]
        reasons = [" ".join(dict.fromkeys(reason.say(language) for reason in row.reasons)) for row in rows]
        lines = [[str(row.line_no), reason, *self.sheet.rows[row.row_no - 1]] for row, reason in zip(rows, reasons, strict=True)]
        return _csv(headers, lines) if form == "csv" else _xlsx(headers, lines, language)

    def _row(self, found: Mapping[str, Any]) -> PlannedRow:
        row_no = found["row_no"]
        cells = {name: cell for name in self.stage.columns if (cell := cell_of(self.stage, name, row_no - 1)) is not None}
        changes = self.changes.get(found["record_no"], ()) if found["status"] == "changed" else ()
        return PlannedRow(row_no, self.stage.line_nos[row_no - 1], found["status"], cells, changes, self._reasons(found, cells))

    def _reasons(self, found: Mapping[str, Any], cells: Mapping[str, Parsed[Any]]) -> tuple[Note, ...]:
        if found["status"] not in ("error", "apart"):
            return ()
        own = [
            note(cell.reason, typed=cell.typed.strip(), **cell.values)
            for cell in cells.values()
            if cell.state == "error" and cell.reason is not None
        ]
        code = found["code"]
        if code and code != "cell":
            own.append(note(REASON[code], **self._values(code, found)))
        return tuple(own)

    def _values(self, code: str, found: Mapping[str, Any]) -> dict[str, str]:
        a = str(self.stage.line_nos[int(found["a"]) - 1]) if code in ("sibling", "conflict") else found["a"] or ""
        return {"a": a, "b": found["b"] or ""}


def needs(kind: ImportKind) -> Permission:
    """What it takes to bring a kind in: as much as to enter it by hand."""
    if kind.is_money:
        return Permission.IMPORT_MONEY
    return Permission.CUSTOMER_WRITE if kind.name == "customers" else Permission.IMPORT_RECORDS


def plan(ledger: Ledger, actor: Actor, kind: str, sheet: Sheet, options: Options, *, tell: Tell | None = None) -> Plan:  # noqa: PLR0913
    """Read a sheet and weigh it against the ledger; `tell` hears how much of it is read, from 0 to 1.

    Refuses: a role without the permission, a required field without a column.
    """
    chosen = KINDS[kind]
    actor.need(needs(chosen))
    cursor = ledger.cursor()
    try:
        staged = stage(chosen, sheet, options, remembered(cursor, kind), tell)
        if staged.missing:
            field = staged.missing[0]
            raise Refused(_MISSING, field=field.label, name=field.name)
        weigh(cursor, actor, staged)
        return _plan(cursor, actor, staged, sheet)
    finally:
        cursor.close()


def refuse_questions(plan: Plan) -> None:
    """Refuses: a plan with columns whose date order nobody has settled."""
    for question in plan.questions:
        raise Refused(_AMBIGUOUS, header=question.header, example=question.example.strip(), candidates="|".join(question.candidates))


def weigh(cursor: duckdb.DuckDBPyConnection, actor: Actor, staged: Stage) -> None:
    """Make `outcome` and all it rests on, in temp tables of the cursor: the same for the preview and for applying."""
    parties.lend(cursor, "staged", staged.table)
    if staged.kind.names_customers:
        parties.resolve(cursor, actor, staged)
    _module(staged).plan(cursor, staged)
    if staged.kind.name == "customers":
        customers.guard(cursor, actor)
    conclude(cursor)
    cursor.unregister("staged")


def write(change: Change, staged: Stage) -> None:
    """Write what was weighed."""
    writer = invoice_writing if staged.kind.name == "invoices" else _module(staged)
    writer.write(change, staged)


def count(cursor: duckdb.DuckDBPyConnection) -> Counts:
    """Counts of what was weighed."""
    (row,) = cursor.execute(_COUNTS).fetchall()
    return Counts(*map(int, row))


def remembered(cursor: duckdb.DuckDBPyConnection, kind: str) -> dict[str, str]:
    """Header → field as somebody mapped it before."""
    return dict(cursor.execute("select header, field from header_memory where kind = $kind", {"kind": kind}).fetchall())


def remember(change: Change, staged: Stage) -> None:
    """Keep the mappings a person chose, for the next file with such headers."""
    for header, name in staged.options.mapping.items():
        change.cursor.execute(
            "insert or replace into header_memory values ($kind, $header, $field, $at)",
            {"kind": staged.kind.name, "header": normalise_header(header), "field": name, "at": change.made_at},
        )


def _module(staged: Stage) -> Any:  # noqa: ANN401 (one of the modules of this package)
    return {"invoices": invoices, "payments": payments, "customers": customers, "bank": bank}.get(staged.kind.name, records)


def _plan(cursor: duckdb.DuckDBPyConnection, actor: Actor, staged: Stage, sheet: Sheet) -> Plan:
    counts = count(cursor)
    outcome = cursor.sql(_ROWS.format(order=" ".join(f"when '{name}' then {at}" for at, name in enumerate(_ORDER)))).to_arrow_table()
    return Plan(staged, sheet, counts, (*staged.notes, *_notes(cursor, actor, staged, counts)), outcome, _changes(cursor, actor, staged))


def _notes(cursor: duckdb.DuckDBPyConnection, actor: Actor, staged: Stage, counts: Counts) -> list[Note]:
    if staged.kind.name == "bank":
        return bank_checks.notes(cursor, staged)
    unnamed, alike = cursor.execute(_PARTY_NOTES).fetchone() or (0, 0)
    found = [("unnamed", unnamed), ("alike", alike)]
    if staged.kind.name != "customers":
        found.insert(0, ("new_customers", counts.new_customers))
    if staged.kind.name == "invoices":
        found.extend(invoices.notes(cursor))
    if staged.kind.name == "payments":
        found.extend(payments.notes(cursor, staged))
    if staged.kind.name in _CASES and "status" in staged.columns and "status_on" not in staged.columns:
        found.append(("status_undated", counts.new))
    said = [*_totals(cursor, staged), *(note(NOTE[code], count=f"{number:,}") for code, number in found if number)]
    if staged.kind.name == "invoices":
        if (rounded := invoices.rounded(cursor))[0]:
            said.append(note(NOTE["cents"], count=f"{rounded[0]:,}", amount=rounded[1]))
        said += stopped.notes(cursor, actor.user_id, staged.options.today)
    return said


def _totals(cursor: duckdb.DuckDBPyConnection, staged: Stage) -> list[Note]:
    """What new documents add up to, to be held against the total of the file's own system; and so the currency they are taken in."""
    if not staged.kind.is_money:
        return []
    return [
        note(NOTE["total"], kind=terms.VALUE["kind"][kind], count=f"{count:,}", amount=formats.money(amount, currency, "en"))
        for kind, currency, count, amount in cursor.execute(_TOTALS).fetchall()
    ]


def _changes(cursor: duckdb.DuckDBPyConnection, actor: Actor, staged: Stage) -> dict[int, tuple[Difference, ...]]:
    rows = cursor.execute(_CHANGES, {"actor_id": actor.user_id}).fetchall()
    return {
        record_no: tuple(
            Difference(
                _SHOWN_AS.get(change["field"], change["field"]) if staged.kind.field(change["field"]) is None else change["field"],
                "***" if hidden and change["field"] in _PERSONAL and change["before"] else change["before"],
                change["after"],
            )
            for change in changes
        )
        for record_no, changes, hidden in rows
    }


def _csv(headers: list[str], lines: list[list[str]]) -> bytes:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerows([[exports.neutral(cell) for cell in line] for line in (headers, *lines)])
    return out.getvalue().encode("utf-8-sig")


def _xlsx(headers: list[str], lines: list[list[str]], language: Language) -> bytes:
    names = [f"c{at}" for at in range(len(headers))]
    table = pa.table({name: pa.array([line[at] for line in lines], pa.string()) for at, name in enumerate(names)})
    columns = tuple(
        exports.Column(name, Text(header or "-", header or "-"), exports.Shape.TEXT) for name, header in zip(names, headers, strict=True)
    )
    return exports.xlsx(exports.Sheet(_REASON_HEADER.say(language), (), columns, table, language))


_COUNTS: Final = """
    with standing as (
        select outcome.record_no, any_value(outcome.status) as status
        from outcome
        where outcome.status in ('new', 'changed', 'same')
        group by outcome.record_no
    ),

    brought as (
        select count(distinct record.customer_id) as customers
        from record
        inner join standing on record.record_no = standing.record_no
        where record.customer_id < 0
    )

    select
        (select count(distinct outcome.row_no) from outcome),
        count(*) filter (where standing.status = 'new'),
        count(*) filter (where standing.status = 'changed'),
        count(*) filter (where standing.status = 'same'),
        (select count(distinct outcome.row_no) from outcome where outcome.status = 'duplicate'),
        (select count(distinct outcome.row_no) from outcome where outcome.status = 'error'),
        (select brought.customers from brought),
        (select count(distinct outcome.row_no) from outcome where outcome.status = 'apart')
    from standing
"""

_ROWS: Final = """
    with ranked as (
        select outcome.*, case outcome.status {order} end as place from outcome
    )

    select ranked.row_no, ranked.record_no, ranked.status, ranked.code, ranked.a, ranked.b
    from ranked
    qualify row_number() over (partition by ranked.row_no order by ranked.place) = 1
    order by ranked.place, ranked.row_no
"""

_PARTY_NOTES: Final = """
    select
        (
            select count(distinct line.row_no) from line inner join outcome on line.row_no = outcome.row_no
            where line.is_unnamed and outcome.status in ('new', 'changed', 'same')
        ),
        (
            select count(*) from new_party
            where new_party.account_no is not null and new_party.name_key in (
                select customer_record.name_key from customer_record
                where customer_record.until_on = date '9999-12-31' and customer_record.retired_at = timestamp '9999-12-31'
            )
        )
"""

_CHANGES: Final = """
    select
        verdict.record_no, verdict.changes,
        coalesce(customer_record.secrecy, 0) > coalesce(
            (select app_user.clearance from app_user where app_user.user_id = $actor_id), -1
        ) as is_hidden
    from verdict
    inner join record on verdict.record_no = record.record_no
    left join customer_record
        on
            record.customer_id = customer_record.customer_id
            and customer_record.until_on = date '9999-12-31'
            and customer_record.retired_at = timestamp '9999-12-31'
    where verdict.status = 'changed'
"""

_TOTALS: Final = """
    select document.kind, document.currency, count(*), sum(document.amount)::decimal(18, 2)
    from document
    inner join verdict on document.record_no = verdict.record_no
    where verdict.status = 'new'
    group by document.kind, document.currency
    order by document.kind desc, document.currency
"""
