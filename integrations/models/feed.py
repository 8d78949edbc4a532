"""The order in which the world hears of events: complete, and never changed afterwards."""

from django.db import models

from funnel.models import LeadEvent


class FeedEntry(models.Model):
    """An event's place in the change feed: its id. Written by one sequencer at a time, after the event's commit.

    The ids of events do not do: of two writers the one with the lower id may commit later, behind a reader's back.
    """

    event = models.OneToOneField(LeadEvent, models.PROTECT, related_name="feed_entry")

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "feed entries"

    def __str__(self) -> str:
        return str(self.pk)


class FeedState(models.Model):
    """How far the sequencer is: one row, locked while it works.

    `settled_id`: no event up to this id can appear any more. `watched_id` will be, once every transaction before
    `watched_transaction` has ended (PostgreSQL; SQLite has one writer at a time). `delivered_to`: the feed entry up to
    which deliveries have been made for the endpoints.
    """

    settled_id = models.BigIntegerField(default=0)
    watched_id = models.BigIntegerField(default=0)
    watched_transaction = models.BigIntegerField(default=0)
    delivered_to = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"settled to {self.settled_id}"
