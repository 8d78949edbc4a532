from datetime import UTC, datetime
from decimal import Decimal

import pytest

from accounts.models import User
from funnel.lifecycle import Stage
from funnel.models import Lead, StageChange

CREATED = datetime(2024, 1, 1, tzinfo=UTC)


def day(number, month=1):
    return datetime(2024, month, number, tzinfo=UTC)


@pytest.fixture
def ann(imports):
    imports.leads("email,external_id,created_at\nann@x.test,7,2024-01-01\n", mapping=MAPPING)
    return Lead.objects.get()


MAPPING = """\
source = "crm"
[columns]
email = "email"
external_id = "external_id"
created_at = "created_at"
"""


def way(lead):
    """Each stage it entered after the first, when, and whether that date was filled in."""
    moves = StageChange.objects.filter(lead=lead, seq__gt=1).order_by("seq")
    return [(move.new, move.at, move.inferred) for move in moves]


# --- stages ---------------------------------------------------------------------------------------


def test_a_past_with_all_its_dates_is_taken_as_it_is(imports, ann):
    printed = imports.outcomes(
        "email,mql_at,accepted_at,qualified_at,closed_at,outcome,amount,currency,owner\n"
        "ann@x.test,2024-01-02,2024-01-03,2024-01-04,2024-01-05,won,1200,eur,Bob\n"
    )

    ann.refresh_from_db()
    assert printed == "1 row: created 0, updated 1, skipped 0, rejected 0.\nCreated: owners Bob.\n"
    assert way(ann) == [
        (Stage.MQL, day(2), False),
        (Stage.SAL, day(3), False),
        (Stage.SQL, day(4), False),
        (Stage.WON, day(5), False),
    ]
    assert (ann.amount, ann.currency, ann.owner.name) == (Decimal("1200.00"), "EUR", "Bob")


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("mql_at", "2024-01-02", [(Stage.MQL, day(2), False)]),
        ("accepted_at", "2024-01-03", [(Stage.MQL, day(3), True), (Stage.SAL, day(3), False)]),
        (
            "mql_at,qualified_at",
            "2024-01-02,2024-01-04",
            [(Stage.MQL, day(2), False), (Stage.SAL, day(4), True), (Stage.SQL, day(4), False)],
        ),
        ("outcome", "mql", [(Stage.MQL, CREATED, True)]),
        ("outcome", "inquiry", []),
        (
            "outcome,closed_at",
            "won,2024-01-05",
            [
                (Stage.MQL, day(5), True),
                (Stage.SAL, day(5), True),
                (Stage.SQL, day(5), True),
                (Stage.WON, day(5), False),
            ],
        ),
        (
            "outcome,closed_at,accepted_at",
            "lost,2024-01-05,2024-01-03",
            [(Stage.MQL, day(3), True), (Stage.SAL, day(3), False), (Stage.LOST, day(5), False)],
        ),
        (
            "outcome,closed_at,reason",
            "no_decision,2024-01-05,blocked_change",
            [(Stage.MQL, day(5), True), (Stage.SAL, day(5), True), (Stage.NO_DECISION, day(5), False)],
        ),
        ("outcome,closed_at,reason", "disqualified,2024-01-05,student", [(Stage.DISQUALIFIED, day(5), False)]),
        ("outcome,mql_at", "nurture,2024-01-02", [(Stage.MQL, day(2), False), (Stage.NURTURE, day(2), True)]),
    ],
)
def test_stages_without_a_date_are_filled_in_and_marked(imports, ann, header, cells, expected):
    imports.outcomes(f"email,{header}\nann@x.test,{cells}\n")

    assert imports.rejected() == []
    assert way(ann) == expected


def test_the_reason_and_the_competitor_are_kept(imports, ann):
    imports.outcomes("email,outcome,closed_at,reason,competitor\nann@x.test,lost,2024-01-05,Lost_Price,Initech\n")

    ann.refresh_from_db()
    assert ann.competitor == "Initech"
    assert StageChange.objects.get(lead=ann, new=Stage.LOST).reason.slug == "lost_price"


def test_several_rows_of_one_lead_are_written_in_the_order_of_the_file(imports, ann):
    imports.leads("email,created_at\nbob@x.test,2024-01-01\n")

    printed = imports.outcomes(
        "email,outcome,mql_at,accepted_at,closed_at\n"
        "ann@x.test,mql,2024-01-02,,\n"
        "bob@x.test,mql,2024-01-02,,\n"
        "ann@x.test,sal,,2024-01-03,\n"
        "ann@x.test,lost,,,2024-01-05\n"
        "ann@x.test,won,,,2024-01-06\n"
    )

    assert way(ann) == [(Stage.MQL, day(2), False), (Stage.SAL, day(3), False), (Stage.LOST, day(5), False)]
    assert "5 rows: created 0, updated 4, skipped 0, rejected 1." in printed
    assert imports.rejected() == [("6", "outcome", "It is Lost already; correct that on its page first.")]


