"""Told once, on the page and by mail, in the transaction of what happened."""

from django.db import transaction

from accounts.models import Mail, Notification
from accounts.notifications import Message, notify, tell
from tests.factories import NOW, UserFactory


def say(*users, key="dispute:1", text="Bea Buyer needs your word.", url="/disputes/1/"):
    notify(users, kind="dispute", key=key, text=text, url=url, at=NOW)


def test_everybody_named_gets_a_line_and_a_mail(rep, manager):
    say(rep, manager)

    assert list(Notification.objects.order_by("user__name").values_list("user", "kind", "text", "url", "read_at")) == [
        (manager.pk, "dispute", "Bea Buyer needs your word.", "/disputes/1/", None),
        (rep.pk, "dispute", "Bea Buyer needs your word.", "/disputes/1/", None),
    ]
    assert list(Mail.objects.order_by("to").values_list("to", "key")) == [
        (manager.email, f"dispute:1:{manager.pk}"),
        (rep.email, f"dispute:1:{rep.pk}"),
    ]


def test_under_one_key_a_person_is_told_once(rep):
    say(rep)
    say(rep, rep)

    assert (Notification.objects.count(), Mail.objects.count()) == (1, 1)


def test_the_mail_says_where_to_look(rep, settings):
    settings.BASE_URL = "https://leads.example"

    say(rep)

    assert Mail.objects.get().text == (
        "Bea Buyer needs your word.\n\nhttps://leads.example/disputes/1/\n\n"
        "All your notifications: https://leads.example/notifications/\n"
        "How often LeadFlow writes to you: https://leads.example/me/\n"
    )


def test_who_has_left_is_told_nothing(rep):
    rep.is_active = False

    say(rep)

    assert not Notification.objects.exists()


def test_a_line_break_in_a_name_does_not_reach_the_subject(rep):
    say(rep, text="Bea\r\nBcc: all@buyer.example needs your word.")

    assert Mail.objects.get().subject == "Bea Bcc: all@buyer.example needs your word."


def test_a_long_text_is_whole_in_the_mail_and_cut_in_its_subject(rep):
    say(rep, text="word " * 60)

    mail = Mail.objects.get()
    assert (len(mail.subject), mail.subject[-7:], mail.text.count("word")) == (120, "d word…", 60)


def test_what_is_rolled_back_was_never_told(rep):
    with transaction.atomic():
        say(rep)
        transaction.set_rollback(True)

    assert (Notification.objects.count(), Mail.objects.count()) == (0, 0)


def test_many_messages_take_as_many_queries_as_one(rep, queries_for):
    def message(user, number):
        return Message(user=user, kind="reminder", key=f"ladder:{number}", text="…")

    one = queries_for(lambda: tell([message(rep, 1)], at=NOW))
    users = UserFactory.create_batch(20)

    assert queries_for(lambda: tell([message(user, 2) for user in users], at=NOW)) == one
