"""What the seed made, as the command prints it."""

from collections.abc import Iterator
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from funnel.lifecycle import Stage
from funnel.models import Flag, HandOff, Lead
from leadflow.demo.staff import DOMAIN, PASSWORD


def summary_lines() -> Iterator[str]:
    counts = dict(Lead.objects.order_by().values_list("stage").annotate(Count("pk")))
    yield f"{sum(counts.values()):,} leads, {HandOff.objects.count():,} hand-offs"
    for stage in Stage:
        yield f"  {stage.label:<14}{counts.get(stage, 0):>9,}"
    inside = Flag.objects.filter(kind=Flag.Kind.BLACK_HOLE, cleared_at=None)
    worth = Coalesce("lead__amount", "lead__expected_value", "lead__campaign__expected_value")
    value = inside.aggregate(value=Sum(worth))["value"] or Decimal(0)
    yield f"In the Black Hole: {inside.count():,} hand-offs, {settings.REPORTING_CURRENCY} {value:,.0f}"


def login_lines(api_key: str) -> Iterator[str]:
    yield f"Logins, password {PASSWORD}:"
    for mailbox in ("rep", "manager", "marketing", "admin"):
        yield f"  {mailbox}@{DOMAIN}"
    yield f"API key: {api_key}"
