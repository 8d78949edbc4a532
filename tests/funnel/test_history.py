"""Imported pasts: the second door, with the same table and relaxed needs."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.principals import SYSTEM
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel import ledger
from funnel.inputs import Past, Status
from funnel.lifecycle import Stage
from funnel.models import Flag, HandOff, Lead, Reason, StageChange
from funnel.services.flags import raise_flags
from funnel.services.past import record_history
from tests.factories import NOW, LeadFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
BEGUN = NOW - 100 * DAY


@pytest.fixture
def lead():
    return LeadFactory(at=BEGUN)


def import_past(lead, outcome, **known):
    (answer,) = record_history([Past(lead=lead, outcome=Stage(outcome), **known)], by=SYSTEM, recorded_at=NOW)
    return answer


def way_of(lead):
    """Each stage entered, on which day after the first contact, and `~` where the date was filled in."""
    rows = StageChange.objects.filter(lead=lead).exclude(old="").order_by("seq")
    return [f"{'~' if row.inferred else ''}{row.new}@{(row.at - BEGUN).days}" for row in rows]


@pytest.mark.parametrize(
    ("outcome", "days", "way"),
    [
        ("won", {"mql_at": 1, "accepted_at": 2, "qualified_at": 5, "closed_at": 9}, "mql@1 sal@2 sql@5 won@9"),
        ("won", {"closed_at": 9}, "~mql@9 ~sal@9 ~sql@9 won@9"),
        ("won", {"mql_at": 3}, "mql@3 ~sal@3 ~sql@3 ~won@3"),
        ("won", {"mql_at": 1, "qualified_at": 5, "closed_at": 9}, "mql@1 ~sal@5 sql@5 won@9"),
        ("lost", {"closed_at": 9}, "~mql@9 ~sal@9 lost@9"),
        ("lost", {"qualified_at": 5, "closed_at": 9}, "~mql@5 ~sal@5 sql@5 lost@9"),
        ("no_decision", {"mql_at": 1, "closed_at": 9}, "mql@1 ~sal@9 no_decision@9"),
        ("disqualified", {"closed_at": 9}, "disqualified@9"),
        ("disqualified", {"mql_at": 1, "closed_at": 9}, "mql@1 disqualified@9"),
        ("nurture", {"closed_at": 9}, "nurture@9"),
        ("nurture", {"accepted_at": 4, "closed_at": 9}, "~mql@4 sal@4 nurture@9"),
        ("mql", {"mql_at": 1}, "mql@1"),
        ("sal", {"accepted_at": 4}, "~mql@4 sal@4"),
        ("sql", {}, "~mql@0 ~sal@0 ~sql@0"),
        ("inquiry", {}, ""),
    ],
)
def test_stages_between_the_known_dates_are_filled_in(lead, outcome, days, way):
    answer = import_past(lead, outcome, **{name: BEGUN + day * DAY for name, day in days.items()})

    assert " ".join(way_of(lead)) == way
    assert Lead.objects.get().stage == outcome
    assert answer.status is (Status.UPDATED if way else Status.UNCHANGED)


def test_a_past_is_written_as_it_happened_and_as_it_was_learned(lead):
    import_past(lead, "won", closed_at=BEGUN + 9 * DAY, amount=Decimal("900.00"), currency="EUR")

    won = StageChange.objects.get(new="won")
    assert (won.at, won.recorded_at, won.imported) == (BEGUN + 9 * DAY, NOW, True)
    event = lead.events.get(kind="lead.won")
    assert (event.at, event.recorded_at, event.data) == (won.at, NOW, {"amount": "900.00", "currency": "EUR"})
    assert ledger.heads([lead.pk])[lead.pk] == lead.events.last().hash


def test_what_history_lacks_is_unknown(lead):
    import_past(lead, "won", closed_at=BEGUN + 9 * DAY)

    assert Lead.objects.values_list("amount", "currency").get() == (None, "")
    assert lead.events.get(kind="lead.won").data == {"amount": None, "currency": ""}


def test_an_imported_hand_off_is_governed_by_the_imported_agreement(lead, signed_agreement):
    import_past(lead, "lost", closed_at=BEGUN + 9 * DAY, reason=Reason.objects.get(slug="lost_price"))

    hand_off = HandOff.objects.get()
    assert (hand_off.imported, hand_off.agreement.state, hand_off.outcome) == (True, "imported", "lost")
    assert (hand_off.opened_at, hand_off.ended_at) == (BEGUN + 9 * DAY, BEGUN + 9 * DAY)
    assert StageChange.objects.get(new="lost").reason.slug == "lost_price"


def test_the_owner_of_the_file_owns_the_lead(lead, rep):
    import_past(lead, "sal", accepted_at=BEGUN + DAY, owner=rep)

    assert Lead.objects.values_list("owner", "team").get() == (rep.pk, rep.team_id)
    assert lead.events.get(kind="lead.assigned").data == {"owner": rep.pk, "rule": "import"}


@pytest.mark.parametrize(
    ("known", "field", "problem"),
    [
        ({"mql_at": -1}, "mql_at", "MQL on 2025-11-23 10:00 UTC, before its first contact on 2025-11-24 10:00 UTC."),
        (
            {"mql_at": 5, "accepted_at": 4},
            "accepted_at",
            "SAL on 2025-11-28 10:00 UTC, before it became MQL on 2025-11-29 10:00 UTC.",
        ),
        (
            {"qualified_at": 5, "closed_at": 4},
            "closed_at",
            "Won on 2025-11-28 10:00 UTC, before it became SQL on 2025-11-29 10:00 UTC.",
        ),
    ],
)
def test_a_date_that_contradicts_the_order_of_stages_is_refused(lead, known, field, problem):
    before = list(Lead.objects.values())

    answer = import_past(lead, "won", **{name: BEGUN + day * DAY for name, day in known.items()})

    assert (answer.status, answer.field, answer.problem) == (Status.REJECTED, field, problem)
    assert (list(Lead.objects.values()), way_of(lead)) == (before, [])


def test_one_refused_past_does_not_keep_the_others_out(lead):
    other = LeadFactory(at=BEGUN)
    pasts = [
        Past(lead=lead, outcome=Stage.WON, closed_at=BEGUN - DAY),
        Past(lead=other, outcome=Stage.WON, closed_at=BEGUN + DAY),
    ]

    answers = record_history(pasts, by=SYSTEM, recorded_at=NOW)

    assert [answer.status for answer in answers] == [Status.REJECTED, Status.UPDATED]
    assert list(Lead.objects.order_by("pk").values_list("stage", flat=True)) == ["inquiry", "won"]


def test_the_same_past_again_changes_nothing(lead, rep):
    known = {"closed_at": BEGUN + 9 * DAY, "amount": Decimal(900), "currency": "EUR", "owner": rep}
    import_past(lead, "won", **known)
    before = list(Lead.objects.values())

    answer = import_past(lead, "won", **known)

    assert answer.status is Status.UNCHANGED
    assert list(Lead.objects.values()) == before


def test_a_past_behind_the_present_changes_nothing(rep):
    lead = LeadFactory(qualified=True, owner=rep)

    assert import_past(lead, "sal", accepted_at=NOW).status is Status.UNCHANGED


def test_a_closed_lead_is_not_opened_by_a_file(lead):
    import_past(lead, "won", closed_at=BEGUN + DAY)

    answer = import_past(lead, "lost", closed_at=BEGUN + 2 * DAY)

    assert (answer.status, answer.field) == (Status.REJECTED, "outcome")
    assert answer.problem == "It is Won already; correct that on its page first."


def test_an_amount_not_known_until_now_is_completed(lead):
    import_past(lead, "won", closed_at=BEGUN + DAY)

    answer = import_past(lead, "won", amount=Decimal(900), currency="EUR")

    assert answer.status is Status.UPDATED
    assert Lead.objects.values_list("amount", "currency").get() == (Decimal(900), "EUR")
    assert lead.events.last().data == {"fields": ["amount", "currency"]}


def test_what_sales_said_of_a_deal_is_not_overwritten_by_a_file(rep):
    lead = LeadFactory(won=True, owner=rep)

    answer = import_past(lead, "won", amount=Decimal(5), currency="USD")

    assert answer.status is Status.UNCHANGED
    assert Lead.objects.values_list("amount", "currency").get() == (Decimal(12000), "EUR")


def test_an_import_again_does_not_take_back_a_reassignment(lead, rep):
    import_past(lead, "sal", accepted_at=BEGUN + DAY, owner=rep)
    other = UserFactory()
    Lead.objects.update(owner=other)

    answer = import_past(lead, "sal", accepted_at=BEGUN + DAY, owner=rep)

    assert (answer.status, Lead.objects.get().owner) == (Status.UNCHANGED, other)


def test_an_amount_without_a_currency_is_refused_and_the_others_are_written(lead):
    other = LeadFactory(at=BEGUN)
    pasts = [
        Past(lead=lead, outcome=Stage.WON, amount=Decimal(5)),
        Past(lead=other, outcome=Stage.WON, closed_at=BEGUN + DAY),
    ]

    answers = record_history(pasts, by=SYSTEM, recorded_at=NOW)

    assert [(answer.status, answer.field) for answer in answers] == [
        (Status.REJECTED, "currency"),
        (Status.UPDATED, ""),
    ]


# --- clocks and episodes --------------------------------------------------------------------------------------


def test_what_is_overdue_is_flagged_from_its_true_deadline(lead):
    import_past(lead, "mql", mql_at=BEGUN)

    raise_flags(now=NOW)

    assert Flag.objects.values_list("kind", "clock", "due_at").get() == ("black_hole", "accept", BEGUN + DAY)


def test_a_later_import_of_the_outcome_voids_the_inferred_episode(lead):
    import_past(lead, "mql", mql_at=BEGUN)
    raise_flags(now=NOW)

    import_past(lead, "won", closed_at=BEGUN + 9 * DAY)

    assert Flag.objects.values_list("voided", "cleared_at").get() == (True, NOW)


def test_the_episode_of_a_live_hand_off_ends_and_is_not_voided(rep):
    lead = LeadFactory(handed_off=True, owner=rep, at=NOW - 10 * DAY)
    raise_flags(now=NOW)

    import_past(lead, "sal", accepted_at=NOW - DAY)

    assert Flag.objects.values_list("voided", "cleared_at").get() == (False, NOW)


def test_an_imported_lead_goes_on_as_a_live_one(lead, rep):
    import_past(lead, "sal", accepted_at=NOW - DAY, owner=rep)

    record_disposition(lead_id=lead.pk, statement=Statement(outcome=Outcome.VOICEMAIL), by=rep.principal, at=NOW + DAY)

    worked = Lead.objects.get()
    assert (worked.hand_off.attempts, worked.due_clock) == (1, "disposition")


def test_a_batch_costs_no_more_queries_for_ten_pasts_than_for_two(queries_for):
    def batch(size):
        leads = LeadFactory.create_batch(size, at=BEGUN)
        return [Past(lead=lead, outcome=Stage.WON, closed_at=BEGUN + DAY) for lead in leads]

    record_history(batch(1), by=SYSTEM, recorded_at=NOW)  # makes the imported agreement
    two, ten = batch(2), batch(10)
    few = queries_for(lambda: record_history(two, by=SYSTEM, recorded_at=NOW))

    assert queries_for(lambda: record_history(ten, by=SYSTEM, recorded_at=NOW)) == few
