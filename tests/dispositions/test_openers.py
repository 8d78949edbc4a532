"""Ways to begin a call: made of what they told us, never asking for what is known."""

from datetime import UTC, datetime, timedelta

import pytest

from dispositions.desk.cycles import Cycle
from dispositions.desk.openers import MOST, Told, openers_from
from dispositions.desk.story import Heard, Learned
from funnel.attributes import Attribute
from funnel.models import Touch

NOW = datetime(2026, 6, 17, 9, 0, tzinfo=UTC)
EVERYTHING = list(Attribute)


def touch(subject, kind=Touch.Kind.WEBINAR, days=30, by=""):
    return Heard(NOW - timedelta(days=days), kind, subject, "Webinar", "", by)


def learned(attribute, text, by="Wiebke"):
    return {attribute: Learned(attribute, text, NOW - timedelta(days=3), by)}


def cycle(reason_slug, reason="Bad timing", outcome="Recycled", ended_at=datetime(2026, 5, 12, 9, 0, tzinfo=UTC)):
    return Cycle(1, ended_at - timedelta(days=9), ended_at, outcome, reason, "Rita", 2, reason_slug)


def texts(**told):
    return [one.text for one in openers_from(Told(**told), now=NOW)]


def test_it_begins_where_the_last_cycle_ended():
    (opener,) = openers_from(Told(cycles=[cycle("bad_timing")], missing=EVERYTHING), now=NOW)

    assert opener.text == "In May it was not the right time for you. What is different today?"
    assert opener.rests_on == "hand-off 1, recycled: bad timing"
    assert opener.at == datetime(2026, 5, 12, 9, 0, tzinfo=UTC)


def test_a_lead_that_woke_up_hears_that_the_day_was_agreed():
    assert texts(cycles=[cycle("no_budget")], woken=True) == [
        "In May you had no money set aside for it. We noted to come back to you around now."
    ]


@pytest.mark.parametrize("reason", ["student", "competitor", "bad_data", "wrong_segment", "other", ""])
def test_nobody_is_told_what_he_was_taken_for(reason):
    assert texts(cycles=[cycle(reason)], missing=EVERYTHING) == []


def test_the_cycle_before_is_spoken_of_where_the_last_one_cannot_be():
    found = texts(cycles=[cycle("student"), cycle("lost_price", ended_at=datetime(2025, 11, 3, tzinfo=UTC))])

    assert found == ["In November 2025 you chose somebody else, for the price."]


@pytest.mark.parametrize(
    ("subject", "kind", "said"),
    [
        (
            "Asked: can it run offline?",
            Touch.Kind.EVENT,
            "you asked us: “can it run offline?” I have the answer with me.",
        ),
        ("Searched: lot tracing", Touch.Kind.AD_CLICK, "you were looking for “lot tracing”."),
        ("Attended: Peak season.", Touch.Kind.WEBINAR, "you were in our webinar “Peak season”."),
        ("Peak season", Touch.Kind.WEBINAR, "you were in our webinar “Peak season”."),
        ("Need: a quote", Touch.Kind.FORM, "you wrote to us: “Need: a quote”."),
    ],
)
def test_a_touch_is_spoken_of_by_what_they_did(subject, kind, said):
    assert texts(touches=[touch(subject, kind)]) == [f"In May {said}"]


@pytest.mark.parametrize(
    ("days", "when"), [(0, "Today"), (1, "Yesterday"), (13, "13 days ago"), (14, "In June"), (400, "In May 2025")]
)
def test_the_time_is_said_as_people_say_it(days, when):
    assert texts(touches=[touch("Read: What a pick costs", days=days)]) == [f"{when} you read “What a pick costs”."]


@pytest.mark.parametrize(
    "heard",
    [touch("Opened: Five ways", Touch.Kind.EMAIL), touch("", Touch.Kind.WEBINAR), touch("Met", Touch.Kind.OTHER)],
)
def test_what_sounds_like_spying_or_says_nothing_is_left_out(heard):
    assert texts(touches=[heard]) == []


def test_a_question_they_asked_comes_before_what_they_clicked_and_a_subject_is_named_once():
    clicked, read, asked = (touch(one) for one in ("Clicked: Prices", "Read: Counts", "Asked: how long does it take?"))

    found = openers_from(Told(touches=[clicked, read, asked, asked]), now=NOW)

    assert ["how long" in found[0].text, "Counts" in found[1].text, len(found)] == [True, True, 2]


def test_no_question_is_asked_twice_nor_where_the_answer_is_known():
    told = {
        "evidence": learned(Attribute.PAIN, "Picking errors") | learned(Attribute.COMPELLING_EVENT, "A new hall"),
        "touches": [touch("Read: Counts"), touch("Asked: SAP?")],
    }
    some = [Attribute.BUDGET, Attribute.ENVIRONMENT]

    asked = [text.rpartition("”")[2] for text in texts(**told, missing=some)]

    assert sum("money set aside" in text for text in asked) == 1
    assert sum("today?" in text for text in asked) == 1
    assert not any(text.endswith("?") for text in texts(**told, missing=[]))


def test_evidence_is_quoted_with_whoever_learned_it():
    (opener,) = openers_from(Told(evidence=learned(Attribute.PAIN, "Counts close the\nhall.")), now=NOW)

    assert opener.text == "I have a note of what gives you trouble: “Counts close the hall”."
    assert opener.rests_on == "their pain, noted by Wiebke"


@pytest.mark.parametrize("text", ["No other vendor yet", "none", "Nobody else"])
def test_evidence_that_there_is_nothing_is_no_opener(text):
    assert texts(evidence=learned(Attribute.COMPETITION, text)) == []


def test_a_long_text_is_cut_at_a_word():
    (text,) = texts(evidence=learned(Attribute.PAIN, "errors " * 60))

    assert text.endswith("errors…”.")
    assert len(text) < 220


@pytest.mark.parametrize("source", ["Don't remember", "Google", "  ", "other"])
def test_a_source_that_says_nothing_is_not_repeated(source):
    assert texts(self_reported_source=source) == []


def test_the_campaign_is_named_only_where_they_did_nothing_that_can_be_spoken_of():
    assert texts(campaign="Spring fair") == ["You came to us through “Spring fair”."]
    assert texts(campaign="Spring fair", touches=[touch("Read: Counts")]) == ["In May you read “Counts”."]


def test_there_are_four_at_most_and_none_where_nothing_is_known():
    everything = {
        "cycles": [cycle("no_need")],
        "evidence": learned(Attribute.PAIN, "Errors") | learned(Attribute.COMPETITION, "Two others"),
        "touches": [touch("Read: Counts"), touch("Asked: SAP?")],
        "self_reported_source": "A podcast",
    }

    assert len(texts(**everything)) == MOST
    assert texts(missing=EVERYTHING) == []
