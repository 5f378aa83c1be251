"""Customer master data, each row with its first contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import duckdb

from lib.commands.importing import records
from lib.commands.importing.matching import Pass, drop_repeats, match
from lib.commands.importing.parties import name_new
from lib.commands.importing.staging import Stage
from lib.domain.access import CLEARANCE, Actor, Scope
from lib.store.door import BOOKKEEPING, Change

COLUMNS: Final[Mapping[str, str]] = {
    "account_no": "case when line.name is not null then line.customer end",
    "name": "line.name",
    "name_en": "line.name_en",
    "kind": "line.kind",
    "book": "line.book",
    "status": "line.status",
    "owner_id": records.OWNER_ID,
    "region": "line.region",
    "industry": "line.industry",
    "size": "line.size",
    "segment": "line.segment",
    "currency": "line.currency",
    "terms_days": "split_part(line.terms_days, ' ', 2)::integer",
    "terms_basis": "split_part(line.terms_days, ' ', 1)",
    "tax_no": "line.tax_no",
    "bank_account": "line.bank_account",
    "secrecy": "line.secrecy::integer",
    "note": "line.note",
}
_FIELDS: Final = {"account_no": "customer", "owner_id": "owner", "terms_basis": "terms_days"}
_THEIRS: Final = {"terms_basis": "case when customer_record.terms_days is not null then coalesce(customer_record.terms_basis, 'net') end"}
_CONTACT_FIELDS: Final = ("contact_name", "contact_title", "phone", "email", "wechat", "address")
CONTACT: Final = replace(
    records.CONTACT,
    columns={
        "name": "coalesce(line.contact_name, line.name, line.customer)",
        "title": "line.contact_title",
        **{name: f"line.{name}" for name in _CONTACT_FIELDS[2:]},
    },
    fields={"name": ("contact_name",), "title": ("contact_title",)},
    filled={"is_primary": "true", "do_not_contact": "false"},
    defaults={},
)
"""The contact a customer row names; without a name of its own it carries the customer's."""


def plan(cursor: duckdb.DuckDBPyConnection, stage: Stage) -> None:
    """Make `record`, `existing`, `verdict` (customer and contact together) and mark what is in trouble."""
    cursor.execute("create or replace temp table line as select line.row_no as record_no, line.* from line")
    cursor.execute(records.OWNERS)
    cursor.execute(_RANGES)
    drop_repeats(cursor, (), sorted(stage.columns), "true")
    _match_contacts(cursor, stage)
    values = ", ".join(f"{source} as {name}" for name, source in COLUMNS.items())
    cursor.execute(
        f"create or replace temp table record as select line.record_no, line.customer_id, {values} from line "  # noqa: S608 (our own names)
        "where line.row_no not in (select trouble.row_no from trouble) and line.row_no not in (select repeat.row_no from repeat)"
    )
    theirs = ", ".join(f"{_THEIRS.get(name, f'customer_record.{name}')} as {name}" for name in COLUMNS)
    cursor.execute(_EXISTING.format(theirs=theirs))
    match(cursor, (Pass(()),), [name for name in COLUMNS if _FIELDS.get(name, name) in stage.columns])
    cursor.execute(_BOTH)
    cursor.execute(_TAKEN)


def guard(cursor: duckdb.DuckDBPyConnection, actor: Actor) -> None:
    """Mark rows that would lower a secrecy the person may not lower."""
    cursor.execute(_LOWERED, {"levels": [level for level in CLEARANCE.values() if not actor.may_lower(level)]})


def write(change: Change, stage: Stage) -> None:
    """Register new customers, correct known ones, and their contacts with them."""
    name_new(change, stage, "select record.customer_id from record inner join outcome using (record_no) where outcome.status = 'new'")
    _register(change, stage)
    _change(change, stage)
    for name in ("record", "verdict", "existing"):
        change.cursor.execute(f"create or replace temp table {name} as select contact_{name}.* from contact_{name}")  # noqa: S608 (our own names)
    change.cursor.execute(_CONTACT_OUTCOME)
    records.write_rows(change, CONTACT, stage)


