"""What LeadFlow tells other systems: the endpoints that listen, and each delivery."""

from django.db import models
from django.db.models import Q

from funnel.models import Lead, LeadEvent
from integrations.models.keys import ApiKey


class Endpoint(models.Model):
    """An address that gets events, signed as Standard Webhooks. It hears of the leads known to its source.

    Without a source (made by an admin) it hears of all leads. `failing_since` is the first failure of those in a row.
    """

    name = models.CharField(max_length=100)
    url = models.CharField(max_length=500)
    kinds = models.JSONField(default=list, help_text="The kinds of event it gets; empty: all.")
    source = models.CharField(max_length=50, blank=True)
    secret = models.CharField(max_length=100)
    old_secret = models.CharField(max_length=100, blank=True)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    disabled_because = models.CharField(max_length=300, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by_key = models.ForeignKey(ApiKey, models.SET_NULL, null=True, blank=True, related_name="endpoints")

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One event on its way to one endpoint. The body is made once and sent unchanged."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        DEAD = "dead", "Given up"

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries", db_index=False)
    event = models.ForeignKey(LeadEvent, models.PROTECT, related_name="deliveries")
    lead = models.ForeignKey(Lead, models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField(help_text="Of the event in the lead's ledger: the order of delivery.")
    message_id = models.CharField(max_length=64, unique=True, help_text="The webhook-id: the same at each attempt.")
    body = models.TextField(blank=True)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="The last answer's.")
    error = models.CharField(max_length=300, blank=True)
    answer = models.CharField(max_length=1000, blank=True, help_text="The beginning of the last answer's body.")

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "deliveries"
        indexes = [
            # The relay: what is due, and which is the first of its lead.
            models.Index(fields=["endpoint", "next_attempt_at"], name="delivery_due", condition=Q(state="waiting")),
            models.Index(fields=["endpoint", "lead", "seq"], name="delivery_head", condition=Q(state="waiting")),
            models.Index(fields=["endpoint", "-id"], name="delivery_log"),
            models.Index(fields=["endpoint", "-id"], name="delivery_given_up", condition=Q(state="dead")),
        ]
        constraints = [models.UniqueConstraint(fields=["endpoint", "event"], name="delivery_once")]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.message_id}"
