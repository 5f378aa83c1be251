"""The mail: which server to hand it to, how a message looks on the wire, and the round that hands over what waits.

Each message is claimed in the ledger before it is sent and its outcome noted after; between the two the ledger is not locked.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Final, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from lib.commands.invitations import link
from lib.commands.messages import NEEDS, UNKNOWN, ClaimMessage, NoteDelivery
from lib.domain.access import SYSTEM, Actor
from lib.domain.addresses import is_address, wire, without_addresses
from lib.domain.dates import ANY_DAY
from lib.domain.letters import one_line
from lib.domain.links import PLACE, masked
from lib.domain.sender import sender
from lib.errors import Conflict, NotFound, Refused, Unusable
from lib.papers.invoice import invoice
from lib.papers.statement import Printed, Wanted, statement
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows
from lib.store.settings import settings, today
from lib.text import Language, Text

VARIABLE: Final = "MINGZHANG_SMTP_URL"
_PORT: Final = {"smtp": 587, "smtps": 465}
_TIMEOUT: Final = 20.0
_LONGEST_SAID: Final = 500
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})

NOT_SET: Final = Text(
    "还没有设置邮件服务器。请管理员设置环境变量 MINGZHANG_SMTP_URL，例如 smtp://用户:密码@smtp.example.com:587?from=finance@example.com，"
    "然后重启服务。",
    "No mail server is set. Ask the administrator to set the environment variable MINGZHANG_SMTP_URL, such as "
    "smtp://user:password@smtp.example.com:587?from=finance@example.com, and restart the server.",
)
_BAD_URL = Text(
    "MINGZHANG_SMTP_URL 写得不对：{why}。应为 smtp://用户:密码@服务器:587?from=发件邮箱（smtps:// 为 SSL，密码里的 @ 写成 %40）。",
    "MINGZHANG_SMTP_URL cannot be used: {why}. Write smtp://user:password@server:587?from=address "
    "(smtps:// for SSL; an @ in the password as %40).",
)
_NO_HOST = Text("缺少服务器", "the server is missing")
_BAD_SCHEME = Text("要以 smtp:// 或 smtps:// 开头", "it must begin with smtp:// or smtps://")
_BAD_NUMBER = Text("端口或超时不是数字", "the port or timeout is no number")
_BAD_FROM = Text("from= 缺少可用的发件邮箱", "from= needs a usable address")
_BAD_LETTERS = Text("用户和密码只能用英文字母、数字和符号", "user and password can only be ASCII")
_OPEN_PASSWORD = Text("tls=no 时不能把密码发给别的机器", "with tls=no the password must not go to another machine")
_NO_SERVER = Text(
    "连不上邮件服务器 {host}:{port}：{why}。没有发出任何邮件，稍后可再试。",
    "The mail server {host}:{port} cannot be reached: {why}. Nothing was sent; try again later.",
)
_BAD_LOGIN = Text(
    "邮件服务器 {host} 不接受这个用户或密码：{why}。请核对 MINGZHANG_SMTP_URL。",
    "The mail server {host} does not accept this user or password: {why}. Check MINGZHANG_SMTP_URL.",
)


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server and whom it sends for. The password is in no text made of it."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    security: Literal["starttls", "ssl", "none"] = "starttls"
    timeout: float = _TIMEOUT


@dataclass(slots=True)
class Round:
    """How far a delivery is: what waited at its start and what became of it; `trouble` is what stopped it."""

    waiting: int = 0
    sent: int = 0
    failed: int = 0
    unknown: int = 0
    skipped: int = 0
    """Sent, cancelled or taken back by someone else meanwhile."""
    trouble: Refused | None = None
    is_done: bool = False

    @property
    def handled(self) -> int:
        """How many messages have an outcome."""
        return self.sent + self.failed + self.unknown + self.skipped


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message."""

    state: Literal["sent", "failed", "unknown", "skipped"]
    why: str | None = None
    said: str | None = None


def server(url: str | None = None) -> Server | None:
    """The server of MINGZHANG_SMTP_URL; None when it is not set. Refuses (`Unusable`): one that cannot be read, naming what is wrong."""
    given = os.environ.get(VARIABLE, "") if url is None else url
    if not given.strip():
        return None
    try:
        parts = urlsplit(given.strip())
        port, wanted = parts.port, {name: values[-1] for name, values in parse_qs(parts.query).items()}
        timeout = float(wanted.get("timeout", _TIMEOUT))
    except ValueError:
        # The error names parts of the URL, and the password is one of them.
        raise Unusable(_BAD_URL, why=_BAD_NUMBER) from None
    if parts.scheme not in _PORT:
        raise Unusable(_BAD_URL, why=_BAD_SCHEME)
    if not parts.hostname:
        raise Unusable(_BAD_URL, why=_NO_HOST)
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    address = wanted.get("from") or user or ""
    if not is_address(address):
        raise Unusable(_BAD_URL, why=_BAD_FROM)
    if not f"{user or ''}{password or ''}".isascii():
        raise Unusable(_BAD_URL, why=_BAD_LETTERS)
    is_open = parts.scheme == "smtp" and wanted.get("tls") == "no"
    if is_open and password and parts.hostname not in _LOCAL:
        raise Unusable(_BAD_URL, why=_OPEN_PASSWORD)
    security: Literal["starttls", "ssl", "none"] = "ssl" if parts.scheme == "smtps" else "none" if is_open else "starttls"
    return Server(parts.hostname, port or _PORT[parts.scheme], wire(address), user, password, security, timeout)


