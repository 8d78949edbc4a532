"""What marketing and sales mean to reach together, and every change of it."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from reports.target_periods import MONTH, QUARTER, TargetPeriod

COUNTS = ("leads", "mqls")
MONEY = ("pipeline", "revenue")
SHARES = ("follow_up", "acceptance", "qualification", "winning")
FIGURES = (*COUNTS, *MONEY, *SHARES)


def _count() -> Any:
    return models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])


def _money() -> Any:
    return models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )


def _share() -> Any:
    return models.DecimalField(
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="1 is the whole.",
    )


class Target(models.Model):
    """The targets of a month or a quarter: of one team with all below it, without a team of the whole company.

    Each figure is that of the same name in the scorecard; empty: none is set. Money is in the reporting currency.
    `marketing` has set them, `sales` agreed to them: proposed until both names are on it. `version` rises with each
    change of the figures.
    """

    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="+")
    first_day = models.DateField()
    months = models.PositiveSmallIntegerField(choices=[(MONTH, "Month"), (QUARTER, "Quarter")])
    leads = _count()
    mqls = _count()
    pipeline = _money()
    follow_up = _share()
    acceptance = _share()
    qualification = _share()
    winning = _share()
    revenue = _money()
    version = models.PositiveIntegerField(default=1)
    marketing = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    marketing_at = models.DateTimeField()
    sales = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    sales_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-first_day", "months", "team__name"]
        constraints = [
            models.UniqueConstraint(
                Coalesce("team", Value(0), output_field=models.BigIntegerField()),
                "first_day",
                "months",
                name="one_target_a_team_and_period",
            ),
            models.CheckConstraint(
                condition=Q(first_day__day=1)
                & (Q(months=MONTH) | Q(months=QUARTER, first_day__month__in=[1, 4, 7, 10])),
                name="target_of_a_month_or_a_quarter",
            ),
            models.CheckConstraint(
                condition=Q(sales=None, sales_at=None) | Q(sales__isnull=False, sales_at__isnull=False),
                name="target_agreed_to_by_somebody_at_some_time",
            ),
            models.CheckConstraint(
                condition=Q(sales=None) | ~Q(sales=F("marketing")), name="nobody_agrees_to_his_own_target"
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{name: None}) | Q(**{f"{name}__gt": 0, f"{name}__lte": 1}),
                    name=f"target_{name}_is_a_share",
                )
                for name in SHARES
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period.label}, {self.whose}"

    @property
    def period(self) -> TargetPeriod:
        return TargetPeriod(self.first_day, self.months)

    @property
    def whose(self) -> str:
        return str(self.team) if self.team else "the whole company"

    @property
    def is_agreed(self) -> bool:
        return self.sales_id is not None

    @property
    def figures(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in FIGURES}


class TargetChange(models.Model):
    """Who did what to a target, when, and its figures before and after. Added, never changed: triggers see to it."""

    class Kind(models.TextChoices):
        SET = "set", "Set"
        COPIED = "copied", "Copied"
        CHANGED = "changed", "Changed"
        CONFIRMED = "confirmed", "Agreed to"

    target = models.ForeignKey(Target, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind)
    version = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.target}"
