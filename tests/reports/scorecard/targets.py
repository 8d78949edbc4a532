"""Targets for tests."""

from datetime import timedelta
from decimal import Decimal

from accounts.models import User
from accounts.roles import Role
from reports.target_periods import read_period
from reports.targets.agreeing import confirm_target, set_target
from tests.factories import NOW, UserFactory

FIGURES = {
    "mqls": 10,
    "follow_up": Decimal(1),
    "acceptance": Decimal("0.875"),
    "qualification": Decimal("0.5"),
    "winning": Decimal("0.5"),
    "revenue": Decimal(7000),
}


def leader():
    """Of marketing, with the right to sign."""
    found = User.objects.filter(email="lea@marketing.example").first()
    given = {"name": "Lea Leader", "email": "lea@marketing.example", "role": Role.MARKETING}
    return found or UserFactory(**given, team=None, can_sign=True)


def proposed(period="2026-Q1", team=None, **figures):
    """With FIGURES unless some are given."""
    return set_target(
        period=read_period(period),
        team=team,
        figures=figures or FIGURES,
        seen=0,
        by=leader(),
        at=NOW - timedelta(days=70),
    )


def agreed(by, period="2026-Q1", team=None, **figures):
    target = proposed(period, team, **figures)
    return confirm_target(target_id=target.pk, seen=1, by=by, at=NOW - timedelta(days=69))
