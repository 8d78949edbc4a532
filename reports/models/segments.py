"""How often each kind of lead is won: the hand-offs that ended, month by month, in the form that a brief can read."""

from django.db import models


class SegmentMonth(models.Model):
    """The hand-offs of one segment that were over in one month, and those of them that were won, as known now.

    `kind` and `value`: see `reports.traits`; the kind “all” has all hand-offs. `month` is its first day in the
    company's time zone. Counted anew by the sweep, at most hourly (`reports.facts.segments`).
    """

    kind = models.CharField(max_length=10)
    value = models.CharField(max_length=40, blank=True)
    month = models.DateField()
    over = models.PositiveIntegerField()
    won = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value", "month"], name="segment_month_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}: {self.won} of {self.over} in {self.month:%Y-%m}"
