"""Which proof fits which lead, and how well."""

import pytest

from dispositions.desk.proofs import matching_proofs
from dispositions.models import Proof
from funnel.models import Company, Lead

LEAD = Lead(company=Company(name="Kalina", naics="493120", employees=80, country="DE"))


def proof(title="Proof", kind=Proof.Kind.CASE_STUDY, **conditions):
    return Proof(title=title, kind=kind, **conditions)


def titles(proofs, lead=LEAD, pains=()):
    return [one.proof.title for one in matching_proofs(proofs, lead, pains)]


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, True),
        ({"naics_prefix": "4931"}, True),
        ({"naics_prefix": "424"}, False),
        ({"min_employees": 80, "max_employees": 80}, True),
        ({"min_employees": 81}, False),
        ({"max_employees": 79}, False),
        ({"country": "de"}, True),
        ({"country": "AT"}, False),
        ({"pains": "returns, Picking Errors"}, True),
        ({"pains": "returns"}, False),
        ({"naics_prefix": "4931", "pains": "returns"}, False),
    ],
)
def test_every_condition_must_be_met(conditions, fits):
    assert bool(titles([proof(**conditions)], pains=["About 3 % picking errors"])) is fits


@pytest.mark.parametrize(
    "conditions", [{"naics_prefix": "4"}, {"min_employees": 1}, {"max_employees": 9}, {"country": "DE"}, {"pains": "x"}]
)
def test_of_a_lead_without_company_and_pain_no_condition_can_be_met(conditions):
    assert titles([proof(**conditions)], lead=Lead()) == []


def test_where_no_pain_is_known_the_segment_decides():
    assert titles([proof("Same industry", naics_prefix="493", pains="returns"), proof("Pain", pains="returns")]) == [
        "Same industry"
    ]


def test_the_more_they_have_in_common_the_earlier_it_comes():
    proofs = [
        proof("Sector", naics_prefix="49"),
        proof("Industry and pain", naics_prefix="4931", pains="lots"),
        proof("Pain", pains="lots"),
    ]

    assert titles(proofs, pains=["cannot trace lots"]) == ["Industry and pain", "Pain"]


def test_two_of_a_kind_are_shown_and_what_fits_everybody_only_alone():
    general = proof("General")
    fitting = [proof(f"Fits {n}", country="DE") for n in (1, 2, 3)]
    community = proof("Round table", kind=Proof.Kind.COMMUNITY)

    assert titles([general, *fitting, community]) == ["Fits 1", "Fits 2", "Round table"]
    assert titles([general, proof("Also general")]) == ["Also general"]


def test_it_says_why_it_fits():
    (match,) = matching_proofs(
        [proof(naics_prefix="4931", min_employees=50, country="DE", pains="lots, audit")], LEAD, ["Audit of all lots"]
    )

    assert match.why == "same industry (4931…), 50 employees or more, same country (DE), same pain (lots, audit)"
