"""What people took away as a file."""

from django.conf import settings
from django.db import models


class Export(models.Model):
    """One file: whose, of what, how much of it. Written before the first byte of the file is sent.

    `filters` are those of its address. What was searched for is left out: it may name a person who asks to be
    forgotten one day.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="exports")
    name = models.CharField(max_length=60, help_text="The list, or the report.")
    filters = models.TextField(blank=True)
    file_format = models.CharField(max_length=5)
    rows = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["-at", "-id"], name="export_newest")]

    def __str__(self) -> str:
        return f"{self.name}, {self.rows} rows"
