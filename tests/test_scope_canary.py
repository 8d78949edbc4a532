"""Every lead carries a random word. Whoever may not know of a lead never meets its word, wherever he looks."""

import io
import re
import zipfile
from collections import Counter
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.utils import timezone

from accounts.exports import registered_lists
from accounts.files import FORMATS
from accounts.models import Mail, Notification, User
from funnel.models import Lead, LeadText
from funnel.sweep import run_sweep
from tests.scope_world import LEADS, SEES, SESSIONS, build_world, dispute_of

pytestmark = pytest.mark.django_db

STARTS = (
    *("/", "/queue/", "/black-hole/", "/reports/", "/disputes/", "/agreement/", "/notifications/", "/me/", "/stages/"),
    *("/team/", "/team/calendar/"),
    *("/leads/", "/leads/?q=canary"),
    *("/nurture/", "/nurture/?show=asleep", "/loop/", "/campaigns/", "/campaigns/spend/", "/proof/", "/imports/"),
    *(f"/reports/closed-loop/?format={kind}" for kind in ("csv", "xlsx", "json", "table")),
)
# Files have tests of their own below: there is one for each filter of each list.
NOT_FOLLOWED = ("/logout/", "/static/", "/admin/logout/", "/admin/jsi18n/", "/api/", "/exports/")
MOST_PAGES = 400
# Of pages that differ in a number or in the value of a filter: more than there are leads.
MOST_OF_A_KIND = 12


@pytest.fixture
def world(west, east, rep, manager, marketing, admin):
    """With leads in the Black Hole, in nurture and in dispute, so that every list has something to show."""
    world = build_world(west, east, {"rep": rep, "manager": manager, "marketing": marketing, "admin": admin})
    for name in LEADS:
        dispute_of(world, name)
    deadline = world.leads["own"].due_at
    for now in (deadline - timedelta(minutes=5), deadline + timedelta(minutes=5)):
        run_sweep(now=now)
    return world


def text_of(response):
    """What a person reads in it: also inside a spreadsheet."""
    body = b"".join(response) if response.streaming else response.content
    if not zipfile.is_zipfile(io.BytesIO(body)):
        return body.decode()
    with zipfile.ZipFile(io.BytesIO(body)) as sheets:
        return "".join(sheets.read(name).decode(errors="replace") for name in sheets.namelist())


def links_in(text, address):
    for found in re.findall(r'(?:href|hx-get)="([^"#]+)', text):
        parts = urlsplit(urljoin(f"http://testserver{address}", unescape(found)))
        link = parts.path + (f"?{parts.query}" if parts.query else "")
        if parts.netloc == "testserver" and not link.startswith(NOT_FOLLOWED):
            yield link


def kind_of(address):
    """The view, and the names of what it is asked for."""
    path, _, query = address.partition("?")
    return re.sub(r"\d+", "0", path), tuple(sorted(parse_qs(query, keep_blank_values=True)))


def crawl(client, starts):
    """Every page that can be reached by links, a dozen of each kind; answers address -> text."""
    waiting, pages, kinds = list(starts), {}, Counter()
    while waiting and len(pages) < MOST_PAGES:
        address = waiting.pop(0)
        if address in pages or kinds[kind_of(address)] >= MOST_OF_A_KIND:
            continue
        kinds[kind_of(address)] += 1
        response = client.get(address)
        assert response.status_code < 500, address
        pages[address] = text_of(response)
        if response.status_code in {301, 302}:
            waiting.append(urljoin(address, response.url))
        elif "html" in response.get("Content-Type", ""):
            waiting += [link for link in links_in(pages[address], address) if link not in pages]
    return pages


def heard(world, pages):
    """The leads whose words were met."""
    return {name for name, token in world.tokens.items() if any(token in text for text in pages.values())}


@pytest.mark.parametrize("role", SESSIONS)
def test_no_page_tells_of_a_lead_out_of_scope(world, role):
    pages = crawl(world.clients[role], STARTS)

    # The history of a merged lead is on the timeline of the lead that it is today.
    assert heard(world, pages) == SEES[role] | ({"merged"} if "foreign source" in SEES[role] else set())
    assert len(pages) > len(STARTS)


