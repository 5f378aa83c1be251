"""The page a customer answers a survey on, as plain HTML: one screen of a phone, no script, nothing from elsewhere, no cookie.

It says who asks and nothing else about anybody. Every text that is not our own is escaped where it is put in.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from html import escape
from typing import Final

from lib import formats
from lib.colours import DARK, FONT, LIGHT, Palette
from lib.commands.sight import LONGEST_TEXT
from lib.domain import kinds
from lib.domain.sender import Sender
from lib.domain.surveys import MARKS, POINTS, Questions
from lib.text import LANGUAGES, Language, Text
from lib.ui import brand

_MOST_ROWS: Final = 7
"""So many points with their words fit one below the other on the screen of a phone."""
_TITLE: Final = Text("满意度问卷", "Survey")
_TITLE_OF: Final = Text("{company} · 满意度问卷", "{company} · Survey")
_OPTIONAL: Final = Text("可不填", "optional")
_MARKS: Final = Text("给几个方面打分", "Marks for some aspects")
_NO_MARK: Final = Text("不评", "n/a")
_SEND: Final = Text("提交", "Send")
_OTHER: Final[Mapping[Language, tuple[str, str]]] = {"zh": ("en", "English"), "en": ("zh", "中文")}
_USE: Final = Text(
    "您的回答由{company}的客户团队查看，只用于改进服务。{closes_on}前有效。",
    "Your answer is read by the customer team of {company} and used only to serve you better. Open until {closes_on}.",
)
_USE_NAMELESS: Final = Text(
    "您的回答由我们的客户团队查看，只用于改进服务。{closes_on}前有效。",
    "Your answer is read by our customer team and used only to serve you better. Open until {closes_on}.",
)
_THANKS: Final = Text("谢谢，您的回答已收到。", "Thank you. We have your answer.")
_THANKS_MORE: Final = Text("可以关闭这个页面了。", "You can close this page now.")
_PHONE: Final = Text("还有要说的，请拨打 {phone}。", "If there is more to say, call {phone}.")
_GONE: Final = Text("这个链接已失效", "This link no longer works")
_GONE_WHY: Final = Text(
    "调查可能已经结束，或链接不完整。请从收到的消息里重新打开，或联系给您发链接的人。",
    "The survey may be over, or the link is not complete. Open it again from the message you received, or ask who sent it to you.",
)
_BUSY: Final = Text("请稍等", "Please wait")
_BUSY_WHY: Final = Text("请在 {seconds} 秒后再试。", "Please try again in {seconds} seconds.")
_BAD: Final = Text("没有收到回答", "Nothing was received")
_BAD_WHY: Final = Text("请回到问卷，重新填写后提交。", "Go back to the survey, fill it in again and send it.")


@dataclass(frozen=True, slots=True)
class Given:
    """What the customer has filled in so far."""

    score: int | None = None
    comment: str = ""
    aspects: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One survey to fill in. trouble: what is wrong, by field ('score', 'comment', or '' for all of it), as sentences."""

    metric: str
    questions: Questions
    closes_on: date
    company: Sender
    language: Language
    given: Given = field(default_factory=Given)
    trouble: Mapping[str, str] = field(default_factory=dict)


def sheet(asked: Sheet) -> str:
    """The survey with what was filled in and what is wrong with it."""
    say = asked.language
    language, label = _OTHER[say]
    body = f"""
<form method="post" accept-charset="utf-8" novalidate>
<button class="first" name="send" value="1" tabindex="-1" aria-hidden="true"></button>
<input type="hidden" name="said" value="{say}">
<div class="top"><p class="company">{_safe(asked.company.called(say))}</p>
<button class="switch" name="language" value="{language}" lang="{_tag(language)}" formnovalidate>{label}</button></div>
{_trouble(asked, "")}
{_score(asked)}
{_comment(asked)}
{_aspects(asked)}
<button class="send" name="send" value="1">{_SEND.say(say)}</button>
<p class="small">{_use(asked)}</p>
</form>"""
    company = asked.company.called(say)
    return _page(say, _TITLE_OF.say(say, company=company) if company else _TITLE.say(say), body)


def thanks(company: Sender, language: Language) -> str:
    """What one reads after answering, and whenever the link is opened again."""
    more = f"<p>{_safe(_PHONE.say(language, phone=company.phone))}</p>" if company.phone else ""
    body = f"""<p class="company">{_safe(company.called(language))}</p>
<div class="said" role="status"><h1>{_THANKS.say(language)}</h1><p>{_THANKS_MORE.say(language)}</p>{more}</div>"""
    return _page(language, _TITLE.say(language), body)


