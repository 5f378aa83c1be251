"""Rules people decide on: what a rule of each kind is made of, and whether one can hold.

A kind (`lib/domain/policy_kinds.py`) declares its fields once; the editor draws them, `PublishPolicy` checks them, the ledger
keeps the body as JSON. A rule's values are flat, by path ("months.high"); its body is nested as SQL reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final, Literal

from lib.domain.working_time import read_windows, said_windows
from lib.errors import Refused
from lib.text import Text, listed

Shape = Literal["whole", "number", "amount", "rate", "choice", "several", "text", "times"]
Body = Mapping[str, Any]

LONGEST: Final = 2000
_MISSING = Text("“{field}”没有填。", "“{field}” is missing.")
_NOT_A_NUMBER = Text("“{field}”要填数字。", "“{field}” must be a number.")
_NOT_WHOLE = Text("“{field}”要填整数。", "“{field}” must be a whole number.")
_RANGE = Text("“{field}”要在 {least} 到 {most} 之间。", "“{field}” must be between {least} and {most}.")
_CHOICE = Text("“{field}”请从这些里选：{choices}。", "“{field}” must be one of: {choices}.")
_LONG = Text("“{field}”最多 {most} 个字。", "“{field}” may have {most} characters at most.")
_ORDER = Text("“{high}”必须大于“{low}”。", "“{high}” must be more than “{low}”.")
_FEW = Text("“{field}”要有 {fewest} 到 {most} 行。", "“{field}” must have {fewest} to {most} rows.")
_ROWS_RISE = Text("“{field}”：{column}要一行比一行大（第 {row} 行）。", "“{field}”: {column} must rise from row to row (row {row}).")
_UNKNOWN = Text("这种规则没有“{field}”这一项。", "A rule of this kind has no “{field}”.")


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a rule: where it stands in the body, what it is called, what it may be. Rates are kept from 0 to 1.

    Hours of a day ("times") are kept as 09:00-12:00 13:30-18:00, empty when nobody works. `under` heads the fields that belong together.
    """

    path: str
    label: Text
    shape: Shape = "whole"
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(1_000_000_000)
    choices: Mapping[str, Text] = field(default_factory=dict)
    about: Text | None = None
    under: Text | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Several values that repeat: a list of records, each with the same columns; `rising` names the one that orders them."""

    path: str
    label: Text
    columns: tuple[Field, ...]
    rising: str
    fewest: int = 1
    most: int = 12
    about: Text | None = None
    under: Text | None = None


def _as_it_is(body: Body) -> dict[str, Any]:
    return dict(body)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of rule. rising: paths whose values must rise. unfold, fold: from the body kept to the one edited, and back.

    by_two: whether it decides about money, so that a version holds only once a second person has approved it.
    """

    name: str
    title: Text
    about: Text
    fields: tuple[Field | Rows, ...]
    rising: tuple[tuple[str, ...], ...] = ()
    unfold: Callable[[Body], dict[str, Any]] = _as_it_is
    fold: Callable[[Body], dict[str, Any]] = _as_it_is
    by_two: bool = False


def values(kind: Kind, body: Body) -> dict[str, Any]:
    """What stands in a rule, by path; None where nothing does."""
    unfolded = kind.unfold(body)
    return {one.path: _at(unfolded, one.path) for one in kind.fields}


def checked(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    """The body made of values by path, numbers as plain JSON numbers.

    Refuses: a value missing, of another sort or out of bounds; values that must rise and do not. Each names its field (`about`).
    """
    read = {one.path: _rows(one, given.get(one.path)) if isinstance(one, Rows) else _value(one, given.get(one.path)) for one in kind.fields}
    labels = {one.path: one.label for one in kind.fields}
    for low, high in (pair for paths in kind.rising for pair in pairwise(paths)):
        if read[low] >= read[high]:
            raise Refused(_ORDER, low=labels[low], high=labels[high], about=high)
    body: dict[str, Any] = {}
    for path, value in read.items():
        *above, last = path.split(".")
        place = body
        for name in above:
            place = place.setdefault(name, {})
        place[last] = value
    return kind.fold(body)


def checked_body(kind: Kind, body: Body) -> dict[str, Any]:
    """The same for a rule as the ledger keeps it. Refuses too: what the kind does not know."""
    known = {one.path for one in kind.fields}
    for path in _paths(kind.unfold(body)):
        if not any(path == one or path.startswith(f"{one}.") for one in known):
            raise Refused(_UNKNOWN, field=path)
    return checked(kind, values(kind, body))


def differences(kind: Kind, old: Body, new: Body) -> list[tuple[Field | Rows, Any, Any]]:
    """The fields in which two rules differ, with both values."""
    before, after = values(kind, old), values(kind, new)
    return [(one, before[one.path], after[one.path]) for one in kind.fields if before[one.path] != after[one.path]]


def _value(one: Field, value: Any) -> Any:  # noqa: ANN401 (each shape has its type)
    if one.shape == "several":
        return list(dict.fromkeys(_one_of(one, item) for item in value or ()))
    if one.shape == "times":
        return _times(one, str(value or ""))
    if value is None or value == "":
        raise Refused(_MISSING, field=one.label, about=one.path)
    if one.shape == "choice":
        return _one_of(one, value)
    if one.shape == "text":
        if len(str(value)) > LONGEST:
            raise Refused(_LONG, field=one.label, most=LONGEST, about=one.path)
        return str(value)
    return _number(one, value)


def _times(one: Field, typed: str) -> str:
    """Hours of a day, none of them too; the one way they are kept."""
    try:
        return said_windows(read_windows(typed))
    except Refused as refusal:
        raise Refused(refusal.text, **{**refusal.values, "about": one.path}) from refusal


def _one_of(one: Field, value: object) -> object:
    if value not in one.choices:
        raise Refused(_CHOICE, field=one.label, choices=listed(one.choices.values()), about=one.path)
    return value


def _number(one: Field, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Refused(_NOT_A_NUMBER, field=one.label, about=one.path)
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise Refused(_NOT_A_NUMBER, field=one.label, about=one.path)
    if one.shape == "whole" and exact != exact.to_integral_value():
        raise Refused(_NOT_WHOLE, field=one.label, about=one.path)
    if not one.least <= exact <= one.most:
        raise Refused(_RANGE, field=one.label, least=_bound(one, one.least), most=_bound(one, one.most), about=one.path)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _bound(one: Field, bound: Decimal) -> str:
    return f"{bound * 100:,f}%" if one.shape == "rate" else f"{bound:,f}"


def _rows(one: Rows, given: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    found = [{column.path: _value(column, row.get(column.path)) for column in one.columns} for row in given or ()]
    if not one.fewest <= len(found) <= one.most:
        raise Refused(_FEW, field=one.label, fewest=one.fewest, most=one.most, about=one.path)
    column = next(column.label for column in one.columns if column.path == one.rising)
    for number, (before, after) in enumerate(pairwise(found), 2):
        if before[one.rising] >= after[one.rising]:
            raise Refused(_ROWS_RISE, field=one.label, column=column, row=number, about=one.path)
    return found


def _at(body: Body, path: str) -> Any:  # noqa: ANN401 (each field has its type)
    found: Any = body
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _paths(body: Body, above: str = "") -> list[str]:
    found: list[str] = []
    for name, value in body.items():
        found += _paths(value, f"{above}{name}.") if isinstance(value, Mapping) else [f"{above}{name}"]
    return found
