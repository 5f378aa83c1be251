"""Photos and papers people bring along: told by their content, never by their name; pictures are drawn anew, so nothing rides along."""

from __future__ import annotations

import re
import warnings
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps

from lib.errors import Refused
from lib.text import Text

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_FILES: Final = 10
"""On one thing."""
SUFFIXES: Final = ("jpg", "jpeg", "png", "webp", "pdf")
"""What a file may end in when it is chosen; what it is, its content says."""
_SUFFIX: Final = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "application/pdf": ".pdf"}
_FORMAT: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_MOST_PIXELS: Final = 60_000_000
_MOST_DRAWN: Final = 25_000_000
"""Each pixel that is drawn takes ten bytes of memory for a moment. A photo in JPEG is read smaller from the start."""
_LONGEST_SIDE: Final = 2400
"""A page of A4 stays readable at this; a phone's photo shrinks to a tenth."""
_PREVIEW_SIDE: Final = 160
_LONGEST_NAME: Final = 80
_TAIL: Final = 2048


def _written_anyhow(word: str) -> str:
    """A pattern for a word of a PDF, whose letters may each stand as a number instead."""
    return "".join(f"(?:{letter}|#(?i:{ord(letter):02x}))" for letter in word)


_ACTIVE: Final = re.compile(rf"/(?:{_written_anyhow('JavaScript')}|{_written_anyhow('Launch')})(?![A-Za-z0-9])".encode())
_PACKED: Final = re.compile(rb"stream\r?\n(?=\x78)")
_MOST_PARTS: Final = 2000
_MOST_PACKED: Final = 16 * 1024
_MOST_UNPACKED: Final = 64 * 1024
"""Of each packed part, read from so much; what a paper does is said in small ones, its pictures are large."""
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\\/:*?\"<>|]+")
_HEIC: Final = re.compile(rb"ftyp(heic|heix|hevc|mif1|msf1|avif)")

_EMPTY = Text("“{name}”是空的。请重新选择文件。", "“{name}” is empty. Choose the file again.")
_TOO_LARGE = Text(
    "“{name}”有 {size} MB，最多 5 MB。照片请先缩小，PDF 请分开。",
    "“{name}” has {size} MB; 5 MB at most. Shrink the photo or split the PDF.",
)
_UNKNOWN = Text(
    "“{name}”不是照片或 PDF。可以附 JPG、PNG、WebP 和 PDF；看的是内容，不是文件名。",
    "“{name}” is no photo or PDF. JPG, PNG, WebP and PDF can be attached; the content counts, not the name.",
)
_IS_HEIC = Text(
    "“{name}”是 HEIC 照片，多数电脑打不开。请在手机上存成 JPG 再附。",
    "“{name}” is a HEIC photo, which most computers cannot open. Save it as JPG on the phone first.",
)
_BROKEN = Text(
    "“{name}”打不开：文件损坏或太大。请重新拍或重新导出。", "“{name}” cannot be opened: damaged or too large. Take or export it again."
)
_IS_ACTIVE = Text(
    "“{name}”里带有会自动运行的程序，不能附。请打印成新的 PDF。",
    "“{name}” carries a program that runs by itself and is refused. Print it to a new PDF.",
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A file as it is kept: `preview` is a small picture of it, None for papers."""

    name: str
    media_type: str
    content: bytes
    preview: bytes | None


@lru_cache(maxsize=2)
def taken(name: str, content: bytes) -> Taken:
    """The file as it may be kept, worked out once for check and writing.

    Refuses: what is empty, too large, no photo or PDF, damaged, or would run by itself.
    """
    shown = clean_name(name)
    if not content:
        raise Refused(_EMPTY, name=shown, about="file")
    if len(content) > MOST_BYTES:
        raise Refused(_TOO_LARGE, name=shown, size=f"{len(content) / 1024 / 1024:.1f}", about="file")
    kind = media_type(content)
    if kind is None:
        raise Refused(_IS_HEIC if _HEIC.match(content[4:16]) else _UNKNOWN, name=shown, about="file")
    named = f"{shown.rsplit('.', 1)[0]}{_SUFFIX[kind]}" if "." in shown else f"{shown}{_SUFFIX[kind]}"
    if kind == "application/pdf":
        return Taken(named, kind, _paper(shown, content), None)
    picture, preview = _picture(shown, content, _FORMAT[kind])
    return Taken(named, kind, picture, preview)


def media_type(content: bytes) -> str | None:
    """What the first bytes say it is."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return "application/pdf" if content.startswith(b"%PDF-") else None


def clean_name(name: str) -> str:
    """A name without folders, control characters or what turns its ending around."""
    last = re.split(r"[\\/]", name)[-1]
    kept = _UNSAFE.sub("", last).strip(" .")
    stem, dot, suffix = kept.rpartition(".")
    return f"{stem[:_LONGEST_NAME]}{dot}{suffix[:8]}" if stem else (kept[:_LONGEST_NAME] or "file")


def _paper(name: str, content: bytes) -> bytes:
    if b"%%EOF" not in content[-_TAIL:] or len(_PACKED.findall(content)) > _MOST_PARTS:
        raise Refused(_BROKEN, name=name, about="file")
    if any(_ACTIVE.search(part) for part in _parts(content)):
        raise Refused(_IS_ACTIVE, name=name, about="file")
    return content


def _parts(content: bytes) -> Iterator[bytes]:
    """A paper as it stands, and what it has packed."""
    yield content
    for found in _PACKED.finditer(content):
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(content[found.end() : found.end() + _MOST_PACKED], _MOST_UNPACKED)


def _picture(name: str, content: bytes, form: str) -> tuple[bytes, bytes]:
    """The picture drawn anew, upright and no larger than needed, without where and when it was taken; and a small one of it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            read = Image.open(BytesIO(content), formats=(form,))
            if read.width * read.height > _MOST_PIXELS:
                raise Refused(_BROKEN, name=name, about="file")
            read.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
            if read.width * read.height > _MOST_DRAWN:
                raise Refused(_BROKEN, name=name, about="file")
            upright = ImageOps.exif_transpose(read).convert("RGBA" if form != "JPEG" and read.has_transparency_data else "RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(_BROKEN, name=name, about="file") from error
    upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    small = upright.convert("RGB")
    small.thumbnail((_PREVIEW_SIDE, _PREVIEW_SIDE))
    return _written(upright, form), _written(small, "JPEG")


def _written(picture: Image.Image, form: str) -> bytes:
    # A new picture of the same pixels: what stood beside them (place, camera, comments) is not carried over.
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    out = BytesIO()
    bare.save(out, form, quality=85)
    return out.getvalue()