def test_the_same_file_again_changes_nothing(imports, ann):
    text = "email,outcome,closed_at,amount,currency,owner\nann@x.test,won,2024-01-05,1200,EUR,Bob\n"
    imports.outcomes(text)
    before = list(Lead.objects.values())

    printed = imports.outcomes(text)

    assert printed == "1 row: created 0, updated 0, skipped 1, rejected 0.\n"
    assert list(Lead.objects.values()) == before


# --- which lead -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("external_id", "7"),
        ("email", "ANN@X.test"),
        ("external_id,email", "7,ann@x.test"),
        ("external_id,email", "unheard-of,ann@x.test"),
        ("external_id,email", "7,unheard-of@x.test"),
    ],
)
def test_a_lead_is_found_by_its_external_id_or_its_address(imports, ann, header, cells):
    imports.outcomes(f"{header},outcome\n{cells},mql\n", name="crm.csv")

    ann.refresh_from_db()
    assert ann.stage == Stage.MQL


def test_an_external_id_of_another_system_is_another_lead(imports, ann):
    imports.outcomes("external_id,outcome\n7,mql\n", name="erp.csv")

    assert imports.rejected("erp.csv") == [("2", "external_id", "No lead is known by this: import the leads first.")]


def test_an_address_and_an_id_of_two_leads_reject_the_row(imports, ann):
    imports.leads("email\nbob@x.test\n")

    imports.outcomes("external_id,email,outcome\n7,bob@x.test,mql\n", name="crm.csv")

    assert imports.rejected("crm.csv") == [
        ("2", "external_id", "The e-mail address and the external id belong to two different leads.")
    ]


# --- rejected rows --------------------------------------------------------------------------------

FOREIGN = """\
[columns]
email = "E-Mail"
outcome = "Status"
closed_at = "Closed"
amount = "Value"
reason = "Why"
owner = "Rep"
"""


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        (",won,,,,", "", "Give the lead's external id or e-mail address."),
        ("joe@x.test,won,,,,", "E-Mail", "No lead is known by this: import the leads first."),
        ("joe@x.invalid,won,,,,", "E-Mail", "No lead is known by this: import the leads first."),
        ("ann@x.test,,,,,", "", "Give an outcome, or the date of a stage."),
        ("ann@x.test,,2024-01-05,,,", "Closed", "Give the outcome: how the lead was closed."),
        ("ann@x.test,sql,2024-01-05,,,", "Status", "SQL is open, but the row has the date of its close."),
        (
            "ann@x.test,won,2023-12-31,,,",
            "Closed",
            "Won on 2023-12-31 00:00 UTC, before its first contact on 2024-01-01 00:00 UTC.",
        ),
        ("ann@x.test,won,2099-01-05,,,", "Closed", "2099-01-05 is in the future."),
        (
            "ann@x.test,won,,1200,,",
            "Value",
            "Give the currency, in a column or as a constant of the mapping.",
        ),
        ("ann@x.test,won,,,,Bo", "Rep", "“Bo” is the name of 2 people: give the e-mail address."),
    ],
)
def test_a_rejected_row_names_the_files_own_column_and_leaves_the_lead(imports, ann, cells, column, reason):
    for number in (1, 2):
        User.objects.create_user(f"bo{number}@us.test", name="Bo")

    printed = imports.outcomes(f"E-Mail,Status,Closed,Value,Why,Rep\n{cells}\n", mapping=FOREIGN)

    ann.refresh_from_db()
    assert imports.rejected() == [("2", column, reason)]
    assert "1 row: created 0, updated 0, skipped 0, rejected 1." in printed
    assert (ann.stage, ann.owner, User.objects.count()) == (Stage.INQUIRY, None, 2)


def test_an_unknown_reason_names_those_there_are(imports, ann):
    imports.outcomes("email,outcome,reason\nann@x.test,lost,bad_luck\n")

    [(line, column, reason)] = imports.rejected()
    assert (line, column) == ("2", "reason")
    assert reason.startswith('"bad_luck" is not one of unable_to_reach, bad_data, no_need, ')


def test_the_currency_may_be_a_constant_of_the_mapping(imports, ann):
    mapping = '[columns]\nemail = "email"\namount = "amount"\n[constants]\noutcome = "won"\ncurrency = "BRL"\n'

    imports.outcomes("email,amount\nann@x.test,12\n", mapping=mapping)

    ann.refresh_from_db()
    assert (ann.stage, ann.amount, ann.currency) == (Stage.WON, Decimal("12.00"), "BRL")


def test_a_dry_run_writes_nothing(imports, ann):
    printed = imports.outcomes("email,outcome,owner\nann@x.test,won,Bob\n", dry_run=True)

    ann.refresh_from_db()
    assert printed == (
        "1 row: created 0, updated 1, skipped 0, rejected 0.\nCreated: owners Bob.\nDry run: nothing was written.\n"
    )
    assert (ann.stage, User.objects.exists()) == (Stage.INQUIRY, False)
