from datetime import UTC, datetime
from decimal import Decimal

import pytest

from accounts.models import User
from funnel.lifecycle import Stage
from funnel.models import Evidence, Lead, LeadIdentity

FULL = """\
email,external_id,first_name,last_name,title,phone,company.name,company.domain,company.employees,company.country,\
channel,campaign,self_reported_source,score,expected_value,currency,created_at,owner,team,attributes.budget
ann@acme.test,7,Ann,Lee,CTO,+33 1,Acme,acme.test,50,fr,webinar,spring,A friend,80,1200.50,eur,2024-02-01,\
Bob Ray,Sales / West,100k a year
"""


def lead(**known_by):
    return Lead.objects.get(**known_by)


# --- what a row becomes ---------------------------------------------------------------------------


def test_every_field_of_a_row_comes_into_the_lead(imports):
    imports.leads(FULL)

    ann = lead(email="ann@acme.test")
    assert (ann.first_name, ann.last_name, ann.title, ann.phone) == ("Ann", "Lee", "CTO", "+33 1")
    assert (ann.company.name, ann.company.domain, ann.company.employees) == ("Acme", "acme.test", 50)
    assert (ann.company.country, ann.channel.slug, ann.campaign.slug) == ("FR", "webinar", "spring")
    assert (ann.self_reported_source, ann.score) == ("A friend", 80)
    assert (ann.expected_value, ann.currency) == (Decimal("1200.50"), "EUR")
    assert ann.created_at == datetime(2024, 2, 1, tzinfo=UTC)
    assert (ann.owner.name, ann.team.name, ann.team.parent.name) == ("Bob Ray", "West", "Sales")
    assert Evidence.objects.get(lead=ann, attribute="budget").text == "100k a year"


def test_what_was_not_known_is_created_and_named(imports):
    printed = imports.leads(FULL)

    assert printed == (
        "1 row: created 1, updated 0, skipped 0, rejected 0.\n"
        "Created: channels unknown, webinar; campaigns spring; owners Bob Ray; teams Sales, West.\n"
    )
    bob = User.objects.get(name="Bob Ray")
    assert (bob.email, bob.role, bob.has_usable_password()) == (None, "rep", False)


def test_an_owner_is_found_by_e_mail_or_by_exact_name(imports):
    bob = User.objects.create_user("bob@us.test", name="Bob")

    imports.leads("email,owner\na@x.test,BOB@us.test\nb@x.test,Bob\n")

    assert list(Lead.objects.values_list("owner", flat=True)) == [bob.pk, bob.pk]
    assert User.objects.count() == 1


def test_an_owner_whose_name_several_people_have_rejects_the_row(imports):
    User.objects.create_user("bob1@us.test", name="Bob")
    User.objects.create_user("bob2@us.test", name="Bob")

    imports.leads("email,owner\na@x.test,Bob\n")

    assert imports.rejected() == [("2", "owner", "“Bob” is the name of 2 people: give the e-mail address.")]
    assert not Lead.objects.exists()


def test_a_team_at_two_places_of_the_tree_rejects_the_row(imports):
    imports.leads("email,team\na@x.test,Sales / West\nb@x.test,Partners / West\n")

    assert imports.rejected() == [("3", "team", "“West” is below “Sales” already: give this team another name.")]


def test_the_source_is_the_name_of_the_file(imports):
    imports.leads("external_id\n7\n", name="crm.csv")

    assert LeadIdentity.objects.get().source == "crm"


def test_the_source_is_what_the_mapping_says(imports):
    imports.leads("external_id\n7\n", mapping='source = "siebel"\n[columns]\nexternal_id = "external_id"\n')

    assert LeadIdentity.objects.get().source == "siebel"


def test_mended_rejects_belong_to_the_source_of_their_file(imports):
    imports.leads("external_id,score\n7,high\n", name="crm.csv")
    mended = (imports.folder / "crm.csv.rejected.csv").read_text().replace('"high"', '"9"')

    imports.leads(mended, name="crm.csv.rejected.csv")

    identity = LeadIdentity.objects.get()
    assert (identity.source, identity.external_id, identity.lead.score) == ("crm", "7", 9)


def test_a_source_longer_than_its_column_is_refused(imports):
    sentence = imports.refusal("import_leads", "external_id\n7\n", name=f"{'x' * 51}.csv")

    assert sentence == (f'The source "{"x" * 51}" has more than 50 characters: name a shorter one in a mapping file.')


# --- stages ---------------------------------------------------------------------------------------


