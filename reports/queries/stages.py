"""Where the leads of a cohort are, and which moves they made."""

from django.db.models import Count, Q

from funnel.lifecycle import OPEN_STAGES, Stage
from reports.queries.cycles import conditions
from reports.queries.grouping import Grouping, Key
from reports.selection import Selection

Counts = dict[Key, dict[str, int]]

# Every lead once, by the stage in which it is: won + lost + no_decision + disqualified + open = leads.
NOW = {
    "leads": Q(),
    "won": Q(stage=Stage.WON),
    "lost": Q(stage=Stage.LOST),
    "no_decision": Q(stage=Stage.NO_DECISION),
    "disqualified": Q(stage=Stage.DISQUALIFIED),
    "open": Q(stage__in=OPEN_STAGES),
}
# Leads that ever were in a stage, each once.
EVER = {
    "mqls": Q(stage=Stage.MQL, first=True),
    "sqls": Q(stage=Stage.SQL, first=True),
}
# What happened to hand-offs, of which a recycled lead has several.
CYCLES = ("hand_offs", "accepted", "refused")


def stage_counts(selection: Selection, by: Grouping) -> Counts:
    """The counts of NOW, EVER and CYCLES by channel or campaign."""
    of_cycles = {name: condition for name, condition in conditions(selection).items() if name in CYCLES}
    found: Counts = {}
    for facts, counted in (
        (selection.stays_now(), NOW),
        (selection.stays(), EVER),
        (selection.cycles(), of_cycles),
    ):
        counts = {name: Count("pk", filter=condition) for name, condition in counted.items() if condition}
        everything = {name: Count("pk") for name, condition in counted.items() if not condition}
        rows = facts.order_by().values(*by.fields).annotate(**everything, **counts)
        for row in selection.tally(rows):
            found.setdefault(by.key(row), {}).update({name: row[name] for name in counted})
    return found
