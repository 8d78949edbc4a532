"""/targets/: what both sides mean to reach, set by marketing and agreed to by sales."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.models import Team
from accounts.roles import Role
from reports.days import company_day
from reports.models import Target
from reports.target_periods import MONTH, TargetPeriod, month_of, quarter_of, read_period
from reports.targets.agreeing import (
    TargetRefused,
    confirm_target,
    copy_targets,
    may_confirm,
    may_see,
    may_set,
    set_target,
)
from reports.targets.forms import target_form
from reports.targets.page import advice, changes_of, rows_of


@require_safe
def targets(request: SignedInRequest) -> HttpResponse:
    """`?period=` a quarter such as 2026-Q4 or a month such as 2026-11; without it the present quarter."""
    _check_reader(request)
    period = _period(request.GET.get("period", ""))
    rows = rows_of(period, request.user)
    context = {
        "period": period,
        "before": period.shifted(-1),
        "after": period.shifted(1),
        "other": quarter_of(period.first) if period.months == MONTH else month_of(period.first),
        "rows": rows,
        "may_set": may_set(request.user),
        "advice": advice(rows, period, request.user),
    }
    return render(request, "targets/targets.html", context)


@require_safe
def target(request: SignedInRequest, target_id: int) -> HttpResponse:
    """One target with all its changes."""
    _check_reader(request)
    found = _visible(request, target_id)
    context = {
        "target": found,
        "rows": [row for row in rows_of(found.period, request.user) if row.target == found],
        "changes": changes_of(found),
        "may_set": may_set(request.user),
    }
    return render(request, "targets/target.html", context)


@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest) -> HttpResponse:
    """`?period=`, `?team=` its number, without it the whole company."""
    _check_leader(request)
    period, team = _period(request.GET.get("period", "")), _team(request.GET.get("team", ""))
    found = Target.objects.filter(team=team, first_day=period.first, months=period.months).first()
    form = target_form(found, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            saved = set_target(
                period=period,
                team=team,
                figures=form.figures(),
                seen=form.cleaned_data["seen"],
                by=request.user,
                at=timezone.now(),
            )
        except TargetRefused as refused:
            messages.error(request, str(refused))
            return redirect(request.get_full_path())
        messages.success(request, f"{saved}: saved. {'Agreed.' if saved.is_agreed else 'Proposed to sales.'}")
        return _to(period)
    context = {"form": form, "period": period, "team": team, "target": found}
    return render(request, "targets/edit.html", context, status=422 if form.errors else 200)


@require_POST
def confirm(request: SignedInRequest, target_id: int) -> HttpResponse:
    """Agree by name to the version that was read, which the POST names as `seen`."""
    _check_reader(request)
    found = _visible(request, target_id)
    if not may_confirm(request.user, found):
        raise PermissionDenied("Sales managers agree to targets: to that of the company with the right to sign.")
    seen = request.POST.get("seen", "")
    try:
        confirm_target(
            target_id=found.pk,
            seen=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else 0,
            by=request.user,
            at=timezone.now(),
        )
    except TargetRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{found}: you have agreed.")
    return _to(found.period)


@require_POST
def copy(request: SignedInRequest) -> HttpResponse:
    """`period`: the one that shall have the targets of the period before it."""
    _check_leader(request)
    period = _period(request.POST.get("period", ""))
    try:
        copied = copy_targets(to=period, by=request.user, at=timezone.now())
    except TargetRefused as refused:
        messages.error(request, str(refused))
    else:
        kept = f" {copied.kept} set already, left as they are." if copied.kept else ""
        messages.success(request, f"{copied.made} copied to {period.label}, proposed to sales.{kept}")
    return _to(period)


def _check_reader(request: SignedInRequest) -> None:
    if request.user.role == Role.REP:
        raise PermissionDenied("Targets are for managers and marketing.")


def _check_leader(request: SignedInRequest) -> None:
    if not may_set(request.user):
        raise PermissionDenied("Only a marketing leader, somebody of marketing with the right to sign, sets targets.")


def _visible(request: SignedInRequest, target_id: int) -> Target:
    found = get_object_or_404(Target.objects.select_related("team", "marketing", "sales"), pk=target_id)
    if not may_see(request.user, found):
        raise Http404("There is no such target.")
    return found


def _period(asked: str) -> TargetPeriod:
    """404 where it is no period."""
    if not asked:
        return quarter_of(company_day(timezone.now()))
    try:
        return read_period(asked)
    except ValueError as error:
        raise Http404(str(error)) from error


def _team(asked: str) -> Team | None:
    if not asked:
        return None
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 19):
        raise Http404("There is no such team.")
    return get_object_or_404(Team, pk=int(asked))


def _to(period: TargetPeriod) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('targets')}?{urlencode({'period': period.code})}")