def test_a_lead_that_comes_as_an_mql_was_handed_over_when_it_was_created(imports):
    imports.leads("email,created_at,stage\nann@x.test,2024-02-01,mql\n")

    ann = lead()
    change = ann.stage_changes.get(new=Stage.MQL)
    assert (ann.stage, ann.hand_off.imported) == (Stage.MQL, True)
    assert (change.at, change.imported, change.inferred) == (datetime(2024, 2, 1, tzinfo=UTC), True, False)


@pytest.mark.parametrize(
    ("stage", "way"),
    [
        (Stage.INQUIRY, []),
        (Stage.NURTURE, [Stage.NURTURE]),
        (Stage.SAL, [Stage.MQL, Stage.SAL]),
        (Stage.SQL, [Stage.MQL, Stage.SAL, Stage.SQL]),
        (Stage.WON, [Stage.MQL, Stage.SAL, Stage.SQL, Stage.WON]),
        (Stage.LOST, [Stage.MQL, Stage.SAL, Stage.LOST]),
        (Stage.NO_DECISION, [Stage.MQL, Stage.SAL, Stage.NO_DECISION]),
        (Stage.DISQUALIFIED, [Stage.DISQUALIFIED]),
    ],
)
def test_a_lead_of_another_stage_has_come_all_the_way_to_it(imports, stage, way):
    imports.leads(f"email,created_at,stage\nann@x.test,2024-02-01,{stage}\n")

    moves = lead().stage_changes.order_by("seq").exclude(old="")
    assert [move.new for move in moves] == way
    assert {(move.at, move.inferred) for move in moves} <= {(datetime(2024, 2, 1, tzinfo=UTC), True)}


def test_an_inquiry_that_was_never_handed_over_reaches_the_stage_of_a_later_file(imports):
    imports.leads("email,created_at\nann@x.test,2024-02-01\n")

    printed = imports.leads("email,created_at,stage\nann@x.test,2024-01-01,mql\n")

    assert printed.startswith("1 row: created 0, updated 1, skipped 0, rejected 0.")
    assert (lead().stage, lead().stage_entered_at) == (Stage.MQL, datetime(2024, 2, 1, tzinfo=UTC))


def test_the_stage_of_a_lead_that_is_at_or_past_it_is_left_alone(imports):
    imports.leads("email,stage\nann@x.test,sal\n")

    printed = imports.leads("email,stage\nann@x.test,mql\n")

    assert printed.startswith("1 row: created 0, updated 0, skipped 1, rejected 0.")
    assert lead().stage == Stage.SAL


def test_two_rows_that_lead_to_one_known_lead_hand_it_over_once(imports):
    imports.leads("email,external_id\nann@x.test,7\n")

    imports.leads("email,external_id,stage\nann@x.test,,mql\n,7,mql\n")

    assert (lead().stage, lead().hand_offs.count()) == (Stage.MQL, 1)


# --- again, and blank -----------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing(imports):
    imports.leads(FULL)
    before = list(Lead.objects.values())

    printed = imports.leads(FULL)

    assert printed == "1 row: created 0, updated 0, skipped 1, rejected 0.\n"
    assert list(Lead.objects.values()) == before


def test_a_blank_cell_never_overwrites(imports):
    imports.leads("email,first_name,phone\nann@x.test,Ann,+33 1\n")

    printed = imports.leads("email,first_name,phone\nann@x.test,Anna,\n")

    assert printed.startswith("1 row: created 0, updated 1, skipped 0, rejected 0.")
    assert (lead().first_name, lead().phone) == ("Anna", "+33 1")


def test_the_same_address_500_times_is_one_lead_and_499_rejected_rows(imports):
    spellings = ["ann@x.test", "Ann@X.test", "ANN@x.TEST"]
    rows = "".join(f"{spellings[number % 3]}\n" for number in range(500))

    printed = imports.leads(f"email\n{rows}")

    assert "500 rows: created 1, updated 0, skipped 0, rejected 499." in printed
    assert Lead.objects.get().email == "ann@x.test"
    assert set(imports.rejected()) == {
        (str(line), "email", "duplicate-in-file: line 2 names the same lead.") for line in range(3, 502)
    }


def test_the_same_external_id_is_found_again_in_a_later_chunk(imports):
    rows = "".join(f"{number}\n" for number in [*range(600), 0])

    printed = imports.leads(f"external_id\n{rows}")

    assert "601 rows: created 600, updated 0, skipped 0, rejected 1." in printed
    assert imports.rejected() == [("602", "external_id", "duplicate-in-file: line 2 names the same lead.")]
