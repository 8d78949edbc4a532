"""What marketing tools send to us: the sources that may, and each message as it came."""

from django.conf import settings
from django.db import models
from django.db.models import Q

STATE_LENGTH = 9


class Source(models.Model):
    """A tool that sends leads to a hook of ours, and how its messages become leads.

    `field_map`: our field = JSON pointer, name of a form field, or a table of both and constants, as the adapter says.
    `channel_rules`: how its words become our channels. `options`: what the adapter needs besides, for example where
    HubSpot's contacts are fetched. `old_secret` is good until `old_secret_until`, while the tool is changed over.
    """

    class Adapter(models.TextChoices):
        MAUTIC = "mautic", "Mautic"
        HUBSPOT = "hubspot", "HubSpot"
        MARKETO = "marketo", "Marketo"
        SALESFORCE_WEB_TO_LEAD = "salesforce_web_to_lead", "Salesforce Web-to-Lead"
        GENERIC = "generic", "Any other, by field map"

    slug = models.SlugField(max_length=50, unique=True, help_text="The source of its leads.")
    name = models.CharField(max_length=100)
    adapter = models.CharField(max_length=24, choices=Adapter)
    token = models.CharField(max_length=64, unique=True, help_text="The last part of the hook's address.")
    secret = models.CharField(max_length=200)
    old_secret = models.CharField(max_length=200, blank=True)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    field_map = models.JSONField(default=dict, blank=True)
    channel_rules = models.JSONField(default=dict, blank=True)
    options = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class InboxItem(models.Model):
    """One message of a source, stored before it is read. It is processed from here, once, and can be replayed.

    `message_id` is the sender's own where he gives one, else the digest of the body: a repeat has no effect.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        UNMAPPED = "unmapped", "Not mapped"
        FAILED = "failed", "Failed"
        DEAD = "dead", "Given up"

    source = models.ForeignKey(Source, models.PROTECT, related_name="items", db_index=False)
    message_id = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the raw body.")
    received_at = models.DateTimeField()
    content_type = models.CharField(max_length=100, blank=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)
    state = models.CharField(max_length=STATE_LENGTH, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    results = models.JSONField(default=list, help_text="What became of each event in it: lead, status, sentence.")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="inbox_to_process", condition=Q(state="waiting")),
            models.Index(fields=["source", "state", "-id"], name="inbox_of_source"),
            # /imports/hooks/: the messages in one state, and how many of each source came in the last days.
            models.Index(fields=["state", "-id"], name="inbox_of_state"),
            models.Index(fields=["source", "received_at", "state"], name="inbox_recent"),
            # Was the same body sent a moment ago?
            models.Index(fields=["source", "digest"], name="inbox_same_body"),
        ]
        constraints = [models.UniqueConstraint(fields=["source", "message_id"], name="inbox_message_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.message_id[:20]}"
