"""The weekly report by mail: to whom, when, once, and with the figures and the picture of its page."""

import html
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.models import Mail, Mails, Team
from accounts.outbox import send_batch
from accounts.roles import Role
from dispositions.outcomes import Outcome
from funnel.models import Lead
from funnel.sweep import run_sweep
from reports import weekly_mail
from reports.letter import COLOURS
from reports.page import tiles
from reports.weekly_mail import PAGES_AT_MOST, write_weekly_mails
from tests.conftest import signed_in
from tests.factories import NOW, LeadFactory, TeamFactory, UserFactory
from tests.reports.worlds import computed, say

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
# NOW is Wednesday of 2026-W10; the company's zone is UTC.
MONDAY = datetime(2026, 3, 9, 6, 0, tzinfo=UTC)
TABLE = re.compile(r'<table class="figures".*?</table>', re.DOTALL)
ROW = re.compile(r"<tr[^>]*>(.*?)</tr>", re.DOTALL)
CELL = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL)


@pytest.fixture
def worked(rep, eastern_rep):
    """Two reps who said something in the week."""
    lead = LeadFactory(accepted=True, owner=rep, at=NOW - 9 * DAY)
    say(lead, rep, Outcome.NO_ANSWER)
    say(lead, rep, Outcome.MEETING_SET, at=NOW + DAY)
    Lead.objects.filter(pk=lead.pk).update(next_action_at=MONDAY + DAY)
    say(LeadFactory(accepted=True, owner=eastern_rep, at=NOW - 9 * DAY), eastern_rep, Outcome.CONVERSATION)


def readers():
    return set(Mail.objects.filter(key__startswith="weekly:").values_list("to", flat=True))


def text_of(cell):
    return html.unescape(re.sub(r"<[^>]+>", "", cell)).strip()


def figures_in(table):
    return [[text_of(cell) for cell in CELL.findall(row)] for row in ROW.findall(table)]


# --- when it comes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("company", "zone", "due"),
    [
        ("UTC", "UTC", "2026-03-09T06:00"),
        ("UTC", "Europe/Berlin", "2026-03-09T05:00"),
        # The clocks there went forward on Sunday.
        ("UTC", "America/New_York", "2026-03-09T10:00"),
        ("Europe/Berlin", "Pacific/Honolulu", "2026-03-09T16:00"),
        # Six on Monday comes there before the company's Sunday is over.
        ("America/New_York", "Pacific/Auckland", "2026-03-09T04:00"),
    ],
)
def test_it_comes_on_monday_morning_on_the_readers_clock(manager, worked, settings, company, zone, due):
    settings.TIME_ZONE = company
    manager.time_zone = zone
    manager.save()
    due = datetime.fromisoformat(f"{due}+00:00")

    of_the_week = Mail.objects.filter(key=f"weekly:2026-W10:{manager.pk}")

    write_weekly_mails(now=due - MINUTE)
    assert not of_the_week.exists()

    assert write_weekly_mails(now=due) == Counter({"weekly reports": 1})
    assert of_the_week.values_list("to", "next_attempt_at").get() == (manager.email, due)


def test_a_server_that_was_away_writes_the_last_one_and_none_before(manager, worked):
    assert write_weekly_mails(now=MONDAY + 23 * DAY) == Counter({"weekly reports": 1})

    assert Mail.objects.get().key == f"weekly:2026-W13:{manager.pk}"


# --- to whom --------------------------------------------------------------------------------------------------


def test_whoever_leads_people_gets_it_and_nobody_else(manager, head_of_sales, marketing, admin, rep, worked):
    write_weekly_mails(now=MONDAY)

    assert readers() == {manager.email, head_of_sales.email}


def test_marketing_gets_it_by_asking_and_then_of_all_teams(marketing, manager, east, worked):
    marketing.weekly_report = True
    marketing.save()

    write_weekly_mails(now=MONDAY)

    assert readers() == {marketing.email, manager.email}
    assert {"West", "East"} <= set(re.findall(r"<h2>(.*?)</h2>", Mail.objects.get(to=marketing.email).html))


def test_an_admin_who_heads_teams_gets_it_of_those(admin, east, worked):
    Team.objects.filter(pk=east.pk).update(manager=admin)

    write_weekly_mails(now=MONDAY)

    assert re.findall(r"<h2>(.*?)</h2>", Mail.objects.get(to=admin.email).html) == ["East"]


