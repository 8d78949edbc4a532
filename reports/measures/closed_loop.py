"""What the closed loop counts, sums and divides."""

from reports.measures.measure import Measure, cost_per, count, grouped, money, rate, return_on, share
from reports.queries.closed_loop import Facts


def _counted(key: str, label: str, meaning: str) -> Measure[Facts]:
    return count(key, label, lambda facts: facts.counts[key], meaning)


def _cost_per(counted: str, key: str, label: str) -> Measure[Facts]:
    return money(
        f"cost_per_{key}",
        f"Cost per {label}",
        lambda facts: cost_per(facts.spend, facts.counts[counted]),
        f"Spend of the row divided by its {label}s.",
    )


_LEADS = grouped(
    "Leads",
    _counted("leads", "Leads", "Leads created in the period; all other counts are about them."),
    _counted("mqls", "MQLs", "Leads handed to sales at least once."),
    _counted("sqls", "SQLs", "Leads that ever reached SQL, whatever became of them since."),
)
_HAND_OFFS = grouped(
    "Hand-offs",
    _counted("hand_offs", "Hand-offs", "Passages to sales: a recycled lead has several."),
    _counted("accepted", "Accepted", "Hand-offs that sales accepted."),
    _counted("refused", "Refused", "Hand-offs that sales refused."),
    rate(
        "acceptance_rate",
        "Acceptance rate",
        lambda facts: share(facts.counts["accepted"], facts.counts["hand_offs"]),
        "Accepted hand-offs of all hand-offs.",
    ),
)
_BLACK_HOLE: tuple[Measure[Facts], ...] = grouped(
    "Black Hole",
    count(
        "black_hole",
        "In the Black Hole",
        lambda facts: facts.hole.leads,
        "Leads whose next agreed disposition is overdue now: not accepted or refused in time, or accepted and never "
        "attempted in time.",
    ),
    rate(
        "black_hole_rate",
        "Black Hole rate",
        lambda facts: share(facts.hole.leads, facts.counts["mqls"]),
        "Leads in the Black Hole divided by MQLs.",
    ),
    money(
        "black_hole_value",
        "Black Hole value",
        lambda facts: facts.hole.worth.value,
        "Each lead's amount, else its expected value, else its campaign's, else an estimate: the mean amount of its "
        "channel's wins × the share of its hand-offs that were won, over the hand-offs of the last 12 months among "
        "the leads you may see. Leads of which nothing is known are counted, not taken for zero.",
    ),
    count(
        "black_hole_estimated",
        "Value estimated",
        lambda facts: facts.hole.estimated,
        "Leads in the Black Hole whose value is such an estimate.",
        exceptional=True,
    ),
    count(
        "black_hole_unknown",
        "Value unknown",
        lambda facts: facts.hole.worth.left_out,
        "Leads in the Black Hole whose value is not in the sum: it is unknown or in another currency.",
        exceptional=True,
    ),
)
_NOW = grouped(
    "Where they are now",
    _counted("won", "Won", "Leads that are customers now."),
    _counted("lost", "Lost", "Leads that bought from somebody else."),
    _counted("no_decision", "No decision", "Leads that bought from nobody."),
    _counted("disqualified", "Disqualified", "Leads that never were buyers."),
    _counted(
        "open",
        "Open",
        "All others, the Black Hole included. Won + lost + no decision + disqualified + open = leads.",
    ),
    rate(
        "win_rate",
        "Win rate",
        lambda facts: share(facts.counts["won"], facts.counts["mqls"]),
        "Won leads divided by MQLs.",
    ),
)
_REVENUE: tuple[Measure[Facts], ...] = grouped(
    "Revenue",
    money(
        "revenue",
        "Revenue",
        lambda facts: facts.revenue.value,
        "Amounts of the won leads, in the row that brought the lead.",
    ),
    money(
        "first_touch_revenue",
        "First-touch revenue",
        lambda facts: facts.first_touch.value,
        "The same revenue, in the row of each won lead's first touch. Touches count up to the close; revenue without "
        "any is unattributed.",
    ),
    money(
        "last_touch_revenue",
        "Last-touch revenue",
        lambda facts: facts.last_touch.value,
        "The same revenue, in the row of the last touch before the close.",
    ),
    count(
        "unknown_amounts",
        "Amount unknown",
        lambda facts: facts.revenue.unknown,
        "Won leads without a known amount. They are not in the revenue.",
        exceptional=True,
    ),
    count(
        "other_currency_wins",
        "Other currency",
        lambda facts: facts.revenue.other_count,
        "Won leads whose amount is in another currency; its sum stands in the headline.",
        exceptional=True,
    ),
)
_COST = grouped(
    "Cost",
    money(
        "spend",
        "Spend",
        lambda facts: facts.spend,
        "What was spent in the period up to today, prorated by day. Unknown where nothing is recorded, and not set "
        "against a single team's or rep's leads: spend is the whole company's. The total sets it against all leads.",
    ),
    _cost_per("leads", "lead", "lead"),
    _cost_per("mqls", "mql", "MQL"),
    _cost_per("sqls", "sql", "SQL"),
    _cost_per("won", "win", "win"),
    rate("roi", "ROI", lambda facts: return_on(facts.spend, facts.revenue.value), "(Revenue − spend) ÷ spend."),
)

MEASURES: tuple[Measure[Facts], ...] = (*_LEADS, *_HAND_OFFS, *_BLACK_HOLE, *_NOW, *_REVENUE, *_COST)
