"""A report as of a past day shows what it showed on that day."""

import pytest

from funnel.models import HandOff, Lead, StageChange
from reports.engine import entries_for
from tests.reports.lives import Company
from tests.reports.worlds import computed

# What it says of amounts, names and touches is as known now, and days go on: those are not compared.
TODAYS = {
    "closed-loop": {"black_hole_value", "black_hole_estimated", "black_hole_unknown", "revenue", "unknown_amounts"}
    | {"first_touch_revenue", "last_touch_revenue", "spend", "roi"}
    | {f"cost_per_{one}" for one in ("lead", "mql", "sql", "win")},
    "black-hole": {"value", "unknown_value", "estimated", "median_days", "p90_days"},
    "delivered": {"potential", "unknown_value"},
    "fall-out": {"value"},
    "weekly": {"next_steps", "won_amount", "won_unknown"},
}
# The same of rows whose figures are of different kinds.
TODAYS_ROWS = {"scorecard": {"pipeline", "revenue"}}
DAYS = 12


def figures(name, viewer, **given):
    report = computed(name, viewer, **given)
    kept = {one.key for one in report.columns} - TODAYS.get(name, set())
    rows = [row for row in (*report.rows, *report.totals) if row.get("kpi") not in TODAYS_ROWS.get(name, ())]
    return sorted(str([(key, row[key]) for key in sorted(kept)]) for row in rows)


# On real transactions: within one, PostgreSQL never tells what has settled, and all facts are read anew each time.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(sales, west, east, rep, eastern_rep, head_of_sales, marketing, signed_agreement):
    return {"marketing": marketing, "manager": head_of_sales, "reps": [rep, eastern_rep]}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_past_day_is_shown_as_it_was_on_that_day(people, seed):
    viewer, company = people["marketing"], Company(seed, **people)
    names = [one.name for one in entries_for(viewer.principal) if any(p.name == "as_of" for p in one.parameters)]
    shown = {}
    for _ in range(DAYS):
        end = company.live()
        for name in names:
            shown[name, end] = figures(name, viewer, now=end)

    for (name, end), figures_then in shown.items():
        assert figures(name, viewer, now=company.day, as_of=end.date().isoformat()) == (figures_then), (
            f"{name} as of {end:%Y-%m-%d}"
        )
    # The company did live: otherwise this compares nothing with nothing.
    assert Lead.objects.count() > 20
    assert HandOff.objects.filter(number__gt=1).exists()
    assert StageChange.objects.filter(move__in=["undo", "correct"]).count() > 2
