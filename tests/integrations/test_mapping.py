from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from integrations.files.errors import CellError, FileError
from integrations.files.kinds import Choice, Date, DateTime, Email, Integer, Money, Slug, Text
from integrations.files.mapping import load_mapping
from integrations.files.tables import Row

FIELDS = {
    "email": Email(),
    "external_id": Text(100),
    "channel": Slug(),
    "amount": Money(),
    "score": Integer(),
    "created_at": DateTime(),
    "closed_on": Date(),
    "stage": Choice(("inquiry", "mql")),
    "company.name": Text(200),
    "attributes.*": Text(1000),
}


@pytest.fixture
def mapping_file(tmp_path):
    def write(toml):
        path = tmp_path / "map.toml"
        path.write_text(toml)
        return path

    return write


@pytest.fixture
def read(mapping_file):
    def read(toml, cells):
        mapping = load_mapping(mapping_file(toml), FIELDS)
        mapping.bind(list(cells))
        return mapping.read(Row(7, cells))

    return read


def refusal(path):
    with pytest.raises(FileError) as caught:
        load_mapping(path, FIELDS)
    return str(caught.value)


# --- without a mapping file -----------------------------------------------------------------------


def test_without_a_mapping_the_columns_named_like_fields_are_taken():
    mapping = load_mapping(None, FIELDS)

    mapping.bind(["email", "Landing page", "company.name", "attributes.budget"])

    cells = {"email": "a@x.org", "Landing page": "p", "company.name": "Acme", "attributes.budget": "100k"}
    assert mapping.read(Row(2, cells)) == {
        "email": "a@x.org",
        "company.name": "Acme",
        "attributes.budget": "100k",
    }
    assert (mapping.ignored, mapping.source) == (["Landing page"], "")


def test_without_a_mapping_a_file_that_shares_no_name_is_refused():
    with pytest.raises(FileError) as caught:
        load_mapping(None, FIELDS).bind(["Email", "x"])

    assert str(caught.value) == (
        'No column has the name of a field: "Email" (did you mean "email"?), "x"; rename them or use a mapping file.'
    )


def test_the_mapping_knows_the_column_of_a_field(mapping_file):
    mapping = load_mapping(mapping_file('[columns]\nemail = "E-Mail"\n[constants]\nstage = "mql"\n'), FIELDS)
    mapping.bind(["E-Mail"])

    assert [mapping.column_of(field) for field in ("email", "stage", "score")] == ["E-Mail", "", ""]


# --- reading rows ---------------------------------------------------------------------------------


def test_a_foreign_file_becomes_ours(mapping_file):
    mapping = load_mapping(
        mapping_file("""
            source = "olist"
            [columns]
            external_id = "mql_id"
            channel     = { column = "origin", blank = "unknown", values = { "organic" = "organic-search" } }
            created_at  = { column = "first_seen", format = "%d.%m.%Y", time_zone = "America/Sao_Paulo" }
            "company.name" = "account"
            [constants]
            stage = "mql"
            """),
        FIELDS,
    )
    cells = {
        "mql_id": " 17 ",
        "origin": "organic",
        "first_seen": "10.01.2018",
        "account": "Acme",
        "landing": "x",
    }

    mapping.bind(list(cells))

    assert mapping.read(Row(2, cells)) == {
        "external_id": "17",
        "channel": "organic-search",
        "created_at": datetime(2018, 1, 10, 2, 0, tzinfo=UTC),
        "company.name": "Acme",
        "stage": "mql",
    }
    assert (mapping.source, mapping.ignored) == ("olist", ["landing"])


def test_a_blank_cell_gives_no_value(read):
    assert read('[columns]\nemail = "E"\namount = "A"', {"E": "a@x.org", "A": "  "}) == {"email": "a@x.org"}


def test_a_blank_cell_gives_what_the_mapping_says(read):
    toml = '[columns]\nchannel = { column = "C", blank = "unknown" }\nscore = { column = "S", blank = 0 }'

    assert read(toml, {"C": "", "S": " "}) == {"channel": "unknown", "score": 0}


def test_a_value_can_be_translated_to_blank(read):
    assert read('[columns]\namount = { column = "A", values = { "n/a" = "" } }', {"A": "n/a"}) == {}


def test_what_the_mapping_writes_itself_is_in_our_notation_but_local_time(read):
    toml = """
        [columns]
        amount = { column = "A", decimal_comma = true, blank = 0.5 }
        closed_on = { column = "D", format = "%d.%m.%y", blank = 2026-02-01 }
        created_at = { column = "C", time_zone = "Asia/Tokyo", values = { x = 2026-01-31 } }
        """

    assert read(toml, {"A": "", "C": "x", "D": ""}) == {
        "amount": Decimal("0.5"),
        "closed_on": date(2026, 2, 1),
        "created_at": datetime(2026, 1, 30, 15, 0, tzinfo=UTC),
    }


def test_a_decimal_comma_is_read_where_the_mapping_says_so(read):
    assert read('[columns]\namount = { column = "A", decimal_comma = true }', {"A": "12,50"}) == {
        "amount": Decimal("12.50")
    }


def test_names_with_a_dot_need_no_quotes(read):
    toml = '[columns]\ncompany.name = "C"\nattributes.budget = { column = "B", blank = "none" }'

    assert read(toml, {"C": "Acme", "B": ""}) == {"company.name": "Acme", "attributes.budget": "none"}


