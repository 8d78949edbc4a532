"""One mail a working day for who wants it so: when it is due, what is in it, and that nothing is in two."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from accounts.digest import LONGEST, compose_digests
from accounts.mail_days import MailDays
from accounts.models import Formats, Mail, Mails, Notification, Team
from accounts.notifications import Message, notify, tell
from tests.factories import NOW, CalendarFactory, TeamFactory, UserFactory

NEXT_MORNING = datetime(2026, 3, 5, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def rep(west):
    return UserFactory(name="Rita Rep", email="rita@sales.example", team=west, mails=Mails.DAILY)


def say(user, text="Bea Buyer is yours now.", *, key="k", kind="assigned", at=NOW):
    notify([user], kind=kind, key=key, text=text, url="/leads/7/", at=at)


def waiting():
    return Notification.objects.filter(digest_at__isnull=False)


# --- when it comes --------------------------------------------------------------------------------------------


def test_nothing_goes_at_once_and_the_page_shows_it_all_the_same(rep):
    say(rep)

    assert not Mail.objects.exists()
    assert Notification.objects.get().digest_at == NEXT_MORNING


@pytest.mark.parametrize(("wish", "mails"), [(Mails.AT_ONCE, 1), (Mails.NEVER, 0)])
def test_who_wants_it_otherwise_waits_for_no_digest(rep, wish, mails):
    rep.mails = wish

    say(rep)

    assert (Mail.objects.count(), waiting().count()) == (mails, 0)


def test_without_an_address_there_is_no_digest(rep):
    rep.email = None

    say(rep)

    assert not waiting().exists()


@pytest.mark.parametrize(
    ("zone", "at", "due"),
    [
        ("UTC", "2026-03-04T07:59", "2026-03-04T08:00"),
        ("UTC", "2026-03-04T08:00", "2026-03-05T08:00"),
        ("Asia/Tokyo", "2026-03-04T10:00", "2026-03-04T23:00"),
        ("America/New_York", "2026-03-04T10:00", "2026-03-04T13:00"),
        # Friday to Monday, and over a change of the clocks in between.
        ("Europe/Berlin", "2026-03-27T12:00", "2026-03-30T06:00"),
        ("America/New_York", "2026-10-30T20:00", "2026-11-02T13:00"),
    ],
)
def test_it_comes_at_eight_of_the_next_working_day_on_the_readers_clock(rep, zone, at, due):
    rep.time_zone = zone

    found = MailDays(datetime.fromisoformat(f"{at}+00:00")).next_for(rep)

    assert found == datetime.fromisoformat(f"{due}+00:00")


def test_holidays_and_days_off_of_his_team_are_passed_over(rep, west):
    west.calendar = CalendarFactory(holiday_country="DE", days_off="2026-12-28\n2026-12-29")
    rep.team = west

    # Christmas is a Friday in 2026; then the weekend, and two days off.
    found = MailDays(datetime(2026, 12, 24, 12, tzinfo=UTC)).next_for(rep)

    assert found == datetime(2026, 12, 30, 7, tzinfo=UTC)


def test_a_team_that_works_on_sundays_reads_on_sundays(rep, west):
    west.calendar = CalendarFactory(opening_hours="Sun-Thu 09:00-17:00", time_zone="Asia/Dubai")
    rep.team = west

    found = MailDays(datetime(2026, 3, 6, 12, tzinfo=UTC)).next_for(rep)

    assert found == datetime(2026, 3, 8, 4, tzinfo=UTC)


def test_who_never_works_gets_it_tomorrow(rep, west):
    days_off = "\n".join(f"{(NOW + count * DAY).date()}" for count in range(400))
    west.calendar = CalendarFactory(days_off=days_off, time_zone="UTC")
    rep.team = west

    assert MailDays(NOW).next_for(rep) == NEXT_MORNING


def test_many_readers_cost_no_more_queries_than_one(rep, queries_for):
    def message(user, number):
        return Message(user=user, kind="reminder", key=f"ladder:{number}", text="…")

    one = queries_for(lambda: tell([message(rep, 1)], at=NOW))
    team = Team.objects.select_related("calendar").get(pk=TeamFactory(calendar=CalendarFactory()).pk)
    users = UserFactory.create_batch(20, mails=Mails.DAILY, team=team)

    assert queries_for(lambda: tell([message(user, 2) for user in [rep, *users]], at=NOW)) == one


# --- what is in it --------------------------------------------------------------------------------------------


def test_one_mail_has_all_of_a_day_by_what_it_is_about(rep, settings):
    settings.BASE_URL = "https://leads.example"
    say(rep, "Ann is yours now.", key="1")
    say(rep, "Cy is in the Black Hole.", key="2", kind="black_hole")
    say(rep, "Bob is yours now.", key="3", at=NOW + timedelta(hours=1))
    say(rep, "Look.", key="4", kind="unheard-of")

    assert compose_digests(now=NEXT_MORNING) == Counter(digests=1)

    mail = Mail.objects.get()
    assert (mail.to, mail.subject, mail.next_attempt_at) == (rep.email, "LeadFlow: 4 notifications", NEXT_MORNING)
    assert mail.text.startswith(
        "In the Black Hole (1)\n\n"
        "- Wed 4 Mar, 10:00: Cy is in the Black Hole.\n  https://leads.example/leads/7/\n\n\n"
        "Leads that are yours now (2)\n\n"
        "- Wed 4 Mar, 10:00: Ann is yours now.\n  https://leads.example/leads/7/\n\n"
        "- Wed 4 Mar, 11:00: Bob is yours now.\n  https://leads.example/leads/7/\n\n\n"
        "Other (1)\n\n"
    )
    assert mail.text.endswith("How often LeadFlow writes to you: https://leads.example/me/\n")
    assert not waiting().exists()


def test_its_times_are_the_readers(rep):
    rep.time_zone, rep.formats = "Asia/Tokyo", Formats.AMERICAN
    rep.save()
    say(rep)

    compose_digests(now=NOW + DAY)

    assert "- Wed Mar 4, 7:00 PM: Bea Buyer" in Mail.objects.get().text


def test_before_it_is_due_nothing_is_written(rep):
    say(rep)

    assert compose_digests(now=NEXT_MORNING - timedelta(seconds=1)) == Counter()
    assert (Mail.objects.count(), waiting().count()) == (0, 1)


def test_what_was_read_meanwhile_is_left_out(rep):
    say(rep, key="1")
    Notification.objects.update(read_at=NOW)

    assert compose_digests(now=NEXT_MORNING) == Counter()
    assert (Mail.objects.count(), waiting().count()) == (0, 0)


def test_of_very_many_the_newest_are_told_and_the_others_counted(rep):
    for number in range(LONGEST + 3):
        say(rep, f"Lead {number} is yours now.", key=str(number), at=NOW + timedelta(seconds=number))

    compose_digests(now=NEXT_MORNING)

    text = Mail.objects.get().text
    assert "And 3 older ones" in text
    assert "Lead 2 is" not in text
    assert f"Lead {LONGEST + 2} is" in text


@pytest.mark.parametrize("changes", [{"mails": Mails.NEVER}, {"is_active": False}, {"email": None}])
def test_who_does_not_want_it_any_more_does_not_get_it(rep, changes):
    say(rep)
    type(rep).objects.filter(pk=rep.pk).update(**changes)

    assert compose_digests(now=NEXT_MORNING) == Counter()
    assert (Mail.objects.count(), waiting().count()) == (0, 0)


def test_who_wants_mails_at_once_from_now_on_still_gets_what_was_collected(rep):
    say(rep)
    type(rep).objects.update(mails=Mails.AT_ONCE)

    assert compose_digests(now=NEXT_MORNING) == Counter(digests=1)


# --- once -----------------------------------------------------------------------------------------------------


def test_composed_twice_it_is_one_mail(rep):
    say(rep)
    compose_digests(now=NEXT_MORNING)

    assert compose_digests(now=NEXT_MORNING) == Counter()
    assert Mail.objects.count() == 1


def test_nobody_gets_two_on_a_day(rep):
    say(rep, key="1")
    compose_digests(now=NEXT_MORNING)
    say(rep, key="2", at=NOW)  # told late: it was due this morning too

    compose_digests(now=NEXT_MORNING + timedelta(hours=1))

    assert Mail.objects.count() == 1
    assert waiting().get().digest_at == NEXT_MORNING + DAY
    assert compose_digests(now=NEXT_MORNING + DAY) == Counter(digests=1)


def test_of_several_composers_at_once_one_writes_it(at_once, transactional_db):
    users = UserFactory.create_batch(5, mails=Mails.DAILY)
    for user in users:
        say(user)

    answers = at_once(*[lambda: compose_digests(now=NOW + DAY)] * 4)

    assert sum(answers, Counter()) == Counter(digests=5)
    assert sorted(Mail.objects.values_list("to", flat=True)) == sorted(user.email for user in users)
    assert not waiting().exists()


def test_cut_short_nothing_is_lost(rep, monkeypatch):
    say(rep)

    def cut(**fields):
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(Mail.objects, "create", cut)
        assert compose_digests(now=NEXT_MORNING) == Counter({"digests failed": 1})

    assert waiting().exists()
    assert compose_digests(now=NEXT_MORNING) == Counter(digests=1)
