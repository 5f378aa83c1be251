"""Feedback, complaints, interactions and contacts: one row, one record (a feedback row with several scores: one for each)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import duckdb

from lib.commands import answers, calendar, cases, complaints
from lib.commands.answers import Low
from lib.commands.importing import surveyed
from lib.commands.importing.matching import Pass, drop_repeats, match
from lib.commands.importing.parties import register
from lib.commands.importing.staging import Stage
from lib.domain import kinds, stages
from lib.store.door import BOOKKEEPING, Change

Before = Callable[[Change, Stage], None] | None
"""What is worked out for the rows to come before they are written, or nothing."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where one kind's records live: the table, its thing's id, and how each column comes from a row of the file.

    `fields` are the file's fields behind a column (for knowing whether the file says anything about it), `key` the columns
    that name a record when `keyed` holds, `filled` what a new record gets that no file says.
    """

    table: str
    thing: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    key_fields: tuple[str, ...]
    keyed: str = "true"
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    filled: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    existing: Mapping[str, str] = field(default_factory=dict)
    where: str = "true"
    prepare: Callable[[duckdb.DuckDBPyConnection, Stage], None] | None = None
    before: Before = None
    after: Callable[[Change, Stage], None] | None = None


def plan(cursor: duckdb.DuckDBPyConnection, stage: Stage) -> None:
    """Make `record`, `existing` and `verdict`, and mark what is in trouble."""
    target = TARGETS[stage.kind.name]
    if "on_date" in stage.table.column_names:
        cursor.execute(_FUTURE, {"today": stage.options.today})
    if target.prepare:
        target.prepare(cursor, stage)
    cursor.execute("create or replace temp table line as select row_number() over (order by line.row_no) as record_no, line.* from line")
    drop_repeats(cursor, target.key_fields, sorted(stage.columns), target.keyed)
    match_rows(cursor, stage, target)


def match_rows(cursor: duckdb.DuckDBPyConnection, stage: Stage, target: Target) -> None:
    """Match the rows of `line` that are not in trouble against the target's table."""
    values = ", ".join(f"{source} as {name}" for name, source in target.columns.items())
    cursor.execute(
        f"create or replace temp table record as select line.record_no, line.customer_id, {values} from line "  # noqa: S608
        "where line.row_no not in (select trouble.row_no from trouble) and line.record_no not in (select repeat.record_no from repeat)"
    )
    theirs = ", ".join(f"{target.existing.get(name, f'{target.table}.{name}')} as {name}" for name in target.columns)
    cursor.execute(
        f"create or replace temp table existing as select {target.table}.{target.thing} as thing_id, {target.table}.customer_id, {theirs} "  # noqa: S608
        f"from {target.table} where {target.table}.retired_at = timestamp '9999-12-31' and {target.where} "
        f"and {target.table}.customer_id in (select record.customer_id from record)"
    )
    said = tuple(name for name in target.columns if set(target.fields.get(name, (name,))) & set(stage.columns))
    keyed = Pass(target.key, only=target.keyed)
    content = Pass(tuple(dict.fromkeys((*target.key, *said))), only=f"not ({target.keyed})")
    match(cursor, (keyed, content), [name for name in said if name not in target.key])


def write(change: Change, stage: Stage) -> None:
    """Record new and changed records."""
    register(change, stage, _USED)
    write_rows(change, TARGETS[stage.kind.name], stage)


