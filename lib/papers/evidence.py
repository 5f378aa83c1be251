"""The evidence pack: what a lawyer or auditor needs about one customer's debt, in one file, with the hashes that prove its history."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import Any, Final

import pyarrow as pa

from lib import commands, exports, formats, terms
from lib.domain.access import Actor
from lib.domain.sender import sender
from lib.errors import NotFound
from lib.exports import Sheet
from lib.papers import house
from lib.papers.invoice import invoice
from lib.papers.statement import Printed, Wanted, statement
from lib.store.ledger import LATEST, Ledger
from lib.store.query import catalog, read
from lib.store.settings import settings
from lib.text import Language, Text

Row = dict[str, Any]
TITLE: Final = Text("证据包", "Evidence pack")
_CUSTOMER = Text("客户：{name}（{account_no}）", "Customer: {name} ({account_no})")
_AS_OF = Text("截至：{as_of}；按 {known_at} 所知", "As of {as_of}; as known at {known_at}")
_MADE = Text("生成：{made_at} UTC，{who}，{company}", "Made: {made_at} UTC by {who}, {company}")
_HEAD = Text("审计链末端：更改 {change_id}，哈希 {hash}", "Head of the audit chain: change {change_id}, hash {hash}")
_CHECK = Text(
    "audit.csv 里每条更改的哈希覆盖前一条；在账本上运行 python -m lib check 可核对整条链，这里的哈希应与账本一致。",
    "The hash of each change in audit.csv covers the one before it; python -m lib check verifies the whole chain in the ledger, "
    "and the hashes here must equal those of the ledger.",
)
_FILES = Text("文件（SHA-256）", "Files (SHA-256)")
_ABOUT: Final = {
    "statement.pdf": Text("对账单：全部往来、未结账单、账龄", "Statement: all movements, open invoices, ageing"),
    "postings.csv": Text("每一笔账，含录入人和更改编号", "Every money line, with who recorded it and in which change"),
    "promises.csv": Text("还款承诺及其结果", "Promises to pay and what became of them"),
    "timeline.csv": Text("联系、任务、投诉和变更", "Touches, tasks, complaints and changes"),
    "audit.csv": Text("相关更改及其哈希", "The changes behind all this, with their hashes"),
}
_NO_CUSTOMER = Text("找不到这个客户，或不在您的范围内。", "There is no such customer, or it is outside your scope.")
_MONEY: Final = ("posting_id", "on_date", "doc_no", "kind", "invoice_no", "due_on", "amount", "currency")
_COLUMNS: Final = {
    "postings": ("evidence_postings", (*_MONEY, "rule", "recorded_at", "recorded_by_name", "change_id")),
    "promises": ("promises", ("made_on", "due_on", "amount", "received_amount", "currency", "result", "promised_by")),
    "timeline": ("customer_timeline", ("on_date", "event", "title", "detail", "amount", "currency", "state")),
    "audit": ("evidence_changes", ("change_id", "made_at", "made_by", "command", "prev_hash", "hash")),
}
_MOST: Final = 1_000_000
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the pack: the same pack twice is the same file."""


@dataclass(frozen=True, slots=True)
class _Asked:
    ledger: Ledger
    actor: Actor
    wanted: Wanted

    def table(self, name: str, **more: Hashable) -> pa.Table:
        """A named query about the customer wanted; it gets those parameters it takes."""
        wanted = self.wanted
        given = {"customer_id": wanted.customer_id, "as_of": wanted.as_of, "known_at": wanted.known_at, "limit": _MOST, **more}
        taken = catalog()[name].parameters
        return read(self.ledger, self.actor, name, **{key: value for key, value in given.items() if key in taken})

    def rows(self, name: str) -> list[Row]:
        """The same as plain records."""
        return list(self.table(name).to_pylist())


