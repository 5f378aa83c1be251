"""What a review promised, decided and is asked to talk about: read aloud, answered, voted on and settled on the page itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands import explaining
from lib.commands.actions import DUE, REASON, WHAT, RaiseAction, StepAction
from lib.commands.decisions import REASON as WHY
from lib.commands.decisions import REVISIT, SAID, Resolve, Revisit
from lib.commands.explaining import ExplainSignal
from lib.commands.topics import OUTCOME, SettleTopic, VoteTopic
from lib.domain.access import Permission
from lib.metrics import METRICS
from lib.store.door import Command
from lib.term_review import VALUE
from lib.text import Text
from lib.ui import actions, forms, page, review, review_forms, session
from lib.ui.actions import Line
from lib.ui.forms import Form
from lib.ui.review import Review
from lib.ui.review_forms import TOLD

Row = Mapping[str, Any]

_HEAD: Final = Text("{open} 项未完成，{due} 项该有结果；{ended} 项刚有结果", "{open} open, {due} due; {ended} just ended")
_WORN: Final = Text("顺延过两次：今天必须定下来", "Put off twice: to be settled today")
_DUE: Final = Text("该有结果的", "Due")
_ENDED: Final = Text("有结果的", "Ended")
_EFFECTS: Final = Text("到了看效果的时候", "Time to look at the effect")
_PUT_OFF: Final = Text("这次顺延或改期的", "Put off in this review")
_AHEAD: Final = Text("还没到期", "Not due yet")
_NEW: Final = Text("这次会上新记的", "Written down in this review")
_NOTHING: Final = Text(
    "没有行动。会上说好的事，按 A 记下来，下周从这里念起。", "No actions. Write down what is agreed (key A): next week begins with it."
)
_NOBODY: Final = Text("没有负责人", "nobody")
_OLD: Final = Text("老的行动还有用吗？（{count}）", "Old actions: still true? ({count})")
_OLD_ABOUT: Final = Text(
    "记下四周以上、还没完成的。选出不再有用的，写明理由一起收掉；其余的留着。",
    "Written down four weeks ago or more and still open. Choose those of no use any more and give them up together; the others stay.",
)
_USELESS: Final = Text("不再有用的", "No longer of use")
_GIVEN_UP: Final = Text("收掉 {count} 项", "{count} given up")
_OLD_AFTER: Final = timedelta(weeks=4)
_ASKED: Final = Text("请您说明的信号", "You were asked to explain")
_UNSAID: Final = Text("还没有说明", "not explained yet")
_ANSWER: Final = Text("写说明", "Explain it")
_NO_TOPICS: Final = Text("没有议题。想谈的事先提出来，票多的先谈。", "No topics. Bring up what to talk about; most votes come first.")
_VOTES: Final = Text("{count} 票", "{count}")
_VOTE: Final = Text("投票", "Vote")
_UNVOTE: Final = Text("收回我的票", "Take my vote back")
_VOTED: Final = Text("已投票。", "Voted.")
_UNVOTED: Final = Text("票已收回。", "Vote taken back.")
_SETTLE: Final = Text("下结论", "Settle")
_CLOSE: Final = Text("收起", "Close")
_RESULT: Final = Text("结果", "Result")
_ALSO: Final = Text("同时记下", "Write down too")
_ALSO_WHAT: Final[dict[str, Text]] = {"action": Text("一项行动", "An action"), "decision": Text("一项决定", "A decision")}
_SETTLED: Final = Text("议题：{said}", "Topic: {said}")
_RAISED: Final = Text("{who}提出", "from {who}")
_DECISIONS: Final = Text("该再看的决定", "Decisions to look at again")
_REVISIT: Final = Text("再看", "Look again")
_REVISITED: Final = Text("决定：{said}", "Decision: {said}")
_DECIDED: Final = Text("{week}定的，因为{reason}", "decided in {week}, because {reason}")
_KEEP_HINT: Final = Text("不改就留着原话", "Leave it to keep the words")


def asked(found: Review) -> None:
    """Signals of another circle's review that the person at the desk was asked to explain."""
    rows = [row for row in page.rows("explanations", found.scope, week_on=found.pack.week_on) if row["circle"] != found.pack.circle]
    if not rows or not review_forms.may("action"):
        return
    page.section(_ASKED)
    for row in rows:
        _asked(row, found)


def promises(found: Review) -> None:
    """Every promise on the agenda: those put off twice, then what is due by owner, then the rest."""
    rows = found.pack.tables.get("actions", ())
    if not rows:
        page.empty(_NOTHING)
        return
    # Of a meeting that runs what is due today counts too; of one that is over, what was by the end of its week.
    until = session.as_of() if found.may_write else found.pack.as_of
    open_, ended = [row for row in rows if row["is_open"]], [row for row in rows if not row["is_open"]]
    due = [row for row in open_ if actions.due(row) <= until and row["is_waiting"]]
    put_off = [row for row in open_ if not row["is_waiting"] and not row["is_new"]]
    counts = {"open": len(open_), "due": len(due), "ended": len(ended)}
    st.markdown(f"**{session.say(_HEAD, **counts)}**")
    how = Line(found.pack.week_on, may_step=found.may_write)
    worn = [row for row in due if row["is_worn"]]
    _group(_WORN, worn, how)
    _by_owner(_DUE, [row for row in due if row not in worn], how)
    _group(_EFFECTS, [row for row in ended if row["effect_seen"]], how)
    _group(_ENDED, [row for row in ended if not row["effect_seen"]], how)
    _group(_NEW, [row for row in open_ if row["is_new"]], how)
    _group(_PUT_OFF, put_off, how)
    _group(_AHEAD, [row for row in open_ if row["is_waiting"] and row not in due], how)
    _still_true(open_, found)


