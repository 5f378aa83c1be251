"""Photos and papers: kept by what they are, without what rides along, and seen only by who sees the customer."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO

import facts
import ledgers
import pytest
from PIL import Image

from lib.commands.attachments import AttachFile, OpenFile, RemoveFile
from lib.commands.service import RecordScore
from lib.commands.undo import Undo
from lib.domain import files
from lib.domain.access import Actor, Role, Scope
from lib.errors import Forbidden, NotFound, Refused
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows

TODAY = date(2026, 3, 2)
LIN = Actor(11, "林", Role.LEAD, Scope.TEAM, ("north",))
VIEWER = Actor(13, "看", Role.VIEWER, Scope.TEAM, ("north",))
NAN = Actor(12, "南", Role.LEAD, Scope.TEAM, ("south",))
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def photo(form: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    """A picture that says where it was taken."""
    out = BytesIO()
    place = Image.Exif()
    place[0x8825] = {1: "N", 2: (31.0, 13.0, 48.0)}
    place[0x010E] = "secret place"
    Image.new("RGB", size, (200, 30, 30)).save(out, form, exif=place)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 40,000 pixels square."""
    head = (40_000).to_bytes(4) * 2 + b"\x08\x02\x00\x00\x00"
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    parts = [len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4) for kind, data in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def flat(side: int) -> bytes:
    """A PNG of one colour: small as a file, large in memory."""
    out = BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    return out.getvalue()


def scored(ledger: Ledger) -> None:
    with ledger.transaction() as cursor:
        cursor.execute(PEOPLE)
    facts.customer(ledger, 1, owner_id=11)
    facts.customer(ledger, 2, owner_id=12)
    execute(ledger, LIN, RecordScore(1, "nps", 9, TODAY, TODAY))


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with ledgers.fresh(scored, clock=lambda: datetime(2026, 3, 2, 3)) as opened:
        yield opened


PEOPLE = """
insert into app_user (user_id, username, name, role, scope, team, language, is_active, clearance) values
    (11, 'lin', '林', 'lead', 'team', 'north', 'zh', true, 0), (12, 'nan', '南', 'lead', 'team', 'south', 'zh', true, 0),
    (13, 'kan', '看', 'viewer', 'team', 'north', 'zh', true, -1);
insert into user_team values (11, 'north'), (12, 'south'), (13, 'north');
"""
GOOD = AttachFile("feedback", 1, "现场.jpg", photo())


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_drawn_anew_without_where_it_was_taken(form: str) -> None:
    given = photo(form) + b"<script>alert(1)</script>PK\x03\x04"  # a file that is two things at once
    kept = files.taken("x", given)
    assert b"secret place" in given
    assert b"secret place" not in kept.content
    assert b"script" not in kept.content
    again = Image.open(BytesIO(kept.content))
    assert (again.format, again.size, dict(again.getexif())) == (form, (40, 30), {})


