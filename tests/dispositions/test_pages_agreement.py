"""/agreement/: who reads, drafts, compares and signs, and what the forms refuse."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from funnel.models import Agreement
from tests.dispositions.test_record import say
from tests.factories import NOW, AgreementFactory, LeadFactory, UserFactory

SCORE = ("The score is high enough.", "score_at_least", {"at_least": 60})
ROLES = ["rep", "manager", "marketing", "admin"]
TERMS = {
    "accept_within_hours": "4",
    "first_attempt_within_hours": "8",
    "attempts_required": "7",
    "attempts_within_days": "10",
    "channels_required": "2",
    "escalation_shares": "50, 100",
    "team": "",
    "channel": "",
    "country": "",
    "in_force_from": "",
}


@pytest.fixture
def in_force(db):
    return AgreementFactory(name="MQL to SAL", clauses=[SCORE, "Asked to be called."])


@pytest.fixture
def draft(in_force):
    return AgreementFactory(
        name="MQL to SAL", version=2, state="draft", clauses=["Asked to be called.", "Has a budget."]
    )


@pytest.fixture
def can_sign(marketing, manager):
    for leader in (marketing, manager):
        leader.can_sign = True
        leader.save()


def rows(*clauses):
    """The clauses' rows as a browser posts them."""
    posted = {"clauses-TOTAL_FORMS": len(clauses), "clauses-INITIAL_FORMS": 0}
    for number, clause in enumerate(clauses):
        posted |= {f"clauses-{number}-{name}": value for name, value in clause.items()}
    return posted


def client_of(role, request):
    return request.getfixturevalue(f"{role}_client")


# --- reading --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_everybody_reads_the_agreement_in_force(role, in_force, request):
    page = client_of(role, request).get("/agreement/").content.decode()

    for words in (
        "MQL to SAL",
        "The score is high enough.",
        "Score is at least 60",
        "Leader of sales",
        "8 working hours",
    ):
        assert words in page


@pytest.mark.parametrize("role", ROLES)
def test_everybody_reads_every_version(role, draft, in_force, request):
    client = client_of(role, request)

    assert client.get(f"/agreement/{draft.pk}/").status_code == 200
    assert client.get(f"/agreement/{in_force.pk}/compare/{draft.pk}/").status_code == 200
    assert client.get("/agreement/999/").status_code == 404


@pytest.mark.parametrize(("role", "offers"), [("rep", False), ("manager", False), ("marketing", True), ("admin", True)])
def test_without_an_agreement_the_page_says_what_to_do(role, offers, request):
    page = client_of(role, request).get("/agreement/").content.decode()

    assert "No agreement yet" in page
    assert ("/agreement/new/" in page) == offers


def test_a_version_tells_how_its_hand_offs_were_answered(in_force, marketing_client, rep):
    accepted, refused, _ = LeadFactory.create_batch(3, handed_off=True, owner=rep, score=90)
    say(accepted, rep, "accept")
    say(refused, rep, "refuse", reason="student")

    figures = marketing_client.get("/agreement/").context["figures"]

    assert (figures.hand_offs, figures.accepted, figures.refused, figures.acceptance) == (3, 1, 1, "50%")


def test_a_rep_reads_the_figures_of_his_own_leads(in_force, rep, rep_client, eastern_rep):
    LeadFactory(handed_off=True, owner=rep, score=90)
    LeadFactory(handed_off=True, owner=eastern_rep, score=90)

    assert rep_client.get("/agreement/").context["figures"].hand_offs == 1


def test_a_comparison_names_each_change(in_force, draft, rep_client):
    changes = rep_client.get(f"/agreement/{draft.pk}/compare/{in_force.pk}/").context["changes"]

    assert {change.label: change.kind for change in changes if change.kind != "same"} == {
        "Clause 1": "changed",
        "Clause 2": "changed",
    }
    first = next(change for change in changes if change.label == "Clause 1")
    assert first.before == "The score is high enough. (Score is at least 60)"


def test_the_page_costs_no_more_for_ten_versions_than_for_two(draft, marketing_client, queries_for):
    few = queries_for(lambda: marketing_client.get("/agreement/"))
    for number in range(8):
        AgreementFactory(name=f"Of country {number}", country=f"A{number}", clauses=[SCORE] * 5)

    assert queries_for(lambda: marketing_client.get("/agreement/")) == few


