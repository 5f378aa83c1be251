"""Billing: what agreements bring is drafted, drafts are posted together, and each period is billed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final

from lib.commands import Command, closing, sight
from lib.commands.agreements import agreement, line_row, sound_lines
from lib.commands.credit import Bill, held_up, refuse_stopped
from lib.commands.documents import MEMO, due_by_terms, house_numbers, records
from lib.commands.postings import post
from lib.commands.receivables import DUE_BEFORE, take_prepaid
from lib.domain import bills
from lib.domain.access import Permission
from lib.domain.bills import Line
from lib.errors import Conflict, Doubtful, NotFound, Refused
from lib.store.door import Change
from lib.text import Text

Period = tuple[int, date]
"""An agreement and the day one of its bills is for."""

_NOTHING = Text("到 {until} 没有要开的账单。", "Nothing is to be billed up to {until}.")
_NOT_DUE = Text(
    "{title} 的 {period_on} 一期不在待开之列：还没到、已开或已有草稿。请刷新清单。",
    "The period {period_on} of {title} is not to be billed: not yet due, or already drafted or billed. Look at the list again.",
)
_LONGEST_AHEAD: Final = timedelta(days=366)
_TOO_FAR = Text(
    "{until} 太远：最多提前一年生成草稿（到 {last}）。", "{until} is too far off: drafts are made a year ahead at most (up to {last})."
)
_NO_DRAFT = Text(
    "找不到草稿 {draft_id}：已开票、已删除或不在您的范围内。",
    "There is no draft {draft_id}: it was posted, dropped or is outside your scope.",
)
_NONE_CHOSEN = Text("没有选中草稿。", "No drafts are chosen.")
_AHEAD = Text(
    "{count} 张草稿的日期还没到（最晚 {day}）。仍要现在开票吗？",
    "{count} drafts are dated in the future (up to {day}). Post them now all the same?",
)


@dataclass(frozen=True)
class DraftPeriods(Command):
    """Drafts for what agreements bring up to a day, missed periods too: all of it, or the periods chosen. Each period once.

    A period in the closed books is dated on the first open day.
    Refuses: a chosen period that is not to be billed, nothing to draft, a day more than a year ahead.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("生成账单草稿", "Draft recurring invoices")
    until: date
    chosen: tuple[Period, ...] | None = None

    def apply(self, change: Change) -> list[int]:
        """The new draft_ids."""
        due = _due(change, self.until)
        wanted = due if self.chosen is None else [self._found(change, due, period) for period in dict.fromkeys(self.chosen)]
        if not wanted:
            raise Refused(_NOTHING, until=self.until.isoformat())
        lines = _agreement_lines(change, [row["agreement_id"] for row in wanted])
        first_id = change.next_id("invoice_draft", "draft_id")
        rows = [
            {"draft_id": draft_id, **_from_agreement(change, row, lines[row["agreement_id"]])}
            for draft_id, row in enumerate(wanted, first_id)
        ]
        change.insert("invoice_draft", rows)
        change.subject = f"{len(rows)} drafts"
        return [row["draft_id"] for row in rows]

    @staticmethod
    def _found(change: Change, due: Sequence[dict[str, Any]], period: Period) -> dict[str, Any]:
        found = next((row for row in due if (row["agreement_id"], row["period_on"]) == period), None)
        if found is None:
            raise Conflict(_NOT_DUE, title=agreement(change, period[0])["title"], period_on=period[1].isoformat())
        return found


