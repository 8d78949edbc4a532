"""A manager sets when somebody of his teams is there, and how many leads he can have."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.formats import date_format

from accounts.formats import as_read_by
from accounts.models import User
from accounts.notifications import notify
from accounts.principals import Principal

DAY = "DATE_FORMAT"


@dataclass(frozen=True, kw_only=True)
class Availability:
    """First and last day of leave, both included; `lead_cap`: how many leads at most, none for any number."""

    is_on_duty: bool
    away_from: date | None
    away_until: date | None
    lead_cap: int | None

    @classmethod
    def of(cls, user: User) -> "Availability":
        return cls(
            is_on_duty=user.is_on_duty,
            away_from=user.away_from,
            away_until=user.away_until,
            lead_cap=user.lead_cap,
        )


@transaction.atomic
def set_availability(*, user_id: int, to: Availability, by: Principal, at: datetime) -> bool:
    """Whether anything has changed. The person is told who set what, unless he did it himself.

    Raises User.DoesNotExist. Whether `by` may do it is for the caller to see to.
    """
    user = User.objects.select_for_update(no_key=True, of=("self",)).select_related("team__calendar").get(pk=user_id)
    before = Availability.of(user)
    if before == to:
        return False
    for name, value in asdict(to).items():
        setattr(user, name, value)
    user.save(update_fields=list(asdict(to)))
    if by.user_id != user.pk:
        with as_read_by(user):
            text = f"{by.name} changed when you get leads: {', '.join(_changes(before, to))}."
        notify([user], kind="availability", key=f"availability:{user.pk}:{at.isoformat()}", text=text, at=at)
    return True


def _changes(before: Availability, to: Availability) -> list[str]:
    """In words, in the formats that are active."""
    said = []
    if before.is_on_duty != to.is_on_duty:
        said.append("you are on duty" if to.is_on_duty else "you are off duty and get no new leads")
    if (before.away_from, before.away_until) != (to.away_from, to.away_until):
        said.append(_leave(to))
    if before.lead_cap != to.lead_cap:
        said.append("no cap on your leads" if to.lead_cap is None else f"at most {to.lead_cap} leads")
    return said


def _leave(to: Availability) -> str:
    if to.away_from is None and to.away_until is None:
        return "no leave"
    begins = f" from {date_format(to.away_from, DAY)}" if to.away_from else ""
    ends = f" until {date_format(to.away_until, DAY)}" if to.away_until else ", with no end yet"
    return f"on leave{begins}{ends}"