# --- drafting -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["rep", "manager"])
def test_only_marketing_drafts(role, draft, in_force, request):
    client = client_of(role, request)

    assert client.get("/agreement/new/").status_code == 403
    assert client.post("/agreement/new/", {"name": "Ours"}).status_code == 403
    assert client.get(f"/agreement/{draft.pk}/edit/").status_code == 403
    assert client.post(f"/agreement/{draft.pk}/edit/", TERMS | rows()).status_code == 403
    assert client.post(f"/agreement/{in_force.pk}/next/").status_code == 403
    assert client.post(f"/agreement/{draft.pk}/discard/").status_code == 403
    assert Agreement.objects.count() == 2


def test_marketing_drafts_a_new_agreement(marketing_client):
    response = marketing_client.post("/agreement/new/", {"name": "Partners"})

    draft = Agreement.objects.get()
    assert (draft.name, draft.version, draft.state) == ("Partners", 1, "draft")
    assert response.url == f"/agreement/{draft.pk}/edit/"


def test_a_name_that_is_taken_is_named_beside_its_field(in_force, marketing_client):
    response = marketing_client.post("/agreement/new/", {"name": "mql to sal"})

    assert response.status_code == 422
    assert "exists already" in response.content.decode()


def test_the_next_version_is_drafted_once(in_force, marketing_client):
    first = marketing_client.post(f"/agreement/{in_force.pk}/next/")
    again = marketing_client.post(f"/agreement/{in_force.pk}/next/")

    assert first.url == again.url
    assert Agreement.objects.filter(state="draft").count() == 1


def test_a_draft_is_written_as_a_form_without_javascript(draft, marketing_client):
    clauses = rows(
        {"sentence": "Second.", "test": "", "subject": "", "operand": "", "position": "2"},
        {"sentence": "", "test": "", "subject": "", "operand": "", "position": ""},
        {"sentence": "First.", "test": "country_in_list", "subject": "", "operand": "de, at", "position": "1"},
    )

    response = marketing_client.post(f"/agreement/{draft.pk}/edit/", TERMS | clauses)

    assert response.url == f"/agreement/{draft.pk}/"
    draft.refresh_from_db()
    assert (draft.accept_within_minutes, draft.escalation_shares) == (240, [50, 100])
    assert list(draft.clauses.values_list("number", "sentence", "arguments")) == [
        (1, "First.", {"values": ["DE", "AT"]}),
        (2, "Second.", {}),
    ]


