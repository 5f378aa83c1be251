"""Forms: fields that keep a draft, refusals beside the field they are about, one save per form however often it is clicked."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.undo import Undo
from lib.domain import values
from lib.errors import Doubtful, Refused
from lib.store.door import Command, Receipt, execute
from lib.text import Text
from lib.ui import customer_field, drafts, keys, page, session

SAVE: Final = Text("保存", "Save")
ANYWAY: Final = Text("仍要保存", "Save anyway")
_NEAREST: Final = Text("改成 {value}", "Change to {value}")
_EMPTY: Final = Text("清空", "Clear")
_PLAN: Final = Text("是计划，改成下次跟进", "It is a plan: make it the next follow-up")
_UNDO: Final = Text("撤销", "Undo")
_UNDONE: Final = Text("已撤销。", "Undone.")
_SAVED: Final = Text("已保存：{what}", "Saved: {what}")
_CHOOSE: Final = Text("请先选一个客户。", "Choose a customer first.")
_MISSING: Final = Text("请填“{field}”。", "Fill in “{field}”.")
_OPTIONAL: Final = Text("可不填", "Optional")
_OTHER_CURRENCY: Final = Text(
    "金额写的是 {named}，而这里是 {currency}。请先换币种，或改金额。",
    "The amount says {named}, but this is in {currency}. Change the currency or the amount.",
)
_AHEAD: Final = {3: Text("+3 天", "+3 days"), 7: Text("+1 周", "+1 week"), 30: Text("+1 月", "+1 month")}


@dataclass(frozen=True, slots=True)
class Form:
    """One form. Its fields live under keys with a round number: a saved form starts afresh, a late second click finds nothing."""

    name: str
    told: str = ""
    """The name under which the last save is told, where there is one form for each thing of a list."""

    @property
    def round(self) -> int:
        """How often this form was saved in this visit."""
        return int(st.session_state.get(f"{self.name}.round", 0))

    def key(self, field: str) -> str:
        """The widget key of a field."""
        return f"{self.name}-{self.round}-{field}"

    def get(self, field: str) -> Any:  # noqa: ANN401 (whatever the field holds)
        """What stands in a field now."""
        return st.session_state.get(self.key(field))

    def put(self, field: str, value: object) -> None:
        """Fill a field before it is drawn."""
        st.session_state[self.key(field)] = value

    def start(self, field: str, value: object) -> None:
        """Fill a field that was never touched; what it starts with alone is no draft."""
        if self.key(field) not in st.session_state:
            self.put(field, value)
            st.session_state.setdefault(self.key("_starts"), {})[field] = value

    def typed(self) -> dict[str, Any]:
        """What the person put in: everything that is not as the form began, all of it, or nothing."""
        starts = self.get("_starts") or {}
        fields = self.fields()
        return fields if any(value not in (None, "", starts.get(name)) for name, value in fields.items()) else {}

    def restore(self, body: Mapping[str, Any]) -> None:
        """Fill the form with a draft."""
        for field, value in body.items():
            self.put(field, value)

    def fields(self) -> dict[str, Any]:
        """Everything that stands in the form."""
        start = self.key("")
        found = {str(key).removeprefix(start): value for key, value in st.session_state.items() if str(key).startswith(start)}
        return {name: value for name, value in found.items() if not name.startswith("_")}


def begin(name: str) -> Form:
    """A form with its draft banner, and what the last save came to."""
    form = Form(name)
    receipt(form)
    begun(form)
    return form


def begun(form: Form) -> None:
    """The same for one of many forms that say elsewhere what the last save came to."""
    keys.mount(form.name)
    if not form.fields():
        _resume(form)
    drafts.offer(form.name, form.restore)


def _resume(form: Form) -> None:
    """Coming back from another page in the same visit the form stands as it was left; for another customer it asks first."""
    body = drafts.own(form.name)
    about = page.asked_number("customer")
    if body and about in (None, body.get("customer_id")):
        form.restore(body)
    else:
        drafts.ask_again(form.name)


def switch(name: str, options: Mapping[str, Text], label: Text, *, labelled: bool = False) -> str:
    """A choice that stands in the URL under its own name (`?form=score`), the same in every language.

    Streamlit's own binding would put the words there, and a link from a colleague with another language would show the first choice.
    """
    key = f"switch-{name}"
    st.session_state[key] = chosen(name, options)
    now = st.segmented_control(
        session.say(label),
        list(options),
        key=key,
        required=True,
        format_func=lambda option: session.say(options[option]),
        on_change=lambda: st.query_params.update({name: st.session_state[key]}),
        label_visibility="visible" if labelled else "collapsed",
    )
    return str(now)


def put(name: str, option: str) -> None:
    """Set a switch from elsewhere, as if it had been pressed."""
    st.session_state[f"switch-{name}"] = option
    st.query_params[name] = option


def chosen(name: str, options: Mapping[str, Text]) -> str:
    """What a switch of this name shows, known before it is drawn: as it was last put, else as the URL says, else the first."""
    kept, asked = st.session_state.get(f"switch-{name}"), page.asked(name)
    return str(next(one for one in (kept, asked, *options) if one in options))


def line(form: Form, field: str, label: Text, *, hint: Text | None = None, optional: bool = False) -> str:
    """A line of text, kept as it is typed."""
    placeholder = session.say(hint) if hint else session.say(_OPTIONAL) if optional else None
    st.text_input(session.say(label), key=form.key(field), live="400ms", placeholder=placeholder, on_change=_keep, args=(form,))
    _refusal(form, field)
    return str(form.get(field) or "")


def area(form: Form, field: str, label: Text) -> str | None:
    """Several lines of text; optional."""
    st.text_area(session.say(label), key=form.key(field), height=90, placeholder=session.say(_OPTIONAL), on_change=_keep, args=(form,))
    _refusal(form, field)
    return form.get(field) or None


def pills(form: Form, field: str, label: Text, choices: Mapping[Any, Text], *, remember: bool = False) -> Any:  # noqa: ANN401
    """One of a few, by one click; `remember` starts with what was chosen last time."""
    if remember and form.key(field) not in st.session_state:
        last = drafts.remembered(field)
        form.start(field, last if last in choices else next(iter(choices)))
    st.pills(
        session.say(label),
        list(choices),
        key=form.key(field),
        format_func=lambda value: session.say(choices[value]),
        wrap=True,
        on_change=_keep,
        args=(form,),
    )
    _refusal(form, field)
    return form.get(field)


def several(form: Form, field: str, label: Text, choices: Mapping[str, Text]) -> tuple[str, ...]:
    """Any of a few, by one click each."""
    st.pills(
        session.say(label),
        list(choices),
        selection_mode="multi",
        key=form.key(field),
        format_func=lambda value: session.say(choices[value]),
        wrap=True,
        on_change=_keep,
        args=(form,),
    )
    _refusal(form, field)
    return tuple(form.get(field) or ())


def day(form: Form, field: str, label: Text, *, start: date | None) -> date | None:
    """A date; `start` is where it begins, None leaves it empty."""
    form.start(field, start)
    st.date_input(session.say(label), key=form.key(field), value=None, format="YYYY-MM-DD", on_change=_keep, args=(form,))
    _refusal(form, field)
    chosen: date | None = form.get(field)
    return chosen


def soon(form: Form, field: str, label: Text) -> date | None:
    """A day ahead: one click for the usual distances, or any date."""
    chosen = day(form, field, label, start=None)
    with st.container(horizontal=True, gap="small"):
        for days, name in _AHEAD.items():
            st.button(session.say(name), key=form.key(f"_{field}{days}"), type="tertiary", on_click=_ahead, args=(form, field, days))
    return chosen


def _ahead(form: Form, field: str, days: int) -> None:
    form.put(field, session.today() + timedelta(days=days))
    _keep(form)


def amount(form: Form, field: str, label: Text, *, currency: str, hint: Text | None = None, **said: object) -> Decimal | None:
    """An amount as people write it: 1,234.50, 1.2万, ¥300; what was read is shown. Refused input gives None and says why.

    An amount that names another currency than the form's is refused: its figure alone would be other money.
    """
    placeholder = session.say(hint, **said) if hint else None
    typed = st.text_input(session.say(label), key=form.key(field), placeholder=placeholder, on_change=_keep, args=(form,))
    read = values.parse_amount(typed or "")
    named = values.named_currency(typed or "")
    unread = Refused(read.reason, typed=read.typed.strip(), **read.values, about=field) if read.reason else None
    if unread is None and named not in (None, currency):
        unread = Refused(_OTHER_CURRENCY, named=named, currency=currency, about=field)
    form.put(f"_unread_{field}", unread)  # saving must not take it for an empty field
    if unread:
        st.caption(f":orange[{page.md(unread.say(session.language()))}]")
        return None
    if read.state == "changed":
        st.caption(page.md(read.change()))
    _refusal(form, field)
    return read.value


def field(form: Form, name: str, draw: Callable[..., Any], label: str, **more: Any) -> Any:  # noqa: ANN401 (any widget, any value)
    """Any widget as a field: kept as it changes, with what was refused about it below."""
    draw(label, key=form.key(name), on_change=_keep, args=(form,), **more)
    _refusal(form, name)
    return form.get(name)


def complaint(form: Form, name: str) -> None:
    """What was refused about several fields together, below them."""
    _refusal(form, name)


def number(form: Form, field: str) -> Decimal | None:
    """What stands in an amount's field, read anew; None when it is empty or nobody can read it."""
    return values.parse_amount(str(form.get(field) or "")).value


