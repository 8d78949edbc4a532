"""Links in mails that answer for a lead."""

from django.conf import settings
from django.db import models

from funnel.models import Lead


class UsedLink(models.Model):
    """A link from a mail that has done its work: it does so once. `digest` is the SHA-256 of its token."""

    digest = models.CharField(max_length=64, unique=True)
    lead = models.ForeignKey(Lead, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"used at {self.at:%Y-%m-%d %H:%M}"
