"""The lead page and what is done on it: edits in place, the conflict page, notes, the timeline."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.utils import timezone

from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.models import Evidence, Lead, LeadText, Touch
from funnel.services.edit import Section, edit_lead
from funnel.services.merge import merge_leads
from tests.factories import BANT_EVIDENCE, LeadFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def lead(rep):
    return LeadFactory(accepted=True, owner=rep, title="Planner", at=timezone.now() - timedelta(hours=1))


def form_of(client, lead, section):
    """What a browser would send back of the section's form, untouched."""
    form = client.get(f"/leads/{lead.pk}/edit/{section}/").context["form"]
    sent = {}
    for bound in form:
        value = bound.field.widget.format_value(bound.value()) if bound.widget_type != "select" else bound.value()
        sent[bound.html_name] = "" if value is None else value
        if bound.field.show_hidden_initial:
            shown = bound.field.hidden_widget().format_value(bound.initial)
            sent[f"initial-{bound.html_name}"] = "" if shown is None else shown
    return sent


def save(client, lead, section, sent, **more):
    return client.post(f"/leads/{lead.pk}/edit/{section}/", sent, **more)


def again(lead):
    return Lead.objects.get(pk=lead.pk)


# --- editing ----------------------------------------------------------------------------------------------------


def test_a_section_is_saved_and_leads_back_to_the_lead(rep_client, lead):
    sent = form_of(rep_client, lead, "contact") | {"title": "Head of Fleet"}

    response = save(rep_client, lead, "contact", sent)

    assert response.url == f"/leads/{lead.pk}/"
    assert again(lead).title == "Head of Fleet"


@pytest.mark.parametrize("section", list(Section))
def test_a_form_sent_back_untouched_changes_nothing(rep_client, rep, section):
    lead = LeadFactory(qualified=True, owner=rep, attributes=BANT_EVIDENCE, phone="1")

    response = save(rep_client, lead, section, form_of(rep_client, lead, section))

    assert response.status_code == 302
    assert (again(lead).version, again(lead).ledger_seq) == (lead.version, lead.ledger_seq)


def test_what_they_refused_on_the_phone_is_told_above_the_lead(rep_client, lead):
    sent = form_of(rep_client, lead, "consent") | {"phone_consent": "refused", "consent_how": "on the phone"}

    response = save(rep_client, lead, "consent", sent)

    assert "Phone: refused" in rep_client.get(response.url).content.decode()
    form = rep_client.get(f"/leads/{lead.pk}/edit/consent/").context["form"]
    assert dict(form.fields["phone_consent"].choices) == {"granted": "They agreed", "refused": "They refused"}
    assert "" in dict(form.fields["email_consent"].choices)  # of which they said nothing


def test_with_htmx_the_form_comes_alone_and_the_page_is_loaded_anew_when_saved(rep_client, lead):
    address = f"/leads/{lead.pk}/edit/contact/"
    sent = form_of(rep_client, lead, "contact") | {"title": "Boss"}

    form = rep_client.get(address, headers=HTMX).content.decode()
    saved = rep_client.post(address, sent, headers=HTMX)

    assert form.lstrip().startswith("<form")
    assert (saved.status_code, saved["HX-Redirect"]) == (204, f"/leads/{lead.pk}/")


def test_wrong_input_is_kept_and_told(rep_client, lead):
    sent = form_of(rep_client, lead, "contact") | {"email": "nonsense", "title": "Boss"}

    response = save(rep_client, lead, "contact", sent)

    page = response.content.decode()
    assert response.status_code == 422
    assert "“nonsense” is not an e-mail address." in page
    assert 'value="Boss"' in page
    assert again(lead).title == "Planner"


def test_a_lead_nobody_could_find_again_is_refused(rep_client, lead):
    sent = form_of(rep_client, lead, "contact") | dict.fromkeys(("first_name", "last_name", "email", "phone"), "")

    response = save(rep_client, lead, "contact", sent)

    assert "Keep a name, an e-mail address or a phone number" in response.content.decode()


def test_an_address_in_use_offers_to_merge_the_two(rep_client, rep, lead):
    other = LeadFactory(owner=rep)

    response = save(rep_client, lead, "contact", form_of(rep_client, lead, "contact") | {"email": other.email})

    assert response.status_code == 422
    assert f"/leads/{lead.pk}/merge/?with={other.pk}" in response.content.decode()


