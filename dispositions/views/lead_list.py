"""/leads/: every lead in the viewer's scope, searched, filtered and sorted. All of it stands in the address."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts.formats import whole
from accounts.http import SignedInRequest
from accounts.principals import Principal
from accounts.roles import Role
from accounts.saved_views import views_for
from dispositions.leads.bulk_form import BulkForm
from dispositions.leads.filters import LeadFilters
from dispositions.leads.listing import CHOSEN, LAST_PAGE, PAGE, SORTS, Listing, chosen_ids, default_sort, listing
from dispositions.leads.reassignment import may_reassign
from dispositions.leads.words import chips, columns, nothing_yet
from funnel.models import Lead, Reason

URL_NAME = "leads"
RESULTS = "lead-results"
FIRST_FILTERS = ("stage", "owner", "team", "flag", "channel")
LONGEST_SEARCH = 200


@require_GET
@vary_on_headers("HX-Request")
def leads(request: SignedInRequest) -> HttpResponse:
    """`?q=` searches, `?sort=`, `?page=`; `?all=1` chooses all that match. 400 where a filter cannot be read."""
    principal = request.user.principal
    asked = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    filters = LeadFilters(request.GET, Lead.objects.visible_to(principal), principal=principal)
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else ""
    query = _query(request, filters, asked, sort)
    context: dict[str, Any] = {
        "asked": asked,
        "filters": [filters.form[name] for name in FIRST_FILTERS if name in filters.form.fields],
        "more_filters": [one for one in filters.form if one.name not in FIRST_FILTERS],
        "sort": sort,
        "query": query,
        "views": views_for(request.user, URL_NAME, query=query),
    }
    if filters.is_valid():
        context |= _results(request, filters, asked, sort, query)
    is_part = request.htmx and request.htmx.target == RESULTS
    context["more_open"] = any(one.value() for one in context["more_filters"])
    response = render(request, f"leads/{'_results' if is_part else 'leads'}.html", context)
    if is_part:
        response["HX-Replace-Url"] = f"{request.path}?{query}" if query else request.path
    if not filters.is_valid():
        response.status_code = 400
    return response


def _query(request: SignedInRequest, filters: LeadFilters, asked: str, sort: str) -> str:
    """What is asked for, in one order and without blanks: the same list always has the same address."""
    given = {"q": asked} | {name: request.GET.get(name, "").strip() for name in filters.filters} | {"sort": sort}
    return urlencode({name: value for name, value in given.items() if value})


def _results(request: SignedInRequest, filters: LeadFilters, asked: str, sort: str, query: str) -> dict[str, Any]:
    principal = request.user.principal
    active = chips(filters, asked, sort)
    order = sort or default_sort(principal, searched=bool(asked))
    whole = not any(one.name in filters.filters for one in active)
    page = min(int(text), LAST_PAGE) if (text := request.GET.get("page", "1")).isdecimal() and int(text) else 1
    found = listing(filters.qs, principal, asked=asked, sort=order, page=page, now=timezone.now(), whole=whole)
    wants_all = request.GET.get("all") == "1"
    ids = chosen_ids(filters.qs, principal, asked=asked, sort=order, whole=whole) if wants_all else []
    on_page = {row.lead.pk for row in found.rows}
    return {
        "listing": found,
        "chips": active,
        "columns": columns(principal, order, query),
        "summary": _summary(found),
        "previous_url": f"?{_with(query, page=page - 1)}" if page > 1 else "",
        "next_url": f"?{_with(query, page=page + 1)}" if found.has_next else "",
        "chosen_beyond": [pk for pk in ids if pk not in on_page],
        "chosen": len(ids),
        "all_url": f"?{_with(query, all=1)}" if found.count > PAGE and not wants_all else "",
        "all_label": _all_label(found),
        "nothing_yet": "" if found.rows or active else nothing_yet(principal),
        "bulk": _bulk(principal) if found.rows else None,
        "may_reassign": may_reassign(principal),
        "taken": "Your own of these leads" if principal.role == Role.REP else "These leads",
    }


def _bulk(principal: Principal) -> BulkForm | None:
    if principal.role == Role.MARKETING:
        return None
    return BulkForm(reasons=Reason.objects.filter(is_active=True), auto_id="bulk-%s", label_suffix="")


def _summary(found: Listing) -> str:
    if not found.rows:
        return ""
    if found.counts_on:
        kind = "best matches of more" if found.searched else ""
        count = f"{whole(found.count)} {kind}" if kind else f"{whole(found.count)}+"
    else:
        count = whole(found.count)
    return f"{whole(found.first)}–{whole(found.last)} of {count}"


def _all_label(found: Listing) -> str:
    all_of_them = found.count <= CHOSEN and not found.counts_on
    return f"Choose all {whole(found.count)}" if all_of_them else f"Choose the first {whole(min(found.count, CHOSEN))}"


def _with(query: str, **more: int) -> str:
    return "&".join(filter(None, (query, urlencode(more))))
