"""The MQL-to-SAL agreement, and each passage of a lead that it governs."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from funnel.clauses import InvalidArguments, checked_arguments, describe

ERASED = "[erased]"


def default_shares() -> list[int]:
    return [50, 80, 100, 200]


class Agreement(models.Model):
    """One version of what marketing and sales agreed. A signed version never changes: triggers see to it.

    `in_force_from` of a draft is the date wished for; empty: as soon as both have signed.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SIGNED = "signed", "Signed"
        IN_FORCE = "in_force", "In force"
        SUPERSEDED = "superseded", "Superseded"
        IMPORTED = "imported", "Imported past"

    name = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    in_force_from = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)
    accept_within_minutes = models.PositiveIntegerField(default=8 * 60, help_text="Working time.")
    first_attempt_within_minutes = models.PositiveIntegerField(default=8 * 60, help_text="Working time.")
    attempts_required = models.PositiveSmallIntegerField(default=7)
    attempts_within_days = models.PositiveSmallIntegerField(default=10, help_text="Working days.")
    channels_required = models.PositiveSmallIntegerField(default=2)
    # Whom it governs; all empty is the default agreement.
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True)
    channel = models.ForeignKey("funnel.Channel", models.PROTECT, null=True, blank=True)
    country = models.CharField(max_length=2, blank=True)
    escalation_shares = models.JSONField(
        default=default_shares, help_text="Steps of the ladder, in percent of the SLA."
    )
    reassigns = models.BooleanField(default=False, help_text="At the last step the lead goes to the next rep.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="agreement_version_once"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(state="in_force"), name="one_version_of_an_agreement_in_force"
            ),
            # Which agreement governs a lead is never a matter of chance.
            models.UniqueConstraint(
                Coalesce("team", Value(0), output_field=models.BigIntegerField()),
                Coalesce("channel", Value(0), output_field=models.BigIntegerField()),
                "country",
                condition=Q(state="in_force"),
                name="one_agreement_in_force_per_segment",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "imported"]) | Q(in_force_from__isnull=False),
                name="agreement_in_force_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"

    @property
    def governs(self) -> str:
        """Whose leads, in words."""
        parts = [str(one) for one in (self.team, self.channel, self.country) if one]
        return ", ".join(parts) or "All leads without an agreement of their own"


class Clause(models.Model):
    """One numbered sentence of an agreement: what a lead must meet to be an MQL."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="clauses", db_index=False)
    number = models.PositiveSmallIntegerField()
    sentence = models.CharField(max_length=300)
    test = models.CharField(max_length=30, blank=True, help_text="How a machine judges it; empty: people do.")
    arguments = models.JSONField(default=dict, blank=True)
    remark = models.CharField(max_length=300, blank=True, help_text="In a draft: why it is to be looked at again.")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="clause_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.sentence}"

    def clean(self) -> None:
        arguments: Any = self.arguments
        try:
            self.arguments = checked_arguments(self.test, arguments if isinstance(arguments, dict) else {})
        except InvalidArguments as problem:
            field = "test" if "test" in problem.problems else "arguments"
            raise ValidationError({field: str(problem)}) from problem

    @property
    def check_in_words(self) -> str:
        return describe(self.test, self.arguments)


class Signature(models.Model):
    """A leader's name under an agreement. Both sides must have signed before it is in force."""

    class Side(models.TextChoices):
        MARKETING = "marketing", "Marketing"
        SALES = "sales", "Sales"

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="signatures", db_index=False)
    side = models.CharField(max_length=10, choices=Side)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "side"], name="agreement_signed_once_a_side"),
            models.UniqueConstraint(fields=["agreement", "user"], name="nobody_signs_for_both_sides"),
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.get_side_display()}"


class HandOff(models.Model):
    """One passage of a lead from marketing to sales, bound to the agreement then in force.

    Numbered per lead over recycling. `ended_*` are set when the cycle is over: refused, recycled, won, …
    What it began with is fixed by a trigger. What was found of each clause, in words, is its `LeadText`, which can be
    erased.
    """

    class Outcome(models.TextChoices):
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"
        RECYCLED = "recycled", "Recycled"
        WON = "won", "Won"
        LOST = "lost", "Lost"
        NO_DECISION = "no_decision", "No decision"
        DISQUALIFIED = "disqualified", "Disqualified"

    lead = models.ForeignKey("funnel.Lead", models.PROTECT, related_name="hand_offs", db_index=False)
    number = models.PositiveSmallIntegerField()
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="hand_offs")
    opened_at = models.DateTimeField()
    imported = models.BooleanField(default=False)
    clause_results = models.JSONField(
        default=list, help_text="Each clause at that moment: number, met (null: judged by people)."
    )
    override_reason = models.CharField(
        max_length=500, blank=True, help_text="Why it was promoted though clauses failed."
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    first_attempt_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    # Attempts that count towards the agreed number: at most two a working day.
    attempts = models.PositiveSmallIntegerField(default=0)
    attempt_channels = models.JSONField(default=list)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    attempts_on_last_day = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["lead_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["lead", "number"], name="hand_off_number_once"),
            models.UniqueConstraint(fields=["lead"], condition=Q(ended_at=None), name="one_open_hand_off_per_lead"),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="hand_off_ends_with_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"hand-off {self.number} of lead {self.lead_id}"
