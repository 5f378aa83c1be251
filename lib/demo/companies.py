"""Two thousand customers: corporate ones, small accounts, prospects, payers found in the bank statements, and the stories among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from lib.demo import stories
from lib.demo.moments import END, OPENING, START, office_hour, working_on_or_after, working_on_or_before
from lib.demo.names import Name, abroad_names, company_names, person_names, shop_names
from lib.demo.people import managers_of
from lib.demo.sources import Words, chance, happens, weighted, words

CORPORATE: Final = 598
SMALL: Final = 1120
PROSPECTS: Final = 198
OFF_BOOK: Final = 60
CONVERTED: Final = 12

_HABITS: Final = ("prompt", "mixed", "late", "chronic")
_HABIT_WEIGHTS: Final = {"corporate": (48, 34, 15, 3), "small_account": (56, 30, 12, 2)}


@dataclass(frozen=True, slots=True)
class Company:
    """A customer as it is at the demo date, and how it behaves."""

    customer_id: int
    account_no: str
    name: Name
    kind: str
    book: str
    origin: str
    status: str
    city: str
    region: str
    team: str
    industry: str
    goods: str
    size: str | None
    segment: str
    currency: str
    terms_days: int | None
    owner_id: int
    secrecy: int
    language: str
    tax_no: str | None
    bank_account: str | None
    habit: str
    invoices_a_year: float
    typical_cents: float
    pays_on: int | None
    first_on: date
    last_on: date
    known_at: datetime
    converted_on: date | None = None
    story: str | None = None
    note: str | None = None

    @property
    def is_small_account(self) -> bool:
        """Whether it is one of the many that buy little: a shop or a person."""
        return self.origin == "walkin"

    @property
    def is_billed(self) -> bool:
        """Whether it ever gets an invoice."""
        return self.invoices_a_year > 0

    def is_active(self, first: date, last: date) -> bool:
        """Whether it buys in a period."""
        return self.is_billed and self.first_on <= last and self.last_on >= first


def companies(seed: int) -> list[Company]:
    """Everybody, in the order in which they became known."""
    found = [
        *_corporate(seed),
        *_abroad(seed),
        *_small(seed),
        *_prospects(seed),
        *_off_book(seed),
        *_story_companies(seed),
    ]
    found.sort(key=lambda company: company.known_at)
    return [_numbered(company, number) for number, company in enumerate(found, 1)]


def _numbered(company: Company, number: int) -> Company:
    letter = "X" if company.origin in {"informal", "prospect", "grey"} else "C"
    return replace(
        company,
        customer_id=number,
        account_no=f"{letter}{number:06d}",
        # Never valid ones: a tax number has no letter O, and no bank begins its accounts with zeros.
        tax_no=_tax_no(company, number),
        bank_account=f"0000 0000 {number:08d}" if company.bank_account else None,
    )


def _tax_no(company: Company, number: int) -> str | None:
    if company.story == stories.TWIN:
        return stories.TWIN_TAX_NO
    return f"91DEMO{number:012d}" if company.tax_no else None


def _corporate(seed: int) -> Iterator[Company]:
    rng = chance(seed, "corporate")
    names = company_names(chance(seed, "brands"))
    for _ in range(CORPORATE):
        place, sector = weighted(rng, words("cities")), rng.choice(words("sectors"))
        yield _corporate_one(rng, place, sector, next(names)(place, sector))


def _corporate_one(rng: Random, place: Words, sector: Words, name: Name) -> Company:
    size = rng.choices(("large", "medium", "small"), (13, 37, 50))[0]
    yearly, typical, spread, terms = {
        "large": (34.0, 60_000_00, 0.7, ((30, 25), (60, 47), (90, 28))),
        "medium": (17.5, 20_000_00, 0.6, ((0, 8), (30, 50), (60, 42))),
        "small": (9.5, 7_500_00, 0.6, ((0, 22), (30, 60), (60, 18))),
    }[size]
    return replace(
        _plain(rng, place, name),
        origin="corporate",
        industry=sector["industry"],
        goods=sector["goods"],
        size=size,
        segment="对公客户",
        terms_days=_choice(rng, terms),
        secrecy=_choice(rng, ((0, 80), (1, 16), (2, 4))),
        habit=_habit(rng, "corporate", place["region"]),
        invoices_a_year=yearly * rng.uniform(0.6, 1.4),
        typical_cents=typical * rng.lognormvariate(0, spread),
        pays_on=rng.choice((1, 2, 3, 4)) if size != "small" and happens(rng, 0.5) else None,
    )


def _abroad(seed: int) -> Iterator[Company]:
    rng = chance(seed, "abroad")
    for line, name in abroad_names():
        place = {"zh": line["country"], "region": "海外", "team": rng.choice(("华东", "华南"))}
        sector = rng.choice(words("sectors"))
        yield replace(
            _corporate_one(rng, place, sector, name),
            origin="nonresident",
            size="medium",
            currency="USD",
            terms_days=rng.choice((30, 60, 60)),
            language="en",
            tax_no=None,
            typical_cents=4_200_00 * rng.lognormvariate(0, 0.5),
        )


def _small(seed: int) -> Iterator[Company]:
    rng = chance(seed, "small")
    shops, people = shop_names(chance(seed, "shops")), person_names(chance(seed, "persons"))
    for _ in range(SMALL):
        place, trade = weighted(rng, words("cities")), rng.choice(words("shops"))
        is_person = happens(rng, 0.22)
        yield replace(
            _plain(rng, place, next(people) if is_person else next(shops)(place, trade)),
            kind="person" if is_person else "company",
            origin="walkin",
            industry=trade["industry"],
            goods=trade["goods"],
            size="small",
            segment="零散客户",
            terms_days=0 if is_person else _choice(rng, ((0, 62), (30, 38))),
            tax_no=None,
            secrecy=0 if happens(rng, 0.95) else 1,
            habit=_habit(rng, "small_account", place["region"]),
            invoices_a_year=rng.lognormvariate(1.0, 0.6),
            typical_cents=1_300_00 * rng.lognormvariate(0, 0.7),
        )


def _prospects(seed: int) -> Iterator[Company]:
    rng = chance(seed, "prospects")
    names = company_names(chance(seed, "brands"), skip=CORPORATE)
    for _ in range(PROSPECTS):
        place, sector = weighted(rng, words("cities")), rng.choice(words("sectors"))
        met_on = _day(rng, date(2024, 1, 2), END - timedelta(days=6))
        yield replace(
            _plain(rng, place, next(names)(place, sector)),
            book="offbook",
            origin=rng.choice(("prospect", "prospect", "grey")),
            industry=sector["industry"],
            segment="潜在客户",
            terms_days=None,
            tax_no=None,
            bank_account=None,
            secrecy=_choice(rng, ((0, 60), (1, 30), (2, 10))),
            first_on=met_on,
            known_at=office_hour(rng, met_on),
        )


def _off_book(seed: int) -> Iterator[Company]:
    rng = chance(seed, "off_book")
    shops, people = shop_names(chance(seed, "shops"), SMALL), person_names(chance(seed, "persons"), SMALL)
    for number in range(OFF_BOOK):
        place, trade = weighted(rng, words("cities")), rng.choice(words("shops"))
        found_on = _day(rng, date(2024, 3, 1), END - timedelta(days=260 if number < CONVERTED else 10))
        payer = replace(
            _plain(rng, place, next(people) if number % 3 else next(shops)(place, trade)),
            kind="person" if number % 3 else "company",
            book="offbook",
            origin="informal",
            industry=trade["industry"],
            goods=trade["goods"],
            segment="账外客户",
            terms_days=None,
            tax_no=None,
            first_on=found_on,
            known_at=office_hour(rng, found_on),
        )
        yield _converted(rng, payer) if number < CONVERTED else payer


def _converted(rng: Random, payer: Company) -> Company:
    """An off-book payer that went through the review and became a formal customer."""
    converted_on = working_on_or_after(payer.first_on + timedelta(days=rng.randint(60, 120)))
    return replace(
        payer,
        book="formal",
        segment="零散客户",
        terms_days=30,
        invoices_a_year=rng.uniform(5, 10),
        typical_cents=2_500_00.0,
        converted_on=converted_on,
    )


def _story_companies(seed: int) -> Iterator[Company]:
    rng = chance(seed, "stories")
    cities = {line["zh"]: line for line in words("cities")}
    sectors = {line["zh"]: line for line in words("sectors")}
    yield _slipping(rng, cities["苏州"], sectors["机械"])
    for name in (
        Name("杭州明辉电子科技有限公司", "Hangzhou Minghui Electronics Co., Ltd."),
        Name("杭州市明辉电子科技公司", "Hangzhou Minghui Electronic Technology Company"),
    ):
        yield _twin(rng, cities["杭州"], sectors["电子科技"], name)
    yield _regular_payer(rng, cities["义乌"])


def _slipping(rng: Random, city: Words, sector: Words) -> Company:
    return replace(
        _corporate_one(rng, city, sector, Name("苏州恒源机械股份有限公司", "Suzhou Hengyuan Machinery Corp., Ltd.")),
        size="large",
        terms_days=60,
        secrecy=1,
        language="zh",
        habit="prompt",
        invoices_a_year=42.0,
        typical_cents=165_000_00.0,
        pays_on=3,
        first_on=START,
        last_on=END,
        status="active",
        known_at=OPENING,
        story=stories.SLIPPING,
        note="重点客户，年度框架协议每年七月续签。",
    )


def _twin(rng: Random, city: Words, sector: Words, name: Name) -> Company:
    return replace(
        _corporate_one(rng, city, sector, name),
        size="medium",
        terms_days=30,
        secrecy=0,
        habit="mixed",
        invoices_a_year=14.0,
        typical_cents=18_000_00.0,
        first_on=START,
        last_on=END,
        status="active",
        known_at=OPENING,
        story=stories.TWIN,
    )


def _regular_payer(rng: Random, city: Words) -> Company:
    found_on = date(2025, 9, 12)
    return replace(
        _plain(rng, city, Name("义乌顺通贸易商行", "Yiwu Shuntong Trading House")),
        book="offbook",
        origin="informal",
        industry="物流贸易",
        segment="账外客户",
        status="active",
        terms_days=None,
        tax_no=None,
        first_on=found_on,
        last_on=END,
        known_at=office_hour(rng, found_on),
        story=stories.REGULAR_PAYER,
        note="银行流水里每月来款，尚未登记，也没有账单。",
    )


def _plain(rng: Random, place: Words, name: Name) -> Company:
    """What all have in common; each kind of customer then says what is different."""
    first_on = START if happens(rng, 0.58) else _day(rng, START + timedelta(days=20), date(2026, 4, 30))
    leaves = happens(rng, 0.13)
    last_on = min(END, first_on + timedelta(days=rng.randint(200, 1100))) if leaves else END
    return Company(
        customer_id=0,
        account_no="",
        name=name,
        kind="company",
        book="formal",
        origin="corporate",
        status="inactive" if last_on < date(2025, 6, 1) else "active",
        city=place["zh"],
        region=place["region"],
        team=place["team"],
        industry="",
        goods="",
        size=None,
        segment="",
        currency="CNY",
        terms_days=0,
        owner_id=rng.choice(managers_of(place["team"])),
        secrecy=0,
        language="zh" if happens(rng, 0.93) else "en",
        tax_no="yes",
        bank_account="yes",
        habit="prompt",
        invoices_a_year=0.0,
        typical_cents=0.0,
        pays_on=None,
        first_on=first_on,
        last_on=last_on,
        known_at=OPENING if first_on == START else office_hour(rng, working_on_or_before(first_on - timedelta(days=3))),
    )


def _habit(rng: Random, kind: str, region: str) -> str:
    prompt, mixed, late, chronic = _HABIT_WEIGHTS[kind]
    if region == stories.MENDING_REGION:
        # The region that mends had far to go.
        prompt, mixed, late, chronic = 20, 35, 45, 0
    return rng.choices(_HABITS, (prompt, mixed, late, chronic))[0]


def _choice(rng: Random, weights: tuple[tuple[int, int], ...]) -> int:
    return rng.choices([value for value, _ in weights], [weight for _, weight in weights])[0]


def _day(rng: Random, first: date, last: date) -> date:
    return working_on_or_after(first + timedelta(days=rng.randrange((last - first).days)))
