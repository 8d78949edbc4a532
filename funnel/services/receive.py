"""Leads come in: one function for API, hooks, files and pages, for one lead or a batch of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction
from django.db.models.base import ModelState

from accounts.principals import Kind, Principal
from funnel import ledger
from funnel.authority import side_of
from funnel.bulk import in_one_trip, insert_rows, insert_values
from funnel.consent import heard
from funnel.identity import InvalidEmail, email_key
from funnel.inputs import LeadInput, Received, Status
from funnel.lifecycle import MARKETING_STAGES
from funnel.limits import ClockRules
from funnel.models import Evidence, Lead, LeadEvent, LeadIdentity, StageChange, Touch
from funnel.one_of import OneOf
from funnel.reference_cache import forget
from funnel.services import suppression
from funnel.services.changes import LeadChange, write_changes
from funnel.services.episodes import open_flags
from funnel.services.locking import named_by
from funnel.services.lookups import Lookups
from funnel.services.search_index import index_new, reindex
from funnel.services.told_before import ToldBefore
from funnel.services.update import COLUMNS, claim_of, evidence_rows, first_claims, take_over

TRIES = 3
T = TypeVar("T")


def receive_leads(inputs: Sequence[LeadInput], *, by: Principal, at: datetime, apart: bool = False) -> list[Received]:
    """Create or update a lead for each input, all in one transaction; the answers are in the inputs' order.

    A lead is found by its e-mail or by (source, external id); where the two name different leads the input is
    rejected. The same person twice in one batch is one lead. Received twice, an input changes nothing. What names a
    lead that was merged into another belongs to that other one. Who was erased does not come back: rejected.

    `apart`: the companies, channels and campaigns that they name are made first, in a transaction of their own. Of two
    batches at once that name the same new ones the other one waits only that long.
    """
    made = []
    if apart:
        with transaction.atomic():
            made.append(Lookups(inputs, by=by, at=at))
    return in_few_tries(lambda: received(inputs, by=by, at=at, lookups=made.pop() if made else None))


def in_few_tries(work: Callable[[], T]) -> T:
    """Work that `received` is a part of, all in one transaction."""
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return work()
        except (IntegrityError, _GoneMeanwhile):
            # Somebody created, merged or erased one of them at the same moment: now it is there to be found.
            if attempt == TRIES:
                raise
            forget()  # or deleted a channel that was kept
    raise AssertionError("unreachable: the last try returns or raises")


def received(
    inputs: Sequence[LeadInput], *, by: Principal, at: datetime, lookups: Lookups | None = None
) -> list[Received]:
    """As `receive_leads`, once; call it by `in_few_tries`. `lookups`: what they name, where it was made before."""
    return _Batch([_keyed(given) for given in inputs], by=by, at=at).receive(lookups)


class _GoneMeanwhile(Exception):
    """A lead became part of another, or was erased, between being found and being locked."""


@dataclass
class _Keyed:
    """An input with its keys worked out, and the lead they lead to."""

    given: LeadInput
    email_key: str | None
    problem: tuple[str, str] | None = None
    code: str = ""
    erased_keys: Sequence[str] = ()
    lead: Lead | None = None
    is_new: bool = False


def _keyed(given: LeadInput) -> _Keyed:
    if given.stage not in MARKETING_STAGES:
        raise ValueError(f"a lead is not received as {given.stage}: promote it, or import its past")
    if not given.email and not given.external_id:
        return _Keyed(given, None, ("email", "Give an e-mail address or an external id: a lead is found by them."))
    try:
        return _Keyed(given, email_key(given.email) if given.email else None)
    except InvalidEmail as error:
        return _Keyed(given, None, ("email", str(error)))


def _relate(lead: Lead, name: str, to: models.Model | None) -> None:
    """As `lead.channel = …`, which looks at a great deal before it does."""
    vars(lead)[f"{name}_id"] = to.pk if to else None
    lead._state.fields_cache[name] = to  # noqa: SLF001  # where Django keeps it


# What is written of a touch; touches with the same source and id are one.
_TOUCH = ("source", "external_id", "lead_id", "at", "kind", "channel_id", "campaign_id", "subject")
_ARRIVAL = Touch.Kind.OTHER.value


@dataclass
class _Batch:
    """The state of one call: what the inputs name, found with a few queries, and the rows to write."""

    rows: list[_Keyed]
    by: Principal
    at: datetime
    by_email: dict[str, Lead] = field(default_factory=dict)
    by_identity: dict[tuple[str, str], Lead] = field(default_factory=dict)
    known_identities: frozenset[tuple[str, str]] = frozenset()
    changes: dict[int, LeadChange] = field(default_factory=dict)

    def receive(self, lookups: Lookups | None) -> list[Received]:
        # Companies before leads: of two batches that rename companies of each other's leads neither waits for both.
        told = (row.given for row in self.rows if not row.problem)
        self.lookups = lookups or Lookups(told, by=self.by, at=self.at)
        self._find()
        self.rules = ClockRules()
        for row in self.rows:
            row.erased_keys = self._erased_keys(row)
        self.suppressed = suppression.known_among({digest for row in self.rows for digest in row.erased_keys})
        new = [row for row in self.rows if self._match(row)]
        with in_one_trip():
            # In the order of keys: of two batches with the same new people one waits for the other, and never both.
            self._create(sorted(new, key=lambda row: (row.email_key or "", row.given.source, row.given.external_id)))
            self._add_identities()
        known = [(row.lead, row.given) for row in self.rows if row.lead and not row.is_new]
        self.before = ToldBefore(known)
        self.open_flags = open_flags((lead for lead, _ in known), at=self.at)
        answers = [self._answer(row) for row in self.rows]
        write_changes(list(self.changes.values()), raises_version=False)
        return answers

    def _find(self) -> None:
        """Lock what is known, in the order of ids: two batches that name the same leads never deadlock."""
        renamed = self.lookups.renamed
        if len(self.rows) == 1 and not renamed:
            self._find_one(self.rows[0])
            return
        identities = LeadIdentity.objects.filter(
            OneOf("external_id", (row.given.external_id for row in self.rows if row.given.external_id)),
            source__in={row.given.source for row in self.rows},
        )
        ids = {(source, name): pk for source, name, pk in identities.values_list("source", "external_id", "lead")}
        named = Lead.objects.order_by().filter(
            OneOf("email_key", (row.email_key for row in self.rows if row.email_key))
        )
        # Merging moves identities to the survivor; an address may stay with the lead that ended.
        emails = {key: into or pk for pk, key, into in named.values_list("pk", "email_key", "merged_into")}
        wanted = {*emails.values(), *ids.values()}
        if renamed:
            wanted |= set(Lead.objects.filter(company__in=renamed).values_list("pk", flat=True))
        locked = Lead.objects.filter(pk__in=wanted).order_by("pk").select_for_update(of=("self",))
        leads = {lead.pk: lead for lead in locked.select_related("company", "channel")}
        if any(leads[pk].merged_into_id or leads[pk].erased_at for pk in {*emails.values(), *ids.values()}):
            raise _GoneMeanwhile
        self.by_email = {key: leads[pk] for key, pk in emails.items() if key}
        self.by_identity = {key: leads[lead_id] for key, lead_id in ids.items()}
        self.known_identities = frozenset(ids)
        if renamed:
            reindex(lead for lead in leads.values() if lead.company_id in renamed)

    def _find_one(self, row: _Keyed) -> None:
        given = row.given
        if row.problem:
            return
        by_email, by_identity = named_by(row.email_key, given.source, given.external_id)
        if any(lead.merged_into_id or lead.erased_at for lead in (by_email, by_identity) if lead):
            raise _GoneMeanwhile
        if by_email and row.email_key:
            self.by_email = {row.email_key: by_email}
        if by_identity:
            self.by_identity = {(given.source, given.external_id): by_identity}
            self.known_identities = frozenset(self.by_identity)

    def _erased_keys(self, row: _Keyed) -> list[str]:
        """What a row that names nobody known may be suppressed by."""
        given = row.given
        identity = (given.source, given.external_id)
        if row.problem or row.email_key in self.by_email or identity in self.by_identity:
            return []
        of_email = [suppression.of_email(row.email_key)] if row.email_key else []
        return [*of_email, suppression.of_identity(*identity)] if given.external_id else of_email

    def _match(self, row: _Keyed) -> bool:
        """Find the row's lead among those known; answers whether it has to be created."""
        if row.problem:
            return False
        identity = (row.given.source, row.given.external_id)
        by_email = self.by_email.get(row.email_key) if row.email_key else None
        by_identity = self.by_identity.get(identity) if row.given.external_id else None
        if by_email and by_identity and by_email.pk != by_identity.pk:
            row.problem = ("external_id", "The e-mail address and the external id belong to two different leads.")
            row.code = "ambiguous-key"
            return False
        row.lead = by_email or by_identity
        if row.lead is None and not self.suppressed.isdisjoint(row.erased_keys):
            row.problem, row.code = (
                ("email" if row.email_key else "external_id", suppression.SENTENCE),
                suppression.CODE,
            )
            return False
        if row.lead is None:
            row.lead, row.is_new = self._new_lead(row), True
        if row.email_key and row.lead.email_key in {None, row.email_key}:
            self.by_email[row.email_key] = row.lead
        if row.given.external_id:
            self.by_identity[identity] = row.lead
        return row.is_new

    def _new_lead(self, row: _Keyed) -> Lead:
        given = row.given
        lead = self._blank_copy()
        lead.email, lead.email_key = given.email.strip(), row.email_key
        _relate(lead, "channel", self.lookups.channel(given.channel))
        if given.company:
            _relate(lead, "company", self.lookups.company(given.company))
        if given.campaign:
            _relate(lead, "campaign", self.lookups.campaign(given.campaign))
        if given.owner or given.team:
            lead.owner, lead.team = given.owner, given.team or (given.owner.team if given.owner else None)
        side, lead.source, lead.score = side_of(self.by), given.source, given.score
        lead.consent = heard({}, given.consent or {}, source=given.source, at=claim_of(given, self.at, side).at)[0]
        lead.authority = first_claims(given, self.at, side)
        for name in COLUMNS:
            setattr(lead, name, getattr(given, name))
        created_at = given.created_at or self.at
        last_touch_at = max((touch.at for touch in given.touches), default=created_at if given.channel else None)
        since = max(created_at, last_touch_at or created_at)
        lead.stage, lead.stage_entered_at, lead.created_at = given.stage, created_at, created_at
        lead.last_touch_at = last_touch_at
        lead.due_at = lead.sweep_at = since + timedelta(days=self.rules.stale_after_days[given.stage])
        return lead

    @cached_property
    def _blank(self) -> Mapping[str, Any]:
        """What is the same of all new leads."""
        return vars(Lead(updated_at=self.at, due_clock=Lead.Clock.TOUCH, ledger_seq=1))

    def _blank_copy(self) -> Lead:
        """In a thirtieth of the time in which `Lead(…)` looks at all its fields."""
        lead = Lead.__new__(Lead)
        lead.__dict__ = {**self._blank, "_state": ModelState()}
        return lead

    def _create(self, new: list[_Keyed]) -> None:
        leads = [row.lead for row in new if row.lead]
        insert_rows(leads)
        index_new(leads)
        self._begin_ledgers(leads)
        self._add_touches(new)
        insert_rows([one for row in new for one in self._evidence(row)], keyed=False)

    def _begin_ledgers(self, leads: Sequence[Lead]) -> None:
        """Their first events, and the stage each begins with."""
        ids, created_at = [lead.pk for lead in leads], [lead.created_at for lead in leads]
        told: dict[str, Any] = {
            "seq": 1,
            "kind": LeadEvent.Kind.CREATED,
            "recorded_at": self.at,
            "actor_id": self.by.user_id,
            "actor_name": "" if self.by.kind is Kind.USER else self.by.name[:50],
        }
        data = [{"channel": lead.channel.slug, "source": lead.source, "stage": lead.stage} for lead in leads]
        hashes = [
            ledger.hash_of(ledger.GENESIS, lead_id=pk, at=at, data=said, **told)
            for pk, at, said in zip(ids, created_at, data, strict=True)
        ]
        insert_values(LeadEvent, {"lead_id": ids, "at": created_at, "data": data, "hash": hashes}, **told)
        insert_values(
            StageChange,
            {"lead_id": ids, "at": created_at, "new": [lead.stage for lead in leads]},
            seq=1,
            move="create",
            recorded_at=self.at,
            by_id=self.by.user_id,
        )

    def _add_touches(self, new: Iterable[_Keyed]) -> None:
        """Those that other batches may tell too, in the order of their keys."""
        rows = sorted((one for row in new for one in self._first_touches(row)), key=lambda one: (one[0], one[1] or ""))
        if rows:
            values = dict(zip(_TOUCH, map(list, zip(*rows, strict=True)), strict=True))
            insert_values(Touch, values, ignore_conflicts=any(values["external_id"]))

    def _first_touches(self, row: _Keyed) -> list[tuple[Any, ...]]:
        """The touches it came with; where none are named, its arrival through the channel is one."""
        lead, given, lookups = row.lead, row.given, self.lookups
        assert lead is not None
        if not given.touches:
            arrival = (given.source, None, lead.pk, lead.created_at, _ARRIVAL, lead.channel_id, lead.campaign_id, "")
            return [arrival] if given.channel else []
        return [
            (
                given.source,
                touch.external_id or None,
                lead.pk,
                touch.at,
                touch.kind,
                lookups.channel(touch.channel).pk,
                campaign.pk if (campaign := lookups.campaign(touch.campaign)) else None,
                touch.subject,
            )
            for touch in given.touches
        ]

    def _evidence(self, row: _Keyed) -> list[Evidence]:
        given = row.given
        assert row.lead is not None
        said = [slug for slug, text in given.attributes.items() if text]
        return evidence_rows(row.lead, given, said, at=claim_of(given, self.at, side_of(self.by)).at)

    def _add_identities(self) -> None:
        """Each system's own name for the lead is kept: one person may be known to several.

        A name that somebody took at the same moment is an IntegrityError: the batch is received anew.
        """
        new = sorted(self.by_identity.keys() - self.known_identities)
        values: dict[str, list[Any]] = {
            "source": [source for source, _ in new],
            "external_id": [external_id for _, external_id in new],
            "lead_id": [self.by_identity[identity].pk for identity in new],
        }
        insert_values(LeadIdentity, values)

    def _answer(self, row: _Keyed) -> Received:
        if row.problem:
            return Received(Status.REJECTED, field=row.problem[0], problem=row.problem[1], code=row.code)
        assert row.lead is not None
        if row.is_new:
            return Received(Status.CREATED, row.lead)
        # The same person again in the batch goes on with the change that was begun.
        change = self.changes.get(row.lead.pk) or LeadChange(
            row.lead, by=self.by, at=self.at, rules=self.rules, open_flag=self.open_flags.get(row.lead.pk)
        )
        try:
            updated = take_over(change, row.given, row.email_key, self.lookups, self.before)
        except suppression.Suppressed as refused:
            return Received(Status.REJECTED, field="email", problem=str(refused), code=suppression.CODE)
        if updated.is_new or change.values:
            self.changes[row.lead.pk] = change
        return Received(updated.status, row.lead, ignored=updated.ignored)
