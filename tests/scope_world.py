"""Everybody, and one lead of every belonging: what the scope tests look at from all sides."""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from django.test import Client
from django.utils import timezone

from accounts.models import Notification, SavedView, Team
from accounts.roles import Role
from dispositions.models import BuyIn, Disposition, Dispute, Proof
from dispositions.outcomes import Outcome
from dispositions.services.snapshot import snapshot
from funnel.inputs import CompanyInput
from funnel.lifecycle import Stage
from funnel.models import Agreement, Campaign, Channel, Lead, SourceRuling, Spend, Touch
from integrations.imports.kinds import KINDS
from integrations.models import Delivery, Endpoint, InboxItem, Source
from integrations.services.keys import Scope, create_key
from integrations.services.uploads import set_mapping, store_upload
from reports.models import Target
from reports.target_periods import quarter_of
from tests.conftest import signed_in
from tests.factories import AgreementFactory, LeadFactory, UserFactory

LEADS = ("own", "team-mate's", "sibling's", "own pool", "other pool", "foreign source", "merged")
SESSIONS = ("rep", "manager", "marketing", "admin")
ROLES = ("anonymous", *SESSIONS, "key")

# Which leads each may know of. A manager is that of the rep's team; the API key's source told of two leads.
EVERY = frozenset(LEADS) - {"merged"}
SEES = {
    "anonymous": frozenset(),
    "rep": frozenset({"own", "own pool"}),
    "manager": frozenset({"own", "team-mate's", "own pool"}),
    "marketing": EVERY,
    "admin": EVERY,
    "key": frozenset({"own", "sibling's"}),
}


@dataclass
class World:
    """`tokens`: a random word in each lead's name, company, notes and campaign, by the lead's belonging."""

    clients: dict[str, Client]
    leads: dict[str, Lead]
    tokens: dict[str, str]
    users: dict[str, object]
    in_force: Agreement
    draft: Agreement


def build_world(west, east, users, *, with_leads=True):
    """`users`: one of each role; the rep and the manager belong to `west`."""
    in_force = AgreementFactory(name="MQL to SAL", clauses=["Asked to be called."])
    draft = AgreementFactory(name="MQL to SAL", version=2, state=Agreement.State.DRAFT)
    tokens = {name: f"canary{secrets.token_hex(6)}" for name in LEADS}
    belongings = {
        "own": {"owner": users["rep"]},
        "team-mate's": {"owner": UserFactory(name="Tom Team", team=west)},
        "sibling's": {"owner": UserFactory(name="Sina Sibling", team=east)},
        "own pool": {"owner": None, "team": west},
        "other pool": {"owner": None, "team": east},
        "foreign source": {"owner": None, "source": "elsewhere"},
        "merged": {"owner": users["rep"]},
    }
    leads = {name: _lead(name, tokens[name], **belongings[name]) for name in LEADS if with_leads}
    if leads:
        # Nothing is done for a merged lead any more.
        Lead.objects.filter(pk=leads["merged"].pk).update(merged_into=leads["foreign source"], sweep_at=None)
    return World(_clients(users), leads, tokens, users, in_force, draft)


def _lead(name, token, **belonging):
    identity = {"external_id": token} if name in SEES["key"] | {"foreign source", "merged"} else {}
    source = {"source": "website" if name in SEES["key"] else "elsewhere"}
    return LeadFactory(
        **{
            "stage": Stage.MQL,
            "last_name": token,
            "email": f"{token}@buyer.example",
            "company": CompanyInput(name=f"{token} Ltd", domain=f"{token}.example"),
            "attributes": {"pain": f"Pain {token}"},
            "at": timezone.now(),
        }
        | identity
        | source
        | belonging
    )


def _clients(users):
    _, key = create_key(name="Website", source="website", scopes=tuple(Scope), at=timezone.now())
    sessions = {role: signed_in(users[role]) for role in SESSIONS}
    return {"anonymous": Client(), "key": Client(headers={"Authorization": f"Bearer {key}"})} | sessions


# --- what hangs on a lead -----------------------------------------------------------------------------------


