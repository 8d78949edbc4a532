"""Lists of leads: by filter, page by page, and nothing that the key's source does not know."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from funnel.models import Lead, LeadIdentity, LeadSearch
from funnel.search import search_text
from funnel.services.flags import raise_flags
from integrations.api.lead_filters import PARAMETERS
from tests.factories import NOW, LeadFactory
from tests.integrations.api.conftest import LEADS

pytestmark = pytest.mark.django_db


def known_lead(source="mautic", **fields):
    lead = LeadFactory(**fields)
    LeadIdentity.objects.create(lead=lead, source=source, external_id=f"x-{lead.pk}")
    text = search_text(
        first_name=lead.first_name, last_name=lead.last_name, email=lead.email, phone=lead.phone, company=""
    )
    LeadSearch.objects.update_or_create(lead=lead, defaults={"text": text})
    return lead


def ids(answer):
    assert answer.status_code == 200, answer.content
    return [lead["id"] for lead in answer.json()["results"]]


def walk(caller, url):
    found = []
    while url:
        answer = caller.get(url)
        found += ids(answer)
        url = answer.json()["next"]
    return found


def test_a_key_lists_the_leads_of_its_source_and_no_others(mautic, hubspot):
    mine = known_lead()
    known_lead("hubspot")

    assert ids(mautic.get(LEADS)) == [mine.pk]


@pytest.mark.parametrize("ordering", ["created_at", "-created_at", "updated_at", "-updated_at"])
def test_pages_of_any_size_have_every_lead_once_in_order(mautic, ordering):
    leads = [known_lead(at=NOW + timedelta(hours=number // 3)) for number in range(8)]
    wanted = list(Lead.objects.order_by(ordering, f"{'-' * ordering.startswith('-')}pk").values_list("pk", flat=True))

    for limit in (1, 3, 8, 50):
        assert walk(mautic, f"{LEADS}?ordering={ordering}&limit={limit}") == wanted
    assert len(wanted) == len(leads)


def test_each_filter_finds_its_lead(mautic, rep, west):
    lead = known_lead(handed_off=True, owner=rep, channel="webinar", campaign="spring")
    other = known_lead()
    raise_flags(now=NOW + timedelta(days=60))
    for asked in (
        f"email={quote(lead.email.upper())}",
        f"external_id=x-{lead.pk}",
        "stage=mql",
        f"owner={rep.email}",
        f"team={west.name}",
        f"due_before={quote((lead.due_at + timedelta(seconds=1)).isoformat())}",
        "channel=webinar",
        "campaign=spring",
        "black_hole=true",
        "stale=false",
        f"updated_after={quote((other.updated_at - timedelta(seconds=1)).isoformat())}&stage=mql",
        f"q={lead.email.split('@')[0]}",
    ):
        assert ids(mautic.get(f"{LEADS}?{asked}")) == [lead.pk], asked
    for asked in ("black_hole=false", "stale=true", "stage=inquiry", "channel=organic-search"):
        assert ids(mautic.get(f"{LEADS}?{asked}")) == [other.pk], asked
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    assert ids(mautic.get(f"{LEADS}?updated_after={quote(tomorrow)}")) == []


def test_every_filter_of_the_contract_is_there_and_no_other():
    """By hand, not from the filters themselves."""
    filters = "email external_id stage owner team channel campaign black_hole stale due_before updated_after q"

    assert {*filters.split(), "ordering", "limit", "cursor"} == PARAMETERS


def test_a_list_asks_the_database_as_often_for_one_lead_as_for_many(mautic, queries_for):
    known_lead(handed_off=True)
    mautic.get(LEADS)
    for_one = queries_for(lambda: mautic.get(LEADS))
    for _ in range(10):
        known_lead(handed_off=True)

    assert queries_for(lambda: mautic.get(LEADS)) == for_one
