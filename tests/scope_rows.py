"""What a row of the scope matrix is, and short names for who may do what."""

from dataclasses import dataclass, field

from tests.scope_world import ROLES

SIGN_IN = {"anonymous": 302, "key": 302}  # a page sends whoever has no session to the login
NOT_SALES = SIGN_IN | {"rep": 403, "manager": 403}


def everybody(status):
    return SIGN_IN | dict.fromkeys(("rep", "manager", "marketing", "admin"), status)


def sessions(rep, manager, marketing, admin):
    return SIGN_IN | {"rep": rep, "manager": manager, "marketing": marketing, "admin": admin}


def anybody(status):
    return dict.fromkeys(ROLES, status)


@dataclass(frozen=True)
class Page:
    """An address that is about no lead. `about`: what it is about, by the name of its part."""

    method: str
    route: str
    expected: dict
    data: dict = field(default_factory=dict)
    about: tuple = ()


@dataclass(frozen=True)
class LeadPage:
    """An address about a lead: the status for whoever sees it. `unless`: (role, belonging) that differ.

    `also`: what the address names beside the lead.
    """

    method: str
    route: str
    expected: dict
    data: dict = field(default_factory=dict)
    unless: dict = field(default_factory=dict)
    hidden: dict = field(default_factory=lambda: SIGN_IN)
    of: str = "lead"
    also: tuple = ()


# Connected tools: marketing and the admin keep them; what somebody else made, marketing neither switches nor ends.
CONNECTIONS = (
    Page("GET", "imports/hooks/", sessions(403, 403, 200, 200)),
    Page("GET", "imports/hooks/connect/", sessions(403, 403, 200, 200)),
    Page("POST", "imports/hooks/connect/<slug:adapter>/", sessions(403, 403, 422, 422), about=("mautic",)),
    Page("POST", "imports/hooks/sources/<int:source_id>/switch/", sessions(403, 403, 403, 302), about=("source",)),
    Page("POST", "imports/hooks/sources/<int:source_id>/replay/", sessions(403, 403, 302, 302), about=("source",)),
    Page("GET", "imports/hooks/<int:item_id>/", sessions(403, 403, 200, 200), about=("message",)),
    Page("POST", "imports/hooks/<int:item_id>/replay/", sessions(403, 403, 302, 302), about=("message",)),
    Page("GET", "endpoints/", sessions(403, 403, 200, 200)),
    Page("POST", "endpoints/new/", sessions(403, 403, 422, 422)),
    Page("GET", "endpoints/<int:endpoint_id>/", sessions(403, 403, 200, 200), about=("endpoint",)),
    Page("POST", "endpoints/<int:endpoint_id>/edit/", sessions(403, 403, 422, 422), about=("endpoint",)),
    Page("POST", "endpoints/<int:endpoint_id>/rotate/", sessions(403, 403, 200, 200), about=("endpoint",)),
    Page("POST", "endpoints/<int:endpoint_id>/switch/", sessions(403, 403, 302, 302), about=("endpoint",)),
    Page("POST", "endpoints/<int:endpoint_id>/catch-up/", sessions(403, 403, 422, 422), about=("endpoint",)),
    Page("POST", "endpoints/<int:endpoint_id>/again/", sessions(403, 403, 302, 302), about=("endpoint",)),
    Page(
        "GET",
        "endpoints/<int:endpoint_id>/deliveries/<int:delivery_id>/",
        sessions(403, 403, 200, 200),
        about=("delivery",),
    ),
    Page(
        "POST",
        "endpoints/<int:endpoint_id>/deliveries/<int:delivery_id>/again/",
        sessions(403, 403, 302, 302),
        about=("delivery",),
    ),
    Page("GET", "api-keys/", sessions(403, 403, 200, 200)),
    Page("POST", "api-keys/new/", sessions(403, 403, 422, 422)),
    Page("POST", "api-keys/<int:key_id>/renew/", sessions(403, 403, 403, 302), about=("key",)),
    Page("POST", "api-keys/<int:key_id>/revoke/", sessions(403, 403, 403, 302), about=("key",)),
)

IMPORTS = (
    Page("GET", "imports/", sessions(403, 403, 200, 200)),
    Page("GET", "imports/new/", sessions(403, 403, 200, 200)),
    Page("POST", "imports/new/", sessions(403, 403, 400, 400)),
    *(
        row
        for method, route, status in (
            ("GET", "imports/<int:upload_id>/", 302),
            ("POST", "imports/<int:upload_id>/encoding/", 302),
            ("GET", "imports/<int:upload_id>/mapping/", 200),
            ("GET", "imports/<int:upload_id>/mapping.toml", 200),
            ("GET", "imports/<int:upload_id>/preview/", 200),
            ("POST", "imports/<int:upload_id>/run/", 302),
            ("POST", "imports/<int:upload_id>/remove/", 302),
            ("GET", "imports/<int:upload_id>/rejected.csv", 404),  # it has not run
        )
        for row in (
            Page(method, route, sessions(403, 403, status, status), about=("upload",)),
            Page(method, route, sessions(403, 403, 404, status), about=("somebody else's upload",)),
        )
    ),
)

