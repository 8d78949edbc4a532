"""How fast sales answers what marketing hands over."""

from reports.measures.measure import Measure, count, hours, rate, share
from reports.queries.cycles import CycleFacts


def _counted(key: str, label: str, meaning: str) -> Measure[CycleFacts]:
    return count(key, label, lambda facts: facts[key], meaning)


def compliance(facts: CycleFacts) -> float | None:
    return share(facts["kept"], facts["kept"] + facts["late"] + facts["overdue"])


MEASURES: tuple[Measure[CycleFacts], ...] = (
    _counted("hand_offs", "Hand-offs", "Passages to sales. Hours are working hours."),
    _counted(
        "answered",
        "Answered",
        "Those of which sales has said something. Dates that an import has filled in are none.",
    ),
    hours(
        "median_hours", "Median", lambda facts: facts.answers.median, "Half were answered within so many working hours."
    ),
    hours("p90_hours", "90th percentile", lambda facts: facts.answers.p90, "Nine in ten were answered within so many."),
    _counted("kept", "In time", "Answered within the time of their agreement."),
    _counted("late", "Late", "Answered after it."),
    _counted("overdue", "Overdue", "Not answered yet, though the time is over."),
    rate("compliance", "SLA kept", compliance, "In time, of in time + late + overdue."),
    rate(
        "acceptance",
        "Accepted",
        lambda facts: share(facts["accepted"], facts["answered"]),
        "Accepted hand-offs, of those answered.",
    ),
    rate("qualification", "Qualified", lambda facts: share(facts["qualified"], facts["answered"]), "The same for SQL."),
    rate("winning", "Won", lambda facts: share(facts["won"], facts["answered"]), "The same for won."),
)
NAMES = ("hand_offs", "answered", "kept", "late", "overdue", "accepted", "qualified", "won")
