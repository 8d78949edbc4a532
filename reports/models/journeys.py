"""Journeys as attribution reads them: one compact row a lead, kept true with the other facts."""

from django.db import models

from funnel.models import Lead


class Journey(models.Model):
    """The touches and deals of a lead, packed as `reports.journeys.packing` says. Merged leads have none."""

    lead = models.OneToOneField(Lead, models.PROTECT, related_name="journey")
    touches = models.BinaryField()
    deals = models.BinaryField()
    currency = models.CharField(max_length=3, blank=True, help_text="Of the deals' amounts.")

    def __str__(self) -> str:
        return f"journey of lead {self.lead_id}"
