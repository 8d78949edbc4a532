"""Messages of marketing tools: stored as they came, then processed from their row, once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from accounts.principals import Kind, Principal
from funnel.identity import email_key
from funnel.inputs import LeadInput
from funnel.models import Lead, LeadIdentity
from funnel.services import suppression
from funnel.services.erase import AlreadyErased, erase_lead
from integrations.inbound.adapters import ADAPTERS
from integrations.inbound.contacts import Contacts, FetchFailed, HubSpotContacts
from integrations.inbound.hubspot import contact_heard
from integrations.inbound.inputs import NotALead, lead_input
from integrations.inbound.message import Heard, Message, Unreadable
from integrations.models import InboxItem, Source
from integrations.services.ingest import InputRejected, ingest_lead, is_known
from integrations.services.keys import Scope

# After the n-th failure that may pass by itself.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))
MAX_ATTEMPTS = len(PAUSES) + 1
LEASE = timedelta(minutes=5)
KEPT_HEADERS = ("content-type", "user-agent", "webhook-id", "webhook-timestamp", "x-hubspot-request-timestamp")


class OtherBody(Exception):
    """The sender gave this id to another message before."""


# --- in -------------------------------------------------------------------------------------------------------


def store(source: Source, message: Message, *, at: datetime) -> tuple[InboxItem, bool]:
    """Verify and keep a message; answers its row, and whether it is new. Raises BadSignature, OtherBody.

    A message without an id of its own is known by its digest: sent again, it is the same, for as long as its tool's
    adapter says.
    """
    message_id = ADAPTERS[source.adapter].verify(message, now=at) or _id_by_body(source, message, at)
    with transaction.atomic():
        item, is_new = InboxItem.objects.get_or_create(
            source=source,
            message_id=message_id,
            defaults={
                "digest": message.digest,
                "received_at": at,
                "content_type": message.content_type[:100],
                "headers": {name: message.headers[name][:500] for name in KEPT_HEADERS if name in message.headers},
                "body": message.body,
                "next_attempt_at": at,
            },
        )
    if item.digest != message.digest:
        raise OtherBody
    return item, is_new


def _id_by_body(source: Source, message: Message, at: datetime) -> str:
    repeats_after = ADAPTERS[source.adapter].repeats_after
    if repeats_after is None:
        return message.digest
    same = InboxItem.objects.filter(source=source, digest=message.digest).order_by("-pk")
    last = same.only("message_id", "received_at").first()
    if last is None:
        return message.digest
    if last.received_at > at - repeats_after:
        return last.message_id
    return f"{message.digest}-{same.count() + 1}"  # of two at once both count the same, and one is stored


def secrets_of(source: Source, at: datetime) -> list[str]:
    is_rotating = source.old_secret and source.old_secret_until and source.old_secret_until > at
    return [source.secret, source.old_secret] if is_rotating else [source.secret]


def message_of(item: InboxItem) -> Message:
    """The message again, as it was stored. It was verified when it came."""
    source = item.source
    return Message(
        body=bytes(item.body),
        headers=item.headers,
        received_at=item.received_at,
        content_type=item.content_type,
        field_map=source.field_map,
        channel_rules=source.channel_rules,
        options=source.options,
    )


# --- processing -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What became of one event. `status`: created, updated, unchanged, ignored-stale, erased, ignored, rejected."""

    event: str
    status: str
    lead: int | None = None
    told: str = ""
    code: str = ""

    @property
    def forgets(self) -> bool:
        """Of somebody who was erased no message is kept."""
        return self.status == "erased" or self.code == suppression.CODE

    def as_json(self) -> dict[str, Any]:
        return {"event": self.event, "status": self.status, "lead": self.lead, "told": self.told}


def due(now: datetime) -> QuerySet[InboxItem]:
    return InboxItem.objects.filter(state=InboxItem.State.WAITING, next_attempt_at__lte=now).order_by("next_attempt_at")


def process(item_id: int, *, now: datetime, contacts: Callable[[Source], Contacts] | None = None) -> InboxItem | None:
    """Process a message that waits, once, whoever else tries at the same moment; None where there is nothing to do.

    The attempt is counted and committed before the work: a message that kills its worker is given up after five.
    """
    item = _claim(item_id, now)
    if item is None:
        return None
    try:
        heard = _heard(item, contacts or _contacts)
    except Unreadable as problem:
        return _finish(item, InboxItem.State.FAILED, [], str(problem), now)
    except FetchFailed as problem:
        return _try_later(item, str(problem), now)
    try:
        with transaction.atomic():
            locked = InboxItem.objects.select_for_update().get(pk=item.pk)
            if locked.state != InboxItem.State.WAITING:
                return None
            results = [_take(one, item.source, received_at=item.received_at, now=now) for one in heard]
            return _finish(item, _state_of(results), results, _problem_of(results), now)
    except OperationalError as problem:
        return _try_later(item, f"The database did not answer: {type(problem).__name__}.", now)


@transaction.atomic
def _claim(item_id: int, now: datetime) -> InboxItem | None:
    locked = due(now).select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked, of=("self",))
    item = locked.select_related("source").filter(pk=item_id).first()
    if item is None:
        return None
    if item.attempts >= MAX_ATTEMPTS:
        _finish(item, InboxItem.State.DEAD, [], item.error or "Its worker ended during the last attempt.", now)
        return None
    item.attempts += 1
    item.next_attempt_at = now + LEASE
    item.save(update_fields=["attempts", "next_attempt_at"])
    return item


