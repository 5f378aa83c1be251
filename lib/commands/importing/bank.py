"""Lines of bank and wallet statements against those the ledger has: each line once, however often and however cut its statement comes."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import duckdb
import pyarrow as pa

from lib.commands.importing.matching import no_repeats
from lib.commands.importing.parties import lend
from lib.commands.importing.staging import Stage
from lib.domain.matching import name_key
from lib.domain.statements import account_by_name
from lib.store.door import Change

_LINE_COLUMNS: Final = (
    "line_id", "account", "on_date", "amount", "currency", "payer", "payer_key", "payer_account", "memo", "ref", "place",
)  # fmt: skip
_MEMO: Final = ("memo", "purpose", "remark", "note", "category")


def plan(cursor: duckdb.DuckDBPyConnection, stage: Stage) -> None:
    """Make `line`, `record`, `existing`, `verdict`, and mark what is in trouble or no money of the account."""
    cursor.execute("create or replace temp table trouble (row_no bigint, code text, a text, b text)")
    _read(cursor, stage)
    cursor.execute(_TROUBLE, {"today": stage.options.today})
    no_repeats(cursor)
    cursor.execute(_RECORD)
    cursor.execute(_EXISTING)
    cursor.execute(_VERDICT)


def write(change: Change, _stage: Stage) -> None:
    """Record the lines that are new."""
    columns = ", ".join(f"record.{name}" for name in _LINE_COLUMNS[1:])
    change.insert_from(
        "bank_line",
        _LINE_COLUMNS,
        f"select $first - 1 + row_number() over (order by record.record_no) as line_id, {columns} from record "  # noqa: S608 (our own names)
        "where record.record_no in (select outcome.record_no from outcome where outcome.status = 'new') order by record.record_no",
        {"first": change.next_id("bank_line", "line_id")},
    )


def same_file(cursor: duckdb.DuckDBPyConnection, sha256: str) -> tuple[int, datetime, str, str, str] | None:
    """Batch, moment, person, account and settings of the last import of this very file that still stands."""
    return cursor.execute(_SAME_FILE, {"sha256": sha256}).fetchone() if sha256 else None


def _account(cursor: duckdb.DuckDBPyConnection, stage: Stage) -> str:
    """The account of lines that name none: as a person or the statement says, as the same file had it, or the file's name."""
    if stage.options.account:
        return stage.options.account
    found = same_file(cursor, stage.options.sha256)
    return found[3] if found else account_by_name(stage.options.file_name)


def _read(cursor: duckdb.DuckDBPyConnection, stage: Stage) -> None:
    """Each row with its signed amount, counterparty and joined words."""
    options = stage.options
    given = options.currency if options.currency_given else None
    texts = ", ".join(f"{_said(name)} as {name}" for name in ("account", "payer", "payer_account", "ref", *_MEMO))
    cursor.execute(_SAID.format(texts=texts))
    cursor.execute(
        _LINE, {"account": _account(cursor, stage), "given": given, "currency": options.currency, "pair": "income" in stage.columns}
    )
    payers = [payer for (payer,) in cursor.execute("select distinct line.payer from line where line.payer is not null").fetchall()]
    keys = pa.table({"payer": pa.array(payers, pa.string()), "payer_key": pa.array(map(name_key, payers), pa.string())})
    lend(cursor, "payer_keys", keys)
    cursor.execute("create or replace temp table payer_name as select payer_keys.* from payer_keys")
    cursor.unregister("payer_keys")


def _said(name: str) -> str:
    """A text; a cell of nothing but dashes, strokes or stars says nothing."""
    return f"case when not regexp_full_match(staged.{name}, '[-—–/*.\\s]*') then staged.{name} end"


def _plain(alias: str) -> str:
    """What a line says, whatever the width, case and blanks of its letters: another export of the same line is the same line."""
    words = "concat_ws(chr(31), " + ", ".join(f"coalesce({alias}.{name}, '')" for name in ("payer", "payer_account", "memo", "ref")) + ")"
    return f"lower(regexp_replace(translate({words}, '{_WIDE}', '{_NARROW}'), '[\\s\\x{{3000}}\\x{{A0}}]+', '', 'g'))"


_CODES: Final = [code for code in range(0x21, 0x7F) if chr(code) != "'"]
_WIDE: Final = "".join(chr(code + 0xFEE0) for code in _CODES)
_NARROW: Final = "".join(map(chr, _CODES))

_SAID: Final = """
    create or replace temp table said as
    select
        staged.row_no, staged.is_bad, staged.on_date, staged.amount, staged.income, staged.outgo, staged.direction, staged.currency,
        staged.amount_currency, {texts}
    from staged
"""

# A minus in a column of money out is only a repetition when all its figures have one, and there is another column for money in.
_LINE: Final = r"""
    create or replace temp table line as
    with habit as (
        select
            bool_and(said.amount <= 0) filter (where said.direction = 'out') as writes_out_below_zero,
            bool_and(said.outgo <= 0) and $pair as writes_outgo_below_zero
        from said
    )

    select
        said.row_no, said.is_bad, said.on_date, said.direction, said.amount_currency, said.income, said.outgo,
        coalesce(said.account, $account) as account,
        coalesce(said.currency, $given, said.amount_currency, $currency) as currency,
        (
            case
                when said.income is not null or said.outgo is not null
                    then
                        coalesce(said.income, 0)
                        - case when habit.writes_outgo_below_zero then -1 else 1 end * coalesce(said.outgo, 0)
                when said.direction = 'out' and not habit.writes_out_below_zero then -said.amount
                else said.amount
            end
        )::decimal(18, 2) as amount,
        case
            when said.payer_account is not null then said.payer
            else nullif(regexp_extract(said.payer, '^(.*?)\s*(\d{8,30})?$', 1), '')
        end as payer,
        coalesce(said.payer_account, nullif(regexp_extract(said.payer, '^(.*?)\s*(\d{8,30})?$', 2), '')) as payer_account,
        nullif(array_to_string(
            list_filter([said.memo, said.purpose, said.remark, said.note, said.category], lambda word: word is not null), ' · '
        ), '') as memo,
        said.ref
    from said
    cross join habit
"""

