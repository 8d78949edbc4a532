"""A mapping written as TOML is read back as what it was."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.files.mapping_text import mapping_text

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TABLE = st.fixed_dictionaries(
    {"column": TEXT, "values": st.dictionaries(TEXT, TEXT, max_size=3), "comma": st.just(True)}
)


@given(TEXT, st.dictionaries(TEXT, TEXT | TABLE, max_size=4), st.dictionaries(TEXT, TEXT, max_size=4))
def test_whatever_it_says_is_read_back(source, columns, constants):
    document = tomllib.loads(mapping_text(source, columns, constants))

    assert document == {"source": source, "columns": columns} | ({"constants": constants} if constants else {})


@pytest.mark.parametrize(
    ("field", "written"), [("email", 'email = "Mail"'), ("company.name", '"company.name" = "Mail"')]
)
def test_names_are_quoted_where_they_have_to_be(field, written):
    assert written in mapping_text("crm", {field: "Mail"}, {})
