"""What the author adds to a disposition that is recorded already: what was learned, the next step, the forecast."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from accounts.principals import Principal
from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from dispositions.services.forecasts import check_asked, check_belief, keep_forecast, told
from funnel.attributes import Attribute
from funnel.errors import MissingNeeds, NotAllowed
from funnel.lifecycle import SALES_STAGES
from funnel.models import Evidence, LeadEvent, LeadText
from funnel.services.changes import LeadChange, open_change


@dataclass(frozen=True, kw_only=True)
class Addition:
    """`note` stays private to sales, `learned` and `evidence` (attribute -> text) go to marketing."""

    evidence: Mapping[str, str] = field(default_factory=dict)
    learned: str = ""
    note: str = ""
    next_action_at: datetime | None = None
    forecast: int | None = None
    forecast_because: str = ""

    @property
    def says_forecast(self) -> bool:
        return self.forecast is not None or bool(self.forecast_because)

    @property
    def is_empty(self) -> bool:
        return not (any(self.evidence.values()) or self.learned or self.note or self.next_action_at)


@transaction.atomic
def add_to_disposition(*, lead_id: int, seq: int, addition: Addition, by: Principal, at: datetime) -> Disposition:
    """The disposition itself stays as it was: what is added is an event of its own, with its texts.

    The evidence bears the time of the disposition: it was learned then, and is forgotten where that is taken back.

    Raises Lead.DoesNotExist outside the scope of `by`, Disposition.DoesNotExist, NotAllowed for somebody else's or
    one that was taken back, MissingNeeds (field -> sentence); nothing is written then.
    """
    change = open_change(lead_id, by=by, at=at)
    disposition = Disposition.objects.select_related("lead", "hand_off").get(lead=lead_id, seq=seq)
    _check_author(disposition, by)
    _check(addition, at)
    if addition.says_forecast:
        check_asked(disposition, by)
        keep_forecast(disposition, addition.forecast, addition.forecast_because, at=at)
    _write(change, disposition, addition)
    return disposition


def _check_author(disposition: Disposition, by: Principal) -> None:
    if disposition.by_id != by.user_id:
        raise NotAllowed("Only its author may add to a disposition.")
    if disposition.outcome == Outcome.UNDO or Disposition.objects.filter(corrects=disposition).exists():
        raise NotAllowed("It was taken back. Record the outcome again, and say there what you learned.")


def _check(addition: Addition, at: datetime) -> None:
    missing = {slug: f"“{slug}” is not an attribute of a lead." for slug in addition.evidence if slug not in Attribute}
    if addition.next_action_at and addition.next_action_at <= at:
        missing["next_action_at"] = "The next step must lie in the future."
    if addition.is_empty and not addition.says_forecast:
        missing["learned"] = "Say what you learned, or when you go on."
    if missing:
        raise MissingNeeds(missing)
    if addition.says_forecast:
        check_belief(addition.forecast, addition.forecast_because)


def _write(change: LeadChange, disposition: Disposition, addition: Addition) -> None:
    learned = {slug: text for slug, text in addition.evidence.items() if text}
    seq = change.record(
        LeadEvent.Kind.NOTED,
        of=disposition.seq,
        attributes=sorted(learned),
        **(told(addition.forecast, addition.forecast_because) if addition.says_forecast else {}),
    )
    change.write_text(LeadText.Kind.NOTE, addition.note, seq)
    change.write_text(LeadText.Kind.LEARNED, addition.learned, seq)
    if addition.next_action_at and change.lead.stage in SALES_STAGES:
        change.set(next_action_at=addition.next_action_at)
    change.write(raises_version=False)
    Evidence.objects.bulk_create(
        Evidence(
            lead=change.lead,
            attribute=slug,
            text=text,
            learned_at=disposition.at,
            learned_by_id=disposition.by_id,
        )
        for slug, text in learned.items()
    )
