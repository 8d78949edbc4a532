"""What /agreement/ shows: the version in force, how each version fares, and what changed between two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from accounts.principals import Principal
from funnel.clauses import describe
from funnel.models import Agreement, Clause, HandOff, Lead, Signature
from funnel.services.agreements import may_draft, side_of

SHOWN_WITH = ("team", "channel")


@dataclass(frozen=True)
class Figures:
    """How the hand-offs of a version were answered."""

    hand_offs: int = 0
    accepted: int = 0
    refused: int = 0

    @property
    def acceptance(self) -> str:
        """The share accepted of those answered."""
        answered = self.accepted + self.refused
        return f"{self.accepted / answered:.0%}" if answered else "none answered yet"


@dataclass(frozen=True)
class VersionRow:
    agreement: Agreement
    figures: Figures


@dataclass(frozen=True)
class Term:
    """One limit in words."""

    label: str
    value: str


@dataclass(frozen=True)
class Change:
    """One line of a comparison. `kind`: same, changed, added or taken out. `before` and `after` may be blank."""

    label: str
    kind: str
    before: str
    after: str


def versions() -> "QuerySet[Agreement]":
    return Agreement.objects.exclude(state=Agreement.State.IMPORTED).select_related(*SHOWN_WITH)


def shown() -> "QuerySet[Agreement]":
    """With all that a page shows of it: three queries for any number."""
    return versions().prefetch_related("clauses", "signatures__user")


def default_agreement() -> Agreement | None:
    """The one in force for all leads without one of their own; else another in force, else the newest draft."""
    in_force = shown().filter(state=Agreement.State.IN_FORCE).order_by("pk")
    default = in_force.filter(team=None, channel=None, country="").first()
    return default or in_force.first() or shown().order_by("-created_at", "-pk").first()


def rows_of(principal: Principal) -> list[VersionRow]:
    """Every version of every agreement with its figures, over the leads this principal may see. Two queries."""
    figures = _figures(principal)
    return [VersionRow(one, figures.get(one.pk, Figures())) for one in versions().order_by("name", "-version")]


def _figures(principal: Principal) -> dict[int, Figures]:
    hand_offs = HandOff.objects.filter(imported=False)
    if not principal.sees_everything:
        hand_offs = hand_offs.filter(lead__in=Lead.objects.counted_for(principal))
    rows = (
        hand_offs.order_by()
        .values("agreement")
        .annotate(
            passages=Count("pk"),
            accepted=Count("pk", filter=Q(accepted_at__isnull=False)),
            refused=Count("pk", filter=Q(outcome=HandOff.Outcome.REFUSED)),
        )
    )
    return {row["agreement"]: Figures(row["passages"], row["accepted"], row["refused"]) for row in rows}


# --- what somebody may do with it ---


@dataclass(frozen=True)
class Rights:
    """What the page offers. `sign_side`: the side for which the user may sign this draft now."""

    drafts: bool
    sign_side: Signature.Side | None


def rights_of(user: User, agreement: Agreement) -> Rights:
    side = side_of(user)
    signed = {one.side for one in agreement.signatures.all()}
    is_draft = agreement.state == Agreement.State.DRAFT
    return Rights(may_draft(user), side if is_draft and side not in signed else None)


# --- in words ---


def terms_of(agreement: Agreement) -> list[Term]:
    shares = ", ".join(f"{share} %" for share in agreement.escalation_shares)
    return [
        Term("Governs", agreement.governs),
        Term("Accept or refuse within", _hours(agreement.accept_within_minutes)),
        Term("First attempt within", f"{_hours(agreement.first_attempt_within_minutes)} of accepting"),
        Term(
            "Before “unable to reach”",
            f"{agreement.attempts_required} attempts over {agreement.attempts_within_days} working days "
            f"on {agreement.channels_required} channels",
        ),
        Term("Escalation at", f"{shares} of the time allowed"),
        Term("At the last step", "the lead goes to the next rep" if agreement.reassigns else "the lead stays"),
    ]


def _hours(minutes: int) -> str:
    hours = timedelta(minutes=minutes) / timedelta(hours=1)
    return f"{hours:g} working hour{'' if hours == 1 else 's'}"


def clause_in_words(clause: Clause) -> str:
    return f"{clause.sentence} ({describe(clause.test, clause.arguments)})"


# --- two versions side by side ---


def compare(before: Agreement, after: Agreement) -> list[Change]:
    """Every term, then every clause by its number. Needs the clauses of both."""
    pairs = zip(terms_of(before), terms_of(after), strict=True)
    terms = [_change(old.label, old.value, new.value) for old, new in pairs]
    return terms + _clause_changes(list(before.clauses.all()), list(after.clauses.all()))


def _clause_changes(before: Sequence[Clause], after: Sequence[Clause]) -> list[Change]:
    old = {clause.number: clause_in_words(clause) for clause in before}
    new = {clause.number: clause_in_words(clause) for clause in after}
    return [
        _change(f"Clause {number}", old.get(number, ""), new.get(number, ""))
        for number in sorted(old.keys() | new.keys())
    ]


def _change(label: str, before: str, after: str) -> Change:
    if before == after:
        return Change(label, "same", before, after)
    kind = "changed" if before and after else "added" if after else "taken out"
    return Change(label, kind, before, after)
