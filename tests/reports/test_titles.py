import pytest

from reports.titles import Function, Seniority, function_of, seniority_of


@pytest.mark.parametrize(
    ("title", "seniority", "function"),
    [
        ("CEO", "top", "general"),
        ("Managing Director", "top", "general"),
        ("Co-Founder & CTO", "top", "engineering"),
        ("Chief Financial Officer", "top", "finance"),
        ("Geschäftsführerin", "top", "general"),
        ("Vice President Sales", "head", "sales"),
        ("Director of IT", "head", "it"),
        ("Head of Purchasing", "head", "purchasing"),
        ("Leiter Einkauf", "head", "purchasing"),
        ("WAREHOUSE MANAGER", "manager", "operations"),
        ("Team Lead Picking", "manager", "operations"),
        ("Account Manager", "manager", "sales"),
        ("Process Engineer", "staff", "engineering"),
        ("Product Owner", "staff", "engineering"),
        ("HR Business Partner", "staff", "people"),
        ("Assistant to the CEO", "staff", "general"),
        ("Data Scientist", "staff", "it"),
        ("Leading hand", "staff", None),
        ("Wizard", "staff", None),
        ("  ", None, None),
        ("", None, None),
    ],
)
def test_a_title_tells_rank_and_function(title, seniority, function):
    assert (seniority_of(title), function_of(title)) == (seniority, function)


def test_every_rank_and_every_function_is_reached_by_some_title():
    titles = ("CEO", "Head of HR", "Marketing Manager", "CFO", "IT", "Buyer", "Sales", "Engineer", "Logistics")

    assert {seniority_of(one) for one in titles} == set(Seniority)
    assert {function_of(one) for one in titles} == set(Function)
