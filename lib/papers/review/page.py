"""The week as one HTML file for phone and mail: drawings inside, no scripts, nothing fetched, light or dark as the reader has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from html import escape
from itertools import groupby
from typing import Final

from lib import formats
from lib.colours import DARK, FONT, LIGHT, Palette
from lib.metrics.metric import GROUPS
from lib.papers.review import words
from lib.papers.review.words import Item, Said, Section
from lib.review.drawing import svg
from lib.text import Text

_NAMED: Final = ("ink", "muted", "grid", "band", "paper", "better", "worse", "worse_text", "neutral")
_INK: Final = replace(
    LIGHT,
    ink="var(--ink)",
    muted="var(--muted)",
    band="var(--band)",
    paper="var(--paper)",
    better="var(--better)",
    worse="var(--worse)",
    neutral="var(--neutral)",
)
"""Colours by name: what they are is said by the reader's theme."""
_SIGNALS_ON_PHONE, _ROWS_ON_PHONE = 3, 5
_ALL: Final = Text("看全部 {count} 条", "Show all {count}")
_SHORT: Final = 14
"""Letters of a cell that stays in one line."""
_BIG, _SMALL = (360, 150), (360, 120)


def html(said: Said) -> str:
    """The whole page. Everything a person wrote is escaped."""
    title = escape(f"{said.title} · {said.week}")
    head = (
        f'<!doctype html>\n<html lang="{said.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{_STYLE}</style></head>"
    )
    body = "".join(
        (
            *_top(said),
            _nav(said),
            *_signals(said),
            *(_section(said, section) for section in said.sections if section.rows),
            _empty(said),
            *_board(said),
            _foot(said),
        )
    )
    return f"{head}<body><main>{body}</main></body></html>\n"


def _top(said: Said) -> Iterator[str]:
    yield f"<header><h1>{escape(said.title)}</h1><p class=muted>{escape(' · '.join(filter(None, (said.week, said.company))))}</p></header>"
    yield f"<p class=headline>{escape(said.headline)}</p>"
    if said.link.startswith(("https://", "http://")):
        yield f'<p><a href="{escape(said.link)}">{words.LINK.say(said.language)}</a></p>'


def _nav(said: Said) -> str:
    """One tap to each part."""
    parts = [("signals", words.SIGNALS.say(said.language)), *((one.name, one.sheet.title) for one in said.sections if one.rows)]
    links = "".join(f'<a href="#{name}">{escape(title)}</a>' for name, title in (*parts, ("board", words.BOARD.say(said.language))))
    return f"<nav>{links}</nav>"


def _signals(said: Said) -> Iterator[str]:
    yield f"<h2 id=signals>{words.SIGNALS.say(said.language)}</h2>"
    if not said.signals:
        yield f"<p class=muted>{words.NO_SIGNALS.say(said.language)}</p>"
        return
    yield f"<div class=list>{_rest('signals', len(said.signals), _SIGNALS_ON_PHONE, said)}<div class=cards>"
    word = words.DEFINITION.say(said.language)
    for item in said.signals:
        drawn = svg(item.line, said.language, said.pack.currency, _INK, _BIG, item.around)
        yield f"<article>{_figures(item)}<p class=muted>{_why(said, item)}</p>{drawn}{_below(item, word)}</article>"
    yield "</div></div>"
    yield f"<p class=small>{escape(said.budget)}</p>"


def _figures(item: Item) -> str:
    """Name, number, change and verdict of one metric."""
    said = f"<b class={item.line.verdict}>{escape(item.verdict)}</b>"
    return f"<h3>{escape(item.label)}</h3><p class=value>{escape(item.value)} <span>{escape(item.change)}</span> {said}</p>"


def _why(said: Said, item: Item) -> str:
    language = said.language
    parts = [f"{words.BEFORE.say(language)} {item.before}", item.why, f"{words.TARGET.say(language)} {item.target}" if item.target else ""]
    return escape(" · ".join(filter(None, parts)))


