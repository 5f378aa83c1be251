"""Why a target is missed, in one sentence each, with figures of the same run: the dearest operators, and what a bare statement costs.

A reason is written once, here, under the title of its row; `{bare}` is what its hand-written statement over plain tables took,
`{value}` the row itself. Pages bring their own: how much of a first run the engine took, and for which questions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import peers
import xlsxwriter
from questions import AS_OF, QUESTIONS

from lib.domain.access import Actor
from lib.store import query
from lib.store.ledger import LATEST, Ledger

DEAREST: Final = 3
"""So many operators or questions are named."""


@dataclass(frozen=True)
class Reason:
    """One sentence, and a statement over plain tables (or a piece of work) whose milliseconds stand in it."""

    sentence: str
    bare: str | Callable[[], object] | None = None


def plain_workbook() -> None:
    """A workbook of 5,000 rows with twelve columns, as the library writes it without us."""
    with xlsxwriter.Workbook(BytesIO(), {"in_memory": True}) as book:
        page = book.add_worksheet()
        for place in range(12):
            for row in range(5000):
                if place % 2:
                    page.write_number(row, place, row)
                else:
                    page.write_string(row, place, f"{place}-{row}")


REASONS: Final[dict[str, Reason]] = {
    "ageing 账龄": Reason(
        "money by currency and due date alone, without sight, age or money on account: {bare} ms",
        "select currency, due_on, sum(amount), sum(items) from posting where on_date <= date '2026-06-30' group by currency, due_on",
    ),
    "overdue list 逾期": Reason(
        "what each customer owes late and since when, with nothing else about them: {bare} ms",
        "select customer_id, sum(amount), sum(amount * (date '2026-06-30' - due_on)::smallint) from posting "
        "where on_date <= date '2026-06-30' and due_on < date '2026-06-30' group by customer_id having sum(amount) > 0",
    ),
    "class matrix 分类": Reason(
        "counting twelve months' invoices by customer, ungraded and without their customers: {bare} ms",
        "select customer_id, currency, count(*), sum(amount) from entry where kind = 'invoice' and on_date > date '2025-06-30' "
        "and on_date <= date '2026-06-30' group by customer_id, currency",
    ),
    "all four grades": Reason(
        "what every customer owes, has settled and first bought, each counted alone and joined to nothing: {bare} ms",
        "select (select count(*) from (select customer_id, sum(amount) from posting where due_on is not null group by customer_id)), "
        "(select count(*) from (select customer_id, count(*) from posting where items = -1 group by customer_id)), "
        "(select count(*) from (select customer_id, min(on_date) from entry where kind = 'invoice' group by customer_id))",
    ),
    "collecting list 催收": Reason(
        "who owes what late for how long, and how a year's late invoices were paid, without promises, plans, disputes, holds or the "
        "ladder: {bare} ms",
        "with late as (select customer_id, sum(amount) as owed, sum(amount::double * (date '2026-06-30' - due_on)) as weight from posting "
        "where on_date <= date '2026-06-30' and due_on < date '2026-06-30' group by customer_id having sum(amount) > 0), "
        "own as (select customer_id, sum(if(on_date <= due_on, items, 0)) as fell, "
        "-sum(if(on_date > due_on and on_date <= due_on + 30, items, 0)) as paid from posting "
        "where due_on > date '2025-05-31' and due_on <= date '2026-05-31' and on_date <= date '2026-06-30' group by customer_id) "
        "select * from late left join own using (customer_id) order by weight desc limit 100",
    ),
    "customer 360": Reason(
        "the dates and kinds alone of this customer's documents, answers and touches: {bare} ms; they lie where their day put them, all "
        "through the tables, which no index leads into by customer",
        "select on_date, kind from (select on_date, kind from entry where customer_id = 17 "
        "union all select on_date, metric from feedback where customer_id = 17 "
        "union all select on_date, kind from activity where customer_id = 17) order by on_date desc limit 200",
    ),
    "search 搜索": Reason(
        "looking for the words in all five fields of every customer, unranked and for nobody in particular: {bare} ms",
        "select customer_id from customer_record where contains(name_key, '恒远') or contains(initials, '恒远') "
        "or contains(name, '恒远') or contains(lower(account_no), '恒远') or contains(lower(name_en), '恒远')",
    ),
    "XLSX of 5,000 rows, CPU": Reason(
        "the library alone, given as many short texts and numbers without formats: {bare} ms", plain_workbook
    ),
    "lab: a moved threshold, CPU": Reason(
        "one question, which lays the old and the new rule on every customer and compares class, money, limit and play"
    ),
    "memory after all pages, MB": Reason(
        "the measuring process opens every page in turn, the models of the value page among them, and holds the bench's own "
        "libraries; the server over the pages asked over the wire peaks where its own row says"
    ),
    "overdue, rerun over the wire, server CPU": Reason(
        "no question is asked again; a rerun makes its charts and tables anew and sends them"
    ),
}
"""By the title of the row."""


def missed(ledger: Ledger, actor: Actor, rows: Sequence[Any]) -> list[str]:
    """A line for each row above its target: what is known of where its time goes."""
    late = [row for row in rows if row.target is not None and not row.value <= row.target]
    return [f"- **{row.title}** ({row.value:,.0f}, target {row.target:,.0f}){_told(ledger, actor, row)}" for row in late]


def _told(ledger: Ledger, actor: Actor, row: Any) -> str:
    said = [sentence for sentence in (row.why, _reason(ledger, row), _operators(ledger, actor, row.title)) if sentence]
    return ": " + "; ".join(said) + "." if said else "."


def _reason(ledger: Ledger, row: Any) -> str | None:
    known = REASONS.get(row.title)
    if known is None:
        return None
    work = known.bare if callable(known.bare) else lambda: ledger.cursor().execute(str(known.bare)).to_arrow_table()
    bare = f"{peers.cpu_ms(work):.0f}" if known.bare else ""
    return known.sentence.format(bare=bare, value=f"{row.value:,.0f}")


def _operators(ledger: Ledger, actor: Actor, title: str) -> str | None:
    """The operators that took most of one question's time, with the rows they gave."""
    asked = next((one for one in QUESTIONS if one.title == title), None)
    if asked is None:
        return None
    found = query.catalog()[asked.query]
    given: dict[str, Any] = {"as_of": AS_OF, "known_at": LATEST, "user_id": actor.user_id, **asked.parameters, **query._seen_by(actor)}
    bound = {name: given.get(name) for name in found.parameters}
    over = {name: query._of_the_house(ledger, name, bound) for name in found.over}
    said = query.run(ledger, f"explain (analyze, format json) {found.sql}", {name: given.get(name) for name in found.named}, over)
    taken: dict[str, tuple[float, int]] = {}
    for name, seconds, rows in _walked(json.loads(said.column(1)[0].as_py())):
        before = taken.get(name, (0.0, 0))
        taken[name] = before[0] + seconds, before[1] + rows
    whole = sum(seconds for seconds, _ in taken.values())
    first = sorted(taken.items(), key=lambda one: -one[1][0])[:DEAREST]
    return "of the engine's time " + ", ".join(f"{seconds / whole:.0%} {name} ({rows:,} rows)" for name, (seconds, rows) in first)


def _walked(node: Mapping[str, Any]) -> list[tuple[str, float, int]]:
    below = [one for child in node.get("children", []) for one in _walked(child)]
    if "operator_timing" not in node:
        return below
    table = str(node.get("extra_info", {}).get("Table", "")).rpartition(".")[2].strip('"')
    name = str(node["operator_name"]).strip().lower().replace("_", " ")
    return [(f"{name} {table}".strip(), float(node["operator_timing"]), int(node["operator_cardinality"])), *below]
