"""A rule's values in words, and as fields of a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.domain.policies import Body, Field, Kind, Rows, values
from lib.text import Language, Text
from lib.ui import forms, page, session
from lib.ui.forms import Form

_ADD: Final = Text("加一行", "Add a row")
_REMOVE: Final = Text("删掉第 {row} 行", "Remove row {row}")
_PERCENT: Final = Text("{label}（%）", "{label} (%)")
_CLOSED: Final = Text("不上班", "closed")
_NOBODY: Final = Text("无", "none")
_CHANGE: Final = Text("{label}：{old} → {new}", "{label}: {old} → {new}")
_AND: Final = Text("、", ", ")


def said(one: Field | Rows, value: Any, language: Language) -> str:  # noqa: ANN401 (each field has its type)
    """One value of a rule as a person reads it."""
    if value is None:
        return formats.MISSING
    if isinstance(one, Rows):
        return "; ".join(" ".join(said(column, row.get(column.path), language) for column in one.columns) for row in value)
    if one.shape == "several":
        return _AND.say(language).join(one.choices[item].say(language) for item in value if item in one.choices) or _NOBODY.say(language)
    if one.shape in ("choice", "text", "times"):
        return one.choices[value].say(language) if value in one.choices else str(value) or _CLOSED.say(language)
    exact = Decimal(str(value))
    if one.shape == "amount":
        return formats.money(exact, str(session.settings()["base_currency"]), language)
    return f"{_plain(exact * 100)}%" if one.shape == "rate" else _plain(exact)


def changed(different: Sequence[tuple[Field | Rows, Any, Any]], language: Language) -> list[str]:
    """What differs between two rules, a sentence for each field."""
    return [
        _CHANGE.say(language, label=_label(one), old=said(one, old, language), new=said(one, new, language)) for one, old, new in different
    ]


def fields(form: Form, kind: Kind, body: Body) -> dict[str, Any]:
    """The rule as fields that start with what a body says; gives what stands in them, by path."""
    start = values(kind, body)
    given: dict[str, Any] = {}
    under = None
    for one in kind.fields:
        if one.under and one.under != under:
            st.markdown(f"**{session.say(one.under)}**")
        under = one.under
        given[one.path] = _rows(form, one, start[one.path]) if isinstance(one, Rows) else _field(form, one, one.path, start[one.path])
    return given


def fill(form: Form, kind: Kind, body: Body) -> None:
    """Put a rule's values into the fields before they are drawn."""
    for one in kind.fields:
        value = values(kind, body)[one.path]
        if not isinstance(one, Rows):
            form.put(one.path, _typed(one, value))
            continue
        form.put(_count(one), len(value))
        for number, row in enumerate(value):
            for column in one.columns:
                form.put(_cell(one, number, column), _typed(column, row.get(column.path)))


def _label(one: Field | Rows) -> Text:
    return Text(f"{one.under.zh} · {one.label.zh}", f"{one.under.en} · {one.label.en}") if one.under else one.label


def _plain(number: Decimal) -> str:
    """A number without zeros nobody wrote."""
    return f"{number.normalize():,f}"


def _field(form: Form, one: Field, name: str, value: Any) -> Any:  # noqa: ANN401
    form.start(name, _typed(one, value))
    label = session.say(_PERCENT, label=one.label) if one.shape == "rate" else session.say(one.label)
    help_text = session.say(one.about) if one.about else None
    if one.shape == "amount":
        return forms.amount(form, name, one.label, currency=str(session.settings()["base_currency"]))
    if one.shape == "several":
        spoken = {code: session.say(word) for code, word in one.choices.items()}
        return forms.field(form, name, st.pills, label, options=list(spoken), selection_mode="multi", format_func=spoken.get, wrap=True)
    if one.shape == "choice":
        words = {code: session.say(word) for code, word in one.choices.items()}
        return forms.field(form, name, st.selectbox, label, options=list(words), format_func=lambda code: words.get(code, code))
    if one.shape in ("text", "times"):
        draw, more = (st.text_area, {"height": 90}) if one.shape == "text" else (st.text_input, {"placeholder": session.say(_CLOSED)})
        return forms.field(form, name, draw, label, help=help_text, **more)
    if one.shape == "whole":
        return forms.field(form, name, st.number_input, label, value=None, step=1, help=help_text, placeholder="0")
    given = forms.field(form, name, st.number_input, label, value=None, step=1.0, format="%.10g", help=help_text, placeholder="0")
    return given if given is None or one.shape == "number" else Decimal(str(given)) / 100


def _typed(one: Field, value: Any) -> Any:  # noqa: ANN401
    """A value as its widget holds it."""
    if value is None:
        return [] if one.shape == "several" else "" if one.shape in ("amount", "text", "times") else None
    if one.shape == "amount":
        return f"{Decimal(str(value)):,.2f}"
    if one.shape == "rate":
        return float(Decimal(str(value)) * 100)
    return float(value) if one.shape == "number" else value


def _rows(form: Form, one: Rows, start: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """Row by row, with a button to take one out and one to add another."""
    form.start(_count(one), len(start or ()))
    count = int(form.get(_count(one)))
    st.markdown(session.say(one.label))
    given = []
    for number in range(count):
        begun = start[number] if start and number < len(start) else {}
        columns = st.columns([*[3] * len(one.columns), 1], vertical_alignment="bottom")
        row = {}
        for place, column in zip(columns, one.columns, strict=False):
            with place:
                row[column.path] = _field(form, column, _cell(one, number, column), begun.get(column.path))
        with columns[-1]:
            said_row = session.say(_REMOVE, row=number + 1)
            key = form.key(f"_{one.path}-{number}")
            st.button("", icon=":material/delete:", help=said_row, key=key, on_click=_remove, args=(form, one, number))
        given.append(row)
    if count < one.most:
        st.button(
            session.say(_ADD), key=form.key(f"_{one.path}-add"), icon=":material/add:", on_click=form.put, args=(_count(one), count + 1)
        )
    forms.complaint(form, one.path)
    return given


def _remove(form: Form, one: Rows, gone: int) -> None:
    """Rows below move up."""
    count = int(form.get(_count(one)))
    for number in range(gone, count - 1):
        for column in one.columns:
            form.put(_cell(one, number, column), form.get(_cell(one, number + 1, column)))
    form.put(_count(one), count - 1)


def _count(one: Rows) -> str:
    return f"{one.path}#"


def _cell(one: Rows, number: int, column: Field) -> str:
    return f"{one.path}.{number}.{column.path}"


def as_list(kind: Kind, body: Body) -> list[tuple[str, str]]:
    """Every value of a rule with its name."""
    found = values(kind, body)
    return [(page.md(session.say(_label(one))), page.md(said(one, found[one.path], session.language()))) for one in kind.fields]
