"""What LeadFlow tells people: a line on their notifications page, and a mail that waits here until it is sent."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Notification(models.Model):
    """Something a person should know, told once: `key` says what it is about.

    `lead_number`: the lead that its text names, where it names one: erased with it, as is the mail with its key.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications", db_index=False)
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=200)
    text = models.TextField()
    url = models.CharField(max_length=200, blank=True, help_text="The page it leads to.")
    lead_number = models.PositiveBigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    digest_at = models.DateTimeField(
        null=True, blank=True, help_text="When the mail that collects it is due; none once it is, or where none is."
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="notification_of_user"),
            # The count beside the menu entry of every page.
            models.Index(fields=["user"], name="notification_unread", condition=Q(read_at=None)),
            # What was told of a lead that is erased.
            models.Index(fields=["lead_number"], name="notification_lead", condition=Q(lead_number__isnull=False)),
            # What is forgotten after its time.
            models.Index(fields=["created_at"], name="notification_created"),
            # The digests that are due.
            models.Index(fields=["digest_at"], name="notification_digest", condition=Q(digest_at__isnull=False)),
        ]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notification_told_once")]

    def __str__(self) -> str:
        return self.text[:80]


class Mail(models.Model):
    """A mail to send: written with the change it tells of, sent by `accounts.outbox`.

    `html`, where there is one, says the same as `text` with pictures.

    `next_attempt_at` lies ahead while a sender holds it, and after a failure. `dead`: given up, for an admin to see.
    """

    key = models.CharField(max_length=220, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)
    dead = models.BooleanField(default=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="mail_to_send", condition=Q(sent_at=None, dead=False)),
            models.Index(fields=["id"], name="mail_given_up", condition=Q(dead=True)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(sent_at=None) | Q(dead=False), name="mail_is_sent_or_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.subject[:60]} → {self.to}"
