from datetime import UTC, datetime

from funnel.models import Flag
from funnel.sweep import run_sweep

SOURCE = 'source = "shop"\n'
PEOPLE_MAPPING = SOURCE + '[columns]\nname = "seller"\n[constants]\nrole = "rep"\nteam = "Shop sellers"\n'
LEADS_MAPPING = SOURCE + (
    '[columns]\nexternal_id = "id"\nchannel = { column = "origin", blank = "unknown" }\n'
    'created_at = { column = "first_contact", time_zone = "America/Sao_Paulo" }\n'
    '[constants]\nstage = "mql"\n'
)
DEALS_MAPPING = SOURCE + (
    '[columns]\nexternal_id = "id"\nowner = "seller"\n'
    'closed_at = { column = "won", format = "%Y-%m-%d %H:%M:%S", time_zone = "America/Sao_Paulo" }\n'
    '[constants]\noutcome = "won"\n'
)
ORIGINS = ["organic_search", "social", "", "unknown", "other_publicities"]
LEADS = "id,first_contact,origin\n" + "".join(
    f"{number},2018-02-{number + 1:02},{ORIGINS[number % 5]}\n" for number in range(10)
)
DEALS = """\
id,seller,won
1,s1,2018-03-01 10:00:00
2,s2,2018-03-02 10:00:00
3,s1,2018-01-01 10:00:00
99,s1,2018-03-02 10:00:00
"""


def test_a_company_starts_with_its_past(imports):
    people = imports.people(DEALS, mapping=PEOPLE_MAPPING, name="deals.csv")
    leads = imports.leads(LEADS, mapping=LEADS_MAPPING)
    deals = imports.outcomes(DEALS, mapping=DEALS_MAPPING, name="deals.csv")

    assert people.startswith("4 rows: created 2, updated 0, skipped 2, rejected 0.")
    assert leads == (
        "10 rows: created 10, updated 0, skipped 0, rejected 0.\n"
        "Created: channels organic_search, other_publicities, social, unknown.\n"
    )
    assert "4 rows: created 0, updated 2, skipped 0, rejected 2." in deals
    assert imports.rejected("deals.csv") == [
        ("4", "won", "Won on 2018-01-01 12:00 UTC, before its first contact on 2018-02-04 02:00 UTC."),
        ("5", "id", "No lead is known by this: import the leads first."),
    ]


def test_what_nobody_answered_in_the_past_is_in_the_black_hole(imports):
    imports.leads(LEADS, mapping=LEADS_MAPPING)
    imports.outcomes(DEALS, mapping=DEALS_MAPPING, name="deals.csv")

    swept = run_sweep(now=datetime(2018, 12, 1, tzinfo=UTC))

    assert swept["black_hole"] == 8
    assert Flag.objects.filter(kind=Flag.Kind.BLACK_HOLE, cleared_at=None).count() == 8
    assert imports.leads(LEADS, mapping=LEADS_MAPPING) == "10 rows: created 0, updated 0, skipped 10, rejected 0.\n"
