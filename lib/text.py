"""One sentence in two languages, kept side by side."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Text:
    """A Chinese and an English sentence with the same placeholders.

    Refuses: a missing side, or placeholders that differ.
    """

    zh: str
    en: str

    def __post_init__(self) -> None:
        if not (self.zh and self.en):
            raise ValueError(f"one language is missing: {self!r}")
        if _placeholders(self.zh) != _placeholders(self.en):
            raise ValueError(f"placeholders differ: {self!r}")

    def say(self, language: Language, **values: object) -> str:
        """The sentence in one language; a value that is itself a Text is said in that language too."""
        spoken = {name: value.say(language) if isinstance(value, Text) else value for name, value in values.items()}
        sentence: str = getattr(self, language)
        return sentence.format(**spoken) if spoken else sentence


def _placeholders(sentence: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(sentence) if field}
