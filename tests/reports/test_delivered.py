from datetime import date, timedelta
from decimal import Decimal

from reports.models import ExchangeRate
from tests.factories import BANT_EVIDENCE, NOW, LeadFactory
from tests.reports.worlds import computed, headline, line, touched

DAY = timedelta(days=1)


def report(viewer, **given):
    return computed("delivered", viewer, now=NOW + 9 * DAY, **given)


def test_each_rep_has_what_was_handed_to_him_and_how_well_prepared_it_was(marketing, rep):
    lead = LeadFactory(handed_off=True, owner=rep, attributes=BANT_EVIDENCE)
    LeadFactory(handed_off=True, owner=rep)
    touched(lead, "webinar", NOW - DAY)
    touched(lead, "webinar", NOW - 2 * DAY)
    touched(lead, "webinar", NOW + DAY)  # after the hand-off: it prepared nothing

    row = line(report(marketing), owner=str(rep.pk))

    assert (row["hand_offs"], row["attributes"], row["touches"]) == (2, 2.0, 1.0)


def test_potential_revenue_is_converted_and_what_is_not_known_is_counted(marketing, rep):
    LeadFactory(handed_off=True, owner=rep, expected_value=Decimal(500), currency="EUR")
    LeadFactory(handed_off=True, owner=rep, expected_value=Decimal(100), currency="USD")
    LeadFactory(handed_off=True, owner=rep, expected_value=Decimal(100), currency="GBP")
    LeadFactory(handed_off=True, owner=rep)
    ExchangeRate.objects.create(month=date(2026, 2, 1), currency="USD", rate=Decimal("0.9"))

    total = report(marketing).totals[0]

    assert (total["potential"], total["unknown_value"]) == (Decimal("590.00"), 2)


def test_what_marketing_still_develops_stands_apart(marketing, rep):
    LeadFactory.create_batch(3)
    LeadFactory(handed_off=True, owner=rep)

    found = report(marketing)

    assert (headline(found)["developing"], headline(found)["hand_offs"]) == (3, 1)
