"""What sales said happened, in rows that are added and never changed."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from dispositions.outcomes import RULES, Channel, Outcome
from funnel.models import Agreement, HandOff, Lead, Reason, Signature


class Disposition(models.Model):
    """One statement of sales about a lead. Its note and what was learned are `LeadText` rows of the same seq.

    `before` is how the lead stood, for undo; an undo is a row of its own that `corrects` the one it takes back.
    """

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="dispositions", db_index=False)
    seq = models.PositiveIntegerField(help_text="The seq of its event in the ledger.")
    last_seq = models.PositiveIntegerField(help_text="The seq of the last event it caused.")
    hand_off = models.ForeignKey(HandOff, models.PROTECT, null=True, blank=True, related_name="dispositions")
    outcome = models.CharField(max_length=12, choices=Outcome)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="dispositions", db_index=False)
    at = models.DateTimeField()
    channel = models.CharField(max_length=8, choices=Channel, blank=True)
    reason = models.ForeignKey(Reason, models.PROTECT, null=True, blank=True)
    counted = models.BooleanField(default=False, help_text="Counts towards the agreed number of attempts.")
    failed_clauses = models.JSONField(default=list, help_text="Of a refusal: the clauses it cites, by number.")
    before = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="corrected_by")

    class Meta:
        ordering = ["lead_id", "seq"]
        indexes = [
            models.Index(fields=["by", "at"], name="disposition_by_at"),
            # Marketing's feed of outcomes, the newest first.
            models.Index(fields=["-at", "-id"], name="disposition_newest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["lead", "seq"], name="disposition_seq_once"),
            models.CheckConstraint(
                condition=Q(outcome="undo", corrects__isnull=False) | (~Q(outcome="undo") & Q(corrects=None)),
                name="undo_corrects_a_disposition",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} by {self.by}"

    @classmethod
    def contacts_of(cls, lead_id: int, hand_off: HandOff | None) -> models.QuerySet["Disposition"]:
        """The conversations of a hand-off (of a lead without one: those without). What was taken back is none."""
        contacts = [rule.outcome for rule in RULES.values() if rule.is_contact]
        return cls.objects.filter(lead=lead_id, hand_off=hand_off, outcome__in=contacts, corrected_by=None)

    @property
    def occasion(self) -> int:
        """Which conversation of its hand-off it is, 1 for the first; 0: none. One query for a conversation."""
        rule = RULES.get(Outcome(self.outcome))
        if rule is None or not rule.is_contact:
            return 0
        return self.contacts_of(self.lead_id, self.hand_off).filter(seq__lte=self.seq).count()

    def is_followed_by_contact(self) -> bool:
        return self.contacts_of(self.lead_id, self.hand_off).filter(seq__gt=self.seq).exists()


class Verdict(models.TextChoices):
    """What the signers can say of a refusal."""

    UPHELD = "upheld", "Upheld: sales was right"
    OVERRULED = "overruled", "Overruled: marketing was right"
    REDEFINED = "redefined", "Change the definition"


class Dispute(models.Model):
    """Sales refused a lead of which the agreement says that it met every clause. The signers settle it.

    `decide_at`: from then on an admin decides, where the signers are split. `draft` is the next version that a change
    of the definition has opened.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        UPHELD = "upheld", "Upheld"
        OVERRULED = "overruled", "Overruled"
        REDEFINED = "redefined", "Definition changed"
        TAKEN_BACK = "taken_back", "Refusal taken back"

    disposition = models.OneToOneField(Disposition, models.PROTECT, related_name="dispute")
    hand_off = models.ForeignKey(HandOff, models.PROTECT, related_name="disputes")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField()
    decide_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="settled_disputes"
    )
    lead_returned = models.BooleanField(default=False, help_text="Overruled: the lead is back with its rep.")
    draft = models.ForeignKey(Agreement, models.SET_NULL, null=True, blank=True, related_name="disputes")

    class Meta:
        ordering = ["opened_at", "id"]
        indexes = [models.Index(fields=["state", "opened_at"], name="dispute_state_opened")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None) | (~Q(state="open") & Q(settled_at__isnull=False)),
                name="dispute_is_open_until_settled",
            ),
        ]

    def __str__(self) -> str:
        return f"dispute over {self.hand_off}"


class DisputeVote(models.Model):
    """What a side's signer says of it. He may say otherwise until it is settled."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="votes", db_index=False)
    side = models.CharField(max_length=10, choices=Signature.Side)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    verdict = models.CharField(max_length=10, choices=Verdict)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dispute", "side"], name="dispute_voted_once_a_side")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_verdict_display()}"
