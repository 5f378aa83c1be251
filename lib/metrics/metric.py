"""What a metric is: a number with its name, definition and the rows it adds up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from lib.domain.access import Role
from lib.domain.signals import Nature
from lib.text import Text

Unit = Literal["money", "rate", "days", "count", "score"]
Good = Literal["up", "down"]
Kind = Literal["stock", "flow", "ratio"]
Group = Literal["inputs", "experience", "receivables", "value", "data"]

GROUPS: Final[dict[Group, Text]] = {
    "inputs": Text("我们的投入", "What we put in"),
    "experience": Text("客户体验", "What customers experience"),
    "receivables": Text("应收账款", "Receivables"),
    "value": Text("留存与价值", "Retention and value"),
    "data": Text("数据质量", "Quality of the data"),
}
"""What metrics are about, in the order in which every review reads them: what we do first, what comes of it last."""

_OWNER: Final[dict[Group, Role]] = {
    "inputs": Role.LEAD,
    "experience": Role.MANAGER,
    "receivables": Role.FINANCE,
    "value": Role.MANAGER,
    "data": Role.LEAD,
}

REACH: Final = "reach"
"""The base whose rows are customers, each with whether something happened in the window that ends with the week."""


@dataclass(frozen=True, slots=True)
class Part:
    """A sum over rows of a base (a macro `measured_<base>` of `60_measure.sql`) that satisfy `only`.

    `amount` is what one row adds, `count` how many things it stands for. A running part adds up since the beginning (a stock),
    any other the rows of its week (a flow).
    """

    base: str
    amount: str = "1"
    only: str = "true"
    count: str = "1"
    running: bool = False
    grows: bool = False
    """Each row adds its amount once for every day since its `since_on`; the part is running."""

    @property
    def spans_window(self) -> bool:
        """Whether a week's sum covers the metric's whole window: customers reached in several weeks are not to be counted twice."""
        return self.base == REACH


@dataclass(frozen=True, slots=True)
class Metric:
    """One number. Its value is the numerator; with a denominator their ratio times `scale`, over the last `window` weeks."""

    name: str
    label: Text
    definition: Text
    formula: Text
    unit: Unit
    good: Good
    group: Group
    numerator: Part
    denominator: Part | None = None
    scale: int = 1
    window: int = 1
    opens: str = "overview"
    """The page that shows the rows behind the number."""
    target: Decimal | None = None
    is_countback: bool = False
    """Counted back day by day over what was billed until that makes up the numerator."""
    answers: Role | None = None
    """Who answers for it where that is not who answers for its group."""

    @property
    def owner(self) -> Role:
        """The role that answers for it: who is asked first when it is a signal."""
        return self.answers or _OWNER[self.group]

    @property
    def kind(self) -> Kind:
        """A flow is of one week alone, a stock of all that came together until then, a ratio one of two sums."""
        if self.denominator:
            return "ratio"
        return "stock" if self.numerator.running or self.numerator.spans_window else "flow"

    @property
    def nature(self) -> Nature:
        """How its weeks vary: what is carried over from week to week is a stock, shares of it too."""
        carried = self.numerator.running or self.numerator.spans_window
        return "stock" if carried else "ratio" if self.denominator else "flow"


@dataclass(frozen=True, slots=True)
class Measurement:
    """A metric in one week (its Monday), the current week up to the date asked about; in one group when asked by group.

    `note` says why there is no value. `own` is what the week says by itself where the value looks back over several, `own_n` on how much.
    """

    metric: str
    week_on: date
    value: Decimal | None
    numerator: Decimal
    denominator: Decimal | None
    n: int
    label: str | None = None
    note: Text | None = None
    own: Decimal | None = None
    own_n: int = 0
