import pytest
from email_validator import EmailNotValidError, validate_email
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


def _key_by_a_full_look(address):
    try:
        looked_at = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return f"{looked_at.local_part}@{looked_at.ascii_domain}"


def _key(address):
    try:
        return email_key(address)
    except InvalidEmail:
        return None


@given(
    st.lists(st.text("ab1-.@_+'x", max_size=9), min_size=1, max_size=4),
    st.sampled_from(
        ["@a.bc", "@x--y.com", "@xn--a.com", "@a.b1", "@-a.com", "@localhost", "@a.local", "@a.test", ".com"]
    ),
)
def test_a_plain_address_has_the_key_that_a_full_look_at_it_gives(parts, end):
    address = "".join(parts) + end

    assert _key(address) == _key_by_a_full_look(address)


@pytest.mark.parametrize("local", [1, 64, 65, 250])
@pytest.mark.parametrize("label", [1, 63, 64])
@pytest.mark.parametrize("labels", [1, 3, 4])
def test_also_where_it_is_as_long_as_addresses_may_be(local, label, labels):
    address = f"{'a' * local}@{'.'.join(['b' * label] * labels)}.com"

    assert _key(address) == _key_by_a_full_look(address)
