"""The rating of customers as a rule people can edit: what importance, potential and complexity are made of, and what earns all points."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from lib.domain.policies import Field, Kind
from lib.terms import VALUE
from lib.text import Text

_ONE: Final = Decimal(1)
_MOST_POINTS: Final = Decimal(100)
PARTS: Final = {
    "importance": ("amount", "habit", "tenure"),
    "potential": ("growth", "breadth", "interest"),
    "complexity": ("documents", "currencies", "disputes", "complaints", "contacts"),
}
"""What each of the three is a sum of."""


def _points(rating: str) -> tuple[Field, ...]:
    under = VALUE["rating"][rating]
    parts = VALUE["rating_part"]
    return tuple(
        Field(f"{rating}.{part}", Text(f"{parts[part].zh}，满分", f"{parts[part].en}, points"), "number", most=_MOST_POINTS, under=under)
        for part in PARTS[rating]
    )


def _full(path: str, label: Text, least: Decimal = _ONE, most: Decimal = Decimal(100_000)) -> Field:
    return Field(path, label, least=least, most=most, under=VALUE["rating"][path.partition(".")[0]])


RATING: Final = Kind(
    "customer_rating",
    Text("客户评级", "Customer rating"),
    Text(
        "重要性、潜力和复杂度各由哪几项相加，每项多少分、到哪里满分。"
        "不知道的项不计，按其余项折成 100 分；知道的不到一半就不评。每 20 分一级。",
        "What importance, potential and complexity are sums of, and where each part is full. What is unknown does not count: "
        "the rest is taken out of 100, and with less than half known there is no rating. Every 20 points are a level.",
    ),
    (
        *_points("importance"),
        Field(
            "importance.mixed",
            Text("付款时好时坏得几成", "Share of points when paying now and then late"),
            "rate",
            most=_ONE,
            under=VALUE["rating"]["importance"],
        ),
        _full("importance.full_years", Text("往来几年得满分", "Years for full points"), most=Decimal(50)),
        *_points("potential"),
        Field(
            "potential.full_growth",
            Text("比前一期多几成得满分", "Growth for full points"),
            "rate",
            least=Decimal("0.01"),
            most=Decimal(10),
            under=VALUE["rating"]["potential"],
        ),
        _full("potential.interest_days", Text("看最近几天的来询", "Days of enquiries looked at"), most=Decimal(3650)),
        _full("potential.full_interest", Text("来询几次得满分", "Enquiries for full points")),
        *_points("complexity"),
        _full("complexity.full_documents", Text("几张单据得满分", "Documents for full points")),
        _full("complexity.full_currencies", Text("几种币种得满分", "Currencies for full points"), Decimal(2)),
        _full("complexity.full_disputes", Text("几件争议得满分", "Disputes for full points")),
        _full("complexity.full_complaints", Text("几件投诉得满分", "Complaints for full points")),
        _full("complexity.full_contacts", Text("几个联系人得满分", "Contacts for full points"), Decimal(2)),
    ),
)
