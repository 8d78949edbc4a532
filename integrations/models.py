"""Keys of machines that talk to LeadFlow."""

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
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
