"""The buy-in map: who keeps it, what it says, what is asked while it is not known."""

from datetime import timedelta

import pytest

from dispositions.buying_decision.state import buying_of, open_questions, summary_of
from dispositions.models import BuyIn, Question
from dispositions.services.buy_in import Stakeholder, add_buy_in, change_buy_in, remove_buy_in
from dispositions.services.questions import fill_questions
from funnel.attributes import Attribute
from funnel.errors import MissingNeeds, NotAllowed
from funnel.models import Lead, LeadEvent
from tests.factories import NOW, LeadFactory

HTMX = {"HX-Request": "true"}


@pytest.fixture
def lead(rep):
    return LeadFactory(accepted=True, owner=rep)


def add(lead, by, person="Dana Finn", *, at=NOW, **given):
    return add_buy_in(lead_id=lead.pk, given=Stakeholder(person=person, **given), by=by.principal, at=at)


# --- keeping it -----------------------------------------------------------------------------------------------


def test_a_person_is_added_with_what_holds_him(lead, rep):
    kept = add(lead, rep, role="Finance", stance="against", blocker="old_vendor", note="Signed with them last year.")

    assert (kept.person, kept.role, kept.stance, kept.blocker) == ("Dana Finn", "Finance", "against", "old_vendor")
    assert (kept.created_at, kept.updated_by) == (NOW, rep)


def test_the_ledger_has_codes_and_no_names_and_the_version_stays(lead, rep):
    version = Lead.objects.get().version

    kept = add(lead, rep, stance="agrees")
    change_buy_in(
        lead_id=lead.pk,
        buy_in_id=kept.pk,
        given=Stakeholder(person="Dana Finn", stance="neutral"),
        by=rep.principal,
        at=NOW + timedelta(hours=1),
    )
    remove_buy_in(lead_id=lead.pk, buy_in_id=kept.pk, by=rep.principal, at=NOW + timedelta(hours=2))

    told = [event.data for event in lead.events.filter(kind=LeadEvent.Kind.NOTED)]
    assert told == [
        {"buy_in": kept.pk, "did": "added", "stance": "agrees", "blocker": ""},
        {"buy_in": kept.pk, "did": "changed", "stance": "neutral", "blocker": ""},
        {"buy_in": kept.pk, "did": "removed", "stance": "neutral", "blocker": ""},
    ]
    assert Lead.objects.get().version == version
    assert not BuyIn.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"person": "  "}, "person"),
        ({"person": "dana finn"}, "person"),
        ({"person": "Eve", "stance": "maybe"}, "stance"),
        ({"person": "Eve", "blocker": "weather"}, "blocker"),
    ],
)
def test_what_does_not_fit_is_named(lead, rep, given, field):
    add(lead, rep)

    with pytest.raises(MissingNeeds) as refused:
        add(lead, rep, **given)

    assert refused.value.fields.keys() == {field}
    assert BuyIn.objects.count() == 1


def test_the_map_has_an_end(lead, rep):
    for number in range(30):
        add(lead, rep, f"Person {number}")

    with pytest.raises(MissingNeeds, match="30 people are in the map"):
        add(lead, rep, "One more")


def test_marketing_reads_and_does_not_write(lead, marketing):
    with pytest.raises(NotAllowed, match="Sales keeps the buy-in map"):
        add(lead, marketing)


def test_out_of_scope_there_is_no_lead(lead, eastern_rep):
    with pytest.raises(Lead.DoesNotExist):
        add(lead, eastern_rep)


def test_a_person_of_another_lead_is_not_changed_through_this_one(lead, rep):
    kept = add(LeadFactory(accepted=True, owner=rep), rep)

    with pytest.raises(BuyIn.DoesNotExist):
        remove_buy_in(lead_id=lead.pk, buy_in_id=kept.pk, by=rep.principal, at=NOW)


# --- what it says ---------------------------------------------------------------------------------------------


def person(name, stance="unknown", blocker="", role=""):
    return BuyIn(person=name, stance=stance, blocker=blocker, role=role)


@pytest.mark.parametrize(
    ("people", "summary"),
    [
        ([], ""),
        ([person("Ann", "agrees")], "1 of 1 agrees"),
        (
            [
                person("Ann", "agrees"),
                person("Bo", "agrees"),
                person("Cy"),
                person("Dee", "neutral", "old_vendor", "IT"),
            ],
            "2 of 4 agree; old vendor holds IT",
        ),
        (
            [
                person("Ann", "neutral", "change"),
                person("Bo", "against", "budget_share"),
                person("Cy", "unknown", "people"),
                person("Dee", "agrees", "workaround"),
            ],
            "1 of 4 agree, 1 against; shared budget holds Bo; fear of change holds Ann; 1 more held",
        ),
    ],
)
def test_the_map_in_one_line(people, summary):
    assert summary_of(people) == summary