# Marketing develops leads, finds out where they came from, and runs campaigns.
MARKETINGS = (
    Page("GET", "nurture/", sessions(403, 403, 200, 200)),
    Page("GET", "nurture/tracks/", sessions(403, 403, 200, 200)),
    # The leads here are with sales: marketing reads their brief, and develops them no more.
    LeadPage("GET", "nurture/?lead={lead}", sessions(403, 403, 200, 200), hidden=NOT_SALES),
    LeadPage("POST", "nurture/<int:lead_id>/touch/", sessions(403, 403, 409, 409), {"kind": "call"}, hidden=NOT_SALES),
    LeadPage("POST", "nurture/<int:lead_id>/sleep/", sessions(403, 403, 409, 409), {"pause": "7"}, hidden=NOT_SALES),
    LeadPage("POST", "nurture/touches/<int:touch_id>/remove/", everybody(302), hidden=NOT_SALES, of="touch"),
    Page("GET", "sources/", sessions(403, 403, 200, 200)),
    Page("POST", "sources/accept/", sessions(403, 403, 422, 422)),
    LeadPage("POST", "sources/<int:lead_id>/", sessions(403, 403, 422, 422), hidden=NOT_SALES),
    LeadPage(
        "POST",
        "sources/rulings/<int:ruling_id>/take-back/",
        sessions(403, 403, 409, 409),  # somebody else's
        hidden=NOT_SALES,
        of="ruling",
    ),
    Page("GET", "campaigns/", sessions(403, 200, 200, 200)),
    Page("GET", "campaigns/new/", sessions(403, 403, 200, 200)),
    Page("GET", "campaigns/<int:campaign_id>/", sessions(403, 200, 200, 200), about=("campaign",)),
    Page("GET", "campaigns/<int:campaign_id>/edit/", sessions(403, 403, 200, 200), about=("campaign",)),
    Page("GET", "campaigns/spend/", sessions(403, 200, 200, 200)),
    Page("POST", "campaigns/spend/", sessions(403, 403, 302, 302)),
    Page("GET", "campaigns/spend/new/", sessions(403, 403, 200, 200)),
    Page("GET", "campaigns/spend/<int:spend_id>/", sessions(403, 403, 200, 200), about=("spend",)),
    Page("POST", "campaigns/spend/<int:spend_id>/delete/", sessions(403, 403, 302, 302), about=("spend",)),
)

REPORTS = (
    Page("GET", "black-hole/", everybody(200)),
    Page("GET", "reports/", everybody(200)),
    Page("GET", "reports/<slug:name>/", everybody(200), about=("closed-loop",)),
    Page("GET", "reports/<slug:name>/", sessions(404, 200, 200, 200), about=("attribution",)),
    Page("GET", "reports/<slug:name>/", sessions(404, 200, 200, 200), about=("paths",)),
    Page("GET", "reports/<slug:name>/leads/?figure=leads", everybody(200), about=("closed-loop",)),
    Page("GET", "reports/<slug:name>/", sessions(404, 200, 200, 200), about=("scorecard",)),
    Page("GET", "targets/", sessions(403, 200, 200, 200)),
    # Set by marketing with the right to sign, which nobody here has; agreed to by the manager of the team.
    Page("GET", "targets/edit/", sessions(403, 403, 403, 403)),
    Page("POST", "targets/copy/", sessions(403, 403, 403, 403)),
    Page("GET", "targets/<int:target_id>/", sessions(403, 200, 200, 200), about=("western target",)),
    Page("GET", "targets/<int:target_id>/", sessions(403, 404, 200, 200), about=("eastern target",)),
    Page("POST", "targets/<int:target_id>/confirm/", sessions(403, 302, 403, 403), about=("western target",)),
    Page("POST", "targets/<int:target_id>/confirm/", sessions(403, 404, 403, 403), about=("eastern target",)),
)

ROOF = (
    Page("GET", "gallery/", everybody(404)),  # where DEBUG is on
    Page("GET", "favicon.ico", anybody(302)),
    Page("GET", "livez", anybody(200)),
    Page("GET", "healthz/jobs", anybody(200)),
    Page("GET", "readyz", anybody(200)),
    Page("GET", "metrics", anybody(200)),  # the test's own machine asks
    Page("GET", "admin/", sessions(302, 302, 302, 200)),
)
