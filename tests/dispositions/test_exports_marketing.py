"""Marketing's lists as files: the loop, disputes, campaigns and what they cost."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from dispositions.models import Dispute
from dispositions.outcomes import Outcome
from funnel.models import Campaign, Channel, Spend
from tests.conftest import signed_in
from tests.dispositions.test_pages_loop import say
from tests.exported import take
from tests.factories import LeadFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def today():
    return timezone.now() - timedelta(hours=1)


def test_the_loop_tells_each_outcome_the_newest_first(marketing_client, rep, today):
    lead = LeadFactory(handed_off=True, owner=rep, at=today - DAY, channel="webinar")
    say(lead, Outcome.VOICEMAIL, today)
    say(lead, Outcome.RECYCLE, today + timedelta(minutes=1), reason="no_budget", learned="Asks again in May.")

    rows = take(marketing_client, "loop")

    assert [(row["outcome"], row["reason"], row["learned"]) for row in rows] == [
        ("recycle", "no_budget", "Asks again in May."),
        ("voicemail", "", ""),
    ]
    assert (rows[0]["lead_id"], rows[0]["channel"], rows[0]["rep"]) == (str(lead.pk), "webinar", "Rita Rep")
    assert len(take(marketing_client, "loop", "outcome=tried")) == 1
    assert take(marketing_client, "loop", "outcome=won") == []


def test_more_outcomes_than_a_page_has_are_in_the_file_in_order(marketing_client, rep, today):
    lead = LeadFactory(accepted=True, owner=rep, at=today - 90 * DAY)
    for number in range(60):
        say(lead, Outcome.VOICEMAIL, today - number * DAY)

    times = [row["at"] for row in take(marketing_client, "loop", "outcome=tried")]

    assert len(times) == 60
    assert times == sorted(times, reverse=True)


def test_disputes_are_told_with_their_votes(marketing_client, rep_client, rep, dispute):
    (row,) = take(marketing_client, "disputes")

    assert (row["lead"], row["state"], row["refused_by"], row["reason"]) == (
        dispute.hand_off.lead.name,
        "open",
        "Rita Rep",
        "no_budget",
    )
    assert take(marketing_client, "disputes", "settled=1") == []
    assert len(take(rep_client, "disputes")) == 1


def test_a_rep_takes_no_dispute_of_a_colleague(west, dispute):
    assert take(signed_in(UserFactory(team=west)), "disputes") == []


@pytest.fixture
def dispute(rep, today):
    lead = LeadFactory(handed_off=True, owner=rep, at=today)
    refusal = say(lead, Outcome.REFUSE, today, reason="no_budget")
    now = timezone.now()
    return Dispute.objects.create(
        disposition=refusal, hand_off=refusal.hand_off, opened_at=now, decide_at=now + 5 * DAY
    )


def test_campaigns_are_told_with_what_they_brought_and_cost(marketing_client):
    channel = Channel.objects.create(slug="paid-search", name="Paid search")
    spring = Campaign.objects.create(slug="spring", name="=Spring", channel=channel)
    march = {"starts_on": date(2026, 3, 1), "ends_on": date(2026, 3, 31), "channel": channel, "campaign": spring}
    Spend.objects.create(amount=Decimal("1200.50"), currency="EUR", **march)
    Spend.objects.create(amount=Decimal(300), currency="USD", **march)
    LeadFactory(campaign="spring")

    (row,) = take(marketing_client, "campaigns", "q=spring")
    months = take(marketing_client, "campaign-spend", "from=2026-01")

    assert (row["campaign"], row["name"], row["channel"], row["leads"]) == ("spring", "'=Spring", "paid-search", "1")
    assert (Decimal(row["spent"]), row["spent_currency"]) == (Decimal("1200.50"), "EUR")
    assert row["spent_in_others"] == "300.00 USD"
    assert [(one["starts_on"], one["amount"], one["currency"]) for one in months] == [
        ("2026-03-01", "1200.50", "EUR"),
        ("2026-03-01", "300.00", "USD"),
    ]
    assert take(marketing_client, "campaign-spend", "from=2027-01") == []
