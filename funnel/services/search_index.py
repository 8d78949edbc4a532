"""The words under which leads are found, written with the change that alters them."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from funnel.bulk import insert_values
from funnel.models import Company, Lead, LeadSearch
from funnel.search import search_text

SEARCHED = frozenset({"first_name", "last_name", "email", "phone", "company", "company_id"})
PAGE = 2_000


def words_of(lead: Lead) -> str:
    company = f"{lead.company.name} {lead.company.domain}" if lead.company else ""
    return search_text(
        first_name=lead.first_name, last_name=lead.last_name, email=lead.email, phone=lead.phone, company=company
    )


def index_new(leads: Sequence[Lead]) -> None:
    """For leads that were just inserted; call it in the same transaction."""
    insert_values(LeadSearch, {"lead_id": [lead.pk for lead in leads], "text": list(map(words_of, leads))})


def reindex(leads: Iterable[Lead]) -> None:
    """Write the words of locked leads anew; call it in the transaction that changed them."""
    rows = [LeadSearch(lead_id=lead.pk, text=words_of(lead)) for lead in leads]
    LeadSearch.objects.bulk_create(rows, update_conflicts=True, update_fields=["text"], unique_fields=["lead"])


@transaction.atomic
def reindex_company(company: Company) -> None:
    """Its name or domain has changed: so have the words of all its leads.

    Locks them in the order of ids. A lead that somebody else is creating at this very moment keeps the old name until
    one of its own words changes.
    """
    leads = Lead.objects.filter(company=company).order_by("pk").select_for_update(of=("self",))
    last = 0
    while page := list(leads.filter(pk__gt=last).select_related("company")[:PAGE]):
        reindex(page)
        last = page[-1].pk
