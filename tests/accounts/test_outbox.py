"""Mails are sent once, tried again with growing pauses, and given up where an admin sees it."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core import mail as django_mail

from accounts import outbox
from accounts.models import Mail
from accounts.notifications import notify
from accounts.outbox import LEASE, MAX_ATTEMPTS, PAUSES, send_batch
from tests.accounts.smtp import DROP, DROP_AFTER, GREYLIST, REFUSE, SmtpStub
from tests.factories import NOW

MINUTE = timedelta(minutes=1)


@pytest.fixture
def waiting(rep):
    notify([rep], kind="reminder", key="ladder:1", text="Bea Buyer waits.", at=NOW)
    return Mail.objects.get()


@pytest.fixture
def server(settings):
    with SmtpStub() as stub:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", stub.port, 2
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield stub


def row():
    return Mail.objects.values_list("sent_at", "attempts", "next_attempt_at", "dead").get()


# --- sent -----------------------------------------------------------------------------------------------------


def test_a_mail_that_is_due_is_sent_and_marked(waiting, server, settings):
    settings.DEFAULT_FROM_EMAIL = "LeadFlow <leads@sales.example>"

    assert send_batch(now=NOW) == Counter({"mails sent": 1})

    (sent,) = server.received
    assert (sent["To"], sent["From"]) == ("rita@sales.example", "LeadFlow <leads@sales.example>")
    assert (sent["Subject"], sent["Auto-Submitted"]) == ("Bea Buyer waits.", "auto-generated")
    assert sent["Message-ID"].endswith("@sales.example>")
    assert Mail.objects.values_list("sent_at", "attempts").get() == (NOW, 1)


def test_a_mail_is_sent_once(waiting, server):
    send_batch(now=NOW)

    assert send_batch(now=NOW + 9 * LEASE) == Counter()
    assert len(server.received) == 1


def test_nothing_is_sent_before_it_is_due(waiting, server):
    assert send_batch(now=NOW - MINUTE) == Counter()


def test_a_batch_shares_one_connection_and_leaves_the_rest_to_the_next(rep, server, monkeypatch):
    monkeypatch.setattr(outbox, "BATCH", 2)
    for number in range(3):
        notify([rep], kind="reminder", key=f"ladder:{number}", text="…", at=NOW)

    assert [send_batch(now=NOW)["mails sent"] for _ in range(3)] == [2, 1, 0]


def test_two_senders_at_once_send_each_mail_once(at_once, rep, server):
    for number in range(12):
        notify([rep], kind="reminder", key=f"ladder:{number}", text="…", at=NOW)

    done = at_once(*[lambda: send_batch(now=NOW)] * 3)

    assert sum(counts["mails sent"] for counts in done) == len(server.received) == 12


# --- tried again ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [GREYLIST, REFUSE, DROP])
def test_a_mail_that_was_not_taken_is_tried_again_later(waiting, server, answer):
    server.mood = lambda mail: answer

    assert send_batch(now=NOW) == Counter({"mails put off": 1})
    assert row() == (None, 1, NOW + PAUSES[0], False)
    assert Mail.objects.get().last_error != ""


def test_a_mail_taken_without_an_answer_is_sent_again_under_the_same_message_id(waiting, server):
    server.mood = lambda mail: DROP_AFTER
    send_batch(now=NOW)
    server.mood = lambda mail: b"250 OK\r\n"
    send_batch(now=NOW + PAUSES[0])

    first, second = (mail["Message-ID"] for mail in server.received)
    assert first == second
    assert row()[0] == NOW + PAUSES[0]


def test_the_pauses_grow_and_after_the_last_attempt_the_mail_is_dead(waiting, server):
    server.mood = lambda mail: GREYLIST
    at, pauses = NOW, []
    for _ in range(MAX_ATTEMPTS - 1):
        send_batch(now=at)
        pauses.append(row()[2] - at)
        at = row()[2]

    assert send_batch(now=at) == Counter({"mails given up": 1})
    assert pauses == sorted(set(pauses))
    assert (row()[1], row()[3]) == (6, True)
    assert send_batch(now=at + timedelta(days=99)) == Counter()


def test_one_mail_that_is_refused_does_not_stop_the_others(rep, manager, server):
    notify([rep, manager], kind="reminder", key="ladder:1", text="…", at=NOW)
    server.mood = lambda mail: DROP if mail["To"] == rep.email else b"250 OK\r\n"

    assert send_batch(now=NOW) == Counter({"mails sent": 1, "mails put off": 1})


def test_while_the_mail_server_is_down_no_attempt_is_lost(waiting, server):
    server.__exit__()

    assert send_batch(now=NOW) == Counter()
    assert row() == (None, 0, NOW, False)


def test_a_line_break_in_a_header_is_never_sent(waiting, server):
    Mail.objects.update(subject="Hello\nBcc: all@buyer.example")

    assert send_batch(now=NOW) == Counter({"mails given up": 1})
    assert (row()[3], server.received) == (True, [])
    assert "BadHeaderError" in Mail.objects.get().last_error


# --- a sender dies --------------------------------------------------------------------------------------------


class Killed(BaseException):
    pass


def die(*args):
    raise Killed


def test_a_mail_whose_sender_died_is_tried_again_when_its_lease_ends(waiting, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "_message", die)
        with pytest.raises(Killed):
            send_batch(now=NOW)

    assert send_batch(now=NOW + LEASE - MINUTE) == Counter()
    assert send_batch(now=NOW + LEASE) == Counter({"mails sent": 1})
    assert len(django_mail.outbox) == 1


def test_a_mail_that_kills_every_sender_is_given_up(waiting, monkeypatch):
    monkeypatch.setattr(outbox, "_message", die)
    for number in range(MAX_ATTEMPTS):
        with pytest.raises(Killed):
            send_batch(now=NOW + number * LEASE)

    assert send_batch(now=NOW + MAX_ATTEMPTS * LEASE) == Counter()
    assert row()[3] is True


# --- the admin ------------------------------------------------------------------------------------------------


def test_an_admin_sees_what_was_given_up_and_has_it_tried_again(waiting, admin_client):
    Mail.objects.update(dead=True, attempts=6, last_error="SMTPDataError: no")

    page = admin_client.get("/admin/accounts/mail/", {"dead__exact": "1"})
    admin_client.post("/admin/accounts/mail/", {"action": "try_again", "_selected_action": [waiting.pk]})

    assert "SMTPDataError: no" in page.text
    assert Mail.objects.values_list("dead", "attempts").get() == (False, 0)
