"""The buyer's decision: who must agree, what holds them, what to ask, and whether the rep believes that it closes."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from dispositions.models.statements import Disposition
from funnel.attributes import Attribute
from funnel.models import HandOff, Lead


class Stance(models.TextChoices):
    AGREES = "agrees", "Agrees"
    NEUTRAL = "neutral", "Neutral"
    AGAINST = "against", "Against"
    UNKNOWN = "unknown", "Not known"


class Blocker(models.TextChoices):
    """What holds somebody back from buying from anybody."""

    PEOPLE = "people", "People"
    OLD_VENDOR = "old_vendor", "Old vendor"
    BUDGET_SHARE = "budget_share", "Share of the budget"
    WORKAROUND = "workaround", "Workaround"
    CHANGE = "change", "Change"


class BuyIn(models.Model):
    """One person on the buyer's side who must agree, and what holds him. As known now; changes are in the ledger."""

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="buy_ins")
    person = models.CharField(max_length=150)
    role = models.CharField(max_length=150, blank=True, help_text="What they do there, and in the decision.")
    stance = models.CharField(max_length=7, choices=Stance, default=Stance.UNKNOWN)
    blocker = models.CharField(max_length=12, choices=Blocker, blank=True)
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(stance__in=Stance.values), name="buy_in_has_a_known_stance"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_stance_display().lower()}"


class Question(models.Model):
    """A question that helps the buyer's side to decide; asked while what it is about is not known.

    `blocker`: asked while nobody knows whether this holds them. `attribute`: asked while it is open. Neither: always.
    """

    text = models.CharField(max_length=300)
    blocker = models.CharField(max_length=12, choices=Blocker, blank=True)
    attribute = models.CharField(max_length=22, choices=Attribute, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text


class Forecast(models.Model):
    """What the rep believed at the first and the second conversation of a hand-off. Append-only, for calibration.

    `chance` is the percentage at which it will close; none where he could not say, and then why.
    """

    class Because(models.TextChoices):
        TOO_EARLY = "too_early", "Too early to say"
        DECIDER_NOT_MET = "decider_not_met", "Have not met who decides"
        NEED_UNCLEAR = "need_unclear", "The need is not clear"
        BUDGET_UNCLEAR = "budget_unclear", "The budget is not clear"

    CHANCES = (0, 25, 50, 75, 100)

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="forecasts")
    hand_off = models.ForeignKey(HandOff, models.PROTECT, null=True, blank=True, related_name="forecasts")
    disposition = models.OneToOneField(Disposition, models.PROTECT, related_name="forecast")
    occasion = models.PositiveSmallIntegerField(help_text="1 or 2: the first or the second conversation.")
    chance = models.PositiveSmallIntegerField(null=True, blank=True)
    unknown_because = models.CharField(max_length=16, choices=Because, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="forecasts")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(occasion__in=[1, 2]), name="forecast_at_two_occasions"),
            models.CheckConstraint(
                condition=Q(chance__in=[0, 25, 50, 75, 100], unknown_because="")
                | (Q(chance=None) & ~Q(unknown_because="")),
                name="forecast_says_a_chance_or_why_not",
            ),
        ]

    def __str__(self) -> str:
        return self.get_unknown_because_display() if self.chance is None else f"{self.chance} %"
