"""Which agreement governs a lead, and what its clauses say of it."""

from collections.abc import Iterable, Sequence
from typing import Any

from accounts.models import Team
from funnel.attributes import Attribute
from funnel.clauses import FIELDS, ClauseResult, Facts, Learned, evaluate
from funnel.errors import MissingNeeds
from funnel.knowledge import known_attributes
from funnel.models import Agreement, Clause, Evidence, Lead

_COMPANY = "company."


def agreement_for(lead: Lead) -> Agreement:
    """The most specific in force: of its team or the nearest above it, then of its channel, then of its country.

    Else the default. Raises MissingNeeds where none governs it.
    """
    in_force = list(Agreement.objects.filter(state=Agreement.State.IN_FORCE).order_by("pk"))
    if not in_force:
        raise MissingNeeds({"agreement": "No agreement is in force: marketing and sales have to sign one first."})
    above = _team_and_above(lead) if any(one.team_id for one in in_force) else []
    fitting = [one for one in in_force if _fits(one, lead, above)]
    if not fitting:
        raise MissingNeeds(
            {"agreement": "No agreement in force governs this lead: marketing and sales have to sign a default one."}
        )
    return max(fitting, key=lambda one: _rank(one, above))


def _fits(agreement: Agreement, lead: Lead, above: Sequence[int]) -> bool:
    country = lead.company.country.upper() if lead.company else ""
    return (
        agreement.team_id in {None, *above}
        and agreement.channel_id in {None, lead.channel_id}
        and agreement.country.upper() in {"", country}
    )


def _rank(agreement: Agreement, above: Sequence[int]) -> tuple[int, bool, bool]:
    nearness = len(above) - above.index(agreement.team_id) if agreement.team_id else 0
    return nearness, agreement.channel_id is not None, bool(agreement.country)


def _team_and_above(lead: Lead) -> list[int]:
    """The lead's team, then those above it. One query."""
    parents = dict(Team.objects.values_list("pk", "parent_id"))
    found: list[int] = []
    team_id = lead.team_id
    while team_id is not None and team_id not in found:
        found.append(team_id)
        team_id = parents.get(team_id)
    return found


def results_of(lead: Lead, agreement: Agreement) -> list[ClauseResult]:
    """Every clause as it stands now. An imported agreement has none. Needs `company` and `channel`."""
    clauses = list(agreement.clauses.all())
    facts = facts_of(lead, clauses)
    return [
        evaluate(number=one.number, sentence=one.sentence, test=one.test, arguments=one.arguments, facts=facts)
        for one in clauses
    ]


def facts_of(lead: Lead, clauses: Iterable[Clause]) -> Facts:
    """What these clauses may look at. Evidence is read only where one of them asks for it."""
    asks_for_evidence = any(one.test in {"attribute_known", "segment_not_in_list"} for one in clauses)
    return Facts(
        fields={name: _field(lead, name) for name in FIELDS},
        known=_known(lead) if asks_for_evidence else {},
        score=lead.score,
        country=lead.company.country if lead.company else "",
    )


def _field(lead: Lead, name: str) -> Any:
    if name.startswith(_COMPANY):
        return getattr(lead.company, name.removeprefix(_COMPANY), None)
    return lead.channel.slug if name == "channel" else getattr(lead, name)


def _known(lead: Lead) -> dict[str, Learned]:
    known: dict[str, Learned] = {}
    for one in Evidence.objects.filter(lead=lead).select_related("learned_by").order_by("learned_at", "id"):
        known[one.attribute] = Learned(one.text, one.learned_by.name if one.learned_by else one.source, one.learned_at)
    on_record = {
        Attribute.INDUSTRY_CODE: f"NAICS {lead.company.naics}" if lead.company else "",
        Attribute.FIRMOGRAPHICS: "revenue, employees and locations are on record",
    }
    for attribute in known_attributes(lead, known) - set(known):
        known[attribute] = Learned(on_record[attribute])
    return known


def check_clauses(results: Sequence[ClauseResult], agreement: Agreement, *, override_reason: str) -> None:
    """Raises MissingNeeds, with the numbers of the clauses that fail, where nobody said why to promote all the same."""
    failed = [result.number for result in results if result.met is False]
    if failed and not override_reason.strip():
        *first, last = map(str, failed)
        which = f"Clauses {', '.join(first)} and {last} are" if first else f"Clause {last} is"
        sentence = f"{which} not met ({agreement}). Say why it shall go to sales all the same."
        raise MissingNeeds({"override_reason": sentence}, failed_clauses=failed)
