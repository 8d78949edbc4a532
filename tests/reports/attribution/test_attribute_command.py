import csv
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from funnel.models import Campaign, Touch
from reports.attribution.credit import MODELS
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import deal, touched, won

HEADING = "path,total_conversions,total_conversion_value,total_null\n"
PUBLISHED = HEADING + "google ads,2,200,1\nmailing,1,100,0\ngoogle ads > mailing,1,100,0\n"


def attribute(path, *arguments):
    out = StringIO()
    call_command("attribute", "--paths", str(path), *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def published(tmp_path):
    path = tmp_path / "paths.csv"
    path.write_text(PUBLISHED)
    return path


def test_json_has_totals_credits_and_removal_effects(published):
    answer = json.loads(attribute(published, "--model", "markov", "--format", "json"))

    assert answer == {
        "model": "markov",
        "parameters": {"paths": str(published), "order": 1},
        "totals": {"conversions": 4, "value": 400.0, "nulls": 1},
        "credit_conversions": {"google ads": pytest.approx(2.4), "mailing": pytest.approx(1.6)},
        "credit_value": {"google ads": 240.0, "mailing": 160.0},
        "removal_effect": {"google ads": pytest.approx(0.75), "mailing": pytest.approx(0.5)},
    }


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("order", ["1", "2", "3"])
def test_every_model_answers(published, model, order):
    answer = json.loads(attribute(published, "--model", model, "--order", order, "--format", "json"))

    assert answer["model"] == model
    assert sum(answer["credit_conversions"].values()) == pytest.approx(4)
    assert sum(answer["credit_value"].values()) == 400


def test_the_half_life_is_a_parameter_of_time_decay(published):
    answer = json.loads(attribute(published, "--model", "time_decay", "--half-life", "1", "--format", "json"))

    assert answer["parameters"]["half_life"] == 1
    assert answer["credit_value"] == {"google ads": 233.33, "mailing": 166.67}


def test_csv_has_a_line_a_channel_and_no_formula(tmp_path):
    path = tmp_path / "paths.csv"
    path.write_text(HEADING + "=1+1 > a,1,10,0\na,1,10,0\n")

    lines = list(csv.reader(StringIO(attribute(path, "--model", "linear", "--format", "csv"))))

    assert lines == [
        ["channel", "credit_conversions", "credit_value", "removal_effect"],
        ["a", "1.5", "15.0", ""],
        ["'=1+1", "0.5", "5.0", ""],
    ]


def test_a_table_shows_what_a_terminal_would_obey_as_its_code(tmp_path):
    path = tmp_path / "paths.csv"
    path.write_text(HEADING + "a\x1b[31m > b,1,10,0\n")

    table = attribute(path, "--model", "last_touch")

    assert "\x1b" not in table
    assert table.splitlines() == [
        "last_touch: conversions 1, value 10.0, nulls 0",
        "",
        "channel    credit_conversions  credit_value",
        "b                      1.0000         10.00",
        "a\\x1b[31m              0.0000          0.00",
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--model", "magic"], "--model: “magic” is not possible. Choose one of: first_touch, "),
        (["--model", "markov", "--order", "4"], "--order: “4” is not possible. Choose one of: 1, 2, 3."),
        (["--model", "time_decay", "--half-life", "0"], "--half-life: “0” is not a number above zero"),
        (["--model", "time_decay", "--half-life", "nan"], "--half-life: “nan” is not a number above zero"),
        (["--model", "linear", "--format", "xml"], "--format: “xml” is not possible. Choose one of: table, json, csv."),
    ],
)
def test_bad_options_are_refused(published, arguments, sentence):
    with pytest.raises(CommandError, match=sentence) as refused:
        attribute(published, *arguments)

    assert refused.value.returncode == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "paths.csv: The file is empty."),
        (HEADING.encode() + b"a,-1,0,0\n", "paths.csv: Line 2: total_conversions is negative, -1."),
        (HEADING.encode() + b"\xff\xfe,1,0,0\n", "paths.csv is not UTF-8"),
    ],
)
def test_bad_files_are_refused(tmp_path, content, sentence):
    path = tmp_path / "paths.csv"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=sentence) as refused:
        attribute(path, "--model", "markov")

    assert refused.value.returncode == 1


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CommandError, match=r"paths\.csv cannot be read: No such file"):
        attribute(tmp_path / "paths.csv", "--model", "markov")


# --- over the database ----------------------------------------------------------------------------------------


def over_database(*arguments):
    out = StringIO()
    call_command("attribute", *arguments, "--format", "json", stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.django_db
def test_over_the_database_each_deal_is_shared_out_to_the_cent():
    for _ in range(3):
        deal("0.02", "webinar", "email", "fair")
    Touch.objects.filter(lead=won("webinar", "5")).delete()

    answer = over_database("--model", "linear")

    # Of two cents the first two touches of each deal get one: the total alone would give two to each.
    assert answer["credit_value"] == {"webinar": 0.03, "email": 0.03, "fair": 0.0}
    assert answer["credit_conversions"] == {"webinar": 1.0, "email": 1.0, "fair": 1.0}
    assert answer["totals"] == {
        "conversions": 4,
        "value": 5.06,
        "nulls": 0,
        "unattributed_conversions": 1,
        "unattributed_value": 5.0,
        "unknown_values": 0,
    }


@pytest.mark.django_db
def test_over_the_database_markov_counts_what_was_not_won():
    deal("300", "google-ads", "mailing")
    deal("300", "google-ads")
    deal("300", "google-ads")
    deal("300", "mailing")
    LeadFactory(channel="google-ads")

    answer = over_database("--model", "markov")

    assert answer["removal_effect"] == {"google-ads": pytest.approx(0.75), "mailing": pytest.approx(0.5)}
    assert answer["credit_value"] == {"google-ads": 720.0, "mailing": 480.0}
    assert (answer["totals"]["conversions"], answer["totals"]["nulls"]) == (4, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS)
def test_over_the_database_every_model_answers_also_where_there_is_nothing(model):
    assert over_database("--model", model)["credit_value"] == {}


@pytest.mark.django_db
def test_over_the_database_it_can_be_asked_by_campaign_and_period():
    deal("300", "webinar", at=NOW - timedelta(days=90))
    touched(deal("100", "webinar"), "email", NOW, campaign=Campaign.objects.create(slug="spring", name="Spring"))

    answer = over_database("--model", "last_touch", "--by", "campaign", "--from", "2026-03-01")

    assert answer["credit_value"] == {"webinar": 0.0, "email/spring": 100.0}
    assert answer["parameters"] == {"from": "2026-03-01", "by": "campaign"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--from", "yesterday"], "from: “yesterday” is not a date"),
        (["--exclude", "moon"], "exclude: there is no channel “moon”"),
        (["--window", "5"], "window: “5” is not possible"),
        (["--by", "lead"], "by: “lead” is not possible"),
        (["--paths", "paths.csv", "--by", "campaign"], "--by is for the database; a file of paths does not know it."),
    ],
)
def test_bad_options_over_the_database_are_refused(arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        over_database("--model", "linear", *arguments)