def test_the_form_shows_what_the_draft_says(marketing_client):
    draft = AgreementFactory(
        state="draft", clauses=[SCORE, ("Sold there.", "country_in_list", {"values": ["DE", "AT"]})]
    )

    page = marketing_client.get(f"/agreement/{draft.pk}/edit/").content.decode()

    assert 'value="60"' in page
    assert 'value="DE, AT"' in page
    assert '<option value="score_at_least" selected>' in page


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"accept_within_hours": "0"}, "greater than or equal to"),
        ({"escalation_shares": "100, 50"}, "the smallest first"),
        ({"escalation_shares": "half"}, "whole numbers from 1 to 1000"),
        ({"country": "Germany"}, "two letters"),
        (rows({"sentence": "", "test": "score_at_least", "operand": "5"}), "Say in a sentence"),
        (rows({"sentence": "S.", "test": "score_at_least", "operand": "x"}), "Give a whole number."),
        (rows({"sentence": "S.", "test": "attribute_known", "subject": "email"}), "one of the ten attributes"),
        (rows({"sentence": "S.", "test": "field_equals", "subject": ""}), "Choose a field"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_saved(draft, marketing_client, changed, sentence):
    response = marketing_client.post(f"/agreement/{draft.pk}/edit/", TERMS | rows() | changed)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert draft.clauses.count() == 2


def test_why_a_clause_is_to_be_looked_at_again_stays_until_it_is_signed(draft, marketing_client):
    draft.clauses.filter(number=2).update(remark="To be changed.")
    page = marketing_client.get(f"/agreement/{draft.pk}/edit/").content.decode()
    assert "<span>To be changed.</span>" in page

    kept = rows({"sentence": "Has a budget.", "remark": "To be changed."})
    marketing_client.post(f"/agreement/{draft.pk}/edit/", TERMS | kept)

    assert list(draft.clauses.values_list("sentence", "remark")) == [("Has a budget.", "To be changed.")]


def test_a_signed_version_is_not_edited(in_force, marketing_client):
    response = marketing_client.post(f"/agreement/{in_force.pk}/edit/", TERMS | rows(), follow=True)

    assert "never changes" in response.content.decode()
    assert in_force.clauses.count() == 2


def test_a_draft_is_discarded(draft, marketing_client):
    marketing_client.post(f"/agreement/{draft.pk}/discard/")

    assert not Agreement.objects.filter(pk=draft.pk).exists()


# --- signing --------------------------------------------------------------------------------------------------


def sign(client, agreement):
    page = client.get(f"/agreement/{agreement.pk}/sign/").content.decode()
    read = re.search(r'name="read" value="(\w+)"', page)[1]
    return client.post(f"/agreement/{agreement.pk}/sign/", {"read": read}, follow=True)


def test_both_leaders_sign_what_they_read(draft, in_force, can_sign, marketing_client, manager_client):
    page = marketing_client.get(f"/agreement/{draft.pk}/sign/").content.decode()
    assert "Has a budget." in page
    sign(marketing_client, draft)

    sign(manager_client, draft)

    draft.refresh_from_db()
    in_force.refresh_from_db()
    assert (draft.state, in_force.state) == ("in_force", "superseded")
    assert set(draft.signatures.values_list("side", "user__name")) == {
        ("marketing", "Max Marketing"),
        ("sales", "Mia Manager"),
    }


def test_a_page_that_is_out_of_date_signs_nothing(draft, can_sign, manager_client):
    response = manager_client.post(f"/agreement/{draft.pk}/sign/", {"read": "old"}, follow=True)

    assert "Read it again, then sign." in response.content.decode()
    assert not draft.signatures.exists()


@pytest.mark.parametrize("role", ROLES)
def test_who_has_no_right_to_sign_cannot(role, draft, request):
    client = client_of(role, request)

    assert client.get(f"/agreement/{draft.pk}/sign/").status_code == 302
    assert client.post(f"/agreement/{draft.pk}/sign/", {"read": "x"}).status_code == 403
    assert not draft.signatures.exists()


@pytest.mark.parametrize("role", ["rep", "admin"])
def test_the_right_to_sign_is_of_no_use_to_who_is_of_no_side(role, draft, request):
    user = request.getfixturevalue(role)
    user.can_sign = True
    user.save()

    assert client_of(role, request).post(f"/agreement/{draft.pk}/sign/", {"read": "x"}).status_code == 403


def test_a_version_signed_for_a_later_day_says_so(draft, can_sign, marketing_client, manager_client):
    Agreement.objects.filter(pk=draft.pk).update(in_force_from=timezone.now() + timedelta(days=9))
    sign(marketing_client, draft)

    page = sign(manager_client, draft).content.decode()

    draft.refresh_from_db()
    assert draft.state == "signed"
    assert "Signed." in page


# --- the admin pages ------------------------------------------------------------------------------------------


def test_the_admin_reads_a_signed_version_and_changes_nothing(in_force, admin_client):
    url = f"/admin/funnel/agreement/{in_force.pk}/change/"

    assert admin_client.get(url).status_code == 200
    assert admin_client.post(url, {"name": "Other"}).status_code == 403
    assert admin_client.post(f"/admin/funnel/agreement/{in_force.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_admin_changes_a_draft_until_a_side_has_signed(draft, admin_client):
    url = f"/admin/funnel/agreement/{draft.pk}/change/"
    assert 'name="attempts_required"' in admin_client.get(url).content.decode()
    assert 'name="state"' not in admin_client.get(url).content.decode()

    draft.signatures.create(side="sales", user=UserFactory(role=Role.MANAGER), at=NOW)

    assert admin_client.post(url, {"attempts_required": 1}).status_code == 403
