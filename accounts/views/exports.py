"""/exports/: any list as a file, with the filters of its page."""

from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.exports import ExportRefused, as_download, find_list, take_away
from accounts.files import FORMATS
from accounts.http import SignedInRequest


@require_GET
def export(request: SignedInRequest, name: str) -> HttpResponseBase:
    """`?format=` csv or xlsx; the rest as the list's page takes it. 400, 403: the sentence why there is no file."""
    one, now = find_list(name), timezone.localtime()
    if one is None:
        raise Http404(f"There is no list “{name}”.")
    file_format = request.GET.get("format", "")
    try:
        pieces = take_away(one, request, file_format=file_format, now=now)
    except ExportRefused as refused:
        context = {"title": one.title, "problem": str(refused), "page": one.page}
        return render(request, "accounts/export_refused.html", context, status=refused.status)
    answer = StreamingHttpResponse(pieces, content_type=FORMATS[file_format].content_type)
    return as_download(answer, f"{one.name}-{now:%Y-%m-%d}.{file_format}")