def write_rows(change: Change, target: Target, stage: Stage) -> None:
    """Insert new records; retire changed ones and record their successors, what the file leaves empty as it was."""
    first = change.next_id(target.table, target.thing)
    change.cursor.execute(_COMING.format(thing=target.thing), {"first": first})
    if target.before:
        target.before(change, stage)
    inserted = [name for name in target.columns if name not in target.existing]
    given = {
        name: f"coalesce(coming.{name}, {target.defaults[name]})" if name in target.defaults else f"coming.{name}" for name in inserted
    }
    fresh = ", ".join(f"{source} as {name}" for name, source in {**given, **target.filled}.items())
    change.insert_from(
        target.table,
        [target.thing, "customer_id", *inserted, *target.filled],
        f"select coming.{target.thing}, coming.customer_id, {fresh} from coming where coming.status = 'new' order by coming.record_no",  # noqa: S608
        {"actor_id": change.actor.user_id} if "$actor_id" in fresh else {},
    )
    kept = [
        name for name in change.columns(target.table) if name not in BOOKKEEPING and name not in target.columns and name != target.thing
    ]
    merged = ", ".join([*(f"coalesce(coming.{name}, old.{name}) as {name}" for name in inserted), *(f"old.{name}" for name in kept)])
    change.cursor.execute(
        f"create or replace temp table successor as select old.{target.thing}, {merged} from {target.table} as old "  # noqa: S608
        f"inner join coming on old.{target.thing} = coming.{target.thing} and coming.status = 'changed' "
        f"where old.retired_at = timestamp '9999-12-31' order by old.{target.thing}"
    )
    change.retire(target.table, f"{target.thing} in (select successor.{target.thing} from successor)", {})  # noqa: S608
    change.insert_from(target.table, [target.thing, *inserted, *kept], "select successor.* from successor", {})
    if target.after:
        target.after(change, stage)


_USED: Final = """
    select record.customer_id from record
    inner join outcome on record.record_no = outcome.record_no and outcome.status in ('new', 'changed')
"""
_COMING: Final = """
    create or replace temp table coming as
    with standing as (
        select distinct outcome.record_no, outcome.status from outcome where outcome.status in ('new', 'changed')
    )

    select
        record.* exclude (customer_id), coalesce(known_as.customer_id, record.customer_id) as customer_id, standing.status,
        case
            when standing.status = 'new' then $first - 1 + row_number() over (partition by standing.status order by record.record_no)
            else verdict.thing_id
        end as {thing}
    from record
    inner join standing on record.record_no = standing.record_no
    inner join verdict on record.record_no = verdict.record_no
    left join known_as on record.customer_id = known_as.was
"""
_FUTURE: Final = """
    insert into trouble
    select line.row_no, 'future_day', line.on_date::text, null from line where line.on_date > $today
"""


def _explode(cursor: duckdb.DuckDBPyConnection, stage: Stage) -> None:
    cursor.execute(_SCORES, {"metric": stage.options.metric})
    scales = " ".join(
        f"when '{name}' then line.score between {scale.low} and {scale.high} and line.score = trunc(line.score)"
        for name, scale in kinds.SCORE.items()
    )
    ranges = " ".join(f"when '{name}' then '{scale.low}, …, {scale.high}'" for name, scale in kinds.SCORE.items())
    cursor.execute(_SCORE_TROUBLE.format(scales=scales, ranges=ranges))
    surveyed.place(cursor)


_SCORES: Final = """
    create or replace temp table line as
    select line.* replace ('nps' as metric, line.nps::decimal(24, 6) as score) from line where line.nps is not null
    union all by name
    select line.* replace ('csat' as metric, line.csat::decimal(24, 6) as score) from line where line.csat is not null
    union all by name
    select line.* replace ('ces' as metric, line.ces::decimal(24, 6) as score) from line where line.ces is not null
    union all by name
    select line.* replace (coalesce(line.metric, $metric) as metric) from line where coalesce(line.nps, line.csat, line.ces) is null
"""
_SCORE_TROUBLE: Final = """
    insert into trouble
    select line.row_no, case when line.score is null then 'no_score' else 'no_metric' end, null, null
    from line where not line.is_bad and (line.score is null or line.metric is null)
    union all
    select line.row_no, 'out_of_scale', rtrim(rtrim(line.score::text, '0'), '.'), case line.metric {ranges} end
    from line where line.score is not null and line.metric is not null and not (case line.metric {scales} end)
"""


def _call_back(change: Change, stage: Stage) -> None:
    """Low scores of a file make the call-backs they would make when typed in one by one."""
    found = change.cursor.execute(_FRESH, {"since": stage.options.today - answers.FRESH}).fetchall()
    entered_by = change.actor.user_id
    low = [
        Low(feedback_id, customer_id, metric, int(score), owner_id, is_about_owner=owner_id == entered_by)
        for feedback_id, customer_id, metric, score, owner_id in found
        if kinds.SCORE[metric].is_low(score)
    ]
    answers.call_back(change, low, stage.options.today)


