"""What a currency was worth, month by month."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q


class ExchangeRate(models.Model):
    """How much of the reporting currency one unit of `currency` was worth in the month that begins on `month`."""

    month = models.DateField(help_text="The first day of the month.")
    currency = models.CharField(max_length=3, help_text="Three letters, for example USD.")
    rate = models.DecimalField(
        max_digits=16, decimal_places=8, validators=[MinValueValidator(0)], help_text="In the reporting currency."
    )

    class Meta:
        ordering = ["-month", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["month", "currency"], name="exchange_rate_once_a_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="exchange_rate_of_a_month"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchange_rate_is_more_than_nothing"),
        ]

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.rate} in {self.month:%B %Y}"

    def clean(self) -> None:
        self.currency = self.currency.upper()
        if self.month:
            self.month = self.month.replace(day=1)
