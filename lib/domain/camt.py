"""CAMT.053 bank statements (ISO 20022, all versions): booked and pending entries, batches taken apart, balances as stated.

Read with expat, which fetches nothing; a document type, and with it every entity, is refused before it can be expanded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final
from xml.parsers import expat

from lib.domain.stated import MOST_ROWS, Feed, Flow, Stated
from lib.domain.values import parse_amount
from lib.errors import Refused
from lib.text import Text

DEEPEST: Final = 60
MOST_NODES: Final = 200_000
LONGEST_TEXT: Final = 20_000
"""Of one entry and all that stands around the entries: far more than any honest statement has."""

NOT_A_STATEMENT = Text(
    "这个 XML 不是 CAMT.053 对账单，请向银行要 CAMT.053、OFX 或 CSV 格式",
    "This XML is no CAMT.053 statement; ask the bank for CAMT.053, OFX or CSV",
)
BROKEN = Text("XML 在第 {line} 行断开或写错，请重新下载这个文件", "The XML breaks off or is wrong at line {line}; download the file again")
HAS_ENTITIES = Text(
    "XML 里有文档类型声明，出于安全没有打开，请向银行要不带它的文件",
    "The XML declares a document type and was not opened for safety; ask the bank for a file without it",
)


@dataclass(slots=True)
class _Node:
    name: str
    line_no: int
    attributes: dict[str, str]
    children: list[_Node] = field(default_factory=list)
    text: str = ""

    def all(self, path: str) -> Iterator[_Node]:
        """The nodes under a path of names."""
        name, _, rest = path.partition("/")
        for child in self.children:
            if child.name == name:
                yield from child.all(rest) if rest else (child,)

    def first(self, *paths: str) -> _Node | None:
        """The first node under the first path that has one."""
        return next((node for path in paths for node in self.all(path)), None)

    def say(self, *paths: str) -> str:
        """The text of the first node that has one."""
        return next((text for path in paths for node in self.all(path) if (text := node.text.strip())), "")


class _Reader:
    """Builds the tree of a file, and turns each entry into rows as soon as it is whole, so that long files stay small."""

    def __init__(self) -> None:
        self.path = [_Node("", 0, {})]
        self.rows: list[tuple[str, ...]] = []
        self.line_nos: list[int] = []
        self.stated: list[Stated] = []
        self.nodes = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.say
        self.parser.StartDoctypeDeclHandler = self.refuse

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.nodes += 1
        if len(self.path) > DEEPEST or self.nodes > MOST_NODES:
            raise Refused(NOT_A_STATEMENT)
        node = _Node(name.rpartition(" ")[2], self.parser.CurrentLineNumber, attributes)
        self.path[-1].children.append(node)
        self.path.append(node)

    def end(self, _name: str) -> None:
        node = self.path.pop()
        if node.name == "Ntry" and len(self.rows) < MOST_ROWS:
            for row in _rows(node, self.path[-1]):
                self.rows.append(row)
                self.line_nos.append(node.line_no)
            self.path[-1].children.pop()
            self.nodes = 0
        elif node.name == "Stmt":
            self.stated.append(_stated(node))
            self.path[-1].children.pop()

    def say(self, text: str) -> None:
        if len(self.path[-1].text) < LONGEST_TEXT:
            self.path[-1].text += text

    def refuse(self, *_declared: object) -> None:
        raise Refused(HAS_ENTITIES)


def is_xml(content: bytes) -> bool:
    """Whether a file is XML, by its first sign; in UTF-16 too."""
    head = content[:200].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return head.startswith((b"<?xml", b"<Document", b"<!DOCTYPE"))


def read_camt(content: bytes) -> Feed:
    """Every entry of every statement in the file.

    Refuses: other XML, broken XML, a document type.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(content, True)  # noqa: FBT003 (expat takes it by place)
    except expat.ExpatError as error:
        raise Refused(BROKEN, line=error.lineno) from error
    if not reader.stated:
        raise Refused(NOT_A_STATEMENT)
    return Feed(reader.rows, reader.line_nos, tuple(reader.stated))


