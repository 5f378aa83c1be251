"""The sections of a review that are rows: what each is called, which query asks for it, and which columns it keeps, each said once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final

from lib.domain.access import Permission
from lib.metrics.variation import View
from lib.review.promises import with_effects
from lib.text import Text


@dataclass(frozen=True, slots=True)
class Source:
    """One section: the named query behind it and the columns kept of it, in their order, `most` rows at the most.

    `parameters`: what the query gets beside dates, circle and filters. `opens`: the page on which its rows live.
    """

    name: str
    label: Text
    query: str
    columns: tuple[str, ...]
    parameters: tuple[tuple[str, Hashable], ...] = ()
    most: int = 10
    needs: Permission = Permission.METRIC_READ
    opens: str = "overview"
    adds: Callable[[View, list[dict[str, Any]]], list[dict[str, Any]]] | None = None
    """What is worked out of the rows, as more columns of theirs."""


SECTIONS: Final = (
    Source(
        "actions",
        Text("行动", "Actions"),
        "agenda_actions",
        (
            *("action_id", "week_on", "customer_id", "action_said", "doer_id", "doer_name", "due_on", "name", "action_state"),
            *("is_open", "is_new", "is_due", "carried_count", "is_waiting", "is_worn", "escalated_on", "ended_on", "action_note"),
            *("metric", "effect", "effect_by", "effect_seen"),
        ),
        most=1000,
        opens="review",
        adds=with_effects,
    ),
    Source(
        "voice",
        Text("客户之声", "Voice of the customer"),
        "review_story",
        (
            *("story", "customer_id", "name", "owner_name", "metric", "score", "top_score", "on_date", "recovered_on", "comment"),
            *("currency", "amount_12m", "overdue_amount"),
        ),
        most=1,
        needs=Permission.SERVICE_READ,
        opens="customer",
    ),
    Source(
        "overdue",
        Text("逾期名单", "Overdue customers"),
        "review_overdue",
        ("customer_id", "name", "owner_name", "currency", "overdue_amount", "max_days", "likelihood_rate", "risk_amount"),
        most=30,
        needs=Permission.RECEIVABLE_READ,
        opens="overdue",
    ),
    Source(
        "bridge",
        Text("逾期的变化", "How the overdue moved"),
        "bridge",
        ("currency", "step", "amount", "count"),
        (("what", "overdue"),),
        most=40,
        needs=Permission.RECEIVABLE_READ,
        opens="receivables",
    ),
    Source(
        "broken",
        Text("未兑现的还款承诺", "Broken promises to pay"),
        "review_promises",
        ("customer_id", "name", "owner_name", "due_on", "currency", "amount", "received_amount", "result"),
        needs=Permission.RECEIVABLE_READ,
        opens="collect",
    ),
    Source(
        "limits",
        Text("停供的客户", "Customers stopped"),
        "stopped_customers",
        ("customer_id", "name", "owner_name", "currency", "credit_state", "exposure_amount", "limit_amount", "used_rate"),
        (("states", ("stop",)),),
        needs=Permission.RECEIVABLE_READ,
        opens="overdue",
    ),
    Source(
        "scores",
        Text("本周的评分", "Scores of the week"),
        "satisfaction",
        ("metric", "n", "score", "low", "high"),
        needs=Permission.SERVICE_READ,
        opens="satisfaction",
    ),
    Source(
        "lows",
        Text("本周的低分", "Low scores of the week"),
        "low_scores",
        ("customer_id", "name", "owner_name", "metric", "score", "on_date", "comment", "task_due_on", "task_done_on"),
        needs=Permission.SERVICE_READ,
        opens="satisfaction",
    ),
    Source(
        "complaints",
        Text("未结的投诉", "Open complaints"),
        "complaints",
        ("case_id", "customer_id", "name", "complaint_subject", "severity", "state", "due_on", "late_work_days", "age_days", "owner_name"),
        (("queue", "open"),),
        needs=Permission.SERVICE_READ,
        opens="complaints",
    ),
    Source(
        "quiet",
        Text("好久没买的客户", "Customers gone quiet"),
        "review_quiet",
        ("customer_id", "name", "owner_name", "currency", "amount_12m", "last_on", "quiet_days", "usual_days"),
        needs=Permission.CUSTOMER_READ,
        opens="value",
    ),
    Source(
        "explanations",
        Text("信号的说明", "Signals explained"),
        "explanations",
        ("metric", "doer_id", "doer_name", "explanation_said", "signal_cause", "signal_verdict"),
        most=100,
        opens="review",
    ),
    Source(
        "topics",
        Text("议题", "Topics"),
        "topics",
        ("topic_id", "topic_said", "raised_by_name", "customer_id", "name", "metric", "votes", "topic_state", "topic_outcome"),
        most=100,
        opens="review",
    ),
    Source(
        "decisions",
        Text("决定", "Decisions"),
        "resolutions",
        ("resolution_id", "week_on", "decision_said", "reason", "revisit_on", "is_due", "customer_id", "name", "metric", "made_by"),
        most=100,
        opens="review",
    ),
)
"""In the order of the agenda."""
