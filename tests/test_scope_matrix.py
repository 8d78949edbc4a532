"""Every address × every role × every belonging of a lead: what each may do is written here, and nowhere else.

An address without a row fails, and so does a row without an address. Out of scope a lead does not exist: 404.
"""

import re

import pytest
from django.contrib.admin import site
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from accounts.models import Team
from tests.factories import UserFactory
from tests.scope_api import API
from tests.scope_rows import (
    CONNECTIONS,
    IMPORTS,
    MARKETINGS,
    REPORTS,
    ROOF,
    SIGN_IN,
    LeadPage,
    Page,
    anybody,
    everybody,
    sessions,
)
from tests.scope_world import (
    LEADS,
    ROLES,
    SEES,
    a_delivery,
    a_key,
    a_message,
    a_proof,
    a_source,
    an_endpoint,
    an_upload,
    build_world,
    dispute_of,
    notification_of,
    person_of,
    refusal_of,
    ruling_of,
    spend_of_a_campaign,
    target_of,
    touch_of,
    view_of,
)

pytestmark = pytest.mark.django_db

OPEN = ("/logout/", "/favicon.ico")


MERGED_FOR = (("marketing", "merged"), ("admin", "merged"))
OWNED = ("own", "team-mate's", "sibling's")

MATRIX = (
    # accounts
    Page("GET", "", anybody(302)),
    Page("GET", "login/", everybody(302) | {"anonymous": 200, "key": 200}),
    Page("POST", "logout/", anybody(302)),
    Page("GET", "password/forgotten/", anybody(200)),
    Page("GET", "password/sent/", anybody(200)),
    Page("GET", "password/new/<uidb64>/<token>/", anybody(200), about=("MQ", "forged-token")),
    Page("GET", "kept/", everybody(302)),  # to the start page: nothing was kept
    Page("GET", "notifications/", everybody(200)),
    Page("POST", "notifications/read/", everybody(302)),
    Page("POST", "notifications/<int:pk>/read/", sessions(302, 404, 404, 404), about=("notification",)),
    Page("GET", "views/", everybody(200)),
    Page("POST", "views/", everybody(422)),
    Page("GET", "views/<int:view_id>/rename/", sessions(200, 404, 404, 404), about=("view",)),
    Page("POST", "views/<int:view_id>/delete/", sessions(302, 404, 404, 404), about=("view",)),
    *(
        Page("GET", "exports/<slug:name>/?format=csv", expected, about=(name,))
        for name, expected in {
            **dict.fromkeys(("leads", "queue", "disputes", "black-hole"), everybody(200)),
            **dict.fromkeys(("loop", "campaigns", "campaign-spend"), sessions(403, 200, 200, 200)),
            **dict.fromkeys(("team-pipeline", "team-workload", "team-at-risk"), sessions(403, 200, 403, 200)),
            "nurture": sessions(403, 403, 200, 200),
            "nothing": everybody(404),
        }.items()
    ),
    *(
        Page("GET", f"exports/<slug:name>/?format=csv&{query}", everybody(status), about=("report-leads",))
        for query, status in {"report=closed-loop&figure=leads": 200, "report=moon": 404}.items()
    ),
    *(
        Page("GET", "exports/<slug:name>/?format=csv&rep=<int:rep_id>", expected, about=("rep-queue", rep))
        for rep, expected in {
            "western rep": sessions(403, 200, 403, 200),
            "eastern rep": sessions(403, 404, 403, 200),
        }.items()
    ),
    Page("GET", "me/", everybody(200)),
    Page("POST", "me/password/", everybody(422)),
    Page("POST", "me/sign-out-everywhere/", everybody(422)),
    # dispositions
    Page("GET", "team/", sessions(403, 200, 403, 200)),
    *(
        row
        for route in ("team/reps/<int:user_id>/", "team/reps/<int:user_id>/hand-over/", "team/calendar/<int:user_id>/")
        for row in (
            Page("GET", route, sessions(403, 200, 403, 200), about=("western rep",)),
            Page("GET", route, sessions(403, 404, 403, 200), about=("eastern rep",)),
        )
    ),
    Page("GET", "team/calendar/", sessions(403, 200, 403, 200)),
    Page("POST", "team/calendar/<int:user_id>/", sessions(403, 302, 403, 302), {"lead_cap": "9"}, ("western rep",)),
    Page("POST", "team/calendar/<int:user_id>/", sessions(403, 404, 403, 302), {"lead_cap": "9"}, ("eastern rep",)),
    Page("GET", "queue/", everybody(200)),
    Page("GET", "queue/rows/", everybody(200)),
    LeadPage("GET", "queue/?lead={lead}", everybody(200)),
    # One that was merged leads to the lead that it is today.
    LeadPage("GET", "leads/<int:lead_id>/", everybody(200), unless=dict.fromkeys(MERGED_FOR, 302)),
    Page("GET", "leads/", everybody(200)),
    Page("GET", "leads/?q=canary", everybody(200)),
    Page("POST", "leads/bulk/", sessions(422, 422, 403, 422)),
    Page("POST", "leads/reassign/", sessions(403, 422, 403, 422)),
    LeadPage("GET", "leads/<int:lead_id>/reassign/", sessions(403, 200, 403, 200)),
    LeadPage("POST", "leads/<int:lead_id>/reassign/", sessions(403, 422, 403, 422)),
    Page("GET", "leads/new/", everybody(200)),
    Page("POST", "leads/new/", everybody(422)),
    Page("POST", "leads/new/duplicates/", everybody(200), {"first_name": "Bea", "last_name": "Buyer"}),
    Page("POST", "leads/new/ask/", everybody(302), {"email": "nobody@buyer.example"}),
    LeadPage(
        "GET",
        "leads/<int:lead_id>/edit/<slug:section>/",
        everybody(200),
        unless={("rep", "own pool"): 403},
        also=("contact",),
    ),
    LeadPage(
        "POST",
        "leads/<int:lead_id>/edit/<slug:section>/",
        everybody(302),
        {"last_name": "Edited"},
        unless={("rep", "own pool"): 403},
        also=("contact",),
    ),
    LeadPage("POST", "leads/<int:lead_id>/notes/", everybody(302), {"text": "Hello."}),
    LeadPage("GET", "leads/<int:lead_id>/merge/", everybody(200)),
    LeadPage("POST", "leads/<int:lead_id>/merge/", everybody(404), {"other": "987654321"}),
    LeadPage("GET", "leads/<int:lead_id>/erase/", sessions(403, 403, 200, 200)),
    LeadPage("POST", "leads/<int:lead_id>/erase/", sessions(403, 403, 302, 422)),
    LeadPage("GET", "leads/<int:lead_id>/export/", sessions(403, 403, 403, 200)),
    # None of these was erased.
    LeadPage("POST", "leads/<int:lead_id>/let-back/", everybody(404)),
    LeadPage(
        "POST",
        "leads/<int:lead_id>/disposition/",
        sessions(302, 302, 403, 302),
        {"outcome": "accept", "reason": "no_need"},
    ),
    LeadPage(
        "POST",
        "leads/<int:lead_id>/move/",
        sessions(403, 403, 302, 302),
        {"move": "withdraw", "reason": "duplicate"},
    ),
    LeadPage(
        "POST",
        "leads/<int:lead_id>/take/",
        sessions(302, 302, 403, 302),
        unless={("manager", "own"): 409, ("manager", "team-mate's"): 409} | {("admin", name): 409 for name in OWNED},
    ),
    LeadPage("POST", "dispositions/<int:disposition_id>/undo/", everybody(302), of="disposition"),
    # Somebody else's too: only its author adds to it, or says whether it will close.
    LeadPage("GET", "leads/<int:lead_id>/said/<int:seq>/", everybody(404), of="said"),
    LeadPage("POST", "leads/<int:lead_id>/said/<int:seq>/forecast/", everybody(404), {"forecast": "50"}, of="said"),
    LeadPage("GET", "leads/<int:lead_id>/buying/", everybody(200)),
    LeadPage("POST", "leads/<int:lead_id>/buying/", sessions(302, 302, 403, 302), {"person": "Dana"}),
    LeadPage(
        "POST",
        "leads/<int:lead_id>/buying/<int:buy_in_id>/",
        sessions(302, 302, 403, 302),
        {"person": "Dana"},
        of="person",
    ),
    LeadPage("POST", "leads/<int:lead_id>/buying/<int:buy_in_id>/remove/", sessions(302, 302, 403, 302), of="person"),
    # Somebody else's outcome: only its author takes it back.
    LeadPage("GET", "dispositions/<int:disposition_id>/take-back/", everybody(404), of="disposition"),
    # Whoever has the mail has the key; this one LeadFlow never sent.
    Page("GET", "mail/<str:token>/", anybody(404), about=("1-1-accept-0-0.forged",)),
    LeadPage(
        "POST",
        "disputes/<int:dispute_id>/vote/",
        everybody(403),
        {"verdict": "upheld"},
        # The signers settle it also once the lead has been merged.
        unless={("marketing", "merged"): 403, ("admin", "merged"): 403},
        of="dispute",
    ),
    Page("GET", "disputes/", everybody(200)),
    *MARKETINGS,
    Page("GET", "loop/", sessions(403, 200, 200, 200)),
    Page("GET", "loop/new/", sessions(403, 200, 200, 200)),
    Page("GET", "proof/", everybody(200)),
    Page("GET", "proof/new/", sessions(403, 403, 200, 200)),
    Page("GET", "proof/<int:proof_id>/edit/", sessions(403, 403, 200, 200), about=("proof",)),
    Page("POST", "proof/<int:proof_id>/active/", sessions(403, 403, 302, 302), about=("proof",)),
    Page("GET", "stages/", everybody(200)),
    Page("GET", "agreement/", everybody(200)),
    Page("GET", "agreement/new/", sessions(403, 403, 200, 200)),
    Page("GET", "agreement/<int:agreement_id>/", everybody(200), about=("draft",)),
    Page("GET", "agreement/<int:agreement_id>/edit/", sessions(403, 403, 200, 200), about=("draft",)),
    Page("POST", "agreement/<int:agreement_id>/next/", sessions(403, 403, 302, 302), about=("in_force",)),
    Page("POST", "agreement/<int:agreement_id>/discard/", sessions(403, 403, 302, 302), about=("draft",)),
    Page("POST", "agreement/<int:agreement_id>/sign/", everybody(403), about=("draft",)),
    Page("GET", "agreement/<int:agreement_id>/compare/<int:other_id>/", everybody(200), about=("in_force", "draft")),
    # reports
    *REPORTS,
    # integrations
    *IMPORTS,
    *CONNECTIONS,
    *API,
    # leadflow
    *ROOF,
)