def test_an_address_in_use_elsewhere_names_nobody(rep_client, lead, eastern_rep):
    other = LeadFactory(owner=eastern_rep, first_name="Secretia")

    page = save(
        rep_client, lead, "contact", form_of(rep_client, lead, "contact") | {"email": other.email}
    ).content.decode()

    assert "A lead outside your teams has it." in page
    assert "Secretia" not in page
    assert f"with={other.pk}" not in page


def test_evidence_is_added_and_what_is_known_stands_beside_it(rep_client, rep):
    lead = LeadFactory(accepted=True, owner=rep, attributes={"pain": "Slow trucks."})
    assert "Known: Slow trucks." in rep_client.get(f"/leads/{lead.pk}/edit/known/").content.decode()

    save(rep_client, lead, "known", form_of(rep_client, lead, "known") | {"pain": "And late ones."})

    texts = Evidence.objects.filter(lead=lead, attribute="pain").order_by("id").values_list("text", flat=True)
    assert list(texts) == ["Slow trucks.", "And late ones."]


def test_an_unknown_section_does_not_exist(rep_client, lead):
    assert rep_client.get(f"/leads/{lead.pk}/edit/salary/").status_code == 404


def test_marketing_is_told_that_the_deal_is_for_sales(marketing_client, lead):
    response = marketing_client.get(f"/leads/{lead.pk}/edit/deal/")

    assert response.status_code == 403
    assert "for sales to edit" in response.content.decode()


# --- two at once ------------------------------------------------------------------------------------------------


@pytest.fixture
def overtaken(rep_client, lead, marketing):
    """What the rep sends, after marketing has saved another title and phone number."""
    sent = form_of(rep_client, lead, "contact") | {"title": "Mine", "last_name": "Renamed"}
    edit_lead(
        lead_id=lead.pk,
        section=Section.CONTACT,
        changes={"title": "Theirs", "phone": "+49 1"},
        by=marketing.principal,
        at=timezone.now(),
    )
    return sent


class Inputs(HTMLParser):
    """What a browser would send of a page's inputs."""

    def __init__(self):
        super().__init__()
        self.sent = {}

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag == "input" and (said.get("type") != "radio" or "checked" in said):
            self.sent[said["name"]] = said.get("value", "")


def conflict_form(response):
    inputs = Inputs()
    inputs.feed(response.content.decode().partition("<main")[2])
    return inputs.sent


def test_the_slower_one_sees_who_changed_what_and_both_values(rep_client, lead, overtaken):
    response = save(rep_client, lead, "contact", overtaken)

    assert response.status_code == 409
    conflict = response.context["conflict"]
    assert [(one.who, one.what) for one in conflict.doings] == [("Max Marketing", "Edited: phone, title")]
    assert {one.field.name: (one.mine, one.theirs, one.is_theirs_too) for one in conflict.clashes} == {
        "title": ("Mine", "Theirs", True),
        "last_name": ("Renamed", lead.last_name, False),
    }
    assert again(lead).title == "Theirs"


def test_one_click_more_saves_what_was_typed_and_keeps_the_rest(rep_client, lead, overtaken):
    first = save(rep_client, lead, "contact", overtaken)

    response = save(rep_client, lead, "contact", conflict_form(first))

    assert response.status_code == 302
    saved = again(lead)
    assert (saved.title, saved.last_name, saved.phone) == ("Mine", "Renamed", "+49 1")


def test_the_others_value_can_be_chosen_field_by_field(rep_client, lead, overtaken):
    first = save(rep_client, lead, "contact", overtaken)

    save(rep_client, lead, "contact", conflict_form(first) | {"keep-title": "theirs"})

    saved = again(lead)
    assert (saved.title, saved.last_name, saved.phone) == ("Theirs", "Renamed", "+49 1")


def test_also_an_untouched_field_is_told_when_sales_moved_the_lead(rep_client, rep, lead):
    sent = form_of(rep_client, lead, "contact") | {"title": "Mine"}
    record_disposition(
        lead_id=lead.pk, statement=Statement(outcome=Outcome.NO_ANSWER), by=rep.principal, at=timezone.now()
    )

    response = save(rep_client, lead, "contact", sent)

    assert response.status_code == 409
    assert [one.what for one in response.context["conflict"].doings] == ["No answer · phone"]
    assert save(rep_client, lead, "contact", conflict_form(response)).status_code == 302


# --- notes ------------------------------------------------------------------------------------------------------


