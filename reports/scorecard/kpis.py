"""The figures of the scorecard, each with its side, its formula and its meaning."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reports.measures.measure import share
from reports.queries.scorecard import ScoreFacts
from reports.report import Kind


class Side(StrEnum):
    MARKETING = "marketing"
    SALES = "sales"

    @property
    def label(self) -> str:
        return self.value.capitalize()


@dataclass(frozen=True)
class Kpi:
    """`part`: what it is called where the gap in revenue is taken apart; empty where it has no part in it."""

    key: str
    label: str
    side: Side
    kind: Kind
    formula: Callable[[ScoreFacts], int | float | Decimal | None]
    meaning: str
    part: str = ""

    @property
    def grows(self) -> bool:
        """Adds up over the period; a rate stays what it is."""
        return self.kind is not Kind.SHARE


KPIS = (
    Kpi(
        "leads",
        "Leads",
        Side.MARKETING,
        Kind.COUNT,
        lambda facts: facts["leads"],
        "Leads created in the period. Those that sales found itself are not among them.",
    ),
    Kpi(
        "mqls",
        "MQLs handed over",
        Side.MARKETING,
        Kind.COUNT,
        lambda facts: facts["mqls"],
        "Hand-offs of the period: a lead that was recycled and handed over again counts again.",
        part="volume",
    ),
    Kpi(
        "pipeline",
        "Pipeline handed over",
        Side.MARKETING,
        Kind.MONEY,
        lambda facts: facts.pipeline.value,
        "Worth of the leads of these hand-offs: each one's amount, else its expected value, else its campaign's.",
    ),
    Kpi(
        "follow_up",
        "Followed up",
        Side.SALES,
        Kind.SHARE,
        lambda facts: share(facts["followed"], facts["mqls"]),
        "Hand-offs of the period of which sales has said anything, of all of them.",
        part="follow-up",
    ),
    Kpi(
        "acceptance",
        "Accepted",
        Side.SALES,
        Kind.SHARE,
        lambda facts: share(facts["accepted"], facts["followed"]),
        "Accepted hand-offs of the period, of those followed up.",
        part="acceptance",
    ),
    Kpi(
        "qualification",
        "Accepted to SQL",
        Side.SALES,
        Kind.SHARE,
        lambda facts: share(facts["qualified"], facts["accepted"]),
        "Hand-offs that became SQL in the period, whenever they came, for each accepted hand-off of the period.",
        part="conversion to SQL",
    ),
    Kpi(
        "winning",
        "SQL to won",
        Side.SALES,
        Kind.SHARE,
        lambda facts: share(facts["won"], facts["qualified"]),
        "Wins of the period, for each SQL of the period. Where few became SQL it may exceed 100%.",
        part="conversion to won",
    ),
    Kpi(
        "revenue",
        "Revenue",
        Side.SALES,
        Kind.MONEY,
        lambda facts: facts.revenue.value,
        "Amounts of the wins of the period that marketing had handed over, at the rate of their month.",
        part="value per win",
    ),
)
BY_KEY = {one.key: one for one in KPIS}
# Those of the chain, in its order: see `reports.scorecard.gap`.
CHAIN = tuple(one for one in KPIS if one.part)
