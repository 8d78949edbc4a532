"""Marketing develops a lead by hand: touches, what they taught, the next step, and taking a slip back."""

from datetime import timedelta

import pytest

from funnel.errors import MissingNeeds, NotAllowed, StaleVersion
from funnel.lifecycle import Stage
from funnel.models import Evidence, Flag, Lead, LeadEvent, LeadText, Reason, Touch
from funnel.services.develop import learn, log_touch, remove_touch, sleep_until
from funnel.services.flags import raise_flags
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from tests.factories import NOW, LeadFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def inquiry():
    return LeadFactory()


@pytest.fixture
def nurtured(marketing):
    """Parked until ten days from now."""
    lead = LeadFactory()
    details = MoveDetails(reason=Reason.objects.get(slug="bad_timing"), wake_at=NOW + 10 * DAY)
    move_lead(lead_id=lead.pk, to=Stage.NURTURE, by=marketing.principal, at=NOW, details=details)
    return Lead.objects.get(pk=lead.pk)


def call(lead, marketing, at=NOW + DAY, **given):
    return log_touch(lead_id=lead.pk, kind=Touch.Kind.CALL, by=marketing.principal, at=at, **given)


WAITING = ("due_at", "due_clock", "wake_at", "woken_at", "next_action_at", "last_touch_at")


def waiting(lead):
    return Lead.objects.filter(pk=lead.pk).values_list(*WAITING).get()


# --- logging ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["call", "voicemail", "email", "direct_mail"])
def test_a_touch_by_hand_is_kept_with_who_made_it(kind, inquiry, marketing):
    log_touch(lead_id=inquiry.pk, kind=Touch.Kind(kind), by=marketing.principal, at=NOW + DAY, subject="Fair in May")

    touch = Touch.objects.get(by=marketing)
    assert (touch.kind, touch.at, touch.subject, touch.channel.slug) == (kind, NOW + DAY, "Fair in May", "nurture")


def test_a_touch_by_hand_restarts_the_touch_clock_and_raises_neither_version_nor_ledger(inquiry, marketing):
    call(inquiry, marketing)

    lead = Lead.objects.get()
    assert (lead.last_touch_at, lead.due_at) == (NOW + DAY, NOW + 31 * DAY)
    assert (lead.version, lead.ledger_seq) == (inquiry.version, inquiry.ledger_seq)


def test_what_was_learned_in_it_is_evidence_and_a_note_that_sales_reads(inquiry, marketing):
    call(inquiry, marketing, evidence={"pain": "Picks by paper", "budget": " "}, learned="Call after the fair.")

    evidence = Evidence.objects.get()
    assert (evidence.attribute, evidence.text, evidence.learned_by) == ("pain", "Picks by paper", marketing)
    assert LeadText.objects.values_list("kind", "text", "by").get() == ("learned", "Call after the fair.", marketing.pk)
    assert LeadEvent.objects.filter(kind="lead.noted").count() == 1


def test_a_lead_in_nurture_sleeps_until_the_next_step(nurtured, marketing):
    raise_flags(now=NOW + 11 * DAY)

    call(nurtured, marketing, at=NOW + 12 * DAY, next_at=NOW + 15 * DAY)

    lead = Lead.objects.get()
    assert (lead.wake_at, lead.next_action_at, lead.due_at, lead.woken_at) == (
        *(NOW + 15 * DAY,) * 3,
        None,
    )
    assert Flag.objects.get().cleared_at == NOW + 12 * DAY


def test_an_inquiry_keeps_its_clock_beside_the_next_step(inquiry, marketing):
    call(inquiry, marketing, next_at=NOW + 3 * DAY)

    lead = Lead.objects.get()
    assert (lead.next_action_at, lead.due_clock, lead.due_at) == (NOW + 3 * DAY, "touch", NOW + 31 * DAY)


def test_a_hand_off_forgets_marketings_next_step(inquiry, marketing, signed_agreement):
    call(inquiry, marketing, next_at=NOW + 3 * DAY)

    move_lead(lead_id=inquiry.pk, to=Stage.MQL, by=marketing.principal, at=NOW + 2 * DAY)

    assert Lead.objects.get().next_action_at is None


