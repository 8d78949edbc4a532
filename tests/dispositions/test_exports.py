"""The lists of the desk, the team and marketing as files: what is in them, in which order, and for whom."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.exports import registered_lists
from accounts.models import WorkingCalendar
from dispositions.outcomes import Outcome
from funnel.inputs import CompanyInput
from funnel.models import Campaign, Channel, Flag, Lead, LeadText
from funnel.services.notes import add_note
from tests.conftest import signed_in
from tests.dispositions.test_pages_loop import say
from tests.dispositions.test_pages_nurture import recycled
from tests.exported import csv_rows, sheet, take
from tests.factories import NOW, LeadFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def today():
    return timezone.now() - timedelta(hours=1)


def names(rows, column="last_name"):
    return [row[column] for row in rows]


# --- /leads/ ------------------------------------------------------------------------------------------------


def test_leads_are_told_as_an_import_reads_them(marketing_client, rep, west):
    company = CompanyInput(name="Nordmark", domain="nordmark.example", country="DE", employees=250)
    lead = LeadFactory(
        qualified=True,
        owner=rep,
        email="ann@nordmark.example",
        first_name="Ann",
        last_name="Smith",
        title="CEO",
        phone="+49 30 901820",
        company=company,
        channel="webinar",
        campaign="spring",
        score=85,
        external_id="4711",
        attributes={"pain": "Leads get lost."},
    )

    (row,) = take(marketing_client, "leads")

    assert (row["id"], row["email"], row["title"], row["phone"]) == (
        str(lead.pk),
        "ann@nordmark.example",
        "CEO",
        "'+49 30 901820",
    )
    assert (row["company.name"], row["company.country"], row["company.employees"]) == ("Nordmark", "DE", "250")
    assert (row["stage"], row["owner"], row["owner_name"], row["team"]) == ("sql", rep.email, "Rita Rep", "West")
    assert (row["channel"], row["campaign"], row["score"], row["hand_offs"]) == ("webinar", "spring", "85", "1")
    assert (row["amount"], row["currency"], row["known_as"]) == ("12000.00", "EUR", "website:4711")
    assert (row["last_outcome"], row["last_said_at"]) == ("qualify", "2026-03-04T10:00:00+00:00")
    assert (row["created_at"], row["expected_close_on"]) == ("2026-03-04T10:00:00+00:00", "2026-04-03")
    assert row["attributes.pain"] == "Need is known."
    assert row["waits_for"] == "Next disposition"


def test_a_workbook_has_amounts_and_times_by_their_type(marketing_client, rep):
    LeadFactory(qualified=True, owner=rep)

    headings, found = sheet(marketing_client.get("/exports/leads/?format=xlsx")).iter_rows()

    row = {heading.value: cell for heading, cell in zip(headings, found, strict=True)}
    assert (row["amount"].value, row["amount"].number_format) == (12000, "#,##0.00")
    assert row["created_at"].value.replace(tzinfo=UTC) == datetime(2026, 3, 4, 10, tzinfo=UTC)
    assert "UTC" in row["created_at"].number_format
    assert row["expected_close_on"].is_date


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", ["Cara", "Bert", "Anna"]),
        ("sort=name", ["Anna", "Bert", "Cara"]),
        ("sort=-name", ["Cara", "Bert", "Anna"]),
        ("stage=sal", ["Bert"]),
        ("channel=webinar&sort=name", ["Anna", "Cara"]),
        ("q=bert", ["Bert"]),
        ("q=bea&sort=name", ["Anna", "Bert", "Cara"]),
        ("q=nobody", []),
        ("owner=none&sort=name", ["Anna", "Cara"]),
        ("created_from=2026-03-05&sort=name", ["Bert", "Cara"]),
        ("page=7&unknown=1", ["Cara", "Bert", "Anna"]),
    ],
)
def test_a_file_has_the_filters_the_search_and_the_order_of_the_list(marketing_client, rep, query, wanted):
    LeadFactory(last_name="Anna", channel="webinar")
    LeadFactory(last_name="Bert", accepted=True, owner=rep, at=NOW + DAY)
    LeadFactory(last_name="Cara", channel="webinar", at=NOW + 2 * DAY)

    assert names(take(marketing_client, "leads", query)) == wanted


def test_a_search_is_complete_however_many_it_finds(marketing_client, monkeypatch):
    monkeypatch.setattr("funnel.find.SHOWN", 2)
    monkeypatch.setattr("funnel.find.LOOKED_AT", 2)
    LeadFactory.create_batch(5, company=CompanyInput(name="Nordmark"))

    assert len(take(marketing_client, "leads", "q=nordmark")) == 5


def test_a_filter_that_cannot_be_read_gives_no_file(marketing_client):
    answer = marketing_client.get("/exports/leads/?format=csv&stage=moon")

    assert answer.status_code == 400
    assert "A filter in the address cannot be read" in answer.content.decode()


def test_everybody_takes_what_is_his_to_take(request, rep, west, east):
    LeadFactory(last_name="Own", handed_off=True, owner=rep)
    LeadFactory(last_name="Team-mate's", handed_off=True, owner=UserFactory(team=west))
    LeadFactory(last_name="Pool", handed_off=True, owner=None, team=west)
    LeadFactory(last_name="Eastern", handed_off=True, owner=UserFactory(team=east))

    found = {
        role: set(names(take(signed_in(request.getfixturevalue(role)), "leads")))
        for role in ("rep", "manager", "marketing", "admin")
    }

    assert found["rep"] == {"Own"}
    assert found["manager"] == {"Own", "Team-mate's", "Pool"}
    assert found["marketing"] == found["admin"] == {"Own", "Team-mate's", "Pool", "Eastern"}


def test_what_sales_notes_for_itself_is_no_column_of_marketings_file(request, rep, today):
    lead = LeadFactory(accepted=True, owner=rep, at=today)
    add_note(lead_id=lead.pk, text="Likes tea.", by=rep.principal, at=today)
    add_note(lead_id=lead.pk, text="Moves in May.", by=rep.principal, at=today, private=False)

    found = {role: take(signed_in(request.getfixturevalue(role)), "leads")[0] for role in ("rep", "manager", "admin")}

    assert {(row["last_note"], row["last_learned"]) for row in found.values()} == {("Likes tea.", "Moves in May.")}
    (told,) = take(signed_in(request.getfixturevalue("marketing")), "leads")
    assert "last_note" not in told
    assert "Likes tea." not in told.values()
    assert told["last_learned"] == "Moves in May."


def test_the_newest_of_each_kind_is_told_and_what_was_taken_back_is_not(marketing_client, rep, today):
    lead = LeadFactory(accepted=True, owner=rep, at=today - DAY)
    say(lead, Outcome.VOICEMAIL, today)
    LeadText.objects.create(lead=lead, seq=800, kind=LeadText.Kind.LEARNED, text="First.", at=today)
    LeadText.objects.create(lead=lead, seq=801, kind=LeadText.Kind.LEARNED, text="Second.", at=today)

    (row,) = take(marketing_client, "leads")

    assert (row["last_outcome"], row["last_learned"]) == ("voicemail", "Second.")


def test_a_file_costs_no_more_queries_for_20_leads_than_for_1(queries_for, marketing_client, rep):
    LeadFactory(accepted=True, owner=rep, attributes={"pain": "Loss"}, external_id="x-0")
    one = queries_for(lambda: take(marketing_client, "leads"))
    for number in range(19):
        LeadFactory(accepted=True, owner=rep, attributes={"pain": "Loss"}, external_id=f"x-{number + 1}")

    assert queries_for(lambda: take(marketing_client, "leads")) == one


# --- /queue/ and /nurture/ ----------------------------------------------------------------------------------


def test_the_queue_comes_by_lane_and_deadline_without_the_pool(rep_client, manager_client, rep, west, today):
    LeadFactory(last_name="Late", handed_off=True, owner=rep, at=today - 9 * DAY)
    LeadFactory(last_name="New", handed_off=True, owner=rep, at=today)
    LeadFactory(last_name="Working", accepted=True, owner=rep, at=today)
    LeadFactory(last_name="Pool", handed_off=True, owner=None, team=west, at=today)
    LeadFactory(last_name="Won", won=True, owner=rep, at=today)

    rows = take(rep_client, "queue")

    assert [(row["lane"], row["last_name"]) for row in rows] == [
        ("Answer now", "Late"),
        ("Answer now", "New"),
        ("Work now", "Working"),
    ]
    assert names(take(rep_client, "queue", "lane=work")) == ["Working"]
    assert names(take(manager_client, "queue")) == ["Pool"]


def test_nurture_comes_by_lane_with_its_track(marketing_client, rep, today):
    recycled(rep, today - 40 * DAY, wakes_in=30 * DAY, last_name="Awake")
    recycled(rep, today - 40 * DAY, wakes_in=70 * DAY, reason="no_need", last_name="Asleep")
    LeadFactory(last_name="New", at=today)
    planned = LeadFactory(last_name="Planned", at=today)
    Lead.objects.filter(pk=planned.pk).update(next_action_at=today)

    assert [(row["lane"], row["last_name"]) for row in take(marketing_client, "nurture")] == [
        ("Next step due", "Planned"),
        ("Awake now", "Awake"),
        ("New inquiries", "New"),
    ]
    assert names(take(marketing_client, "nurture", "show=asleep")) == ["Asleep"]
    assert names(take(marketing_client, "nurture", "show=asleep&track=no_budget")) == []
    assert names(take(marketing_client, "nurture", "track=no_budget")) == ["Awake"]


# --- /team/ -------------------------------------------------------------------------------------------------


@pytest.fixture
def round_the_clock():
    """The hour at which the tests run must not decide what is due in two working hours."""
    hours = {"name": "Always", "opening_hours": "Mon-Sun 00:00-24:00"}
    WorkingCalendar.objects.update_or_create(is_default=True, defaults=hours)


def test_the_workload_says_who_has_how_much(manager_client, rep, today):
    LeadFactory(handed_off=True, owner=rep, at=today)
    say(LeadFactory(accepted=True, owner=rep, at=today - DAY), Outcome.VOICEMAIL, timezone.now())
    rep.lead_cap = 5
    rep.save()

    (row,) = take(manager_client, "team-workload", "sort=name")

    assert (row["rep"], row["team"], row["open"], row["cap"], row["to_answer"]) == ("Rita Rep", "West", "2", "5", "1")
    assert (row["attempts_today"], row["available"]) == ("1", "here")
    assert row["last_disposition_at"].endswith("+00:00")


def test_the_pipeline_has_a_line_for_each_team_and_rep(head_of_sales, rep, east, today):
    LeadFactory(qualified=True, owner=rep, at=today)
    LeadFactory(accepted=True, owner=UserFactory(team=east), at=today)
    client = signed_in(head_of_sales)

    by_team = {row["team_or_rep"]: row for row in take(client, "team-pipeline")}
    of_west = {row["team_or_rep"]: row for row in take(client, "team-pipeline", f"team={rep.team_id}")}

    assert (by_team["West"]["sql"], by_team["East"]["sal"]) == ("1", "1")
    assert Decimal(by_team["West"]["sql_eur"]) == 12_000
    assert of_west["Rita Rep"]["sql"] == "1"


def test_all_that_is_at_risk_is_in_its_file(manager_client, rep, round_the_clock):
    at = timezone.now() - timedelta(hours=7)
    LeadFactory.create_batch(25, handed_off=True, owner=rep, at=at)
    LeadFactory(accepted=True, owner=rep, at=timezone.now())

    rows = take(manager_client, "team-at-risk")

    assert len(rows) == 25
    assert {row["waits_for"] for row in rows} == {"Accept or refuse"}


def test_a_managers_file_of_a_rep_has_his_lanes_and_his_pool(manager_client, rep, west, today):
    LeadFactory(last_name="Own", accepted=True, owner=rep, at=today)
    LeadFactory(last_name="Pool", handed_off=True, owner=None, team=west, at=today)
    LeadFactory(last_name="Other", handed_off=True, owner=UserFactory(team=west), at=today)

    rows = take(manager_client, "rep-queue", f"rep={rep.pk}")

    assert [(row["lane"], row["last_name"]) for row in rows] == [("Answer now", "Pool"), ("Work now", "Own")]


@pytest.mark.parametrize("query", ["", "rep=", "rep=x", "rep=987654321", "rep=" + "9" * 30])
def test_a_rep_who_is_none_of_his_has_no_file(manager_client, query):
    assert manager_client.get(f"/exports/rep-queue/?format=csv&{query}").status_code == 404


def test_a_team_out_of_scope_has_no_file(manager_client, east):
    assert manager_client.get(f"/exports/team-workload/?format=csv&team={east.pk}").status_code == 404


# --- the black hole, and the way there ------------------------------------------------------------------------


def test_the_black_hole_is_told_with_what_it_is_worth(manager_client, rep, west, today):
    mine = LeadFactory(handed_off=True, owner=rep, at=today - 9 * DAY)
    pool = LeadFactory(handed_off=True, owner=None, team=west, at=today - 8 * DAY)
    Lead.objects.filter(pk=mine.pk).update(expected_value=Decimal(900), currency="EUR")
    for lead in (mine, pool):
        Flag.objects.create(
            lead=lead,
            hand_off=lead.hand_off,
            cycle=1,
            kind=Flag.Kind.BLACK_HOLE,
            clock=lead.due_clock,
            due_at=lead.due_at,
            raised_at=today,
        )

    rows = take(manager_client, "black-hole")

    assert [(row["lead_id"], row["value"], row["currency"]) for row in rows] == [
        (str(mine.pk), "900.00", "EUR"),
        (str(pool.pk), "", ""),
    ]
    assert rows[0]["waits_for"] == "Accept or refuse"
    assert [row["lead_id"] for row in take(signed_in(rep), "black-hole")] == [str(mine.pk)]


@pytest.mark.parametrize(
    ("role", "address", "link"),
    [
        ("manager", "/leads/?stage=sal&sort=name", "/exports/leads/?stage=sal&amp;sort=name&amp;format=csv"),
        ("rep", "/queue/?lane=work", "/exports/queue/?lane=work&amp;format=xlsx"),
        ("marketing", "/nurture/?show=asleep", None),
        ("marketing", "/nurture/", "/exports/nurture/?format=csv"),
        ("manager", "/team/", "/exports/team-workload/?sort=-overdue&amp;format=csv"),
        ("manager", "/team/", "/exports/team-pipeline/?sort=-overdue&amp;format=xlsx"),
        ("marketing", "/loop/?outcome=forward", "/exports/loop/?outcome=forward&amp;format=csv"),
        ("marketing", "/campaigns/?q=spr", "/exports/campaigns/?q=spr&amp;format=csv"),
        ("marketing", "/campaigns/spend/?from=2026-01", "/exports/campaign-spend/?from=2026-01&amp;format=csv"),
        ("marketing", "/reports/closed-loop/?channel=webinar", "?channel=webinar&amp;format=xlsx"),
    ],
)
def test_each_page_leads_to_its_file_with_its_filters(request, rep, role, address, link):
    LeadFactory(accepted=True, owner=rep, campaign="spring", channel="webinar", at=timezone.now())
    LeadFactory(at=timezone.now())
    Campaign.objects.update(channel=Channel.objects.get(slug="webinar"))

    page = signed_in(request.getfixturevalue(role)).get(address).content.decode()

    assert (f'href="{link}"' in page) if link else "/exports/" not in page


def test_every_list_has_a_name_of_its_own_and_is_there():
    assert registered_lists() == [
        *("black-hole", "campaign-spend", "campaigns", "disputes", "leads", "loop", "nurture", "queue"),
        *("rep-queue", "report-leads", "team-at-risk", "team-pipeline", "team-workload"),
    ]


def test_the_link_of_a_file_works_as_it_stands(manager_client, rep):
    LeadFactory(accepted=True, owner=rep)

    assert len(csv_rows(manager_client.get("/exports/leads/?stage=sal&sort=name&format=csv"))) == 1
