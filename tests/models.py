"""`make models`: what the models reach on public data sets, beside published figures and the simple rule; writes docs/MODELS.md.

The data lie beside the repository (`tests/shared.py`); a set that is not there is said to be missing. Nothing learns from what it is
judged by: purchases are cut at a day, payers at a day by what was known at each invoice, defaults by folds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import texts  # noqa: E402 (after the path)
from shared import SHARED  # noqa: E402

from lib.domain import buying, lateness, scorecard, spending, text_model, trials  # noqa: E402
from lib.domain.buying import Buying, Histories  # noqa: E402
from lib.domain.lateness import Payments  # noqa: E402
from lib.domain.spending import Spending  # noqa: E402

Numbers = NDArray[np.float64]
CDNOW = SHARED / "cdnow_sample_1997Q1_Q3"
AR = SHARED / "ar_ibm_late_payments" / "accounts_receivable_2012-01_2013-06.csv"
TAIWAN = SHARED / "credit_default_taiwan_odd_ids" / "uci_credit_default_odd_ids.csv.gz"
RETAIL = SHARED / "online_retail_2010_2011" / "online_retail.csv.gz"
FOLDS = 5
WEEK_78_REPEATS = 4339
"""Repeat purchases of the CDNOW sample up to week 78, as published; the file here ends with week 39."""


@dataclass(frozen=True)
class Line:
    """One line of the table: what was measured, ours, the simple rule's, what is published."""

    what: str
    ours: str
    rule: str = "—"
    published: str = "—"


@dataclass
class Part:
    """What one data set says."""

    title: str
    protocol: str
    n: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Buyers:
    """Customers as of a day: histories one by one, what their repeat purchases were worth on average, and what came after."""

    repeats: Numbers
    last: Numbers
    watched: Numbers
    mean: Numbers
    first_week: Numbers
    later: Numbers
    recent: Numbers

    @property
    def histories(self) -> Histories:
        """The same as distinct histories with their counts."""
        return Histories.of(self.repeats, self.last, self.watched)[0]

    @property
    def each(self) -> Histories:
        """One history a customer."""
        return Histories(self.repeats, self.last, self.watched, np.ones_like(self.last))


def bought(days: str, until: date, weeks: int = 0) -> Buyers:
    """Buyers up to a day and purchase days of the weeks after it; `days`: a select of customer, day and amount."""
    row = duckdb.execute(
        f"""
        with bought as (
            select customer, day, sum(amount) as amount from ({days}) group by customer, day
        ),

        day as (
            select customer, day, amount, min(day) over (partition by customer) as first_on from bought
        )

        select
            count(*) filter (where day <= $until) - 1.0,
            (max(day) filter (where day <= $until) - any_value(first_on)) / 7,
            ($until - any_value(first_on)) / 7,
            coalesce(avg(amount) filter (where day <= $until and day > first_on), 0)::double,
            (any_value(first_on) - (select min(first_on) from day)) / 7,
            count(*) filter (where day > $until and day <= $until + $days)::double,
            count(*) filter (where day <= $until and day > $until - 91)::double
        from day
        where first_on <= $until
        group by customer
        order by customer
        """,
        {"until": until, "days": 7 * weeks},
    ).fetchnumpy()
    return Buyers(*(np.asarray(column, dtype=np.float64) for column in row.values()))


def cdnow_days() -> str:
    """The purchases of the CDNOW sample; the whole sample where it lies beside the part given."""
    file = next(iter(sorted(CDNOW.glob("CDNOW_sample*.txt"), key=lambda path: -path.stat().st_size)))
    source = f"read_csv('{file}', columns={{line: varchar}}, delim='\\0', header=false)"
    line = f"select regexp_split_to_array(trim(line), '\\s+') as part from {source}"
    return f"select part[2] as customer, strptime(part[3], '%Y%m%d')::date as day, part[5]::decimal(18, 2) as amount from ({line})"


def cdnow() -> tuple[Buying, Spending, Buyers]:
    """What the sample teaches up to 1997-09-30."""
    buyers = bought(cdnow_days(), date(1997, 9, 30), 39)
    spent = spending.fit(buyers.repeats, buyers.mean)
    assert spent
    return buying.fit(buyers.histories), spent, buyers


