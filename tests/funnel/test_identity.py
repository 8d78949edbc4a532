import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.identity import InvalidEmail, domain_key, email_key, name_key


@pytest.mark.parametrize(
    "spelling",
    [
        "bea@buyer.example",
        "  Bea@Buyer.Example ",
        "BEA@BUYER.EXAMPLE",
        "ｂｅａ@buyer.example",
        "bea@ｂｕｙｅｒ.example",
        "bea@buyer。example",
    ],
)
def test_spellings_of_one_address_have_one_key(spelling):
    assert email_key(spelling) == "bea@buyer.example"


def test_a_domain_outside_ascii_has_the_key_of_its_encoding():
    assert email_key("bea@Käufer.example") == email_key("bea@xn--kufer-gra.example") == "bea@xn--kufer-gra.example"


@pytest.mark.parametrize("address", ["", " ", "bea", "@buyer.example", "bea@", "a b@buyer.example", "bea@@b.example"])
def test_what_is_no_address_is_refused_with_what_was_written(address):
    with pytest.raises(InvalidEmail, match=f"^“{address}” is not an e-mail address.$"):
        email_key(address)


def test_a_long_wrong_address_is_quoted_in_part():
    with pytest.raises(InvalidEmail) as refused:
        email_key("x" * 5000)

    assert len(str(refused.value)) < 120


@given(st.emails())
def test_a_key_is_its_own_key(address):
    try:
        key = email_key(address)
    except InvalidEmail:
        return
    assert email_key(key) == key
    assert len(key) <= 254


def test_names_of_a_company_that_differ_in_case_and_spaces_are_one():
    assert name_key("  ACME\tGmbH ") == name_key("Acme  gmbh") == "acme gmbh"


def test_a_company_key_fits_its_column():
    assert len(name_key("ß" * 200)) == 200


@pytest.mark.parametrize(
    "domain", ["acme.example", " ACME.example ", "https://www.acme.example/about", "www.acme.example"]
)
def test_a_domain_is_known_without_its_decoration(domain):
    assert domain_key(domain) == "acme.example"