def test_a_question_is_asked_while_what_it_is_about_is_not_known():
    always = Question(text="Always?")
    about_change = Question(text="Change?", blocker="change")
    about_budget = Question(text="Budget?", attribute=Attribute.BUDGET)
    every = [always, about_change, about_budget]

    assert open_questions(every, [], [Attribute.BUDGET]) == every
    assert open_questions(every, [person("Ann", blocker="change")], [Attribute.BUDGET]) == [always, about_budget]
    assert open_questions(every, [person("Ann", blocker="people")], []) == [always, about_change]


@pytest.mark.django_db
def test_a_new_database_has_questions_for_every_blocker_and_what_an_admin_deleted_stays_away():
    assert {one.blocker for one in Question.objects.all() if one.blocker} == {
        "people",
        "old_vendor",
        "budget_share",
        "workaround",
        "change",
    }

    Question.objects.exclude(pk=Question.objects.first().pk).delete()
    fill_questions()

    assert Question.objects.count() == 1


@pytest.mark.django_db
def test_a_question_that_is_not_active_is_not_asked():
    for question in Question.objects.all():
        question.is_active = False
        question.save()

    assert buying_of([], list(Attribute)).open_questions == []


# --- the pages ------------------------------------------------------------------------------------------------


def url(lead, *rest):
    return f"/leads/{lead.pk}/buying/" + "".join(f"{part}/" for part in rest)


def test_the_brief_shows_the_map_and_what_is_worth_asking(lead, rep, rep_client):
    add(lead, rep, role="Finance", stance="against", blocker="old_vendor")

    text = rep_client.get(f"/queue/?lead={lead.pk}").content.decode()

    assert "0 of 1 agrees, 1 against; old vendor holds Finance." in text
    assert "Dana Finn" in text
    assert "What has kept you from solving this before now?" in text
    assert "before they let it go?" not in text  # what holds them there is known


def test_a_rep_adds_changes_and_removes_without_javascript(lead, rep_client):
    added = rep_client.post(url(lead), {"person": "Dana Finn", "stance": "neutral"})
    kept = BuyIn.objects.get()
    changed = rep_client.post(url(lead, kept.pk), {"person": "Dana Finn", "stance": "agrees", "note": "Called me."})
    kept.refresh_from_db()

    assert (added.status_code, added.url, changed.status_code) == (302, url(lead), 302)
    assert (kept.stance, kept.note) == ("agrees", "Called me.")
    assert rep_client.post(url(lead, kept.pk, "remove")).status_code == 302
    assert not BuyIn.objects.exists()


def test_with_htmx_the_map_comes_back_alone(lead, rep_client):
    response = rep_client.post(url(lead), {"person": "Dana Finn"}, headers=HTMX)

    assert response.status_code == 200
    assert "<html" not in response.content.decode()
    assert "Dana Finn" in response.content.decode()


def test_what_is_missing_is_said_and_nothing_typed_is_lost(lead, rep_client):
    response = rep_client.post(url(lead), {"person": "", "note": "Only on Tuesdays"})

    assert response.status_code == 422
    assert "Say who must agree" in response.content.decode()
    assert "Only on Tuesdays" in response.content.decode()


def test_a_change_that_does_not_fit_opens_that_row_again(lead, rep, rep_client):
    add(lead, rep, "Eve")
    kept = add(lead, rep)

    response = rep_client.post(url(lead, kept.pk), {"person": "Eve"})

    assert response.status_code == 422
    assert [row.is_open for row in response.context["page"].rows] == [False, True]


def test_marketing_sees_the_map_without_forms(lead, rep, marketing_client):
    add(lead, rep)

    text = marketing_client.get(url(lead)).content.decode()

    assert "Dana Finn" in text
    assert "Who else must agree?" not in text


def test_the_map_costs_no_more_for_ten_people_than_for_one(lead, rep, rep_client, queries_for):
    add(lead, rep)
    rep_client.get(url(lead))
    one = queries_for(lambda: rep_client.get(url(lead)))
    for number in range(9):
        add(lead, rep, f"Person {number}")

    assert queries_for(lambda: rep_client.get(url(lead))) == one


def test_an_admin_keeps_the_questions(admin_client):
    response = admin_client.post(
        "/admin/dispositions/question/add/",
        {"text": "What would you miss?", "blocker": "change", "attribute": "", "position": 3, "is_active": "on"},
    )

    assert response.status_code == 302
    assert Question.objects.filter(text="What would you miss?").exists()