def customer(form: Form) -> dict[str, Any] | None:
    """The customer the form is about, found by typing; the one in the URL to begin with."""
    return customer_field.draw(form, _keep, _refusal)


def save(  # noqa: PLR0913 (a form has that many sides)
    form: Form,
    build: Callable[[bool], Command],
    what: str,
    *,
    needed: Mapping[str, Text] | None = None,
    remember: Mapping[str, Any] | None = None,
    then: Callable[[Receipt], None] | None = None,
) -> None:
    """The save button. `build` makes the command (its argument: whether a doubt was confirmed); `what` names it in the receipt.

    `needed`: fields that must be filled; `remember`: what to start with next time; `then`: what follows once it is saved.
    """
    clicked = st.button(session.say(SAVE), key=form.key("_save"), type="primary", shortcut="Ctrl+S")
    refusal = form.get("_refusal")
    if refusal and not refusal.values.get("about"):
        (page.doubted if isinstance(refusal, Doubtful) else page.refused)(refusal)
    clicked_anyway = isinstance(refusal, Doubtful) and st.button(session.say(ANYWAY), key=form.key("_anyway"))
    if clicked or clicked_anyway:
        saved = _save(form, lambda: build(clicked_anyway), what, needed or {})
        st.session_state[f"{form.told or form.name}.saved"] = (saved.change_id, what)
        if then and not saved.repeated:
            then(saved)
        if remember:
            drafts.remember(remember)
        st.rerun()


