"""How far the agreed attempts have come, and what is missing until a lead counts as unable to reach. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.working_time import WorkingHours, add_working_days
from funnel.models import HandOff

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The attempts that count, beside the agreed ones. Days are working days of the owner's team.

    `over_on`: the first day on which the agreed period is over; none before the first attempt. `days_left`: how many
    are left until then. `ends_early`: the last attempt lies before that day.
    """

    attempts: int
    attempts_required: int
    channels: tuple[str, ...]
    channels_required: int
    days_required: int
    days_left: int
    over_on: date | None = None
    ends_early: bool = True

    @property
    def is_enough(self) -> bool:
        return not (self._lacks_attempts or self.channels_missing or self.ends_early)

    @property
    def next_attempt(self) -> int:
        """The number of the next attempt."""
        return self.attempts + 1

    @property
    def channels_missing(self) -> int:
        return max(self.channels_required - len(self.channels), 0)

    @property
    def days_passed(self) -> int:
        return max(self.days_required - self.days_left, 0)

    @property
    def so_far(self) -> str:
        """“3 of 7 attempts, on 1 of 2 channels, 4 more working days”."""
        said = [
            f"{self.attempts} of {self.attempts_required} attempts",
            f"on {len(self.channels)} of {self.channels_required} channels",
        ]
        if self.days_left:
            said.append(f"{self.days_left} more working day{'s' if self.days_left > 1 else ''}")
        elif self.ends_early and not self._lacks_attempts:
            said.append(f"and one more, now that the {self.days_required} working days are over")
        return ", ".join(said)

    @property
    def shut(self) -> str:
        """Why “unable to reach” cannot be said yet; nothing once it can."""
        return "" if self.is_enough else f"“Unable to reach” is not open yet: {self.so_far}."

    @property
    def _lacks_attempts(self) -> bool:
        return self.attempts < self.attempts_required


def progress_of(hand_off: HandOff, hours: WorkingHours, at: datetime) -> Progress:
    """How far this hand-off's attempts have come at `at`. Needs `agreement`, selected with it."""
    agreement, first, last = hand_off.agreement, hand_off.first_attempt_at, hand_off.last_attempt_at
    over_on = _local_day(add_working_days(first, agreement.attempts_within_days, hours), hours) if first else None
    return Progress(
        attempts=hand_off.attempts,
        attempts_required=agreement.attempts_required,
        channels=tuple(hand_off.attempt_channels),
        channels_required=agreement.channels_required,
        days_required=agreement.attempts_within_days,
        days_left=working_days_between(_local_day(at, hours), over_on, hours)
        if over_on
        else agreement.attempts_within_days,
        over_on=over_on,
        ends_early=over_on is None or last is None or _local_day(last, hours) < over_on,
    )


def is_working_day(day: date, hours: WorkingHours) -> bool:
    return bool(hours.week.get(day.weekday())) and day not in hours.holidays


def working_days_between(start: date, end: date, hours: WorkingHours) -> int:
    """How many working days lie after `start`, up to and with `end`."""
    return sum(is_working_day(start + number * DAY, hours) for number in range(1, (end - start).days + 1))


def _local_day(at: datetime, hours: WorkingHours) -> date:
    return at.astimezone(hours.time_zone).date()
