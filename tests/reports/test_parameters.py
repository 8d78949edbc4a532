import pytest

from funnel.models import Campaign, Channel
from reports.engine import UnknownReport, entries_for, find_entry
from reports.parameters import InvalidParameter
from tests.reports.worlds import closed_loop

KNOWN = ("from", "to", "as_of", "team", "owner", "channel", "campaign", "segment", "agreement", "by")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"colour": "red"},
            f"There is no parameter “colour”. This report has: {', '.join(KNOWN)}.",
        ),
        ({"since": "31.03.2024"}, "from: “31.03.2024” is not a date. Write it as YYYY-MM-DD, for example 2024-03-31."),
        ({"to": "2024-02-30"}, "to: “2024-02-30” is not a date. Write it as YYYY-MM-DD, for example 2024-03-31."),
        ({"to": "9999-12-31"}, "to: 9999-12-31 is not between 1970-01-01 and 2100-12-31."),
        (
            {"since": "2024-03-02", "to": "2024-03-01"},
            "from: 2024-03-02 is later than the end of the period, 2024-03-01.",
        ),
        ({"by": "moon"}, "by: “moon” is not possible. Choose one of: channel, campaign."),
        ({"channel": "moon"}, "channel: there is no channel “moon”. Known: webinar."),
        ({"campaign": "moon"}, "campaign: there is no campaign “moon”. Give its slug, as in the address of its page."),
        ({"team": "99999999999999999999"}, "team: there is no team “99999999999999999999” among those you can see."),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_bad_parameter_is_named_in_one_sentence(marketing, given, sentence):
    Channel.objects.create(slug="webinar", name="Webinar")

    with pytest.raises(InvalidParameter) as refused:
        closed_loop(marketing, **given)

    assert str(refused.value) == sentence


def test_a_team_is_given_by_name_or_number(marketing, west):
    assert closed_loop(marketing, team="West").parameters["team"] == "West"
    assert closed_loop(marketing, team=str(west.pk)).parameters["team"] == str(west.pk)


def test_blank_parameters_are_not_given(marketing):
    report = closed_loop(marketing, since=" ", channel="", by="")

    assert {name for name, text in report.parameters.items() if text} == {"by"}
    assert report.parameters["by"] == "channel"


def test_a_campaign_is_given_by_its_slug(marketing):
    Campaign.objects.create(slug="spring", name="Spring in Berlin")

    assert "campaign Spring in Berlin" not in closed_loop(marketing, campaign="spring").empty_because


def test_an_unknown_report_is_refused_with_those_there_are(marketing):
    with pytest.raises(UnknownReport, match=r"There is no report “moon”\. Choose one of: .*closed-loop"):
        find_entry("moon", marketing.principal)


def test_every_report_of_the_catalogue_asks_a_question(marketing):
    entries = entries_for(marketing.principal)

    assert "closed-loop" in {entry.name for entry in entries}
    assert all(entry.question.endswith("?") for entry in entries)