@pytest.mark.parametrize(
    "changes", [{"weekly_report": False}, {"mails": Mails.NEVER}, {"email": None}, {"is_active": False}]
)
def test_who_does_not_want_it_or_cannot_get_it_does_not(manager, worked, changes):
    type(manager).objects.filter(pk=manager.pk).update(**changes)

    assert write_weekly_mails(now=MONDAY) == Counter()


def test_who_leads_nobody_gets_none(db):
    UserFactory(role=Role.MANAGER, team=TeamFactory())

    assert write_weekly_mails(now=MONDAY) == Counter()


# --- once -----------------------------------------------------------------------------------------------------


def test_the_sweep_writes_it_and_written_twice_it_is_one(manager, worked):
    assert run_sweep(now=MONDAY)["weekly reports"] == 1
    assert write_weekly_mails(now=MONDAY + 5 * DAY) == Counter()

    assert Mail.objects.filter(to=manager.email, key__startswith="weekly:").count() == 1


def test_of_several_workers_at_once_one_writes_it(at_once, manager, head_of_sales, worked):
    done = at_once(*[lambda: write_weekly_mails(now=MONDAY)] * 4)

    assert sum(done, Counter()) == Counter({"weekly reports": 2})
    assert readers() == {manager.email, head_of_sales.email}


def test_one_mail_at_fault_does_not_keep_the_others_from_being_written(manager, head_of_sales, worked, monkeypatch):
    whole = weekly_mail._teams_of

    def faulty(reader):
        if reader == manager:
            raise ZeroDivisionError
        return whole(reader)

    with monkeypatch.context() as patch:
        patch.setattr(weekly_mail, "_teams_of", faulty)
        assert write_weekly_mails(now=MONDAY) == Counter({"weekly reports": 1, "weekly reports failed": 1})

    assert readers() == {head_of_sales.email}
    assert write_weekly_mails(now=MONDAY + MINUTE) == Counter({"weekly reports": 1})


# --- what is in it --------------------------------------------------------------------------------------------


def test_there_is_a_page_for_each_team_those_above_first(head_of_sales, worked):
    write_weekly_mails(now=MONDAY)

    mail = Mail.objects.get(to=head_of_sales.email)
    assert re.findall(r"<h2>(.*?)</h2>", mail.html) == ["Sales", "East", "West"]
    assert mail.subject == "Weekly report 2026-W10: 1 attempts, 2 conversations, 0 qualified, 0 won"


def test_its_figures_are_those_of_the_page_behind_its_links(head_of_sales, worked, settings, monkeypatch):
    settings.BASE_URL = "https://leads.example"
    write_weekly_mails(now=MONDAY)
    mail = Mail.objects.get(to=head_of_sales.email)
    monkeypatch.setattr("django.utils.timezone.now", lambda: MONDAY)
    browser = signed_in(head_of_sales)
    links = [
        html.unescape(one) for one in re.findall(r'href="https://leads.example(/reports/weekly/[^"]+)"', mail.html)
    ]
    tables = TABLE.findall(mail.html)
    assert len(links) == len(tables) == 3

    for link, table in zip(links, tables, strict=True):
        heading, *rows = figures_in(table)
        on_page = browser.get(link).content.decode()
        columns = figures_in(re.search(r"<thead>(.*?)</thead>", on_page, re.DOTALL)[1])[1]
        body = re.search(r"<tbody>(.*?)</tbody>.*?<tfoot>(.*?)</tfoot>", on_page, re.DOTALL)
        shown = [dict(zip(columns, row, strict=True)) for row in figures_in(body[1]) + figures_in(body[2])]

        assert [dict(zip(heading, row, strict=True)) for row in rows] == [
            {name: row[name] for name in heading} for row in shown
        ]
        assert link in mail.text
    assert ["Rita Rep", "1", "1", "1"] in [row[:4] for row in figures_in(tables[2])]


def test_its_tiles_and_its_picture_are_those_of_the_report(manager, rep, west, worked):
    write_weekly_mails(now=MONDAY)
    letter = Mail.objects.get(to=manager.email).html
    report = computed("weekly", manager, now=MONDAY, week="2026-W10", team=str(west.pk))

    for tile in tiles(report.headline[1:], {}):
        assert f"<span>{tile.label}</span><b>{tile.value}</b>" in letter
    (bar,) = [one for one in report.chart.drawing.rows if one.label == "Rita Rep"]
    drawn = re.findall(r'<td width="(\d+)%"[^>]*class="key-(\w+)"', letter)
    assert drawn == [(str(round(one.width)), one.key) for one in bar.segments]
    assert [key for _, key in drawn] == ["attempts", "meetings"]