def test_a_note_is_private_unless_said_otherwise(rep_client, lead):
    rep_client.post(f"/leads/{lead.pk}/notes/", {"text": "Likes tea."})
    rep_client.post(f"/leads/{lead.pk}/notes/", {"text": "Likes webinars.", "for_marketing": "on"})

    kept = LeadText.objects.filter(lead=lead).order_by("seq").values_list("kind", "text")
    assert list(kept) == [("note", "Likes tea."), ("learned", "Likes webinars.")]


def test_a_note_with_htmx_comes_back_as_the_timeline(rep_client, lead):
    response = rep_client.post(f"/leads/{lead.pk}/notes/", {"text": "Likes tea."}, headers=HTMX)

    page = response.content.decode()
    assert "Likes tea." in page
    assert "<html" not in page


def test_an_empty_note_is_told_on_the_page(rep_client, lead):
    response = rep_client.post(f"/leads/{lead.pk}/notes/", {"text": " "})

    assert response.status_code == 422
    assert "This field is required." in response.content.decode()


# --- the page ---------------------------------------------------------------------------------------------------


def test_marketing_sees_no_private_note_on_the_page(rep_client, marketing_client, lead):
    rep_client.post(f"/leads/{lead.pk}/notes/", {"text": "Hates his boss."})

    assert "Hates his boss." in rep_client.get(f"/leads/{lead.pk}/").content.decode()
    assert "Hates his boss." not in marketing_client.get(f"/leads/{lead.pk}/").content.decode()


def test_a_pill_filters_and_another_adds_to_it(rep_client, lead):
    page = rep_client.get(f"/leads/{lead.pk}/?show=moves")

    pills = {pill["label"]: (pill["url"], pill["active"]) for pill in page.context["pills"]}
    assert pills["Moves"] == ("?", True)
    assert pills["Outcomes"] == ("?show=moves,outcomes", False)
    assert pills["All"] == ("?", False)


def test_older_pages_can_be_reached_with_and_without_htmx(rep_client, rep, lead):
    Touch.objects.bulk_create(
        Touch(lead=lead, at=timezone.now() - timedelta(days=n), channel=lead.channel, source="web", subject=f"No. {n}.")
        for n in range(1, 60)
    )
    older = rep_client.get(f"/leads/{lead.pk}/").context["older_url"]

    whole = rep_client.get(f"/leads/{lead.pk}/{older}").content.decode()
    part = rep_client.get(f"/leads/{lead.pk}/{older}", headers=HTMX | {"HX-Target": "older"}).content.decode()

    assert "No. 50." in whole
    assert "No. 50." in part
    assert "No. 1." not in part
    assert "<h1" not in part


def test_a_merged_lead_leads_to_the_one_it_is_today(rep_client, rep, lead):
    double = LeadFactory(owner=rep)
    merge_leads(winner_id=lead.pk, loser_id=double.pk, by=rep.principal, at=timezone.now())

    assert rep_client.get(f"/leads/{double.pk}/").url == f"/leads/{lead.pk}/"


def test_a_reps_own_inquiry_is_accepted_with_one_click(rep_client, rep):
    lead = LeadFactory(owner=rep)
    accept = rep_client.get(f"/leads/{lead.pk}/").context["accept"]

    rep_client.post(f"/leads/{lead.pk}/move/", {"move": accept.kind.move.value, "version": lead.version})

    assert again(lead).stage == "sal"


def test_an_inquiry_of_the_pool_is_not_offered_for_that(rep_client, west):
    lead = LeadFactory(team=west)

    assert rep_client.get(f"/leads/{lead.pk}/").context["accept"] is None


def test_the_page_costs_the_same_for_50_of_everything(rep_client, rep, queries_for):
    def told(count):
        lead = LeadFactory(accepted=True, owner=rep)
        Touch.objects.bulk_create(
            Touch(lead=lead, at=timezone.now(), channel=lead.channel, source="web", subject="x") for _ in range(count)
        )
        for n in range(count):
            at = timezone.now() + timedelta(minutes=n)
            statement = Statement(outcome=Outcome.NO_ANSWER, note="Nobody.", evidence={"pain": f"No. {n}"})
            record_disposition(lead_id=lead.pk, statement=statement, by=rep.principal, at=at)
        return f"/leads/{lead.pk}/"

    few, many = told(1), told(50)
    rep_client.get(few)

    assert queries_for(lambda: rep_client.get(few)) == queries_for(lambda: rep_client.get(many))