@pytest.fixture
def users(rep, manager, marketing, admin):
    return {"rep": rep, "manager": manager, "marketing": marketing, "admin": admin}


@pytest.fixture(autouse=True)
def _the_server_has_just_started(monkeypatch):
    """No job is late yet."""
    monkeypatch.setattr("leadflow.health.STARTED_AT", timezone.now())


@pytest.fixture(autouse=True)
def _uploaded_files_are_kept_apart(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def company(west, east, users):
    """Without leads."""
    return build_world(west, east, users, with_leads=False)


@pytest.fixture
def world(west, east, users):
    return build_world(west, east, users)


# --- every address has its row ------------------------------------------------------------------------------


def routes(resolver=None, prefix=""):
    """Of the whole product; the admin site, which Django builds, is one."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern) or route == "admin/":
            yield route
        else:
            yield from routes(pattern, route)


def test_every_address_has_a_row_and_every_row_an_address():
    assert {row.route.partition("?")[0] for row in MATRIX} == set(routes())


# --- addresses about no lead --------------------------------------------------------------------------------


def _delivery_with_its_endpoint():
    delivery = a_delivery()
    return delivery.endpoint_id, delivery.pk


TOOLS = {
    "source": lambda: [a_source().pk],
    "message": lambda: [a_message().pk],
    "endpoint": lambda: [an_endpoint().pk],
    "delivery": _delivery_with_its_endpoint,
    "key": lambda: [a_key().pk],
}


def ids_of(row, world):
    names = {
        "notification": lambda: notification_of(world.users["rep"]).pk,
        "view": lambda: view_of(world.users["rep"]).pk,
        "draft": lambda: world.draft.pk,
        "in_force": lambda: world.in_force.pk,
        "campaign": lambda: spend_of_a_campaign().campaign_id,
        "spend": lambda: spend_of_a_campaign().pk,
        "proof": lambda: a_proof().pk,
        "upload": lambda: an_upload(world.users["marketing"]).pk,
        "somebody else's upload": lambda: an_upload(UserFactory(role="marketing", team=None)).pk,
        "western target": lambda: target_of("West").pk,
        "eastern target": lambda: target_of("East").pk,
        "western rep": lambda: world.users["rep"].pk,
        "eastern rep": lambda: UserFactory(team=Team.objects.get(name="East")).pk,
    }
    if row.about and row.about[0] in TOOLS:
        return list(TOOLS[row.about[0]]())
    return [names.get(name, lambda name=name: name)() for name in row.about]


def filled(route, values):
    """The route with the values in place of its converters."""
    given = iter(values)
    return "/" + re.sub("<[^>]+>", lambda _: str(next(given)), route.removeprefix("^"))


def ask(client, row, address):
    as_json = {"content_type": "application/json"} if address.startswith("/api/") else {}
    send = client.patch if row.method == "PATCH" else client.post
    return client.generic("GET", address) if row.method == "GET" else send(address, row.data, **as_json)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("row", [row for row in MATRIX if isinstance(row, Page)], ids=lambda row: row.route)
def test_who_may_open_it(company, row, role):
    address = filled(row.route, ids_of(row, company))

    response = ask(company.clients[role], row, address)

    assert response.status_code == row.expected[role]
    if response.status_code == 302 and role in SIGN_IN and address not in OPEN:
        assert "/login/?next=" in response.url


# --- addresses about a lead ---------------------------------------------------------------------------------


def address_of(row, world, name):
    things = {"disposition": refusal_of, "dispute": dispute_of, "touch": touch_of, "ruling": ruling_of}
    within = {"said": lambda: refusal_of(world, name).seq, "person": lambda: person_of(world, name).pk}
    lead_id = world.leads[name].pk
    if row.of in things:
        return filled(row.route, [things[row.of](world, name).pk])
    if row.of in within:
        return filled(row.route, [lead_id, within[row.of]()])
    return f"/{row.route}".format(lead=lead_id) if "{lead}" in row.route else filled(row.route, [lead_id, *row.also])


def expected_of(row, role, name):
    if role in row.hidden:
        return row.hidden[role]  # the same for every lead, whether it exists or not
    return row.unless.get((role, name), row.expected[role] if name in SEES[role] else 404)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("row", [row for row in MATRIX if isinstance(row, LeadPage)], ids=lambda row: row.route)
def test_who_may_reach_which_lead(world, row, role):
    client = world.clients[role]
    never_was = filled(row.route.format(lead=987654321), [987654321, 987654321])

    found = {name: ask(client, row, address_of(row, world, name)).status_code for name in LEADS}

    assert found == {name: expected_of(row, role, name) for name in LEADS}
    assert ask(client, row, never_was).status_code == row.hidden.get(role, 404)


# --- the admin site -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_the_admin_site_is_open_to_admins_alone(company, role):
    names = [f"{model._meta.app_label}_{model._meta.model_name}" for model in site._registry]

    found = {name: company.clients[role].get(reverse(f"admin:{name}_changelist")).status_code for name in names}

    assert found == dict.fromkeys(names, 200 if role == "admin" else 302)


# --- a lead changes hands -----------------------------------------------------------------------------------


def test_a_lead_that_moves_to_another_team_is_gone_for_the_old_one_at_once(world, east):
    lead = world.leads["own"]
    lead.owner, lead.team = UserFactory(team=east), east
    lead.save()

    found = {role: world.clients[role].get(f"/leads/{lead.pk}/").status_code for role in ("rep", "manager", "admin")}

    assert found == {"rep": 404, "manager": 404, "admin": 200}
