"""Who each row is about: account number exactly, then name exactly, else a new off-book customer; never a guess.

Works on temp tables of one cursor. `line` gets one row per row of the file with its customer_id: below zero for a customer
the ledger does not know yet (the same number for all rows of one new customer), null for a row in trouble.
"""

from __future__ import annotations

import re
from typing import Final

import duckdb
import pyarrow as pa

from lib.commands.customers import next_account_nos
from lib.commands.importing.staging import Stage
from lib.domain.access import Actor, Scope
from lib.domain.imports import REGISTER
from lib.domain.matching import name_key, pinyin_initials
from lib.store.door import Change

UNNAMED: Final = "UNNAMED"
UNNAMED_NAME: Final = "未具名客户"
UNNAMED_NAME_EN: Final = "Unnamed customer"
_LONGEST_NUMBER: Final = 40
_NUMBER: Final = re.compile(r"[!-~]+")
_LIVE: Final = """customer_record.until_on = date '9999-12-31' and customer_record.retired_at = timestamp '9999-12-31'
        and customer_record.status <> 'merged'"""


def resolve(cursor: duckdb.DuckDBPyConnection, actor: Actor, stage: Stage) -> None:
    """Make `line`, `party`, `new_party`, `trouble` and `seen` (the customers in scope), from the staged table registered as `staged`."""
    cursor.execute("create or replace temp table trouble (row_no bigint, code text, a text, b text)")
    named = "coalesce(staged.name, staged.payer)" if "payer" in stage.table.column_names else "staged.name"
    plain = ", ".join(
        f"case when min({name}) = max({name}) then min({name}) end as {name}" for name in REGISTER if name in stage.table.column_names
    )
    cursor.execute(
        f"create or replace temp table asked as select staged.customer, {named} as name, min(staged.row_no) as row_no"  # noqa: S608
        f"{', ' + plain if plain else ''} from staged group by staged.customer, {named}"
    )
    lend(cursor, "asked_keys", _keys(cursor))
    has = {name: name if name in stage.table.column_names else "null::text" for name in REGISTER}
    cursor.execute(_PARTY.format(**has))
    cursor.unregister("asked_keys")
    cursor.execute(_BY_NUMBER)
    cursor.execute(_SIBLINGS)
    cursor.execute(_SEEN, {"actor_id": actor.user_id})
    cursor.execute(_BY_NAME)
    cursor.execute(_RESOLVED)
    cursor.execute(_NEW_PARTY)
    cursor.execute(_LINE.format(named=named))
    reject = stage.options.new_customers == "reject"
    nobody = "no_name" if stage.kind.name == "customers" else "no_customer"
    # Someone who sees only part of the customers may not fill the common drawer of unnamed ones.
    unnamed = nobody if reject or actor.scope is not Scope.ALL or stage.kind.name in ("customers", "contacts") else ""
    unknown = "unknown_customer" if reject and stage.kind.name != "customers" else ""
    cursor.execute(_TROUBLE, {"unnamed": unnamed, "unknown": unknown})


def register(change: Change, stage: Stage, used: str) -> int:
    """Write the new off-book customers that `used` (a select of customer_id) names, and make `known_as`. Returns how many."""
    name_new(change, stage, used)
    owner = None if change.actor.scope is Scope.ALL else change.actor.user_id
    about = {"owner_id": owner, "currency": stage.options.currency}
    return change.insert_from("customer_record", _COLUMNS, _CUSTOMER_ROWS, about)


def name_new(change: Change, stage: Stage, used: str) -> None:
    """Make `known_as` (was, customer_id, account_no …): the ids and account numbers of the new customers that `used` names."""
    book = "formal" if stage.kind.name == "customers" else "offbook"
    count = _count(change, f"select count(*) from new_party where customer_id in ({used}) and account_no is null")  # noqa: S608
    given = pa.array(next_account_nos(change, book, count), pa.string())
    lend(change.cursor, "numbers", pa.table({"place": pa.array(range(1, count + 1), pa.int64()), "given": given}))
    base = change.next_id("customer_record", "customer_id") - 1
    change.cursor.execute(_REGISTERED.format(used=used), {"base": base})
    change.cursor.unregister("numbers")


