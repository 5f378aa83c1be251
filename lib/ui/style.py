"""The few rules of layout Streamlit has no setting for, and its own English words said in the person's language."""

from __future__ import annotations

from functools import cache
from typing import Final

from lib.colours import LIGHT
from lib.text import Language, Text

_PRESSED: Final = tuple(
    f'[data-testid="stMain"] {pressed}'
    for pressed in (
        *(f'[data-testid^="stBaseButton-{kind}"]' for kind in ("primary", "secondary", "tertiary")),
        '[data-testid="stButtonGroup"] button',
        '[data-testid="stPopoverButton"]',
        '[data-testid="stPageLink-NavLink"]',
        '[data-testid="stExpander"] summary',
        '[data-baseweb="select"] > div',
    )
)
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
    # In the meeting: large type for the far end of the table, one section to a screen, fingers on a phone.
    '[data-testid="stMain"]:has(.st-key-review_live) [data-testid="stElementContainer"]:has(h1) { display: none; }',
    '[data-testid="stMain"]:has(.st-key-review_live) [data-testid="stElementContainer"]:has(h1) + * { display: none; }',
    ".st-key-review_live .review-drawing img.wide { max-height: 30vh; width: auto; max-width: 100%; margin-inline: auto; }",
    ".st-key-review_live p, .st-key-review_live li { font-size: 1.125rem; }",
    '.st-key-review_live [data-testid="stCaptionContainer"] p { font-size: 1rem; }',
    ".st-key-review_live button { min-height: 44px; }",
    # Which week and currency are chosen before; a phone in the meeting has no room for them.
    "@media (max-width: 40rem) { :has(.st-key-review_live) .st-key-review_bar > :not(:last-child) { display: none; } }",
    '[class*="st-key-line_"] { padding-block: 0.375rem; }',
    # On a phone a line's words take its whole width, and what can be done stands below them.
    '@media (max-width: 40rem) { [class*="st-key-line_"] { flex-wrap: wrap; } }',
    '@media (max-width: 40rem) { [class*="st-key-line_"] > :first-child { flex-basis: 100%; } }',
    "@media (max-width: 40rem) { .st-key-review_way [role=radiogroup] button { padding-inline: 0.5rem; } }",
    "@media (max-width: 40rem) { .st-key-review_way [role=radiogroup] p { font-size: 1rem; } }",
    # Whatever is pressed on a phone takes a finger.
    f"@media (max-width: 40rem) {{ {', '.join(_PRESSED)} {{ min-height: 44px; }} }}",
    # No keyboard, no shortcut to tell of; what is tapped all day is as tall as a finger.
    "@media (max-width: 40rem) { button kbd { display: none !important; } }",
    '@media (max-width: 40rem) { [class*="st-key-do-"] :is(button, a) { min-height: 2.75rem; padding-inline: 0.5rem !important; } }',
    ".review-drawing img { display: block; width: 100%; height: auto; }",
    "@media (max-width: 40rem) { .review-drawing img.wide { display: none; } }",
    "@media (min-width: 40rem) { .review-drawing img.narrow { display: none; } }",
    "@media (max-width: 40rem) { .st-key-review_keys { display: none; } }",
    # The browser counts the minutes of a section by itself, from how many seconds were spent when it was drawn.
    # (The page is cleaned of styles in which a tag could stand: < and > are written as what they are in CSS.)
    "@property --minute { syntax: '\\3c integer\\3e '; initial-value: 0; inherits: false; }",
    "@keyframes review-minute { to { --minute: 120; } }",
    "@keyframes review-bar { from { transform: scaleX(0); } to { transform: scaleX(1); } }",
    "@keyframes review-late { from { visibility: hidden; } to { visibility: visible; } }",
    f".review-timer {{ height: 8px; border-radius: 4px; overflow: hidden; background: {LIGHT.neutral}55; }}",
    f".review-timer i {{ display: block; height: 100%; background: {LIGHT.better}; transform-origin: left; }}",
    ".review-timer i { animation: review-bar var(--minutes) linear var(--spent) both; }",
    ".review-spent { counter-reset: minute var(--minute); font-variant-numeric: tabular-nums; }",
    ".review-spent { animation: review-minute 7200s linear var(--spent) both; }",
    ".review-spent::before { content: counter(minute); }",
    f".review-late {{ color: {LIGHT.worse}; font-weight: 600; animation: review-late 1ms steps(1) var(--late) both; }}",
    # Tables need the room more than the margin does.
    '@media (min-width: 60rem) { [data-testid="stMainBlockContainer"] { padding-inline: 2.5rem; } }',
)
_OWN_WORDS: Final = {
    '[data-testid="stFileUploaderDropzone"] button [data-testid="stMarkdownContainer"] p': Text("选择文件", "Choose a file"),
    '[data-testid="stFileUploaderDropzoneInstructions"] span': Text("或把文件拖到这里", "or drop it here"),
    '[role="option"][data-key="__creatable__"] > div': Text("查找输入的内容", "Look up what was typed"),
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