_TROUBLE: Final = """
    insert into trouble
    select line.row_no, 'cell', null, null from line where line.is_bad
    union all
    select line.row_no, 'apart_' || line.direction, abs(line.amount)::text, line.currency
    from line
    where line.direction in ('neither', 'pending')
    union all
    select line.row_no, 'no_day', null, null from line where line.on_date is null and not line.is_bad
    union all
    select line.row_no, 'no_money', null, null from line where line.amount is null and not line.is_bad
    union all
    select line.row_no, 'no_direction', line.amount::text, null
    from line
    where
        (select count(line.direction) from line) > 0
        and line.direction is null and line.income is null and line.outgo is null and not line.is_bad
    union all
    select line.row_no, 'both_ways', line.income::decimal(18, 2)::text, line.outgo::decimal(18, 2)::text
    from line
    where line.income <> 0 and line.outgo <> 0
    union all
    select line.row_no, 'apart_zero', null, null from line where line.amount = 0
    union all
    select line.row_no, 'future_day', line.on_date::text, null from line where line.on_date > $today
    union all
    select line.row_no, 'other_currency', line.amount_currency, line.currency from line where line.amount_currency <> line.currency
"""

_RECORD: Final = f"""
    create or replace temp table record as
    select
        line.row_no as record_no, null::integer as customer_id, line.account, line.on_date, line.amount, line.currency, line.payer,
        payer_name.payer_key, line.payer_account, line.memo, line.ref, {_plain("line")} as plain,
        row_number() over (
            partition by line.account, line.on_date, line.amount, line.currency, {_plain("line")} order by line.row_no
        )::integer as place
    from line
    left join payer_name on line.payer = payer_name.payer
    where line.row_no not in (select trouble.row_no from trouble);

    create or replace temp table line as
    select line.*, record.record_no
    from line
    left join record on line.row_no = record.record_no
"""  # noqa: S608 (our own text)

_EXISTING: Final = f"""
    create or replace temp table existing as
    select
        bank_line.line_id as thing_id, bank_line.account, bank_line.on_date, bank_line.amount, bank_line.currency, bank_line.ref,
        {_plain("bank_line")} as plain,
        row_number() over (
            partition by bank_line.account, bank_line.on_date, bank_line.amount, bank_line.currency, {_plain("bank_line")}
            order by bank_line.place, bank_line.line_id
        )::integer as place
    from bank_line
    where
        bank_line.retired_at = timestamp '9999-12-31'
        and bank_line.account in (select record.account from record)
        and bank_line.on_date between (select min(record.on_date) from record) and (select max(record.on_date) from record)
"""  # noqa: S608 (our own text)

# First the same words; then the bank's own number, where it names one line on both sides: a bank may word a line anew.
_VERDICT: Final = """
    create or replace temp table pair as
    select record.record_no, existing.thing_id
    from record
    inner join existing
        on
            record.account = existing.account and record.on_date = existing.on_date and record.amount = existing.amount
            and record.currency = existing.currency and record.plain = existing.plain and record.place = existing.place;

    insert into pair
    with ours as (
        select record.*
        from record
        where record.ref is not null and record.record_no not in (select pair.record_no from pair)
        qualify count(*) over (partition by record.account, record.on_date, record.amount, record.currency, record.ref) = 1
    ),

    theirs as (
        select existing.*
        from existing
        where existing.ref is not null and existing.thing_id not in (select pair.thing_id from pair)
        qualify count(*) over (partition by existing.account, existing.on_date, existing.amount, existing.currency, existing.ref) = 1
    )

    select ours.record_no, theirs.thing_id
    from ours
    inner join theirs
        on
            ours.account = theirs.account and ours.on_date = theirs.on_date and ours.amount = theirs.amount
            and ours.currency = theirs.currency and ours.ref = theirs.ref;

    create or replace temp table verdict as
    select
        record.record_no, pair.thing_id, case when pair.thing_id is null then 'new' else 'same' end as status,
        null::struct(field text, before text, after text)[] as changes
    from record
    left join pair on record.record_no = pair.record_no
"""

_SAME_FILE: Final = """
    select
        audit.change_id, audit.made_at, app_user.name,
        (
            select string_agg(distinct bank_line.account, ' / ') from bank_line
            where bank_line.change_id = audit.change_id and bank_line.retired_at = timestamp '9999-12-31'
        ),
        (select any_value(settings.body) from policy_at('settings', date '9999-12-30', timestamp '9999-12-30') as settings)
    from audit
    left join app_user on audit.user_id = app_user.user_id
    where
        audit.command = 'ImportMoney'
        and json_extract_string(audit.detail, 'sha256') = $sha256
        and audit.change_id in (select bank_line.change_id from bank_line where bank_line.retired_at = timestamp '9999-12-31')
    order by audit.change_id desc
    limit 1
"""
