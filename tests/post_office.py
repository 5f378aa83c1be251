"""A real mail server on this machine for tests: it keeps what it takes, and misbehaves by the name of the recipient."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

FROM = "finance@mingzhang.example"
PASSWORD = "p@ss/w:rd%"


@dataclass(slots=True)
class PostOffice:
    """What came in, and where it listens."""

    port: int = 0
    letters: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address for MINGZHANG_SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}?from={FROM}&tls=no&timeout=2"

    async def handle_RCPT(  # noqa: N802 (the server's own names)
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Refuse, put off, hang or hang up as the recipient's name says."""
        if address.startswith("refused"):
            return f"550 5.1.1 <{address}>: Recipient address rejected: user unknown"
        if address.startswith("later"):
            return "451 4.7.1 Greylisted, try again later"
        if address.startswith("going"):
            return "421 4.3.2 Service shutting down"
        if address.startswith("hangup"):
            _hang_up(server)
        if address.startswith("slow"):
            await asyncio.sleep(4)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the letter, or break off after it was read."""
        if envelope.rcpt_tos[0].startswith("breakoff"):
            _hang_up(server)
            return "250 OK"
        if envelope.rcpt_tos[0].startswith("spam"):
            return "554 5.7.1 Message rejected as spam"
        content = envelope.content
        assert isinstance(content, bytes)
        letter = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append((list(envelope.rcpt_tos), letter))
        return "250 2.0.0 queued"


@contextmanager
def open_office(*, login: bool = False) -> Iterator[PostOffice]:
    """The office open on a free port; with `login` it takes letters of user `mz` only."""
    office = PostOffice(free_port())
    controller = Controller(
        office,
        hostname="127.0.0.1",
        port=office.port,
        enable_SMTPUTF8=False,
        auth_required=login,
        auth_require_tls=False,
        authenticator=_check if login else None,
    )
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _check(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword) -> AuthResult:
    return AuthResult(success=data.login == b"mz" and data.password == PASSWORD.encode(), handled=False)


def _hang_up(server: SMTP) -> None:
    assert server.transport
    server.transport.close()
