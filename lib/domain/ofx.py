"""OFX bank statements, 1.x (SGML without end tags) and 2.x (XML) alike: read tag by tag, so nothing in them is ever expanded."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

from lib.domain.stated import MOST_ROWS, Feed, Stated
from lib.domain.values import parse_amount

_TAG: Final = re.compile(r"<(/?[A-Za-z][\w.]*)\s*>")
_RAW: Final = "<![CDATA["
_RAW_END: Final = "]]>"
_STATEMENTS: Final = {"STMTRS", "CCSTMTRS"}
_PLAIN: Final = {"CREDIT", "DEBIT", "OTHER"}  # what the amount says already
_MOMENT: Final = re.compile(r"\d{8}")


def is_ofx(text: str) -> bool:
    """Whether a text is OFX, by its own header or first tag."""
    head = text.lstrip()[:2000].upper()
    return head.startswith("OFXHEADER") or "<OFX>" in head or "<?OFX" in head


def read_ofx(text: str) -> Feed:
    """Every booked transaction of every statement in the file. An amount is signed: below zero is money out."""
    rows: list[tuple[str, ...]] = []
    line_nos: list[int] = []
    stated: list[Stated] = []
    about: dict[str, str] = {}
    line: dict[str, str] = {}
    path: list[str] = []
    started = 0
    for line_no, tag, value in _tags(text):
        if tag.startswith("/"):
            _leave(tag[1:], path)
            if tag == "/STMTTRN" and len(rows) < MOST_ROWS:
                rows.append(_row(line, about))
                line_nos.append(started)
            elif tag[1:] in _STATEMENTS:
                stated.append(_stated(about))
            continue
        if tag in _STATEMENTS:
            about = {}
        elif tag == "STMTTRN":
            line, started = {}, line_no
        if not value:
            path.append(tag)
        elif "STMTTRN" in path:
            line.setdefault(f"TO.{tag}" if path[-1] in ("BANKACCTTO", "CCACCTTO") else tag, value)
        else:
            about.setdefault(f"{path[-1]}.{tag}" if path and path[-1].endswith("BAL") else tag, value)
    return Feed(rows, line_nos, tuple(stated))


def _tags(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, tag in capitals and the text behind it, CDATA included; an end tag starts with a stroke."""
    at, line_no, begun, tag, said = 0, 1, 1, "", ""
    for start in _openings(text):
        line_no += text.count("\n", at, start)
        at = start
        if text.startswith(_RAW, start):
            end = text.find(_RAW_END, start)
            said += text[start + len(_RAW) : end] + _until_tag(text, end + len(_RAW_END))
        elif found := _TAG.match(text, start):
            if tag:
                yield begun, tag, said.strip()
            begun, tag, said = line_no, found[1].upper(), html.unescape(_until_tag(text, found.end()))
    if tag:
        yield begun, tag, said.strip()


def _until_tag(text: str, start: int) -> str:
    end = text.find("<", start)
    return text[start : end if end >= 0 else len(text)]


def _openings(text: str) -> Iterator[int]:
    """Where tags and CDATA begin, past what stands inside CDATA; one that never ends is no CDATA."""
    start = text.find("<")
    has_end = True
    while start >= 0:
        end = text.find(_RAW_END, start) if has_end and text.startswith(_RAW, start) else -1
        if text.startswith(_RAW, start):
            has_end = end >= 0
        if end >= 0 or not text.startswith(_RAW, start):
            yield start
        start = text.find("<", max(end, start + 1))


def _leave(tag: str, path: list[str]) -> None:
    if tag in path:
        del path[len(path) - path[::-1].index(tag) - 1 :]


def _row(line: dict[str, str], about: dict[str, str]) -> tuple[str, ...]:
    name, memo = line.get("NAME", ""), line.get("MEMO", "")
    kind = line.get("TRNTYPE", "")
    return (
        about.get("ACCTID", ""),
        _day(line.get("DTPOSTED", "")),
        line.get("TRNAMT", ""),
        "",
        line.get("CURSYM", "") or about.get("CURDEF", ""),
        name,
        line.get("TO.ACCTID", ""),
        memo or name,
        "",
        "" if kind in _PLAIN else kind,
        line.get("FITID", ""),
    )


def _day(moment: str) -> str:
    """The day of a moment as the bank's own clock had it: 20090401122017.000[-5:EST] is 1 April."""
    found = _MOMENT.match(moment)
    return f"{found[0][:4]}-{found[0][4:6]}-{found[0][6:8]}" if found else moment


def _stated(about: dict[str, str]) -> Stated:
    currency = about.get("CURDEF")
    closing = parse_amount(about.get("LEDGERBAL.BALAMT", "")).value
    return Stated(account=about.get("ACCTID"), currency=currency, closing=closing, closing_currency=currency)