def lend(cursor: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Let the cursor read a table of this process by name."""
    # DuckDB 2 registers nothing while an earlier answer is only half read; another question, read whole, ends it.
    cursor.execute("select 1").fetchall()
    cursor.register(name, table)


def _keys(cursor: duckdb.DuckDBPyConnection) -> pa.Table:
    rows = cursor.execute("select customer, name from asked order by row_no").fetchall()
    keys = [_key(customer, name) for customer, name in rows]
    names = ("account_no", "label", "name_key", "initials", "is_unnamed", "by_name")
    types = (pa.string(), pa.string(), pa.string(), pa.string(), pa.bool_(), pa.string())
    columns = {name: pa.array([key[at] for key in keys], kind) for at, (name, kind) in enumerate(zip(names, types, strict=True))}
    return pa.table({"place": pa.array(range(1, len(rows) + 1), pa.int64()), **columns})


def _key(customer: str | None, name: str | None) -> tuple[str | None, str, str, str, bool, str]:
    """Account number, label, name key, initials, whether nobody is named, and whom the name may find.

    `house` finds only customers whose number the house gave: a number in the file is then the first one they really have.
    """
    if not customer and not name:
        return (UNNAMED, UNNAMED_NAME, name_key(UNNAMED_NAME), pinyin_initials(UNNAMED_NAME), True, "none")
    label = name or customer or ""
    is_number = bool(customer) and (bool(name) or _looks_like_number(customer or ""))
    return (
        customer if is_number else None,
        label,
        name_key(label),
        pinyin_initials(label),
        False,
        "house" if customer and name else "any",
    )


def _looks_like_number(text: str) -> bool:
    """Whether a lone cell is an account number rather than a name: printable ASCII without blanks."""
    return len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text) is not None


def _count(change: Change, sql: str) -> int:
    row = change.cursor.execute(sql).fetchone()
    return int(row[0]) if row else 0


_PARTY: Final = """
    create or replace temp table party as
    with placed as (select row_number() over (order by asked.row_no) as place, asked.* from asked)

    select
        placed.place as party_no, placed.customer, placed.name, placed.row_no,
        concat_ws(chr(31), coalesce(placed.customer, ''), coalesce(placed.name, '')) as spelled,
        {region} as region, {segment} as segment, {industry} as industry,
        asked_keys.account_no, asked_keys.label, asked_keys.name_key, asked_keys.initials, asked_keys.is_unnamed, asked_keys.by_name
    from placed
    inner join asked_keys on placed.place = asked_keys.place
"""

_BY_NUMBER: Final = f"""
    create or replace temp table by_number as
    select party.party_no, customer_record.customer_id
    from party
    inner join customer_record on coalesce(party.customer, party.account_no, party.name) = customer_record.account_no
    where {_LIVE}
"""  # noqa: S608 (our own text)

# New customers with numbers in the same file: a row with only the name may mean one of them.
_SIBLINGS: Final = """
    create or replace temp table sibling as
    select party.name_key, count(distinct party.account_no) as found, min(party.account_no) as account_no
    from party
    where party.account_no is not null and not party.is_unnamed and party.party_no not in (select by_number.party_no from by_number)
    group by party.name_key
"""

_SEEN: Final = "create or replace temp table seen as select visible.customer_id from visible_customer($actor_id) as visible"

_BY_NAME: Final = f"""
    create or replace temp table by_name as
    select
        party.party_no, count(distinct customer_record.customer_id) as found, min(customer_record.customer_id) as customer_id,
        array_to_string(list_slice(
            list(customer_record.account_no order by customer_record.account_no)
                filter (customer_record.customer_id in (select seen.customer_id from seen)), 1, 3
        ), ', ') as candidates
    from party
    inner join customer_record on party.name_key = customer_record.name_key
    where
        {_LIVE}
        and party.party_no not in (select by_number.party_no from by_number)
        and (
            party.by_name = 'any'
            or (
                party.by_name = 'house' and customer_record.book = 'offbook'
                and regexp_full_match(customer_record.account_no, 'X[0-9]{{6,9}}')
            )
        )
    group by party.party_no
"""  # noqa: S608 (our own text)

_RESOLVED: Final = """
    create or replace temp table resolved as
    with weighed as (
        select
            party.*,
            by_number.customer_id as numbered_id,
            case when coalesce(by_name.found, 0) + coalesce(other.found, 0) = 1 then by_name.customer_id end as named_id,
            by_number.customer_id is null and coalesce(by_name.found, 0) + coalesce(other.found, 0) > 1 as is_ambiguous,
            concat_ws(', ', by_name.candidates, other.account_no) as candidates,
            other.account_no as other_no
        from party
        left join by_number on party.party_no = by_number.party_no
        left join by_name on party.party_no = by_name.party_no
        left join sibling as other on case when party.account_no is null then party.name_key end = other.name_key
    )

    select
        weighed.*,
        coalesce(weighed.numbered_id, weighed.named_id) as customer_id,
        coalesce(weighed.numbered_id, weighed.named_id) is not null
        and coalesce(weighed.numbered_id, weighed.named_id) not in (select seen.customer_id from seen) as is_out_of_sight,
        coalesce('#' || coalesce(weighed.account_no, weighed.other_no), '=' || weighed.name_key) as identity
    from weighed
"""

_NEW_PARTY: Final = """
    create or replace temp table new_party as
    select
        -row_number() over (order by min(resolved.row_no)) as customer_id, resolved.identity,
        arg_min(coalesce(resolved.account_no, resolved.other_no), resolved.row_no) as account_no,
        arg_min(resolved.label, resolved.row_no) as name,
        arg_min(resolved.name_key, resolved.row_no) as name_key,
        arg_min(resolved.initials, resolved.row_no) as initials,
        bool_or(resolved.is_unnamed) as is_unnamed,
        case when min(resolved.region) = max(resolved.region) then min(resolved.region) end as region,
        case when min(resolved.segment) = max(resolved.segment) then min(resolved.segment) end as segment,
        case when min(resolved.industry) = max(resolved.industry) then min(resolved.industry) end as industry
    from resolved
    where resolved.customer_id is null and not resolved.is_ambiguous
    group by resolved.identity
"""

_LINE: Final = """
    create or replace temp table line as
    select
        staged.*, resolved.party_no, resolved.is_unnamed, resolved.is_ambiguous, resolved.is_out_of_sight, resolved.candidates,
        resolved.customer_id
    from staged
    inner join (
        select resolved.* replace (coalesce(resolved.customer_id, new_party.customer_id)::integer as customer_id)
        from resolved
        left join new_party on case when resolved.customer_id is null then resolved.identity end = new_party.identity
    ) as resolved on concat_ws(chr(31), coalesce(staged.customer, ''), coalesce({named}, '')) = resolved.spelled
"""

_TROUBLE: Final = """
    insert into trouble
    select line.row_no, 'cell' as code, null, null from line where line.is_bad
    union all
    select line.row_no, 'ambiguous_customer', line.candidates, null from line where line.is_ambiguous
    union all
    select line.row_no, 'out_of_sight', null, null from line where line.is_out_of_sight and not ($unnamed <> '' and line.is_unnamed)
    union all
    select line.row_no, $unnamed, null, null from line where line.is_unnamed and $unnamed <> ''
    union all
    select line.row_no, $unknown, null, null from line where line.customer_id < 0 and not line.is_unnamed and $unknown <> ''
"""

_REGISTERED: Final = """
    create or replace temp table known_as as
    with used as (
        select new_party.*, row_number() over (order by new_party.customer_id desc) as place,
            row_number() over (partition by new_party.account_no is null order by new_party.customer_id desc) as number_place
        from new_party
        where new_party.customer_id in ({used})
    )

    select
        used.customer_id as was, ($base + used.place)::integer as customer_id, used.identity,
        coalesce(used.account_no, numbers.given) as account_no, used.name, used.name_key, used.initials, used.is_unnamed,
        used.region, used.segment, used.industry
    from used
    left join numbers on used.account_no is null and used.number_place = numbers.place
"""

_COLUMNS: Final = (
    "customer_id", "from_on", "until_on", "account_no", "name", "name_en", "name_key", "initials", "kind", "book", "origin", "status",
    "owner_id", "region", "industry", "segment", "currency", "secrecy",
)  # fmt: skip

_CUSTOMER_ROWS: Final = f"""
    select
        known_as.customer_id, date '0001-01-01' as from_on, date '9999-12-31' as until_on, known_as.account_no, known_as.name,
        case when known_as.is_unnamed then '{UNNAMED_NAME_EN}' end as name_en, known_as.name_key, known_as.initials,
        'company' as kind, 'offbook' as book, 'informal' as origin, 'active' as status,
        case when not known_as.is_unnamed then $owner_id::integer end as owner_id,
        known_as.region, known_as.industry, known_as.segment, $currency as currency, 0 as secrecy
    from known_as
    order by known_as.customer_id
"""  # noqa: S608 (our own text)
