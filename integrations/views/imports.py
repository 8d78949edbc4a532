"""/imports/: files of leads, touches, outcomes and people, from upload to result."""

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.files.delimited import csv_lines
from accounts.formats import span
from accounts.http import SignedInRequest
from integrations.files.errors import FileError
from integrations.files.rejects import header_of, record_of
from integrations.models import Upload, UploadedRow
from integrations.services.uploads import (
    NotNow,
    TooLarge,
    discard,
    is_mappable,
    kinds_for,
    start,
    store_upload,
    table_of,
    uploads_of,
)
from integrations.uploads.limits import LIMITS

PAGE = 25
ROWS = 100
MAY_IMPORT = "Files are imported by marketing and admins."

logger = logging.getLogger(__name__)


def check_importer(request: SignedInRequest) -> None:
    if not kinds_for(request.user):
        raise PermissionDenied(MAY_IMPORT)


def upload_of(request: SignedInRequest, upload_id: int) -> Upload:
    """One that the viewer may look at; else it does not exist."""
    check_importer(request)
    return get_object_or_404(uploads_of(request.user).select_related("by"), pk=upload_id)


@require_GET
def imports(request: SignedInRequest) -> HttpResponse:
    """The files that were uploaded, the newest first. `?page=`."""
    check_importer(request)
    page = Paginator(uploads_of(request.user).select_related("by"), PAGE).get_page(request.GET.get("page"))
    context = {
        "uploads": page.object_list,
        "summary": span(page) if page.paginator.num_pages > 1 else "",
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "imports/imports.html", context)


@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Upload a file. 400 where it cannot be imported, 413 where it is too large; then nothing is kept."""
    check_importer(request)
    kinds = {kind.name: kind for kind in kinds_for(request.user)}
    error, status = "", 200
    if request.method == "POST":
        files = [file for name in request.FILES for file in request.FILES.getlist(name)]
        kind = kinds.get(request.POST.get("kind", ""))
        if len(files) != 1 or kind is None:
            error, status = "Choose one file, and what is in it.", 400
        else:
            file, at = files[0], timezone.now()
            said: dict[str, Any] = {"name": file.name or "", "size": file.size or 0, "content": file.chunks()}
            try:
                return redirect("import-mapping", store_upload(kind=kind, by=request.user, at=at, **said).pk)
            except FileError as refused:
                error, status = str(refused), 413 if isinstance(refused, TooLarge) else 400
    chosen = request.POST.get("kind") or request.GET.get("kind", "leads")
    labels = [(name, Upload.Kind(name).label) for name in kinds]
    context = {"kinds": labels, "chosen": chosen, "limits": LIMITS, "error": error}
    return render(request, "imports/new.html", context, status=status)


@never_cache
@require_GET
def upload(request: SignedInRequest, upload_id: int) -> HttpResponse:
    """How far it is, or what became of its rows. `?status=` shows some of them, `?page=`. htmx gets the progress."""
    found = upload_of(request, upload_id)
    if found.state == Upload.State.UPLOADED:
        return redirect("import-preview" if found.toml else "import-mapping", found.pk)
    is_over = found.state in {Upload.State.DONE, Upload.State.FAILED}
    if request.htmx:
        answer = render(request, "imports/_progress.html", {"upload": found})
        if is_over:
            answer["HX-Refresh"] = "true"
        return answer
    context = {"upload": found, "is_over": is_over, "is_mappable": is_mappable(found)}
    if is_over:
        context |= _results(request, found)
    return render(request, "imports/upload.html", context)


def _results(request: SignedInRequest, found: Upload) -> dict[str, Any]:
    asked = request.GET.get("status", "")
    status = asked if asked in UploadedRow.Status.values else ""
    rows = found.rows.select_related("lead__company")
    page = Paginator(rows.filter(status=status) if status else rows, ROWS).get_page(request.GET.get("page"))
    total = sum(found.tally.values())
    pills = [{"label": "All", "url": "?", "active": not status, "count": total}]
    pills += [
        {"label": label, "url": f"?status={one}", "active": one == status, "count": found.tally.get(one, 0)}
        for one, label in UploadedRow.Status.choices
    ]

    def address(number: int) -> str:
        return "?" + urlencode(({"status": status} if status else {}) | {"page": number})

    return {
        "rows": page.object_list,
        "pills": pills,
        "status": status,
        "total": total,
        "created": {what: names for what, names in found.created.items() if names},
        "summary": span(page) if page.object_list else "",
        "previous_url": address(page.previous_page_number()) if page.has_previous() else "",
        "next_url": address(page.next_page_number()) if page.has_next() else "",
    }


@require_POST
def run(request: SignedInRequest, upload_id: int) -> HttpResponse:
    """Have it imported; with `dry_run` only tried."""
    found = upload_of(request, upload_id)
    try:
        start(found.pk, dry_run="dry_run" in request.POST, by=request.user, at=timezone.now())
    except NotNow as refused:
        messages.error(request, str(refused))
    return redirect("import", found.pk)


@require_POST
def remove(request: SignedInRequest, upload_id: int) -> HttpResponse:
    """Forget the file; what was imported stays."""
    found = upload_of(request, upload_id)
    try:
        discard(found.pk)
    except NotNow as refused:
        messages.error(request, str(refused))
        return redirect("import", found.pk)
    messages.success(request, f"{found.name} is removed. What was imported from it stays.")
    return redirect("imports")


@require_GET
def rejected(request: SignedInRequest, upload_id: int) -> HttpResponseBase:
    """The rejected rows, to be mended and uploaded again; 404 where there are none or the file is gone."""
    found = upload_of(request, upload_id)
    if found.by_id != request.user.pk:
        logger.warning("user %s takes rejected rows of user %s: upload %s", request.user.pk, found.by_id, found.pk)
    rows = found.rows.filter(status=UploadedRow.Status.REJECTED)
    if not rows.exists():
        raise Http404
    try:
        headers = table_of(found).headers
    except FileError as gone:
        messages.error(request, str(gone))
        return redirect("import", found.pk)
    answer = StreamingHttpResponse(_lines_of(headers, rows.iterator(chunk_size=500)), content_type="text/csv")
    name = f"{found.name}.rejected.csv"
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return answer


def _lines_of(headers: list[str], rows: Iterator[UploadedRow]) -> Iterator[str]:
    """With a byte order mark: by it spreadsheets know UTF-8, and so does the next import."""
    yield "\ufeff" + csv_lines([header_of(headers)])
    for row in rows:
        problems = [(column, reason) for column, reason in row.problems]
        yield csv_lines([record_of(row.line, problems, row.cells)])