def _below(item: Item, word: str) -> str:
    """What is drawn, what was done about it, and what the number means."""
    told = "".join(f"<p class=small>{escape(one)}</p>" for one in (*item.done, item.drawn) if one)
    return f"{told}<details class=means><summary>{word}</summary><p class=small>{escape(item.definition)}</p></details>"


def _rest(name: str, count: int, most: int, said: Said) -> str:
    """On a phone what comes after the first is shown at a tap: a box to tick, as the page has no scripts."""
    if count <= most:
        return ""
    label = f"<label for=all-{name}>{_ALL.say(said.language, count=count)}</label>"
    return f"<input type=checkbox class=all id=all-{name}>{label}"


def _empty(said: Said) -> str:
    return f"<p class='muted empty'>{escape(words.empty(said))}</p>"


def _section(said: Said, section: Section) -> str:
    title = f"<h2 id={section.name}>{escape(section.sheet.title)}</h2>"
    heads = [escape(column.label.say(said.language)) for column in section.sheet.columns]
    if len(section.rows) == 1:
        pairs = (f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in words.pairs(section))
        return f"{title}<dl class=one>{''.join(pairs)}</dl>"
    figures = [column.shape in words.FIGURES for column in section.sheet.columns]
    kinds = ["n" if figure else _kind(cells) for figure, cells in zip(figures, zip(heads, *section.rows, strict=True), strict=True)]
    top = "".join(f"<th class={kind}>{head}</th>" for head, kind in zip(heads, kinds, strict=True))
    rows = "".join(f"<tr>{_cells(heads, kinds, row)}</tr>" for row in section.rows)
    all_ = _rest(section.name, len(section.rows), _ROWS_ON_PHONE, said)
    is_narrow = sum(words.shares(heads, section.rows)) < words.NARROW
    look = "'list narrow'" if is_narrow else "list"
    return f"{title}<div class={look}>{all_}<table><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table></div>"


def _kind(cells: Sequence[str]) -> str:
    """Words that are short all the way down are never broken."""
    head, *rest = cells
    is_short = max(map(formats.width, (*head.split(), *rest))) <= _SHORT
    return "s" if is_short else "w"


def _cells(heads: list[str], kinds: list[str], row: tuple[str, ...]) -> str:
    """Each cell knows its head: on a phone a row stands as a list of both, without what is missing."""
    told = [f"{kind} none" if cell == formats.MISSING else kind for kind, cell in zip(kinds, row, strict=True)]
    cells = zip(heads, told, row, strict=True)
    return "".join(f'<td class="{kind}" data-head="{head}"><span>{escape(cell)}</span></td>' for head, kind, cell in cells)


def _board(said: Said) -> Iterator[str]:
    """Every metric, closed; open, its weeks and its definition."""
    word = words.DEFINITION.say(said.language)
    yield f"<h2 id=board>{words.BOARD.say(said.language)}</h2>"
    for group, items in groupby(said.items, lambda item: item.metric.group):
        yield f"<h3 class=group>{escape(GROUPS[group].say(said.language))}</h3>"
        for item in items:
            line = (
                f"<span>{escape(item.label)}</span><span class=n>{escape(item.value)}</span>"
                f"<b class={item.line.verdict}>{escape(item.verdict)}</b>"
            )
            drawn = svg(item.line, said.language, said.pack.currency, _INK, _SMALL, item.around)
            about = f"<p class=muted>{escape(item.change)} · {_why(said, item)}</p>"
            yield f"<details><summary>{line}</summary>{about}{drawn}{_below(item, word)}</details>"


def _foot(said: Said) -> str:
    notes = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in said.notes)
    return f"<footer><dl>{notes}</dl></footer>"


def _colours(colours: Palette) -> str:
    found = asdict(colours)
    return "".join(f"--{name}:{found[name]};" for name in _NAMED)


