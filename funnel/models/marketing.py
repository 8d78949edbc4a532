"""Where leads come from: channels, campaigns, what they cost, and each contact of marketing with a lead."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Channel(models.Model):
    """A source of leads, such as paid search. A lead's first channel is fixed; a correction is a `SourceRuling`."""

    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Campaign(models.Model):
    """One effort of marketing in a channel, with a beginning and perhaps an end."""

    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True, related_name="campaigns")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    expected_value = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True, help_text="What a lead of it is worth when won."
    )
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="campaign_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Spend(models.Model):
    """Money spent on a channel, or on one campaign of it, over whole days. Reports prorate it by day."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="spend")
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="spend")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The last day, included.")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ["-starts_on"]
        verbose_name_plural = "spend"
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="spend_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="spend_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} on {self.campaign or self.channel}"


class Touch(models.Model):
    """One contact of marketing with a lead. Raises neither the lead's version nor its ledger."""

    class Kind(models.TextChoices):
        FORM = "form", "Form"
        WEBINAR = "webinar", "Webinar"
        AD_CLICK = "ad_click", "Ad click"
        EMAIL = "email", "E-mail"
        EVENT = "event", "Event"
        DIRECT_MAIL = "direct_mail", "Direct mail"
        CALL = "call", "Call by marketing"
        VOICEMAIL = "voicemail", "Voicemail by marketing"
        VISIT = "visit", "Page visit"
        DOWNLOAD = "download", "Download"
        CHAT = "chat", "Chat"
        OTHER = "other", "Other"

    lead = models.ForeignKey("funnel.Lead", models.PROTECT, related_name="touches", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.OTHER)
    channel = models.ForeignKey(Channel, models.PROTECT)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True)
    source = models.CharField(max_length=50, help_text="The system that reported it.")
    external_id = models.CharField(max_length=200, null=True, blank=True)
    subject = models.CharField(max_length=500, blank=True, help_text="What they read, searched or asked.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who of marketing did it by hand.",
    )

    class Meta:
        ordering = ["at", "id"]
        verbose_name_plural = "touches"
        indexes = [
            # A lead's touches in the order attribution counts them.
            models.Index(fields=["lead", "at", "id"], name="touch_lead_at"),
        ]
        constraints = [
            # Null where the reporting system has no id of its own; nulls never clash.
            models.UniqueConstraint(fields=["source", "external_id"], name="touch_reported_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.at:%Y-%m-%d}"