def _match_contacts(cursor: duckdb.DuckDBPyConnection, stage: Stage) -> None:
    records.match_rows(cursor, stage, CONTACT)
    for name in ("record", "existing", "verdict"):
        cursor.execute(f"create or replace temp table contact_{name} as select {name}.* from {name}")  # noqa: S608 (our own names)
    said = " or ".join(f"line.{name} is not null" for name in _CONTACT_FIELDS)
    cursor.execute(
        f"delete from contact_verdict where record_no in (select line.record_no from line where not ({said}))"  # noqa: S608 (our own names)
    )


def _register(change: Change, stage: Stage) -> None:
    named = {name: f"coalesce(record.{name}, {other})" for name, other in _NEW.items()}
    own = {name: f"record.{name}" for name in COLUMNS if name not in named and name != "account_no"}
    values = ", ".join(f"{source} as {name}" for name, source in {**named, **own}.items())
    owner = None if change.actor.scope is Scope.ALL else change.actor.user_id
    change.insert_from(
        "customer_record",
        ["customer_id", "account_no", "name_key", "initials", "origin", "from_on", "until_on", *named, *own],
        _FRESH.format(values=values),
        {"owner_id": owner, "currency": stage.options.currency},
    )


def _change(change: Change, stage: Stage) -> None:
    """Replaced values hold from today on; values that were unknown, and account numbers, are filled in for the past as well."""
    said = [name for name in COLUMNS if _FIELDS.get(name, name) in stage.columns]
    kept = [name for name in change.columns("customer_record") if name not in BOOKKEEPING and name not in ("from_on", "until_on")]
    filled = ", ".join(_filled(name, said) for name in kept)
    replaced = ", ".join(_replaced(name, said) for name in kept)
    differs = [f"(record.{name} is not null and record.{name} is distinct from old.{name})" for name in said]
    anew = [f"({part} and old.{name} is not null)" for part, name in zip(differs, said, strict=True) if name != "account_no"]
    sql = _SUCCESSORS.format(filled=filled, replaced=replaced, differs=" or ".join(differs) or "false", anew=" or ".join(anew) or "false")
    change.cursor.execute(sql, {"today": stage.options.today})
    known = "until_on = date '9999-12-31' and customer_id in (select successor.customer_id from successor)"
    change.retire("customer_record", known, {})
    ordered = "select successor.* from successor order by successor.customer_id, successor.from_on"
    change.insert_from("customer_record", [*kept, "from_on", "until_on"], ordered, {})


def _filled(name: str, said: list[str]) -> str:
    if name == "account_no" and name in said:
        return "coalesce(record.account_no, old.account_no) as account_no"
    return f"coalesce(old.{name}, record.{name}) as {name}" if name in said else f"old.{name}"


def _replaced(name: str, said: list[str]) -> str:
    if name in ("name_key", "initials") and "name" in said:
        return f"case when record.name is not null then party.{name} else old.{name} end as {name}"
    return f"coalesce(record.{name}, old.{name}) as {name}" if name in said else f"old.{name}"


