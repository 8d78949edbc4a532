"""What is known of a lead, read off its evidence and its company."""

from collections.abc import Iterable

from funnel.attributes import Attribute
from funnel.models import Lead


def known_attributes(lead: Lead, with_evidence: Iterable[str]) -> set[Attribute]:
    """Which of the ten attributes are known: by evidence, or read off the company."""
    known = {Attribute(slug) for slug in with_evidence}
    company = lead.company
    if company and company.naics:
        known.add(Attribute.INDUSTRY_CODE)
    if company and None not in (company.annual_revenue, company.employees, company.locations):
        known.add(Attribute.FIRMOGRAPHICS)
    return known