def _heard(item: InboxItem, contacts: Callable[[Source], Contacts]) -> list[Heard]:
    """The events, with what had to be fetched for them. Raises Unreadable, FetchFailed."""
    if not item.body:
        raise Unreadable("What this message said is not kept any more.")
    heard = ADAPTERS[item.source.adapter].read(message_of(item))
    ids = list(dict.fromkeys(one.fetch for one in heard if one.fetch))
    if not ids:
        return heard
    fetched = contacts(item.source).fetch(ids)
    return [_completed(one, fetched, item.source) if one.fetch else one for one in heard]


def _completed(heard: Heard, fetched: Mapping[str, Mapping[str, Any]], source: Source) -> Heard:
    contact = fetched.get(heard.fetch)
    if contact is None:
        return Heard(event=heard.event, ignored="The tool does not know this contact any more.")
    return contact_heard(heard, contact, source.field_map)


def _contacts(source: Source) -> Contacts:
    return HubSpotContacts(source.options, list(source.field_map))


def principal_of(source: Source) -> Principal:
    return Principal(
        kind=Kind.API_KEY, name=source.name[:50], source=source.slug, scopes=frozenset({Scope.LEADS_WRITE})
    )


def _take(heard: Heard, source: Source, *, received_at: datetime, now: datetime) -> Result:
    if heard.ignored:
        return Result(heard.event, "ignored", told=heard.ignored)
    try:
        understood = lead_input(heard, source=source.slug, rules=source.channel_rules, received_at=received_at)
        if heard.erases:
            return _erase(heard, understood.given, source, now=now)
        if heard.only and (heard.only == "update") != is_known(understood.given):
            because = "Nobody is known by it" if heard.only == "update" else "It is known already"
            return Result(heard.event, "ignored", told=f"{because}, and the tool asked to {heard.only} only.")
        ingested = ingest_lead(
            understood.given, promote=heard.promotes, by=principal_of(source), at=now, override_reason=""
        )
    except NotALead as problem:
        return Result(heard.event, "rejected", told=str(problem))
    except InputRejected as problem:
        return Result(heard.event, "rejected", told=str(problem), code=problem.code)
    told = list(heard.notes)
    if understood.left_out:
        told.append(f"Left out: {'; '.join(understood.left_out)}.")
    if ingested.ignored:
        told.append(f"Not taken: {', '.join(f'{one.field} ({one.why})' for one in ingested.ignored)}.")
    if ingested.promotion and not ingested.promotion.promoted:
        told.append(f"Not handed to sales: {ingested.promotion.reason}")
    return Result(heard.event, ingested.status.value, ingested.lead.pk, " ".join(told))


def _erase(heard: Heard, given: LeadInput, source: Source, *, now: datetime) -> Result:
    """The person asked the tool to be forgotten, or was deleted there where the source says that this means it."""
    lead_id = _known_person(given)
    if lead_id is None:
        return Result(heard.event, "ignored", told="Nobody is known by this id or address.")
    try:
        erased = erase_lead(lead_id=lead_id, by=principal_of(source), at=now, asked_by_source=True)
    except AlreadyErased as done:
        return Result(heard.event, "ignored", told=str(done))
    return Result(heard.event, "erased", erased.lead.pk)


def _known_person(given: LeadInput) -> int | None:
    """The lead that the source's id is of, else the one with the address."""
    by_id = LeadIdentity.objects.filter(source=given.source, external_id=given.external_id).values_list(
        "lead", flat=True
    )
    by_email = Lead.objects.filter(email_key=email_key(given.email) if given.email else "").values_list("pk", flat=True)
    return by_id.first() or by_email.first()


def _state_of(results: Sequence[Result]) -> InboxItem.State:
    statuses = {result.status for result in results}
    if "rejected" in statuses:
        return InboxItem.State.FAILED
    return InboxItem.State.UNMAPPED if statuses <= {"ignored"} else InboxItem.State.DONE


def _problem_of(results: Sequence[Result]) -> str:
    return next((result.told for result in results if result.status == "rejected"), "")


def _finish(item: InboxItem, state: InboxItem.State, results: Sequence[Result], error: str, now: datetime) -> InboxItem:
    item.state, item.error, item.processed_at = state, error[:500], now
    item.results, item.next_attempt_at = [result.as_json() for result in results], None
    fields = ["state", "error", "processed_at", "results", "next_attempt_at"]
    if any(result.forgets for result in results):
        item.body, item.headers = b"", {}
        fields += ["body", "headers"]
    item.save(update_fields=fields)
    return item


def _try_later(item: InboxItem, error: str, now: datetime) -> InboxItem:
    if item.attempts >= MAX_ATTEMPTS:
        return _finish(item, InboxItem.State.DEAD, [], error, now)
    item.error, item.next_attempt_at = error[:500], now + PAUSES[item.attempts - 1]
    item.save(update_fields=["error", "next_attempt_at"])
    return item


def replay(items: QuerySet[InboxItem], *, at: datetime) -> int:
    """Have these processed once more, as if they had just come; answers how many."""
    over = items.filter(~Q(state=InboxItem.State.WAITING))
    return over.update(state=InboxItem.State.WAITING, attempts=0, next_attempt_at=at, error="")


def leads_of(item: InboxItem) -> list[Lead]:
    """The leads that came of it, in its order, each once: for whoever answers with them."""
    ids = list(dict.fromkeys(result["lead"] for result in item.results if result.get("lead")))
    leads = Lead.objects.select_related("owner").in_bulk(ids)
    return [leads[pk] for pk in ids if pk in leads]
