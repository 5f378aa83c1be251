"""What ageing buckets are called, on screen and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lib.text import Text

_NOT_DUE: Final = Text("未到期", "Not due")
_UNALLOCATED: Final = Text("未核销收款", "Unallocated")
_RANGE: Final = Text("{first}–{last} 天", "{first}–{last} d")
_BEYOND: Final = Text("{last} 天以上", "over {last} d")


def bucket_words(edges: Sequence[int]) -> dict[int | None, Text]:
    """Words of each bucket in order, unallocated money last."""
    words: dict[int | None, Text] = {0: _NOT_DUE}
    for place, (low, high) in enumerate(zip((0, *edges), edges, strict=False), 1):
        words[place] = Text(_RANGE.say("zh", first=low + 1, last=high), _RANGE.say("en", first=low + 1, last=high))
    words[len(edges) + 1] = Text(_BEYOND.say("zh", last=edges[-1]), _BEYOND.say("en", last=edges[-1]))
    return words | {None: _UNALLOCATED}
