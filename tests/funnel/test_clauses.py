"""Each machine test of a clause: what meets it, what it says was found, and which arguments it takes."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from funnel.clauses import (
    KINDS,
    Facts,
    InvalidArguments,
    Learned,
    arguments_of,
    checked_arguments,
    describe,
    evaluate,
    numbered_lines,
    read_numbered_lines,
    subject_of,
)

RITA = Learned("80k approved", "Rita", datetime(2026, 3, 3, 9, 0, tzinfo=UTC))
FACTS = Facts(
    fields={
        "email": "bea@nordmark.example",
        "title": "VP Operations",
        "channel": "webinar",
        "company.name": "",
        "company.naics": "493110",
        "company.employees": 40,
        "company.annual_revenue": Decimal("1500000.00"),
    },
    known={"budget": RITA},
    score=42,
    country="de",
)
NOBODY = Facts()


def judged(test, arguments, facts=FACTS):
    result = evaluate(number=1, sentence="A clause.", test=test, arguments=arguments, facts=facts)
    return result.met, result.evidence


@pytest.mark.parametrize(
    ("test", "arguments", "met", "evidence"),
    [
        ("", {}, None, "To be judged by people"),
        (
            "attribute_known",
            {"attribute": "budget"},
            True,
            "Budget allocated or budgeting process: 80k approved (Rita, 3 Mar)",
        ),
        ("attribute_known", {"attribute": "pain"}, False, "Business pain validated: not known"),
        ("field_present", {"field": "title"}, True, "Title: VP Operations"),
        ("field_present", {"field": "company.name"}, False, "Company: not known"),
        ("field_equals", {"field": "channel", "value": "Webinar"}, True, "Channel: webinar"),
        ("field_equals", {"field": "channel", "value": "event"}, False, "Channel: webinar, needs event"),
        ("field_in_list", {"field": "channel", "values": ["event", "webinar"]}, True, "Channel: webinar"),
        (
            "field_in_list",
            {"field": "phone", "values": ["a", "b"]},
            False,
            "Phone number: not known, needs one of a, b",
        ),
        ("field_at_least", {"field": "company.employees", "at_least": 40}, True, "Employees: 40"),
        ("field_at_least", {"field": "company.employees", "at_least": 41}, False, "Employees: 40, needs 41"),
        (
            "field_at_least",
            {"field": "company.annual_revenue", "at_least": 2000000},
            False,
            "Annual revenue: 1,500,000, needs 2,000,000",
        ),
        ("field_at_least", {"field": "company.locations", "at_least": 1}, False, "Locations: not known, needs 1"),
        ("score_at_least", {"at_least": 42}, True, "Score 42"),
        ("score_at_least", {"at_least": 60}, False, "Score 42, needs 60"),
        ("segment_not_in_list", {"values": ["61"]}, True, "Industry code 493110, not among those left out"),
        ("segment_not_in_list", {"values": ["61", "4931"]}, False, "Industry code 493110 is left out (4931)"),
        ("email_not_free_mail", {}, True, "E-mail at nordmark.example"),
        ("country_in_list", {"values": ["AT", "DE"]}, True, "Country DE"),
        ("country_in_list", {"values": ["AT", "CH"]}, False, "Country DE, needs one of AT, CH"),
    ],
)
def test_a_clause_says_whether_it_is_met_and_what_was_found(test, arguments, met, evidence):
    assert judged(test, arguments) == (met, evidence)


@pytest.mark.parametrize(
    ("test", "arguments", "met", "evidence"),
    [
        ("score_at_least", {"at_least": 0}, False, "No score, needs 0"),
        ("email_not_free_mail", {}, False, "No e-mail address"),
        ("country_in_list", {"values": ["DE"]}, False, "Country not known, needs one of DE"),
        ("segment_not_in_list", {"values": ["61"]}, None, "Industry code not known: to be judged by people"),
    ],
)
def test_what_is_unknown_meets_nothing(test, arguments, met, evidence):
    assert judged(test, arguments, NOBODY) == (met, evidence)


@pytest.mark.parametrize("address", ["bea@gmail.com", "bea@WEB.DE", "bea@yahoo.co.uk"])
def test_an_address_that_anybody_can_have_says_nothing_of_a_company(address):
    met, evidence = judged("email_not_free_mail", {}, Facts(fields={"email": address}))

    assert (met, evidence.endswith("is a free-mail service")) == (False, True)


def test_a_segment_is_read_from_evidence_where_the_company_has_no_code():
    facts = Facts(known={"industry_code": Learned("6113 universities")})

    assert judged("segment_not_in_list", {"values": ["61"]}, facts) == (False, "Industry code 6113 is left out (61)")


# --- arguments ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("test", "subject", "operand", "arguments", "words"),
    [
        ("", "", "", {}, "People judge it"),
        ("", "budget", "", {"about": "budget"}, "People judge it: Budget allocated or budgeting process"),
        (
            "attribute_known",
            "pain",
            "",
            {"attribute": "pain"},
            "Business pain validated is known",
        ),
        ("field_present", "phone", "", {"field": "phone"}, "Phone number is filled in"),
        ("field_equals", "channel", " event ", {"field": "channel", "value": "event"}, "Channel is event"),
        ("field_in_list", "channel", "a, b,", {"field": "channel", "values": ["a", "b"]}, "Channel is one of a, b"),
        (
            "field_at_least",
            "company.employees",
            "1,000",
            {"field": "company.employees", "at_least": 1000},
            "Employees is at least 1000",
        ),
        ("score_at_least", "", "60", {"at_least": 60}, "Score is at least 60"),
        ("segment_not_in_list", "", "61, 92", {"values": ["61", "92"]}, "Industry code does not begin with 61, 92"),
        ("email_not_free_mail", "", "", {}, "E-mail address is not of a free-mail service"),
        ("country_in_list", "", "de, at", {"values": ["DE", "AT"]}, "Country is one of DE, AT"),
    ],
)
def test_what_a_person_types_becomes_arguments_and_words(test, subject, operand, arguments, words):
    assert arguments_of(test, subject=subject, operand=operand) == arguments
    assert describe(test, arguments) == words


@pytest.mark.parametrize(
    ("test", "arguments", "wrong"),
    [
        ("horoscope", {}, {"test"}),
        ("", {"about": "shoe size"}, {"about"}),
        ("attribute_known", {}, {"attribute"}),
        ("attribute_known", {"attribute": "email"}, {"attribute"}),
        ("field_present", {"field": "password"}, {"field"}),
        ("field_equals", {"field": "shoe", "value": " "}, {"field", "value"}),
        ("field_in_list", {"field": "channel", "values": []}, {"values"}),
        ("field_in_list", {"field": "channel", "values": "webinar"}, {"values"}),
        ("field_at_least", {"field": "title", "at_least": 3}, {"field"}),
        ("score_at_least", {"at_least": "many"}, {"at_least"}),
        ("score_at_least", {"at_least": 5, "attribute": "pain"}, {"attribute"}),
        ("segment_not_in_list", {"values": ["schools"]}, {"values"}),
        ("country_in_list", {"values": ["Germany"]}, {"values"}),
    ],
)
def test_arguments_that_cannot_be_judged_are_refused_by_name(test, arguments, wrong):
    with pytest.raises(InvalidArguments) as refused:
        checked_arguments(test, arguments)

    assert refused.value.problems.keys() == wrong


def test_a_clause_is_about_what_it_looks_at():
    assert subject_of("attribute_known", {"attribute": "budget"}) == "budget"
    assert subject_of("country_in_list", {"values": ["DE"]}) == "company.country"
    assert subject_of("", {"about": "pain"}) == "pain"
    assert subject_of("", {}) == ""


def test_every_kind_is_judged_without_any_fact():
    arguments = {"attribute": "pain", "field": "company.employees", "value": "x", "values": ["61"], "at_least": 1}

    assert {judged(test, arguments, NOBODY)[0] for test in KINDS} == {False, None}


def test_evidence_is_kept_as_one_line_a_clause():
    text = numbered_lines({2: "Two\nlines: here", 1: "One", 3: " "})

    assert text == "1: One\n2: Two lines: here"
    assert read_numbered_lines(text) == {1: "One", 2: "Two lines: here"}