def refusal_of(world, name):
    """A refusal that somebody out of every scope but the admin's gave."""
    lead, stranger = world.leads[name], UserFactory(role=Role.REP)
    return Disposition.objects.create(
        lead=lead,
        seq=90,
        last_seq=90,
        hand_off=lead.hand_off,
        outcome=Outcome.REFUSE,
        by=stranger,
        at=timezone.now(),
        before=snapshot(lead),
    )


def dispute_of(world, name):
    refusal, now = refusal_of(world, name), timezone.now()
    decide_at = now + timedelta(days=5)
    return Dispute.objects.create(disposition=refusal, hand_off=refusal.hand_off, opened_at=now, decide_at=decide_at)


def notification_of(user):
    now = timezone.now()
    return Notification.objects.create(user=user, kind="test", key="test", text="Look.", url="/me/", created_at=now)


def view_of(user):
    return SavedView.objects.create(owner=user, page="leads", name="Mine", query="stage=mql", created_at=timezone.now())


def person_of(world, name):
    """Somebody in the lead's buy-in map."""
    now, by = timezone.now(), UserFactory()
    return BuyIn.objects.create(
        lead=world.leads[name], person=f"{world.tokens[name]} Finance", created_at=now, updated_at=now, updated_by=by
    )


def touch_of(world, name):
    """A call by somebody of marketing."""
    caller, channel = UserFactory(role=Role.MARKETING, team=None), Channel.objects.first()
    return Touch.objects.create(
        lead=world.leads[name], at=timezone.now(), kind="call", channel=channel, source="leadflow", by=caller
    )


def ruling_of(world, name):
    """Somebody else of marketing has said that nobody can know where it came from."""
    lead = world.leads[name]
    return SourceRuling.objects.create(
        lead=lead,
        seq=90,
        kind=SourceRuling.Kind.UNKNOWABLE,
        old=lead.channel,
        new=lead.channel,
        at=timezone.now(),
        by=UserFactory(role=Role.MARKETING, team=None),
    )


# --- what marketing keeps -----------------------------------------------------------------------------------


def spend_of_a_campaign():
    channel = Channel.objects.create(slug="paid-search", name="Paid search")
    campaign = Campaign.objects.create(slug="spring", name="Spring", channel=channel)
    days = {"starts_on": date(2026, 3, 1), "ends_on": date(2026, 3, 31)}
    return Spend.objects.create(channel=channel, campaign=campaign, amount=1200, currency="EUR", **days)


def an_upload(user):
    content = b"email\nann@buyer.example\n"
    at = timezone.now()
    kept = {"kind": KINDS["leads"], "name": "leads.csv", "size": len(content), "content": [content]}
    upload = store_upload(**kept, by=user, at=at)
    set_mapping(upload.pk, '[columns]\nemail = "email"\n')
    return upload


def target_of(team):
    """This quarter's, of the team of that name."""
    marketer, period = UserFactory(role=Role.MARKETING, team=None), quarter_of(date(2026, 3, 4))
    days = {"first_day": period.first, "months": period.months}
    return Target.objects.create(
        team=Team.objects.get(name=team), mqls=10, marketing=marketer, marketing_at=timezone.now(), **days
    )


def a_proof():
    return Proof.objects.create(kind="case_study", title="How a haulier saved a day", updated_at=timezone.now())


# --- connected tools ----------------------------------------------------------------------------------------


def a_source():
    """One that nobody of marketing connected."""
    return Source.objects.create(
        slug="shop", name="Shop", adapter="mautic", token="t0ken", secret="a-secret-of-ours", created_at=timezone.now()
    )


def a_message():
    now = timezone.now()
    return InboxItem.objects.create(source=a_source(), message_id="m-1", digest="d", received_at=now, state="failed")


def an_endpoint():
    return Endpoint.objects.create(
        name="CRM", url="https://crm.example/", secret="whsec_AAAA", created_at=timezone.now()
    )


def a_delivery():
    lead, now = LeadFactory(), timezone.now()
    return Delivery.objects.create(
        endpoint=an_endpoint(),
        event=lead.events.first(),
        lead=lead,
        seq=1,
        message_id="msg_1",
        state="dead",
        created_at=now,
        next_attempt_at=now,
    )


def a_key():
    """One that an admin made."""
    return create_key(name="Bridge", source="crm", scopes=(Scope.LEADS_READ,), at=timezone.now())[0]