@dataclass(frozen=True)
class SkipPeriod(Command):
    """A period of an agreement for which no invoice is written, with the reason; undo brings it back.

    Refuses: a period that is not to be billed or more than a year ahead, no reason.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("跳过一期", "Leave out a period")
    agreement_id: int
    period_on: date
    reason: str

    def validate(self) -> None:
        """Refuses: no reason."""
        sight.text(self.reason, closing.REASON, about="reason", required=True)

    def apply(self, change: Change) -> int:
        """The draft_id that stands for it: one without money."""
        title = agreement(change, self.agreement_id)["title"]
        due = _due(change, self.period_on)
        row = next((row for row in due if (row["agreement_id"], row["period_on"]) == (self.agreement_id, self.period_on)), None)
        if row is None:
            raise Conflict(_NOT_DUE, title=title, period_on=self.period_on.isoformat())
        kept = {name: row[name] for name in ("agreement_id", "customer_id", "currency", "period_on")}
        draft_id = change.next_id("invoice_draft", "draft_id")
        more = {"draft_id": draft_id, "on_date": self.period_on, "amount": Decimal(0), "memo": self.reason.strip()}
        change.insert("invoice_draft", [{**kept, **more}])
        return draft_id


@dataclass(frozen=True)
class RecordDraft(Command):
    """An invoice in the making: lines with quantity and unit price before tax; tax and sum are rounded once per invoice.

    Refuses: no lines, amounts that are none, a due date before its day.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("新建账单草稿", "Draft an invoice")
    customer_id: int
    on_date: date
    lines: tuple[Line, ...]
    currency: str = "CNY"
    tax_rate: Decimal | None = None
    due_on: date | None = None
    memo: str | None = None
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        _sound(self)

    def apply(self, change: Change) -> int:
        """The new draft_id."""
        sight.customer(change, self.customer_id)
        closing.refuse_closed(change, self.on_date)
        row = {"customer_id": self.customer_id, **_content(self)}
        sight.refuse_twice(
            change, "invoice_draft", {name: row[name] for name in ("customer_id", "on_date", "lines")}, confirmed=self.confirmed
        )
        draft_id = change.next_id("invoice_draft", "draft_id")
        change.insert("invoice_draft", [{"draft_id": draft_id, **row}])
        return draft_id


@dataclass(frozen=True)
class ChangeDraft(Command):
    """A draft with new content.

    Refuses: what `RecordDraft` refuses, a draft that was posted or dropped.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("修改账单草稿", "Change a draft")
    draft_id: int
    on_date: date
    lines: tuple[Line, ...]
    currency: str = "CNY"
    tax_rate: Decimal | None = None
    due_on: date | None = None
    memo: str | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        _sound(self)

    def apply(self, change: Change) -> int:
        """The draft_id."""
        (row,) = _drafts(change, [self.draft_id])
        sight.customer(change, row["customer_id"])
        closing.refuse_closed(change, self.on_date)
        kept = {name: row[name] for name in ("draft_id", "customer_id", "agreement_id", "period_on")}
        change.retire("invoice_draft", "draft_id = $draft_id", {"draft_id": self.draft_id})
        change.insert("invoice_draft", [{**kept, **_content(self)}])
        return self.draft_id


@dataclass(frozen=True)
class DropDrafts(Command):
    """Drafts thrown away; periods of agreements come up again.

    Refuses: drafts that were posted or dropped meanwhile, none.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("删除账单草稿", "Drop drafts")
    draft_ids: tuple[int, ...]

    def apply(self, change: Change) -> int:
        """How many."""
        rows = _drafts(change, self.draft_ids)
        change.subject = f"{len(rows)} drafts"
        return change.retire("invoice_draft", "draft_id in (select unnest($draft_ids::bigint[]))", {"draft_ids": list(self.draft_ids)})


@dataclass(frozen=True, slots=True)
class Posted:
    """The numbers given, in the order of the invoices' days, and the drafts left behind with why, by draft_id."""

    numbers: list[str]
    left: dict[int, Refused]


