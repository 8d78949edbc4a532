"""/black-hole/, and the leads behind a figure, as files."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.http import Http404

from accounts.exports import Contents, ExportRefused, ListExport, in_chunks, snapshot
from accounts.files import Column, Value
from accounts.files.values import MOMENT, MONEY
from accounts.http import SignedInRequest
from accounts.principals import Principal
from accounts.roles import Role
from dispositions.exports.lead_rows import lead_contents, own_alone
from funnel.models import Flag
from reports.behind import leads_behind
from reports.black_hole_page import Inside, episodes, inside, with_leads
from reports.engine import UnknownReport, find_entry
from reports.facts.refresh import catch_up
from reports.parameters import InvalidParameter, Parameters
from reports.queries.black_hole import channel_experience
from reports.selection import select

_COLUMNS = (
    *(Column("lead_id"), Column("lead", width=24), Column("email", width=28), Column("company", width=24)),
    *(Column("stage"), Column("waits_for", width=18), Column("deadline_at", MOMENT, 20), Column("inside_for")),
    *(Column("owner"), Column("team"), Column("channel"), Column("campaign")),
    *(Column("value", MONEY), Column("currency"), Column("value_is_estimated")),
)


def black_hole(request: SignedInRequest, now: datetime) -> Contents:
    """The longest first; of a rep's his own leads."""
    principal = request.user.principal
    found = episodes(principal)
    if principal.role == Role.REP:
        found = found.filter(lead__owner=principal.user_id)
    ids = snapshot(found.values_list("pk", flat=True).iterator())
    return Contents(_COLUMNS, len(ids), _rows(ids, principal, now))


def _rows(ids: Sequence[int], principal: Principal, now: datetime) -> Iterator[Sequence[Value]]:
    catch_up()
    experience = channel_experience(select(principal, Parameters({}, {}), now))
    for _, some in in_chunks(ids):
        found = with_leads(Flag.objects.all()).in_bulk(some)
        yield from (_row(inside(found[pk], experience, now)) for pk in some)


def _row(one: Inside) -> Sequence[Value]:
    lead = one.lead
    return (
        *(lead.pk, lead.name, lead.email, str(lead.company or ""), lead.stage, one.flag.get_clock_display()),
        *(one.flag.due_at, one.since, lead.owner.name if lead.owner else "", lead.team.name if lead.team else ""),
        *(lead.channel.slug, lead.campaign.slug if lead.campaign else ""),
        *(one.worth, one.currency if one.worth is not None else "", one.estimated),
    )


def leads_of_a_report(request: SignedInRequest, now: datetime) -> Contents:
    """The leads behind a figure: `?report=`, `?figure=`, `?row=`, and the report's own filters; the newest first."""
    given = {name: text for name, text in request.GET.dict().items() if isinstance(text, str) and text.strip()}
    for name in ("format", "page"):
        given.pop(name, None)
    report, figure, row = (given.pop(name, "") for name in ("report", "figure", "row"))
    principal = request.user.principal
    try:
        found = leads_behind(find_entry(report, principal), figure, row, given, principal=principal, now=now)
    except UnknownReport as error:
        raise Http404(str(error)) from error
    except InvalidParameter as error:
        raise ExportRefused(str(error), status=400) from error
    leads = own_alone(found.leads, principal)
    return lead_contents(principal, snapshot(leads.values_list("pk", flat=True).iterator()))


LISTS = (
    ListExport("black-hole", "Black Hole", "black-hole", black_hole),
    ListExport("report-leads", "Leads of a report", "reports", leads_of_a_report),
)