def gone() -> str:
    """What one reads behind a link that opens nothing, whatever the reason, in both languages."""
    return _told(_GONE, _GONE_WHY)


def busy(seconds: int) -> str:
    """What who tries too many links reads."""
    return _told(_BUSY, _BUSY_WHY, seconds=seconds)


def bad() -> str:
    """What one reads after sending what no form sends."""
    return _told(_BAD, _BAD_WHY)


def _told(title: Text, why: Text, **values: object) -> str:
    parts = (f'<div class="said" lang="{_tag(one)}"><h1>{title.say(one)}</h1><p>{why.say(one, **values)}</p></div>' for one in LANGUAGES)
    return _page("zh", f"{title.zh} · {title.en}", "".join(parts))


def _score(asked: Sheet) -> str:
    say, points = asked.language, POINTS[asked.metric]
    # A scale of many points is a row of numbers with the chosen one's words below; a short one has room for its words.
    kind = "many" if len(points) > _MOST_ROWS else "few"
    first = min(points)
    options = "".join(
        f"""<label class="point"><input type="radio" name="score" value="{value}"{_mark(value == asked.given.score, "checked")}"""
        f"""{_mark(value == first, "required")}{_mark(value == first and "score" in asked.trouble, "autofocus")}>"""
        f"""<b>{value}</b><i>{_safe(words.say(say))}</i></label>"""
        for value, words in points.items()
    )
    ends = f'<p class="ends"><span>{_end(points, first, say)}</span><span>{_end(points, max(points), say)}</span></p>'
    return f"""<fieldset{_describes(asked, "score")}><legend class="ask">{_safe(asked.questions.score.say(say))}</legend>
<div class="{kind}">{options}</div>{ends if kind == "many" else ""}{_trouble(asked, "score")}</fieldset>"""


def _comment(asked: Sheet) -> str:
    say = asked.language
    return f"""<div class="part"><label class="ask" for="comment">{_safe(asked.questions.why.say(say))}
<span class="small">({_OPTIONAL.say(say)})</span></label>
<textarea id="comment" name="comment" rows="3" maxlength="{LONGEST_TEXT}"{_describes(asked, "comment")}>
{_safe(asked.given.comment)}</textarea>{_trouble(asked, "comment")}</div>"""


def _aspects(asked: Sheet) -> str:
    if not asked.questions.aspects:
        return ""
    say = asked.language
    rows = "".join(_aspect(asked, aspect) for aspect in asked.questions.aspects)
    opened = _mark(bool(asked.given.aspects), "open")
    return f"""<details{opened}><summary class="ask">{_MARKS.say(say)} <span class="small">({_OPTIONAL.say(say)})</span></summary>
<p class="small">{_ends(say)}</p>{rows}</details>"""


def _aspect(asked: Sheet, aspect: str) -> str:
    say, given = asked.language, asked.given.aspects.get(aspect)
    options = [("", _NO_MARK.say(say), "", given is None)]
    options += [(str(mark), str(mark), words.say(say), mark == given) for mark, words in MARKS.items()]
    buttons = "".join(
        f"""<label class="point"><input type="radio" name="aspect-{aspect}" value="{value}"{_mark(chosen, "checked")}>"""
        f"""<b>{shown}</b>{f"<i>{words}</i>" if words else ""}</label>"""
        for value, shown, words, chosen in options
    )
    return f'<fieldset class="aspect"><legend>{_safe(kinds.ASPECT[aspect].say(say))}</legend><div class="many">{buttons}</div></fieldset>'


def _ends(language: Language) -> str:
    return " · ".join(_end(MARKS, mark, language) for mark in (min(MARKS), max(MARKS)))


def _end(points: Mapping[int, Text], value: int, language: Language) -> str:
    return f"{value} {_safe(points[value].say(language))}"


def _use(asked: Sheet) -> str:
    say, company = asked.language, asked.company.called(asked.language)
    day = formats.full_date(asked.closes_on, say)
    return _safe(_USE.say(say, company=company, closes_on=day) if company else _USE_NAMELESS.say(say, closes_on=day))


def _trouble(asked: Sheet, about: str) -> str:
    said = asked.trouble.get(about)
    return f'<p class="trouble" id="trouble-{about}" role="alert">{_safe(said)}</p>' if said else ""


def _describes(asked: Sheet, about: str) -> str:
    return f' aria-describedby="trouble-{about}" aria-invalid="true"' if about in asked.trouble else ""


def _mark(given: bool, name: str) -> str:  # noqa: FBT001 (an attribute of HTML is there or not)
    return f" {name}" if given else ""


def _safe(value: str | None) -> str:
    return escape(value or "")


def _tag(language: str) -> str:
    return "zh-CN" if language == "zh" else "en"