def purchases_published() -> Part:
    """Parameters and forecasts where others published theirs."""
    model, spent, buyers = cdnow()
    started = time.process_time()
    buying.fit(buyers.histories)
    took = time.process_time() - started
    repeats = buying.newcomers(model, 78 - buyers.first_week).sum()
    part = Part(
        "CDNOW sample: BG/NBD and gamma-gamma",
        "fitted on purchase days up to 1997-09-30 (week 39); the total of week 78 is held against the published count, "
        "because the file ends with week 39",
        f"{len(buyers.last):,} customers, {len(buyers.histories.last):,} distinct histories",
    )
    part.lines += [
        Line(
            "r / α / a / b", f"{model.r:.3f} / {model.alpha:.3f} / {model.a:.3f} / {model.b:.3f}", published=".243 / 4.414 / .793 / 2.426"
        ),
        Line("log-likelihood", f"{model.log_likelihood:,.1f}", published="−9,582.4"),
        Line("p / q / γ of gamma-gamma", f"{spent.p:.3f} / {spent.q:.3f} / {spent.gamma:.3f}", published="6.250 / 3.744 / 15.44"),
        Line("repeat purchases up to week 78, error", f"{repeats / WEEK_78_REPEATS - 1:+.1%}", published="−4 %"),
        Line("time to fit", f"{took:.2f} s CPU"),
    ]
    if buyers.later.any():
        came = np.corrcoef(buying.expected(model, buyers.each, 39), buyers.later)[0, 1]
        naive = np.corrcoef(buyers.repeats / buyers.watched * 39, buyers.later)[0, 1]
        part.lines.append(Line("correlation over weeks 40–78", f"{came:.3f}", f"{naive:.3f}", ".626"))
    return part


def purchases_within() -> Part:
    """The same sample cut within the file: what is forecast lies in the file."""
    buyers = bought(cdnow_days(), date(1997, 7, 2), 12)
    part = Part(
        "CDNOW sample: forecast within the file", "fitted on the first 26 weeks, judged by the 12 after", f"{len(buyers.last):,} customers"
    )
    part.lines += forecast(buyers, 12)
    return part


def purchases_retail() -> Part:
    """A real wholesaler with seasons."""
    days = (
        "select CustomerID as customer, InvoiceDate::date as day, (Quantity * UnitPrice)::decimal(18, 2) as amount "
        f"from read_csv('{RETAIL}', all_varchar=false) "
        "where CustomerID is not null and Quantity > 0 and UnitPrice > 0 and InvoiceNo::varchar not like 'C%'"
    )
    buyers = bought(days, date(2011, 9, 9), 13)
    part = Part(
        "Online Retail 2010–2011: quiet or buying",
        "fitted on the 40 weeks up to 2011-09-09, judged by the 91 days after; no seasonal index, a year is not complete",
        f"{len(buyers.last):,} customers",
    )
    part.lines += forecast(buyers, 13)
    return part


def forecast(buyers: Buyers, weeks: int) -> list[Line]:
    """Ranking, calibration and total of a forecast."""
    model = buying.fit(buyers.histories)
    said = buying.expected(model, buyers.each, weeks)
    chance, came = 1 - np.exp(-said), buyers.later > 0
    ours, rule = trials.ranking(said, came), trials.ranking(buyers.last - buyers.watched, came)
    assert ours
    assert rule
    naive = buyers.recent * weeks / 13
    return [
        Line("buys again, AUC (rule: days since the last)", interval(ours), interval(rule)),
        Line("calibration error / Brier", f"{trials.calibration_error(trials.bins(chance, came)):.3f} / {trials.brier(chance, came):.3f}"),
        Line(
            "correlation with purchases (rule: the last 91 days again)",
            f"{corr(said, buyers.later):.3f}",
            f"{corr(naive, buyers.later):.3f}",
        ),
        Line("mean error per customer", f"{np.abs(said - buyers.later).mean():.3f}", f"{np.abs(naive - buyers.later).mean():.3f}"),
        Line("error of the total", f"{said.sum() / buyers.later.sum() - 1:+.1%}", f"{naive.sum() / buyers.later.sum() - 1:+.1%}"),
    ]


def corr(one: Numbers, other: Numbers) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def interval(one: trials.Ranking) -> str:
    return f"{one.value:.3f} ({one.low:.3f}–{one.high:.3f})"


PAYERS = """
    with invoice as (
        select
            customerID as customer, invoiceNumber as invoice_no,
            strptime(InvoiceDate, '%m/%d/%Y')::date as on_date,
            strptime(DueDate, '%m/%d/%Y')::date as due_on,
            strptime(SettledDate, '%m/%d/%Y')::date as settled_on
        from read_csv('{file}', all_varchar=true)
    ),

    told as (
        select *, settled_on > due_on as is_late, if(settled_on > due_on, due_on + 1, settled_on) as known_on from invoice
    )

    select
        now.on_date, now.due_on, now.is_late,
        count(earlier.invoice_no)::double as known,
        count(*) filter (where earlier.is_late)::double as late,
        coalesce(sum(earlier.settled_on - earlier.due_on) filter (where earlier.settled_on < now.on_date), 0)::double as days,
        count(*) filter (where earlier.settled_on < now.on_date)::double as settled
    from told as now
    left join told as earlier on now.customer = earlier.customer and earlier.known_on < now.on_date
    group by now.customer, now.invoice_no, now.on_date, now.due_on, now.is_late
    order by now.on_date, now.invoice_no
"""