def decisions(found: Review) -> None:
    """What was decided to be looked at again by now."""
    due = [row for row in found.pack.tables.get("decisions", ()) if row["is_due"]]
    if not due:
        return
    page.section(_DECISIONS)
    for row in due:
        _decision(row, found)


def topics(found: Review) -> None:
    """What to talk about, most votes first; each can be voted for and, by who runs the review, settled."""
    decisions(found)
    rows = page.rows("topics", found.scope, week_on=found.pack.week_on)
    if not rows:
        page.empty(_NO_TOPICS)
    for row in rows:
        _topic(row, found)


def _asked(row: Row, found: Review) -> None:
    metric = METRICS.get(row["metric"])
    name = session.say(metric.label) if metric else row["metric"]
    told = row["explanation_said"]
    with st.container(border=True, key=f"asked_{row['explanation_id']}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            words = told or session.say(_UNSAID)
            about = page.md(review.circle_words(row["circle"]))
            st.markdown(f"**{page.md(name)}** :gray-badge[{about}]&ensp;:gray[{page.md(words)}]", width="stretch")
            opened = ("answer", str(row["explanation_id"]))
            st.button(session.say(_ANSWER), key=f"answer-{row['explanation_id']}", on_click=actions.turn, args=opened)
        if actions.is_open("answer", row["explanation_id"]):
            _answer(row, name, found)


def _answer(row: Row, name: str, found: Review) -> None:
    form = Form(f"answer-{row['explanation_id']}", told=TOLD)
    forms.begun(form)
    form.start("said", row["explanation_said"] or "")
    form.start("cause", row["signal_cause"])
    said = forms.line(form, "said", explaining.SAID)
    cause = forms.pills(form, "cause", explaining.CAUSE, VALUE["signal_cause"])

    def build(_confirmed: bool) -> Command:  # noqa: FBT001 (forms.save calls it)
        return ExplainSignal(row["metric"], said, cause or "", found.pack.week_on, session.today(), of=row["circle"])

    needed = {"said": explaining.SAID, "cause": explaining.CAUSE}
    forms.save(form, build, name, needed=needed, then=lambda _: actions.turn("answer", str(row["explanation_id"])))


def _group(title: Text, rows: Sequence[Row], how: Line) -> None:
    if rows:
        page.section(title)
        actions.listed(rows, how)


def _by_owner(title: Text, rows: Sequence[Row], how: Line) -> None:
    """What is due, under the name of who took it."""
    if not rows:
        return
    page.section(title)
    for name, own in groupby(sorted(rows, key=_whose), key=_whose):
        st.markdown(f":gray[{page.md(name)}]")
        actions.listed(list(own), replace(how, says_owner=False))


def _whose(row: Row) -> str:
    return row["doer_name"] or session.say(_NOBODY)


def _still_true(rows: Sequence[Row], found: Review) -> None:
    """Promises of four weeks and more, given up together where they are of no use any more."""
    old = {row["action_id"]: row for row in rows if found.pack.week_on - row["week_on"] >= _OLD_AFTER and actions.may_take(row)}
    if not old or not (found.may_write and actions.may_step()):
        return
    st.button(session.say(_OLD, count=len(old)), key="old-actions", type="tertiary", on_click=actions.turn, args=("old", "1"))
    if not actions.is_open("old", 1):
        return
    form = Form("still-true", told=TOLD)
    with st.container(border=True, key="still_true"):
        forms.begun(form)
        st.caption(session.say(_OLD_ABOUT))
        ids = forms.field(
            form,
            "ids",
            st.multiselect,
            session.say(_USELESS),
            options=list(old),
            format_func=lambda one: old[one]["action_said"],
            placeholder="…",
        )
        note = forms.line(form, "note", REASON)
        chosen = tuple(ids or ())
        what = session.say(_GIVEN_UP, count=formats.number(len(chosen)))
        forms.save(
            form,
            lambda _: StepAction(chosen, "killed", session.today(), note, week_on=found.pack.week_on),
            what,
            needed={"note": REASON},
            then=lambda _: actions.turn("old", "1"),
        )


def _topic(row: Row, found: Review) -> None:
    with st.container(border=True, key=f"topic_{row['topic_id']}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(_topic_words(row), width="stretch")
            if row["customer_id"] is not None:
                page.link(row["name"], "customer", customer=row["customer_id"])
            if row["topic_state"] == "open" and found.may_write:
                _vote(row)
                _turn_button(_SETTLE, "topic", row["topic_id"], found)
        if row["topic_state"] == "open" and actions.is_open("topic", row["topic_id"]) and _runs(found):
            _settle(row, found)


def _topic_words(row: Row) -> str:
    votes = formats.counted(row["votes"], "vote", "votes")
    about = [session.say(_RAISED, who=row["raised_by_name"])] if row["raised_by_name"] else []
    about += [session.say(METRICS[row["metric"]].label)] if row["metric"] in METRICS else []
    badge = session.say(_VOTES, count=votes) if row["topic_state"] == "open" else session.say(VALUE["topic_state"][row["topic_state"]])
    outcome = f"  \n{page.md(row['topic_outcome'])}" if row["topic_outcome"] else ""
    return f"**{page.md(row['topic_said'])}** :gray-badge[{page.md(badge)}]&ensp;:gray[{page.md(' · '.join(about))}]{outcome}"


def _vote(row: Row) -> None:
    if review_forms.may("topic"):
        label = session.say(_UNVOTE if row["is_mine"] else _VOTE)
        kind = "tertiary" if row["is_mine"] else "secondary"
        key = f"vote-{row['topic_id']}"
        st.button(label, key=key, type=kind, icon=":material/thumb_up:", on_click=_voted, args=(row,))  # type: ignore[arg-type]


def _voted(row: Row) -> None:
    page.change(VoteTopic(row["topic_id"], not row["is_mine"]), _UNVOTED if row["is_mine"] else _VOTED)


def _turn_button(label: Text, name: str, thing_id: int, found: Review) -> None:
    """Opens the form of one thing, or closes it, while the meeting runs."""
    if _runs(found):
        words = session.say(_CLOSE if actions.is_open(name, thing_id) else label)
        st.button(words, key=f"{name}-{thing_id}", type="tertiary", on_click=actions.turn, args=(name, str(thing_id)))


def _runs(found: Review) -> bool:
    """Whether the meeting runs, and the person at the desk runs it."""
    return found.may_write and found.state == "live" and review.may(Permission.MEETING_RUN)


def _settle(row: Row, found: Review) -> None:
    """The outcome, and what is to be done or was decided, in one go."""
    form = Form(f"settle-{row['topic_id']}", told=TOLD)
    forms.begun(form)
    form.start("state", "solved")
    state = forms.pills(form, "state", _RESULT, {name: VALUE["topic_state"][name] for name in ("solved", "dropped")})
    outcome = forms.line(form, "outcome", OUTCOME)
    also = forms.several(form, "also", _ALSO, _ALSO_WHAT) if state == "solved" else ()
    today, action, decision = session.today(), None, None
    if "action" in also:
        said = review_forms.said(form, "action_said")
        owner_id = review_forms.owner(form, "owner_id", row["customer_id"], start=session.actor().user_id)
        due_on = forms.day(form, "due_on", DUE, start=today + timedelta(days=7))
        action = RaiseAction(said, owner_id or 0, due_on or today, today)
    if "decision" in also:
        decision = Resolve(forms.line(form, "decision_said", SAID), forms.line(form, "reason", WHY), today)
    needed = {"outcome": OUTCOME}
    needed |= {"action_said": WHAT} if action else {}
    needed |= {"decision_said": SAID, "reason": WHY} if decision else {}

    def build(_confirmed: bool) -> Command:  # noqa: FBT001 (forms.save calls it)
        return SettleTopic(row["topic_id"], state or "open", outcome, today, action, decision, found.pack.week_on)

    forms.save(
        form,
        build,
        session.say(_SETTLED, said=row["topic_said"]),
        needed=needed,
        then=lambda _: actions.turn("topic", str(row["topic_id"])),
    )


def _decision(row: Row, found: Review) -> None:
    with st.container(border=True, key=f"decision_{row['resolution_id']}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            about = session.say(_DECIDED, week=formats.week(row["week_on"], session.language()), reason=row["reason"])
            st.markdown(f"**{page.md(row['decision_said'])}**&ensp;:gray[{page.md(about)}]", width="stretch")
            _turn_button(_REVISIT, "decision", row["resolution_id"], found)
        if actions.is_open("decision", row["resolution_id"]) and _runs(found):
            _revisit(row)


def _revisit(row: Row) -> None:
    form = Form(f"revisit-{row['resolution_id']}", told=TOLD)
    forms.begun(form)
    form.start("said", row["decision_said"])
    said = forms.line(form, "said", SAID, hint=_KEEP_HINT)
    reason = forms.line(form, "reason", WHY)
    revisit_on = forms.soon(form, "revisit_on", REVISIT)
    what = session.say(_REVISITED, said=row["decision_said"])

    def build(_confirmed: bool) -> Command:  # noqa: FBT001 (forms.save calls it)
        return Revisit(row["resolution_id"], reason, session.today(), said or None, revisit_on)

    forms.save(form, build, what, needed={"reason": WHY}, then=lambda _: actions.turn("decision", str(row["resolution_id"])))