def test_a_large_photo_is_kept_smaller_and_upright() -> None:
    out = BytesIO()
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (6000, 3000)).save(out, "JPEG", exif=turned)
    kept = files.taken("大.jpg", out.getvalue())
    assert Image.open(BytesIO(kept.content)).size == (1200, 2400)
    assert kept.preview is not None
    assert Image.open(BytesIO(kept.preview)).size == (80, 160)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jpg", b"", "empty"),
        ("a.jpg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "no photo or PDF"),
        ("a.png", b"<html><script>alert(1)</script></html>", "no photo or PDF"),
        ("a.jpg", b"GIF89a" + b"\0" * 40, "no photo or PDF"),
        ("a.pdf", b"MZ" + b"\0" * 40, "no photo or PDF"),
        ("a.jpg", b"\xff\xd8\xff<script>alert(1)</script>", "cannot be opened"),
        ("a.jpg", photo()[:200], "cannot be opened"),
        ("a.png", bomb(), "cannot be opened"),
        ("a.heic", b"\0\0\0\x18ftypheic" + b"\0" * 40, "HEIC"),
        ("a.pdf", b"%PDF-1.4 nothing more", "cannot be opened"),
        ("a.pdf", PDF.replace(b"<<>>", b"<</S /JavaScript>>", 1), "runs by itself|program"),
        ("a.pdf", PDF.replace(b"<<>>", b"<</S /J#61vaScript>>", 1), "runs by itself|program"),
        ("a.pdf", PDF.replace(b"<<>>", b"stream\n" + zlib.compress(b"<</S /JavaScript>>") + b"\nendstream", 1), "runs by itself|program"),
        ("a.png", flat(5100), "cannot be opened"),
        ("a.pdf", PDF + b" " * files.MOST_BYTES, "5 MB at most"),
    ],
)
def test_what_is_no_photo_or_paper_is_refused_whatever_its_name(ledger: Ledger, name: str, content: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        execute(ledger, LIN, replace(GOOD, name=name, content=content))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\x\\对账单.pdf", "对账单.pdf"),
        ("发票\u202egpj.exe", "发票gpj.pdf"),
        ("<b>=cmd|x</b>.jpg", "b.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("", "file.pdf"),
        ("长" * 300 + ".pdf", "长" * 80 + ".pdf"),
    ],
)
def test_a_name_leads_nowhere_and_ends_as_what_it_is(name: str, kept: str) -> None:
    assert files.taken(name, PDF).name == kept


def test_a_file_is_seen_opened_and_taken_off_by_those_in_sight_only(ledger: Ledger) -> None:
    number = execute(ledger, LIN, GOOD).result
    assert [row["name"] for row in rows(ledger, VIEWER, "attachments", customer_id=1)] == ["现场.jpg"]
    assert rows(ledger, NAN, "attachments") == []
    assert execute(ledger, VIEWER, OpenFile(number)).result[:3] == b"\xff\xd8\xff"
    for order in (OpenFile(number), RemoveFile(number), OpenFile(99)):
        with pytest.raises(NotFound, match="no such file"):
            execute(ledger, NAN, order)
    with pytest.raises(Forbidden):
        execute(ledger, VIEWER, RemoveFile(number))
    opened = ledger.cursor().execute("select user_id, detail from audit where command = 'OpenFile'").fetchall()
    assert [row[0] for row in opened] == [13]
    assert "现场.jpg" in opened[0][1]
    assert "xff" not in "".join(row[0] for row in ledger.cursor().execute("select detail from audit").fetchall())


@pytest.mark.parametrize(("about", "about_id"), [("feedback", 99), ("case", 1), ("customer_record", 1)])
def test_a_file_belongs_to_something_in_sight(ledger: Ledger, about: str, about_id: int) -> None:
    with pytest.raises(NotFound, match="no such record"):
        execute(ledger, LIN, replace(GOOD, about=about, about_id=about_id))
    with pytest.raises(NotFound, match="no such record"):
        execute(ledger, NAN, GOOD)


def test_the_same_file_once_and_ten_in_all_and_undo_brings_one_back(ledger: Ledger) -> None:
    execute(ledger, LIN, GOOD)
    with pytest.raises(Refused, match="already"):
        execute(ledger, LIN, replace(GOOD, name="anders.jpg"))
    for number in range(9):
        execute(ledger, LIN, replace(GOOD, name="b.pdf", content=PDF + str(number).encode()))
    with pytest.raises(Refused, match="10 files"):
        execute(ledger, LIN, replace(GOOD, name="c.pdf", content=PDF))
    removed = execute(ledger, LIN, RemoveFile(1))
    assert len(rows(ledger, LIN, "attachments", about="feedback", about_id=1)) == 9
    execute(ledger, LIN, Undo(removed.change_id))
    assert len(rows(ledger, LIN, "attachments", about="feedback", about_id=1)) == 10
