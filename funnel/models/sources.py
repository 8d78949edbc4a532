"""Where leads really came from: which channels say nothing, what people's own words mean, and what was found out."""

import re
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from funnel.models.leads import Lead
from funnel.models.marketing import Channel

_SLUG = re.compile(r"^[-a-zA-Z0-9_]{1,100}$")


def _dark() -> list[str]:
    return ["unknown", "other"]


class SourcePolicy(models.Model):
    """What the company allows itself to not know. One row; without it the defaults hold."""

    dark = models.JSONField(
        default=_dark,
        verbose_name="dark channels",
        help_text='The slugs of the channels that say nothing, for example ["unknown", "other"].',
    )
    budget = models.DecimalField(
        max_digits=4,
        decimal_places=1,
        default=Decimal("10.0"),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="Percent of all leads that may come from dark channels.",
    )

    class Meta:
        verbose_name = "source hygiene"
        verbose_name_plural = "source hygiene"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="source_policy_is_one"),
            models.CheckConstraint(condition=Q(budget__gte=0, budget__lte=100), name="source_budget_is_a_percentage"),
        ]

    def __str__(self) -> str:
        return f"At most {self.budget}% from {', '.join(self.dark)}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)

    def clean(self) -> None:
        dark: Any = self.dark
        if not isinstance(dark, list) or not all(isinstance(slug, str) and _SLUG.match(slug) for slug in dark):
            raise ValidationError({"dark": 'Give a list of slugs of channels, for example ["unknown", "other"].'})


class SourceWord(models.Model):
    """Words by which people, or the parameters of a link, name a channel. Of several in one text the longest counts.

    `channel`: its slug, with - and _ the same. A word for a channel that does not exist means nothing yet.
    """

    words = models.CharField(
        max_length=60, unique=True, help_text="As it stands in what they say, anywhere in it: google, trade fair, …"
    )
    channel = models.SlugField(max_length=100, db_index=False, help_text="The slug of the channel that it means.")

    class Meta:
        ordering = ["channel", "words"]

    def __str__(self) -> str:
        return f"{self.words} → {self.channel}"

    def clean(self) -> None:
        self.words = " ".join(self.words.lower().split())
        if len(self.words) < 3:
            raise ValidationError({"words": "Three letters at least: shorter ones stand in too many other words."})


class SourceRuling(models.Model):
    """What marketing found out about the channel of a lead; each has its event in the ledger. Rows are only added.

    `old` and `new`: its channel before and after; the same where it cannot be known. One that is taken back stays, and
    the row that takes it back stands beside it: `undoes`, `undone_by`.
    """

    class Kind(models.TextChoices):
        NAMED = "named", "Channel named"
        UNKNOWABLE = "unknowable", "Cannot be known"
        TAKEN_BACK = "taken_back", "Taken back"

    class Because(models.TextChoices):
        """In the order of how much each says."""

        CAMPAIGN = "campaign", "Its campaign"
        LINK = "link", "Link or campaign of a touch"
        SAID = "said", "What they say"
        TOUCH = "touch", "First known touch"
        JUDGED = "judged", "Marketing's judgement"

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="source_rulings", db_index=False)
    seq = models.PositiveIntegerField(help_text="The seq of its event in the ledger.")
    kind = models.CharField(max_length=10, choices=Kind)
    because = models.CharField(max_length=8, choices=Because, blank=True)
    old = models.ForeignKey(Channel, models.PROTECT, related_name="+", db_index=False)
    new = models.ForeignKey(Channel, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    undoes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="undone_by")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["at"], name="source_ruling_at")]
        constraints = [
            models.UniqueConstraint(fields=["lead", "seq"], name="source_ruling_seq_once"),
            models.CheckConstraint(
                condition=Q(kind="taken_back", undoes__isnull=False) | (~Q(kind="taken_back") & Q(undoes=None)),
                name="source_ruling_undoes_exactly_when_taken_back",
            ),
            models.CheckConstraint(
                condition=Q(kind="unknowable", old=F("new")) | ~Q(kind="unknowable"),
                name="source_ruling_unknowable_changes_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}" if self.old_id != self.new_id else f"{self.old}: {self.get_kind_display()}"
