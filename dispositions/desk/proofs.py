"""Which proof fits a lead: the same segment, the same pain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from dispositions.models import Proof
from funnel.models import Company, Lead
from funnel.reference_cache import kept

BEST_OF_A_KIND = 2
_PAIN, _COUNTRY, _SIZE = 4, 2, 1  # what each counts; an industry code counts by its digits


@dataclass(frozen=True)
class Match:
    """`why`: what it has in common with the lead, in words; empty for proof that fits everybody."""

    proof: Proof
    strength: int
    why: str


def matching_proofs(proofs: Iterable[Proof], lead: Lead, pains: Sequence[str]) -> list[Match]:
    """The best two of each kind, case studies first; what fits everybody only where nothing fits better.

    `pains`: what hurts, in the prospect's words. A condition that nobody can check, because the lead's side of it is
    not known, is not met; pains alone are not asked for where none is known.
    """
    company, said = lead.company or Company(), " ".join(pains).casefold()
    matches = [match for proof in proofs if (match := _match(proof, company, said))]
    order = {kind: place for place, kind in enumerate(Proof.Kind.values)}
    matches.sort(key=lambda one: (order[one.proof.kind], -one.strength, one.proof.title))
    return [one for _, of_kind in groupby(matches, key=lambda one: one.proof.kind) for one in _best(list(of_kind))]


def _best(of_kind: list[Match]) -> list[Match]:
    return [one for one in of_kind if one.strength][:BEST_OF_A_KIND] or of_kind[:1]


def _match(proof: Proof, company: Company, said: str) -> Match | None:
    in_common: list[tuple[int, str]] = []
    if prefix := proof.naics_prefix:
        if not company.naics.startswith(prefix):
            return None
        in_common.append((len(prefix), f"same industry ({prefix}…)"))
    if not _is_of_size(proof, company.employees):
        return None
    if size := _size(proof):
        in_common.append((_SIZE, size))
    if proof.country:
        if company.country.upper() != proof.country.upper():
            return None
        in_common.append((_COUNTRY, f"same country ({proof.country.upper()})"))
    if words := [word.strip() for word in proof.pains.split(",") if word.strip()]:
        heard = [word for word in words if word.casefold() in said]
        if not heard and (said or not in_common):
            return None
        in_common += [(_PAIN * len(heard), f"same pain ({', '.join(heard)})")] if heard else []
    return Match(proof, sum(points for points, _ in in_common), ", ".join(reason for _, reason in in_common))


def _is_of_size(proof: Proof, employees: int | None) -> bool:
    if proof.min_employees is None and proof.max_employees is None:
        return True
    return employees is not None and (proof.min_employees or 0) <= employees <= (proof.max_employees or employees)


def _size(proof: Proof) -> str:
    match proof.min_employees, proof.max_employees:
        case None, None:
            return ""
        case least, None:
            return f"{least} employees or more"
        case None, most:
            return f"up to {most} employees"
        case least, most:
            return f"{least} to {most} employees"


@kept(Proof)
def active_proofs() -> list[Proof]:
    return list(Proof.objects.filter(is_active=True))
