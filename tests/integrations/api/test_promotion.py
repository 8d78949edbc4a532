"""POST /api/v1/leads/ with stage mql, under an agreement whose clauses a machine judges."""

import pytest

from funnel.models import HandOff, Lead
from tests.factories import AgreementFactory
from tests.integrations.api.conftest import codes

ANN = {"email": "ann@example.com", "external_id": "4711", "channel": "webinar", "stage": "mql", "score": 42}
MISSING = "Clauses 1 and 3 are not met (MQL to SAL, version 1). Say why it shall go to sales all the same."


@pytest.fixture(autouse=True)
def agreement(db):
    clauses = [
        ("The score is high enough.", "score_at_least", {"at_least": 60}),
        ("Writes from a company.", "email_not_free_mail", {}),
        ("Named a problem.", "attribute_known", {"attribute": "pain"}),
    ]
    return AgreementFactory(name="MQL to SAL", clauses=clauses)


def test_a_lead_that_fails_clauses_is_saved_and_told_which(mautic):
    answer = mautic.post(ANN)

    assert (answer.status_code, answer.json()["stage"]) == (201, "inquiry")
    assert answer.json()["promotion"] == {"promoted": False, "reason": MISSING, "failed_clauses": [1, 3]}
    assert Lead.objects.get().score == 42
    assert not HandOff.objects.exists()


def test_with_a_reason_it_goes_to_sales_all_the_same_and_is_marked(mautic):
    answer = mautic.post(ANN | {"override_reason": "Their CEO called."})

    assert answer.json()["promotion"] == {"promoted": True, "reason": "", "failed_clauses": []}
    hand_off = HandOff.objects.get()
    assert hand_off.override_reason == "Their CEO called."
    assert [result["met"] for result in hand_off.clause_results] == [False, True, False]


def test_a_lead_that_meets_them_needs_no_reason(mautic):
    answer = mautic.post(ANN | {"score": 60, "attributes": {"pain": "Picking errors"}})

    assert answer.json()["promotion"]["promoted"]
    assert HandOff.objects.get().override_reason == ""


def test_a_later_call_completes_what_was_missing(mautic):
    mautic.post(ANN)

    answer = mautic.post(ANN | {"score": 80, "attributes": {"pain": "Picking errors"}})

    assert (answer.status_code, answer.json()["stage"]) == (200, "mql")


def test_a_reason_that_is_too_long_is_named_and_nothing_is_written(mautic):
    answer = mautic.post(ANN | {"override_reason": "x" * 501})

    assert answer.status_code == 400
    assert codes(answer).keys() == {"/override_reason"}
    assert not Lead.objects.exists()
