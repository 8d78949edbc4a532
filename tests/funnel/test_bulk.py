from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from funnel.bulk import insert_rows, insert_values, update_rows
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


# --- as many as PostgreSQL takes by COPY ----------------------------------------------------------------------

STRANGE = ["", "\\", "\\N", "a\tb", "a\nb", "a\r\nb", "100 %", "%s", "“Zoë” 😀", "'; --", "\\t"]


def test_texts_of_many_rows_come_back_as_they_went_in():
    lead = LeadFactory()
    subjects = STRANGE * 5
    values = {"subject": subjects, "external_id": [None if number % 3 else str(number) for number in range(55)]}

    insert_values(Touch, values, lead_id=lead.pk, at=NOW, channel_id=lead.channel_id, source="mautic")

    kept = lead.touches.filter(source="mautic").order_by("pk")
    assert list(kept.values_list("subject", "external_id")) == list(zip(*values.values(), strict=True))


def test_nulls_amounts_days_and_documents_of_many_rows_come_back_as_they_went_in():
    consents = [{"email": {"how": f"a\\b\t“{number}”\n"}} if number % 2 else {} for number in range(60)]
    channel = LeadFactory().channel
    leads = [
        Lead(
            channel=channel,
            source="website",
            stage_entered_at=NOW,
            due_at=NOW,
            created_at=NOW,
            updated_at=NOW,
            consent=consent,
            amount=Decimal(f"{number}.50") if number % 2 else None,
            currency="EUR",
            closed_on=date(2026, 1, 1 + number % 28) if number % 2 else None,
        )
        for number, consent in enumerate(consents)
    ]

    insert_rows(leads)

    kept = Lead.objects.in_bulk([lead.pk for lead in leads])
    assert [kept[lead.pk].consent for lead in leads] == consents
    assert [(kept[lead.pk].amount, kept[lead.pk].closed_on) for lead in leads] == [
        (lead.amount, lead.closed_on) for lead in leads
    ]


def test_what_no_column_says_has_its_fields_default():
    lead = LeadFactory()

    insert_values(Touch, {"at": [NOW] * 30}, lead_id=lead.pk, channel_id=lead.channel_id, source="mautic")

    kept = set(lead.touches.filter(source="mautic").values_list("kind", "external_id", "subject", "by"))
    assert kept == {("other", None, "", None)}


def test_a_column_that_there_is_not_is_refused():
    with pytest.raises(TypeError, match="Touch has no lead"):
        insert_values(Touch, {"lead": [1]})


def test_many_rows_are_updated_each_with_its_own_values():
    leads = LeadFactory.create_batch(60)
    for number, lead in enumerate(leads):
        lead.title, lead.score = f"Head\tof {number} \\N", None if number % 2 else number

    update_rows(leads, ["title", "score"])

    kept = Lead.objects.in_bulk([lead.pk for lead in leads])
    assert [(kept[lead.pk].title, kept[lead.pk].score) for lead in leads] == [
        (lead.title, lead.score) for lead in leads
    ]


def test_a_row_that_breaks_a_rule_is_refused_among_many():
    lead = LeadFactory()
    values = {"external_id": ["1"] * 30}

    with pytest.raises(IntegrityError), transaction.atomic():
        insert_values(Touch, values, lead_id=lead.pk, at=NOW, channel_id=lead.channel_id, source="mautic")

    assert not lead.touches.filter(source="mautic").exists()


def test_many_rows_are_one_statement(django_assert_num_queries):
    lead = LeadFactory()

    with django_assert_num_queries(1):
        insert_values(Touch, {"at": [NOW] * 300}, lead_id=lead.pk, channel_id=lead.channel_id, source="mautic")
