"""The life of an agreement: who drafts and signs it, when it comes into force, what it supersedes."""

from collections import Counter
from datetime import timedelta

import pytest

from accounts.roles import Role
from funnel.clauses import InvalidArguments
from funnel.errors import NotAllowed
from funnel.models import Agreement, Clause
from funnel.services.agreements import (
    AgreementRefused,
    ClauseTerms,
    Terms,
    bring_agreements_into_force,
    discard_draft,
    draft_agreement,
    draft_next_version,
    edit_draft,
    fingerprint,
    sign_agreement,
)
from funnel.sweep import run_sweep
from tests.factories import NOW, AgreementFactory, TeamFactory, UserFactory

DAY = timedelta(days=1)
SCORE = ClauseTerms(sentence="The score is high enough.", test="score_at_least", arguments={"at_least": 60})
ASKED = ClauseTerms(sentence="Asked to be called.")


@pytest.fixture
def marketer(marketing):
    marketing.can_sign = True
    marketing.save()
    return marketing


@pytest.fixture
def seller(manager):
    manager.can_sign = True
    manager.save()
    return manager


@pytest.fixture
def draft(marketer):
    agreement = draft_agreement(name="MQL to SAL", by=marketer, at=NOW)
    return edit_draft(agreement_id=agreement.pk, terms=Terms(), clauses=[SCORE, ASKED], by=marketer)


def sign(agreement, by, at=NOW):
    return sign_agreement(agreement_id=agreement.pk, by=by, at=at, read=fingerprint(agreement))


def state(agreement):
    return Agreement.objects.values_list("state", "in_force_from", "superseded_at").get(pk=agreement.pk)


# --- drafting -------------------------------------------------------------------------------------------------


def test_a_draft_has_its_terms_and_its_clauses_in_order(draft, marketer):
    terms = Terms(accept_within_minutes=240, country="DE", escalation_shares=(50, 100))

    edit_draft(agreement_id=draft.pk, terms=terms, clauses=[ASKED, SCORE], by=marketer)

    draft.refresh_from_db()
    assert (draft.accept_within_minutes, draft.country, draft.escalation_shares) == (240, "DE", [50, 100])
    assert list(draft.clauses.values_list("number", "sentence", "test", "arguments")) == [
        (1, "Asked to be called.", "", {}),
        (2, "The score is high enough.", "score_at_least", {"at_least": 60}),
    ]


def test_a_clause_that_no_machine_can_judge_is_not_saved(draft, marketer):
    broken = ClauseTerms(sentence="High enough.", test="score_at_least", arguments={})

    with pytest.raises(InvalidArguments):
        edit_draft(agreement_id=draft.pk, terms=Terms(), clauses=[broken], by=marketer)

    assert draft.clauses.count() == 2


@pytest.mark.parametrize("role", [Role.REP, Role.MANAGER])
def test_only_marketing_drafts(draft, role):
    somebody = UserFactory(role=role, can_sign=True)

    for call in (
        lambda: draft_agreement(name="Ours", by=somebody, at=NOW),
        lambda: draft_next_version(draft, by=somebody, at=NOW),
        lambda: edit_draft(agreement_id=draft.pk, terms=Terms(), clauses=[], by=somebody),
        lambda: discard_draft(agreement_id=draft.pk, by=somebody),
    ):
        with pytest.raises(NotAllowed, match="Only marketing drafts agreements"):
            call()

    assert Agreement.objects.count() == 1


def test_the_next_version_begins_as_the_one_before_and_there_is_one_draft_of_it(marketer):
    in_force = AgreementFactory(clauses=["One.", ("Two.", "score_at_least", {"at_least": 5})], attempts_required=4)

    draft = draft_next_version(in_force, by=marketer, at=NOW)

    assert (draft.version, draft.state, draft.attempts_required) == (2, "draft", 4)
    assert list(draft.clauses.values_list("sentence", "arguments")) == [("One.", {}), ("Two.", {"at_least": 5})]
    assert draft_next_version(in_force, by=marketer, at=NOW + DAY) == draft


def test_a_name_is_taken_once(draft, marketer):
    with pytest.raises(AgreementRefused, match="“mql to sal” exists already"):
        draft_agreement(name="mql to sal", by=marketer, at=NOW)


def test_a_draft_is_discarded_until_a_side_has_signed(draft, marketer):
    sign(draft, marketer)
    with pytest.raises(AgreementRefused, match="A side has signed this draft"):
        discard_draft(agreement_id=draft.pk, by=marketer)
    edit_draft(agreement_id=draft.pk, terms=Terms(), clauses=[ASKED], by=marketer)

    discard_draft(agreement_id=draft.pk, by=marketer)

    assert not Agreement.objects.exists()


# --- signing --------------------------------------------------------------------------------------------------


def test_it_is_in_force_once_both_have_signed(draft, marketer, seller):
    sign(draft, marketer)
    assert state(draft) == ("draft", None, None)

    sign(draft, seller, at=NOW + DAY)

    assert state(draft) == ("in_force", NOW + DAY, None)
    assert set(draft.signatures.values_list("side", "user", "at")) == {
        ("marketing", marketer.pk, NOW),
        ("sales", seller.pk, NOW + DAY),
    }


