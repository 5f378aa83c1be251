"""One sentence in two languages, kept side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from string import Formatter
from typing import Final, Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
_TURNING: Final = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))


@dataclass(frozen=True, slots=True)
class Text:
    """A Chinese and an English sentence with the same placeholders; a brace that is no placeholder stands doubled.

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
        spoken = {name: _spoken(value, language) for name, value in values.items()}
        sentence: str = getattr(self, language)
        return sentence.format(**spoken) if spoken else sentence.replace("{{", "{").replace("}}", "}")

    def filled(self, **values: object) -> Text:
        """The sentence with its values in place, still in both languages."""
        return Text(*(_safe(self.say(language, **values)) for language in LANGUAGES))


def plain(words: str) -> Text:
    """What a person typed, the same in both languages: no brace in it is a placeholder."""
    said = _safe(straight(words))
    return Text(said, said)


def listed(parts: Iterable[str | Text]) -> Text:
    """Names and words side by side, with the comma of each language. Refuses: none at all."""
    said = [plain(part) if isinstance(part, str) else part for part in parts if part]
    return Text("、".join(part.zh for part in said), ", ".join(part.en for part in said))


def straight(text: str) -> str:
    """A text without the marks that turn its direction: from a name they would turn the amount behind it too."""
    return text if text.isascii() else text.translate(_TURNING)


def _safe(words: str) -> str:
    return words.replace("{", "{{").replace("}", "}}")


def _spoken(value: object, language: Language) -> object:
    if isinstance(value, Text):
        return value.say(language)
    return straight(value) if isinstance(value, str) else value


def _placeholders(sentence: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(sentence) if field}
