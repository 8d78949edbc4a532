"""The catalogue of reports, and each report as a page or a file."""

from contextlib import nullcontext
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.exports import as_download, note_export
from accounts.formats import as_in_files, span
from accounts.http import SignedInRequest
from accounts.saved_views import views_for
from reports import page
from reports.behind import leads_behind
from reports.days import company_day
from reports.engine import GROUPS, CatalogueEntry, UnknownReport, entries_for, find_entry
from reports.parameters import InvalidParameter
from reports.renderers import FORMATS
from reports.report import Report


@require_safe
def catalogue(request: SignedInRequest) -> HttpResponse:
    entries = entries_for(request.user.principal)
    groups = [(name, about, [one for one in entries if one.group == name]) for name, about in GROUPS.items()]
    return render(request, "reports/catalogue.html", {"groups": [one for one in groups if one[2]]})


@require_safe
def report(request: SignedInRequest, name: str) -> HttpResponse:
    """`?format=` answers a file with the same filters. 400 with the sentence where a filter is wrong."""
    given = _given(request)
    file_format = given.pop("format", "")
    entry = _entry_or_404(request, name)
    context = _around(request, entry, given)
    try:
        _check_format(file_format)
        with as_in_files() if file_format else nullcontext():
            computed = entry.report(given, principal=request.user.principal, now=timezone.now())
            if file_format:
                return _file(request, computed, file_format)
    except InvalidParameter as error:
        return render(request, "reports/report.html", context | {"problem": str(error)}, status=400)
    return render(request, "reports/report.html", context | _figures(entry, computed, given))


@require_safe
def leads(request: SignedInRequest, name: str) -> HttpResponse:
    """The leads behind one figure of a report: `?figure=`, with the report's own filters, `&row=` and `&page=`."""
    given = _given(request)
    figure, row, number = given.pop("figure", ""), given.pop("row", ""), given.pop("page", "1")
    entry = _entry_or_404(request, name)
    try:
        found = leads_behind(entry, figure, row, given, principal=request.user.principal, now=timezone.now())
    except InvalidParameter as error:
        context = {"entry": entry, "problem": str(error), "back": f"../{page.address(given)}"}
        return render(request, "reports/leads.html", context, status=400)
    shown = found.page(number)
    asked = {**given, "figure": figure, **({"row": row} if row else {})}
    context = {
        "entry": entry,
        "found": found,
        "leads": shown.object_list,
        "query": page.address({"report": entry.name, **asked}).removeprefix("?"),
        "summary": span(shown),
        "back": f"../{page.address(given)}",
        "previous_url": page.address({**asked, "page": str(shown.number - 1)}) if shown.has_previous() else "",
        "next_url": page.address({**asked, "page": str(shown.number + 1)}) if shown.has_next() else "",
    }
    return render(request, "reports/leads.html", context)


def _given(request: SignedInRequest) -> dict[str, str]:
    return {name: text for name, text in request.GET.dict().items() if isinstance(text, str) and text.strip()}


def _entry_or_404(request: SignedInRequest, name: str) -> CatalogueEntry:
    try:
        return find_entry(name, request.user.principal)
    except UnknownReport as error:
        raise Http404(str(error)) from error


def _around(request: SignedInRequest, entry: CatalogueEntry, given: page.Given) -> dict[str, Any]:
    fields, folded = page.shown_filters(page.filter_fields(entry, given, request.user.principal))
    query = page.address(given).removeprefix("?")
    return {
        "entry": entry,
        "fields": fields,
        "folded": folded,
        "is_folded_used": any(given.get(one.name) for one in folded),
        "pills": page.period_pills(entry, given, company_day(timezone.now()), request.user.principal),
        "tabs": page.view_tabs(entry, given, request.user.principal),
        "is_filtered": bool(given),
        "pages": [one for one in entry.pages if request.user.role in one.roles],
        "query": query,
        "views": views_for(request.user, f"report:{entry.name}", query=query),
    }


def _figures(entry: CatalogueEntry, computed: Report, given: page.Given) -> dict[str, Any]:
    return {
        "report": computed,
        "tiles": page.tiles(computed.headline, given, entry.drilling),
        "beside": page.beside_the_sums(computed.headline),
        "table": page.table_of(computed, given, entry.drilling),
    }


def _check_format(file_format: str) -> None:
    if file_format and file_format not in FORMATS:
        raise InvalidParameter(f"format: “{file_format}” is not possible. Choose one of: {', '.join(FORMATS)}.")


def _file(request: SignedInRequest, computed: Report, file_format: str) -> HttpResponse:
    chosen = FORMATS[file_format]
    answer = HttpResponse(chosen.render(computed), content_type=chosen.content_type)
    note_export(
        request.user,
        f"report {computed.name}",
        given=computed.parameters,
        file_format=file_format,
        rows=len(computed.rows),
        at=computed.as_of,
    )
    ending = "txt" if file_format == "table" else file_format
    return as_download(answer, f"{computed.name}-{computed.as_of:%Y-%m-%d}.{ending}")
