from datetime import timedelta

from reports.facts.cycles import Said, work_on
from tests.factories import NOW

HOUR = timedelta(hours=1)


def worked(since, until):
    """An hour counts half: so that a mix-up with the clock would show."""
    return (until - since) / 2


def work(*said, accepted_at=None, ended_at=None):
    """Each of `said` is (hours after the hand-off, outcome, channel, counted)."""
    return work_on(
        opened_at=NOW,
        accepted_at=accepted_at,
        ended_at=ended_at,
        said=[Said(outcome, NOW + hours * HOUR, channel, counted) for hours, outcome, channel, counted in said],
        worked=worked,
    )


def test_the_answer_is_the_first_thing_said_in_working_time():
    found = work((4, "accept", "", False), (6, "no_answer", "phone", True), accepted_at=NOW + 4 * HOUR)

    assert (found.answered_at, found.answer_minutes) == (NOW + 4 * HOUR, 120)
    assert (found.attempted_at, found.attempt_minutes) == (NOW + 6 * HOUR, 60)


def test_tries_count_until_somebody_was_reached():
    found = work(
        (1, "no_answer", "phone", True),
        (1.5, "voicemail", "phone", False),
        (2, "email_sent", "email", True),
        (3, "conversation", "phone", False),
        (4, "conversation", "phone", False),
    )

    assert (found.attempts, found.channels, found.tries) == (2, 2, 5)
    assert (found.conversations, found.reached_on) == (2, 4)


def test_a_hand_off_of_which_nobody_said_anything_has_no_times():
    found = work()

    assert (found.answered_at, found.answer_minutes, found.attempted_at, found.reached_on) == (None, None, None, None)
    assert (found.attempts, found.tries) == (0, 0)


def test_of_an_import_its_own_dates_say_when_it_was_answered():
    assert work(accepted_at=NOW + 2 * HOUR).answer_minutes == 60
    assert work(ended_at=NOW + 8 * HOUR).answer_minutes == 240
