"""The attempts of a hand-off that were not taken back, as the cadence counts them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db.models import Aggregate, JSONField, OuterRef, Subquery
from django.db.models.functions import JSONArray

from dispositions.desk.cadence import Try
from dispositions.desk.story import Happened
from dispositions.models import Disposition
from dispositions.outcomes import RULES, Outcome
from funnel.models import HandOff, Lead
from funnel.querysets import LeadQuerySet

_ATTEMPTS = [rule.outcome for rule in RULES.values() if rule.is_attempt]


def tries_made(hand_off: HandOff) -> list[Try]:
    """In the order of their times. One query."""
    rows = Disposition.objects.filter(hand_off=hand_off, outcome__in=_ATTEMPTS, corrected_by=None)
    return [Try(at, channel) for at, channel in rows.order_by("at", "id").values_list("at", "channel")]


def tries_told(said: Iterable[Happened]) -> list[Try]:
    """The same, of what was said in a hand-off as its ledger tells it."""
    rules = [(event, RULES[Outcome(event.data["outcome"])]) for event in said]
    return [Try(event.at, event.data.get("channel") or rule.channel or "") for event, rule in rules if rule.is_attempt]


class _JsonList(Aggregate):
    """The values of a group as a list."""

    function = "JSONB_AGG"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **context)


def with_tries(leads: LeadQuerySet) -> LeadQuerySet:
    """The leads with those of their hand-off, in no order: `tries_with` reads them."""
    rows = Disposition.objects.filter(hand_off=OuterRef("hand_off"), outcome__in=_ATTEMPTS, corrected_by=None)
    told = rows.order_by().values("hand_off").annotate(tries=_JsonList(JSONArray("at", "channel")))
    return leads.annotate(tries=Subquery(told.values("tries")))


def tries_with(lead: Lead, hand_off: HandOff) -> list[Try]:
    """What the lead was read with; one query where it was read without."""
    if "tries" not in vars(lead):
        return tries_made(hand_off)
    return sorted((Try(_moment(at), channel) for at, channel in vars(lead)["tries"] or ()), key=lambda one: one.at)


def _moment(text: str) -> datetime:
    """SQLite keeps UTC without saying so."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