def _page(language: Language, title: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="{_tag(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{_safe(title)}</title>
<link rel="icon" href="{brand.FAVICON_PATH}">
<style>{_STYLE}</style>
</head>
<body><main>{body}</main></body>
</html>"""


def _colours(colours: Palette) -> str:
    named = {
        "ink": colours.ink,
        "muted": colours.muted,
        "line": colours.grid,
        "field": colours.neutral,
        "back": colours.band,
        "paper": colours.paper,
        "strong": colours.better,
        "on-strong": colours.on_dark,
        "wrong": colours.worse_text,
    }
    return "".join(f"--{name}:{value};" for name, value in named.items())


_STYLE: Final = (
    f":root{{color-scheme:light dark;{_colours(LIGHT)}}}"
    f"@media(prefers-color-scheme:dark){{:root{{{_colours(DARK)}}}}}"
    f"body{{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 {FONT};}}"
    "main{box-sizing:border-box;max-width:36rem;min-height:100vh;margin:0 auto;padding:16px;background:var(--paper);overflow-wrap:anywhere}"
    ".top{display:flex;align-items:center;justify-content:space-between;gap:12px;margin-bottom:12px}"
    ".company{margin:0;color:var(--muted);font-weight:600}"
    "form{position:relative}"
    ".first,input[type=radio]{position:absolute;opacity:0;width:1px;height:1px;margin:0;padding:0;border:0;pointer-events:none}"
    "fieldset,.part{min-width:0;margin:0 0 16px;padding:0;border:0}"
    ".ask{display:block;margin-bottom:8px;padding:0;font-size:18px;font-weight:600;line-height:1.35}"
    ".small{margin:0 0 8px;color:var(--muted);font-size:14px;font-weight:400}"
    ".point{position:relative;display:flex;align-items:center;gap:10px;min-height:44px;padding:0 12px;box-sizing:border-box;"
    "border:1px solid var(--field);border-radius:8px;cursor:pointer}"
    ".point b{min-width:1.2em;font-weight:600;text-align:center}.point i{font-style:normal}"
    ".point:has(:checked){background:var(--strong);border-color:var(--strong);color:var(--on-strong)}"
    '.point:has([value=""]:checked){background:var(--back);border-color:var(--field);color:var(--ink)}'
    ".few{display:grid;gap:6px}"
    ".many{display:grid;grid-template-columns:repeat(6,1fr);gap:6px}"
    ".many{position:relative;margin-bottom:28px}.many .point{position:static;justify-content:center;padding:0;min-height:48px}"
    # The words of a point are read out with it, and seen once it is chosen: below the scale, for an aspect beside its name.
    ".many i{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}"
    ".many :checked~i{top:100%;left:0;width:100%;height:auto;clip-path:none;color:var(--ink);font-weight:600;text-align:center}"
    ".aspect .many{margin-bottom:0}.aspect :checked~i{top:auto;bottom:100%;padding-bottom:4px;text-align:right}"
    ".ends{display:flex;justify-content:space-between;margin:0;color:var(--muted);font-size:14px}"
    "textarea{display:block;box-sizing:border-box;width:100%;padding:10px 12px;border:1px solid var(--field);border-radius:8px;"
    "background:var(--paper);color:var(--ink);font:inherit;resize:vertical}"
    "details{margin-bottom:16px}summary{min-height:44px;line-height:44px;margin:0;cursor:pointer}"
    "summary.ask{display:list-item;margin:0}.aspect{margin-bottom:12px}.aspect legend{margin-bottom:4px;padding:0}"
    "button{font:inherit;cursor:pointer}"
    ".switch{min-width:72px;min-height:44px;border:1px solid var(--line);border-radius:8px;background:none;color:var(--ink)}"
    ".send{display:block;width:100%;min-height:52px;margin-bottom:12px;border:0;border-radius:8px;background:var(--strong);"
    "color:var(--on-strong);font-size:18px;font-weight:600}"
    ".trouble{margin:6px 0 0;color:var(--wrong);font-weight:600}"
    ".point:focus-within,textarea:focus,button:focus-visible,summary:focus-visible{outline:3px solid var(--strong);outline-offset:2px}"
    ".said{margin-top:24px}.said h1{margin:0 0 8px;font-size:22px}.said p{margin:0 0 8px}"
    "@media(min-width:36rem){main{padding:32px}.many{grid-template-columns:repeat(11,1fr)}"
    ".aspect .many{grid-template-columns:repeat(6,1fr)}}"
    "@media(forced-colors:active){.point:has(:checked){outline:3px solid}}"
)
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
"""What this page may do: its own style, its icon, sending its form home."""
