"""The demo company's agreements: one superseded, one in force, one of the Nordics, and a draft half signed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import prefetch_related_objects

from accounts.models import Team, User
from funnel.models import Agreement, Clause, Signature
from funnel.services.agreements import ClauseTerms, Terms, draft_next_version, edit_draft, fingerprint, sign_agreement
from leadflow.demo.staff import Staff
from leadflow.demo.words import COUNTRIES

NAME = "MQL-to-SAL agreement"
NORDICS = "Nordics"
# The clauses in force that the stories cite.
COUNTRY, SIZE, MAIL, PAIN, SCORE, BUYER = range(1, 7)
FEWEST_EMPLOYEES, LOWEST_SCORE = 10, 25

_ALL_COUNTRIES = sorted(country for countries in COUNTRIES.values() for country in countries)


def _clauses(*, employees: int, score: int, countries: Sequence[str]) -> tuple[ClauseTerms, ...]:
    return (
        _clause("The company lies in a country we sell to.", "country_in_list", values=list(countries)),
        _clause(
            f"The company has at least {employees} employees.",
            "field_at_least",
            field="company.employees",
            at_least=employees,
        ),
        _clause("The lead writes from a company's address, not from free mail.", "email_not_free_mail"),
        _clause("The lead has named a problem that we solve.", "attribute_known", attribute="pain"),
        _clause(f"The lead's score is at least {score}.", "score_at_least", at_least=score),
        _clause("The lead is a buyer, and decides or influences the decision.", about="decision_makers"),
    )


def _clause(sentence: str, test: str = "", **arguments: Any) -> ClauseTerms:
    return ClauseTerms(sentence=sentence, test=test, arguments=arguments)


_FIRST_CLAUSES = _clauses(employees=5, score=20, countries=_ALL_COUNTRIES)
_CLAUSES = _clauses(employees=FEWEST_EMPLOYEES, score=LOWEST_SCORE, countries=_ALL_COUNTRIES)
_NORDIC_CLAUSES = _clauses(employees=FEWEST_EMPLOYEES, score=LOWEST_SCORE, countries=sorted(COUNTRIES[NORDICS]))
_NEXT_CLAUSES = (
    *_CLAUSES[:3],
    _clause("The lead has told a person of a problem that we solve.", "attribute_known", attribute="pain"),
    _clause("The lead's score is at least 30.", "score_at_least", at_least=30),
    _CLAUSES[5],
)


def create_agreements(staff: Staff, *, since: datetime, changed_at: datetime) -> list[Agreement]:
    """Those that are signed: the default's first version in force from `since`, the others from `changed_at`."""
    signers = (staff.marketers[0], staff.head_of_sales)
    first = Agreement.objects.create(
        name=NAME,
        version=1,
        in_force_from=since,
        created_at=since - timedelta(days=12),
        accept_within_minutes=16 * 60,
        first_attempt_within_minutes=16 * 60,
        attempts_required=5,
    )
    second = Agreement.objects.create(
        name=NAME, version=2, in_force_from=changed_at, created_at=changed_at - timedelta(days=9)
    )
    nordics = Agreement.objects.create(
        name=f"{NAME}, {NORDICS}",
        version=1,
        in_force_from=changed_at,
        created_at=changed_at - timedelta(days=9),
        team=staff.teams[NORDICS],
        accept_within_minutes=6 * 60,
    )
    for agreement, clauses in ((first, _FIRST_CLAUSES), (second, _CLAUSES), (nordics, _NORDIC_CLAUSES)):
        _write_clauses(agreement, clauses)
    _sign(first, signers, since)
    _enter(first, Agreement.State.IN_FORCE)
    _sign(second, signers, changed_at)
    _sign(nordics, signers, changed_at)
    _enter(first, Agreement.State.SUPERSEDED, superseded_at=changed_at)
    _enter(second, Agreement.State.IN_FORCE)
    _enter(nordics, Agreement.State.IN_FORCE)
    agreements = [first, second, nordics]
    prefetch_related_objects(agreements, "clauses")  # they are judged by at every hand-off
    return agreements


def sign_next_version(agreement: Agreement, by: User, *, at: datetime) -> None:
    """The draft of the next version, with the clause over which the signers disputed, signed by marketing."""
    draft = draft_next_version(agreement, by=by, at=at - timedelta(days=1))
    terms = Terms(accept_within_minutes=4 * 60, reassigns=True)
    draft = edit_draft(agreement_id=draft.pk, terms=terms, clauses=_NEXT_CLAUSES, by=by)
    sign_agreement(agreement_id=draft.pk, by=by, at=at, read=fingerprint(draft))


def governing(agreements: Sequence[Agreement], team: Team, at: datetime) -> Agreement:
    """The agreement in force at that time for this team's leads. `agreements` are in order."""
    in_force = [one for one in agreements if one.in_force_from and one.in_force_from <= at]
    own = [one for one in in_force if one.team_id == team.pk]
    return own[-1] if own else next(one for one in reversed(in_force) if one.team_id is None)


def _enter(agreement: Agreement, state: Agreement.State, **dates: datetime) -> None:
    """The next state of its life: the database lets no agreement begin as anything but a draft."""
    for name, value in {"state": state, **dates}.items():
        setattr(agreement, name, value)
    agreement.save(update_fields=["state", *dates])


def _write_clauses(agreement: Agreement, clauses: Sequence[ClauseTerms]) -> None:
    Clause.objects.bulk_create(
        [
            Clause(agreement=agreement, number=number, sentence=one.sentence, test=one.test, arguments=one.arguments)
            for number, one in enumerate(clauses, start=1)
        ]
    )


def _sign(agreement: Agreement, signers: tuple[User, User], at: datetime) -> None:
    marketer, seller = signers
    Signature.objects.bulk_create(
        [
            Signature(agreement=agreement, side=Signature.Side.MARKETING, user=marketer, at=at - timedelta(hours=3)),
            Signature(agreement=agreement, side=Signature.Side.SALES, user=seller, at=at),
        ]
    )
