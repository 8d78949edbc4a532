from datetime import UTC, datetime
from decimal import Decimal

import pytest

from funnel.bulk import insert_rows
from funnel.inputs import Past
from funnel.lifecycle import Stage
from funnel.models import Channel, Lead, StageChange, Touch
from funnel.services.past import record_history
from tests.factories import NOW, LeadFactory

pytestmark = pytest.mark.django_db


def test_inserted_rows_get_their_keys_in_their_order():
    rows = [Channel(slug=f"channel-{number}", name=f"Channel {number}") for number in range(700)]

    insert_rows(rows)

    assert {row.pk: row.slug for row in rows} == dict(Channel.objects.values_list("pk", "slug"))


def test_values_come_back_as_they_went_in():
    at = datetime(2026, 3, 4, 10, 0, 0, 123456, tzinfo=UTC)
    channel = LeadFactory().channel
    lead = Lead(
        channel=channel,
        source="website",
        consent={"email": {"granted": True}},
        amount=Decimal("12.50"),
        currency="EUR",
        stage_entered_at=at,
        due_at=at,
        created_at=at,
        updated_at=at,
    )

    insert_rows([lead])

    kept = Lead.objects.get(pk=lead.pk)
    assert (kept.created_at, kept.consent, kept.amount) == (at, {"email": {"granted": True}}, Decimal("12.50"))


def test_rows_that_are_there_already_are_left_out():
    lead = LeadFactory()
    touch = {"lead": lead, "at": NOW, "channel": lead.channel, "source": "mautic"}
    insert_rows([Touch(external_id="1", subject="first", **touch)])

    insert_rows(
        [Touch(external_id="1", subject="again", **touch), Touch(external_id="2", **touch)], ignore_conflicts=True
    )

    assert list(lead.touches.filter(source="mautic").values_list("external_id", "subject")) == [
        ("1", "first"),
        ("2", ""),
    ]


def test_no_rows_are_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        insert_rows([])


def test_the_move_that_opens_a_hand_off_names_it(marketing):
    lead = LeadFactory()

    record_history([Past(lead=lead, outcome=Stage.SAL)], by=marketing.principal, recorded_at=NOW)

    lead.refresh_from_db()
    moves = StageChange.objects.filter(lead=lead).values_list("new", "hand_off")
    assert list(moves) == [("inquiry", None), ("mql", lead.hand_off_id), ("sal", lead.hand_off_id)]
