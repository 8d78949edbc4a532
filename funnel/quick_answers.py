"""Links for a mail about a lead, by which its owner answers at once. An app registers what offers them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from accounts.models import User
from accounts.notifications import Link
from funnel.models import Lead

# The lead with its owner, who reads the mail, and when it is written. Asks the database nothing.
Offer = Callable[[Lead, User, datetime], Sequence[Link]]

_offers: list[Offer] = []


def register(offer: Offer) -> Offer:
    if offer not in _offers:
        _offers.append(offer)
    return offer


def offered(lead: Lead, reader: User, *, at: datetime) -> list[Link]:
    return [link for offer in _offers for link in offer(lead, reader, at)]
