import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.attribution import paths
from reports.attribution.credit import MODELS, credit
from reports.attribution.paths import JOINT, PathsRefused, read_paths
from tests.reports.attribution.journeys import counted_paths, unhurried

HEADING = "path,total_conversions,total_conversion_value,total_null"


def read(*lines, heading=HEADING):
    return read_paths(io.StringIO("\r\n".join([heading, *lines]), newline=""))


def test_lines_of_the_same_path_count_together():
    found = read("b > a,1,10,0", "a,0,0,3", "b > a,2,0.5,4")

    assert found.journeys.channels == ("a", "b")
    assert found.journeys.touches.tolist() == [0, 1, 0]
    assert found.journeys.conversions.tolist() == [0, 3]
    assert found.journeys.nulls.tolist() == [3, 4]
    assert (found.journeys.values.tolist(), found.digits) == ([0, 1050], 2)


def test_columns_are_found_by_their_names():
    found = read("x,1,7,a > b,2", heading="id,total_null,total_conversion_value,path,total_conversions")

    assert found.journeys.channels == ("a", "b")
    assert (found.journeys.total_conversions, found.journeys.total_nulls, found.journeys.total_value) == (2, 1, 700)


@pytest.mark.parametrize(
    ("text", "value", "digits"),
    [
        ("0.244", 244, 3),
        ("12", 1200, 2),
        ("12.50", 1250, 2),
        ("1e3", 100000, 2),
        ("1.5E-3", 15, 4),
        ("0.30000000000000004", 30000000000000004, 17),
        ("999999999999999999", 99999999999999999900, 2),
    ],
)
def test_values_are_whole_units_as_fine_as_the_file_is(text, value, digits):
    found = read(f"a,1,{text},0")

    assert (found.journeys.total_value, found.digits) == (value, digits)


def test_values_beyond_64_bits_are_shared_out_to_the_last_unit():
    found = read("a > b > c,1,999999999999999999,0", "c,1,0.000000000000000001,0")

    answer = credit(found.journeys, "linear")

    assert found.digits == 18
    assert sum(answer.values) == 999999999999999999 * 10**18 + 1
    assert list(answer.values) == [333333333333333333 * 10**18] * 2 + [333333333333333333 * 10**18 + 1]


def test_whole_counts_may_be_written_as_floats():
    assert read("a,3.0,1,2.00").journeys.total_conversions == 3


def test_channels_may_be_called_anything_else():
    names = [" a", "a>b", "> c", "ü 日本", 'say "x"', "two\nlines", ",", "=1+1"]
    quoted = JOINT.join(names).replace('"', '""')

    assert set(read(f'"{quoted}",1,1,0').journeys.channels) == set(names)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["a,-1,0,0"], "Line 2: total_conversions is negative, -1."),
        (["a,1,1,0", "a,1,1,-2"], "Line 3: total_null is negative, -2."),
        (["a,1.5,0,0"], "Line 2: total_conversions is a fraction, 1.5; it counts whole journeys."),
        (["a,1,-5,0"], "Line 2: total_conversion_value is negative, -5."),
        (["a,0,5,1"], "Line 2 has a value, 5, but no conversion that brought it."),
        (["a,one,0,0"], "Line 2: total_conversions is not a number, “one”."),
        (["a,1,nan,0"], "Line 2: total_conversion_value is not a number, “nan”."),
        (["a,1,inf,0"], "Line 2: total_conversion_value is not a number, “inf”."),
        (["a,1,1_000,0"], "Line 2: total_conversion_value is not a number, “1_000”."),
        (["a,١,1,0"], "Line 2: total_conversions is not a number, “١”."),
        (["a,,1,0"], "Line 2: total_conversions is empty."),
        (["a,1,1e99,0"], "Line 2: total_conversion_value is more than 1,000,000,000,000,000,000."),
        (["a,1,1e-99,0"], "Line 2: total_conversion_value has more than 18 digits after the point, 1e-99."),
        (["a,1e16,1,0"], "Line 2: total_conversions is more than 1,000,000,000,000,000."),
        (
            ["a,1,1,900000000000000", "b,1,1,900000000000000"],
            "The file counts more than 1,000,000,000,000,000 journeys.",
        ),
        ([",1,1,0"], "Line 2 has no path."),
        (["a >  > b,1,1,0"], "Line 2 has a channel without a name, in a path of 3 touches."),
        (["a > b > ,1,1,0"], "Line 2 has a channel without a name, in a path of 3 touches."),
        (["a,1,1"], "Line 2 has 3 cells; its heading has 4."),
        (["", "a,1,1,0", '"a\nb",1,1,0', "a,x,1,0"], "Line 6: total_conversions is not a number, “x”."),
        (['"a,1,1,0'], "Line 2 cannot be read as CSV: unexpected end of data."),
        ([], "The file has no path below its heading."),
        (["a,0,0,5", "b,0,0,1"], "The file has no conversion on any of its lines: there is nothing to attribute."),
    ],
)
def test_bad_lines_are_refused_with_their_number(lines, sentence):
    with pytest.raises(PathsRefused) as refused:
        read(*lines)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty."),
        ("\r\n", "The file is empty."),
        ("path,total_conversions\na,1", "Line 1 lacks the columns total_conversion_value, total_null."),
        ("path;total_conversions;total_conversion_value;total_null\n", "Line 1 lacks the columns path, "),
    ],
)
def test_a_file_without_its_heading_is_refused(text, sentence):
    with pytest.raises(PathsRefused, match=sentence):
        read_paths(io.StringIO(text))


def test_a_cell_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(paths, "CELL_AT_MOST", 1000)

    with pytest.raises(PathsRefused, match="Line 3 has a cell of more than 1,000 characters"):
        read("a,1,1,0", f"{'b' * 1001},1,1,0")


def test_a_path_of_a_million_characters_is_read():
    found = read(f"{JOINT.join('abc' * 84_000)},1,1,0")

    assert found.journeys.lengths.tolist() == [252_000]
    assert sum(credit(found.journeys, "time_decay").values) == 100


@unhurried
@given(counted_paths(), st.sampled_from(MODELS), st.integers(1, 3), st.randoms(use_true_random=False))
def test_shuffled_and_split_lines_give_the_same_to_the_last_bit(rows, model, order, random):
    lines = [f"{JOINT.join(path)},{conversions},{value},{nulls}" for path, conversions, value, nulls in rows]
    parts = [
        part for path, conversions, value, nulls in rows for part in _split(path, conversions, value, nulls, random)
    ]
    random.shuffle(parts)

    whole, split = (credit(read(*some).journeys, model, order=order) for some in (lines, parts))

    assert list(whole.conversions) == list(split.conversions)
    assert list(whole.values) == list(split.values)


def _split(path, conversions, value, nulls, random):
    some, less = random.randint(0, conversions), random.randint(0, nulls)
    worth = value if some == conversions else 0 if not some else random.randint(0, value)
    text = JOINT.join(path)
    return [f"{text},{some},{worth},{less}", f"{text},{conversions - some},{value - worth},{nulls - less}"]
