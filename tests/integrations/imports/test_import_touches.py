from datetime import UTC, datetime

import pytest

from funnel.models import Campaign, Channel, Lead, Touch

HEADER = "lead_external_id,email,at,kind,channel,campaign,subject,external_id\n"
ROW = "1,,2026-01-05T10:00Z,webinar,webinar,spring,Idle time,T-1\n"


@pytest.fixture
def ann(imports):
    imports.leads("external_id,email,created_at\n1,ann@x.test,2026-01-01\n", name="crm.csv")
    return Lead.objects.get()


def touches_of(lead):
    return list(lead.touches.order_by("at").values_list("external_id", "kind", "channel__slug", "subject"))


def test_a_touch_comes_in_with_all_that_its_row_says(imports, ann):
    printed = imports.touches(HEADER + ROW, name="crm.csv")

    assert printed == (
        "1 row: created 1, updated 0, skipped 0, rejected 0.\nCreated: channels webinar; campaigns spring.\n"
    )
    touch = Touch.objects.get()
    assert (touch.lead, touch.kind, touch.channel.slug, touch.campaign.slug, touch.subject, touch.at) == (
        *(ann, "webinar", "webinar", "spring", "Idle time"),
        datetime(2026, 1, 5, 10, tzinfo=UTC),
    )


def test_it_moves_the_touch_clock_of_its_lead(imports, ann):
    imports.touches(HEADER + ROW, name="crm.csv")

    ann.refresh_from_db()
    assert ann.last_touch_at == datetime(2026, 1, 5, 10, tzinfo=UTC)


def test_the_lead_is_found_by_its_address_whatever_the_source(imports, ann):
    imports.touches(HEADER + ",ANN@x.test,2026-01-05,email,email,,,\n", name="newsletter.csv")

    assert [kind for _, kind, _, _ in touches_of(ann)] == ["email"]


def test_the_same_file_again_changes_nothing(imports, ann):
    rows = HEADER + ROW + ",ann@x.test,2026-01-06,email,email,,,\n"
    imports.touches(rows, name="crm.csv")

    printed = imports.touches(rows, name="crm.csv")

    assert printed.startswith("2 rows: created 0, updated 0, skipped 2, rejected 0.")
    assert Touch.objects.count() == 2


def test_an_id_of_the_tools_own_counts_once_for_each_source(imports, ann):
    imports.touches(HEADER + ROW, name="crm.csv")
    imports.touches(HEADER + ROW.replace("1,,", ",ann@x.test,", 1), name="other.csv")

    assert sorted(Touch.objects.values_list("source", "external_id")) == [("crm", "T-1"), ("other", "T-1")]


def test_a_touch_told_twice_in_one_file_counts_once(imports, ann):
    printed = imports.touches(HEADER + ROW + ROW, name="crm.csv")

    assert printed.startswith("2 rows: created 1, updated 0, skipped 1, rejected 0.")


def test_without_a_channel_it_is_unknown_and_without_a_kind_it_is_other(imports, ann):
    imports.touches("email,at\nann@x.test,2026-01-05\n")

    assert [(kind, channel) for _, kind, channel, _ in touches_of(ann)] == [("other", "unknown")]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (
            "2,,2026-01-05,,,,,\n",
            "lead_external_id",
            "No lead is known by this: import the leads first.",
        ),
        (",bob@x.test,2026-01-05,,,,,\n", "email", "No lead is known by this: import the leads first."),
        (",,2026-01-05,,,,,T-1\n", "", "Give the lead's external id (lead_external_id) or e-mail address."),
        ("1,,,,,,,\n", "at", "Give the time of the touch."),
        ("1,,2099-01-05,,,,,\n", "at", "2099-01-05 is in the future."),
        (
            "1,,2026-01-05,fax,,,,\n",
            "kind",
            f'"fax" is not one of {", ".join(Touch.Kind.values)}',
        ),
        ("1,,2026-01-05,,Trade/Fair,,,\n", "channel", '"Trade/Fair" is not a short name of letters, digits, - and _'),
    ],
)
def test_a_rejected_row_says_why_and_writes_nothing(imports, ann, row, column, reason):
    imports.touches(HEADER + row, name="crm.csv")

    assert imports.rejected("crm.csv") == [("2", column, reason)]
    assert not Touch.objects.exists()


def test_a_dry_run_writes_nothing(imports, ann):
    channels = Channel.objects.count()

    printed = imports.touches(HEADER + ROW, name="crm.csv", dry_run=True)

    assert "created 1" in printed
    assert not Touch.objects.exists()
    assert not Campaign.objects.exists()
    assert Channel.objects.count() == channels
