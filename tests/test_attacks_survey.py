"""Attacks on the page behind a survey's link, the only one strangers may write to."""

from __future__ import annotations

import hmac
import logging
import re
from datetime import timedelta
from typing import Any

import facts
import pytest
import surveys
from asgi import Reply, get, post
from surveys import WAVE

from lib.commands.invitations import SECRET
from lib.commands.undo import Undo
from lib.domain import links
from lib.domain.access import SYSTEM
from lib.store.door import execute
from lib.store.house_secret import house_secret
from lib.store.ledger import Ledger
from lib.ui import answering, session

SECRETS = ("客户1", "C001", "联系人1", "c1@example.com", "明账", "Mingzhang")
"""What the page must not say: about the customer, the contact, or by whom it is made."""
HOSTILE = "</textarea><img src=x onerror=alert(1)>"


@pytest.fixture
def paths(house: Ledger) -> dict[int, str]:
    """The addresses of four invitations: one by mail in Chinese, one in English, one withdrawn, one of a closed wave."""
    answering.guesses.cache_clear()
    today = session.today()
    facts.customer(house, 1, owner_id=2)
    surveys.contact(house, 1, 1)
    surveys.wave(house, closes_on=today + timedelta(days=9))
    surveys.wave(house, closes_on=today + timedelta(days=9), wave_id=4, state="closed")
    for invite_id, language in ((1, "zh"), (2, "en"), (3, "zh")):
        surveys.invite(house, invite_id, 1, contact_id=1, language=language)
    surveys.invite(house, 4, 1, wave_id=4)
    gone = {"event_id": 1, "invite_id": 3, "wave_id": WAVE, "customer_id": 1, "state": "withdrawn", "happened_at": facts.KNOWN}
    facts.insert(house, "invite_event", gone)
    house.identity, house.version = object(), 0
    surveys.be_found(house, today)
    return {invite_id: path(house, 4 if invite_id == 4 else WAVE, invite_id) for invite_id in (1, 2, 3, 4)}


def path(house: Ledger, wave_id: int, invite_id: int) -> str:
    return links.PATH + links.token(house_secret(house, SECRET), wave_id, invite_id)


def answers(house: Ledger) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        house.cursor().sql("select * from feedback where retired_at > now()::timestamp").to_arrow_table().to_pylist()
    )
    return found


def test_it_says_who_asks_and_nothing_about_anybody(paths: dict[int, str]) -> None:
    pages = [
        get(paths[1]),
        get(paths[2]),
        post(paths[1], {"send": 1}),
        post(paths[1], {"score": 3, "send": 1}),
        get(paths[1]),
        get(paths[4]),
    ]
    assert [page.status for page in pages] == [200, 200, 422, 303, 200, 404]
    assert all(word not in page.text for page in pages for word in SECRETS)
    assert "明桥工业" in pages[0].text
    assert "明桥工业" not in pages[-1].text


@pytest.mark.parametrize("invite_id", [1, 3, None])
def test_every_answer_is_private_and_bare(paths: dict[int, str], invite_id: int | None) -> None:
    for page in (
        get(paths[invite_id] if invite_id else f"{links.PATH}x"),
        post(paths.get(invite_id or 0, f"{links.PATH}x"), {"said": "zh"}),
    ):
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-frame-options"] == "DENY"
        # A referrer without the path: no token travels on, yet the form still says where it comes from.
        assert page.headers["referrer-policy"] == "strict-origin"
        assert page.headers["strict-transport-security"]
        assert "set-cookie" not in page.headers
        policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert "script-src" not in policy
        assert "unsafe" not in page.headers["content-security-policy"]
        assert not re.findall(r"<script|https?://|\son\w+=|style=|src=", page.text)


def test_a_guess_a_closed_a_withdrawn_and_a_foreign_link_look_alike(house: Ledger, paths: dict[int, str]) -> None:
    foreign = links.PATH + links.token(b"x" * 32, WAVE, 1)
    moved = path(house, 4, 1)  # an invitation under another wave's number
    near = paths[1][:-1] + ("A" if paths[1][-1] != "A" else "B")
    looks = {(page.status, page.text) for page in map(get, (paths[3], paths[4], foreign, moved, near, f"{links.PATH}{'x' * 32}"))}
    assert len(looks) == 1
    assert looks.pop()[0] == 404
    for closed in (paths[3], paths[4], foreign, moved, near):
        assert post(closed, {"score": 9, "send": 1}).status == 404
    assert not answers(house)


def test_guessing_is_slowed_down_and_keeps_nobody_else_out(paths: dict[int, str]) -> None:
    guesses = [get(f"{links.PATH}{number:032}") for number in range(answering.GUESSES.free + 3)]
    assert [page.status for page in guesses] == [404] * answering.GUESSES.free + [429] * 3 or guesses[-1].status == 429
    assert int(guesses[-1].headers["retry-after"]) >= 1
    assert get(f"{links.PATH}{0:032}", address="10.0.0.2").status == 404
    assert get(paths[1]).status == 200, "whoever holds a link shares an address with who guesses"
    waits = [answering.GUESSES.wait(answering.GUESSES.free + more) for more in range(10)]
    assert waits == sorted(waits)
    assert waits[-1] == answering.GUESSES.longest_seconds


def test_opening_a_link_answers_nothing(house: Ledger, paths: dict[int, str]) -> None:
    """Mail servers open every link in a letter, and its query with it."""
    get(f"{paths[1]}?score=0&send=1")
    assert not answers(house)