def test_the_widths_of_a_bar_add_up_to_the_whole_line(head_of_sales, worked):
    write_weekly_mails(now=MONDAY)

    bars = re.findall(r'<table role="presentation" class="bar".*?</table>', Mail.objects.get().html, re.DOTALL)
    assert len(bars) == 4
    assert [sum(int(width) for width in re.findall(r'<td width="(\d+)%"', bar)) for bar in bars] == [100] * 4


def test_its_colours_are_those_of_the_pages(settings):
    tokens = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    charts = (settings.BASE_DIR / "static/css/charts.css").read_text()
    letter = (settings.BASE_DIR / "templates/letters/weekly.html").read_text()

    for key, light in COLOURS.items():
        name = re.search(rf"\.key-{key}\b[^{{]*{{\s*--c: var\(--(\w+)\)", charts)[1]
        on_pages = re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", tokens).groups()
        assert (light, re.search(rf"\.key-{key} {{ background: (#\w+)", letter)[1]) == on_pages, key


def test_it_is_written_as_its_reader_reads_and_as_he_is_named(manager, west, worked):
    west.name = "West <b>& Sons"
    west.save()
    manager.formats, manager.time_zone = "en-us", "America/New_York"
    manager.save()

    write_weekly_mails(now=MONDAY + DAY)

    mail = Mail.objects.get()
    assert "Week 2026-W10: Mar 2, 2026 to Mar 8, 2026." in mail.html
    assert "As of Mar 10, 2026, 2:00 AM" in mail.html.replace("a.m.", "AM")
    assert "<h2>West &lt;b&gt;&amp; Sons</h2>" in mail.html


def test_what_is_left_out_of_very_many_teams_is_reached_by_links(head_of_sales, sales):
    for number in range(PAGES_AT_MOST + 2):
        UserFactory(team=TeamFactory(name=f"Team {number:02}", parent=sales))

    write_weekly_mails(now=MONDAY)

    mail = Mail.objects.get()
    assert len(TABLE.findall(mail.html)) == PAGES_AT_MOST
    assert [name for name in ("Team 18", "Team 19", "Team 20", "Team 21") if f">{name}</a>" in mail.html] == [
        "Team 19",
        "Team 20",
        "Team 21",
    ]


def test_it_goes_out_as_text_and_as_html(manager, worked, mailoutbox):
    write_weekly_mails(now=MONDAY)

    send_batch(now=MONDAY)
    send_batch(now=MONDAY + DAY)

    (sent,) = mailoutbox
    assert sent.alternatives[0].mimetype == "text/html"
    assert sent.body == Mail.objects.get().text
    assert "Rita Rep" in sent.body


def test_a_mail_without_html_goes_out_as_text_alone(rep, mailoutbox):
    Mail.objects.create(key="k", to=rep.email, subject="…", text="…", created_at=NOW, next_attempt_at=NOW)

    send_batch(now=NOW)

    assert mailoutbox[0].alternatives == []


def test_it_asks_no_page_and_no_picture_of_anybody_outside(manager, worked):
    write_weekly_mails(now=MONDAY)

    letter = Mail.objects.get().html
    assert re.findall(r"src=|url\(|@import|<link|<script|<svg|<img", letter) == []
    assert set(re.findall(r'href="(https?://[^/"]+)', letter)) == {"http://127.0.0.1:8000"}


# --- his own wish ---------------------------------------------------------------------------------------------


def test_a_manager_turns_it_off_and_marketing_on(manager, marketing):
    given = {"time_zone": "", "formats": "en-gb", "mails": "at_once"}
    assert manager.gets_weekly_report
    assert not marketing.gets_weekly_report

    signed_in(manager).post("/me/", given | {"name": manager.name})
    signed_in(marketing).post("/me/", given | {"name": marketing.name, "weekly_report": "on"})

    manager.refresh_from_db()
    marketing.refresh_from_db()
    assert (manager.weekly_report, marketing.weekly_report) == (False, True)


def test_a_rep_is_not_asked_and_reads_his_own_on_its_page(rep, rep_client):
    assert "weekly report" not in rep_client.get("/me/").text.lower()
    assert rep_client.get(reverse("report", args=["weekly"])).status_code == 200
