import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.factories import LeadFactory


def report(*arguments):
    out = StringIO()
    call_command("report", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_it_prints_a_table_of_all_leads():
    LeadFactory(channel="webinar")

    assert "Webinar" in report("closed-loop")


@pytest.mark.django_db
def test_it_takes_the_reports_parameters():
    LeadFactory(channel="webinar")
    LeadFactory(channel="email")

    answer = json.loads(report("closed-loop", "--channel", "email", "--from", "2026-03-01", "--format", "json"))

    assert [one["channel"] for one in answer["rows"]] == ["email"]
    assert answer["parameters"]["from"] == "2026-03-01"


@pytest.mark.django_db
def test_it_writes_a_file(tmp_path):
    LeadFactory(channel="webinar")
    path = tmp_path / "report.csv"

    printed = report("closed-loop", "--format", "csv", "--output", str(path))

    assert printed == ""
    assert path.read_text().splitlines()[1].startswith('"Webinar","webinar","1",')


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["moon"], "There is no report “moon”"),
        (["closed-loop", "--from", "yesterday"], "from: “yesterday” is not a date"),
        (["closed-loop", "--format", "xlsx"], "A terminal cannot show xlsx"),
        (["closed-loop", "--output", "/nowhere/report.txt"], "/nowhere/report.txt cannot be written"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(arguments, sentence):
    with pytest.raises(CommandError, match=sentence) as refused:
        report(*arguments)

    assert refused.value.returncode == 1
