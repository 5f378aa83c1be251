"""Answers of different columns as one table: a statement that reads one table is planned and laid out at once, one of many is not."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Final

import pyarrow as pa

_DIGITS: Final = 38


def stacked(answers: Mapping[str, pa.Table]) -> pa.Table:
    """One under the other; what an answer has no column for is null.

    `base` says whose row it is, `places` how many decimals its sums had (`unstacked`): here all sums are of one type, that of the most
    decimals. Fails on a number that no longer fits.
    """
    places = {base: {field.name: _scale(field.type) for field in table.schema if _is_sum(field.type)} for base, table in answers.items()}
    widest = max((scale for found in places.values() for scale in found.values()), default=0)
    number = pa.decimal128(_DIGITS, widest)
    return pa.concat_tables([_alike(base, table, places[base], number) for base, table in answers.items()], promote_options="default")


@cache
def unstacked(places: str) -> Mapping[str, Decimal]:
    """By column the last decimal place its numbers had, to quantize with."""
    return {name: Decimal(1).scaleb(-int(scale)) for name, scale in (said.split(":") for said in places.split())}


def _is_sum(kind: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(kind) or pa.types.is_int64(kind))


def _scale(kind: pa.DataType) -> int:
    return int(kind.scale) if pa.types.is_decimal(kind) else 0


def _alike(base: str, table: pa.Table, places: Mapping[str, int], number: pa.DataType) -> pa.Table:
    cast = table.cast(pa.schema([field.with_type(number) if field.name in places else field for field in table.schema]))
    said = " ".join(f"{name}:{scale}" for name, scale in places.items())
    return cast.append_column("base", _same(base, table.num_rows)).append_column("places", _same(said, table.num_rows))


def _same(text: str, rows: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([text]))
