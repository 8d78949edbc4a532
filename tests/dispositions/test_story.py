"""All that was heard, said and done about a lead, read at once."""

from datetime import timedelta

import pytest

from dispositions.desk.story import TOUCHES, story_of
from dispositions.models import Forecast
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.attributes import Attribute
from funnel.inputs import TouchInput
from funnel.models import Campaign, Channel, Evidence, LeadEvent, LeadText, Touch
from tests.factories import NOW, LeadFactory


@pytest.fixture
def lead(rep):
    return LeadFactory(handed_off=True, owner=rep)


def say(lead, rep, outcome, at=NOW, **said):
    statement = Statement(outcome=outcome, **said)
    return record_disposition(lead_id=lead.pk, statement=statement, by=rep.principal, at=at)


def test_it_takes_one_query_however_much_there_is(lead, rep, queries_for):
    assert queries_for(lambda: story_of(lead, sees_notes=True)) == 1
    say(lead, rep, Outcome.CONVERSATION, note="Friendly.", evidence={"pain": "Errors"})

    assert queries_for(lambda: story_of(lead, sees_notes=True)) == 1


def test_the_newest_touches_come_with_channel_campaign_and_who_made_them(lead, marketing):
    channel = Channel.objects.create(slug="phone-team", name="Phone team")
    campaign = Campaign.objects.create(slug="spring", name="Spring")
    Touch.objects.bulk_create(
        Touch(
            lead=lead, at=NOW + timedelta(days=99 - days), kind="call", channel=channel, source="x", subject=f"{days}"
        )
        for days in range(1, TOUCHES + 5)
    )
    by_hand = Touch.objects.get(subject="1")
    by_hand.campaign, by_hand.by = campaign, marketing
    by_hand.save()

    first, *others = story_of(lead, sees_notes=True).touches

    assert (first.subject, first.kind, first.at) == ("1", Touch.Kind.CALL, NOW + timedelta(days=98))
    assert (first.channel, first.campaign, first.by) == ("Phone team", "Spring", "Max Marketing")
    assert [one.subject for one in others] == [str(days) for days in range(2, TOUCHES + 1)]


def test_of_each_attribute_the_newest_evidence_counts(lead, rep):
    for hours, text in ((2, "newer"), (9, "old")):
        Evidence.objects.create(
            lead=lead, attribute="pain", text=text, learned_at=NOW - timedelta(hours=hours), source="mautic"
        )
    Evidence.objects.create(lead=lead, attribute="budget", text="80k", learned_at=NOW, learned_by=rep)

    learned = story_of(lead, sees_notes=True).learned

    assert {slug: (one.text, one.by) for slug, one in learned.items()} == {
        Attribute.PAIN: ("newer", "mautic"),
        Attribute.BUDGET: ("80k", "Rita Rep"),
    }


def test_events_are_those_people_know_a_word_for_with_who_acted(lead, rep):
    say(lead, rep, Outcome.REFUSE, reason="no_budget")

    events = story_of(lead, sees_notes=True).events

    assert [one.seq for one in events] == sorted((one.seq for one in events), reverse=True)
    told = next(one for one in events if one.kind == LeadEvent.Kind.DISPOSITIONED)
    assert (told.by, told.at, told.data["reason"]) == ("Rita Rep", NOW, "no_budget")
    assert {one.by for one in events} == {"Rita Rep", "Mona Marketer"}


def test_notes_are_left_out_for_whoever_may_not_read_them(lead, rep):
    say(lead, rep, Outcome.CONVERSATION, note="Sounded tired.", learned="Wants a trial.")

    said = {sees: [one.text for one in story_of(lead, sees_notes=sees).texts] for sees in (True, False)}

    assert "Sounded tired." in said[True]
    assert "Sounded tired." not in said[False]
    assert "Wants a trial." in said[False]


def test_what_was_found_of_the_clauses_is_never_too_old(lead):
    LeadText.objects.create(lead=lead, seq=1, kind=LeadText.Kind.CLAUSES, text="1: met", at=NOW)
    LeadText.objects.bulk_create(
        LeadText(lead=lead, seq=seq, kind=LeadText.Kind.LEARNED, text="x", at=NOW) for seq in range(1000, 1100)
    )

    texts = story_of(lead, sees_notes=True).texts

    assert texts[0].text == "1: met"
    assert len(texts) == 61


def test_buy_ins_come_in_the_order_in_which_they_were_entered(lead, rep):
    for person in ("Clara", "Otto"):
        lead.buy_ins.create(
            person=person, role="CFO", stance="against", blocker="change", note="Cares.", created_at=NOW,
            updated_at=NOW, updated_by=rep,
        )  # fmt: skip

    first, second = story_of(lead, sees_notes=True).buy_ins

    assert [first.person, second.person] == ["Clara", "Otto"]
    assert (first.get_stance_display(), first.get_blocker_display(), first.note) == ("Against", "Change", "Cares.")
    assert first == lead.buy_ins.get(person="Clara")


@pytest.mark.parametrize(
    ("given", "chance", "because"),
    [({"chance": 0}, 0, ""), ({"unknown_because": "too_early"}, None, "Too early to say")],
)
def test_a_forecast_is_a_chance_or_why_there_is_none(lead, rep, given, chance, because):
    disposition = say(lead, rep, Outcome.CONVERSATION)
    Forecast.objects.create(
        lead=lead, hand_off=lead.hand_off, disposition=disposition, occasion=1, by=rep, at=NOW, **given
    )

    (guess,) = story_of(lead, sees_notes=True).guesses

    assert (guess.occasion, guess.chance, guess.because, guess.by) == (1, chance, because, "Rita Rep")
    assert guess.hand_off_id == lead.hand_off_id


def test_nothing_of_another_lead_is_read(lead, rep):
    other = LeadFactory(
        handed_off=True,
        owner=rep,
        touches=[TouchInput(at=NOW, kind="webinar", channel="webinar", subject="Peak season")],
        attributes={"pain": "Errors"},
    )
    say(other, rep, Outcome.CONVERSATION, note="Hm.")

    story = story_of(lead, sees_notes=True)

    assert [one.subject for one in story.touches] == [""]
    assert (story.learned, story.texts, story.buy_ins) == ({}, [], [])
    assert LeadEvent.Kind.DISPOSITIONED not in {one.kind for one in story.events}