def waiting(ledger: Ledger, actor: Actor, only: tuple[int, ...] | None = None) -> list[int]:
    """Messages in the outbox that this person may send, the oldest first."""
    # No date limits the outbox: what was queued in the demo's fixed year waits as well.
    found = rows(ledger, actor, "messages", as_of=ANY_DAY, state="queued", limit=_MOST)
    mine = [row["message_id"] for row in found if actor.may(NEEDS[row["kind"]]) and (only is None or row["message_id"] in only)]
    return sorted(mine)


_MOST: Final = 1_000_000


def deliver(ledger: Ledger, actor: Actor, to: Server, only: tuple[int, ...] | None = None, state: Round | None = None) -> Round:
    """Hand over what waits, message by message; `state` shows others how far it is. A server that cannot be reached stops it."""
    state = state or Round()
    try:
        ids = waiting(ledger, actor, only)
        state.waiting = len(ids)
        if ids:
            _hand_over(ledger, actor, to, ids, state)
    except Refused as trouble:
        state.trouble = trouble
    finally:
        state.is_done = True
    return state


def _hand_over(ledger: Ledger, actor: Actor, to: Server, ids: list[int], state: Round) -> None:
    remaining = iter(ids)
    while state.handled < len(ids):
        # A connection that breaks is opened anew for what is left; what cannot be opened ends the round.
        with connected(to) as line:
            for message_id in remaining:
                outcome = _one(ledger, actor, to, line, message_id)
                setattr(state, outcome.state, getattr(state, outcome.state) + 1)
                if line.sock is None:
                    break
            else:
                return


def _one(ledger: Ledger, actor: Actor, to: Server, line: smtplib.SMTP, message_id: int) -> Outcome:
    try:
        message: dict[str, Any] = execute(ledger, actor, ClaimMessage(message_id)).result
    except (Conflict, NotFound):
        return Outcome("skipped")
    if why := "do_not_contact" if message["do_not_contact"] else _stopped(ledger, message):
        outcome = Outcome("failed", why)
    else:
        try:
            letter = _letter(ledger, actor, to, message)
        except (Refused, ValueError) as trouble:
            outcome = Outcome("failed", "paper", str(trouble))
        else:
            outcome = send(line, to, wire(message["recipient"]), letter)
    said = masked(without_addresses(outcome.said))[:_LONGEST_SAID] if outcome.said else None
    execute(ledger, actor, NoteDelivery(message_id, is_sent=outcome.state == "sent", why=outcome.why, said=said))
    return outcome


def _stopped(ledger: Ledger, message: dict[str, Any]) -> str | None:
    """Why an invitation that waited must not go out any more; None for every other message."""
    if message["invite_id"] is None:
        return None
    found = _invitation(ledger, message)
    state = found["state"] if found else "over"
    return None if state == "open" else state


def _invitation(ledger: Ledger, message: dict[str, Any]) -> dict[str, Any] | None:
    found = rows(ledger, SYSTEM, "house_invitation", invite_id=message["invite_id"], as_of=today(ledger))
    return found[0] if found else None


def _letter(ledger: Ledger, actor: Actor, to: Server, message: dict[str, Any]) -> EmailMessage:
    """The message with its papers, as of its own date. What people typed stands in no header but on one line."""
    letter = head(ledger, to, message["language"], named(message["contact_name"], wire(message["recipient"])), message["message_id"])
    letter["Subject"] = one_line(message["subject"])
    letter.set_content(_text(ledger, message))
    letter["Content-Language"] = message["language"]  # only now: a new content takes all that is said of the old one away
    for paper in _papers(ledger, actor, message):
        letter.add_attachment(paper.content, maintype="application", subtype="pdf", filename=paper.file_name)
    return letter


def head(ledger: Ledger, to: Server, language: Language, reader: Address, number: object) -> EmailMessage:
    """An empty letter from us to a reader; `number` tells it apart from every other."""
    letter = EmailMessage(policy=SMTP)
    letter["From"] = named(sender(settings(ledger)).called(language), to.sender)
    letter["To"] = reader
    now = ledger.clock()
    letter["Date"] = format_datetime(now.replace(tzinfo=UTC))
    letter["Message-ID"] = f"<{number}.{now:%Y%m%d%H%M%S%f}@{to.sender.rpartition('@')[2]}>"
    return letter


