"""A lead's fields, edited section by section: in place with htmx, on a page of their own without."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts.http import SignedInRequest
from dispositions.leads.conflict import chosen, conflict_of
from dispositions.leads.forms import TITLES, SectionForm, section_form
from dispositions.views.desk import readable
from funnel.errors import MissingNeeds, NotAllowed, StaleVersion
from funnel.models import Evidence, Lead
from funnel.services.edit import EmailTaken, Section, check_may_edit, edit_lead


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def edit(request: SignedInRequest, lead_id: int, section: str) -> HttpResponse:
    """409 where somebody else was faster: who changed what, and both values to choose from. 422: something is wrong."""
    if section not in set(Section):
        raise Http404
    part = Section(section)
    lead = get_object_or_404(readable(request.user.principal), pk=lead_id)
    try:
        check_may_edit(lead, part, request.user.principal)
    except NotAllowed as denied:
        return _page(request, lead, part, {"denied": str(denied)}, status=403)
    if request.method == "GET":
        return _page(request, lead, part, {"form": section_form(lead, part)})
    form = section_form(lead, part, chosen(request.POST))
    if not form.is_valid():
        return _page(request, lead, part, {"form": form}, status=422)
    return _save(request, lead, part, form)


def _save(request: SignedInRequest, lead: Lead, section: Section, form: SectionForm) -> HttpResponse:
    try:
        saved = edit_lead(
            lead_id=lead.pk,
            section=section,
            changes=form.changes,
            by=request.user.principal,
            at=timezone.now(),
            version=form.cleaned_data["version"],
        )
    except StaleVersion:
        lead = get_object_or_404(readable(request.user.principal), pk=lead.pk)
        return _page(request, lead, section, {"conflict": conflict_of(lead, section, form)}, status=409)
    except MissingNeeds as missing:
        form.add_missing(missing.fields)
        return _page(request, lead, section, {"form": form}, status=422)
    except EmailTaken as taken:
        form.add_error("email", str(taken))
        return _page(request, lead, section, {"form": form, "taken": _seen(request, taken)}, status=422)
    except NotAllowed as denied:
        return _page(request, lead, section, {"denied": str(denied)}, status=403)
    if form.changes:
        messages.success(request, f"{saved.name}: saved.")
    if not request.htmx:
        return redirect("lead", lead.pk)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = reverse("lead", args=[lead.pk])
    return response


def _seen(request: SignedInRequest, taken: EmailTaken) -> dict[str, Any]:
    """The lead that has the address, for whoever may see it."""
    return {"lead": Lead.objects.visible_to(request.user.principal).filter(pk=taken.lead_id).first()}


def _page(
    request: SignedInRequest, lead: Lead, section: Section, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    name = "conflict" if "conflict" in context else "edit"
    context |= {"lead": lead, "section": section, "title": TITLES[section]}
    if section is Section.KNOWN and "form" in context:
        context["fields"] = _with_evidence(lead, context["form"])
    return render(request, f"leads/{'_' if request.htmx else ''}{name}.html", context, status=status)


def _with_evidence(lead: Lead, form: SectionForm) -> list[dict[str, Any]]:
    """Each attribute's field, with what is known of it so far."""
    known = {one.attribute: one for one in Evidence.objects.filter(lead=lead).select_related("learned_by").reverse()}
    return [{"field": form[name], "known": known.get(name)} for name in form.edited]
