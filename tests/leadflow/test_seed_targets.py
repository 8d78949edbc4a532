"""What the demo company means to reach, against what it reaches."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from leadflow.demo.staff import create_staff
from leadflow.demo.targets import set_targets
from reports.models import Target, TargetChange
from reports.scorecard.kpis import KPIS
from tests.factories import LeadFactory
from tests.reports.worlds import computed

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 12, 9, 30, tzinfo=UTC)


@pytest.fixture
def staff():
    return create_staff(since=NOW - timedelta(days=400), now=NOW)


def test_both_sides_have_agreed_but_for_the_quarter_to_come(staff):
    set_targets(staff, now=NOW)

    agreed = {
        code: {target.is_agreed for target in Target.objects.all() if target.period.code == code}
        for code in ("2026-Q1", "2026-Q2", "2026-Q3")
    }
    assert agreed == {"2026-Q1": {True}, "2026-Q2": {True}, "2026-Q3": {False}}
    assert Target.objects.count() == 3 * (2 + len(staff.teams))
    assert {one.sales for one in Target.objects.filter(team=None)} == {staff.head_of_sales, None}
    assert not TargetChange.objects.filter(at__gt=NOW).exists()


def test_what_they_agreed_on_is_about_what_they_reach(staff):
    """Twenty hand-offs a quarter, of which sales answers three in four: it promised more."""
    owner, march = staff.demo_rep.user, datetime(2026, 3, 4, 10, tzinfo=UTC)
    for given in (
        [{"handed_off": True}] * 5 + [{"accepted": True}] * 5 + [{"qualified": True}] * 5 + [{"won": True}] * 5
    ):
        LeadFactory(owner=owner, at=march, **given)
    set_targets(staff, now=NOW)

    report = computed("scorecard", staff.marketers[0], now=NOW, period="2026-Q1")

    stands = {row["kpi"]: row["standing"] for row in report.rows}
    assert (stands["mqls"], stands["follow_up"], stands["revenue"]) == ("Met", "Missed", "Missed")
    assert "short of its target" in report.contents.verdict
    target = Target.objects.get(team=None, first_day=march.date().replace(month=1, day=1))
    assert all(getattr(target, kpi.key) for kpi in KPIS)
    assert (target.mqls, target.follow_up) == (20, Decimal("0.9700"))
