"""What dispositions keep about a person."""

from django.db.models import QuerySet

from dispositions.models import BuyIn, Disposition, Forecast, UsedLink
from funnel.personal import ERASED, Place, Subject


def _buy_ins(subject: Subject) -> QuerySet[BuyIn]:
    return BuyIn.objects.filter(lead__in=subject.lead_ids)


PLACES = (
    Place(
        model=BuyIn,
        what="the people on the buyer's side, and what was noted of them",
        fields=("person", "role", "note"),
        rows=_buy_ins,
        # Who agreed and what held them back stays: reports count it.
        erase=lambda subject: _buy_ins(subject).update(person=ERASED, role="", note=""),
    ),
    Place(
        model=Disposition,
        what="what sales said happened: outcome, channel, reason and time",
        rows=lambda subject: Disposition.objects.filter(lead__in=subject.lead_ids),
    ),
    Place(
        model=Forecast,
        what="whether its reps believed that it closes",
        rows=lambda subject: Forecast.objects.filter(lead__in=subject.lead_ids),
    ),
    Place(
        model=UsedLink,
        what="what sales said happened: outcome, channel, reason and time",
        rows=lambda subject: UsedLink.objects.filter(lead__in=subject.lead_ids),
    ),
)