_STYLE: Final = (
    f":root{{color-scheme:light dark;{_colours(LIGHT)}}}@media(prefers-color-scheme:dark){{:root{{{_colours(DARK)}}}}}"
    f"body{{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 {FONT};font-variant-numeric:tabular-nums}}"
    "main{box-sizing:border-box;max-width:1080px;margin:0 auto;padding:16px;overflow-wrap:anywhere}"
    "h1{margin:0;font-size:24px}.empty{margin-top:32px}"
    "h2{margin:32px 0 8px;font-size:20px}h3{margin:0;font-size:16px}.group{margin:16px 0 4px;color:var(--muted)}"
    "p{margin:4px 0}.muted,.small,dt{color:var(--muted)}.small{font-size:14px}.headline{margin:12px 0;font-size:18px}a{color:var(--better)}"
    ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(320px,100%),1fr));gap:12px}"
    "article{min-width:0;padding:12px;border:1px solid var(--grid);border-radius:8px}"
    "svg{display:block;width:100%;height:auto;max-width:560px}"
    ".value{font-size:22px}.value span{font-size:16px;color:var(--muted)}b{font-size:16px;font-weight:600;color:var(--muted)}"
    "b.worse{color:var(--worse_text)}b.better{color:var(--better)}"
    "table{width:100%;border-collapse:collapse;font-size:15px}th{color:var(--muted);font-weight:400;text-align:left}"
    "th,td{padding:6px 8px;border-bottom:1px solid var(--grid);vertical-align:top}"
    ".n{text-align:right;white-space:nowrap}th.n{white-space:normal}.s{overflow-wrap:normal}td.s{white-space:nowrap}"
    "summary{display:grid;grid-template-columns:1fr auto 7.5em;gap:12px;align-items:center;min-height:44px;cursor:pointer;"
    "border-bottom:1px solid var(--grid)}details[open]{padding-bottom:12px}footer{margin-top:32px;border-top:1px solid var(--grid)}"
    "nav{display:flex;flex-wrap:wrap;gap:8px;margin-top:12px}nav a{display:flex;align-items:center;min-height:44px;padding:0 12px;"
    "border:1px solid var(--grid);border-radius:8px;color:var(--ink);text-decoration:none}"
    ".narrow{max-width:560px}.all,.all+label{display:none}"
    ".means summary{display:list-item;min-height:0;padding:8px 0;border:0;font-size:14px;color:var(--muted)}"
    "details.means[open]{padding-bottom:0}"
    "dl{display:grid;grid-template-columns:auto 1fr;gap:2px 16px;font-size:14px}dl.one{gap:4px 16px;font-size:16px}dd{margin:0}"
    "@media(max-width:640px){thead{display:none}table,tbody,tr{display:block}tr{padding:8px 0;border-bottom:1px solid var(--grid)}"
    "td,td.n{display:inline-block;max-width:100%;margin-right:14px;padding:0;border:0;font-size:16px;text-align:left;white-space:normal}"
    "td::before{content:attr(data-head);margin-right:5px;color:var(--muted);font-size:14px}"
    "nav{flex-wrap:nowrap;overflow-x:auto}nav a{flex:none}td.none{display:none}"
    "td:first-child{display:block;font-weight:600}td:first-child::before{content:none}"
    "summary{grid-template-columns:1fr auto;padding:4px 0}summary b{grid-column:1/-1}summary b.neutral,summary b.unknown{display:none}"
    "td.s{white-space:normal}"
    ".all{display:block;position:absolute;opacity:0}.all+label{display:flex;justify-content:center;align-items:center;min-height:44px;"
    "margin:8px 0;border:1px solid var(--grid);border-radius:8px}.all:focus-visible+label{outline:2px solid var(--better)}"
    ".all:checked+label{display:none}.list{display:flex;flex-direction:column}.list .all+label{order:1}"
    ".all:not(:checked)~table tbody tr:nth-child(n+6),.all:not(:checked)~.cards article:nth-child(n+4){display:none}}"
)
