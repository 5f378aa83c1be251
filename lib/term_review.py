"""Words of what weekly reviews write: columns and coded values."""

from __future__ import annotations

from typing import Final

from lib.text import Text

COLUMN: Final[dict[str, Text]] = {
    "action_note": Text("说明", "Note"),
    "action_said": Text("行动", "Action"),
    "action_state": Text("状态", "State"),
    "action_step": Text("步骤", "Step"),
    "carried_count": Text("顺延次数", "Times carried"),
    "decision_said": Text("决定", "Decision"),
    "doer_name": Text("负责人", "Owner"),
    "effect": Text("预期", "Expected"),
    "effect_by": Text("看效果", "Effect by"),
    "effect_seen": Text("效果", "Effect"),
    "ended_on": Text("了结日", "Ended on"),
    "explanation_said": Text("说明", "Explanation"),
    "mark_said": Text("做了什么", "What was done"),
    "raised_by_name": Text("提出人", "Raised by"),
    "revisit_on": Text("何时再看", "Look again on"),
    "signal_cause": Text("主要原因", "Main cause"),
    "signal_verdict": Text("会上结论", "Verdict"),
    "topic_outcome": Text("结论", "Outcome"),
    "topic_said": Text("议题", "Topic"),
    "topic_state": Text("状态", "State"),
    "votes": Text("票数", "Votes"),
}
VALUE: Final[dict[str, dict[str, Text]]] = {
    "action_state": {
        "open": Text("进行中", "Open"),
        "done": Text("已完成", "Done"),
        "killed": Text("不做了", "Given up"),
        "split": Text("已拆分", "Split"),
    },
    "action_step": {
        "done": Text("完成", "Done"),
        "carried": Text("顺延", "Carry over"),
        "moved": Text("改期", "Put off"),
        "escalated": Text("上交", "Escalate"),
        "split": Text("拆分", "Split"),
        "killed": Text("不做了", "Give up"),
        "reopened": Text("重做", "Take up again"),
    },
    "effect": {"up": Text("升高", "Up"), "down": Text("降低", "Down")},
    "effect_seen": {
        "works": Text("有效（信号）", "Works (signal)"),
        "unclear": Text("看不出", "Not to be seen"),
        "worse": Text("变差", "Worse"),
        "early": Text("还早", "Too early"),
    },
    "signal_cause": {
        "ours": Text("我们自己的做法", "Our own doing"),
        "customer": Text("个别客户", "A few customers"),
        "market": Text("行业和市场", "The market"),
        "season": Text("季节和节假日", "Season and holidays"),
        "once": Text("一次性事件", "A single event"),
        "data": Text("数据问题", "Wrong data"),
        "unknown": Text("还不清楚", "Not known yet"),
    },
    "signal_verdict": {
        "explain": Text("已说明", "Explained"),
        "investigate": Text("要查", "Look into it"),
        "act": Text("要做", "Act on it"),
        "noise": Text("不用做", "No action"),
    },
    "topic_state": {
        "open": Text("待谈", "Open"),
        "solved": Text("有结论", "Settled"),
        "dropped": Text("不谈了", "Dropped"),
    },
}
