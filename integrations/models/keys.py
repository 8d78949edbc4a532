"""Keys of machines that talk to LeadFlow, and the requests they may repeat."""

from django.conf import settings
from django.db import models


class ApiKey(models.Model):
    """A machine's key. Only its SHA-256 is kept; the key itself is shown once, when it is made."""

    name = models.CharField(max_length=50, unique=True)
    source = models.CharField(max_length=50, help_text="The system that speaks with it; it sees this system's leads.")
    scopes = models.JSONField(default=list)
    prefix = models.CharField(max_length=12, help_text="Its first characters, to recognise it by.")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    old_digest = models.CharField(max_length=64, blank=True, help_text="The key before the last rotation.")
    old_until = models.DateTimeField(null=True, blank=True, help_text="Until then the key before is good too.")
    calls_a_minute = models.PositiveIntegerField(default=600, help_text="More are answered 429.")
    last_used_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["name"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class IdempotentRequest(models.Model):
    """A request that was answered 2xx under an Idempotency-Key: told again, it gets the same answer.

    Written in the transaction of the work itself, so that a killed process leaves neither. `fingerprint` is the
    SHA-256 of method, path and raw body.
    """

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["api_key", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key
