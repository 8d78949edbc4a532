"""The pages by which a person is erased, told what is held of him, and let back; and what they show of consent."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notification
from accounts.principals import SYSTEM
from dispositions.models import Disposition
from funnel.lifecycle import Stage
from funnel.models import Lead, Suppression, Touch
from funnel.personal import what_goes, what_stays
from funnel.services.erase import erase_lead
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db

REFUSED = {"granted": False, "at": "2026-03-02T09:14:00+00:00", "how": "form", "source": "mautic"}


def text_of(answer):
    return answer.content.decode()


@pytest.fixture
def lead(rep):
    return LeadFactory(handed_off=True, owner=rep, email="ann@buyer.example", phone="+4930111", at=timezone.now())


# --- erasing --------------------------------------------------------------------------------------------------


def test_an_admin_sees_what_goes_and_what_stays_before_he_erases(admin_client, lead):
    page = text_of(admin_client.get(f"/leads/{lead.pk}/erase/")).replace("&#x27;", "'")

    assert all(what in page for what in [*what_goes(), *what_stays()])
    assert f'href="/leads/{lead.pk}/erase/"' in text_of(admin_client.get(f"/leads/{lead.pk}/"))


def test_only_with_the_number_typed_is_it_erased(admin_client, lead):
    refused = admin_client.post(f"/leads/{lead.pk}/erase/", {"number": "yes"})
    assert refused.status_code == 422
    assert f"Type {lead.pk}" in text_of(refused)
    assert Lead.objects.get().erased_at is None

    done = admin_client.post(f"/leads/{lead.pk}/erase/", {"number": f" {lead.pk} "}, follow=True)

    assert f"Erased lead {lead.pk}" in text_of(done)
    assert Lead.objects.get().email == ""


def test_the_page_of_an_erased_lead_says_so_and_asks_for_nothing(admin_client, rep_client, lead):
    erase_lead(lead_id=lead.pk, by=SYSTEM, at=timezone.now())

    page = text_of(rep_client.get(f"/leads/{lead.pk}/"))

    assert "The person was erased on" in page
    assert "ann@buyer.example" not in page
    main = page[page.index("<main") : page.index("</main>")]
    assert "<form" not in main
    assert "<input" not in main
    for rest in ("edit/contact/", "merge/", "erase/", "buying/"):
        assert rep_client.get(f"/leads/{lead.pk}/{rest}").status_code == 404, rest
    for rest in ("notes/", "disposition/", "move/", "take/"):
        assert rep_client.post(f"/leads/{lead.pk}/{rest}", {"outcome": "accept", "text": "x"}).status_code == 404, rest


def test_an_admin_lets_the_person_back_from_there(admin_client, rep_client, lead):
    erase_lead(lead_id=lead.pk, by=SYSTEM, at=timezone.now())
    assert "Let the person come back" in text_of(admin_client.get(f"/leads/{lead.pk}/"))

    assert rep_client.post(f"/leads/{lead.pk}/let-back/").status_code == 403
    assert Suppression.objects.exists()
    page = text_of(admin_client.post(f"/leads/{lead.pk}/let-back/", follow=True))

    assert "may come back" in page
    assert not Suppression.objects.exists()
    assert admin_client.post(f"/leads/{lead.pk}/let-back/").status_code == 404


def test_marketing_asks_and_the_admins_are_told_once_a_day(marketing_client, admin, lead):
    assert "Ask to erase" in text_of(marketing_client.get(f"/leads/{lead.pk}/"))

    for _ in range(2):
        assert marketing_client.post(f"/leads/{lead.pk}/erase/").status_code == 302

    told = Notification.objects.get(user=admin, kind="erasure")
    assert f"asks to erase {lead} (lead {lead.pk})" in told.text
    assert (told.url, told.lead_number) == (f"/leads/{lead.pk}/erase/", lead.pk)
    assert Lead.objects.get().erased_at is None


def test_reps_and_managers_are_offered_neither(rep_client, manager_client, lead):
    for client in (rep_client, manager_client):
        assert "/erase/" not in text_of(client.get(f"/leads/{lead.pk}/"))
        assert client.post(f"/leads/{lead.pk}/erase/", {"number": lead.pk}).status_code == 403


def test_an_admin_takes_out_all_that_is_held(admin_client, lead):
    answer = admin_client.get(f"/leads/{lead.pk}/export/")

    assert answer.headers["Content-Disposition"] == f'attachment; filename="lead-{lead.pk}.json"'
    assert json.loads(answer.content)["places"]["funnel.Lead"][0]["email"] == "ann@buyer.example"


# --- consent --------------------------------------------------------------------------------------------------


def test_the_brief_and_the_lead_page_show_what_they_agreed_to(rep_client, lead):
    agreed = {"granted": True, "at": "2026-03-01T09:00:00+00:00", "source": "hubspot"}
    Lead.objects.update(consent={"email": agreed, "phone": REFUSED})

    for address in (f"/leads/{lead.pk}/", f"/queue/?lead={lead.pk}"):
        page = " ".join(text_of(rep_client.get(address)).split())
        assert "E-mail: agreed on" in page
        assert "(hubspot)" in page
        assert "Phone: refused on" in page
        assert "(form, mautic)" in page


def test_no_call_is_proposed_to_who_does_not_want_one_and_the_sentence_says_so(rep_client, lead):
    Lead.objects.update(consent={"phone": REFUSED})

    brief = rep_client.get(f"/leads/{lead.pk}/").context["brief"]

    assert brief.cadence.slot.channel == "email"
    assert "They do not want to be called." in brief.cadence.refused


def test_an_attempt_over_a_refused_channel_is_recorded_with_a_warning(rep_client, lead):
    Lead.objects.update(consent={"phone": REFUSED})

    page = text_of(rep_client.post(f"/leads/{lead.pk}/disposition/", {"outcome": "no_answer"}, follow=True))

    assert Disposition.objects.get().channel == "phone"
    assert "They do not want to be called. What happened is recorded" in page


def test_the_htmx_answer_warns_too(rep_client, lead):
    Lead.objects.update(consent={"phone": REFUSED})

    answer = rep_client.post(f"/leads/{lead.pk}/disposition/", {"outcome": "no_answer"}, headers={"HX-Request": "true"})

    assert "They do not want to be called." in text_of(answer)


def test_an_attempt_that_nobody_refused_has_no_warning(rep_client, lead):
    page = text_of(rep_client.post(f"/leads/{lead.pk}/disposition/", {"outcome": "no_answer"}, follow=True))

    assert "They do not want" not in page


def test_the_nurture_desk_proposes_what_they_have_not_refused(marketing_client):
    sleeper = LeadFactory(email="bea@buyer.example", phone="+4930222", at=timezone.now() - timedelta(days=40))
    Lead.objects.filter(pk=sleeper.pk).update(consent={"phone": REFUSED})

    desk = marketing_client.get(f"/nurture/?lead={sleeper.pk}").context["desk"]

    assert desk.proposed == "email"
    assert desk.refusals == ["They do not want to be called."]
    page = text_of(marketing_client.post(f"/nurture/{sleeper.pk}/touch/", {"kind": "call"}, follow=True))
    assert "They do not want to be called. What happened is recorded" in page
    assert Touch.objects.filter(lead=sleeper, kind="call").exists()
    assert Stage(Lead.objects.get(pk=sleeper.pk).stage) is Stage.INQUIRY
