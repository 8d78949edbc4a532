"""/imports/{id}/mapping/ and what follows from it: how the text is written, which column is what, the preview."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models.people import Formats
from integrations.files.columns import FieldSet
from integrations.files.errors import EncodingUnknown, FileError
from integrations.files.mapping_file import Declared, declared_in
from integrations.files.mapping_text import mapping_text
from integrations.files.tables import Table
from integrations.imports.kinds import KINDS
from integrations.models import SavedMapping, Upload
from integrations.services.upload_files import path_of
from integrations.services.uploads import NotNow, is_mappable, name_encoding, set_mapping, table_of
from integrations.uploads.encodings import ENCODINGS, readings_of
from integrations.uploads.guess import FORMATS, Guess, guess_columns
from integrations.uploads.mapping_form import groups_of, guessed, typed
from integrations.uploads.preview import preview_of
from integrations.uploads.samples import Samples, samples_of
from integrations.uploads.saved import fitting, saved_for
from integrations.views.imports import upload_of

# Some, to be chosen while typing; any other can be typed.
_SHOWN_ZONES = (
    *("UTC", "Europe/London", "Europe/Paris", "Europe/Berlin", "Europe/Madrid", "Europe/Rome", "Europe/Warsaw"),
    *("Europe/Athens", "Africa/Johannesburg", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo"),
    *("Australia/Sydney", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    *("America/Toronto", "America/Mexico_City", "America/Sao_Paulo"),
)


@require_http_methods(["GET", "POST"])
def mapping(request: SignedInRequest, upload_id: int) -> HttpResponse:
    """Which column is which field. `?use=` the id of a saved mapping. POST with `toml`, or with the form's fields.

    422 where the mapping cannot be; with `show` nothing is kept, the words of the chosen columns are shown.
    """
    found = upload_of(request, upload_id)
    if not is_mappable(found):
        return redirect("import", found.pk)
    fields = KINDS[found.kind].fields()
    try:
        table = table_of(found)
        samples = samples_of(table)
    except EncodingUnknown:
        context = {"upload": found, "readings": readings_of(path_of(found))}
        return render(request, "imports/encoding.html", context)
    except FileError as error:
        return render(request, "imports/unreadable.html", {"upload": found, "error": str(error)}, status=400)
    if request.method == "GET":
        declared, context = _proposed(request, found, fields, table, samples)
        return _form(request, found, declared, fields, table, samples, context)
    return _save(request, found, fields, table, samples)


def _save(request: SignedInRequest, found: Upload, fields: FieldSet, table: Table, samples: Samples) -> HttpResponse:
    pasted = request.POST.get("toml")
    declared = typed(request.POST.dict(), fields)
    if "show" in request.POST:
        return _form(request, found, declared, fields, table, samples, {})
    text = mapping_text(declared.source, declared.columns, declared.constants) if pasted is None else pasted
    try:
        set_mapping(found.pk, text.replace("\r\n", "\n").replace("\x00", ""))
    except NotNow:
        return redirect("import", found.pk)
    except FileError as error:
        context: dict[str, Any] = {"error": str(error)}
        if pasted is not None:
            declared, proposed = _proposed(request, found, fields, table, samples)
            context |= proposed | {"toml": pasted, "is_pasted": True}
        return _form(request, found, declared, fields, table, samples, context, status=422)
    return redirect("import-preview", found.pk)


def _proposed(
    request: SignedInRequest, found: Upload, fields: FieldSet, table: Table, samples: Samples
) -> tuple[Declared, dict[str, Any]]:
    """What the form begins with: the upload's own mapping, a saved one that fits, or guesses; and what to say of it."""
    asked = saved_for(found.kind, request.GET.get("use", ""))
    kept = asked or (None if found.toml or "guess" in request.GET else fitting(found, fields, table.headers))
    if kept:
        return declared_in(kept.toml, fields), {"kept": kept}
    if found.toml and "guess" not in request.GET:
        return declared_in(found.toml, fields), {}
    american = request.user.formats == Formats.AMERICAN
    guesses = guess_columns(found.kind, fields, table.headers, samples.values, month_first=american)
    return guessed(found.source, guesses, time_zone=str(request.user.zone), fields=fields), {"guesses": guesses}


def _form(
    request: SignedInRequest,
    found: Upload,
    declared: Declared,
    fields: FieldSet,
    table: Table,
    samples: Samples,
    said: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    guesses: dict[str, Guess] | None = said.get("guesses")
    kept: SavedMapping | None = said.get("kept")
    context = {
        "upload": found,
        "groups": groups_of(declared, fields, samples, guesses),
        "source": declared.source or found.source,
        "table": table,
        "unread": _unread(declared, table),
        "saved": SavedMapping.objects.filter(kind=found.kind).exclude(pk=kept.pk if kept else 0),
        "date_formats": FORMATS,
        "time_zones": sorted(_SHOWN_ZONES),
        "encodings": ENCODINGS,
        "toml": said.get("toml") or mapping_text(declared.source, declared.columns, declared.constants),
        "same": Upload.objects.filter(
            digest=found.digest, kind=found.kind, by=found.by, state=Upload.State.DONE, dry_run=False
        ).first(),
    }
    return render(request, "imports/mapping.html", context | said, status=status)


def _unread(declared: Declared, table: Table) -> list[str]:
    read = {said["column"] if isinstance(said, dict) else said for said in declared.columns.values()}
    return [header for header in table.headers if header not in read]


@require_POST
def encoding(request: SignedInRequest, upload_id: int) -> HttpResponse:
    """How the text is written. 400 where it is not."""
    found = upload_of(request, upload_id)
    try:
        name_encoding(found.pk, request.POST.get("encoding", "")[:20])
    except NotNow:
        return redirect("import", found.pk)
    except FileError as error:
        context = {"upload": found, "readings": readings_of(path_of(found)), "error": str(error)}
        return render(request, "imports/encoding.html", context, status=400)
    return redirect("import-mapping", found.pk)


@require_GET
def mapping_file(request: SignedInRequest, upload_id: int) -> HttpResponse:
    """The mapping as the file that the commands read."""
    found = upload_of(request, upload_id)
    answer = HttpResponse(found.toml, content_type="application/toml")
    name = f"{found.source or found.kind}.toml"
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return answer


@require_GET
def preview(request: SignedInRequest, upload_id: int) -> HttpResponse:
    """The first rows as they would become. Nothing is kept of the trial."""
    found = upload_of(request, upload_id)
    if not is_mappable(found):
        return redirect("import", found.pk)
    if not found.toml:
        return redirect("import-mapping", found.pk)
    try:
        table = table_of(found)
        shown = preview_of(found, table, timezone.now())
    except FileError as error:
        return render(request, "imports/unreadable.html", {"upload": found, "error": str(error)}, status=400)
    return render(request, "imports/preview.html", {"upload": found, "preview": shown, "table": table})
