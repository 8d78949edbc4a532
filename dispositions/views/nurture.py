"""/nurture/, marketing's desk: who is to be developed, what is known of them, and what was done."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.roles import Role
from dispositions.desk.agreed import warning_of_touch
from dispositions.marketing.nurture import TITLES, TO_DO, Lane, Section, just_logged, my_day, sections, tracks
from dispositions.marketing.nurture_desk import ACTIONS, Answered, Desk, desk_of
from dispositions.marketing.nurture_forms import DevelopForm, SleepForm
from dispositions.views.desk import readable
from funnel.errors import MissingNeeds, NotAllowed, StaleVersion
from funnel.models import Lead, Reason, Touch
from funnel.services.develop import learn, log_touch, remove_touch, sleep_until

PANELS = frozenset({"learned", "promote", "sleep", "discard"})


@require_GET
@vary_on_headers("HX-Request", "HX-Target")
def nurture(request: SignedInRequest) -> HttpResponse:
    """`?lead=` chooses the brief, `?panel=` opens what asks for more, `?show=` a lane, `?track=` a reason, `?page=`."""
    check_marketing(request)
    chosen = _number(request.GET.get("lead", ""))
    if chosen and request.htmx and request.htmx.target == "brief":
        return render(request, "nurture/_pane.html", _pane(request, _desk(request, chosen)))
    return render_nurture(request, lead_id=chosen)


def may_nurture(user: User) -> bool:
    return user.role in {Role.MARKETING, Role.ADMIN}


def check_marketing(request: SignedInRequest) -> None:
    if not may_nurture(request.user):
        raise PermissionDenied("The nurture desk is marketing's.")


def render_nurture(
    request: SignedInRequest, *, lead_id: int | None, answered: Answered | None = None, status: int = 200
) -> HttpResponse:
    """The whole page. `answered`: what could not be done, shown again with what stands against it."""
    now, principal = timezone.now(), request.user.principal
    asked = request.POST or request.GET
    show = Lane(asked["show"]) if asked.get("show", "") in set(Lane) else None
    reason = reason_of(asked.get("track", ""))
    page = min(_number(asked.get("page", "")) or 1, 1000)
    lanes = sections(principal, now=now, only=show, page=page, reason=reason)
    rows = [row for section in lanes for row in section.rows]
    chosen = lead_id or (rows[0].lead.pk if rows else None)
    desk = _desk(request, chosen, answered) if chosen else None
    query = urlencode({"show": show or "", "track": reason.slug if reason else ""} if show or reason else {})
    context = {
        "sections": [one for one in lanes if one.lane is show or (show is None and one.lane in TO_DO)],
        "show": show,
        "reason": reason,
        "page": lanes[0].page,
        "query": query,
        "total": sum(one.count for one in lanes if one.lane in ({show} if show else TO_DO)),
        "pills": _pills(lanes, show, reason),
        "tally": my_day(principal, since=timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)),
        "logged": just_logged(principal, now=now),
        "then": _after(rows, chosen),
    } | _pane(request, desk)
    response = render(request, "nurture/nurture.html", context, status=status)
    if request.htmx and request.method == "GET":
        response["HX-Push-Url"] = request.get_full_path()
    return response


def _after(rows: list[Any], chosen: int | None) -> int | None:
    """The lead to go on to: the one below, else the first other."""
    ids = [row.lead.pk for row in rows]
    below = ids[ids.index(chosen) + 1 :] if chosen in ids else ids
    return next((pk for pk in [*below, *ids] if pk != chosen), None)


def _desk(request: SignedInRequest, lead_id: int, answered: Answered | None = None) -> Desk:
    lead = get_object_or_404(readable(request.user.principal), pk=lead_id)
    panel = request.GET.get("panel", "")
    opened = panel if panel in PANELS else ""
    return desk_of(lead, request.user.principal, now=timezone.now(), answered=answered, opened=opened)


def _pane(request: SignedInRequest, desk: Desk | None) -> dict[str, Any]:
    asked = request.POST or request.GET
    kept = {name: text for name in ("show", "track") if (text := asked.get(name, ""))}
    return {"desk": desk, "brief": desk.brief if desk else None, "in_queue": True, "actions": ACTIONS, "kept": kept}


def _pills(lanes: list[Section], show: Lane | None, reason: Reason | None) -> list[dict[str, Any]]:
    track = {"track": reason.slug} if reason else {}
    to_do = sum(one.count for one in lanes if one.lane in TO_DO)
    pills: list[dict[str, Any]] = [
        {"label": "To do", "url": f"?{urlencode(track)}", "active": show is None, "count": to_do}
    ]
    for one in lanes:
        url = f"?{urlencode({'show': one.lane.value} | track)}"
        pills.append({"label": TITLES[one.lane], "url": url, "active": one.lane is show, "count": one.count})
    return pills


def reason_of(slug: str) -> Reason | None:
    return Reason.objects.filter(slug=slug).first() if slug and slug.isprintable() else None


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


@require_GET
def nurture_tracks(request: SignedInRequest) -> HttpResponse:
    """Why leads are in nurture, how many of each, and what marketing does with them."""
    check_marketing(request)
    return render(request, "nurture/tracks.html", {"tracks": tracks(request.user.principal, now=timezone.now())})


# --- what was done ---


def back_to_desk(request: SignedInRequest, *, stay_at: int | None = None) -> HttpResponse:
    """To the next lead of the list that the person was in, or to the same one."""
    lead = stay_at or _number(request.POST.get("then", ""))
    asked = {name: text for name in ("show", "track") if (text := request.POST.get(name, ""))}
    if lead:
        asked["lead"] = str(lead)
    return redirect(f"{reverse('nurture')}?{urlencode(asked)}" if asked else reverse("nurture"))


def _lead_or_404(request: SignedInRequest, lead_id: int) -> Lead:
    check_marketing(request)
    return get_object_or_404(Lead.objects.visible_to(request.user.principal), pk=lead_id)


@require_POST
def log(request: SignedInRequest, lead_id: int) -> HttpResponse:
    """One touch, or what was learned without one. 422: something is missing; 409: sales has the lead by now."""
    lead = _lead_or_404(request, lead_id)
    kind = request.POST.get("kind", "")
    if kind != "learned" and kind not in {action.kind for action in ACTIONS}:
        raise Http404
    form = DevelopForm(request.POST)
    status = _log(request, lead, kind, form) if form.is_valid() else 422
    if status != 200:
        return render_nurture(request, lead_id=lead_id, answered=Answered(develop=form), status=status)
    if kind == "learned":
        messages.success(request, f"{lead.name}: kept.")
        return back_to_desk(request, stay_at=lead_id)
    done = next(action.label for action in ACTIONS if action.kind == kind)
    messages.success(request, f"{lead.name}: {done.lower()}.")
    if warning := warning_of_touch(lead, kind):
        messages.warning(request, warning)
    return back_to_desk(request)


def _log(request: SignedInRequest, lead: Lead, kind: str, form: DevelopForm) -> int:
    given, by, at = form.cleaned_data, request.user.principal, timezone.now()
    try:
        if kind == "learned":
            learn(lead_id=lead.pk, by=by, at=at, evidence=form.evidence, learned=given["learned"])
        else:
            log_touch(
                lead_id=lead.pk,
                kind=Touch.Kind(kind),
                by=by,
                at=at,
                subject=given["subject"],
                evidence=form.evidence,
                learned=given["learned"],
                next_at=form.next_at,
            )
    except MissingNeeds as missing:
        form.add_missing(missing)
        return 422
    except StaleVersion as conflict:
        form.add_error(None, str(conflict))
        return 409
    return 200


@require_POST
def sleep(request: SignedInRequest, lead_id: int) -> HttpResponse:
    """A lead in nurture sleeps until another date."""
    lead = _lead_or_404(request, lead_id)
    form = SleepForm(request.POST)
    status = _sleep(request, lead, form) if form.is_valid() else 422
    if status != 200:
        return render_nurture(request, lead_id=lead_id, answered=Answered(sleep=form), status=status)
    messages.success(request, f"{lead.name} sleeps.")
    return back_to_desk(request)


def _sleep(request: SignedInRequest, lead: Lead, form: SleepForm) -> int:
    at = timezone.now()
    try:
        sleep_until(
            lead_id=lead.pk,
            until=form.until_at(timezone.localdate(at)),
            by=request.user.principal,
            at=at,
            learned=form.cleaned_data["learned"],
        )
    except MissingNeeds as missing:
        form.add_error("until", str(missing))
        return 422
    except (StaleVersion, NotAllowed) as conflict:
        form.add_error(None, str(conflict))
        return 409
    return 200


@require_POST
def remove(request: SignedInRequest, touch_id: int) -> HttpResponse:
    """Takes a touch back, within 15 minutes."""
    check_marketing(request)
    visible = Touch.objects.filter(lead__in=Lead.objects.visible_to(request.user.principal))
    touch = get_object_or_404(visible, pk=touch_id)
    try:
        lead = remove_touch(touch_id=touch.pk, by=request.user.principal, at=timezone.now())
    except NotAllowed as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{lead.name}: taken back.")
    return back_to_desk(request, stay_at=touch.lead_id)