_FRESH: Final = """
    select coming.feedback_id, coming.customer_id, coming.metric, coming.score, customer_record.owner_id
    from coming
    inner join customer_record
        on coming.customer_id = customer_record.customer_id and customer_record.until_on = date '9999-12-31'
        and customer_record.retired_at = timestamp '9999-12-31'
    where coming.status = 'new' and coming.on_date >= $since
    order by coming.feedback_id
"""


def _find_owners(cursor: duckdb.DuckDBPyConnection, _stage: Stage) -> None:
    cursor.execute(OWNERS)


OWNERS: Final = """
    insert into trouble
    select line.row_no, 'unknown_owner', line.owner, null from line
    where line.owner is not null and line.owner not in (select app_user.username from app_user union select app_user.name from app_user)
"""
OWNER_ID: Final = """(
    select min(app_user.user_id) from app_user where app_user.username = line.owner or app_user.name = line.owner
)"""


def _promise_answers(change: Change, stage: Stage) -> None:
    """By when open complaints of a file are to be answered that says no day: by their severity, without one as for a normal one."""
    wanted = change.cursor.execute(_UNPROMISED, {"normal": _NORMAL}).fetchall()
    if not wanted:
        return
    working, rule = calendar.in_force(change), cases.rule(change, complaints.KIND, stage.options.today)
    days = [complaints.answer_due(working, rule, severity, on_date) for on_date, severity in wanted]
    given = {"days": [on_date for on_date, _ in wanted], "severities": [severity for _, severity in wanted], "due": days}
    change.cursor.execute(_PROMISED, {**given, "normal": _NORMAL})


_NORMAL: Final = 2
"""The severity a complaint is held to that names none."""
_TO_ANSWER: Final = "coming.status = 'new' and coming.due_on is null and case_is_open(coalesce(coming.state, 'new'))"
_UNPROMISED: Final = f"select distinct coming.on_date, coalesce(coming.severity, $normal) from coming where {_TO_ANSWER}"  # noqa: S608
_PROMISED: Final = f"""
    update coming set due_on = answer.due_on
    from (select unnest($days::date[]) as on_date, unnest($severities::integer[]) as severity, unnest($due::date[]) as due_on) as answer
    where {_TO_ANSWER} and coming.on_date = answer.on_date and coalesce(coming.severity, $normal) = answer.severity
"""  # noqa: S608 (conditions from our own code)


def _tell_events(change: Change, stage: Stage) -> None:
    change.cursor.execute(_EVENTS, {"made_at": change.made_at, "undated": kinds.UNDATED_NOTE})
    first = change.next_id("case_event", "event_id")
    change.insert_from(
        "case_event",
        ["event_id", "case_id", "customer_id", "state", "action", "happened_at", "note"],
        "select $first - 1 + row_number() over () as event_id, happening.case_id, happening.customer_id, happening.state, "  # noqa: S608
        f"{_TAKEN.get(stage.kind.name, 'null')} as action, happening.happened_at, happening.note from happening",
        {"first": first},
    )


def _leading_to(path: stages.Path) -> str:
    """The step that first leads to the state, as SQL says it."""
    taken = {"new": "record", **{state: action for (_, action), state in reversed(list(path.items()))}}
    return "case happening.state " + " ".join(f"when '{state}' then '{action}'" for state, action in taken.items()) + " end"


_TAKEN: Final = {"suggestions": _leading_to(stages.SUGGESTION), "requests": _leading_to(stages.REQUEST)}
"""By which step a case of a file came to where it stands, where steps are what clocks and rates count by."""