_NEW: Final = {
    "name": "known_as.name",
    "kind": "'company'",
    "book": "'formal'",
    "status": "'active'",
    "owner_id": "$owner_id::integer",
    "currency": "$currency",
    "secrecy": "0",
}
_FRESH: Final = """
    select
        known_as.customer_id, known_as.account_no, known_as.name_key, known_as.initials, 'corporate' as origin,
        date '0001-01-01' as from_on, date '9999-12-31' as until_on, {values}
    from known_as
    inner join record on known_as.was = record.customer_id
    order by known_as.customer_id
"""
_RANGES: Final = """
    insert into trouble
    select line.row_no, 'bad_secrecy', line.secrecy::text, null from line where line.secrecy not between 0 and 2
"""
_LOWERED: Final = """
    insert into trouble
    select line.row_no, 'too_secret', customer_record.secrecy::text, null
    from line
    inner join customer_record on line.customer_id = customer_record.customer_id and line.secrecy < customer_record.secrecy
    where
        customer_record.until_on = date '9999-12-31' and customer_record.retired_at = timestamp '9999-12-31'
        and list_contains($levels::integer[], customer_record.secrecy)
"""
_EXISTING: Final = """
    create or replace temp table existing as
    select customer_record.customer_id as thing_id, customer_record.customer_id, {theirs}
    from customer_record
    where
        customer_record.until_on = date '9999-12-31' and customer_record.retired_at = timestamp '9999-12-31'
        and customer_record.customer_id in (select record.customer_id from record)
"""
_BOTH: Final = """
    create or replace temp table verdict as
    with contact_changes as (
        select
            contact_verdict.record_no,
            case
                when contact_verdict.status = 'new' then [{'field': 'contact_name', 'before': null::text, 'after': contact_record.name}]
                else list_transform(
                    contact_verdict.changes,
                    lambda change: {
                        'field': case when change.field = 'title' then 'contact_title' else change.field end,
                        'before': change.before, 'after': change.after
                    }
                )
            end as changes
        from contact_verdict
        inner join contact_record on contact_verdict.record_no = contact_record.record_no
        where contact_verdict.status <> 'same'
    )

    select
        verdict.record_no, verdict.thing_id,
        case when verdict.status = 'same' and contact_changes.record_no is not null then 'changed' else verdict.status end as status,
        case
            when verdict.status <> 'new'
                then list_concat(verdict.changes, coalesce(contact_changes.changes, []::struct(field text, before text, after text)[]))
        end as changes
    from verdict
    left join contact_changes on verdict.record_no = contact_changes.record_no
"""
_TAKEN: Final = """
    insert into trouble
    select record.record_no, 'account_taken', record.account_no, null
    from record
    inner join customer_record
        on record.account_no = customer_record.account_no and record.customer_id > 0 and record.customer_id <> customer_record.customer_id
    where customer_record.until_on = date '9999-12-31' and customer_record.retired_at = timestamp '9999-12-31'
"""
_CONTACT_OUTCOME: Final = """
    create or replace temp table outcome as
    select outcome.row_no, outcome.record_no, contact_verdict.status
    from outcome
    inner join contact_verdict on outcome.record_no = contact_verdict.record_no
    where outcome.status in ('new', 'changed')
"""
_SUCCESSORS: Final = """
    create or replace temp table successor as
    with changing as (
        select record.*, party.name_key, party.initials, outcome.status
        from record
        inner join outcome on record.record_no = outcome.record_no and outcome.status = 'changed'
        inner join line on record.record_no = line.record_no
        inner join party on line.party_no = party.party_no
    ),

    met as (
        select record.record_no, ({anew}) and old.from_on < $today as is_anew
        from changing as record
        inner join customer_record as old on record.customer_id = old.customer_id
        where old.until_on = date '9999-12-31' and old.retired_at = timestamp '9999-12-31' and ({differs})
    )

    select {replaced}, case when met.is_anew then $today::date else old.from_on end as from_on, old.until_on
    from met
    inner join changing as record on met.record_no = record.record_no
    inner join changing as party on met.record_no = party.record_no
    inner join customer_record as old on record.customer_id = old.customer_id
    where old.until_on = date '9999-12-31' and old.retired_at = timestamp '9999-12-31'
    union all
    select {filled}, old.from_on, $today::date
    from met
    inner join changing as record on met.record_no = record.record_no
    inner join customer_record as old on record.customer_id = old.customer_id
    where met.is_anew and old.until_on = date '9999-12-31' and old.retired_at = timestamp '9999-12-31'
"""
