"""Every kind of rule a person can change, with its fields. To add one: a `Kind` here, and a first version in the schema."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from lib.domain.complaint_kind import COMPLAINT
from lib.domain.kinds import CHANNEL
from lib.domain.ladder import TONE
from lib.domain.policies import Body, Field, Kind, Rows
from lib.domain.rating_kind import RATING
from lib.domain.review_kind import REVIEW
from lib.domain.service_kind import SERVICE_LEVEL, WORKING_TIME
from lib.domain.strategy_kind import STRATEGY
from lib.domain.survey_kind import SURVEY
from lib.terms import VALUE
from lib.text import Text

_ONE: Final = Decimal(1)
_MOST_DAYS: Final = Decimal(3650)
_WAYS: Final = {channel: CHANNEL[channel] for channel in ("email", "phone", "letter")}
_GRADES: Final = VALUE["credit_grade"]
_LIMIT: Final = Text("信用额度 = 几个月的平均购买额", "Credit limit = months of average purchases")
_STOP: Final = Text("什么时候停供", "When to stop")
_STATE: Final = Text("账款状态", "State of the money")
_DAY: Final = Text("到期后第几天", "Days after due")
_DAY_ABOUT: Final = Text("负数为到期前几天。", "Below zero: days before the due date.")


def _days(path: str, label: Text, under: Text | None = None) -> Field:
    return Field(path, label, most=_MOST_DAYS, under=under)


def _share(path: str, label: Text, under: Text | None = None, most: Decimal = _ONE) -> Field:
    return Field(path, label, "rate", most=most, under=under)


def _months(grade: str) -> Field:
    label = Text(
        "未评" if grade == "none" else f"信用{_GRADES[grade].zh}", "not rated" if grade == "none" else f"{_GRADES[grade].en} credit"
    )
    return Field(f"months.{grade}", label, "number", most=Decimal(120), under=_LIMIT)


CREDIT_STOP: Final = Kind(
    "credit_stop",
    Text("停供规则", "Credit stop"),
    Text(
        "超过额度或逾期过久的客户不能再开票；预收够付的除外。金额按本位币。",
        "Who is over the limit or overdue too long gets no more bills, unless money on account covers them. In the base currency.",
    ),
    (
        Field("overdue_amount", Text("允许的逾期金额", "Overdue amount allowed"), "amount", under=_STOP),
        _days("overdue_days", Text("逾期超过几天才算", "Counted when overdue for more days than"), _STOP),
        Field(
            "prepay",
            Text("一有逾期就要先付款的信用档", "Grades that pay first as soon as anything is overdue"),
            "several",
            choices=_GRADES,
            under=_STOP,
        ),
        _share("amber", Text("额度将满，占用到", "Limit near, used from"), _STOP, Decimal(2)),
        _share("red", Text("额度快满，占用到", "Limit very near, used from"), _STOP, Decimal(2)),
        _share("stop", Text("停供，占用到", "Stopped, used from"), _STOP, Decimal(2)),
        *(_months(grade) for grade in ("high", "mid", "low", "none")),
        Field("start", Text("还没有购买记录的客户", "Customers without purchases yet"), "amount", under=_LIMIT),
        _days("grace_days", Text("宽限几天后算逾期", "Overdue after days of grace"), _STATE),
        Field("tolerance", Text("不到这个金额不算", "Amounts up to this do not count"), "amount", under=_STATE),
        _days("bad_debt_days", Text("逾期几天算坏账", "Bad debt after days overdue"), _STATE),
    ),
    (("amber", "red", "stop"), ("grace_days", "bad_debt_days"), ("months.low", "months.mid", "months.high")),
    by_two=True,
)


def _numbered(body: Body) -> dict[str, Any]:
    """Levels are counted in their order; the editor knows them by their day."""
    return {**body, "levels": [{"level": number, **one} for number, one in enumerate(body["levels"], 1)]}


def _unnumbered(body: Body) -> dict[str, Any]:
    levels = sorted(body.get("levels") or (), key=lambda one: one["days"])
    return {**body, "levels": [{name: value for name, value in one.items() if name != "level"} for one in levels]}


REMINDERS: Final = Kind(
    "reminders",
    Text("催收阶梯", "Reminder ladder"),
    Text(
        "最老的欠款走到第几天，就用哪种方式、哪种语气催一次；承诺、分期、争议和暂缓期间不催。",
        "The age of the oldest debt decides channel and tone of a reminder; promises, plans, disputes and holds pause it.",
    ),
    (
        Rows(
            "levels",
            Text("各级", "Levels"),
            (
                Field("days", _DAY, least=-_MOST_DAYS, most=_MOST_DAYS, about=_DAY_ABOUT),
                Field("channel", Text("方式", "Channel"), "choice", choices=_WAYS),
                Field("tone", Text("语气", "Tone"), "choice", choices=TONE),
            ),
            "days",
        ),
        _days("gap_days", Text("两次之间至少隔几天", "Days between two reminders at least")),
        Field("smallest_amount", Text("不到这个金额不催", "Amounts below this are not asked for"), "amount"),
        Field("late_habit_earlier", Text("习惯拖欠的提前几级", "Levels earlier for who pays late by habit"), most=Decimal(5)),
        Field("large_first_channel", Text("大额客户第一次用", "A large customer is first reached by"), "choice", choices=_WAYS),
    ),
    unfold=_unnumbered,
    fold=_numbered,
)


def _by_step(body: Body) -> dict[str, Any]:
    """Edges and rates beside each other: up to which day, and how much is set aside."""
    edges, rates = body["edges"], body["rates"]
    steps = [{"days": edge, "rate": rate} for edge, rate in zip(edges, rates[1:], strict=False)]
    return {"not_due": rates[0], "steps": steps, "beyond": rates[-1]}


def _by_list(body: Body) -> dict[str, Any]:
    steps = body["steps"]
    rates = [body["not_due"], *(step["rate"] for step in steps), body["beyond"]]
    return {"edges": [step["days"] for step in steps], "rates": rates}


_RATE: Final = Text("准备比例", "Set aside")
PROVISION: Final = Kind(
    "provision",
    Text("坏账准备比例", "Provision rates"),
    Text("未收金额按账龄各计提多少；比例须由财务确认。", "How much of what is open is set aside by age; finance must confirm the rates."),
    (
        _share("not_due", Text("未到期", "Not due yet")),
        Rows(
            "steps",
            Text("逾期", "Overdue"),
            (Field("days", Text("到第几天", "Up to day"), least=_ONE, most=_MOST_DAYS), _share("rate", _RATE)),
            "days",
        ),
        _share("beyond", Text("更久", "Longer")),
    ),
    unfold=_by_step,
    fold=_by_list,
    by_two=True,
)
_SURE: Final = {rule: VALUE["rule"][rule] for rule in ("R1", "R2", "R3", "R4")}
MATCHING: Final = Kind(
    "matching",
    Text("对账规则", "Reconciliation"),
    Text(
        "哪些规则确认无误时可以自动核销，手续费和尾差最多调多少。",
        "Which rules settle by themselves when sure, and how much a fee or rounding may be.",
    ),
    (
        Field("auto", Text("自动核销", "Settled by itself"), "several", choices=_SURE),
        Field("adjust_most", Text("手续费、尾差最多", "Fee or rounding at most"), "amount", most=Decimal(100_000)),
    ),
    by_two=True,
)
FINANCING: Final = Kind(
    "financing",
    Text("资金成本", "Cost of money"),
    Text("逾期占用的钱按这个年利率计成本；须由财务确认。", "Overdue money costs this much a year; finance must confirm it."),
    (_share("yearly_rate", Text("年利率", "Yearly rate")),),
    by_two=True,
)


_FREQUENCY: Final = Text("频次（期内账单数）", "Frequency (invoices in the period)")
_AMOUNT: Final = Text("金额", "Amount")
_HABIT: Final = Text("付款习惯", "Payment habit")
_CREDIT: Final = Text("信用分", "Credit score")
_POINTS: Final = VALUE["credit_part"]
_SIZES: Final = {"large": Text("大企业得几成", "Large: share of points"), "medium": Text("中型", "Medium"), "small": Text("小型", "Small")}
_HUNDRED: Final = Decimal(100)
_BY: Final = {"share": Text("累计份额", "Cumulated share"), "fixed": Text("固定金额", "Fixed amounts")}
_FIXED_START: Final = {"large": 500_000, "medium": 100_000}


def _with_cut(body: Body) -> dict[str, Any]:
    """By which of the two cuts amounts are graded; fixed amounts not chosen yet have a place to begin."""
    amount = dict(body["amount"])
    fixed = next(iter(amount.pop("fixed", ())), None)
    begun = {f"fixed_{grade}": (fixed or _FIXED_START)[grade] for grade in _FIXED_START}
    return {**body, "amount": {**begun, "by": "fixed" if fixed else "share", **amount}}


def _with_fixed(body: Body) -> dict[str, Any]:
    """Fixed amounts stand in the rule only when they are chosen."""
    amount = dict(body["amount"])
    fixed = {grade: amount.pop(f"fixed_{grade}") for grade in _FIXED_START}
    chosen = {"fixed": [fixed]} if amount.pop("by") == "fixed" else {}
    return {**body, "amount": {**amount, **chosen}}


CLASSIFICATION: Final = Kind(
    "classification",
    Text("分类阈值", "Classification thresholds"),
    Text("频次、金额、付款习惯和信用各从哪里分档。", "Where frequency, amount, payment habit and credit are cut into grades."),
    (
        Field("months", Text("看最近几个月", "Months looked at"), least=_ONE, most=Decimal(60)),
        *(
            Field(
                f"frequency.{grade}",
                Text(f"{VALUE['frequency'][grade].zh}，从", f"{VALUE['frequency'][grade].en} from"),
                least=_ONE,
                under=_FREQUENCY,
            )
            for grade in ("high", "normal", "low")
        ),
        *(
            _share(
                f"amount.{grade}", Text(f"{VALUE['amount_grade'][grade].zh}，合计到", f"{VALUE['amount_grade'][grade].en} up to"), _AMOUNT
            )
            for grade in ("large", "medium")
        ),
        Field("amount.by", Text("本位币客户按什么分", "Customers in the base currency by"), "choice", choices=_BY, under=_AMOUNT),
        *(
            Field(
                f"amount.fixed_{grade}",
                Text(f"{VALUE['amount_grade'][grade].zh}，从多少钱起", f"{VALUE['amount_grade'][grade].en} from"),
                "amount",
                under=_AMOUNT,
            )
            for grade in ("large", "medium")
        ),
        Field("habit.invoices", Text("结清几张才知道", "Known from settled invoices"), least=_ONE, under=_HABIT),
        _days("habit.grace_days", Text("到期后几天内算按时", "On time within days after due"), _HABIT),
        _share("habit.prompt_rate", Text("按时付款率从这里起为按时", "Prompt from this share on time"), _HABIT),
        _share("habit.late_rate", Text("按时付款率不到这里为习惯拖欠", "Late below this share on time"), _HABIT),
        Field(
            "habit.late_days",
            Text("平均拖几天以上为习惯拖欠", "Late from this many days late on average"),
            "number",
            most=_MOST_DAYS,
            under=_HABIT,
        ),
        Field("credit.high", Text("信用高，从", "High from"), "number", most=_HUNDRED, under=_CREDIT),
        Field("credit.mid", Text("信用中，从", "Medium from"), "number", most=_HUNDRED, under=_CREDIT),
        *(Field(f"credit.{name}", label, "number", most=_HUNDRED, under=_CREDIT) for name, label in _POINTS.items()),
        Field(
            "credit.tenure_years", Text("往来几年得满分", "Years for full points"), "number", least=_ONE, most=Decimal(50), under=_CREDIT
        ),
        *(_share(f"credit.size.{size}", label, _CREDIT) for size, label in _SIZES.items()),
    ),
    (
        ("frequency.low", "frequency.normal", "frequency.high"),
        ("amount.large", "amount.medium"),
        ("amount.fixed_medium", "amount.fixed_large"),
        ("habit.late_rate", "habit.prompt_rate"),
        ("credit.mid", "credit.high"),
    ),
    unfold=_with_cut,
    fold=_with_fixed,
    by_two=True,
)

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        CREDIT_STOP,
        REMINDERS,
        PROVISION,
        MATCHING,
        FINANCING,
        CLASSIFICATION,
        RATING,
        STRATEGY,
        SURVEY,
        WORKING_TIME,
        SERVICE_LEVEL,
        COMPLAINT,
        REVIEW,
    )
}
