"""Which team a lead belongs to, and the log of who got which lead and why."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from funnel.assignment import Rule, Segment
from funnel.models.agreements import HandOff
from funnel.models.leads import Lead
from funnel.models.marketing import Campaign, Channel


class TeamRule(models.Model):
    """Leads of this segment go to this team. Asked after territory and company, in the order of position."""

    position = models.PositiveSmallIntegerField(default=0, help_text="The lowest is asked first; the first that fits.")
    naics_prefix = models.CharField(
        max_length=6,
        blank=True,
        verbose_name="NAICS code begins with",
        validators=[RegexValidator(r"^\d{1,6}$", "Give 1 to 6 digits, for example 4841.")],
    )
    min_employees = models.PositiveIntegerField(null=True, blank=True, help_text="The company has at least so many.")
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True)
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="segment_rules")

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.sentence} → {self.team}"

    @property
    def segment(self) -> Segment:
        return Segment(
            naics_prefix=self.naics_prefix,
            min_employees=self.min_employees,
            channel_id=self.channel_id,
            campaign_id=self.campaign_id,
        )

    @property
    def sentence(self) -> str:
        """What it asks for, in words. Needs `channel` and `campaign`: select them with the rules."""
        asked = [
            f"NAICS {self.naics_prefix}…" if self.naics_prefix else "",
            f"{self.min_employees:,} employees or more" if self.min_employees is not None else "",
            f"channel {self.channel}" if self.channel else "",
            f"campaign {self.campaign}" if self.campaign else "",
        ]
        return ", ".join(filter(None, asked)) or "everything else"


class Assignment(models.Model):
    """One decision about who works on a lead: which rule chose whom, and why. Append-only.

    `rep` is nobody where the lead went to the pool of `team`.
    """

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="assignments")
    hand_off = models.ForeignKey(HandOff, models.PROTECT, null=True, blank=True, related_name="assignments")
    at = models.DateTimeField()
    rule = models.CharField(max_length=10, choices=Rule)
    rep = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="assignments", db_index=False
    )
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="assignments")
    why = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=50, blank=True, help_text="The API key or the job, where no user acted.")

    class Meta:
        ordering = ["id"]
        indexes = [
            # Whose turn it is: the last turn of each rep.
            models.Index(fields=["rep", "id"], name="assignment_turn"),
        ]

    def __str__(self) -> str:
        return f"{self.rep or 'pool'}: {self.why}"
