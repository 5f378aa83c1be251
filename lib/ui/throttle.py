"""How often passwords may be guessed: a growing wait per account and per address, never a permanent lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

FORGOTTEN_AFTER_SECONDS: Final = 3600.0
_MOST_KEYS: Final = 10_000
_HOST_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Limit:
    """Tries that are free, then the longest wait; the wait doubles with each further try."""

    free: int
    longest_seconds: float

    def wait(self, tries: int) -> float:
        """Seconds to wait after so many tries."""
        return 0.0 if tries < self.free else min(2.0 ** min(tries - self.free, 20), self.longest_seconds)


ACCOUNT: Final = Limit(free=5, longest_seconds=60)
"""Short, so that an attacker cannot keep a person out for long."""
ADDRESS: Final = Limit(free=20, longest_seconds=900)
"""More are free, because a whole office may share one address."""


def address_key(address: str | None) -> str:
    """Under which an address is counted. A connection gets 2^64 of the new kind at once: they count as one."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return f"address {address or 'local'}"
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return f"address {IPv6Address(int(found) >> _HOST_BITS << _HOST_BITS)}/{_HOST_BITS}"
    return f"address {found}"


class Throttle:
    """Tries counted by key; safe under threads, so that guessing in parallel gains nothing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def take(self, wanted: dict[str, Limit]) -> float:
        """Count a try under each key. Returns seconds to wait; above zero the try is not allowed and not counted."""
        now = self._clock()
        with self._lock:
            wait = max(self._left(key, limit, now) for key, limit in wanted.items())
            if wait <= 0:
                self._forget_old(now)
                for key in wanted:
                    self._tries[key] = (self._count(key, now) + 1, now)
        return max(wait, 0.0)

    def forgive(self, account: str, address: str) -> None:
        """After a right password: the account starts anew, the address gets its one try back."""
        with self._lock:
            self._tries.pop(account, None)
            count, at = self._tries.get(address, (1, 0.0))
            self._tries[address] = (count - 1, at)

    def _left(self, key: str, limit: Limit, now: float) -> float:
        count = self._count(key, now)
        return self._tries[key][1] + limit.wait(count) - now if count else 0.0

    def _count(self, key: str, now: float) -> int:
        count, at = self._tries.get(key, (0, now))
        return count if now - at < FORGOTTEN_AFTER_SECONDS else 0

    def _forget_old(self, now: float) -> None:
        if len(self._tries) >= _MOST_KEYS:
            recent = sorted(self._tries.items(), key=lambda item: item[1][1])[_MOST_KEYS // 2 :]
            self._tries = {key: kept for key, kept in recent if now - kept[1] < FORGOTTEN_AFTER_SECONDS}
