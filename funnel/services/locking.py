"""Locking a lead and reading it with all that its change needs: one statement, unless somebody was there before."""

from collections.abc import Callable
from functools import lru_cache, reduce
from operator import or_

from django.db import connection
from django.db.models import BooleanField, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import Coalesce

from accounts.prepared import Prepared
from accounts.principals import Principal
from funnel.models import Lead, LeadEvent, LeadIdentity
from funnel.querysets import LeadQuerySet

# What a lead's clock is set by, and what else its rules ask for.
CLOCK_NEEDS = ("owner__team__calendar", "team__calendar", "hand_off__agreement")
NEEDED = (*CLOCK_NEEDS, "channel", "company")

# What else a change has to know of its lead, asked for in the same statement: annotates the leads.
Also = Callable[[LeadQuerySet], LeadQuerySet]
_A_LEAD = -(10**12)
_AN_EMAIL, _A_SOURCE, _AN_ID = "some e-mail key", "some system", "an id of that system"


def nothing_else(leads: LeadQuerySet) -> LeadQuerySet:
    return leads


def lock_visible(lead_id: int, by: Principal, also: Also = nothing_else) -> Lead:
    """Lock a lead that `by` may see, and read it with what is `NEEDED` and `also`. Call it inside a transaction.

    `last_hash` on it is that of its last event. Raises Lead.DoesNotExist outside the scope.
    """
    somebody, meant = by.stand_in()
    lead = _locking(somebody, also, connection.vendor).first({**meant, _A_LEAD: lead_id})
    if lead is None or not vars(lead)["is_as_joined"]:
        # Out of the scope, or it had to wait: what was joined before may not fit to the row any more.
        return lock_lead(Lead.objects.visible_to(by), lead_id, also)
    return lead


def lock_lead(leads: LeadQuerySet, lead_id: int, also: Also = nothing_else) -> Lead:
    """The same for a lead among `leads`: locked first, and then read."""
    leads.select_for_update().values_list("pk", flat=True).get(pk=lead_id)
    # Whether it is among `leads` hangs on its own row, which nobody else changes from now on.
    return _reading(also, connection.vendor).ask({_A_LEAD: lead_id})[0]


@lru_cache(maxsize=256)
def _locking(somebody: Principal, also: Also, vendor: str) -> Prepared[Lead]:
    leads = _with_needs(Lead.objects.visible_to(somebody), also)
    return Prepared(leads.annotate(is_as_joined=_is_as_joined(vendor)).select_for_update(of=("self",)))


@lru_cache(maxsize=16)
def _reading(also: Also, vendor: str) -> Prepared[Lead]:  # noqa: ARG001  # each has its own
    return Prepared(_with_needs(Lead.objects.all(), also))


def named_by(email_key: str | None, source: str, external_id: str) -> tuple[Lead | None, Lead | None]:
    """The lead of an e-mail key and that of another system's id, locked and read as by `lock_visible`; "" names none.

    Of one that was merged into another its address still names that other one. Call it inside a transaction.
    """
    asked = _named_by(connection.vendor, by_email=bool(email_key), by_id=bool(external_id))
    meant = {_AN_EMAIL: email_key, _A_SOURCE: source, _AN_ID: external_id}
    found = asked.ask(meant)
    if not all(vars(lead)["is_as_joined"] for lead in found):
        found = asked.ask(meant)  # they had to wait; nobody else changes them from now on
    told = [(lead, vars(lead).pop("email_names", None), vars(lead).pop("id_names", None)) for lead in found]
    by_email = next((lead for lead, named, _ in told if lead.pk == named), None)
    return by_email, next((lead for lead, _, named in told if lead.pk == named), None)


@lru_cache(maxsize=8)
def _named_by(vendor: str, *, by_email: bool, by_id: bool) -> Prepared[Lead]:
    of_email = Lead.objects.order_by().filter(email_key=_AN_EMAIL).annotate(named=Coalesce("merged_into", "pk"))
    of_id = LeadIdentity.objects.order_by().filter(source=_A_SOURCE, external_id=_AN_ID)
    names = {"email_names": Subquery(of_email.values("named"))} if by_email else {}
    names |= {"id_names": Subquery(of_id.values("lead"))} if by_id else {}
    fits = reduce(or_, (Q(pk=name) for name in names.values()))
    leads = Lead.objects.filter(fits).order_by("pk").select_related(*NEEDED, "campaign")
    found = leads.annotate(last_hash=_last_hash(), is_as_joined=_is_as_joined(vendor), **names)
    return Prepared(found.select_for_update(of=("self",)))


def _with_needs(leads: LeadQuerySet, also: Also) -> LeadQuerySet:
    found = also(leads.filter(pk=_A_LEAD).order_by().select_related(*NEEDED))
    return found.annotate(last_hash=_last_hash())


def _last_hash() -> Subquery:
    last = LeadEvent.objects.filter(lead=OuterRef("pk"), seq=OuterRef("ledger_seq")).order_by()
    return Subquery(last.values("hash"))


def _is_as_joined(vendor: str) -> Combinable:
    """Whether the row that was locked is the one that the statement's joins saw.

    A statement that had to wait for the lock answers with the row as the other one left it, but with all that belongs
    to it, such as its hand-off, from before the wait. Whoever changes what belongs to a lead writes its row too.
    """
    if vendor != "postgresql":
        return Value(value=True, output_field=BooleanField())  # one writer at a time: nobody waits within a statement
    table = connection.ops.quote_name(Lead._meta.db_table)
    # No value is in it, and the name is ours.
    seen = f"(SELECT seen.xmin FROM {table} seen WHERE seen.id = {table}.id) = {table}.xmin"  # noqa: S608
    return RawSQL(seen, (), output_field=BooleanField())  # noqa: S611
