"""/leads/, /queue/ and /nurture/ as files: leads, with the filters and in the order of the page."""

from datetime import datetime

from accounts.exports import Contents, ExportRefused, snapshot
from accounts.http import SignedInRequest
from dispositions.desk import queue as desk
from dispositions.exports.lead_rows import lane_contents, lead_contents, own_alone
from dispositions.leads.filters import LeadFilters
from dispositions.leads.listing import SORTS, default_sort
from dispositions.marketing import nurture as marketing
from dispositions.views.nurture import check_marketing, reason_of
from funnel.find import all_leads_with
from funnel.models import Lead


def leads(request: SignedInRequest, _now: datetime) -> Contents:
    """All that the filters and the search leave; a search without an order comes in the list's usual one."""
    principal = request.user.principal
    filters = LeadFilters(request.GET, own_alone(Lead.objects.visible_to(principal), principal), principal=principal)
    if not filters.is_valid():
        raise ExportRefused("A filter in the address cannot be read: set it again in the list.", status=400)
    found = filters.qs
    if asked := request.GET.get("q", "").replace("\x00", "").strip():
        found = all_leads_with(asked, found)
    sort = request.GET.get("sort", "")
    order = SORTS[sort if sort in SORTS else default_sort(principal, searched=False)]
    return lead_contents(principal, snapshot(found.order_by(*order).values_list("pk", flat=True).iterator()))


def queue(request: SignedInRequest, _now: datetime) -> Contents:
    """`?lane=` one of the lanes, else all. A rep's own leads; not those that wait in the pool."""
    principal = request.user.principal
    lane = request.GET.get("lane", "")
    only = desk.Lane(lane) if lane in set(desk.Lane) else None
    found = desk.in_lanes(own_alone(desk.of_queue(principal), principal), only)
    return lane_contents(principal, found, {number: desk.LANE_TITLES[one] for number, one in enumerate(desk.Lane)})


def nurture(request: SignedInRequest, now: datetime) -> Contents:
    """`?show=` one of the lanes, else those with something to do; `?track=` a reason."""
    check_marketing(request)
    show = request.GET.get("show", "")
    lanes = (marketing.Lane(show),) if show in set(marketing.Lane) else marketing.TO_DO
    reason = reason_of(request.GET.get("track", ""))
    found = marketing.in_lanes(request.user.principal, lanes, now=now, reason=reason)
    titles = {number: marketing.TITLES[lane] for number, lane in enumerate(lanes)}
    return lane_contents(request.user.principal, found, titles)
