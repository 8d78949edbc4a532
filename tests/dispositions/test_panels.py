"""Each outcome's panel: only what it needs, prefilled with what is known."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from dispositions.models import BuyIn, Disposition, Forecast
from dispositions.outcomes import RULES
from dispositions.services.record import Statement, record_disposition
from funnel.inputs import CompanyInput
from funnel.lifecycle import Stage
from funnel.models import Evidence, Lead
from tests.factories import LeadFactory

MINUTE = timedelta(minutes=1)


@pytest.fixture
def at():
    return timezone.now() - timedelta(hours=2)


@pytest.fixture
def lead(rep, at):
    return LeadFactory(accepted=True, owner=rep, at=at)


def panel(client, lead, outcome):
    asks = client.get(f"/queue/?lead={lead.pk}").context["brief"].asks
    return next(ask for ask in asks if ask.rule.outcome == outcome)


def names(fields):
    return [field.name for field in fields]


def values(ask):
    return {field.name: field.value() for field in ask.fields}


def record(client, lead, outcome, **given):
    lead.refresh_from_db()
    return client.post(f"/leads/{lead.pk}/disposition/", {"outcome": outcome, "version": lead.version} | given)


@pytest.mark.parametrize("outcome", ["no_answer", "voicemail", "email_sent", "accept", "conversation", "meeting_set"])
def test_the_six_commonest_outcomes_take_one_key(outcome):
    assert RULES[outcome].is_one_key


# --- a conversation -------------------------------------------------------------------------------------------


def test_a_conversation_may_tell_what_is_not_known_yet(rep, rep_client, at):
    known = CompanyInput(name="Acme", naics="484110", employees=4, locations=1, annual_revenue=Decimal(9))
    lead = LeadFactory(accepted=True, owner=rep, at=at, company=known, attributes={"pain": "Late vans"})

    ask = panel(rep_client, lead, "conversation")

    assert names(ask.fields) == ["learned", "next_action_at", "note"]
    assert names(ask.more) == [
        *("budget", "decision_maker_engaged", "decision_process"),
        *("decision_makers", "environment", "competition", "compelling_event"),
    ]
    assert ask.forecast


def test_its_next_step_is_proposed(rep_client, lead):
    proposed = values(panel(rep_client, lead, "conversation"))["next_action_at"]

    assert timezone.make_aware(proposed) > timezone.now()


def test_everything_is_told_at_once_with_it(rep_client, lead):
    response = record(rep_client, lead, "conversation", learned="They move.", pain="Late vans", forecast="75")

    assert response.status_code == 302
    assert Evidence.objects.get().text == "Late vans"
    assert Forecast.objects.get().chance == 75


def test_the_third_is_not_asked_for_a_forecast(rep, rep_client, lead, at):
    for number in range(2):
        said = Statement(outcome="conversation")
        record_disposition(lead_id=lead.pk, statement=said, by=rep.principal, at=at + number * MINUTE)

    assert not panel(rep_client, lead, "meeting_set").forecast


# --- qualify, won, lost ---------------------------------------------------------------------------------------


def test_qualify_asks_for_the_parts_of_bant_nobody_knows(rep, rep_client, at):
    lead = LeadFactory(accepted=True, owner=rep, at=at, attributes={"pain": "Late vans", "budget": "Set"})

    ask = panel(rep_client, lead, "qualify")

    assert names(ask.fields)[:-4] == ["decision_maker_engaged", "decision_process"]
    assert names(ask.fields)[-4:] == ["amount", "currency", "expected_close_on", "note"]


def test_the_server_names_exactly_what_is_missing(rep, rep_client, at):
    lead = LeadFactory(accepted=True, owner=rep, at=at, attributes={"pain": "Late vans", "budget": "Set"})

    response = record(rep_client, lead, "qualify", amount="1200", decision_process="By May")

    (again,) = [ask for ask in response.context["brief"].asks if ask.rule.outcome == "qualify"]
    assert response.status_code == 422
    assert again.refused.errors.keys() == {"decision_maker_engaged", "currency", "expected_close_on"}
    assert "By May" in response.content.decode()


def test_won_is_prefilled_with_what_was_qualified(rep, rep_client, at):
    lead = LeadFactory(qualified=True, owner=rep, at=at)

    known = {"amount": "12,000", "currency": "EUR", "closed_on": timezone.localdate(), "note": None}
    assert values(panel(rep_client, lead, "won")) == known


def test_no_lead_shows_what_is_known_of_another(rep, rep_client, lead, at):
    other = LeadFactory(qualified=True, owner=rep, at=at, attributes={"competition": "Talks with Acme"})
    Lead.objects.filter(pk=other.pk).update(competitor="Acme")
    for outcome in ("lost", "conversation", "qualify"):
        record(rep_client, lead, outcome, note="Not to be kept.", version=0)
    rep_client.get(f"/queue/?lead={other.pk}")

    page = rep_client.get(f"/queue/?lead={lead.pk}").content.decode()

    assert not any(words in page for words in ("Acme", "12,000", "Not to be kept."))
    assert values(panel(rep_client, other, "lost")) == {"competitor": "Acme", "note": None}


def test_lost_says_what_is_known_of_the_competition_also_where_a_reason_is_missing(rep, rep_client, at):
    lead = LeadFactory(qualified=True, owner=rep, at=at, attributes={"competition": "Talks with Acme"})

    ask = panel(rep_client, lead, "lost")
    refused = record(rep_client, lead, "lost", competitor="Acme")

    (again,) = [one for one in refused.context["brief"].asks if one.rule.outcome == "lost"]
    assert names(ask.fields) == ["competitor", "note"]
    assert [one.fields[0].help_text for one in (ask, again)] == ["Known: Talks with Acme"] * 2
    assert again.fields[0].value() == "Acme"


# --- recycle, no decision -------------------------------------------------------------------------------------


def reasons(client, lead, outcome):
    return {choice.reason.slug: choice for choice in panel(client, lead, outcome).reasons}


def test_each_reason_proposes_its_wake_up_date(rep_client, lead):
    proposed = reasons(rep_client, lead, "recycle")

    assert proposed["bad_timing"].wake_on == timezone.localdate() + timedelta(days=90)
    assert proposed["no_need"].wake_on == timezone.localdate() + timedelta(days=180)


def test_the_date_of_the_reason_is_taken_unless_another_is_named(rep, rep_client, lead, at):
    other = LeadFactory(accepted=True, owner=rep, at=at)
    record(rep_client, lead, "recycle", reason="bad_timing")
    record(rep_client, other, "recycle", reason="bad_timing", wake_at="2099-03-01")

    woken = {one.pk: timezone.localdate(one.wake_at) for one in Lead.objects.all()}
    assert woken == {lead.pk: timezone.localdate() + timedelta(days=90), other.pk: date(2099, 3, 1)}


def test_unable_to_reach_is_shut_with_the_count_in_its_sentence(rep, rep_client, lead, at):
    record_disposition(lead_id=lead.pk, statement=Statement(outcome="voicemail"), by=rep.principal, at=at)
    shut = reasons(rep_client, lead, "recycle")["unable_to_reach"].shut

    refused = record(rep_client, lead, "recycle", reason="unable_to_reach")

    # Begun at a weekend the period begins on Monday.
    beginning = "“Unable to reach” is not open yet: 1 of 7 attempts, on 1 of 2 channels, "
    assert shut in {f"{beginning}{days} more working days." for days in (9, 10, 11)}
    assert refused.status_code == 422
    (again,) = [ask for ask in refused.context["brief"].asks if ask.rule.outcome == "recycle"]
    assert again.refused.errors == {"reason": [shut]}
    assert Lead.objects.get().stage == Stage.SAL


def test_the_blockers_of_the_map_come_first_with_whom_they_hold(rep, rep_client, at):
    lead = LeadFactory(qualified=True, owner=rep, at=at)
    for person, stance, blocker in (("Dana", "against", "change"), ("Eve", "agrees", "workaround")):
        BuyIn.objects.create(
            lead=lead, person=person, stance=stance, blocker=blocker, created_at=at, updated_at=at, updated_by=rep
        )

    choices = panel(rep_client, lead, "no_decision").reasons

    assert (choices[0].reason.slug, choices[0].holds) == ("blocked_change", "Dana")
    assert not any(choice.holds for choice in choices[1:])


# --- without JavaScript ---------------------------------------------------------------------------------------


def test_the_panel_of_a_conversation_opens_by_a_link(rep_client, lead):
    asks = rep_client.get(f"/queue/?lead={lead.pk}&outcome=conversation").context["brief"].asks

    assert [ask.rule.outcome for ask in asks if ask.is_open] == ["conversation"]


def test_an_outcome_that_fits_no_more_is_shown_again_with_its_words(rep, rep_client, lead):
    version = lead.version
    record(rep_client, lead, "disqualify", reason="student")
    given = {"outcome": "conversation", "version": version, "learned": "They move."}

    response = rep_client.post(f"/leads/{lead.pk}/disposition/", given)

    assert response.status_code == 409
    assert "They move." in response.content.decode()
    assert not Disposition.objects.filter(outcome="conversation").exists()
