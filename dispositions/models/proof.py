"""What marketing has at hand to convince a buyer: case studies, references who talk, communities."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q


class Proof(models.Model):
    """One piece of proof, and for whom it fits. An empty condition fits everybody; `pains` are words to look for."""

    class Kind(models.TextChoices):
        CASE_STUDY = "case_study", "Case study"
        REFERENCE = "reference", "Reference willing to talk"
        COMMUNITY = "community", "Community"

    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=500, blank=True, help_text="One or two sentences a rep can say aloud.")
    url = models.URLField(max_length=500, blank=True, verbose_name="link")
    contact = models.CharField(max_length=200, blank=True, help_text="Whom to ask before a reference is called.")
    naics_prefix = models.CharField(
        max_length=6,
        blank=True,
        verbose_name="NAICS code begins with",
        validators=[RegexValidator(r"^\d{1,6}$", "Give 1 to 6 digits, for example 4841.")],
    )
    min_employees = models.PositiveIntegerField(null=True, blank=True, verbose_name="employees, at least")
    max_employees = models.PositiveIntegerField(null=True, blank=True, verbose_name="employees, at most")
    country = models.CharField(max_length=2, blank=True)
    pains = models.CharField(max_length=300, blank=True, help_text="Words of the pain it answers, with commas.")
    is_active = models.BooleanField(default=True)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["kind", "title"]
        verbose_name_plural = "proof"
        constraints = [
            models.CheckConstraint(
                condition=Q(min_employees=None) | Q(max_employees=None) | Q(max_employees__gte=F("min_employees")),
                name="proof_sizes_are_a_range",
                violation_error_message="“At most” lies below “at least”.",
            ),
        ]

    def __str__(self) -> str:
        return self.title