@dataclass(frozen=True)
class PostDrafts(Command):
    """Drafts become invoices: numbered by date without gaps, with their lines and money. All or none; not `whole`: all that can.

    Refuses: drafts that were posted or dropped meanwhile, a day of the closed books, a customer under credit stop (not `whole`: when
    none is left); without confirmation days to come.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("开票", "Post invoices")
    draft_ids: tuple[int, ...]
    today: date
    confirmed: bool = False
    whole: bool = True

    def apply(self, change: Change) -> Posted:
        """What was posted, and what was not."""
        rows = sorted(_drafts(change, self.draft_ids), key=lambda row: (row["on_date"], row["draft_id"]))
        left = {} if self.whole else _held_up(change, rows, self.today)
        rows = [row for row in rows if row["draft_id"] not in left]
        if not rows:
            raise next(iter(left.values()))
        ahead = [row["on_date"] for row in rows if row["on_date"] > self.today]
        if ahead and not self.confirmed:
            raise Doubtful(_AHEAD, count=len(ahead), day=max(ahead).isoformat())
        closing.refuse_closed(change, *(row["on_date"] for row in rows))
        numbers = self._issue(change, rows)
        change.subject = numbers[0] if len(numbers) == 1 else f"{numbers[0]} … {numbers[-1]}"
        change.detail["doc_nos"] = numbers
        if left:
            change.detail["left"] = {draft_id: str(refusal) for draft_id, refusal in left.items()}
        return Posted(numbers, left)

    def _issue(self, change: Change, rows: Sequence[dict[str, Any]]) -> list[str]:
        prepaid = refuse_stopped(change, _bills(rows), self.today)
        first_id = change.next_id("entry", "entry_id")
        numbers = house_numbers(change, [row["on_date"] for row in rows])
        entries = [
            {"entry_id": entry_id, "doc_no": doc_no, **_entry(change, row)}
            for entry_id, doc_no, row in zip(range(first_id, first_id + len(rows)), numbers, rows, strict=True)
        ]
        self._write(change, rows, entries)
        for entry, is_prepaid in zip(entries, prepaid, strict=True):
            if is_prepaid:
                take_prepaid(change, entry["entry_id"])
        return numbers

    def _write(self, change: Change, rows: Sequence[dict[str, Any]], entries: Sequence[dict[str, Any]]) -> None:
        change.insert("entry", entries)
        listed = [(entry["entry_id"], line) for entry, row in zip(entries, rows, strict=True) for line in bills.read(row["lines"])]
        change.insert("entry_line", [{"entry_id": entry_id, **line_row(line)} for entry_id, line in listed])
        gone = {"draft_ids": [row["draft_id"] for row in rows]}
        change.retire("invoice_draft", "draft_id in (select unnest($draft_ids::bigint[]))", gone)
        change.insert("invoice_draft", [{**row, "entry_id": entry["entry_id"]} for row, entry in zip(rows, entries, strict=True)])
        post(change, _ISSUED, {"first": entries[0]["entry_id"], "last": entries[-1]["entry_id"]})


def _held_up(change: Change, rows: Sequence[dict[str, Any]], today: date) -> dict[int, Refused]:
    """The drafts that cannot be posted, with why: a day of the closed books, a customer under credit stop."""
    left: dict[int, Refused] = {}
    for row in rows:
        try:
            closing.refuse_closed(change, row["on_date"])
        except Refused as refusal:
            left[row["draft_id"]] = refusal
    rest = [row for row in rows if row["draft_id"] not in left]
    return left | {rest[place]["draft_id"]: refusal for place, refusal in held_up(change, _bills(rest), today).items()}


def _bills(rows: Sequence[dict[str, Any]]) -> list[Bill]:
    return [Bill(row["customer_id"], row["currency"], row["amount"]) for row in rows]


def _due(change: Change, until: date) -> list[dict[str, Any]]:
    """What is to be billed up to a day. Refuses: a day so far off that an open-ended agreement would fill the ledger."""
    last = change.made_at.date() + _LONGEST_AHEAD
    if until > last:
        raise Refused(_TOO_FAR, until=until.isoformat(), last=last.isoformat(), about="until")
    return records(change, _DUE, {"until": until, "actor_id": change.actor.user_id})


def _sound(command: RecordDraft | ChangeDraft) -> None:
    sound_lines(command.lines, command.tax_rate, command.currency)
    sight.text(command.memo, MEMO, about="memo")
    if command.due_on and command.due_on < command.on_date:
        raise Refused(DUE_BEFORE, due_on=command.due_on.isoformat(), on_date=command.on_date.isoformat(), about="due_on")


def _content(command: RecordDraft | ChangeDraft) -> dict[str, Any]:
    found = bills.total(command.lines, command.tax_rate)
    common = {name: getattr(command, name) for name in ("on_date", "due_on", "currency", "memo")}
    return {**common, "amount": found.amount, "tax_amount": found.tax_amount, "lines": bills.written(command.lines)}


def _from_agreement(change: Change, row: dict[str, Any], lines: tuple[Line, ...]) -> dict[str, Any]:
    found = bills.total(lines, row["tax_rate"])
    kept = {name: row[name] for name in ("agreement_id", "customer_id", "currency", "period_on", "memo")}
    money = {"amount": found.amount, "tax_amount": found.tax_amount, "lines": bills.written(lines)}
    return {**kept, **money, "on_date": closing.first_open(change, row["period_on"])}


def _entry(change: Change, row: dict[str, Any]) -> dict[str, Any]:
    """The document a draft becomes."""
    names = ("customer_id", "on_date", "amount", "currency", "tax_amount", "memo")
    due_on = row["due_on"] or due_by_terms(change, row["customer_id"], row["on_date"])
    return {"kind": "invoice", **{name: row[name] for name in names}, "due_on": due_on}


def _drafts(change: Change, draft_ids: Sequence[int]) -> list[dict[str, Any]]:
    """The drafts with these numbers. Refuses: none, one that is posted, dropped or out of sight."""
    if not draft_ids:
        raise Refused(_NONE_CHOSEN)
    found = records(change, _DRAFTS, {"draft_ids": list(draft_ids), "actor_id": change.actor.user_id})
    if missing := set(draft_ids) - {row["draft_id"] for row in found}:
        raise NotFound(_NO_DRAFT, draft_id=min(missing))
    return found


def _agreement_lines(change: Change, agreement_ids: Sequence[int]) -> dict[int, tuple[Line, ...]]:
    rows = records(change, _LINES, {"agreement_ids": list(set(agreement_ids))})
    lines: dict[int, list[Line]] = {}
    for row in rows:
        line = Line(row["description"], row["quantity"], row["unit_price"], row["product_no"])
        lines.setdefault(row["agreement_id"], []).append(line)
    return {agreement_id: tuple(found) for agreement_id, found in lines.items()}


_DUE: Final = """
    select period.*
    from unbilled_period($until::date) as period
    semi join visible_customer($actor_id) as visible on period.customer_id = visible.customer_id
    order by period.period_on, period.agreement_id
"""
_LINES: Final = """
    select agreement_line.*
    from agreement_line
    where agreement_line.retired_at = timestamp '9999-12-31' and agreement_line.agreement_id in (select unnest($agreement_ids::bigint[]))
    order by agreement_line.record_id
"""
_DRAFTS: Final = """
    select
        draft.draft_id, draft.customer_id, draft.on_date, draft.due_on, draft.amount, draft.currency, draft.tax_amount, draft.memo,
        draft.lines, draft.agreement_id, draft.period_on
    from invoice_draft as draft
    semi join visible_customer($actor_id) as visible on draft.customer_id = visible.customer_id
    where
        draft.retired_at = timestamp '9999-12-31' and draft.entry_id is null and draft.amount > 0
        and draft.draft_id in (select unnest($draft_ids::bigint[]))
"""
_ISSUED: Final = """
    select entry.entry_id, entry.customer_id, entry.entry_id as invoice_id, entry.kind, entry.on_date, entry.due_on, entry.amount,
        entry.currency, 'issue' as rule
    from entry
    where entry.entry_id between $first and $last and entry.retired_at = timestamp '9999-12-31'
    order by entry.entry_id
"""
