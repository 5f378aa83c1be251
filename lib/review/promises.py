"""What a review adds to the actions on its agenda: whether one that is done moved its metric, on the day that was agreed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from lib.domain.effects import Effect, Way
from lib.metrics import METRICS
from lib.metrics.variation import View, effect_of


def with_effects(view: View, actions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each action with `effect_seen`: the verdict on its metric, null where it is not done or expects nothing.

    Looked at by the filters, the date and the knowledge of the view; until the day agreed it is too early.
    """
    return [{**action, "effect_seen": _seen(view, action)} for action in actions]


def _seen(view: View, action: dict[str, Any]) -> Effect | None:
    if action["action_state"] != "done" or action["effect_by"] is None or action["metric"] not in METRICS:
        return None
    if view.as_of < action["effect_by"]:
        return "early"
    return effect_of(view, action["metric"], action["ended_on"], action["effect_by"], cast("Way", action["effect"]))