@pytest.mark.parametrize(
    ("role", "can_sign"),
    [(Role.MARKETING, False), (Role.MANAGER, False), (Role.REP, True), (Role.ADMIN, True), (Role.ADMIN, False)],
)
def test_who_has_no_right_to_sign_does_not(draft, role, can_sign):
    with pytest.raises(NotAllowed, match="Agreements are signed by a marketing leader and by a sales manager"):
        sign(draft, UserFactory(role=role, can_sign=can_sign))

    assert not draft.signatures.exists()


def test_a_side_signs_once(draft, marketer):
    sign(draft, marketer)

    with pytest.raises(AgreementRefused, match=r"^Max Marketing has signed it for marketing\.$"):
        sign(draft, UserFactory(role=Role.MARKETING, can_sign=True))


def test_nobody_signs_for_both_sides_though_he_changes_his_role(draft, marketer):
    sign(draft, marketer)
    marketer.role = Role.MANAGER
    marketer.save()

    with pytest.raises(AgreementRefused, match="nobody signs for both"):
        sign(draft, marketer)

    assert state(draft) == ("draft", None, None)


def test_what_was_changed_since_it_was_read_is_not_signed(draft, marketer, seller):
    read = fingerprint(draft)
    edit_draft(agreement_id=draft.pk, terms=Terms(attempts_required=1), clauses=[SCORE, ASKED], by=marketer)

    with pytest.raises(AgreementRefused, match="The draft was changed since you opened it"):
        sign_agreement(agreement_id=draft.pk, by=seller, at=NOW, read=read)

    assert not draft.signatures.exists()


def test_an_edit_takes_a_signature_back(draft, marketer, seller):
    sign(draft, seller)

    edit_draft(agreement_id=draft.pk, terms=Terms(), clauses=[SCORE], by=marketer)

    assert not draft.signatures.exists()
    sign(Agreement.objects.get(pk=draft.pk), marketer)
    assert state(draft)[0] == "draft"


def test_an_agreement_without_clauses_is_not_signed(marketer):
    empty = draft_agreement(name="Empty", by=marketer, at=NOW)

    with pytest.raises(AgreementRefused, match="at least one clause"):
        sign(empty, marketer)


def test_a_signed_version_is_not_drafted_again(draft, marketer, seller):
    sign(draft, marketer)
    sign(draft, seller)

    for call in (
        lambda: edit_draft(agreement_id=draft.pk, terms=Terms(), clauses=[SCORE], by=marketer),
        lambda: discard_draft(agreement_id=draft.pk, by=marketer),
        lambda: sign(draft, marketer),
    ):
        with pytest.raises(AgreementRefused, match="This version is signed and never changes"):
            call()


# --- coming into force ----------------------------------------------------------------------------------------


def test_the_next_version_supersedes_the_one_before(marketer, seller):
    first = AgreementFactory(clauses=["One."])
    second = draft_next_version(first, by=marketer, at=NOW)

    sign(second, marketer)
    sign(second, seller)

    assert state(first) == ("superseded", NOW - 30 * DAY, NOW)
    assert state(second) == ("in_force", NOW, None)


def test_a_version_for_a_later_date_waits_for_it_and_the_sweep_brings_it_into_force(draft, marketer, seller):
    monday = NOW + 5 * DAY
    edit_draft(agreement_id=draft.pk, terms=Terms(in_force_from=monday), clauses=[SCORE], by=marketer)
    draft.refresh_from_db()
    sign(draft, marketer)
    sign(draft, seller)
    assert state(draft) == ("signed", monday, None)

    assert bring_agreements_into_force(now=monday - timedelta(microseconds=1)) == Counter()
    assert run_sweep(now=monday + timedelta(hours=3))["agreements"] == 1

    assert state(draft) == ("in_force", monday, None)
    assert bring_agreements_into_force(now=monday + DAY) == Counter()


def test_a_version_that_waits_gives_way_to_a_later_one(draft, marketer, seller):
    monday = NOW + 5 * DAY
    edit_draft(agreement_id=draft.pk, terms=Terms(in_force_from=monday), clauses=[SCORE], by=marketer)
    draft.refresh_from_db()
    for signer in (marketer, seller):
        sign(draft, signer)
    later = draft_next_version(draft, by=marketer, at=NOW)
    for signer in (marketer, seller):
        sign(later, signer, at=NOW + DAY)

    bring_agreements_into_force(now=monday)

    assert (state(draft)[0], state(later)[0]) == ("superseded", "in_force")


def test_two_agreements_never_govern_the_same_leads(draft, marketer):
    AgreementFactory(name="Another default")

    with pytest.raises(AgreementRefused, match="“Another default, version 1” governs the same leads already"):
        sign(draft, marketer)


def test_agreements_of_different_segments_stand_side_by_side(draft, marketer, seller):
    AgreementFactory(name="Partners", team=TeamFactory())
    AgreementFactory(name="Austria", country="AT")

    sign(draft, marketer)
    sign(draft, seller)

    assert Agreement.objects.filter(state="in_force").count() == 3


def test_remarks_of_a_draft_are_gone_once_it_is_signed(draft, marketer):
    Clause.objects.filter(agreement=draft, number=1).update(remark="To be looked at.")

    sign(draft, marketer)

    assert list(draft.clauses.values_list("remark", flat=True)) == ["", ""]
