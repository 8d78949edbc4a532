"""Leads are found by what people type, best first, and only in their scope."""

import pytest

from funnel import find
from funnel.find import find_leads
from funnel.inputs import CompanyInput
from funnel.lifecycle import Stage
from funnel.models import Lead
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def leads(marketing):
    """By a short name for each."""
    acme = CompanyInput(name="Acme Söhne GmbH", domain="acme.example")
    return {
        "anna": LeadFactory(first_name="Anna", last_name="Weiß", email="anna@acme.example", company=acme),
        "joanna": LeadFactory(first_name="Joanna", last_name="Annan", email="jo@other.example", phone="+49 (30) 55-44"),
        "peter": LeadFactory(first_name="Peter", last_name="Anders", email="weiss@acme.example", company=acme),
    }


def found(asked, leads, principal, **among):
    names = {lead.pk: name for name, lead in leads.items()}
    return [names[pk] for pk in find_leads(asked, principal, **among).ids]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("anna", ["anna", "joanna"]),
        ("ANNA wEISS", ["anna"]),
        ("weiß", ["anna", "peter"]),
        ("sohne", ["anna", "peter"]),
        ("gmbh pet", ["peter"]),
        ("jo@other.example", ["joanna"]),
        ("30 5544", ["joanna"]),
        ("+49 (30) 55", ["joanna"]),
        ("an", ["anna", "joanna", "peter"]),
        ("nn", []),
        ("p", ["peter"]),
        ("anna zzz", []),
        ("annan 49305544", ["joanna"]),
        ("an 4930", ["joanna"]),
        ("nn 4930", []),
        ("4930 pet", []),
        ("a_nan 4930", []),
        ("%", []),
        ("a_na", []),
        ("   ", []),
        ("", []),
    ],
)
def test_every_word_occurs_and_the_best_comes_first(asked, names, leads, marketing):
    assert found(asked, leads, marketing.principal) == names


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("@acme.example", ["anna", "peter"]),
        ("na@acme.exa", ["anna"]),
        ("weiss@acme.example", ["peter"]),
        ("eiss@acme.example", ["peter"]),
        ("anna@other.example", []),
        ("acme/example", []),
    ],
)
def test_any_part_of_an_address_finds_it(asked, names, leads, marketing):
    assert found(asked, leads, marketing.principal) == names


def test_a_whole_address_finds_whose_it_is_and_not_who_has_it_within_his_own(leads, marketing):
    LeadFactory(email="not.weiss@acme.example")

    assert found("weiss@acme.example", leads, marketing.principal) == ["peter"]


def test_the_exact_address_and_the_number_come_first(leads, marketing):
    peter = leads["peter"]
    Lead.objects.filter(pk=leads["anna"].pk).update(phone=str(peter.pk))

    assert found("weiss@acme.example", leads, marketing.principal)[0] == "peter"
    assert found(str(peter.pk), leads, marketing.principal)[0] == "peter"
    assert found("WEISS@acme.example ", leads, marketing.principal) == ["peter"]


@pytest.mark.parametrize("narrow", [0, 5000])
def test_nobody_finds_a_lead_out_of_his_scope(narrow, rep, manager, eastern_rep, west, monkeypatch):
    monkeypatch.setattr(find, "NARROW", narrow)
    mine = LeadFactory(last_name="Findme", owner=rep, stage=Stage.MQL)
    pool = LeadFactory(last_name="Findme", team=west)
    LeadFactory(last_name="Findme", owner=eastern_rep, stage=Stage.MQL)
    LeadFactory(last_name="Findme")

    assert set(find_leads("findme", rep.principal).ids) == {mine.pk, pool.pk}
    assert set(find_leads("findme", manager.principal).ids) == {mine.pk, pool.pk}
    assert find_leads(str(mine.pk), eastern_rep.principal).ids == []


def test_a_merged_lead_is_found_no_more(leads, marketing):
    Lead.objects.filter(pk=leads["anna"].pk).update(merged_into=leads["peter"], sweep_at=None)

    assert found("anna", leads, marketing.principal) == ["joanna"]


@pytest.mark.parametrize("narrow", [0, 5000])
def test_it_looks_among_those_that_are_left(narrow, leads, marketing, monkeypatch):
    monkeypatch.setattr(find, "NARROW", narrow)
    among = Lead.objects.visible_to(marketing.principal).filter(company__domain="acme.example")

    assert found("anna", leads, marketing.principal, among=among) == ["anna"]


def test_of_too_many_it_says_that_there_are_more(leads, marketing, monkeypatch):
    monkeypatch.setattr(find, "SHOWN", 2)
    monkeypatch.setattr(find, "LOOKED_AT", 2)

    assert find_leads("an", marketing.principal).more
    assert len(find_leads("an", marketing.principal).ids) == 2
    assert not find_leads("anna", marketing.principal).more
