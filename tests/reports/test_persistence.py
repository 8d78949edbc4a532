from datetime import timedelta

from dispositions.outcomes import Outcome
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import computed, headline, line, say

DAY = timedelta(days=1)


def tried(rep, *outcomes, **given):
    """One try a day, from the day after the hand-off."""
    lead = LeadFactory(accepted=True, owner=rep, **given)
    for day, outcome in enumerate(outcomes, 1):
        say(lead, rep, outcome, at=NOW + day * DAY)
    return lead


def report(viewer, **given):
    return computed("persistence", viewer, now=NOW + 20 * DAY, **given)


def test_people_are_reached_on_the_try_on_which_there_was_a_conversation(marketing, rep):
    tried(rep, Outcome.CONVERSATION)
    tried(rep, Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.CONVERSATION, Outcome.CONVERSATION)
    tried(rep, Outcome.NO_ANSWER)

    found = report(marketing, by="reached_on")

    assert [(one["reached_on_name"], one["worked"]) for one in found.rows] == [
        ("Try 1", 1),
        ("Try 3", 1),
        ("Not reached", 1),
    ]


def test_giving_up_before_the_agreed_attempts_is_too_early(marketing, rep):
    for outcomes in ((Outcome.NO_ANSWER,), (Outcome.NO_ANSWER, Outcome.CONVERSATION), ()):
        lead = tried(rep, *outcomes)
        say(lead, rep, Outcome.RECYCLE, reason="bad_timing", at=NOW + 3 * DAY, wake_at=NOW + 30 * DAY)

    total = report(marketing).totals[0]

    assert (total["worked"], total["given_up"], total["abandoned"], total["never_tried"]) == (3, 2, 2, 1)
    assert total["abandoned_rate"] == 1.0


def test_attempts_are_those_that_count(marketing, rep):
    lead = LeadFactory(accepted=True, owner=rep)
    for minutes in (0, 10, 20):  # at most two a working day count
        say(lead, rep, Outcome.NO_ANSWER, at=NOW + timedelta(minutes=minutes))

    row = line(report(marketing, by="attempts"), attempts="2")

    assert (row["worked"], row["mean_attempts"]) == (1, 2.0)


def test_the_rows_add_up_whatever_they_stand_for(marketing, rep, eastern_rep):
    tried(rep, Outcome.CONVERSATION)
    tried(eastern_rep, Outcome.NO_ANSWER, Outcome.EMAIL_SENT)

    for by in ("attempts", "reached_on", "channels", "owner", "team", "month", "channel", "agreement"):
        found = report(marketing, by=by)
        assert sum(one["worked"] for one in found.rows) == found.totals[0]["worked"] == 2, by
        assert headline(found)["mean_attempts"] == 1.0


def test_a_row_that_cannot_be_opens_nothing(marketing_client, rep):
    tried(rep, Outcome.NO_ANSWER)

    answer = marketing_client.get("/reports/persistence/leads/?by=attempts&figure=worked&row=moon")

    assert (answer.status_code, list(answer.context["leads"])) == (200, [])
