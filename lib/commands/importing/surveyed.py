"""Answers of a file that belong to a survey: which wave, whose invitation, marks for parts."""

from __future__ import annotations

from typing import Final

import duckdb

from lib.domain import kinds

FIELDS: Final = tuple(f"aspect_{aspect}" for aspect in sorted(kinds.ASPECT))
"""The columns of marks, in the order they are kept in."""


def place(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add wave_id, contact_id, invite_id and aspects to each line; one that names no survey in sight is in trouble."""
    cursor.execute(_WAVES)
    cursor.execute(_UNKNOWN)
    cursor.execute(_PLACED)


_WAVES: Final = """
    create or replace temp table wave_named as
    select wave.wave_id, lower(trim(wave.title)) as title, wave.metric
    from survey_wave as wave
    where
        wave.retired_at = timestamp '9999-12-31'
        and wave.wave_id in (
            select invite.wave_id from survey_invite as invite
            where invite.retired_at = timestamp '9999-12-31' and invite.customer_id in (select seen.customer_id from seen)
        )
    qualify row_number() over (partition by lower(trim(wave.title)) order by wave.opens_on desc, wave.wave_id desc) = 1
"""
_IS_NAMED: Final = "line.metric = named.metric and (lower(trim(line.wave)) = named.title or trim(line.wave) = named.wave_id::text)"
_UNKNOWN: Final = f"""
    insert into trouble
    select line.row_no, 'unknown_wave', line.wave, null from line
    where line.wave is not null and not exists (select 1 from wave_named as named where {_IS_NAMED})
"""  # noqa: S608 (our own words)
_MARKS: Final = ", ".join(f"""'"{field.removeprefix("aspect_")}": ' || line.{field}""" for field in FIELDS)
# An invitation is answered once: by the person named, else by the first line about its customer; the rest are answers of the wave alone.
_PLACED: Final = f"""
    create or replace temp table line as
    with named as (
        select
            line.*,
            named.wave_id,
            (
                select min(contact.contact_id) from contact
                where
                    named.wave_id is not null
                    and contact.customer_id = line.customer_id
                    and contact.name = line.respondent
                    and contact.retired_at = timestamp '9999-12-31'
            ) as contact_id,
            nullif('{{' || array_to_string([{_MARKS}], ', ') || '}}', '{{}}') as aspects
        from line
        left join wave_named as named on {_IS_NAMED}
    ),

    open_invite as (
        select invite.invite_id, invite.wave_id, invite.customer_id, invite.contact_id
        from survey_invite as invite
        where
            invite.retired_at = timestamp '9999-12-31'
            and invite.wave_id in (select named.wave_id from named)
            and invite.invite_id not in (
                select feedback.invite_id from feedback
                where feedback.invite_id is not null and feedback.retired_at = timestamp '9999-12-31'
            )
    ),

    paired as (
        select named.row_no, invite.invite_id, invite.contact_id = named.contact_id as is_meant
        from named
        inner join open_invite as invite
            on
                named.wave_id = invite.wave_id
                and named.customer_id = invite.customer_id
                and (named.contact_id is null or invite.contact_id = named.contact_id)
        qualify row_number() over (partition by named.row_no order by invite.invite_id) = 1
    ),

    chosen as (
        select paired.row_no, paired.invite_id
        from paired
        qualify row_number() over (partition by paired.invite_id order by paired.is_meant desc nulls last, paired.row_no) = 1
    )

    select named.*, chosen.invite_id
    from named
    left join chosen on named.row_no = chosen.row_no
"""  # noqa: S608 (our own words)
