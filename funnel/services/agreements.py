"""The life of an agreement: drafted, signed by both sides, in force from a date, superseded by its next version."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Team, User
from accounts.roles import Role
from funnel.clauses import checked_arguments
from funnel.errors import NotAllowed
from funnel.models import Agreement, Channel, Clause, Signature

DRAFTERS = frozenset({Role.MARKETING, Role.ADMIN})
SIDES: dict[str, Signature.Side] = {Role.MARKETING: Signature.Side.MARKETING, Role.MANAGER: Signature.Side.SALES}


class AgreementRefused(Exception):
    """What was asked of an agreement cannot be done as it stands. The sentence says why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The limits sales accepts, and whom the agreement governs. Minutes and days are working time."""

    accept_within_minutes: int = 8 * 60
    first_attempt_within_minutes: int = 8 * 60
    attempts_required: int = 7
    attempts_within_days: int = 10
    channels_required: int = 2
    escalation_shares: Sequence[int] = (50, 80, 100, 200)
    reassigns: bool = False
    team: Team | None = None
    channel: Channel | None = None
    country: str = ""
    in_force_from: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ClauseTerms:
    """Clauses are numbered in the order in which they are given."""

    sentence: str
    test: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    remark: str = ""


_COPIED = (
    *("accept_within_minutes", "first_attempt_within_minutes", "attempts_required", "attempts_within_days"),
    *("channels_required", "escalation_shares", "reassigns", "team_id", "channel_id", "country"),
)


def may_draft(user: User) -> bool:
    return user.role in DRAFTERS


def side_of(user: User) -> Signature.Side | None:
    """The side this user may sign for; None for everybody else. An admin is of no side."""
    return SIDES.get(user.role) if user.can_sign and user.is_active else None


# --- drafting ---


@transaction.atomic
def draft_agreement(*, name: str, by: User, at: datetime) -> Agreement:
    """The first version of a new agreement. Raises NotAllowed, AgreementRefused where the name is taken."""
    _check_drafter(by)
    if Agreement.objects.filter(name__iexact=name.strip()).exists():
        raise AgreementRefused(f"“{name.strip()}” exists already: draft its next version, or choose another name.")
    return Agreement.objects.create(name=name.strip(), version=1, created_at=at)


@transaction.atomic
def draft_next_version(agreement: Agreement, *, by: User, at: datetime) -> Agreement:
    """The draft of the version after `agreement`, with its clauses; the one that is open, where there is one."""
    _check_drafter(by)
    return _open_draft(agreement, at)


@transaction.atomic
def mark_clauses(agreement: Agreement, numbers: Iterable[int], *, remark: str, at: datetime) -> Agreement:
    """Open the draft of the next version and say at these clauses why they are to be looked at again.

    A side that has signed the open draft has to sign again.
    """
    draft = _open_draft(agreement, at)
    draft.signatures.all().delete()
    draft.clauses.filter(number__in=numbers).update(remark=remark[:300])
    return draft


def _open_draft(agreement: Agreement, at: datetime) -> Agreement:
    versions = list(Agreement.objects.filter(name=agreement.name).select_for_update().order_by("version"))
    if versions[-1].state == Agreement.State.DRAFT:
        return versions[-1]
    draft = Agreement(name=agreement.name, version=versions[-1].version + 1, created_at=at)
    for column in _COPIED:
        setattr(draft, column, getattr(agreement, column))
    draft.save(force_insert=True)
    Clause.objects.bulk_create(
        Clause(agreement=draft, number=one.number, sentence=one.sentence, test=one.test, arguments=one.arguments)
        for one in agreement.clauses.all()
    )
    return draft


@transaction.atomic
def edit_draft(*, agreement_id: int, terms: Terms, clauses: Sequence[ClauseTerms], by: User) -> Agreement:
    """Write a draft anew. A side that has signed it has to sign again: what it signed is no more.

    Raises NotAllowed, AgreementRefused once both have signed, InvalidArguments.
    """
    _check_drafter(by)
    draft = _locked_draft(agreement_id)
    draft.signatures.all().delete()
    for name, value in vars(terms).items():
        setattr(draft, name, list(value) if name == "escalation_shares" else value)
    draft.save()
    draft.clauses.all().delete()
    Clause.objects.bulk_create(
        Clause(
            agreement=draft,
            number=number,
            sentence=one.sentence,
            test=one.test,
            arguments=checked_arguments(one.test, one.arguments),
            remark=one.remark,
        )
        for number, one in enumerate(clauses, start=1)
    )
    return draft


@transaction.atomic
def discard_draft(*, agreement_id: int, by: User) -> None:
    """Raises NotAllowed, AgreementRefused once a side has signed."""
    _check_drafter(by)
    draft = _locked_draft(agreement_id)
    if draft.signatures.exists():
        raise AgreementRefused("A side has signed this draft: edit it instead, then it has to be signed again.")
    draft.clauses.all().delete()
    draft.delete()


def _check_drafter(by: User) -> None:
    if not may_draft(by):
        raise NotAllowed("Only marketing drafts agreements.")


def _locked_draft(agreement_id: int) -> Agreement:
    agreement = Agreement.objects.select_for_update().get(pk=agreement_id)
    if agreement.state != Agreement.State.DRAFT:
        raise AgreementRefused("This version is signed and never changes: draft the next one.")
    return agreement


# --- signing ---


def fingerprint(agreement: Agreement) -> str:
    """Of all that is signed: a page that shows an older text has another one. Needs the clauses."""
    terms = {name: getattr(agreement, name) for name in ("name", "version", "in_force_from", *_COPIED)}
    clauses = [(one.number, one.sentence, one.test, one.arguments) for one in agreement.clauses.all()]
    text = json.dumps([terms, clauses], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def sign_agreement(*, agreement_id: int, by: User, at: datetime, read: str) -> Agreement:
    """Sign a draft for one's side; with both signatures it comes into force, at once or at its date.

    `read`: the fingerprint of what the signer saw. Raises NotAllowed, AgreementRefused.
    """
    side = side_of(by)
    if side is None:
        raise NotAllowed("Agreements are signed by a marketing leader and by a sales manager who have the right to.")
    draft = _locked_draft(agreement_id)
    signed = {one.side: one for one in draft.signatures.select_related("user")}
    if any(one.user_id == by.pk for one in signed.values()):
        raise AgreementRefused("You have signed it for the other side: nobody signs for both.")
    _check_signable(draft, side, signed, read)
    if not signed:
        draft.clauses.exclude(remark="").update(remark="")
    Signature.objects.create(agreement=draft, side=side, user=by, at=at)
    if signed:
        _conclude(draft, at)
    return draft


def _check_signable(draft: Agreement, side: str, signed: dict[str, Signature], read: str) -> None:
    if side in signed:
        raise AgreementRefused(f"{signed[side].user.name} has signed it for {Signature.Side(side).label.lower()}.")
    if fingerprint(draft) != read:
        raise AgreementRefused("The draft was changed since you opened it. Read it again, then sign.")
    if not draft.clauses.exists():
        raise AgreementRefused("An agreement needs at least one clause: what a lead must meet to go to sales.")
    same_segment = Agreement.objects.filter(
        state__in=[Agreement.State.IN_FORCE, Agreement.State.SIGNED],
        team=draft.team_id,
        channel=draft.channel_id,
        country=draft.country,
    ).exclude(name=draft.name)
    if other := same_segment.first():
        raise AgreementRefused(f"“{other}” governs the same leads already: draft its next version instead.")


def _conclude(draft: Agreement, at: datetime) -> None:
    if draft.in_force_from and draft.in_force_from > at:
        draft.state = Agreement.State.SIGNED
        draft.save(update_fields=["state"])
    else:
        draft.in_force_from = at
        _bring_into_force(draft)


def _bring_into_force(agreement: Agreement) -> None:
    """From now on this version governs; those before it, in force or still to come, are superseded."""
    before = Agreement.objects.filter(
        name=agreement.name,
        version__lt=agreement.version,
        state__in=[Agreement.State.IN_FORCE, Agreement.State.SIGNED],
    )
    before.update(state=Agreement.State.SUPERSEDED, superseded_at=agreement.in_force_from)
    agreement.state = Agreement.State.IN_FORCE
    agreement.save(update_fields=["state", "in_force_from"])


@transaction.atomic
def bring_agreements_into_force(*, now: datetime) -> Counter[str]:
    """A step of the sweep: signed versions whose date has come. The lower versions first."""
    due = Agreement.objects.filter(state=Agreement.State.SIGNED, in_force_from__lte=now)
    done = 0
    for agreement in due.order_by("in_force_from", "version").select_for_update():
        agreement.refresh_from_db(fields=["state"])  # a higher version of this very run may have superseded it
        if agreement.state == Agreement.State.SIGNED:
            _bring_into_force(agreement)
            done += 1
    return Counter(agreements=done) if done else Counter()
