"""When marketing goes on with a lead that is not ready yet: the more it was tried, the longer the pause. Pure."""

from datetime import date, datetime

from accounts.working_time import WorkingHours, add_working_days

# Working days until the next step, after the first touch by hand, the second, …; from then on the last.
PAUSES = (2, 3, 5, 8, 13, 20)


def proposed_step(*, touches: int, wakes_on: date | None, now: datetime, hours: WorkingHours) -> date:
    """The day of the next step after one more touch. `touches`: by hand, since the lead came here.

    A lead that sleeps keeps its date: `wakes_on`, where that lies ahead.
    """
    today = now.astimezone(hours.time_zone).date()
    if wakes_on and wakes_on > today:
        return wakes_on
    pause = PAUSES[min(touches, len(PAUSES) - 1)]
    return add_working_days(now, pause, hours).astimezone(hours.time_zone).date()
