"""Customers put together without rules, beside the classes the rules make of the same facts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.commands.modelling.runs import House, Run, day_number, facts_hash, numbers, said, usual
from lib.domain import grouping
from lib.text import Text

NAME: Final = "groups"
_FEW: Final = Text(
    "近 12 个月买过的客户只有 {count} 个，至少 {fewest} 个才分组，还差 {more} 个。",
    "Only {count} customers bought in the last 12 months; groups take {fewest}, {more} are missing.",
)


def runs(house: House, as_of: date) -> list[Run]:
    """One live run: customers who bought in twelve months, by how long ago, how often and how much."""
    table = house.ask("house_value", as_of=as_of)
    table = table.filter(pc.and_(pc.greater(table["amount_12m"], 0), pc.equal(table["currency"], usual(table))))
    if table.num_rows < grouping.FEWEST:
        missing = {"count": table.num_rows, "fewest": grouping.FEWEST, "more": grouping.FEWEST - table.num_rows}
        return [Run(NAME, "live", as_of, as_of, table.num_rows, "rule", {"refused": said(_FEW, **missing)}, facts_hash())]
    quiet = np.log1p(day_number(as_of) - numbers(table, "last_on"))
    facts = np.column_stack([quiet, np.log1p(numbers(table, "invoices")), np.log1p(numbers(table, "amount_12m"))])
    places = grouping.group(facts)
    classes = pc.binary_join_element_wise(table["frequency"], table["amount_grade"], "-").combine_chunks().dictionary_encode()
    agreement = grouping.agreement(places, np.asarray(classes.indices.to_numpy(), dtype=np.int64))
    parameters = {**asdict(agreement), "groups": grouping.GROUPS, "currency": table["currency"][0].as_py()}
    scores = pa.table(
        {"customer_id": table["customer_id"], "score": (places + 1).astype(np.float64), "reason": pa.array(["{}"] * table.num_rows)}
    )
    return [Run(NAME, "live", as_of, as_of, table.num_rows, "model", parameters, facts_hash(facts), None, scores)]
