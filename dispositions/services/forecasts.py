"""Whether the rep believes that it closes, at the first and the second conversation. Kept for ever, for calibration.

A conversation that was taken back is none: what was said at it is kept, and counts as no forecast.
"""

from datetime import datetime

from django.db import transaction

from accounts.principals import Principal
from dispositions.models import Disposition, Forecast
from dispositions.outcomes import Rule
from funnel.errors import MissingNeeds, NotAllowed
from funnel.lifecycle import SALES_STAGES
from funnel.models import HandOff, Lead, LeadEvent
from funnel.services.changes import open_change

OCCASIONS = (1, 2)
NOT_NOW = "A forecast is given at the first and the second conversation of a hand-off."


@transaction.atomic
def record_forecast(
    *, disposition_id: int, chance: int | None, unknown_because: str = "", by: Principal, at: datetime
) -> Forecast:
    """Keep what the author of a conversation believes of it: a chance in percent, or why he cannot say.

    Raises Disposition.DoesNotExist, Lead.DoesNotExist outside his scope, NotAllowed where it is not (or no longer) his
    to say, MissingNeeds where it is no chance.
    """
    disposition = Disposition.objects.get(pk=disposition_id)
    check_belief(chance, unknown_because)
    change = open_change(disposition.lead_id, by=by, at=at)
    check_asked(disposition, by)
    forecast = keep_forecast(disposition, chance, unknown_because, at=at)
    change.record(LeadEvent.Kind.NOTED, of=disposition.seq, **told(chance, unknown_because))
    change.write(raises_version=False)
    return forecast


def check_belief(chance: int | None, unknown_because: str) -> None:
    """Raises MissingNeeds."""
    if chance is not None and unknown_because:
        raise MissingNeeds({"forecast": "Say how likely it is, or why you cannot say: not both."})
    if chance is None and unknown_because not in Forecast.Because:
        raise MissingNeeds({"forecast": f"“{unknown_because}” is no reason. Use {', '.join(Forecast.Because.values)}."})
    if chance is not None and chance not in Forecast.CHANCES:
        raise MissingNeeds({"forecast": "Say 0, 25, 50, 75 or 100 %."})


def check_asked(disposition: Disposition, by: Principal) -> None:
    """Raises NotAllowed. Call it with the lead locked."""
    if disposition.by_id != by.user_id:
        raise NotAllowed("Only who led a conversation says whether it will close.")
    if Disposition.objects.filter(corrects=disposition).exists():
        raise NotAllowed("This conversation was taken back.")
    if disposition.occasion not in OCCASIONS:
        raise NotAllowed(NOT_NOW)
    if Forecast.objects.filter(disposition=disposition).exists():
        raise NotAllowed("The forecast of this conversation is given, and is kept as it was.")
    if disposition.is_followed_by_contact():
        raise NotAllowed("There was another conversation since: say what you believe of that one.")
    if disposition.lead.stage not in SALES_STAGES:
        raise NotAllowed("It is decided already: a forecast would know the end.")


def check_occasion(rule: Rule, lead: Lead, hand_off: HandOff | None) -> None:
    """Whether this statement, not recorded yet, is one of the two occasions. Raises MissingNeeds. One query."""
    if not rule.is_contact or Disposition.contacts_of(lead.pk, hand_off).count() + 1 not in OCCASIONS:
        raise MissingNeeds({"forecast": NOT_NOW})


def keep_forecast(disposition: Disposition, chance: int | None, unknown_because: str, *, at: datetime) -> Forecast:
    """Of a disposition that is one of the occasions."""
    return Forecast.objects.create(
        lead=disposition.lead,
        hand_off=disposition.hand_off,
        disposition=disposition,
        occasion=disposition.occasion,
        chance=chance,
        unknown_because=unknown_because,
        by_id=disposition.by_id,
        at=at,
    )


def told(chance: int | None, unknown_because: str) -> dict[str, int | str]:
    """For the ledger."""
    return {"forecast": unknown_because if chance is None else chance}
