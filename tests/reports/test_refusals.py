from datetime import timedelta

import pytest

from dispositions.models import Disposition, Dispute, Verdict
from dispositions.outcomes import Outcome
from dispositions.services.disputes import vote
from dispositions.services.undo import undo_disposition
from reports.behind import leads_behind
from reports.engine import find_entry
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import computed, headline, line, say

DAY = timedelta(days=1)


def refused(rep, reason="no_need", *, at=NOW, **more):
    lead = LeadFactory(handed_off=True, owner=rep)
    say(lead, rep, Outcome.REFUSE, reason=reason, at=at, **more)
    return lead


def test_refusals_are_counted_by_each_clause_they_cite(marketing, rep, signed_agreement):
    refused(rep, failed_clauses=[1])
    refused(rep, failed_clauses=[1, 2])
    refused(rep, "student")

    report = computed("refusals", marketing)

    counted = {one["clause"].partition(".")[2]: one["refusals"] for one in report.rows}
    assert counted == {"1": 2, "2": 1, "": 1}
    assert report.totals[0]["refusals"] == 3


def test_what_was_taken_back_was_never_refused(marketing, rep, signed_agreement):
    refused(rep, failed_clauses=[1])
    undo_disposition(disposition_id=Disposition.objects.latest("id").pk, by=rep.principal, at=NOW)

    report = computed("refusals", marketing, by="reason")

    assert report.rows == ()


def test_acceptance_is_of_those_answered_with_yes_or_no(marketing, rep, signed_agreement):
    refused(rep, failed_clauses=[1])
    for _ in range(3):
        LeadFactory(accepted=True, owner=rep)
    LeadFactory(handed_off=True, owner=rep)

    row = line(computed("refusals", marketing, by="agreement"), agreement=str(signed_agreement.pk))

    assert (row["hand_offs"], row["accepted"], row["refusals"], row["acceptance"]) == (5, 3, 1, 0.75)


@pytest.fixture
def dispute(rep, signed_agreement):
    refused(rep, failed_clauses=[1])
    disposition = Disposition.objects.get(outcome=Outcome.REFUSE)
    return Dispute.objects.create(
        disposition=disposition, hand_off=disposition.hand_off, opened_at=NOW, decide_at=NOW + 5 * DAY
    )


def settle(dispute, agreement, verdict, at):
    for signature in agreement.signatures.select_related("user"):
        vote(dispute_id=dispute.pk, verdict=verdict, by=signature.user, at=at)


def test_an_overruled_refusal_shows_that_marketing_was_right(marketing, dispute, signed_agreement):
    settle(dispute, signed_agreement, Verdict.OVERRULED, NOW + DAY)

    report = computed("refusals", marketing, now=NOW + 2 * DAY)

    assert {key: headline(report)[key] for key in ("refusals", "disputed", "overruled", "upheld")} == {
        "refusals": 1,
        "disputed": 1,
        "overruled": 1,
        "upheld": 0,
    }


def test_as_of_a_past_day_a_dispute_settled_since_is_open(marketing, dispute, signed_agreement):
    settle(dispute, signed_agreement, Verdict.UPHELD, NOW + 2 * DAY)

    then = computed("refusals", marketing, now=NOW + 9 * DAY, as_of=NOW.date().isoformat())

    assert (then.totals[0]["open"], then.totals[0]["upheld"]) == (1, 0)


def test_a_clause_opens_the_leads_whose_refusal_cites_it(marketing, rep, signed_agreement):
    both, one = refused(rep, failed_clauses=[1, 2]), refused(rep, failed_clauses=[1])
    entry = find_entry("refusals", marketing.principal)

    def behind(number):
        row = f"{signed_agreement.pk}.{number}"
        return set(leads_behind(entry, "refusals", row, {}, principal=marketing.principal, now=NOW).leads)

    assert (behind(1), behind(2)) == ({both, one}, {both})
