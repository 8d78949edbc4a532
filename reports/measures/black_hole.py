"""The Black Hole over time: how many hand-offs fell in, how long, what they are worth, and what became of them."""

from reports.measures.measure import Measure, count, days, grouped, money, rate, share
from reports.queries.episodes import EpisodeFacts


def _counted(key: str, label: str, meaning: str) -> Measure[EpisodeFacts]:
    return count(key, label, lambda facts: facts[key], meaning)


def kept(facts: EpisodeFacts) -> float | None:
    return share(facts["kept"], facts["kept"] + facts["late"] + facts["overdue"])


def follow_up(facts: EpisodeFacts) -> float | None:
    return share(facts["answered"], facts["hand_offs"])


MEASURES: tuple[Measure[EpisodeFacts], ...] = (
    _counted("hand_offs", "Hand-offs", "Passages to sales."),
    rate("follow_up", "Followed up", follow_up, "Hand-offs of which sales has said anything, of all hand-offs."),
    rate("compliance", "SLA kept", kept, "Answered in time, of those answered or overdue."),
    *grouped(
        "Black Hole",
        _counted("ever", "Ever inside", "Missed a deadline of the agreement at least once."),
        rate("ever_rate", "Of hand-offs", lambda facts: share(facts["ever"], facts["hand_offs"]), "Their share."),
        _counted("inside", "Inside now", "Missed one and have not been answered since."),
        money(
            "value",
            "Value inside",
            lambda facts: facts.hole.worth.value,
            "Worth of the leads inside: each one's amount, else its expected value, else its campaign's, else what its "
            "channel's hand-offs of the last 12 months brought on average.",
        ),
        count(
            "estimated",
            "Value estimated",
            lambda facts: facts.hole.estimated,
            "Leads inside whose value is such an average.",
            exceptional=True,
        ),
        count(
            "unknown_value",
            "Value unknown",
            lambda facts: facts.hole.worth.left_out,
            "Leads inside whose value is not in the sum.",
            exceptional=True,
        ),
    ),
    *grouped(
        "Recovered",
        _counted("recovered", "Recovered", "Were inside, and were answered in the end."),
        days("median_days", "Median inside", lambda facts: facts.spent.median, "Calendar days inside of half of them."),
        days("p90_days", "90th percentile", lambda facts: facts.spent.p90, "Calendar days inside of nine in ten."),
        _counted("recovered_accepted", "Accepted", "Of the recovered ones, accepted by sales."),
        _counted("recovered_qualified", "Qualified", "Of them, that became SQL."),
        _counted("recovered_won", "Won", "Of them, won."),
    ),
)
