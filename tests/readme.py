"""The README as data: its fenced blocks, and which file each one goes into."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
ENGLISH: Final = ROOT / "README.md"
CHINESE: Final = ROOT / "README.zh.md"
OPERATIONS: Final = ROOT / "docs" / "OPERATIONS.md"
_BLOCK: Final = re.compile(r"^(?P<intro>[^\n]*)\n*```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_NEW_FILE: Final = re.compile(r"(?:New file|新文件) `([^`]+)`[:：]$")
_BELOW: Final = re.compile(r"`([^`]+)`(?:, below the line that begins with | 里，在以 )`([^`]+)`(?: 开头的那一行下面)?[:：]$")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block. With a path it is a new file's content, with an anchor lines to insert below the line that begins so."""

    kind: str
    body: str
    path: str | None = None
    anchor: str | None = None


def blocks(readme: Path) -> list[Block]:
    """All fenced blocks in order."""
    return [_block(found) for found in _BLOCK.finditer(readme.read_text("utf-8"))]


def _block(found: re.Match[str]) -> Block:
    kind, body, intro = found["kind"], found["body"], found["intro"].strip()
    if new := _NEW_FILE.search(intro):
        return Block(kind, body, new[1])
    if below := _BELOW.search(intro):
        return Block(kind, body, below[1], below[2])
    return Block(kind, body)


def apply(readme: Path, root: Path) -> list[Path]:
    """Do to a tree what the blocks say, exactly; returns the files touched."""
    wanted = [block for block in blocks(readme) if block.path]
    for block in wanted:
        assert block.path
        path = root / block.path
        if block.anchor is None:
            assert not path.exists(), f"{block.path} is already there"
            path.write_text(block.body, "utf-8")
        else:
            path.write_text(_inserted(path.read_text("utf-8"), block), "utf-8")
    return [root / str(block.path) for block in wanted]


def _inserted(text: str, block: Block) -> str:
    lines = text.splitlines(keepends=True)
    places = [number for number, line in enumerate(lines) if line.strip().startswith(str(block.anchor))]
    assert len(places) == 1, f"{len(places)} lines of {block.path} begin with {block.anchor}"
    return "".join([*lines[: places[0] + 1], block.body, *lines[places[0] + 1 :]])


def shell(readme: Path) -> list[tuple[str, str | None]]:
    """The lines of all `sh` blocks in order, each with what it prints when a `text` block behind its block says so."""
    said: list[tuple[str, str | None]] = []
    for block in blocks(readme):
        if block.kind == "sh":
            said += [(line, None) for line in block.body.splitlines()]
        elif block.kind == "text":
            said[-1] = (said[-1][0], block.body)
    return said
