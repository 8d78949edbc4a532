"""The MQL-to-SAL agreement, and each passage of a lead that it governs."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Agreement(models.Model):
    """One version of what marketing and sales agreed. A signed version never changes."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
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
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="agreement_version_once"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(state="in_force"), name="one_version_of_an_agreement_in_force"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "imported"]) | Q(in_force_from__isnull=False),
                name="agreement_in_force_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


class Clause(models.Model):
    """One numbered sentence of an agreement: what a lead must meet to be an MQL."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="clauses")
    number = models.PositiveSmallIntegerField()
    sentence = models.CharField(max_length=300)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="clause_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.sentence}"


class Signature(models.Model):
    """A leader's name under an agreement. Both sides must have signed before it is in force."""

    class Side(models.TextChoices):
        MARKETING = "marketing", "Marketing"
        SALES = "sales", "Sales"

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="signatures")
    side = models.CharField(max_length=10, choices=Side)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "side"], name="agreement_signed_once_a_side"),
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.get_side_display()}"


class HandOff(models.Model):
    """One passage of a lead from marketing to sales, bound to the agreement then in force.

    Numbered per lead over recycling. `ended_*` are set when the cycle is over: refused, recycled, won, …
    """

    class Outcome(models.TextChoices):
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"
        RECYCLED = "recycled", "Recycled"
        WON = "won", "Won"
        LOST = "lost", "Lost"
        NO_DECISION = "no_decision", "No decision"
        DISQUALIFIED = "disqualified", "Disqualified"

    lead = models.ForeignKey("funnel.Lead", models.PROTECT, related_name="hand_offs")
    number = models.PositiveSmallIntegerField()
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="hand_offs")
    opened_at = models.DateTimeField()
    imported = models.BooleanField(default=False)
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