@pytest.mark.parametrize(
    ("given", "refused"),
    [({"next_at": NOW}, "future"), ({"evidence": {"shoe_size": "43"}}, "not an attribute")],
)
def test_a_touch_that_says_something_impossible_is_not_kept(given, refused, inquiry, marketing):
    with pytest.raises(MissingNeeds, match=refused):
        call(inquiry, marketing, **given)

    assert not Touch.objects.filter(by=marketing).exists()


def test_only_marketing_develops_leads(rep):
    lead = LeadFactory(owner=rep)

    with pytest.raises(NotAllowed, match="Only marketing"):
        call(lead, rep)


def test_a_lead_that_sales_has_by_now_is_not_touched(rep, marketing):
    lead = LeadFactory(handed_off=True, owner=rep)

    with pytest.raises(StaleVersion, match="it is now MQL"):
        call(lead, marketing)


def test_what_was_learned_without_a_touch_is_kept_too(inquiry, marketing):
    kept = learn(lead_id=inquiry.pk, by=marketing.principal, at=NOW, evidence={"budget": "40k"})

    assert kept == 1
    with pytest.raises(MissingNeeds, match="Say what was learned"):
        learn(lead_id=inquiry.pk, by=marketing.principal, at=NOW, evidence={"pain": ""})


# --- sleeping -----------------------------------------------------------------------------------------------


def test_a_lead_sleeps_until_the_date_it_is_given(nurtured, marketing):
    sleep_until(lead_id=nurtured.pk, until=NOW + 60 * DAY, by=marketing.principal, at=NOW + DAY)

    lead = Lead.objects.get()
    assert (lead.wake_at, lead.due_at, lead.version) == (NOW + 60 * DAY, NOW + 60 * DAY, nurtured.version + 1)


def test_an_inquiry_is_parked_instead(inquiry, marketing):
    with pytest.raises(NotAllowed, match="parked in nurture"):
        sleep_until(lead_id=inquiry.pk, until=NOW + DAY, by=marketing.principal, at=NOW)


# --- taking it back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("next_at", [None, NOW + 20 * DAY])
@pytest.mark.parametrize("at", [NOW + DAY, NOW + 12 * DAY], ids=["asleep", "awake"])
def test_a_touch_taken_back_leaves_a_nurtured_lead_as_it_was(nurtured, marketing, at, next_at):
    raise_flags(now=at)
    before = waiting(nurtured)

    touch = call(nurtured, marketing, at=at, next_at=next_at, evidence={"pain": "Paper"}, learned="Hm.")
    remove_touch(touch_id=touch.pk, by=marketing.principal, at=at + timedelta(minutes=15))

    assert waiting(nurtured) == before
    assert not Touch.objects.filter(by=marketing).exists()
    assert not Evidence.objects.exists()
    assert not LeadText.objects.exists()
    assert Flag.objects.filter(cleared_at=None).count() == (at > NOW + 10 * DAY)


def test_a_touch_taken_back_leaves_a_stale_inquiry_stale(inquiry, marketing):
    at = NOW + 40 * DAY
    raise_flags(now=at)
    before = waiting(inquiry)

    touch = call(inquiry, marketing, at=at, next_at=at + 3 * DAY)
    remove_touch(touch_id=touch.pk, by=marketing.principal, at=at + timedelta(minutes=1))

    assert waiting(inquiry) == before
    assert Flag.objects.get().cleared_at is None
    assert raise_flags(now=at + DAY).total() == 0


def test_a_step_planned_since_stays_when_the_touch_is_taken_back(nurtured, marketing):
    touch = call(nurtured, marketing, next_at=NOW + 20 * DAY)
    sleep_until(lead_id=nurtured.pk, until=NOW + 60 * DAY, by=marketing.principal, at=NOW + DAY + timedelta(minutes=5))

    remove_touch(touch_id=touch.pk, by=marketing.principal, at=NOW + DAY + timedelta(minutes=9))

    assert Lead.objects.get().wake_at == NOW + 60 * DAY


def test_nobody_takes_back_an_old_touch_or_anothers(inquiry, marketing):
    touch = call(inquiry, marketing)
    colleague = UserFactory(role="marketing", team=None)

    with pytest.raises(NotAllowed, match="15 minutes"):
        remove_touch(touch_id=touch.pk, by=marketing.principal, at=touch.at + timedelta(minutes=16))
    with pytest.raises(NotAllowed, match="Only who logged"):
        remove_touch(touch_id=touch.pk, by=colleague.principal, at=touch.at)
    assert Touch.objects.filter(pk=touch.pk).exists()
