"""What people type, and what is stored, folded alike."""

import pytest

from funnel.search import MOST_WORDS, fold, is_short, rank, search_text, search_words


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Müller", "muller"), ("  ÉCOLE  Straße ", "ecole strasse"), ("Łódź", "łodz"), ("ﬁn", "fin"), ("", "")],
)
def test_accents_case_and_spaces_make_no_difference(text, folded):
    assert fold(text) == folded


def test_a_line_has_all_that_a_lead_is_found_by():
    line = search_text(first_name="Bea", last_name="Ö", email="B@x.example", phone="+1 (2) 3", company="Ärzte AG")

    assert line == "bea o b@x.example arzte ag 123"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("Bea  Ö", ["bea", "o"]),
        ("+49 (30) 12-34", ["49301234"]),
        ("123", ["123"]),
        ("- bea & co", ["bea", "co"]),
        ("…", []),
        ("a b c d e f g h", list("abcdefgh")[:MOST_WORDS]),
    ],
)
def test_what_is_looked_for(asked, words):
    assert search_words(asked) == words


@pytest.mark.parametrize(
    ("word", "short"), [("an", True), ("ann", False), ("a.b", True), ("a-bcd", False), ("é", True)]
)
def test_a_word_without_three_letters_in_a_row_is_short(word, short):
    assert is_short(word) is short


def test_a_name_that_begins_so_is_better_than_a_word_that_does_and_that_than_a_part():
    lines = ["joanna bar", "bea anna", "anna foo"]

    assert sorted(lines, key=lambda line: rank(line, "Anna")) == ["anna foo", "bea anna", "joanna bar"]