# --- files ---------------------------------------------------------------------------------------------------

# A rep takes away what is his, not what waits in his team's pool.
TAKES = SEES | {"rep": frozenset({"own"})}


def files_for(world, role):
    """Every list as every kind of file: address -> text, of those that the role may have."""
    rep = world.users["rep"].pk
    queries = {
        "disputes": ("", "settled=1"),
        "nurture": ("", "show=asleep"),
        "rep-queue": (f"rep={rep}",),
        "report-leads": ("report=closed-loop&figure=leads",),
    }
    addresses = [
        f"/exports/{name}/?format={kind}&{query}"
        for name in registered_lists()
        for query in queries.get(name, ("",))
        for kind in FORMATS
    ]
    answers = {address: world.clients[role].get(address) for address in addresses}
    assert {answer.status_code for answer in answers.values()} <= {200, 403}
    return {address: text_of(answer) for address, answer in answers.items() if answer.status_code == 200}


@pytest.mark.parametrize("role", SESSIONS)
def test_no_file_tells_of_a_lead_out_of_scope(world, role):
    files = files_for(world, role)

    leads = {address: text for address, text in files.items() if address.startswith("/exports/leads/")}
    assert heard(world, leads) == TAKES[role]
    # Of a dispute it is on record to which lead it belonged, also once that lead has been merged.
    assert heard(world, files) - {"merged"} == TAKES[role]
    assert len(files) > len(leads) > 0


@pytest.mark.parametrize("role", SESSIONS)
def test_no_file_tells_marketing_what_sales_notes_for_itself(world, role):
    for lead in world.leads.values():
        seq = lead.events.latest("seq").seq + 100
        LeadText.objects.create(lead=lead, seq=seq, kind=LeadText.Kind.NOTE, text="Private!", at=timezone.now())

    told = {address for address, text in files_for(world, role).items() if "Private!" in text}

    assert bool(told) == (role != "marketing")


def test_no_mail_and_no_notification_tells_of_a_lead_out_of_scope(world):
    told = [(note.user, note.text) for note in Notification.objects.select_related("user")]
    told += [(User.objects.get(email=mail.to), f"{mail.subject} {mail.text}") for mail in Mail.objects.all()]

    assert told
    for user, text in told:
        words = {token for name, token in world.tokens.items() if token in text}
        visible = Lead.objects.visible_to(user.principal).values_list("last_name", flat=True)
        assert words <= set(visible)


def test_no_answer_of_the_api_tells_of_a_lead_that_the_source_never_told_of(world):
    key = world.clients["key"]
    same_person = {"email": f"{world.tokens['foreign source']}@buyer.example", "external_id": world.tokens["own"]}

    pages = {name: text_of(key.get(f"/api/v1/leads/{lead.pk}/")) for name, lead in world.leads.items()}
    pages["report"] = text_of(key.get("/api/v1/reports/closed-loop/?by=campaign"))
    clash = key.post("/api/v1/leads/", same_person, content_type="application/json")

    assert heard(world, pages) == SEES["key"]
    assert clash.status_code == 409
    assert world.tokens["foreign source"] not in clash.content.decode()


@pytest.mark.parametrize("role", SESSIONS)
def test_no_search_filter_or_sorting_brings_a_lead_out_of_scope(world, role):
    client = world.clients[role]
    pages = {}
    for name, token in world.tokens.items():
        lead = world.leads[name]
        for query in (f"?q={token}", f"?team={lead.team_id}", f"?owner={lead.owner_id}", f"?lead={lead.pk}"):
            for page in ("/queue/", "/leads/", "/black-hole/", "/reports/closed-loop/", "/disputes/"):
                pages[page + query] = text_of(client.get(page + query)).replace(query, "")

    hidden = {name: token for name, token in world.tokens.items() if name not in SEES[role]}
    # What somebody typed may come back to him in the field he typed it into; a lead's other words may not.
    words = {name: (f"{token} Ltd", f"{token}.example", f"Pain {token}") for name, token in hidden.items()}
    told = {name for name, tokens in words.items() for text in pages.values() for one in tokens if one in text}

    assert told == set()