def _rows(entry: _Node, statement: _Node) -> Iterator[tuple[str, ...]]:
    """One row per entry; a batch whose parts say their amounts, and add up to it, is one row per part."""
    parts = list(entry.all("NtryDtls/TxDtls"))
    whole = _money(entry.first("Amt"))
    split = [_money(part.first("Amt", "AmtDtls/TxAmt/Amt")) for part in parts]
    if len(parts) > 1 and all(split) and sum((Decimal(amount) for amount, _ in split), Decimal(0)) == Decimal(whole[0] or "0"):
        for part, money in zip(parts, split, strict=True):
            yield _row(entry, part, money, statement)
    else:
        yield _row(entry, parts[0] if parts else entry, whole, statement)


def _money(node: _Node | None) -> tuple[str, str]:
    if node is None:
        return "", ""
    read = parse_amount(node.text).value
    return ("" if read is None else str(read)), node.attributes.get("Ccy", "")


def _row(entry: _Node, part: _Node, money: tuple[str, str], statement: _Node) -> tuple[str, ...]:
    side = part.say("CdtDbtInd") or entry.say("CdtDbtInd")
    state = entry.say("Sts/Cd", "Sts/Prtry", "Sts")
    own = _account(statement.first("Acct"))
    payer, payer_account = _other(part, side, own)
    return (
        own,
        (entry.say("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"))[:10],
        money[0],
        side if state in ("BOOK", "") else "PDNG",
        money[1],
        payer,
        payer_account,
        " ".join(node.text.strip() for node in part.all("RmtInf/Ustrd")) or part.say("AddtlTxInf") or entry.say("AddtlNtryInf"),
        part.say("RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/RfrdDocInf/Nb"),
        "",
        _reference(entry, part),
    )


def _other(part: _Node, side: str, own: str) -> tuple[str, str]:
    """Who paid, or was paid. Some banks name only the other party of a transfer on the side where the account's owner belongs."""
    near, far = ("Dbtr", "Cdtr") if side == "CRDT" else ("Cdtr", "Dbtr")
    for role in (near, far):
        parties = f"RltdPties/{role}"
        account = _account(part.first(f"{parties}Acct"))
        name = part.say(f"{parties}/Nm", f"{parties}/Pty/Nm")
        if (name or account) and (role == near or (account and account != own)):
            return name, account
    return "", ""


def _reference(entry: _Node, part: _Node) -> str:
    own = part.say("Refs/AcctSvcrRef") or entry.say("AcctSvcrRef", "NtryRef")
    given = part.say("Refs/EndToEndId", "Refs/TxId", "Refs/InstrId", "Refs/Prtry/Ref")
    return own or ("" if given == "NOTPROVIDED" else given)


def _account(node: _Node | None) -> str:
    return node.say("Id/IBAN", "Id/Othr/Id", "Id/PrtryAcct/Id") if node else ""


def _stated(statement: _Node) -> Stated:
    opening, closing = _balance(statement, "OPBD", "PRCD"), _balance(statement, "CLBD")
    summary = statement.first("TxsSummry")
    lines = summary.say("TtlNtries/NbOfNtries") if summary else ""
    return Stated(
        account=_account(statement.first("Acct")) or None,
        currency=statement.say("Acct/Ccy") or None,
        opening=opening[0],
        opening_currency=opening[1],
        closing=closing[0],
        closing_currency=closing[1],
        lines=int(lines) if lines.isdecimal() else None,
        into=_flow(summary, "TtlCdtNtries"),
        out=_flow(summary, "TtlDbtNtries"),
    )


def _balance(statement: _Node, *codes: str) -> tuple[Decimal | None, str | None]:
    for code in codes:
        for node in statement.all("Bal"):
            amount = node.first("Amt")
            if node.say("Tp/CdOrPrtry/Cd") == code and amount is not None:
                value = parse_amount(amount.text).value
                return (-value if value is not None and node.say("CdtDbtInd") == "DBIT" else value), amount.attributes.get("Ccy")
    return None, None


def _flow(summary: _Node | None, name: str) -> Flow:
    if summary is None:
        return Flow()
    count = summary.say(f"{name}/NbOfNtries")
    return Flow(int(count) if count.isdecimal() else None, parse_amount(summary.say(f"{name}/Sum")).value)
