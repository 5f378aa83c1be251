"""Refusals: the only errors a person gets to see, each a sentence in both languages."""

from __future__ import annotations

from lib.text import Language, Text


class Refused(Exception):
    """What was asked cannot be done; says why and what to do next."""

    def __init__(self, text: Text, **values: object) -> None:
        super().__init__(text.say("en", **values))
        self.text = text
        self.values = values

    def say(self, language: Language) -> str:
        """The refusal in one language."""
        return self.text.say(language, **self.values)


class Forbidden(Refused):
    """The person may not do this; says who can."""


class NotFound(Refused):
    """What was named does not exist, or is out of the person's sight."""


class Conflict(Refused):
    """Someone else's later change stands in the way."""


class Unusable(Refused):
    """The ledger file cannot be used: locked, damaged, newer than this program, or no room on disk."""


class Doubtful(Conflict):
    """Allowed, but looks like a slip: the same request with `confirmed` goes through."""