def payers() -> Part:
    """Late payers: learnt from invoices due before 2013, judged by those issued in 2013."""
    found: dict[str, Any] = duckdb.execute(PAYERS.format(file=AR)).fetchnumpy()
    history = Payments(*(np.asarray(found[name], dtype=np.float64) for name in ("known", "late", "days", "settled")))
    late, cut = np.asarray(found["is_late"], dtype=bool), np.datetime64("2013-01-01")
    train, test = found["due_on"] < cut, found["on_date"] >= cut
    model = lateness.fit(history.only(train), late[train])
    said, share = lateness.chance(model, history.only(test)), lateness.share(history.only(test), model.everyone)
    truth = late[test]
    ours, rule, lead = trials.ranking(said, truth), trials.ranking(share, truth), trials.lead(said, share, truth)
    assert ours
    assert rule
    assert lead
    part = Part(
        "IBM late payments: is the next invoice late",
        "learnt from invoices due before 2013-01-01, judged by those issued from then on; each by what was known on its day; "
        "whether it was disputed is left out, because nobody knows that on the day",
        f"{int(train.sum()):,} to learn from, {len(truth):,} to judge by, {int(truth.sum()):,} of them late",
    )
    part.lines += [
        Line("AUC (rule: the customer's share late)", interval(ours), interval(rule), ".872 / .866 on all of 2013"),
        Line("lead over the rule", f"{lead.value:+.3f} ({lead.low:+.3f} to {lead.high:+.3f})"),
        Line("Brier", f"{trials.brier(said, truth):.3f}", f"{trials.brier(share, truth):.3f}", ".132 / .137"),
        Line(
            "calibration error",
            f"{trials.calibration_error(trials.bins(said, truth)):.3f}",
            f"{trials.calibration_error(trials.bins(share, truth)):.3f}",
        ),
        Line(
            "right when cut at one half",
            f"{((said > 0.5) == truth).mean():.1%}",
            f"{((share > 0.5) == truth).mean():.1%}",
            "77–81 % (other data)",
        ),
    ]
    return part


DEFAULTS = """
    select
        "default.payment.next.month" = 1 as is_bad,
        PAY_0 as months_late_now,
        PAY_2 as months_late_before,
        greatest(PAY_0, PAY_2, PAY_3, PAY_4, PAY_5, PAY_6, 0) as most_months_late,
        list_sum(list_transform([PAY_0, PAY_2, PAY_3, PAY_4, PAY_5, PAY_6], lambda one: greatest(one, 0))) as all_months_late,
        LIMIT_BAL as credit_limit,
        (BILL_AMT1 + BILL_AMT2 + BILL_AMT3 + BILL_AMT4 + BILL_AMT5 + BILL_AMT6) / 6 / LIMIT_BAL as limit_used,
        (BILL_AMT1 - BILL_AMT6) / LIMIT_BAL as limit_used_more,
        PAY_AMT2 as paid_before,
        PAY_AMT1 + PAY_AMT2 + PAY_AMT3 + PAY_AMT4 + PAY_AMT5 + PAY_AMT6 as paid_in_all,
        least(PAY_AMT1, PAY_AMT2, PAY_AMT3, PAY_AMT4, PAY_AMT5, PAY_AMT6) as paid_least
    from read_csv('{file}')
    order by ID
"""


def defaults() -> tuple[Part, scorecard.Scorecard]:
    """Card holders who default: a scorecard in whole points, each judged by a card that never saw them."""
    found: dict[str, Any] = duckdb.execute(DEFAULTS.format(file=TAIWAN)).fetchnumpy()
    bad = np.asarray(found.pop("is_bad"), dtype=bool)
    facts = {name: np.asarray(column, dtype=np.float64) for name, column in found.items()}
    folds = np.random.default_rng(7).permutation(len(bad)) % FOLDS
    points, chance, each = np.zeros(len(bad)), np.zeros(len(bad)), []
    for fold in range(FOLDS):
        inside = folds == fold
        card = scorecard.fit({name: column[~inside] for name, column in facts.items()}, bad[~inside])
        mine = {name: column[inside] for name, column in facts.items()}
        points[inside], chance[inside] = card.score(mine), card.chance(mine)
        one = trials.ranking(-points[inside], bad[inside])
        assert one
        each.append(one.value)
    ours, rule = trials.ranking(-points, bad), trials.ranking(facts["months_late_now"], bad)
    assert ours
    assert rule
    part = Part(
        "Taiwan credit cards: who defaults",
        "five folds; facts of payment only, neither sex nor age, marriage or schooling; whole points",
        f"{len(bad):,} card holders, {int(bad.sum()):,} defaults",
    )
    part.lines += [
        Line(
            "AUC, mean of the folds",
            f"{np.mean(each):.3f} ± {np.std(each):.3f}",
            published=".768–.771 scorecards, .783 boosted trees (all 30,000)",
        ),
        Line("AUC over all (rule: months late now)", interval(ours), interval(rule)),
        Line("Brier", f"{trials.brier(chance, bad):.4f}", published=".1366"),
        Line("calibration error", f"{trials.calibration_error(trials.bins(chance, bad, 10)):.3f}"),
    ]
    return part, scorecard.fit(facts, bad)


