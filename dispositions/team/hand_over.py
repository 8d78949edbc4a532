"""All that somebody has with sales, to be given to others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from dispositions.desk.countdown import Countdown, countdown
from dispositions.services.bulk import MOST
from dispositions.team.outlook import Outlook
from funnel.lifecycle import Stage
from funnel.models import Lead


@dataclass(frozen=True)
class Given:
    lead: Lead
    countdown: Countdown | None

    @property
    def stage(self) -> Stage:
        return Stage(self.lead.stage)


def leads_of(rep: User, outlook: Outlook, *, now: datetime) -> Sequence[Given]:
    """The nearest deadline first, as many as can be given at once. One query."""
    leads = outlook.with_sales.filter(owner=rep).select_related("company").order_by("due_at", "pk")
    return [Given(lead, countdown(lead.due_at, now)) for lead in leads[:MOST]]
