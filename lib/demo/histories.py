"""What the ledger knew of each customer and when: records with two times, and the people to talk to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from lib.demo import stories
from lib.demo.companies import Company
from lib.demo.moments import CLOSE, END, START, office_hour, working_on_or_after, written_down
from lib.demo.people import account_managers, managers_of
from lib.demo.rows import BEGINNING, ContactRow, CustomerRow
from lib.demo.sources import chance, happens, matching, words
from lib.domain.dates import EVER
from lib.domain.matching import name_key, pinyin_initials

_RECORDER: Final = 2
"""The manager's account keeps the customer file."""
_SOLO_HANDOVERS: Final = 0.03
_APART: Final = 30
_MOVES: Final = 0.02
_TITLES: Final = {"decision": "总经理", "user": "采购经理", "finance": "财务主管"}


@dataclass(frozen=True, slots=True)
class Turn:
    """An attribute that had another value before a day."""

    on: date
    recorded_at: datetime
    before: dict[str, Any]


def customer_rows(companies: Sequence[Company], seed: int) -> list[CustomerRow]:
    """Every record of every customer, retired ones too, in the order in which they were recorded."""
    found = [row for company in companies for row in _records(company, _turns(company, chance(seed, "turns", company.customer_id)))]
    return sorted(found, key=lambda row: (row.recorded_at, row.customer_id, row.from_on))


def owner_spans(rows: Sequence[CustomerRow]) -> dict[int, list[tuple[date, int | None]]]:
    """For each customer the days up to which an owner was in charge, with that owner."""
    spans: dict[int, list[tuple[date, int | None]]] = {}
    for row in sorted((row for row in rows if row.retired_at > CLOSE), key=lambda row: (row.customer_id, row.from_on)):
        spans.setdefault(row.customer_id, []).append((row.until_on, row.owner_id))
    return spans


def contact_rows(companies: Sequence[Company], seed: int) -> list[ContactRow]:
    """One to three people per company, a few with a number that changed."""
    found: list[ContactRow] = []
    contact_id = 0
    for company in companies:
        rng = chance(seed, "contacts", company.customer_id)
        for role in _roles(company, rng):
            contact_id += 1
            found.extend(_contact(company, contact_id, role, rng))
    return sorted(found, key=lambda row: (row.recorded_at, row.contact_id))


def _turns(company: Company, rng: Random) -> list[Turn]:
    turns = [*_handovers(company, rng)]
    if company.converted_on:
        turns.append(_turn(rng, company.converted_on, {"book": "offbook", "segment": "账外客户", "terms_days": None}))
    if company.status == "inactive" and (left_on := company.last_on + timedelta(days=365)) < END:
        turns.append(_turn(rng, working_on_or_after(left_on), {"status": "active"}))
    if company.is_billed and not company.story and happens(rng, _MOVES):
        elsewhere = [line["region"] for line in matching("cities", team=company.team) if line["region"] != company.region]
        turns.append(_turn(rng, _some_day(rng), {"region": rng.choice(elsewhere)}))
    known = [turn for turn in turns if turn.on > company.known_at.date() and turn.recorded_at < CLOSE]
    known.sort(key=lambda turn: turn.on)
    # Two turns of one customer stay apart, so that each was recorded before the next one happened.
    return [turn for earlier, turn in zip([None, *known], known, strict=False) if not earlier or (turn.on - earlier.on).days > _APART]


def _handovers(company: Company, rng: Random) -> Iterator[Turn]:
    ids = {manager.username: manager.user_id for manager in account_managers()}
    for on, giver, taker, share in stories.HANDOVERS:
        if company.owner_id == ids[taker] and happens(rng, share):
            yield _turn(rng, on, {"owner_id": ids[giver]})
            return
    if company.is_billed and happens(rng, _SOLO_HANDOVERS):
        others = [user_id for user_id in managers_of(company.team) if user_id != company.owner_id]
        yield _turn(rng, _some_day(rng), {"owner_id": rng.choice(others)})


