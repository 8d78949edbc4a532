"""/team/calendar/: who of a manager's teams is there when, and how many leads each can have."""

from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from accounts.leave import Availability, set_availability
from accounts.models import User
from accounts.team_calendar import calendar_cards, company_calendar, people, person_rows, week_begins
from accounts.team_forms import AvailabilityForm
from accounts.team_tree import TeamTree, leads_people


@require_safe
def team_calendar(request: SignedInRequest) -> HttpResponse:
    tree, now, company = _tree(request), timezone.localtime(), company_calendar()
    context = {
        "rows": person_rows(people(tree), company, now),
        "weeks": week_begins(now),
        "cards": calendar_cards(tree, company, now),
    }
    return render(request, "team/calendar.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def availability(request: SignedInRequest, user_id: int) -> HttpResponse:
    """`clear` in the POST ends the leave and leaves the rest as it is. 404 for somebody of another manager."""
    person = get_object_or_404(people(_tree(request)), pk=user_id)
    if request.method != "POST":
        return _form_page(request, person, AvailabilityForm(instance=person))
    if "clear" in request.POST:
        return _save(request, person, replace(Availability.of(person), away_from=None, away_until=None))
    # A copy: a refused date must not appear on the page as if it were kept.
    form = AvailabilityForm(request.POST, instance=User.objects.get(pk=person.pk))
    if not form.is_valid():
        return _form_page(request, person, form, status=422)
    return _save(request, person, form.availability())


def _save(request: SignedInRequest, person: User, to: Availability) -> HttpResponse:
    changed = set_availability(user_id=person.pk, to=to, by=request.user.principal, at=timezone.now())
    told = "" if person.pk == request.user.pk else f" {person.name} has been told."
    messages.success(request, f"Saved.{told}" if changed else "Nothing was changed.")
    return redirect("team-calendar")


def _form_page(request: SignedInRequest, person: User, form: AvailabilityForm, *, status: int = 200) -> HttpResponse:
    has_leave = person.away_from is not None or person.away_until is not None
    context = {"person": person, "form": form, "has_leave": has_leave}
    return render(request, "team/availability.html", context, status=status)


def _tree(request: SignedInRequest) -> TeamTree:
    """403 for whoever leads nobody."""
    if not leads_people(request.user.principal):
        raise PermissionDenied("The team pages are for managers.")
    return TeamTree.of(request.user.principal)