def comments(name: str, other: str, title: str, published: str) -> Part:
    """How rightly comments are judged by word lists and by the model."""
    found, others = texts.reviews(texts.FILES[name]), texts.reviews(texts.FILES[other])
    words = texts.listed(found.only(~texts.seen(found.texts)))
    ours = text_model.tried(found.texts, found.good)
    by_words, by_model, size = texts.speed(found)
    part = Part(
        title,
        "five parts, each judged by a model of the other four, the same text never on both sides; the simple rule is the word lists, "
        "looked at a fifth of the texts while they were compiled and told here of the other four fifths",
        f"{len(found.texts):,} different comments, {int(found.good.sum()):,} pleased",
    )
    part.lines += [
        Line(
            "judged rightly (texts the lists say nothing of count as displeased)",
            f"{texts.right(ours, found.good):.3f}",
            f"{words.everything:.3f}",
            published,
        ),
        Line(f"of the {1 - words.silent:.0%} the lists say something of", "—", f"{words.decided:.3f}"),
        Line("judged rightly by a model of the other set alone", f"{texts.across(others, found):.3f}"),
        Line("texts a second (CPU)", f"{by_model:,.0f}", f"{by_words:,.0f}", "1,000 wanted"),
        Line("size of what is kept", f"{size / 1024:.0f} KB"),
    ]
    return part


def waimai() -> Part:
    """Short reviews of deliveries."""
    return comments("waimai", "shopping", "Delivery reviews: pleased or not", ".90 (same method); .795 snownlp")


def shopping() -> Part:
    """Reviews of goods, nine kinds of them."""
    return comments("shopping", "waimai", "Shopping reviews: pleased or not", ".90 wanted")


def parts() -> list[Part]:
    """All data sets that are there."""
    wanted: list[tuple[Path, Callable[[], Part]]] = [
        (CDNOW, purchases_published),
        (CDNOW, purchases_within),
        (RETAIL, purchases_retail),
        (AR, payers),
        (TAIWAN, lambda: defaults()[0]),
        (texts.FILES["waimai"], waimai),
        (texts.FILES["shopping"], shopping),
    ]
    return [measure() if path.exists() else Part(path.name, "the data set is not here", "—") for path, measure in wanted]


HEAD = """# Models · 模型

Made by `make models` from public data sets that lie beside the repository. What the same models reach on a ledger's own history is on
the page 客户价值 · Customer value and printed by `python -m lib models`. A model is used only where it ranks better than the simple rule
at three of the last four complete origins, or, for comments, in a trial by five parts; else the rule is.

"""


def document(found: list[Part]) -> str:
    """The document."""
    out = [HEAD]
    for part in found:
        out.append(f"## {part.title}\n\n{part.n}; {part.protocol}.\n\n| measured | ours | simple rule | published |\n|---|---|---|---|\n")
        out += [f"| {line.what} | {line.ours} | {line.rule} | {line.published} |\n" for line in part.lines]
        out.append("\n")
    return "".join(out).rstrip() + "\n"


def card_words(card: scorecard.Scorecard) -> str:
    """The scorecard as a table: band by band."""
    even = f"Base {card.base} points; {scorecard.EVEN} is even odds, {scorecard.DOUBLE} points more halve those of default."
    out = [f"\n### The card\n\n{even}\n\n| fact | bands and points |\n|---|---|\n"]
    for fact in card.facts:
        ends = [*(f"≤ {edge:,.4g}" for edge in fact.edges), f"> {fact.edges[-1]:,.4g}"]
        out.append(f"| {fact.name} | {' · '.join(f'{end}: {points:+d}' for end, points in zip(ends, fact.points, strict=True))} |\n")
    return "".join(out)


def main() -> None:
    """Measure and write."""
    text = document(parts())
    if TAIWAN.exists():
        text += card_words(defaults()[1])
    (ROOT / "docs" / "MODELS.md").write_text(text, "utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
