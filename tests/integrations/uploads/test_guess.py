"""Which column may be which field; nothing is taken without being shown."""

import pytest

from funnel.lifecycle import Stage
from integrations.files.kinds import Choice, Slug
from integrations.imports.fields import LEAD_FIELDS, TOUCH_FIELDS
from integrations.imports.kinds import KINDS
from integrations.uploads.guess import guess_columns, words_of
from integrations.uploads.synonyms import SYNONYMS


def guesses(columns, *, kind="leads", fields=LEAD_FIELDS, month_first=False):
    return guess_columns(kind, fields, list(columns), columns, month_first=month_first)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("email", "email"),
        ("E-Mail Address", "email"),
        ("Given name", "first_name"),
        ("Prénom", "first_name"),
        ("SURNAME", "last_name"),
        ("company.name", "company.name"),
        ("Account Name", "company.name"),
        ("Lead Source", "channel"),
        ("utm_campaign", "campaign"),
        ("Created Date", "created_at"),
        ("Budget", "attributes.budget"),
        ("Lead ID", "external_id"),
    ],
)
def test_a_column_is_known_by_our_name_or_a_usual_one(header, field):
    assert {name: guess.column for name, guess in guesses({header: []}).items()} == {field: header}


def test_our_own_names_come_before_usual_ones():
    found = guesses({"Source": [], "channel": []})

    assert (found["channel"].column, found["channel"].why) == ("channel", "same name")


def test_a_column_is_taken_once():
    found = guesses({"ID": [], "Mail": [], "Work email": []})

    assert {name: guess.column for name, guess in found.items()} == {"external_id": "ID", "email": "Mail"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (["ann@x.test", "bob@x.test", "cyd@x.test", "dan@x.test", "n/a"], "email"),
        (["+33 6 12 34 56 78", "030 1234567"], "phone"),
        (["31.01.2026", "01.02.2026"], "created_at"),
        (["ann@x.test", "Bob", "Cyd"], None),
        ([], None),
    ],
)
def test_without_a_name_the_look_of_the_values_tells(values, field):
    assert list(guesses({"Column 7": values})) == ([field] if field else [])


@pytest.mark.parametrize(
    ("values", "date_format", "doubt"),
    [
        (["2026-01-31", "2026-01-31T10:00Z"], None, ""),
        (["31/01/2026"], "%d/%m/%Y", ""),
        (["01/31/2026 14:05"], "%m/%d/%Y %H:%M", ""),
        (["31.01.26"], "%d.%m.%y", ""),
        (["5 Jan 2026"], "%d %b %Y", ""),
        (["01/02/2026"], "%d/%m/%Y", "Day or month first? Both fit: check it."),
        (["31/01/2026", "01/31/2026"], None, "No usual format of dates fits them."),
        ([*["31/01/2026"] * 9, "soon"], "%d/%m/%Y", "1 of 10 dates do not fit."),
    ],
)
def test_how_dates_are_written_is_read_off_them_and_doubt_is_told(values, date_format, doubt):
    found = guesses({"created_at": values})["created_at"]

    assert (found.options.get("format"), found.doubt) == (date_format, doubt)


def test_where_both_fit_the_viewers_own_order_is_proposed():
    assert guesses({"created_at": ["01/02/2026"]}, month_first=True)["created_at"].options == {"format": "%m/%d/%Y"}


@pytest.mark.parametrize(("values", "options"), [(["1800,50", "20"], {"decimal_comma": True}), (["1800.50"], {})])
def test_decimal_commas_are_seen(values, options):
    assert guesses({"expected_value": values})["expected_value"].options == options


def test_of_several_dates_no_look_tells_which_is_which():
    assert (
        guesses(
            {"a": ["2026-01-31"]},
            kind="outcomes",
            fields={"mql_at": LEAD_FIELDS["created_at"]} | {"closed_at": LEAD_FIELDS["created_at"]},
        )
        == {}
    )


def test_words_that_are_no_short_names_get_one_proposed():
    found = guesses({"channel": ["Organic Search", "Référencement", "ads"]})["channel"]

    assert found.options == {"values": {"Référencement": "referencement"}}


def test_words_of_a_choice_are_ours_or_to_be_chosen():
    assert words_of(Choice(tuple(Stage.values)), ["MQL", "No decision", "Hot"]) == {
        "MQL": "mql",
        "No decision": "no_decision",
        "Hot": "",
    }
    assert words_of(Slug(), ["Paid Search"]) == {"Paid Search": "paid-search"}


def test_touches_have_usual_names_too():
    found = guesses({"Contact": [], "When": ["2026-01-31"], "Activity": []}, kind="touches", fields=TOUCH_FIELDS)

    assert {name: guess.column for name, guess in found.items()} == {
        "lead_external_id": "Contact",
        "at": "When",
        "kind": "Activity",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_usual_names_are_of_fields_that_exist_and_written_plainly(kind):
    assert SYNONYMS[kind].keys() <= KINDS[kind].fields().keys()
    names = [name for names in SYNONYMS[kind].values() for name in names.split()]
    assert [name for name in names if not name.isalnum() or name != name.lower()] == []
