"""What sales said happened, in rows that are added and never changed."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from dispositions.outcomes import Channel, Outcome
from funnel.models import HandOff, Lead, Reason


class Disposition(models.Model):
    """One statement of sales about a lead. Its note and what was learned are `LeadText` rows of the same seq.

    `before` is how the lead stood, for undo; an undo is a row of its own that `corrects` the one it takes back.
    """

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="dispositions")
    seq = models.PositiveIntegerField(help_text="The seq of its event in the ledger.")
    last_seq = models.PositiveIntegerField(help_text="The seq of the last event it caused.")
    hand_off = models.ForeignKey(HandOff, models.PROTECT, null=True, blank=True, related_name="dispositions")
    outcome = models.CharField(max_length=12, choices=Outcome)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="dispositions")
    at = models.DateTimeField()
    channel = models.CharField(max_length=8, choices=Channel, blank=True)
    reason = models.ForeignKey(Reason, models.PROTECT, null=True, blank=True)
    counted = models.BooleanField(default=False, help_text="Counts towards the agreed number of attempts.")
    before = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="corrected_by")

    class Meta:
        ordering = ["lead_id", "seq"]
        indexes = [models.Index(fields=["by", "at"], name="disposition_by_at")]
        constraints = [
            models.UniqueConstraint(fields=["lead", "seq"], name="disposition_seq_once"),
            models.CheckConstraint(
                condition=Q(outcome="undo", corrects__isnull=False) | (~Q(outcome="undo") & Q(corrects=None)),
                name="undo_corrects_a_disposition",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} by {self.by}"
