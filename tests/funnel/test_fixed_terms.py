"""What was signed, and what a hand-off began with, is changed by no way into the database."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from funnel.lifecycle import Stage
from funnel.models import Agreement, Clause, HandOff, Signature
from funnel.models.agreements import ERASED
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from tests.factories import NOW, AgreementFactory, LeadFactory, UserFactory

TERMS = {
    "name": "Other",
    "version": 7,
    "accept_within_minutes": 1,
    "first_attempt_within_minutes": 1,
    "attempts_required": 1,
    "attempts_within_days": 1,
    "channels_required": 1,
    "country": "FR",
    "escalation_shares": [1],
    "reassigns": True,
    "created_at": NOW,
    "in_force_from": NOW,
}


@pytest.fixture
def signed(db):
    return AgreementFactory(clauses=["One.", "Two."])


@pytest.fixture
def hand_off(rep, signed):
    return LeadFactory(handed_off=True, owner=rep).hand_off


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def refused(call, match="never changed"):
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        call()


def rows():
    models = (Agreement, Clause, Signature, HandOff)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("column", TERMS)
@pytest.mark.parametrize("state", ["in_force", "superseded"])
def test_no_term_of_a_signed_version_is_changed(db, column, state):
    agreement = AgreementFactory(clauses=["One."], state=state)
    before = rows()

    refused(lambda: Agreement.objects.filter(pk=agreement.pk).update(**{column: TERMS[column]}))

    assert rows() == before


def test_nor_by_saving_it_or_by_sql(signed):
    signed.attempts_required = 1

    refused(signed.save)
    refused(lambda: sql("UPDATE funnel_agreement SET attempts_required = 1"))
    refused(lambda: sql("UPDATE funnel_agreement SET attempts_required = attempts_required + 1, state = 'superseded'"))


@pytest.mark.parametrize(
    "call",
    [
        lambda: Clause.objects.update(sentence="Anything goes."),
        lambda: Clause.objects.first().delete(),
        lambda: Clause.objects.create(agreement=Agreement.objects.get(), number=3, sentence="Three."),
        lambda: Signature.objects.filter(side="sales").delete(),
        lambda: Signature.objects.create(agreement=Agreement.objects.get(), side="third", user=UserFactory(), at=NOW),
        lambda: sql("UPDATE funnel_clause SET arguments = '{}', test = 'score_at_least'"),
        lambda: sql("DELETE FROM funnel_clause"),
        lambda: sql("DELETE FROM funnel_signature"),
        lambda: Agreement.objects.all()._raw_delete("default"),
    ],
)
def test_no_clause_and_no_signature_of_a_signed_version_is_changed(signed, call):
    before = rows()

    refused(call)

    assert rows() == before


def test_a_signature_is_never_changed(signed):
    refused(lambda: Signature.objects.update(at=NOW), match="a signature is never changed")
    refused(lambda: sql("UPDATE funnel_signature SET user_id = user_id"), match="a signature is never changed")


def test_a_clause_is_not_moved_into_a_signed_version(signed):
    draft = AgreementFactory(state="draft", clauses=["One."])

    refused(lambda: Clause.objects.filter(agreement=draft).update(agreement=signed, number=9))


def test_once_one_side_has_signed_the_draft_is_fixed_too(db):
    draft = AgreementFactory(state="draft", clauses=["One."])
    Signature.objects.create(agreement=draft, side="sales", user=UserFactory(), at=NOW)

    refused(lambda: Agreement.objects.filter(pk=draft.pk).update(attempts_required=1))
    refused(lambda: Agreement.objects.filter(pk=draft.pk).update(in_force_from=NOW))
    refused(lambda: draft.clauses.update(sentence="Anything goes."))

    draft.signatures.all().delete()
    assert draft.clauses.update(sentence="Better.") == 1


@pytest.mark.parametrize("state", ["in_force", "signed", "superseded"])
def test_an_agreement_begins_as_a_draft(db, state):
    refused(
        lambda: Agreement.objects.create(name="Forged", version=1, state=state, created_at=NOW, in_force_from=NOW),
        match="begins as a draft",
    )


@pytest.mark.parametrize("signatures", [0, 1])
def test_without_both_signatures_nothing_comes_into_force(db, signatures):
    draft = AgreementFactory(state="draft", clauses=["One."])
    Signature.objects.bulk_create(
        Signature(agreement=draft, side="sales", user=UserFactory(), at=NOW) for _ in range(signatures)
    )

    refused(
        lambda: Agreement.objects.filter(pk=draft.pk).update(state="in_force", in_force_from=NOW),
        match="only when both sides have signed",
    )


@pytest.mark.parametrize(
    ("state", "next_state"),
    [("in_force", "draft"), ("in_force", "signed"), ("superseded", "in_force"), ("superseded", "draft")],
)
def test_an_agreement_never_goes_back(db, state, next_state):
    agreement = AgreementFactory(state=state, clauses=["One."])

    refused(lambda: Agreement.objects.filter(pk=agreement.pk).update(state=next_state), match="never becomes a draft")


def test_a_version_in_force_is_superseded_once(signed):
    Agreement.objects.filter(pk=signed.pk).update(state="superseded", superseded_at=NOW)

    refused(lambda: Agreement.objects.filter(pk=signed.pk).update(superseded_at=NOW + timedelta(days=1)))


def test_nobody_signs_for_both_sides(db):
    draft = AgreementFactory(state="draft", clauses=["One."])
    user = UserFactory()
    Signature.objects.create(agreement=draft, side="sales", user=user, at=NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        Signature.objects.create(agreement=draft, side="marketing", user=user, at=NOW)


# --- hand-offs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"number": 2},
        {"opened_at": NOW - timedelta(days=1)},
        {"imported": True},
        {"clause_results": [{"number": 1, "met": False}]},
        {"override_reason": "Because."},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_a_hand_off_began_with_is_fixed(hand_off, values):
    before = rows()

    refused(lambda: HandOff.objects.update(**values))
    assert rows() == before


def test_a_hand_off_stays_with_its_lead_and_its_agreement(hand_off, rep):
    other_lead = LeadFactory(owner=rep)
    other_agreement = AgreementFactory(country="FR")

    refused(lambda: HandOff.objects.update(lead=other_lead))
    refused(lambda: sql(f"UPDATE funnel_handoff SET agreement_id = {other_agreement.pk}"))


def test_a_hand_off_is_never_deleted(hand_off):
    refused(lambda: sql("DELETE FROM funnel_handoff"), match="a hand-off is never deleted")


def test_how_a_hand_off_goes_on_is_written(hand_off):
    assert HandOff.objects.update(attempts=3, accepted_at=NOW) == 1


def test_the_words_of_an_override_can_be_erased_but_not_that_there_were_any(rep, marketing):
    AgreementFactory(clauses=[("Score.", "score_at_least", {"at_least": 60})])
    lead = LeadFactory(owner=rep)

    details = MoveDetails(override_reason="Their CEO called.")
    move_lead(lead_id=lead.pk, to=Stage.MQL, by=marketing.principal, at=NOW, details=details)

    refused(lambda: HandOff.objects.update(override_reason=""))
    refused(lambda: HandOff.objects.update(override_reason="Another."))
    assert HandOff.objects.update(override_reason=ERASED) == 1


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["funnel_agreement", "funnel_clause", "funnel_signature", "funnel_handoff"])
def test_none_of_it_is_truncated(hand_off, table):
    def truncate():
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql(f"TRUNCATE {table} CASCADE")

    refused(truncate, match="append-only")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        "UPDATE OR REPLACE {table} SET id = id + 1000",
    ],
)
@pytest.mark.parametrize("table", ["funnel_agreement", "funnel_clause", "funnel_signature", "funnel_handoff"])
def test_nothing_of_it_is_replaced(hand_off, table, statement):
    """SQLite could, past the triggers of DELETE; PostgreSQL has no words for it."""
    before = rows()

    refused(lambda: sql(statement.format(table=table)), match="begins as a draft|never|syntax error")

    assert rows() == before