def _turn(rng: Random, on: date, before: dict[str, Any]) -> Turn:
    return Turn(on, written_down(rng, on, late_share=0.2), before)


def _some_day(rng: Random) -> date:
    return working_on_or_after(START + timedelta(days=rng.randint(120, (END - START).days - 40)))


def _records(company: Company, turns: Sequence[Turn]) -> Iterator[CustomerRow]:
    """Each turn retires the record that ran for ever and records two: up to the day, and from it."""
    states = [_row(company)]
    for turn in reversed(turns):
        states.insert(0, replace(states[0], **turn.before))
    row = replace(states[0], from_on=BEGINNING, until_on=EVER, recorded_at=company.known_at)
    for turn, state in zip(turns, states[1:], strict=True):
        yield replace(row, retired_at=turn.recorded_at)
        yield replace(row, until_on=turn.on, recorded_at=turn.recorded_at)
        row = replace(state, from_on=turn.on, until_on=EVER, recorded_at=turn.recorded_at)
    yield row


def _row(company: Company) -> CustomerRow:
    return CustomerRow(
        customer_id=company.customer_id,
        from_on=BEGINNING,
        until_on=EVER,
        account_no=company.account_no,
        name=company.name.zh,
        name_en=company.name.en,
        name_key=name_key(company.name.zh),
        initials=pinyin_initials(company.name.zh),
        kind=company.kind,
        book=company.book,
        origin=company.origin,
        status=company.status,
        owner_id=company.owner_id,
        region=company.region,
        industry=company.industry,
        size=company.size,
        segment=company.segment,
        currency=company.currency,
        terms_days=company.terms_days,
        tax_no=company.tax_no,
        bank_account=company.bank_account,
        secrecy=company.secrecy,
        note=company.note,
        recorded_at=company.known_at,
        recorded_by=_RECORDER,
    )


def _roles(company: Company, rng: Random) -> tuple[str, ...]:
    if company.kind == "person" or company.origin == "informal":
        return ("decision",)
    if company.origin == "walkin":
        return ("decision", "finance") if happens(rng, 0.15) else ("decision",)
    return ("user", "finance", "decision")[: rng.choices((1, 2, 3), (25, 50, 25))[0]]


def _contact(company: Company, contact_id: int, role: str, rng: Random) -> Iterator[ContactRow]:
    family, given = rng.choice(words("family_names")), rng.choice(words("given_names"))
    mailbox = f"{given['en']}.{family['en']}".lower()
    row = ContactRow(
        contact_id=contact_id,
        customer_id=company.customer_id,
        name=company.name.zh if company.kind == "person" else family["zh"] + given["zh"],
        title=_TITLES[role] if company.segment != "零散客户" else "店主",
        role=role,
        # 199 0000 xxxx is not a number anybody has, and example.com belongs to nobody.
        phone=f"1990000{contact_id:04d}",
        email=f"{mailbox}@{company.account_no.lower()}.example.com",
        wechat=f"demo_{mailbox.replace('.', '_')}_{contact_id}" if happens(rng, 0.7) else None,
        address=f"{company.city}市示例路{rng.randint(1, 999)}号" if company.currency == "CNY" else f"{company.city} 1 Example Street",
        is_primary=role == _roles_first(company),
        language=company.language,
        do_not_contact=happens(rng, 0.01),
        recorded_at=company.known_at,
        recorded_by=company.owner_id,
    )
    changed_at = office_hour(rng, _some_day(rng))
    if happens(rng, 0.03) and changed_at > company.known_at:
        yield replace(row, phone=f"1990001{contact_id:04d}", retired_at=changed_at)
        row = replace(row, recorded_at=changed_at)
    yield row


def _roles_first(company: Company) -> str:
    return "decision" if company.origin in {"walkin", "informal"} or company.kind == "person" else "user"
