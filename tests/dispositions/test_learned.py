"""Adding what was learned to a conversation that one key recorded."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dispositions.desk.noted import noted_title
from dispositions.models import Disposition, Forecast
from dispositions.services.learned import Addition, add_to_disposition
from dispositions.services.record import Statement, record_disposition
from dispositions.services.undo import undo_disposition
from funnel.errors import MissingNeeds, NotAllowed
from funnel.models import Evidence, Lead, LeadEvent, LeadText
from tests.factories import BANT_EVIDENCE, NOW, LeadFactory

HTMX = {"HX-Request": "true"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def lead(rep):
    return LeadFactory(accepted=True, owner=rep)


def say(lead, rep, outcome="conversation", *, at=NOW, **said):
    return record_disposition(lead_id=lead.pk, statement=Statement(outcome=outcome, **said), by=rep.principal, at=at)


def add(said, by, *, at=None, **given):
    return add_to_disposition(
        lead_id=said.lead_id, seq=said.seq, addition=Addition(**given), by=by.principal, at=at or said.at + MINUTE
    )


def test_what_is_added_is_an_event_of_its_own_and_the_disposition_stays(lead, rep):
    said = say(lead, rep)
    before = Disposition.objects.values().get(pk=said.pk)
    version = Lead.objects.get().version

    add(said, rep, learned="They move in May.", note="Likes football.", evidence={"pain": "Late vans"}, forecast=75)

    event = lead.events.get(kind=LeadEvent.Kind.NOTED)
    assert event.data == {"of": said.seq, "attributes": ["pain"], "forecast": 75}
    assert dict(LeadText.objects.filter(seq=event.seq).values_list("kind", "text")) == {
        "learned": "They move in May.",
        "note": "Likes football.",
    }
    assert Forecast.objects.get().chance == 75
    assert Disposition.objects.values().get(pk=said.pk) == before
    assert Lead.objects.get().version == version


def test_the_evidence_was_learned_in_the_conversation(lead, rep):
    said = say(lead, rep)

    add(said, rep, evidence={"pain": "Late vans", "budget": ""}, at=NOW + timedelta(hours=3))

    assert Evidence.objects.values_list("attribute", "text", "learned_at", "learned_by").get() == (
        "pain",
        "Late vans",
        said.at,
        rep.pk,
    )


def test_the_next_step_is_set_and_the_past_is_no_step(lead, rep):
    said = say(lead, rep)
    add(said, rep, next_action_at=NOW + timedelta(days=2))

    with pytest.raises(MissingNeeds, match="in the future"):
        add(said, rep, next_action_at=NOW - MINUTE)

    assert Lead.objects.get().next_action_at == NOW + timedelta(days=2)


def test_a_closed_lead_has_no_next_step(rep):
    lead = LeadFactory(qualified=True, owner=rep)
    said = say(lead, rep)
    say(lead, rep, "lost", at=NOW + MINUTE, reason="lost_price")

    add(said, rep, next_action_at=NOW + timedelta(days=2), learned="Price was it.")

    assert Lead.objects.get().next_action_at is None


def test_nothing_is_not_an_addition(lead, rep):
    with pytest.raises(MissingNeeds, match="Say what you learned"):
        add(say(lead, rep), rep)


def test_an_attribute_that_does_not_exist_is_named(lead, rep):
    with pytest.raises(MissingNeeds) as refused:
        add(say(lead, rep), rep, evidence={"mood": "good"})

    assert refused.value.fields.keys() == {"mood"}


def test_only_its_author_adds(lead, rep, manager):
    with pytest.raises(NotAllowed, match="Only its author"):
        add(say(lead, rep), manager, learned="Hm.")


def test_nothing_is_added_to_what_was_taken_back(lead, rep):
    said = say(lead, rep)
    undo_disposition(disposition_id=said.pk, by=rep.principal, at=NOW + MINUTE)

    with pytest.raises(NotAllowed, match="taken back"):
        add(said, rep, learned="They move.", at=NOW + 2 * MINUTE)


# --- taken back -----------------------------------------------------------------------------------------------


def test_what_an_undone_disposition_taught_was_never_learned(lead, rep):
    earlier = say(lead, rep, evidence={"pain": "Late vans"})
    undone = say(lead, rep, at=NOW + MINUTE, evidence={"pain": "Not late at all", "budget": "None"})
    add(undone, rep, evidence={"competition": "Acme"})

    undo_disposition(disposition_id=undone.pk, by=rep.principal, at=NOW + 5 * MINUTE)

    assert list(Evidence.objects.values_list("attribute", "text")) == [("pain", "Late vans")]
    assert Evidence.objects.get().learned_at == earlier.at


def test_after_the_undo_of_a_qualification_bant_is_open_again(lead, rep):
    given = {"amount": 100, "currency": "EUR", "expected_close_on": NOW.date()}
    undone = say(lead, rep, "qualify", evidence=BANT_EVIDENCE, **given)
    undo_disposition(disposition_id=undone.pk, by=rep.principal, at=NOW + MINUTE)

    with pytest.raises(MissingNeeds) as refused:
        say(lead, rep, "qualify", at=NOW + 2 * MINUTE, **given)

    assert refused.value.fields.keys() == BANT_EVIDENCE.keys()


def test_what_others_told_stays(lead, rep, manager):
    lead_of_both = LeadFactory(accepted=True, owner=rep, attributes={"pain": "From the form"})
    say(lead_of_both, manager, evidence={"budget": "Big"})
    undone = say(lead_of_both, rep, at=NOW + MINUTE, evidence={"competition": "Acme"})

    undo_disposition(disposition_id=undone.pk, by=rep.principal, at=NOW + 2 * MINUTE)

    assert set(Evidence.objects.values_list("attribute", flat=True)) == {"pain", "budget"}


# --- the page -------------------------------------------------------------------------------------------------


def url(said):
    return f"/leads/{said.lead_id}/said/{said.seq}/"


def test_the_form_asks_only_for_what_nobody_knows(lead, rep, rep_client):
    said = say(lead, rep, evidence={"pain": "Late vans"})

    page = rep_client.get(url(said)).context["page"]

    names = [field.name for field in page.evidence]
    assert names[:3] == ["budget", "decision_maker_engaged", "decision_process"]
    assert "pain" not in names
    assert page.asks_forecast


def test_it_proposes_when_to_go_on(lead, rep, rep_client):
    said = say(lead, rep, at=timezone.now())

    page = rep_client.get(url(said)).context["page"]

    assert page.form.initial["next_action_at"] > timezone.now()
    assert page.proposal


def test_an_attempt_is_asked_for_its_next_step_alone(lead, rep, rep_client):
    said = say(lead, rep, "voicemail", at=timezone.now())

    page = rep_client.get(url(said)).context["page"]

    assert page.form.initial["next_action_at"] == Lead.objects.get().next_action_at
    assert (page.evidence, page.asks_forecast) == ([], False)


def test_what_was_typed_is_kept_and_the_lead_shown_again(lead, rep, rep_client):
    said = say(lead, rep)

    response = rep_client.post(url(said), {"learned": "They move.", "pain": "Late vans", "forecast": "25"})

    assert (response.status_code, response.url) == (302, f"/leads/{lead.pk}/")
    assert Evidence.objects.get().text == "Late vans"
    assert Forecast.objects.get().chance == 25


def test_from_the_desk_the_brief_comes_back(lead, rep, rep_client):
    said = say(lead, rep)

    plain = rep_client.post(url(said), {"learned": "They move.", "back": "queue"})
    htmx = rep_client.post(url(said), {"learned": "In May."}, headers=HTMX)

    assert plain.url == f"/queue/?lead={lead.pk}"
    assert 'class="brief"' in htmx.content.decode()


def test_what_does_not_fit_is_said_and_nothing_is_lost(lead, rep, rep_client):
    said = say(lead, rep)

    response = rep_client.post(url(said), {"pain": "Late vans", "next_action_at": "2001-01-01T10:00"})

    assert response.status_code == 422
    assert "The next step must lie in the future." in response.content.decode()
    assert "Late vans" in response.content.decode()
    assert not Evidence.objects.exists()


def test_what_was_taken_back_has_no_page(lead, rep, rep_client):
    said = say(lead, rep)
    undo_disposition(disposition_id=said.pk, by=rep.principal, at=NOW + MINUTE)

    assert rep_client.get(url(said)).status_code == 404


def test_the_brief_offers_it_to_the_author_alone(lead, rep, rep_client, manager_client):
    said = say(lead, rep)

    assert url(said) in rep_client.get(f"/leads/{lead.pk}/").content.decode()
    assert url(said) not in manager_client.get(f"/leads/{lead.pk}/").content.decode()


def test_the_history_tells_what_was_added(lead, rep, rep_client, marketing_client):
    said = say(lead, rep)
    add(said, rep, learned="They move in May.", evidence={"pain": "Late vans"}, forecast=75)
    add(said, rep, note="Likes football.", at=NOW + 2 * MINUTE)

    seen = rep_client.get(f"/queue/?lead={lead.pk}").context["brief"].history

    told = [(entry.title, entry.text) for entry in seen[:2]]
    assert told == [
        ("Added to what was said · Rita Rep", "Likes football."),
        ("Forecast: 75 % · Learned: business pain validated · Rita Rep", "They move in May."),
    ]
    assert "football" not in marketing_client.get(f"/leads/{lead.pk}/").content.decode()


@pytest.mark.parametrize(
    ("data", "title"),
    [
        ({"private": True}, "Note"),
        ({"buy_in": 3, "did": "changed", "stance": "agrees", "blocker": ""}, "Buying decision: somebody changed"),
        ({"of": 3, "forecast": "too_early"}, "Forecast: too early to say"),
    ],
)
def test_a_note_is_called_by_what_it_is_about(data, title):
    assert noted_title(data) == title
