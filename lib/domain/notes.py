"""The remarks about how a file was read, and the reasons it was refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.text import Language, Text

LISTED_LINES = 8

RAGGED = Text(
    "第 {lines} 行的格数与表头不同（应为 {width} 格），可能少了或多了分隔符，请改好这些行再导入",
    "Lines {lines} do not have the {width} cells of the table; a separator is missing or extra, so mend them and try again",
)
TORN = Text(
    "第 {lines} 行的引号不成对，分不清哪里是一格，请改好这些行再导入",
    "Lines {lines} have quotes that do not pair up, so cells cannot be told apart; mend them and try again",
)
EMPTY = Text("文件里没有数据，请检查是否选对文件", "The file holds no data; check whether it is the right file")
NO_HEADER = Text(
    "第一行像数据，没有表头，各列暂称 A、B、C",
    "The first line looks like data, so there is no header; columns are called A, B, C",
)
JOINED = Text("第 {lines} 行合并为一个表头", "Lines {lines} are joined into one header")
SKIPPED_ABOVE = Text("表头上方的 {count} 行说明没有导入", "{count} lines above the header are left out")
SKIPPED_BELOW = Text("表格下方的第 {lines} 行说明没有导入", "Lines {lines} below the table are left out")
REPEATED_HEADER = Text(
    "第 {lines} 行重复了表头或小标题，没有导入",
    "Lines {lines} repeat the header or a title and are left out",
)
REPEATED_TABLE = Text(
    "第 {lines} 行起与上面的表完全相同，没有导入",
    "From line {lines} on the table above is repeated, so that part is left out",
)
LIKE_TOTAL = Text(
    "第 {lines} 行像合计或说明，仍按数据行保留，请核对",
    "Line {lines} looks like a total or a remark and is kept as a row; please check",
)
MENDED = Text(
    "第 {lines} 行多了或少了空格子，已按各列内容对齐，请核对",
    "Lines {lines} had an extra or missing empty cell and are aligned by content; please check",
)
REQUOTED = Text(
    "第 {lines} 行有多余的引号，按普通文字保留，请核对",
    "Lines {lines} have a stray quote, which is kept as text; please check",
)


@dataclass(frozen=True, slots=True)
class Note:
    """A remark about how the file was read, with its figures; a warning asks to be looked at."""

    text: Text
    values: tuple[tuple[str, object], ...] = ()
    is_warning: bool = False

    def say(self, language: Language) -> str:
        """The remark in one language."""
        return self.text.say(language, **dict(self.values))


def note(text: Text, **values: object) -> Note:
    """A remark with its figures."""
    return Note(text, tuple(values.items()))


def warning(text: Text, **values: object) -> Note:
    """A remark somebody should look at before going on."""
    return Note(text, tuple(values.items()), is_warning=True)


def listed(lines: Sequence[int]) -> str:
    """Line numbers for a sentence: the first few, then how many more."""
    shown = ", ".join(str(line) for line in lines[:LISTED_LINES])
    return f"{shown} … (+{len(lines) - LISTED_LINES})" if len(lines) > LISTED_LINES else shown
