"""The demo company's agreement in three versions: superseded, in force, and a draft of the next."""

from datetime import datetime, timedelta

from accounts.models import User
from funnel.models import Agreement, Clause, Signature
from leadflow.demo.staff import Staff

NAME = "MQL-to-SAL agreement"

_FIRST_CLAUSES = (
    "The lead works at a company that stores and ships goods.",
    "The company has at least 20 employees.",
    "We know the lead's role.",
    "The company lies in a country we sell to.",
    "The lead has answered us or asked for something.",
    "The lead is no student, consultant or competitor.",
)
_CLAUSES = (
    "The industry is known and one we serve.",
    "The company has at least 25 employees and one warehouse of its own.",
    "The lead decides or influences the decision.",
    "What they run today is known.",
    "The lead has named a problem we solve.",
    "The lead may be called or mailed: the address is real and consent is given.",
)
_NEXT_CLAUSES = (*_CLAUSES[:5], "The lead may be called: a direct number is known and consent is given.")


def create_agreements(staff: Staff, *, since: datetime, changed_at: datetime) -> list[Agreement]:
    """All versions in order: the first in force from `since`, the second from `changed_at`, the third a draft."""
    signers = (staff.marketers[0], staff.head_of_sales)
    first = Agreement.objects.create(
        name=NAME,
        version=1,
        state=Agreement.State.SUPERSEDED,
        in_force_from=since,
        superseded_at=changed_at,
        created_at=since - timedelta(days=12),
        accept_within_minutes=16 * 60,
        first_attempt_within_minutes=16 * 60,
        attempts_required=5,
    )
    second = Agreement.objects.create(
        name=NAME,
        version=2,
        state=Agreement.State.IN_FORCE,
        in_force_from=changed_at,
        created_at=changed_at - timedelta(days=9),
    )
    draft = Agreement.objects.create(
        name=NAME, version=3, created_at=changed_at + timedelta(days=20), accept_within_minutes=4 * 60
    )
    _write_clauses(first, _FIRST_CLAUSES)
    _write_clauses(second, _CLAUSES)
    _write_clauses(draft, _NEXT_CLAUSES)
    _sign(first, signers, since)
    _sign(second, signers, changed_at)
    return [first, second, draft]


def _write_clauses(agreement: Agreement, sentences: tuple[str, ...]) -> None:
    Clause.objects.bulk_create(
        [Clause(agreement=agreement, number=number, sentence=text) for number, text in enumerate(sentences, start=1)]
    )


def _sign(agreement: Agreement, signers: tuple[User, User], at: datetime) -> None:
    marketer, seller = signers
    Signature.objects.bulk_create(
        [
            Signature(agreement=agreement, side=Signature.Side.MARKETING, user=marketer, at=at - timedelta(hours=3)),
            Signature(agreement=agreement, side=Signature.Side.SALES, user=seller, at=at),
        ]
    )
