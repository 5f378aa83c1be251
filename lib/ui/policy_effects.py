"""What another rule would change today, in names and numbers, before it is published: for each kind of rule its own question."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats, terms
from lib.domain.rating_kind import PARTS
from lib.metrics import Cut, measure
from lib.text import Language, Text
from lib.ui import class_trial, downloads, forms, page, session, tables
from lib.ui.downloads import Offer

Body = Mapping[str, Any]

_STOPPED: Final = Text("停供的客户：{old} → {new}", "Customers stopped: {old} → {new}")
_STATES: Final = Text("信用状态会变的客户", "Customers whose credit state changes")
_NO_STATE: Final = Text("今天没有客户的信用状态会变。", "No customer's credit state changes today.")
_DUE: Final = Text("今天该催的客户：{old} → {new}", "Customers due a reminder today: {old} → {new}")
_STEPS: Final = Text("催收步骤会变的客户", "Customers whose step changes")
_NO_STEP: Final = Text("今天没有客户的催收步骤会变。", "No customer's step changes today.")
_PROVISION: Final = Text("坏账准备（{currency}）：{old} → {new}", "Provision ({currency}): {old} → {new}")
_BY_HAND: Final = Text(
    "{rule}：近 90 天自动核销了 {count} 行，以后要人工确认", "{rule}: settled {count} lines in 90 days, which people would have to confirm"
)
_BY_ITSELF: Final = Text(
    "{rule}：近 90 天有 {count} 行由人工确认，以后可自动核销",
    "{rule}: {count} lines in 90 days were confirmed by people and could settle by themselves",
)
_AS_MATCHED: Final = Text("已对过的账不变。", "What is matched already stays.")
_LATENESS: Final = Text("近 91 天拖欠的代价：{old} → {new}", "Price of lateness in 91 days: {old} → {new}")
_PLAYS: Final = Text(
    "{count}换打法，近 12 个月买了 {amount}", "{count} would be treated by another play; they bought {amount} in 12 months"
)
_NO_PLAY: Final = Text("没有客户换打法。", "No customer's play changes.")
_WHO_PLAYS: Final = Text("换打法的客户", "Customers whose play changes")
_CONTACTS: Final = Text("今天该联系的客户：{old} → {new}", "Customers due for a contact today: {old} → {new}")
_LEVELS: Final = Text(
    "{count}换级：重要性 {importance}，潜力 {potential}，复杂度 {complexity}",
    "{count} change level: importance {importance}, potential {potential}, complexity {complexity}",
)
_NO_LEVEL: Final = Text("没有客户换级。", "No customer changes level.")
_WHO_LEVELS: Final = Text("换级的客户", "Customers who change level")
_LEVEL: Final = Text("{level} 级（{score} 分）", "level {level} ({score})")
_UNRATED: Final = Text("未评", "not rated")
_LOOK_BACK: Final = timedelta(days=90)
_CREDIT_COLUMNS: Final = (
    *("name", "old_credit_state", "credit_state", "currency", "exposure_amount", "limit_amount", "overdue_amount", "owner_name"),
    "account_no",
)
_LADDER_COLUMNS: Final = ("name", "old_level", "level", "currency", "overdue_amount", "owner_name", "account_no")
_PLAY_COLUMNS: Final = ("name", "class_name", "old_play", "play", "amount_12m", "owner_name", "account_no")
_RATING_COLUMNS: Final = ("name", *(f"{rating}_change" for rating in PARTS), "amount_12m", "owner_name", "account_no")


def show(kind: str, old: Body, new: Body) -> None:
    """What a rule in place of the one in force would change today."""
    if kind in _SHOWS:
        _SHOWS[kind](old, new)


def _credit_stop(_: Body, new: Body) -> None:
    _trial("credit_trial", new, (_STOPPED, "stopped_count"), (_STATES, _NO_STATE), _CREDIT_COLUMNS)


def _reminders(_: Body, new: Body) -> None:
    _trial("ladder_trial", new, (_DUE, "due_count"), (_STEPS, _NO_STEP), _LADDER_COLUMNS)


def _trial(query: str, new: Body, told: tuple[Text, str], titles: tuple[Text, Text], columns: tuple[str, ...]) -> None:
    """The customers for whom today would be another: how many of what there is now and then, then who."""
    asked = page.question(query, rules=json.dumps(new))
    table = asked.answer()
    if not table.num_rows:
        st.caption(session.say(titles[1]))
        return
    sentence, count = told
    first = table.slice(0, 1).to_pylist()[0]
    st.markdown(f"**{session.say(sentence, old=formats.number(first[f'old_{count}']), new=formats.number(first[count]))}**")
    downloads.export(Offer(titles[0], asked, table.num_rows))
    tables.show(table, columns, key=query, opens="customer")


def _provision(_: Body, new: Body) -> None:
    totals: dict[str, list[Decimal]] = {}
    for place, rules in enumerate((None, json.dumps(new))):
        for row in page.rows("provision", rules=rules):
            totals.setdefault(row["currency"], [Decimal(0), Decimal(0)])[place] += row["provision_amount"]
    for currency, (before, after) in sorted(totals.items()):
        said = session.say(_PROVISION, currency=currency, old=forms.money(before, currency), new=forms.money(after, currency))
        st.markdown(f"**{page.md(said)}**")


def _matching(old: Body, new: Body) -> None:
    counts = {row["rule"]: row["count"] for row in page.rows("settled_by_rule", since=session.as_of() - _LOOK_BACK)}
    for rules, sentence in ((set(old["auto"]) - set(new["auto"]), _BY_HAND), (set(new["auto"]) - set(old["auto"]), _BY_ITSELF)):
        for rule in sorted(rules):
            st.markdown(f"**{page.md(session.say(sentence, rule=terms.VALUE['rule'][rule], count=counts.get(rule, 0)))}**")
    st.caption(session.say(_AS_MATCHED))


def _financing(old: Body, new: Body) -> None:
    currency = str(session.settings()["base_currency"])
    scope = Cut(currency)
    (found,) = measure(session.ledger(), session.actor(), ("lateness_cost_amount",), session.as_of(), weeks=1, scope=scope)
    if found.value is None or not old["yearly_rate"]:
        return
    before = Decimal(str(found.value))
    after = before * Decimal(str(new["yearly_rate"])) / Decimal(str(old["yearly_rate"]))
    amounts = {"old": forms.money(before, currency), "new": forms.money(after, currency)}
    st.markdown(f"**{page.md(session.say(_LATENESS, **amounts))}**")


def _strategy(_: Body, new: Body) -> None:
    """Who would be treated by another play, and of how many a contact would be due."""
    tried, currency = json.dumps(new), str(session.settings()["base_currency"])
    due = [sum(row["contacts_due"] for row in page.rows("class_plays", strategy=rules)) for rules in (None, tried)]
    st.markdown(f"**{session.say(_CONTACTS, old=formats.number(due[0]), new=formats.number(due[1]))}**")
    asked = page.question("class_play_trial", strategy=tried, currency=currency)
    table = asked.answer(limit=tables.PAGE_ROWS, offset=tables.offset("class_play_trial"))
    if not table.num_rows:
        st.caption(session.say(_NO_PLAY))
        return
    first, language = table.slice(0, 1).to_pylist()[0], session.language()
    amount = page.md(formats.money(first["total_amount"], currency, language, compact=True))
    st.markdown(f"**{session.say(_PLAYS, count=formats.customers(first['total_count']), amount=amount)}**")
    downloads.export(Offer(_WHO_PLAYS, asked, first["total_count"], prepare=lambda answer: _with_class(answer, language)))
    tables.show(_with_class(table, language), _PLAY_COLUMNS, key="class_play_trial", opens="customer")


def _with_class(table: pa.Table, language: Language) -> pa.Table:
    said = [terms.class_words(row["frequency"], row["amount_grade"]).say(language) for row in table.to_pylist()]
    return table.append_column("class_name", pa.array(said, pa.string()))


def _rating(_: Body, new: Body) -> None:
    """Who would be on another level of importance, potential or complexity."""
    asked = page.question("class_rating_trial", rating=json.dumps(new))
    table = asked.answer(limit=tables.PAGE_ROWS, offset=tables.offset("class_rating_trial"))
    if not table.num_rows:
        st.caption(session.say(_NO_LEVEL))
        return
    first, language = table.slice(0, 1).to_pylist()[0], session.language()
    counts = {rating: formats.number(first[f"{rating}_count"]) for rating in PARTS}
    st.markdown(f"**{session.say(_LEVELS, count=formats.customers(first['total_count']), **counts)}**")
    downloads.export(Offer(_WHO_LEVELS, asked, first["total_count"], prepare=lambda answer: _with_changes(answer, language)))
    tables.show(_with_changes(table, language), _RATING_COLUMNS, key="class_rating_trial", opens="customer")


def _with_changes(table: pa.Table, language: Language) -> pa.Table:
    """For each of the three the level now and then, or the one that stays."""
    rows = table.to_pylist()
    for rating in PARTS:
        sides = [[_level(row, f"{side}{rating}", language) for side in ("old_", "")] for row in rows]
        said = [
            old if row[f"old_{rating}_level"] == row[f"{rating}_level"] else f"{old} → {new}"
            for row, (old, new) in zip(rows, sides, strict=True)
        ]
        table = table.append_column(f"{rating}_change", pa.array(said, pa.string()))
    return table


def _level(row: Mapping[str, Any], name: str, language: Language) -> str:
    level, score = row[f"{name}_level"], row[f"{name}_score"]
    return _LEVEL.say(language, level=level, score=formats.number(score, 1)) if level else _UNRATED.say(language)


_SHOWS: Final[Mapping[str, Callable[[Body, Body], None]]] = {
    "credit_stop": _credit_stop,
    "reminders": _reminders,
    "provision": _provision,
    "matching": _matching,
    "financing": _financing,
    "classification": class_trial.show,
    "strategy": _strategy,
    "customer_rating": _rating,
}
