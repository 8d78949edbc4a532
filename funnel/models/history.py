"""What happened, in rows that are added and never changed; and the flags the sweep raises."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from funnel.lifecycle import Stage
from funnel.models.agreements import HandOff
from funnel.models.leads import Lead
from funnel.models.reference import Reason


class LeadEvent(models.Model):
    """The ledger of a lead: timeline, outbox and change feed at once. Append-only by database trigger.

    `data` holds ids and codes only; personal values and free text live in rows that can be erased. `hash` chains the
    rows of a lead: see `funnel.ledger`.
    """

    class Kind(models.TextChoices):
        CREATED = "lead.created", "Created"
        STAGE_CHANGED = "lead.stage_changed", "Moved"
        DISPOSITIONED = "lead.dispositioned", "Dispositioned"
        ASSIGNED = "lead.assigned", "Assigned"
        EDITED = "lead.edited", "Edited"
        BLACK_HOLE = "lead.black_hole", "Fell into the Black Hole"
        RECOVERED = "lead.recovered", "Recovered from the Black Hole"
        STALE = "lead.stale", "Became stale"
        WOKEN = "lead.woken", "Woke up"
        RECYCLED = "lead.recycled", "Recycled"
        WON = "lead.won", "Won"
        CLOSED = "lead.closed", "Closed"
        CORRECTED = "lead.corrected", "Corrected"
        NOTED = "lead.noted", "Noted"
        MERGED = "lead.merged", "Merged"
        ERASED = "lead.erased", "Erased"

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField(help_text="When it happened.")
    recorded_at = models.DateTimeField(help_text="When LeadFlow learned of it.")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    actor_name = models.CharField(max_length=50, blank=True, help_text="The API key or the job, where no user acted.")
    data = models.JSONField(default=dict)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["lead_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["lead", "seq"], name="event_seq_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.lead_id}/{self.seq})"


class StageChange(models.Model):
    """One move of a lead. Every report about stages reads these rows."""

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="stage_changes", db_index=False)
    seq = models.PositiveIntegerField(help_text="The seq of its event in the ledger.")
    hand_off = models.ForeignKey(HandOff, models.PROTECT, null=True, blank=True, related_name="stage_changes")
    move = models.CharField(max_length=12)
    old = models.CharField(max_length=12, choices=Stage, blank=True)
    new = models.CharField(max_length=12, choices=Stage)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    reason = models.ForeignKey(Reason, models.PROTECT, null=True, blank=True)
    imported = models.BooleanField(default=False)
    inferred = models.BooleanField(default=False, help_text="Filled in between two known dates of an imported past.")

    class Meta:
        ordering = ["lead_id", "seq"]
        indexes = [models.Index(fields=["new", "at"], name="stage_change_new_at")]
        constraints = [
            models.UniqueConstraint(fields=["lead", "seq"], name="stage_change_seq_once"),
            models.CheckConstraint(condition=Q(new__in=Stage.values), name="stage_change_to_a_known_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.old or 'new'} → {self.new}"


class Flag(models.Model):
    """An episode in the Black Hole, or of staleness: from the missed deadline until the disposition that ended it.

    Raised once for a deadline. `voided` marks an episode that an imported outcome showed never to have been one.
    """

    class Kind(models.TextChoices):
        BLACK_HOLE = "black_hole", "Black Hole"
        STALE = "stale", "Stale"

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="flags", db_index=False)
    hand_off = models.ForeignKey(HandOff, models.PROTECT, null=True, blank=True, related_name="flags")
    cycle = models.PositiveSmallIntegerField(help_text="The hand-off's number; 0 before the first.")
    kind = models.CharField(max_length=10, choices=Kind)
    clock = models.CharField(max_length=13, choices=Lead.Clock)
    due_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)
    voided = models.BooleanField(default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="flags")
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="flags")

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            # /black-hole/ and the closed-loop report: what is inside now, the longest first.
            models.Index(fields=["kind", "due_at"], name="flag_open", condition=Q(cleared_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["lead", "cycle", "kind", "clock", "due_at"], name="flag_raised_once"),
            models.UniqueConstraint(fields=["lead"], condition=Q(cleared_at=None), name="one_open_flag_per_lead"),
            models.CheckConstraint(condition=Q(voided=False) | Q(cleared_at__isnull=False), name="voided_flag_is_over"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} since {self.due_at:%Y-%m-%d %H:%M}"


class Escalation(models.Model):
    """A step of the ladder, climbed once for a deadline and an owner.

    `skipped`: it was found so late that it would have said nothing any more. `hands_over` marks the last step of an
    agreement that reassigns: until `handed_over_at` the sweep has to give the lead to the next rep.
    """

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="escalations")
    hand_off = models.ForeignKey(HandOff, models.PROTECT, related_name="escalations", db_index=False)
    clock = models.CharField(max_length=13, choices=Lead.Clock)
    due_at = models.DateTimeField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="escalations"
    )
    share = models.PositiveSmallIntegerField(help_text="Percent of the agreed time.")
    at = models.DateTimeField(help_text="When it was due.")
    done_at = models.DateTimeField()
    skipped = models.BooleanField(default=False)
    hands_over = models.BooleanField(default=False)
    handed_over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(
                fields=["id"], name="escalation_to_hand_over", condition=Q(hands_over=True, handed_over_at=None)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["hand_off", "clock", "due_at", "owner", "share"], name="escalation_once_for_an_owner"
            ),
            models.UniqueConstraint(
                fields=["hand_off", "clock", "due_at", "share"],
                condition=Q(owner=None),
                name="escalation_once_for_nobody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.share} % of {self.get_clock_display().lower()}"


class LeadText(models.Model):
    """Free text that somebody wrote about a lead. Erasable, and so outside the hash chain."""

    class Kind(models.TextChoices):
        NOTE = "note", "Note, private to sales"
        LEARNED = "learned", "What was learned, for marketing"
        EVIDENCE = "evidence", "Which clauses fail, and what shows it"
        CLAUSES = "clauses", "What was found of each clause at the hand-off"

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="texts", db_index=False)
    seq = models.PositiveIntegerField(help_text="The seq of the event it belongs to.")
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)

    class Meta:
        ordering = ["lead_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["lead", "seq", "kind"], name="text_once_per_event")]

    def __str__(self) -> str:
        return self.text[:80]
