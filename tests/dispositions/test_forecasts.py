"""Will it close? Asked at the first and the second conversation, kept for ever."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from dispositions.models import Disposition, Forecast
from dispositions.services.forecasts import record_forecast
from dispositions.services.record import Statement, record_disposition
from dispositions.services.undo import undo_disposition
from funnel.errors import MissingNeeds, NotAllowed
from funnel.models import Lead, LeadEvent
from tests.factories import NOW, LeadFactory

HTMX = {"HX-Request": "true"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def lead(rep):
    return LeadFactory(accepted=True, owner=rep)


def talk(lead, rep, outcome="conversation", *, at=NOW, **said):
    statement = Statement(outcome=outcome, **said)
    return record_disposition(lead_id=lead.pk, statement=statement, by=rep.principal, at=at)


def believe(said, rep, chance=50, because="", *, at=None):
    return record_forecast(
        disposition_id=said.pk, chance=chance, unknown_because=because, by=rep.principal, at=at or said.at + MINUTE
    )


def test_a_chance_is_kept_with_its_occasion(lead, rep):
    first = believe(talk(lead, rep), rep, 25)
    second = believe(talk(lead, rep, "meeting_set", at=NOW + timedelta(days=1)), rep, 75)

    assert [(one.occasion, one.chance, one.hand_off) for one in (first, second)] == [
        (1, 25, first.disposition.hand_off),
        (2, 75, first.disposition.hand_off),
    ]
    assert str(first) == "25 %"


def test_not_knowing_is_an_answer_with_its_reason(lead, rep):
    kept = believe(talk(lead, rep), rep, None, "decider_not_met")

    assert (kept.chance, str(kept)) == (None, "Have not met who decides")


def test_the_ledger_tells_of_it_in_codes(lead, rep):
    said = talk(lead, rep)
    version = Lead.objects.get().version

    believe(said, rep, 100)

    assert lead.events.get(kind=LeadEvent.Kind.NOTED).data == {"of": said.seq, "forecast": 100}
    assert Lead.objects.get().version == version


def test_it_may_be_said_with_the_conversation(lead, rep):
    talk(lead, rep, forecast=0)
    talk(lead, rep, at=NOW + MINUTE, forecast_because="too_early")

    assert list(Forecast.objects.values_list("occasion", "chance", "unknown_because")) == [
        (1, 0, ""),
        (2, None, "too_early"),
    ]


@pytest.mark.parametrize(("chance", "because"), [(30, ""), (None, ""), (None, "weather"), (50, "too_early")])
def test_what_is_no_forecast_is_refused(lead, rep, chance, because):
    said = talk(lead, rep)

    with pytest.raises(MissingNeeds) as refused:
        believe(said, rep, chance, because)

    assert refused.value.fields.keys() == {"forecast"}


def test_the_third_conversation_asks_no_more(lead, rep):
    talk(lead, rep)
    talk(lead, rep, at=NOW + MINUTE)
    third = talk(lead, rep, at=NOW + 2 * MINUTE)

    with pytest.raises(NotAllowed, match="first and the second conversation"):
        believe(third, rep)
    with pytest.raises(MissingNeeds, match="first and the second conversation"):
        talk(lead, rep, at=NOW + 3 * MINUTE, forecast=50)
    assert Disposition.objects.filter(outcome="conversation").count() == 3


def test_an_attempt_is_no_conversation(lead, rep):
    with pytest.raises(NotAllowed):
        believe(talk(lead, rep, "voicemail"), rep)
    with pytest.raises(MissingNeeds):
        talk(lead, rep, "voicemail", at=NOW + MINUTE, forecast=50)


def test_a_conversation_that_was_taken_back_is_no_occasion_and_its_forecast_stays(lead, rep):
    undone = talk(lead, rep, forecast=100)
    undo_disposition(disposition_id=undone.pk, by=rep.principal, at=NOW + MINUTE)
    again = talk(lead, rep, at=NOW + 2 * MINUTE)

    kept = believe(again, rep, 25)

    assert kept.occasion == 1
    assert Forecast.objects.count() == 2
    assert list(Forecast.objects.filter(disposition__corrected_by=None)) == [kept]
    with pytest.raises(NotAllowed, match="taken back"):
        believe(undone, rep)


def test_each_hand_off_has_its_own_occasions(rep):
    lead = LeadFactory(accepted=True, owner=rep)
    other = LeadFactory(accepted=True, owner=rep)
    talk(lead, rep)
    talk(lead, rep, at=NOW + MINUTE)

    assert believe(talk(other, rep), rep).occasion == 1


def test_it_is_said_once_and_before_the_next_conversation(lead, rep):
    first = talk(lead, rep, forecast=50)
    with pytest.raises(NotAllowed, match="is given"):
        believe(first, rep, 75)
    second = talk(lead, rep, at=NOW + MINUTE)
    talk(lead, rep, at=NOW + 2 * MINUTE)

    with pytest.raises(NotAllowed, match="another conversation since"):
        believe(second, rep, at=NOW + 3 * MINUTE)


def test_once_it_is_decided_nobody_forecasts(lead, rep):
    said = talk(lead, rep)
    talk(lead, rep, "lost", at=NOW + MINUTE, reason="lost_price")

    with pytest.raises(NotAllowed, match="decided already"):
        believe(said, rep, 0, at=NOW + 2 * MINUTE)


def test_only_its_author_says_it(lead, rep, manager):
    with pytest.raises(NotAllowed, match="who led a conversation"):
        believe(talk(lead, rep), manager)


def test_a_forecast_is_never_changed(lead, rep):
    kept = believe(talk(lead, rep), rep)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Forecast.objects.filter(pk=kept.pk).update(chance=100)


# --- by one click ---------------------------------------------------------------------------------------------


def click(client, said, value, *, htmx=True):
    url = f"/leads/{said.lead_id}/said/{said.seq}/forecast/"
    return client.post(url, {"forecast": value}, headers=HTMX if htmx else {})


def test_one_click_keeps_it(lead, rep, rep_client):
    response = click(rep_client, talk(lead, rep), "75")

    assert "Forecast kept: 75 %" in response.content.decode()
    assert Forecast.objects.get().chance == 75


def test_without_javascript_it_leads_back_to_the_lead(lead, rep, rep_client):
    response = click(rep_client, talk(lead, rep), "too_early", htmx=False)

    assert (response.status_code, response.url) == (302, f"/leads/{lead.pk}/")


@pytest.mark.parametrize("htmx", [True, False])
def test_a_second_click_says_that_it_is_given(lead, rep, rep_client, htmx):
    said = talk(lead, rep, forecast=50)

    response = click(rep_client, said, "75", htmx=htmx)

    assert response.status_code == 403
    assert "is given, and is kept as it was" in response.content.decode()


def test_a_made_up_chance_is_refused(lead, rep, rep_client):
    assert click(rep_client, talk(lead, rep), "99").status_code == 422
    assert click(rep_client, Disposition.objects.last(), "9" * 30).status_code == 422


def test_the_row_of_a_conversation_asks_and_that_of_an_attempt_does_not(lead, rep_client):
    def say(outcome):
        return rep_client.post(f"/leads/{lead.pk}/disposition/", {"outcome": outcome}, headers=HTMX).content.decode()

    assert "Will it close?" in say("conversation")
    assert "Will it close?" not in say("voicemail")


def test_the_brief_asks_until_it_is_said(lead, rep, rep_client):
    said = talk(lead, rep)
    address = f"/leads/{lead.pk}/said/{said.seq}/forecast/"

    assert address in rep_client.get(f"/queue/?lead={lead.pk}").content.decode()
    believe(said, rep)
    text = rep_client.get(f"/queue/?lead={lead.pk}").content.decode()

    assert address not in text
    assert "50 %" in text
