"""What a text of a customer says without anybody learned from: its mood, its themes, and the words that said so.

Words are found the longest first; a negation turns the next word round, a degree makes it weigh more or less, and what follows a "but"
counts more than what stood before. Every answer can be explained by its words, which is why it is the rule every model has to beat.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from lib.domain import mood_words, theme_words

_LATIN: Final = re.compile(r"[a-z][a-z'’]*")
_STOPS: Final = frozenset('，。！？；：、,!?;:\n\r\t~～…()（）[]【】“”"')
_REACH: Final = 6
"""So many characters a negation, a degree or a noun reaches ahead; of Latin ones more."""
_REACH_LATIN: Final = 22
_BEFORE_TURN: Final = 0.45
_OPPOSITE: Final = -0.8
_DOUBT: Final = 0.9
"""Words on both sides weigh each other down; one lone word says less than three."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A word that said something: where it stands, what it weighed, which theme it named."""

    start: int
    end: int
    weight: float = 0.0
    theme: str | None = None


@dataclass(frozen=True, slots=True)
class Mood:
    """What a text says: −1 bad to 1 good, or None when it says neither; its themes, the most spoken of first; the words behind both."""

    mood: float | None
    themes: tuple[str, ...]
    hits: tuple[Hit, ...]


class _Words:
    """A list of words, found in a text from left to right, the longest first."""

    def __init__(self, words: Iterable[str]) -> None:
        longest: dict[str, set[int]] = {}
        phrases: dict[str, list[str]] = {}
        self._known = set()
        for given in words:
            word = given.replace("_", " ")
            self._known.add(word)
            if _LATIN.match(word):
                phrases.setdefault(word.split(" ")[0], []).append(word)
            else:
                longest.setdefault(word[0], set()).add(len(word))
        self._lengths = {first: sorted(lengths, reverse=True) for first, lengths in longest.items()}
        self._phrases = {first: sorted(found, key=len, reverse=True) for first, found in phrases.items()}

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """Start, end and word of each; none overlap."""
        found, place, end = [], 0, len(text)
        lengths, known = self._lengths, self._known
        while place < end:
            sign = text[place]
            if sign in lengths:
                size = next((size for size in lengths[sign] if text[place : place + size] in known), 0)
                if size:
                    found.append((place, place + size, text[place : place + size]))
                    place += size
                    continue
            if "a" <= sign <= "z":
                place = self._latin(text, place, found)
            else:
                place += 1
        return found

    def _latin(self, text: str, place: int, found: list[tuple[int, int, str]]) -> int:
        matched = _LATIN.match(text, place)
        assert matched
        for phrase in self._phrases.get(matched[0], ()):
            after = place + len(phrase)
            if text.startswith(phrase, place) and not (after < len(text) and text[after].isalpha() and text[after].isascii()):
                found.append((place, after, phrase))
                return after
        return matched.end()


def read(text: str) -> Mood:
    """What a text says."""
    plain = text.lower().replace("’", "'")
    weighed = _weighed(plain)
    said = sum(abs(hit.weight) for hit in weighed)
    mood = sum(hit.weight for hit in weighed) / (said + _DOUBT) if said else None
    named = [Hit(start, end, theme=_THEMES[word]) for start, end, word in _theme_list().find(plain) if word in _THEMES]
    counts: dict[str, int] = {}
    for hit in named:
        assert hit.theme
        counts[hit.theme] = counts.get(hit.theme, 0) + 1
    order = list(theme_words.WORDS)
    themes = sorted(counts, key=lambda theme: (-counts[theme], order.index(theme)))
    return Mood(mood if mood is None else round(mood, 3), tuple(themes), (*weighed, *named))


def _weighed(text: str) -> list[Hit]:
    """Words that praise or blame, with what each weighs where it stands."""
    found: list[Hit] = []
    pending = _Pending()
    reached = 0
    for start, end, word in _mood_list().find(text):
        pending.move(text, reached, start)
        reached = end
        if word in mood_words.TURNS:
            found = [Hit(hit.start, hit.end, hit.weight * _BEFORE_TURN) for hit in found]
        weight = _WEIGHTS.get(word, 0.0)
        if word in mood_words.FRAMES and (framed := pending.framed(word)) is not None:
            weight = framed
        if word in _NOUNS:
            pending.noun, pending.noun_at = word, end
        if weight and not (word in _LEADS and _goes_on(text, end)):
            found.append(Hit(start, end, pending.spend(weight)))
        elif word in mood_words.NEGATORS:
            pending.negated, pending.at = not pending.negated, end
        elif word in mood_words.DEGREES:
            pending.degree, pending.at = pending.degree * mood_words.DEGREES[word], end
    return found


@dataclass(slots=True)
class _Pending:
    """What was said of the next word before it came: a negation, a degree, the noun it is about."""

    negated: bool = False
    degree: float = 1.0
    at: int = 0
    noun: str | None = None
    noun_at: int = 0

    def move(self, text: str, reached: int, start: int) -> None:
        """Forget what does not reach this far: past a stop, or too far ahead."""
        between = text[reached:start]
        stopped = any(sign in _STOPS for sign in between)
        if stopped or start - self.at > _reach(text[self.at : start]):
            self.negated, self.degree = False, 1.0
        if stopped or start - self.noun_at > _reach(text[self.noun_at : start]):
            self.noun = None

    def framed(self, word: str) -> float | None:
        """What a word weighs that praises one noun and blames another; None without such a noun."""
        bad, good, side = _FRAMES[word]
        if self.noun in bad:
            return -side
        return side if self.noun in good else None

    def spend(self, weight: float) -> float:
        """What a word weighs here; what was said of it is used up."""
        value = weight * self.degree * (_OPPOSITE if self.negated else 1)
        self.negated, self.degree = False, 1.0
        return value


def _reach(between: str) -> int:
    return _REACH_LATIN if between[:1].isascii() and between.strip() else _REACH


def _goes_on(text: str, end: int) -> bool:
    """Whether a word like 好 or 不够 stands before another one (好慢), not at the end of what it says (很好)."""
    return bool(_mood_at(text, end))


@cache
def _mood_list() -> _Words:
    return _Words({*_WEIGHTS, *mood_words.NEGATORS, *mood_words.DEGREES, *mood_words.TURNS, *mood_words.FRAMES, *_NOUNS})


@cache
def _theme_list() -> _Words:
    return _Words({*_THEMES, *_spaced(mood_words.NEITHER)})


def _mood_at(text: str, place: int) -> bool:
    return any(text.startswith(word, place) for word in _BY_FIRST.get(text[place : place + 1], ()))


def _spaced(words: str) -> list[str]:
    return [word.replace("_", " ") for word in words.split()]


_WEIGHTS: Final[Mapping[str, float]] = {
    **{word: weight for words, weight in mood_words.WEIGHTS for word in _spaced(words)},
    **mood_words.SIGNS,
}
_LEADS: Final = {*mood_words.DEGREES, *mood_words.NEGATORS}
_FRAMES: Final = {word: (frozenset(_spaced(bad)), frozenset(_spaced(good)), side) for word, (bad, good, side) in mood_words.FRAMES.items()}
_NOUNS: Final = frozenset(noun for bad, good, _ in _FRAMES.values() for noun in (*bad, *good))
_THEMES: Final[Mapping[str, str]] = {word: theme for theme, words in theme_words.WORDS.items() for word in _spaced(words)}
_BY_FIRST: Final[dict[str, list[str]]] = {}
for _word in _WEIGHTS:
    _BY_FIRST.setdefault(_word[0], []).append(_word)