def _text(ledger: Ledger, message: dict[str, Any]) -> str:
    """What is written, with the link only its reader is to know. Refuses: an invitation without a public address."""
    body: str = message["body"]
    asked = _invitation(ledger, message) if message["invite_id"] is not None else None
    return body.replace(PLACE, link(ledger, asked["wave_id"], asked["invite_id"])) if asked else body


def named(name: str | None, address: str) -> Address:
    """An address with the name of who reads there."""
    return Address(display_name=one_line(name or ""), addr_spec=address)


def _papers(ledger: Ledger, actor: Actor, message: dict[str, Any]) -> Iterator[Printed]:
    """The invoice with an invoice; the statement with a statement or a reminder, in its currency when it has one."""
    on_date, language = message["on_date"], message["language"]
    if message["kind"] == "invoice":
        yield invoice(ledger, actor, message["entry_id"], as_of=on_date, language=language)
    elif message["kind"] in {"statement", "reminder"}:
        yield statement(ledger, actor, Wanted(message["customer_id"], on_date, language, currency=message["currency"]))


@contextmanager
def connected(to: Server) -> Iterator[smtplib.SMTP]:
    """A connection, encrypted and signed in. Refuses (`Unusable`): a server that is away, without encryption or that turns us away."""
    line = _opened(to)
    try:
        yield line
    finally:
        with suppress(OSError, smtplib.SMTPException):
            line.quit()
        line.close()


def _opened(to: Server) -> smtplib.SMTP:
    name = to.sender.rpartition("@")[2]  # else smtplib asks the network for our name, which can take long
    line: smtplib.SMTP | None = None
    try:
        if to.security == "ssl":
            line = smtplib.SMTP_SSL(to.host, to.port, name, timeout=to.timeout, context=ssl.create_default_context())
        else:
            line = smtplib.SMTP(to.host, to.port, name, timeout=to.timeout)
        if to.security == "starttls":
            line.starttls(context=ssl.create_default_context())
        if to.user and to.password:
            line.login(to.user, to.password)
        line.ehlo_or_helo_if_needed()
    except (OSError, smtplib.SMTPException) as error:
        if line:
            line.close()
        if isinstance(error, smtplib.SMTPAuthenticationError):
            raise Unusable(_BAD_LOGIN, host=to.host, why=_reason(error)) from None
        raise Unusable(_NO_SERVER, host=to.host, port=to.port, why=_reason(error)) from None
    return line


def send(line: smtplib.SMTP, to: Server, recipient: str, letter: EmailMessage) -> Outcome:
    """One message over an open line. Only what breaks after its text began to flow is of unknown outcome."""
    steps: tuple[Callable[[], tuple[int, bytes]], ...] = (lambda: line.mail(to.sender), lambda: line.rcpt(recipient))
    try:
        for step in steps:
            code, answer = step()
            if code not in _TAKEN:
                return _turned_down(line, code, answer)
    except (OSError, smtplib.SMTPException) as error:
        line.close()
        return Outcome("failed", "temporary", _reason(error))
    return _data(line, letter.as_bytes())


def _data(line: smtplib.SMTP, content: bytes) -> Outcome:
    try:
        code, answer = line.data(content)
    except smtplib.SMTPDataError as error:
        return _turned_down(line, error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        line.close()
        return Outcome("unknown", UNKNOWN, _reason(error))
    return Outcome("sent") if code == _ACCEPTED else _turned_down(line, code, answer)


def _turned_down(line: smtplib.SMTP, code: int, answer: bytes | str) -> Outcome:
    """What the server would not take: for good, or for now."""
    _reset(line, code)
    return Outcome("failed", "temporary" if code < _PERMANENT else "refused", _said(code, answer))


_ACCEPTED: Final = 250
_TAKEN: Final = frozenset({_ACCEPTED, 251})
_PERMANENT: Final = 500
_GOING: Final = 421


def _reset(line: smtplib.SMTP, code: int) -> None:
    """Ready for the next message; a server that said it is going is let go."""
    if code == _GOING:
        line.close()
        return
    try:
        line.rset()
    except (OSError, smtplib.SMTPException):
        line.close()


def _said(code: int, answer: bytes | str) -> str:
    said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return one_line(f"{code} {said}")


def _reason(error: Exception) -> str:
    """What went wrong with the line, in the system's words; never what we sent."""
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return "timeout"
    if isinstance(error, smtplib.SMTPResponseException):
        return _said(error.smtp_code, error.smtp_error)
    return one_line(getattr(error, "strerror", None) or str(error) or type(error).__name__)
