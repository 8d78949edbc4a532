"""Reports made ready ahead: who opens one has nothing counted but what moved since."""

from collections import Counter
from datetime import datetime

from accounts.principals import SYSTEM
from reports.days import company_day
from reports.engine import entries_for
from reports.kept.answers import forget_unasked, is_worth_it


def make_ready(*, now: datetime) -> Counter[str]:
    """Every report that is kept, without filters, for who sees all. Apart from the sweep: deadlines come first."""
    forget_unasked(company_day(now))
    if not is_worth_it():
        return Counter()
    entries = [one for one in entries_for(SYSTEM) if one.is_kept]
    for entry in entries:
        entry.report({}, principal=SYSTEM, now=now)
    return Counter({"reports made ready": len(entries)})
