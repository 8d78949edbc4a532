import re
from html import unescape

import pytest

from tests.exported import csv_rows
from tests.factories import LeadFactory
from tests.reports.worlds import fallen, won


@pytest.mark.parametrize("client_name", ["rep_client", "manager_client", "marketing_client", "admin_client"])
def test_everybody_finds_the_closed_loop_by_its_question(request, client_name):
    answer = request.getfixturevalue(client_name).get("/reports/")

    assert "What became of every lead" in answer.content.decode()
    assert 'href="/reports/closed-loop/"' in answer.content.decode()


@pytest.mark.parametrize("client_name", ["rep_client", "manager_client", "marketing_client", "admin_client"])
def test_the_page_shows_the_viewers_own_figures(request, client_name, rep, west):
    fallen("webinar", owner=rep, team=west)

    page = request.getfixturevalue(client_name).get("/reports/closed-loop/").content.decode()

    assert "Webinar" in page
    assert "1 handed to sales" in page


def test_a_rep_does_not_see_other_teams_channels_in_the_figures(rep_client, east):
    won("webinar", team=east)

    answer = rep_client.get("/reports/closed-loop/")

    assert answer.context["report"].rows == ()
    assert "No lead is yours" in answer.content.decode()


def test_filters_are_in_the_address_and_shown_as_chosen(marketing_client):
    LeadFactory(channel="webinar")
    LeadFactory(channel="email")

    answer = marketing_client.get("/reports/closed-loop/?channel=webinar&from=2026-01-01&team=")

    assert [one["channel"] for one in answer.context["report"].rows] == ["webinar"]
    assert '<option value="webinar" selected>' in answer.content.decode()
    assert 'value="2026-01-01"' in answer.content.decode()


def test_a_channel_opens_its_campaigns_and_keeps_the_filters(marketing_client):
    LeadFactory(channel="webinar")

    page = marketing_client.get("/reports/closed-loop/?from=2026-01-01").content.decode()

    assert 'href="?from=2026-01-01&amp;by=campaign&amp;channel=webinar"' in page


def test_the_unattributed_row_opens_nothing(marketing_client):
    won("webinar").touches.all().delete()

    rows = marketing_client.get("/reports/closed-loop/").context["table"].rows

    assert [(row[0].text, bool(row[0].href)) for row in rows] == [("Webinar", True), ("Unattributed", False)]


def test_the_page_names_the_columns_it_leaves_out(marketing_client):
    LeadFactory(channel="webinar")

    answer = marketing_client.get("/reports/closed-loop/")

    assert "Not shown, because no row has it: Win rate" not in answer.content.decode()
    assert "ROI" in [column.label for column in answer.context["table"].left_out]
    assert "Value estimated" not in answer.content.decode().split("What these figures mean")[0]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=soon", "from: “soon” is not a date"),
        ("colour=red", "There is no parameter “colour”"),
        ("format=pdf", "format: “pdf” is not possible"),
    ],
)
def test_a_bad_filter_is_answered_with_its_sentence_and_the_form(marketing_client, query, sentence):
    answer = marketing_client.get(f"/reports/closed-loop/?{query}")

    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert 'name="channel"' in answer.content.decode() or 'name="from"' in answer.content.decode()


@pytest.mark.parametrize(
    ("file_format", "content_type", "start"),
    [
        ("csv", "text/csv; charset=utf-8", b'\xef\xbb\xbf"channel_name","channel","leads",'),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
        ("json", "application/json", b"{"),
    ],
)
def test_a_file_has_the_filters_of_the_page(marketing_client, file_format, content_type, start):
    LeadFactory(channel="webinar")

    answer = marketing_client.get(f"/reports/closed-loop/?channel=webinar&format={file_format}")

    assert answer["Content-Type"] == content_type
    assert f'.{file_format}"' in answer["Content-Disposition"]
    assert answer.content.startswith(start)


def test_an_unknown_report_is_not_found(marketing_client):
    assert marketing_client.get("/reports/moon/").status_code == 404


def test_reports_are_read_only(marketing_client):
    assert marketing_client.post("/reports/closed-loop/").status_code == 405


def test_strangers_are_sent_to_the_login(client, db):
    assert client.get("/reports/closed-loop/").headers["Location"].startswith("/login/")


def test_a_page_shows_the_largest_rows_and_the_total_of_all(marketing_client, monkeypatch):
    monkeypatch.setattr("reports.page.ROWS_AT_MOST", 1)
    LeadFactory(channel="email")
    LeadFactory.create_batch(2, channel="webinar")

    answer = marketing_client.get("/reports/closed-loop/")

    assert [row[0].text for row in answer.context["table"].rows] == ["Webinar"]
    assert answer.context["table"].totals[0][1].text == "3"
    assert "The 1 largest of 2 rows are shown" in answer.content.decode()


def test_large_headlines_are_short_and_the_table_is_exact(marketing_client):
    won("webinar", "1234567")

    page = marketing_client.get("/reports/closed-loop/").content.decode()

    assert "€1.23M" in page
    assert "€1,234,567" in page


def test_sums_in_other_currencies_stand_beside(marketing_client):
    won("webinar", "900", currency="USD")

    assert "Not in the sums: Revenue in USD $900.00." in marketing_client.get("/reports/closed-loop/").content.decode()


def test_the_leads_behind_a_figure_can_be_taken_away(marketing_client, rep_client, rep):
    LeadFactory(channel="webinar", handed_off=True, owner=rep)
    LeadFactory(channel="webinar")
    LeadFactory(channel="email")

    page = marketing_client.get("/reports/closed-loop/leads/?figure=leads&channel=webinar").content.decode()

    (address,) = re.findall(r'href="(/exports/report-leads/[^"]*format=csv)"', page)
    assert len(csv_rows(marketing_client.get(unescape(address)))) == 2
    assert [row["owner"] for row in csv_rows(rep_client.get(unescape(address)))] == [rep.email]


def test_a_figure_that_counts_no_leads_gives_no_file(marketing_client):
    answer = marketing_client.get("/exports/report-leads/?format=csv&report=closed-loop&figure=moon")

    assert answer.status_code == 400
    assert "no leads stand behind “moon”" in answer.content.decode()
