"""The drawings satisfaction needs of its own: who answered how, groups against chance, marks then and now, stages of the journey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt
import pyarrow as pa

from lib import formats
from lib.colours import Palette
from lib.text import Text
from lib.ui import session, theme
from lib.ui.charts import Axis, Drawing, _base, _framed, _records, _rows, _tip, _tips, _word

_PARTS: Final = ("detractors", "passives", "promoters")
_FITS: Final = 0.1
"""A part of the bar from which its per cent can be read inside."""
_ROW: Final = 34
_STEPS: Final = 40


@_framed
def composition(table: pa.Table, words: Mapping[str, Text]) -> Drawing:
    """A bar of all answers per period, the low ones left of the middle, the high ones right of it; the middling lie across it.

    Frame: one row per period in order; period, n, detractors, passives, promoters.
    """
    colours = theme.palette()
    shades = dict(zip(_PARTS, (colours.worse, colours.band, colours.better), strict=True))
    records = [part for row in table.to_pylist() for part in _parts(row)]
    for record in records:
        record |= {"part_said": session.say(words[record["part"]]), "ink": _ink(record["part"], colours)}
    reach = max((abs(end) for record in records for end in (record["from"], record["until"])), default=1)
    legend = alt.Scale(domain=[session.say(words[part]) for part in _PARTS], range=[shades[part] for part in _PARTS])
    base = _base(records).encode(y=_rows("place"))
    marks = base.mark_bar(stroke=colours.grid, strokeWidth=1).encode(
        x=alt.X("from:Q", title=None, axis=None, scale=alt.Scale(domain=[-reach, reach])),
        x2=alt.X2("until:Q"),
        color=alt.Color("part_said:N", scale=legend, legend=alt.Legend(columns=1)),
        tooltip=[_tip("period", "period"), _tip("part_said", "label"), _tip("said", "answer_rate"), _tip("count", "n")],
    )
    inside = base.mark_text(fontSize=12).encode(
        x=alt.X("middle:Q"), text=alt.Text("inside:N"), color=alt.Color("ink:N", scale=None, legend=None)
    )
    return alt.layer(marks, inside).resolve_scale(color="independent"), table.num_rows * _ROW + 60


def _parts(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    shares = [row[part] / row["n"] for part in _PARTS]
    at, found = -shares[0] - shares[1] / 2, []
    for part, share in zip(_PARTS, shares, strict=True):
        said = formats.percent(share, 0)
        found.append(
            {
                "place": f"{row['period']} (n={formats.number(row['n'])})",
                "period": row["period"],
                "part": part,
                "from": at,
                "until": at + share,
                "middle": at + share / 2,
                "said": said,
                "inside": said if share >= _FITS else "",
                "count": row[part],
            }
        )
        at += share
    return found


def _ink(part: str, colours: Palette) -> str:
    return colours.ink if part == "passives" else colours.on_dark


@_framed
def funnel(table: pa.Table, limits: pa.Table) -> Drawing:
    """A dot per group by its answers (n) and score, between what chance allows: 95 % inside the darker band, nearly all inside the lighter.

    Frames: label, n, score, is_named (outside the first), is_outside (outside both), is_better.
    Limits: n, low, high (95 %), lowest, highest (3 standard errors), score of all.
    """
    colours = theme.palette()
    records, edges = sorted(_records(table), key=lambda record: (not record["is_named"], record["n"])), limits.to_pylist()
    for place, record in enumerate(records):
        record["turn"] = place % 2
        record["colour"] = colours.ink if not record["is_outside"] else colours.better if record["is_better"] else colours.worse
        record["score_said"] = formats.number(record["score"])
        record["said"] = f"{record['label']} {record['score_said']}"
    across = alt.X("n:Q", title=None, axis=alt.Axis(grid=False, tickMinStep=1, tickCount=8), scale=alt.Scale(nice=True, zero=False))
    up = alt.Axis(tickCount=6)
    wide = _base(edges).mark_area(color=colours.band).encode(x=across, y=alt.Y("lowest:Q", title=None, axis=up), y2=alt.Y2("highest:Q"))
    near = _base(edges).mark_area(color=colours.grid).encode(x=across, y=alt.Y("low:Q", title=None), y2=alt.Y2("high:Q"))
    middle = _base(edges).mark_line(strokeDash=[4, 4], color=colours.neutral).encode(x=across, y=alt.Y("score:Q"))
    base = _base(records).encode(x=across, y=alt.Y("score:Q", title=None))
    tips = [_tip("label", "label"), _tip("score_said", "score"), _tip("n", "n")]
    dots = base.mark_point(filled=True, size=110).encode(color=alt.Color("colour:N", scale=None), tooltip=tips)
    # Neighbours stand above and below in turn, so that their words do not meet.
    above, below = (base.transform_filter(f"datum.is_named && datum.turn == {turn}") for turn in (0, 1))
    words = above.mark_text(dy=-14).encode(text=alt.Text("said:N")) + below.mark_text(dy=16).encode(text=alt.Text("said:N"))
    return wide + near + middle + dots + words, 320


@_framed
def then_and_now(table: pa.Table, category: Axis) -> Drawing:
    """A hollow dot for then and a full one for now on each row, the line between them in the colour of better or worse.

    Frame: the category, old_mean and mean_score in the order wanted; a mean that is not known draws nothing.
    """
    colours = theme.palette()
    records = _records(table)
    for record in records:
        old, new = record["old_mean"], record["mean_score"]
        better = colours.better if (new or 0) >= (old or 0) else colours.worse
        record |= {"word": _word(category, record[category.name]), "colour": better, "said": formats.number(new, 1)}
    tips = _tips(table, records)
    base = _base(records).encode(y=_rows("word"))
    scale = alt.Scale(zero=False, nice=True)
    across = alt.X("old_mean:Q", title=None, scale=scale, axis=alt.Axis(tickCount=5))
    both = "isValid(datum.old_mean) && isValid(datum.mean_score)"
    line = base.transform_filter(both).mark_rule(strokeWidth=4).encode(x=across, x2="mean_score:Q", color=alt.Color("colour:N", scale=None))
    then = base.transform_filter("isValid(datum.old_mean)").mark_point(filled=False, size=90, color=colours.neutral).encode(x=across)
    now = base.transform_filter("isValid(datum.mean_score)").mark_point(filled=True, size=110).encode(x=alt.X("mean_score:Q"), tooltip=tips)
    figure = base.transform_filter("isValid(datum.mean_score)").mark_text(dy=-12).encode(x=alt.X("mean_score:Q"), text=alt.Text("said:N"))
    return line + then + now + figure, len(records) * (_ROW + 4) + 40


@_framed
def stages(table: pa.Table, columns: Mapping[str, Text]) -> Drawing:
    """A row per stage, a cell per measure: the darker the worse within its column; what the ledger does not know is a dash, unshaded.

    Frame: stage_said, measure, said (what stands in the cell), about (below it), badness (0 to 1, null for not known).
    """
    colours = theme.palette()
    records = table.to_pylist()
    for record in records:
        record["column"] = session.say(columns[record["measure"]])
        record["is_dark"] = (record["badness"] or 0) > 0.71  # noqa: PLR2004 (as in `charts`: from there the other ink reads better)
    top = alt.X(
        "column:N",
        sort=[session.say(word) for word in columns.values()],
        title=None,
        axis=alt.Axis(orient="top", grid=False, labelLimit=170),
    )
    order = list(dict.fromkeys(record["stage_said"] for record in records))
    down = alt.Y("stage_said:N", sort=order, title=None, axis=alt.Axis(labelLimit=150, grid=False))
    base = _base(records).encode(y=down, x=top)
    tips = [_tip("stage_said", "stage"), _tip("column", "label"), _tip("said", "score"), _tip("about", "about")]
    shade = alt.Color("badness:Q", scale=alt.Scale(range=[colours.band, colours.worse], domain=[0, 1], interpolate="rgb"), legend=None)
    known = base.transform_filter("isValid(datum.badness)").mark_rect(stroke=colours.paper, strokeWidth=3, cornerRadius=4)
    blank = base.transform_filter("!isValid(datum.badness)").mark_rect(color=colours.paper, stroke=colours.grid, cornerRadius=4)
    ink = alt.condition("datum.is_dark", alt.value(colours.on_dark), alt.value(colours.ink))
    cells = blank.encode(tooltip=tips) + known.encode(color=shade, tooltip=tips)
    figures = base.mark_text(fontSize=15, dy=-7).encode(text=alt.Text("said:N"), color=ink)
    notes = base.mark_text(fontSize=11, dy=11).encode(text=alt.Text("about:N"), color=ink)
    return cells + figures + notes, 52 * len(order) + 40


def sizes(groups: Sequence[int]) -> Sequence[int]:
    """The numbers of answers at which the limits of a funnel are drawn: around those of its groups, closer where limits bend."""
    least, largest = max(1, min(groups) * 3 // 4), max(groups) * 21 // 20 + 1
    return sorted({round(least + (largest - least) * (step / _STEPS) ** 2) for step in range(_STEPS + 1)})
