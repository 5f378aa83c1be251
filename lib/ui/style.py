"""The few rules of layout Streamlit has no setting for, and its own English words said in the person's language."""

from __future__ import annotations

from functools import cache
from typing import Final

from lib.text import Language, Text

_RULES: Final = (
    # Streamlit's own download of a table knows neither permission, audit nor formulas; `downloads.export` does.
    '[data-testid="stElementToolbar"] button[aria-label^="Download"] { display: none; }',
    # Long switches wrap instead of running off a phone, and are as tall as the fields beside them.
    '[data-testid="stButtonGroup"] [role="radiogroup"] { flex-wrap: wrap; }',
    '.st-key-filters [data-testid="stButtonGroup"] button { min-height: 2.5rem; }',
    # A matrix of many columns scrolls by itself on a phone instead of growing unreadable; five fit.
    '[class*="st-key-wide_"] { overflow-x: auto; }',
    *(f'[class*="st-key-wide_{count}_"] > * {{ min-width: {80 + 62 * count}px; }}' for count in range(5, 16)),
    # What happened stands in a column behind its day.
    ".st-key-timeline p > span:first-child { display: inline-block; min-width: 7em; font-variant-numeric: tabular-nums; }",
    # Tables need the room more than the margin does.
    '@media (min-width: 60rem) { [data-testid="stMainBlockContainer"] { padding-inline: 2.5rem; } }',
)
_OWN_WORDS: Final = {
    '[data-testid="stFileUploaderDropzone"] button [data-testid="stMarkdownContainer"] p': Text("选择文件", "Choose a file"),
    '[data-testid="stFileUploaderDropzoneInstructions"] span': Text("或把文件拖到这里", "or drop it here"),
    '[data-testid="stSelectboxVirtualDropdownEmpty"]': Text("没有可选的了", "Nothing left to choose"),
    '[data-testid="stMainMenuItem-theme-System"]': Text("系统", "System"),
    '[data-testid="stMainMenuItem-theme-Light"]': Text("浅色", "Light"),
    '[data-testid="stMainMenuItem-theme-Dark"]': Text("深色", "Dark"),
    '[data-testid="stMainMenuItem-print"] [data-testid="stMainMenuItemLabel"]': Text("打印", "Print"),
    '[data-testid="stMainMenuItem-recordScreencast"] [data-testid="stMainMenuItemLabel"]': Text("录制屏幕", "Record the screen"),
}
"""What Streamlit says in English whatever the language, by where it says it."""


@cache
def sheet(language: Language) -> str:
    """The style of every page."""
    words = (
        f"{place} {{ font-size: 0 !important; }} {place}::after {{ content: '{word.say(language)}'; font-size: 0.9375rem; }}"
        for place, word in _OWN_WORDS.items()
    )
    return f"<style>{' '.join((*_RULES, *words))}</style>"
