"""A font with Chinese characters from this machine, and whether a character can be printed at all: never a box instead of a name."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO, Final

import typst

from lib.errors import Unusable
from lib.text import Text

VARIABLE: Final = "MINGZHANG_FONT"
FAMILIES: Final = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Microsoft YaHei",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Serif CJK SC",
    "Noto Serif SC",
    "SimSun",
    "STSong",
)
"""In order of preference."""
_NEEDED: Final = "账龄逾期珺喆¥，。0A"
"""What any font we print with must have."""

_NONE = Text(
    "这台机器上没有中文字体，PDF 未生成。请安装 Noto Sans CJK（Debian/Ubuntu：apt install fonts-noto-cjk），"
    "或用环境变量 MINGZHANG_FONT 指定一个字体文件。",
    "This machine has no font with Chinese characters, so no PDF was made. Install Noto Sans CJK "
    "(Debian/Ubuntu: apt install fonts-noto-cjk), or name a font file in the environment variable MINGZHANG_FONT.",
)
_NOT_A_FONT = Text(
    "MINGZHANG_FONT 指向的 {path} 不是可用的中文字体文件，PDF 未生成。请改成 .ttf、.otf 或 .ttc 文件的完整路径。",
    "MINGZHANG_FONT names {path}, which is no usable font with Chinese characters, so no PDF was made. "
    "Give the full path of a .ttf, .otf or .ttc file.",
)


@dataclass(frozen=True, slots=True)
class Printer:
    """The fonts of this machine and the family to set text in."""

    fonts: typst.Fonts
    family: str
    has: frozenset[int]
    """Code points of the family."""

    def printable(self, text: str) -> str:
        """The text with every character no font here has replaced by its number, as [U+1F642]."""
        strange = {sign for sign in text if ord(sign) not in self.has and not sign.isspace()}
        for sign in sorted(strange):
            if not any(ord(sign) in found for found in _coverages(self.fonts)):
                text = text.replace(sign, f"[U+{ord(sign):04X}]")
        return text


def printer() -> Printer:
    """What to print with. Refuses (`Unusable`): no font with Chinese characters; the sentence says what to install."""
    return _printer(os.environ.get(VARIABLE) or None)


@cache
def _printer(named: str | None) -> Printer:
    if named and not Path(named).is_file():
        raise Unusable(_NOT_A_FONT, path=named)
    fonts = typst.Fonts(include_embedded_fonts=False, font_paths=[str(Path(named).parent)] if named else [])
    for face in _candidates(fonts, named):
        has = coverage(face.path or "", face.index)
        if all(ord(sign) in has for sign in _NEEDED):
            return Printer(fonts, face.family, has)
    raise Unusable(_NOT_A_FONT, path=named) if named else Unusable(_NONE)


def _candidates(fonts: typst.Fonts, named: str | None) -> list[typst.FontInfo]:
    """Regular faces, the preferred families first; only those of the named file when there is one."""
    regular = sorted(fonts.fonts(), key=lambda face: (abs(face.weight - _REGULAR), face.style != "normal"))
    if named:
        return [face for face in regular if face.path and Path(face.path).samefile(named)]
    ranked = {family: place for place, family in enumerate(FAMILIES)}
    return sorted(regular, key=lambda face: ranked.get(face.family, len(ranked)))


_REGULAR: Final = 400


def _coverages(fonts: typst.Fonts) -> Iterator[frozenset[int]]:
    yield from (coverage(face.path, face.index) for face in fonts.fonts() if face.path)


@cache
def coverage(path: str, index: int) -> frozenset[int]:
    """The code points a face has a glyph for; none when the file cannot be read as a font."""
    try:
        with Path(path).open("rb") as file:
            return frozenset(_characters(_cmap(file, index)))
    except (OSError, struct.error, StopIteration):
        return frozenset()


def _cmap(file: BinaryIO, index: int) -> bytes:
    """The table that maps characters to glyphs."""
    start = 0
    if file.read(4) == b"ttcf":
        file.seek(12 + 4 * index)
        (start,) = struct.unpack(">L", file.read(4))
    file.seek(start + 4)
    (count,) = struct.unpack(">H6x", file.read(8))
    tables = [struct.unpack(">4s4xLL", file.read(16)) for _ in range(count)]
    _, offset, length = next(table for table in tables if table[0] == b"cmap")
    file.seek(offset)
    return file.read(length)


def _characters(cmap: bytes) -> Iterator[int]:
    """Of the Unicode maps the one that reaches farthest. Source: OpenType 1.9, chapter cmap, formats 4 and 12."""
    starts = _starts(cmap)
    if _FULL in starts:
        yield from _groups(cmap, starts[_FULL])
    elif _BASIC in starts:
        yield from _segments(cmap[starts[_BASIC] :])


def _starts(cmap: bytes) -> dict[int, int]:
    """Where the Unicode maps begin, by their format."""
    (count,) = struct.unpack_from(">2xH", cmap)
    records = [struct.unpack_from(">HHL", cmap, 4 + 8 * place) for place in range(count)]
    offsets = [offset for platform, encoding, offset in records if _is_unicode(platform, encoding)]
    return {struct.unpack_from(">H", cmap, offset)[0]: offset for offset in offsets}


_FULL: Final = 12
_BASIC: Final = 4
_LAST: Final = 0xFFFF


def _is_unicode(platform: int, encoding: int) -> bool:
    return platform == 0 or (platform == 3 and encoding in {1, 10})  # noqa: PLR2004 (Windows: BMP and full Unicode)


def _groups(cmap: bytes, start: int) -> Iterator[int]:
    (count,) = struct.unpack_from(">L", cmap, start + 12)
    for place in range(count):
        first, last, _ = struct.unpack_from(">LLL", cmap, start + 16 + 12 * place)
        yield from range(first, last + 1)


def _segments(cmap: bytes) -> Iterator[int]:
    (doubled,) = struct.unpack_from(">H", cmap, 6)
    count = doubled // 2
    ends, _, starts, deltas, offsets = (
        struct.unpack_from(f">{count if place != 1 else 1}H", cmap, at)
        for place, at in enumerate((14, 14 + doubled, 16 + doubled, 16 + 2 * doubled, 16 + 3 * doubled))
    )
    for place, (first, last, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for sign in range(first, min(last, _LAST - 1) + 1):
            glyph = sign
            if offset:
                (glyph,) = struct.unpack_from(">H", cmap, 16 + 3 * doubled + 2 * place + offset + 2 * (sign - first))
            if glyph and (glyph + delta) % (_LAST + 1):
                yield sign
