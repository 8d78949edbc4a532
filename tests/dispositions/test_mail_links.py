"""What happened, said from the mailbox: looking records nothing, one click records it, and each link works once."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Mail
from accounts.models import Mails as Wish
from dispositions.mail_links import MailLink, links_for
from dispositions.models import Disposition, UsedLink
from dispositions.outcomes import Outcome
from dispositions.services.mail_links import LinkOver, LinkRefused, answer_by_link
from dispositions.services.record import Statement, record_disposition
from dispositions.services.undo import undo_disposition
from dispositions.views import mail_links as views
from funnel.lifecycle import Move, Stage
from funnel.models import Lead, Reason
from funnel.services.flags import raise_flags
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from funnel.services.reassign import reassign_lead
from tests.factories import NOW, LeadFactory, UserFactory

HALF = NOW + timedelta(hours=4)
DAY = timedelta(days=1)


@pytest.fixture
def clock(monkeypatch):
    """The time at which a page is asked for; a test may set it."""

    class Clock:
        at = HALF

        def now(self):
            return self.at

    clock = Clock()
    monkeypatch.setattr(views, "timezone", clock)
    return clock


@pytest.fixture
def lead(rep, manager, clock):
    return LeadFactory(handed_off=True, owner=rep, first_name="Bea", last_name="Buyer")


@pytest.fixture
def link(lead, rep):
    def make(outcome=Outcome.ACCEPT, **differing):
        return MailLink(
            **{
                "user_id": rep.pk,
                "lead_id": lead.pk,
                "outcome": outcome,
                "due": int(lead.due_at.timestamp()),
                "expires": int((HALF + 3 * DAY).timestamp()),
            }
            | differing
        )

    return make


def address(link):
    return f"/mail/{link.token}/"


def say(lead, user, outcome=Outcome.ACCEPT, at=HALF):
    return record_disposition(lead_id=lead.pk, statement=Statement(outcome=outcome), by=user.principal, at=at)


# --- in the mail ----------------------------------------------------------------------------------------------


def labels_in(mail):
    return re.findall(r"^(.+):\nhttp", mail.text, re.MULTILINE)


def test_a_reminder_has_a_link_for_each_outcome_of_one_click_and_the_lead(lead):
    raise_flags(now=HALF)

    assert labels_in(Mail.objects.get()) == [
        "Accept",
        "No answer",
        "Voicemail",
        "E-mail sent",
        "Conversation",
        "Open the lead",
    ]


def test_once_accepted_there_is_nothing_to_accept(lead, rep):
    say(lead, rep, at=NOW)

    found = links_for(Lead.objects.get(), rep, NOW)

    assert [one.label for one in found] == ["No answer", "Voicemail", "E-mail sent", "Conversation"]


def test_a_link_of_the_mail_works(lead, settings):
    raise_flags(now=HALF)
    path = re.search(r"No answer:\n" + re.escape(settings.BASE_URL) + r"(\S+)", Mail.objects.get().text)[1]

    assert Client().post(path).status_code == 200
    assert Disposition.objects.get().outcome == "no_answer"


@pytest.mark.parametrize("wish", [Wish.DAILY, Wish.NEVER])
def test_who_wants_no_mail_at_once_gets_no_links(lead, rep, wish):
    rep.mails = wish
    rep.save()

    raise_flags(now=HALF)

    assert not Mail.objects.exists()


def test_a_manager_looks_at_the_lead_first(lead, manager):
    raise_flags(now=NOW + DAY)

    assert "/mail/" not in Mail.objects.get(to=manager.email).text


def test_a_token_holds_no_name(link):
    assert re.fullmatch(r"\d+-\d+-accept-[0-9a-f]+-[0-9a-f]+\.[\w-]+", link().token)


# --- looking --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_records_nothing(lead, link, method):
    response = getattr(Client(), method)(address(link()))

    assert response.status_code == 200
    assert (Disposition.objects.count(), UsedLink.objects.count()) == (0, 0)
    assert Lead.objects.get().stage == Stage.MQL


def test_the_page_says_what_will_happen_and_nothing_more_of_the_lead(lead, link):
    text = Client().get(address(link(Outcome.NO_ANSWER))).text

    assert "Bea Buyer" in text
    assert "moves from MQL to SAL" in text
    assert "so far 0 of the agreed 7 count" in text
    assert "Recorded as Rita Rep" in text
    assert lead.email not in text


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_address_is_kept_from_others(lead, link, method):
    response = getattr(Client(), method)(address(link()))

    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_the_form_of_another_site_is_refused(lead, link):
    response = Client(enforce_csrf_checks=True).post(address(link()))

    assert response.status_code == 403
    assert not Disposition.objects.exists()


# --- the click ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [Outcome.ACCEPT, Outcome.VOICEMAIL, Outcome.EMAIL_SENT, Outcome.CONVERSATION])
def test_the_button_records_what_the_link_says_for_its_reader(lead, link, rep, outcome):
    response = Client().post(address(link(outcome)))

    said = Disposition.objects.get()
    assert response.status_code == 200
    assert (said.outcome, said.by, said.at) == (outcome, rep, HALF)
    assert Lead.objects.get().stage == Stage.SAL
    assert f"/dispositions/{said.pk}/take-back/" in response.text


def test_somebody_elses_session_changes_nothing(lead, link, rep, manager_client):
    manager_client.post(address(link()))

    assert Disposition.objects.get().by == rep


def test_a_link_works_once(lead, link):
    Client().post(address(link()))

    again = Client().post(address(link()))

    assert again.status_code == 410
    assert "“Accept” was recorded on Wed 4 Mar, 14:00" in again.text
    assert Disposition.objects.count() == 1


def test_taken_back_it_stays_used(lead, link, rep):
    Client().post(address(link()))
    undo_disposition(disposition_id=Disposition.objects.get().pk, by=rep.principal, at=HALF)

    assert Client().post(address(link())).status_code == 410
    assert Client().post(address(link(Outcome.NO_ANSWER))).status_code == 200


def test_of_two_clicks_at_once_one_records_it(at_once, transactional_db):
    rep = UserFactory()
    lead = LeadFactory(handed_off=True, owner=rep)
    link = MailLink(rep.pk, lead.pk, Outcome.NO_ANSWER, int(lead.due_at.timestamp()), int(NOW.timestamp()) + 99)

    answers = at_once(*[lambda: answer_by_link(link, rep, at=NOW)] * 4)

    assert sorted(type(one).__name__ for one in answers) == ["Disposition", "LinkOver", "LinkOver", "LinkOver"]
    assert (Disposition.objects.count(), UsedLink.objects.count()) == (1, 1)


def test_what_cannot_be_recorded_leaves_the_link_unused(lead, link, rep):
    rep.role = "marketing"
    rep.save()

    assert Client().post(address(link())).status_code == 409
    assert not UsedLink.objects.exists()


# --- links that do nothing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda link: link().token[:-1], 404),
        (lambda link: link().token.replace("accept", "conversation"), 404),
        (lambda link: "nonsense", 404),
        (lambda link: link(expires=int(HALF.timestamp())).token, 410),
        (lambda link: link(user_id=987654).token, 410),
        (lambda link: link(lead_id=987654).token, 409),
    ],
)
def test_a_bad_link_says_so_and_records_nothing(lead, link, method, spoil, status):
    response = getattr(Client(), method)(f"/mail/{spoil(link)}/")

    assert response.status_code == status
    assert "Nothing was recorded" in response.text
    assert not Disposition.objects.exists()


def test_who_has_left_says_nothing_any_more(lead, link, rep):
    rep.is_active = False
    rep.save()

    assert Client().post(address(link())).status_code == 410


def test_where_the_lead_has_moved_on_the_page_says_who_did_what(lead, link, manager):
    say(lead, manager)

    response = Client().post(address(link(Outcome.NO_ANSWER)))

    assert response.status_code == 409
    assert "Mia Manager recorded “Accept” on Wed 4 Mar, 14:00. The lead is SAL now." in response.text
    assert f"/leads/{lead.pk}/" in response.text
    assert Disposition.objects.count() == 1


def test_where_marketing_has_taken_it_back_the_page_names_them(lead, link, marketing, rep):
    details = MoveDetails(reason=Reason.objects.get(slug="duplicate"))
    move_lead(lead_id=lead.pk, to=Stage.INQUIRY, move=Move.WITHDRAW, by=marketing.principal, at=HALF, details=details)
    Lead.objects.update(owner=rep)

    response = Client().get(address(link()))

    assert (response.status_code, "Max Marketing changed this lead" in response.text) == (409, True)


def test_of_a_lead_in_another_team_the_page_tells_nothing(lead, link, eastern_rep, admin):
    reassign_lead(lead_id=lead.pk, to=eastern_rep, by=admin.principal, at=HALF)

    response = Client().get(address(link()))

    assert response.status_code == 409
    assert "Buyer" not in response.text
    assert "Emil" not in response.text


def test_a_lead_in_the_pool_is_nobodys_to_answer_for(lead, link, rep):
    Lead.objects.update(owner=None)

    response = Client().get(address(link()))

    assert (response.status_code, "in the pool of its team" in response.text) == (409, True)


def test_an_edit_of_the_lead_spoils_no_link(lead, link):
    Lead.objects.update(version=lead.version + 1)

    assert Client().post(address(link())).status_code == 200


def test_the_service_says_why(lead, link, rep):
    answer_by_link(link(), rep, at=HALF)

    with pytest.raises(LinkRefused) as refused:
        answer_by_link(link(), rep, at=HALF)

    assert isinstance(refused.value, LinkOver)


# --- taking it back -------------------------------------------------------------------------------------------


def test_its_author_finds_the_undo_after_logging_in(lead, rep, rep_client):
    said = say(lead, rep)

    page = rep_client.get(f"/dispositions/{said.pk}/take-back/")

    assert f'action="/dispositions/{said.pk}/undo/"' in page.text
    assert Disposition.objects.count() == 1


def test_anothers_outcome_is_not_ones_own_to_take_back(lead, rep, manager_client):
    said = say(lead, rep)

    assert manager_client.get(f"/dispositions/{said.pk}/take-back/").status_code == 404
