from datetime import timedelta

from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from dispositions.services.undo import undo_disposition
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import computed, headline, line, qualify, say

DAY = timedelta(days=1)


def believed(rep, chance, end=None):
    """One conversation with this forecast; then won, lost, or nothing yet."""
    lead = LeadFactory(accepted=True, owner=rep)
    say(lead, rep, Outcome.CONVERSATION, forecast=chance)
    if end == "won":
        qualify(lead, rep)
        say(lead, rep, Outcome.WON, at=NOW + DAY, closed_on=NOW.date())
    elif end == "lost":
        say(lead, rep, Outcome.LOST, at=NOW + DAY, reason="lost_price")
    return lead


def report(viewer, **given):
    return computed("forecast", viewer, now=NOW + 9 * DAY, **given)


def test_a_forecast_is_judged_once_its_hand_off_is_over(marketing, rep):
    believed(rep, 75, "won")
    believed(rep, 75, "lost")
    believed(rep, 25, "lost")
    believed(rep, 50, "won")
    believed(rep, 100)

    total = report(marketing).totals[0]

    assert (total["made"], total["judged"], total["won"]) == (5, 4, 2)
    assert total["hit_rate"] == round(2 / 3, 6)  # the one of 50 % says neither
    assert total["brier"] == round((0.25**2 + 0.75**2 + 0.25**2 + 0.5**2) / 4, 6)
    assert total["mean_chance"] == 0.5625


def test_who_could_not_say_is_counted_and_not_judged(marketing, rep):
    lead = LeadFactory(accepted=True, owner=rep)
    say(lead, rep, Outcome.CONVERSATION, forecast_because="too_early")
    say(lead, rep, Outcome.LOST, at=NOW + DAY, reason="lost_price")

    row = line(report(marketing, by="chance"), chance_name="Could not say")

    assert (row["made"], row["unknown"], row["judged"], row["brier"]) == (1, 1, 0, None)


def test_the_forecast_of_a_conversation_that_was_taken_back_does_not_count(marketing, rep):
    believed(rep, 75)
    undo_disposition(disposition_id=Disposition.objects.latest("id").pk, by=rep.principal, at=NOW)

    assert report(marketing).rows == ()


def test_the_picture_sets_what_was_said_against_what_happened(marketing, rep):
    for end in ("won", "won", "won", "lost"):
        believed(rep, 75, end)

    (caller,) = report(marketing).chart.data

    assert [(one.chance, one.observed, one.count) for one in caller.forecasts] == [(0.75, 0.75, 4)]


def test_as_of_a_past_day_what_ended_since_is_open(marketing, rep):
    believed(rep, 75, "won")

    then = report(marketing, as_of=NOW.date().isoformat())

    assert (headline(then)["made"], headline(then)["judged"]) == (1, 0)