def test_it_is_answered_once_however_often_it_is_sent(house: Ledger, paths: dict[int, str]) -> None:
    first, again = post(paths[1], {"score": 9, "send": 1}), post(paths[1], {"score": 0, "send": 1})
    assert (first.status, again.status) == (303, 303)
    assert first.headers["location"] == f"{paths[1]}?language=zh"
    assert [row["score"] for row in answers(house)] == [9]
    assert "谢谢" in get(paths[1]).text
    execute(house, SYSTEM, Undo(house.version, session.today()))
    assert "<form" in get(paths[1]).text, "an answer taken back can be given anew"


def test_a_foreign_page_cannot_answer(house: Ledger, paths: dict[int, str]) -> None:
    for origin in ("https://evil.example", "null", "http://house.evil.example", "https://house:444"):
        assert post(paths[1], {"score": 9, "send": 1}, origin=origin).status == 403
    assert not answers(house)


def test_what_no_form_sends_is_turned_away(house: Ledger, paths: dict[int, str]) -> None:
    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", ""):
        assert post(paths[1], b"score=9&send=1", content_type=kind).status == 415
    fields = b"&".join(b"a%d=1" % number for number in range(1000))
    for body, status in ((b"comment=" + b"x" * 300_000, 413), (fields, 400), (b"score=\xff\xfe", 400)):
        assert post(paths[1], body).status == status
    assert not answers(house)


def test_a_body_without_end_is_not_read_to_its_end(paths: dict[int, str]) -> None:
    read = 0

    def endless() -> Any:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 65536

    assert post(paths[1], endless()).status == 413
    assert read < 10


def test_a_score_that_is_none_is_asked_for_again(house: Ledger, paths: dict[int, str]) -> None:
    for score in ("", "11", "-1", "3.5", "1e1", "٣", "3 or 1=1", "on"):
        page = post(paths[1], {"score": score, "comment": "等了三周", "aspect-delivery": 2, "aspect-price": 9, "said": "zh", "send": 1})
        assert page.status == 422
        assert re.search(r'role="alert">请选一个分数', page.text)
        assert "等了三周</textarea>" in page.text
        assert re.search(r'name="aspect-delivery" value="2" checked', page.text)
    assert not answers(house)


def test_a_text_stays_a_text(house: Ledger, paths: dict[int, str]) -> None:
    for text in ("<script>alert(1)</script>", '" autofocus onfocus="alert(1)', "😀" * 9, HOSTILE):
        page = post(paths[1], {"comment": text, "send": 1})
        assert not re.search(r"<script|<img|onfocus=\"", page.text)
        assert page.text.count("</textarea>") == 1
    post(paths[1], {"score": 9, "comment": HOSTILE, "send": 1})
    assert [row["comment"] for row in answers(house)] == [HOSTILE]


def test_a_long_text_is_said_to_be_long_and_kept(house: Ledger, paths: dict[int, str]) -> None:
    page = post(paths[2], {"score": 9, "comment": "😀" * 5001, "said": "en", "send": 1})
    assert page.status == 422
    assert "At most 5000 characters; there are 5001" in page.text
    assert "😀" * 5001 in page.text
    assert re.search(r'value="9" checked', page.text)
    assert post(paths[2], {"score": 9, "comment": "😀" * 5000 + "\r\n\x00\x1b", "send": 1}).status in {303, 422}
    post(paths[2], {"score": 9, "comment": "一\r\n二\x00\x1b[31m", "send": 1})
    assert [row["comment"] for row in answers(house)] == ["一\n二  [31m"]


def test_the_other_language_keeps_what_was_typed(paths: dict[int, str]) -> None:
    page = post(paths[1], {"score": 4, "comment": "慢", "language": "en", "said": "zh"})
    assert page.status == 200
    assert '<html lang="en">' in page.text
    assert ">慢</textarea>" in page.text.replace("\n", "")
    assert re.search(r'value="4" checked', page.text)


def test_what_fails_keeps_the_text_and_says_nothing_of_why(
    paths: dict[int, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"'{paths[1]}' of '客户1'")

    monkeypatch.setattr(answering, "execute", broken)
    with caplog.at_level(logging.DEBUG):
        page = post(paths[1], {"score": 4, "comment": "慢", "send": 1})
    assert page.status == 500
    assert "慢</textarea>" in page.text
    assert "RuntimeError" not in page.text
    assert "RuntimeError" in caplog.text
    assert paths[1].removeprefix(links.PATH) not in caplog.text
    assert "客户1" not in caplog.text


def test_a_near_miss_is_as_much_work_as_nonsense(paths: dict[int, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """How long an answer takes says how much a guess got right; the same steps over as many bytes take as long."""
    done: list[tuple[str, list[int]]] = []

    def noted(owner: object, name: str) -> None:
        true = getattr(owner, name)

        def step(*given: Any, **more: Any) -> Any:
            done.append((name, [len(one) for one in given if isinstance(one, bytes)]))
            return true(*given, **more)

        monkeypatch.setattr(owner, name, step)

    for owner, name in ((hmac, "digest"), (hmac, "compare_digest"), (answering, "rows")):
        noted(owner, name)
    work = []
    for token in (paths[1][:-1] + ("A" if paths[1][-1] != "A" else "B"), f"{links.PATH}{'x' * 32}", paths[1]):
        done.clear()
        get(token)
        work.append(list(done))
    near, nonsense, right = work
    assert near == nonsense
    assert [name for name, _ in near] == ["digest", "digest", "compare_digest"]
    assert [name for name, _ in right] == ["digest", "digest", "compare_digest", "rows"], "the ledger is asked only for a link of ours"


def test_reading_a_page_writes_nothing(house: Ledger, paths: dict[int, str]) -> None:
    before = house.version
    pages: list[Reply] = [get(paths[1]), get(paths[3]), get(f"{links.PATH}x"), post(paths[1], {"language": "en"})]
    assert pages
    assert house.version == before