def _save(form: Form, build: Callable[[], Command], what: str, needed: Mapping[str, Text]) -> Receipt:
    try:
        _refuse_missing(form, needed)
        receipt = execute(session.ledger(), session.actor(), build(), request_key=_request_key(form))
    except Refused as refusal:
        form.put("_refusal", refusal)
        st.rerun()
    drafts.drop(form.name)
    for field in form.fields():
        st.session_state.pop(form.key(field), None)
    st.session_state[f"{form.name}.round"] = form.round + 1
    st.toast(page.md(session.say(_SAVED, what=what)))
    return receipt


def _refuse_missing(form: Form, needed: Mapping[str, Text]) -> None:
    fields = form.fields()
    if "customer_id" in fields and not isinstance(fields["customer_id"], int):
        raise Refused(_CHOOSE, about="customer_id")
    for field, label in needed.items():
        if fields.get(field) is None or not str(fields[field]).strip():
            raise Refused(_MISSING, field=label, about=field)
    if unread := next(filter(None, (form.get(f"_unread_{field}") for field in fields)), None):
        raise unread


def _request_key(form: Form) -> str:
    """One key per drawn form: however often the button is pressed, the door makes the change once."""
    if form.get("_request") is None:
        form.put("_request", secrets.token_hex(16))
    return str(form.get("_request"))


def receipt(form: Form, at: str = "") -> None:
    """What the last save of a form came to, with its undo; told where it was first told (`at`) and nowhere else."""
    saved = st.session_state.get(f"{form.name}.saved")
    if not saved:
        return
    change_id, what = saved
    if st.session_state.setdefault(f"{form.name}.told.{change_id}", at) != at:
        st.session_state.pop(f"{form.name}.saved")
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"{form.name}-saved"):
        st.markdown(":material/check_circle: " + page.md(session.say(_SAVED, what=what)))
        st.button(
            session.say(_UNDO), key=f"{form.name}.undo", icon=":material/undo:", on_click=undo, args=(change_id, f"{form.name}.saved")
        )


def undo(change_id: int, forget: str | None = None) -> None:
    """Take a change back (a button's callback); says so, or why not."""
    receipt = page.change(Undo(change_id, session.today()), _UNDONE)
    if receipt and forget:
        st.session_state.pop(forget, None)


def _keep(form: Form) -> None:
    form.put("_refusal", None)
    drafts.keep(form.name, form.typed())


def _refusal(form: Form, field: str) -> None:
    """What was refused about this field, with the fix where there is one."""
    refusal = form.get("_refusal")
    if not refusal or refusal.values.get("about") != field:
        return
    st.caption(f":orange[:material/error: {page.md(refusal.say(session.language()))}]")
    nearest, plan_on = refusal.values.get("nearest"), refusal.values.get("plan_on")
    if nearest is not None:
        with st.container(horizontal=True):
            st.button(session.say(_NEAREST, value=nearest), key=form.key("_nearest"), on_click=form.put, args=(field, nearest))
            st.button(session.say(_EMPTY), key=form.key("_empty"), on_click=form.put, args=(field, None))
    if isinstance(plan_on, date) and "next_on" in form.fields():
        st.button(session.say(_PLAN), key=form.key("_plan"), on_click=_planned, args=(form, plan_on))


def _planned(form: Form, day: date) -> None:
    """What was entered as done on a day to come is the next follow-up."""
    form.put("next_on", day)
    form.put("on_date", session.today())
    _keep(form)


def money(value: Decimal, currency: str) -> str:
    """An amount in full, in the person's language."""
    return formats.money(value, currency, session.language())
