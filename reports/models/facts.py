"""The history of leads in the form that reports count: written from raw rows alone, and rebuildable at will.

What is counted twice, what was taken back and what never counts is settled here once (`reports.facts.build`), so that
each report is a plain count over rows. Days are those of the company's time zone. Channel, campaign, team and owner are
those of the lead today; a lead that was merged into another has no rows.
"""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from funnel.lifecycle import Stage
from funnel.models import Agreement, Campaign, Channel, HandOff, Lead, Reason
from reports.titles import Function, Seniority


def _key(to: Any, *, null: bool = True) -> Any:
    """Without an index of its own: these columns are searched together, by the indexes below."""
    return models.ForeignKey(to, models.PROTECT, null=null, related_name="+", db_index=False)


class FactQuerySet(models.QuerySet[Any]):
    def as_of(self, at: datetime | None) -> "FactQuerySet":
        """What counted at that instant; None is now, with all that is known."""
        begins = self.model.BEGINS
        if at is None:
            return self.filter(voided_at=None) if hasattr(self.model, "voided_at") else self
        facts = self.filter(**{f"{begins}__lte": at})
        if hasattr(self.model, "voided_at"):
            facts = facts.filter(Q(voided_at=None) | Q(voided_at__gt=at))
        return facts


class Dimensioned(models.Model):
    """`cohort_day`: the day on which the lead was created. `day`: that on which the fact itself began."""

    cohort_day = models.DateField()
    day = models.DateField()
    channel = _key(Channel, null=False)
    campaign = _key(Campaign)
    team = _key("accounts.Team")
    owner = _key(settings.AUTH_USER_MODEL)

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True


class LeadFact(Dimensioned):
    """One lead. `ledger_seq`: how much of its ledger its facts know. `recorded_channel`: the channel it came with."""

    BEGINS: ClassVar = "created_at"

    lead = models.OneToOneField(Lead, models.PROTECT, related_name="fact")
    ledger_seq = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    self_sourced = models.BooleanField(default=False, help_text="Found by sales, not brought by marketing.")
    recorded_channel = _key(Channel, null=False)

    class Meta:
        indexes = [
            models.Index(fields=["cohort_day", "channel"], name="lead_fact_cohort"),
        ]

    def __str__(self) -> str:
        return f"lead {self.pk}"


class Stay(Dimensioned):
    """A lead in one stage, from the move into it to the move out of it.

    What was undone leaves no stay. One that was corrected or overruled counts until `voided_at`. `first`: of a lead's
    stays in this stage that count at an instant exactly one is, so that leads are counted once. `seq`: see StageChange.
    """

    BEGINS: ClassVar = "entered_at"

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="stays", db_index=False)
    seq = models.PositiveIntegerField()
    stage = models.CharField(max_length=12, choices=Stage)
    move = models.CharField(max_length=12)
    before = models.CharField(max_length=12, choices=Stage, blank=True)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    left_to = models.CharField(max_length=12, choices=Stage, blank=True)
    minutes = models.PositiveIntegerField(null=True, blank=True, help_text="How long it lasted; none while it does.")
    voided_at = models.DateTimeField(null=True, blank=True)
    first = models.BooleanField()
    hand_off = models.ForeignKey(HandOff, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    reason = _key(Reason)
    inferred = models.BooleanField(default=False)
    self_sourced = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["cohort_day", "stage"], name="stay_cohort"),
            models.Index(fields=["day", "stage"], name="stay_day"),
        ]
        constraints = [models.UniqueConstraint(fields=["lead", "seq"], name="stay_once")]

    def __str__(self) -> str:
        return f"{self.stage} of lead {self.lead_id}"


class Cycle(Dimensioned):
    """One hand-off, from sales' side. Minutes are working time of whoever had the lead; none where not known.

    `answered_at`: the first thing that sales said of it. `attempted_at`: the first attempt or conversation.
    `reached_on`: on which try, 1 for the first, there was the first conversation, at `reached_at`. Dates that an import
    has inferred are left out of `answered_at` and `attempted_at`.
    `known`: which of the ten attributes were known at the hand-off, a bit each (`reports.attributes`). `industry` to
    `function`: what kind of company and of person it is, by what is known of them now; empty where nothing is.
    """

    BEGINS: ClassVar = "opened_at"

    hand_off = models.OneToOneField(HandOff, models.PROTECT, related_name="fact")
    lead = models.ForeignKey(Lead, models.PROTECT, related_name="cycles")
    number = models.PositiveSmallIntegerField()
    agreement = _key(Agreement, null=False)
    imported = models.BooleanField()
    opened_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    qualified_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=HandOff.Outcome, blank=True)
    reason = _key(Reason)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_minutes = models.PositiveIntegerField(null=True, blank=True)
    answer_limit = models.PositiveIntegerField(help_text="Minutes of working time, by its agreement.")
    attempted_at = models.DateTimeField(null=True, blank=True)
    attempt_minutes = models.PositiveIntegerField(null=True, blank=True)
    attempt_limit = models.PositiveIntegerField(help_text="Minutes of working time, by its agreement.")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Those that count.")
    attempts_required = models.PositiveSmallIntegerField()
    attempt_channels = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0, help_text="Attempts and conversations, counted or not.")
    conversations = models.PositiveSmallIntegerField(default=0)
    reached_at = models.DateTimeField(null=True, blank=True)
    reached_on = models.PositiveSmallIntegerField(null=True, blank=True)
    attributes = models.PositiveSmallIntegerField(help_text="How many of the ten were known at the hand-off.")
    known = models.PositiveSmallIntegerField(default=0)
    industry = models.CharField(max_length=40, blank=True)
    size = models.CharField(max_length=10, blank=True)
    country = models.CharField(max_length=2, blank=True)
    seniority = models.CharField(max_length=10, choices=Seniority, blank=True)
    function = models.CharField(max_length=12, choices=Function, blank=True)
    touches = models.PositiveIntegerField(help_text="Touches of marketing before the hand-off.")
    fell_at = models.DateTimeField(null=True, blank=True, help_text="The first deadline of the agreement it missed.")
    recovered_at = models.DateTimeField(null=True, blank=True, help_text="None while it is in the Black Hole.")
    hole_minutes = models.PositiveIntegerField(null=True, blank=True, help_text="Calendar time in it, once it is out.")

    class Meta:
        indexes = [
            models.Index(fields=["day", "channel"], name="cycle_day"),
            models.Index(fields=["cohort_day", "channel"], name="cycle_cohort"),
        ]

    def __str__(self) -> str:
        return f"hand-off {self.number} of lead {self.lead_id}"


class FactsMark(models.Model):
    """How far the facts have read a table whose rows are only ever added; one row per table.

    `settled_id`, `watched_id`, `watched_transaction`: see `funnel.horizon`.
    """

    table = models.CharField(max_length=20, primary_key=True)
    settled_id = models.BigIntegerField(default=0)
    watched_id = models.BigIntegerField(default=0)
    watched_transaction = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.table} read to {self.settled_id}"
