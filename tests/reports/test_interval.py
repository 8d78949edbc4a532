import pytest

from reports.measures.interval import LEAST, telling, wilson

# R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3: the score interval without continuity correction.
PUBLISHED = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]


@pytest.mark.parametrize(("part", "count", "low", "high"), PUBLISHED)
def test_the_interval_is_the_published_one(part, count, low, high):
    found = wilson(part, count)

    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(("part", "count"), [(0, 1), (1, 1), (30, 30), (1, 1_000_000), (999_999, 1_000_000)])
def test_it_holds_what_was_seen_and_stays_within_nothing_and_all(part, count):
    found = wilson(part, count)

    assert 0 <= found.low <= found.share <= found.high <= 1


def test_what_is_seen_and_what_is_not_have_the_mirrored_interval():
    seen, missed = wilson(9, 40), wilson(31, 40)

    assert (seen.low, seen.high) == (pytest.approx(1 - missed.high), pytest.approx(1 - missed.low))


def test_more_cases_make_it_narrower():
    widths = [one.high - one.low for one in (wilson(3, 10), wilson(30, 100), wilson(300, 1000))]

    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize(("part", "count"), [(0, 0), (2, 1), (-1, 3)])
def test_what_is_no_share_is_refused(part, count):
    with pytest.raises(ValueError, match="is no share"):
        wilson(part, count)


def test_too_few_say_nothing():
    assert telling(5, LEAST - 1) is None
    assert telling(5, LEAST) == wilson(5, LEAST)
