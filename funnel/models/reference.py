"""Lists the admin keeps: what the stages mean and why leads leave them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from funnel.clauses import SUBJECTS
from funnel.lifecycle import Stage


class StageDefinition(models.Model):
    """What a stage means to this company, and how long a lead may stay silent in it."""

    stage = models.CharField(max_length=12, choices=Stage, primary_key=True)
    position = models.PositiveSmallIntegerField()
    definition = models.TextField()
    actions = models.TextField(verbose_name="actions in stage", blank=True)
    forward = models.TextField(verbose_name="triggers forward", blank=True)
    backward = models.TextField(verbose_name="triggers backward", blank=True)
    stale_after_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Working days in sales' stages, calendar days in marketing's."
    )

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.get_stage_display()


class Suppression(models.Model):
    """An address, or another system's id, that was erased and must not come back.

    `digest`: HMAC-SHA256 of its key (`funnel.services.suppression`); nobody can read it. `lead`: the number of the
    erased lead that it was of.
    """

    digest = models.CharField(max_length=64, unique=True)
    lead = models.ForeignKey("funnel.Lead", models.PROTECT, null=True, blank=True, related_name="suppressions")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"suppressed on {self.at:%Y-%m-%d}"


class JobRun(models.Model):
    """One run of a job that the clock drives, once for its slot: two beats start it once."""

    job = models.CharField(max_length=50)
    slot = models.DateTimeField(help_text="The beginning of the time in which it runs once.")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(default=dict)

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["job", "-finished_at"], name="job_run_last")]
        constraints = [models.UniqueConstraint(fields=["job", "slot"], name="job_run_once_a_slot")]

    def __str__(self) -> str:
        return f"{self.job} at {self.slot:%Y-%m-%d %H:%M}"


class Reason(models.Model):
    """Why sales refused, recycled or lost a lead, and what marketing does with it."""

    slug = models.SlugField(max_length=50, unique=True)
    label = models.CharField(max_length=100)
    outcomes = models.JSONField(default=list, help_text="The outcomes it may be given for.")
    disqualifies = models.BooleanField(default=False, help_text="A refusal for it ends in Disqualified, not Nurture.")
    note_required = models.BooleanField(default=False)
    wake_after_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The wake-up date proposed when a lead is recycled for it."
    )
    about = models.JSONField(
        default=list,
        blank=True,
        help_text="What it is usually about, e.g. budget, segment, email: a refusal cites the clause about that.",
    )
    marketing_action = models.TextField(blank=True, help_text="What marketing does with such a lead.")
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "label"]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        about: Any = self.about
        if not isinstance(about, list) or not all(subject in SUBJECTS for subject in about):
            raise ValidationError({"about": f"Give a list of these: {', '.join(SUBJECTS)}."})
        outcomes: Any = self.outcomes
        if not isinstance(outcomes, list) or not all(isinstance(outcome, str) for outcome in outcomes):
            raise ValidationError({"outcomes": 'Give a list of outcomes, for example ["refuse", "recycle"].'})