def evidence(ledger: Ledger, actor: Actor, wanted: Wanted) -> Printed:
    """The pack as a ZIP file. Refuses: a customer out of sight (`NotFound`), a machine without a Chinese font (`Unusable`)."""
    # Packed as known at one moment: what is recorded meanwhile is in none of its files.
    moment = wanted.known_at or ledger.clock()
    asked = _Asked(ledger, actor, replace(wanted, known_at=moment, currency=None))
    card = next(iter(asked.rows("customer_card")), None)
    if card is None:
        raise NotFound(_NO_CUSTOMER)
    files = dict(_files(asked))
    count = sum(asked.table(query).num_rows for query, _ in _COLUMNS.values())
    index = _index(asked, card, files)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in {"index.txt": index.encode("utf-8-sig"), **files}.items():
            pack.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    name = f"evidence-{house.file_part(card['account_no'])}-{wanted.as_of:%Y%m%d}.zip"
    return Printed(out.getvalue(), name, count)


def _files(asked: _Asked) -> Iterator[tuple[str, bytes]]:
    wanted, language = asked.wanted, asked.wanted.language
    first = min((row["on_date"] for row in asked.rows("statement")), default=wanted.as_of)
    yield "statement.pdf", statement(asked.ledger, asked.actor, replace(wanted, from_on=first)).content
    for item in asked.rows("open_items"):
        made = invoice(asked.ledger, asked.actor, item["invoice_id"], as_of=wanted.as_of, language=language)
        yield f"invoices/{item['invoice_id']}-{made.file_name}", made.content
    for message in asked.rows("evidence_messages"):
        name = f"messages/{message['message_id']:06}-{message['on_date']:%Y%m%d}-{message['kind']}.txt"
        yield name, _letter(message, language).encode("utf-8-sig")
    for name, (query, columns) in _COLUMNS.items():
        yield f"{name}.csv", _csv(_worded(asked.table(query), name, language), columns, language)


def _letter(message: Row, language: Language) -> str:
    told = ("on_date", "kind", "delivery", "happened_at", "recipient", "letter")
    head = [f"{terms.COLUMN[name].say(language)}: {_value(name, message[name], language)}" for name in told]
    return "\r\n".join([*head, "", *(message["body"] or "").splitlines(), ""])


def _value(name: str, value: Any, language: Language) -> str:  # noqa: ANN401 (a cell)
    words = exports.VALUE.get(name, {})
    return words[value].say(language) if value in words else formats.MISSING if value is None else f"{value}"


def _worded(table: pa.Table, name: str, language: Language) -> pa.Table:
    """Commands by the titles people know."""
    if name != "audit":
        return table
    known = commands.every()
    titles = [known[code].title.say(language) if code in known else code for code in table["command"].to_pylist()]
    return table.set_column(table.column_names.index("command"), "command", pa.array(titles, pa.string()))


def _csv(table: pa.Table, columns: tuple[str, ...], language: Language) -> bytes:
    return exports.csv(Sheet("", (), exports.columns(table, columns), table, language))


def _index(asked: _Asked, card: Row, files: dict[str, bytes]) -> str:
    wanted, language = asked.wanted, asked.wanted.language
    head = next(iter(asked.rows("audit_head")), {"change_id": 0, "hash": formats.MISSING})
    company = sender(settings(asked.ledger)).called(language) or terms.APP.say(language)
    known: datetime = wanted.known_at or LATEST
    said = [
        TITLE.say(language),
        _CUSTOMER.say(language, name=house.customer_name(card, language), account_no=card["account_no"]),
        _AS_OF.say(language, as_of=formats.iso_date(wanted.as_of), known_at=f"{known:%Y-%m-%d %H:%M:%S} UTC"),
        _MADE.say(language, made_at=f"{asked.ledger.clock():%Y-%m-%d %H:%M}", who=asked.actor.name, company=company),
        _HEAD.say(language, change_id=head["change_id"], hash=head["hash"]),
        _CHECK.say(language),
        "",
        _FILES.say(language),
        *(_entry(name, content, language) for name, content in files.items()),
    ]
    return "\r\n".join([*said, ""])


def _entry(name: str, content: bytes, language: Language) -> str:
    about = f"  {_ABOUT[name].say(language)}" if name in _ABOUT else ""
    return f"{hashlib.sha256(content).hexdigest()}  {name}{about}"