# Nine in the morning in China, in UTC. Without a date of its own a state is told once, so that no duration is made up.
_EVENTS: Final = """
    create or replace temp table happening as
    select coming.case_id, coming.customer_id, 'new' as state, coming.on_date + interval 1 hour as happened_at, null as note
    from coming
    where coming.status = 'new' and (coalesce(coming.state, 'new') = 'new' or coming.state_on is not null)
    union all
    select
        coming.case_id, coming.customer_id, coming.state, coalesce(coming.state_on, coming.on_date) + interval 1 hour,
        case when coming.state_on is null then $undated end
    from coming
    where coming.status = 'new' and coalesce(coming.state, 'new') <> 'new'
    union all
    select coming.case_id, coming.customer_id, coming.state, coalesce(coming.state_on + interval 1 hour, $made_at), null
    from coming
    inner join existing on coming.case_id = existing.thing_id
    where coming.status = 'changed' and coming.state is distinct from existing.state and coming.state is not null
    order by happened_at
"""
_LAST_STATE: Final = """(
    select arg_max(case_event.state, (case_event.happened_at, case_event.event_id)) from case_event
    where case_event.case_id = case_file.case_id and case_event.retired_at = timestamp '9999-12-31'
)"""
_CUSTOMER_OWNER: Final = """(
    select any_value(customer_record.owner_id) from customer_record
    where customer_record.customer_id = coming.customer_id
        and customer_record.until_on = date '9999-12-31' and customer_record.retired_at = timestamp '9999-12-31'
)"""
_TOP_SCORE: Final = "case coming.metric " + " ".join(f"when '{name}' then {scale.high}" for name, scale in kinds.SCORE.items()) + " end"


def _own(*names: str) -> dict[str, str]:
    return {name: f"line.{name}" for name in names}


def _cases(kind: str, more: Mapping[str, str], before: Before = None, **fields: tuple[str, ...]) -> Target:
    """One kind of case: what it is about, and where it stands as its events say."""
    return Target(
        table="case_file",
        thing="case_id",
        columns={**_own("ref", "on_date", "subject", "body"), **more, "state": "line.status", "state_on": "line.status_on"},
        key=("ref",),
        key_fields=("ref",),
        keyed="ref is not null",
        fields={"state": ("status",), "state_on": (), **fields},
        filled={"kind": f"'{kind}'", "owner_id": _CUSTOMER_OWNER},
        existing={"state": _LAST_STATE, "state_on": "null::date"},
        where=f"case_file.kind = '{kind}'",
        before=before,
        after=_tell_events,
    )


CONTACT: Final = Target(
    table="contact",
    thing="contact_id",
    columns={
        "name": "line.contact_name",
        **_own("title", "role", "phone", "email", "wechat", "address", "is_primary", "language", "do_not_contact"),
    },
    key=("name",),
    key_fields=("contact_name",),
    fields={"name": ("contact_name",)},
    defaults={"is_primary": "false", "do_not_contact": "false"},
)
TARGETS: Final[Mapping[str, Target]] = {
    "contacts": CONTACT,
    "feedback": Target(
        table="feedback",
        thing="feedback_id",
        columns={
            **_own("metric", "ref", "on_date"),
            "score": "line.score::decimal(5, 2)",
            **_own("comment", "channel", "respondent", "region", "stage", "wave_id", "contact_id", "invite_id", "language", "aspects"),
        },
        key=("metric", "ref"),
        key_fields=("metric", "ref"),
        keyed="ref is not null",
        fields={
            "metric": ("metric",),
            "score": ("score", "nps", "csat", "ces"),
            "wave_id": ("wave",),
            "contact_id": (),
            "invite_id": (),
            "aspects": surveyed.FIELDS,
        },
        filled={"top_score": _TOP_SCORE, "source": "'file'", "entered_by": "$actor_id"},
        prepare=_explode,
        after=_call_back,
    ),
    "complaints": _cases(
        "complaint", {"severity": "line.severity::integer", **_own("cause", "channel", "region", "due_on")}, _promise_answers
    ),
    "suggestions": _cases("suggestion", _own("cause", "channel", "region")),
    "requests": _cases("service", {"severity": "line.priority::integer", **_own("stage", "channel", "region")}, severity=("priority",)),
    "interactions": Target(
        table="activity",
        thing="activity_id",
        columns={
            **_own("ref", "on_date", "subject", "body", "channel", "direction", "outcome"),
            "owner_id": OWNER_ID,
        },
        key=("ref",),
        key_fields=("ref",),
        keyed="ref is not null",
        fields={"owner_id": ("owner",)},
        filled={"kind": "'interaction'", "done_on": "coming.on_date"},
        defaults={"owner_id": "$actor_id"},
        where="activity.kind = 'interaction'",
        prepare=_find_owners,
    ),
}
"""What the simple kinds are made of."""