@pytest.mark.parametrize(
    ("constant", "value"),
    [
        ("score = 5", {"score": 5}),
        ("amount = 12.50", {"amount": Decimal("12.50")}),
        ("closed_on = 2026-01-31", {"closed_on": date(2026, 1, 31)}),
        ("created_at = 2026-01-31T10:00:00+01:00", {"created_at": datetime(2026, 1, 31, 9, 0, tzinfo=UTC)}),
        ("external_id = true", {"external_id": "true"}),
    ],
)
def test_a_constant_may_be_of_any_simple_type(read, constant, value):
    assert read(f'[columns]\nemail = "E"\n[constants]\n{constant}', {"E": ""}) == value


def test_every_bad_cell_of_a_row_is_told_with_line_and_column(read):
    errors = read('[columns]\namount = "Amount"\nemail = "Mail"', {"Amount": "12,5O", "Mail": "ann"})

    assert errors == [
        CellError(7, "Amount", '"12,5O" is not a number'),
        CellError(7, "Mail", '"ann" is not an e-mail address'),
    ]
    assert str(errors[0]) == 'line 7, column "Amount": "12,5O" is not a number'


# --- refusals -------------------------------------------------------------------------------------


def test_every_column_that_the_file_lacks_is_named(mapping_file):
    mapping = load_mapping(mapping_file('[columns]\nemail = "Emial"\namount = "Z"'), FIELDS)

    with pytest.raises(FileError) as caught:
        mapping.bind(["Email", "Name"])

    assert str(caught.value) == (
        'The file has no column "Emial" (did you mean "Email"?), "Z": correct the mapping or the header.'
    )


def test_unknown_fields_are_named_with_the_nearest(mapping_file):
    sentence = refusal(mapping_file('[columns]\nchanel = "C"\nxyz = "S"\n"attributes.*" = "A"'))

    assert sentence.startswith(
        'The mapping has unknown fields: "chanel" (did you mean "channel"?), "xyz", "attributes.*";'
    )
    assert sentence.endswith("stage, company.name, attributes.*.")


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        (
            "[colums]\n",
            'The mapping has "colums" (did you mean "columns"?), but may only have source, columns',
        ),
        ("columns = 5", "The mapping's columns is no table: write [columns] on a line of its own."),
        ("source = 5\n[columns]\nemail = 'E'", "The mapping's source is no text"),
        ("[constants]\nstage = 'mql'", "The mapping has no [columns]: name at least one"),
        (
            "[columns]\nstage = 'S'\n[constants]\nstage = 'mql'",
            "The mapping has stage in [columns] and in [constants]",
        ),
        ("[columns]\nemail = 5", "The mapping's email must be written email = "),
        ("[columns]\nemail = { blank = 'x' }", "The mapping's email must be written email = "),
        ("[columns]\nemail = { column = 'E', values = 5 }", "The mapping's email must be written email = "),
        ("[columns]\nemail = { colum = 'E' }", 'The mapping\'s email has "colum" (did you mean "column"?)'),
        (
            "[columns]\nemail = { column = 'E', format = '%Y' }",
            'The mapping\'s email has "format", but may only',
        ),
        (
            "[columns]\namount = { column = 'A', decimal_comma = 1 }",
            "The mapping's amount has a decimal_comma that is",
        ),
        (
            "[columns]\ncreated_at = { column = 'C', format = 5 }",
            "The mapping's created_at has a format that is no text",
        ),
        (
            "[columns]\ncreated_at = { column = 'C', format = '%Q' }",
            'The mapping\'s created_at has a bad date format "%Q"',
        ),
        (
            "[columns]\ncreated_at = { column = 'C', time_zone = 'Mars/Base' }",
            'The mapping\'s created_at has an unknown time zone "Mars/Base"',
        ),
        (
            "[columns]\ncreated_at = { column = 'C', time_zone = '../x' }",
            'The mapping\'s created_at has an unknown time zone "../x"',
        ),
        (
            "[columns]\nstage = { column = 'S', values = { 'a' = 'b' } }",
            'The mapping\'s stage, value "a", cannot be used: "b" is not one of inquiry, mql.',
        ),
        (
            "[columns]\namount = { column = 'A', blank = 'x' }",
            'The mapping\'s amount, blank, cannot be used: "x" is not a number.',
        ),
        (
            "[columns]\nemail = 'E'\n[constants]\nstage = 'mqll'",
            'The mapping\'s constant stage cannot be used: "mqll" is not one of inquiry, mql.',
        ),
        ("[columns]\nemail = 'E'\n[constants]\nstage = ' '", "The mapping's constant stage is blank"),
        (
            "[columns]\nemail = 'E'\n[constants]\nstage = ['mql']",
            "The mapping's constant stage must be a text, a number",
        ),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_by_name(mapping_file, toml, sentence):
    assert refusal(mapping_file(toml)).startswith(sentence)


def test_a_file_that_is_no_toml_is_refused_with_the_place(mapping_file):
    path = mapping_file("[columns]\nemail = E")

    assert refusal(path) == f"The mapping {path} is no TOML: Invalid value (at line 2, column 9)."


def test_a_missing_mapping_file_is_refused(tmp_path):
    path = tmp_path / "map.toml"

    assert refusal(path) == f"The mapping {path} cannot be read: No such file or directory."
