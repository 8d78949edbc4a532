"""A report sees one state of the database, whoever writes while it is computed."""

import threading

import pytest
from django.db import connection

from funnel.models import Lead
from reports.snapshot import one_view
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db(transaction=True)


def written_by_somebody_else():
    def write():
        try:
            LeadFactory()
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()


def test_what_is_written_meanwhile_is_not_in_it():
    LeadFactory()

    with one_view():
        before = Lead.objects.count()
        written_by_somebody_else()
        during = Lead.objects.count()

    assert (before, during, Lead.objects.count()) == (1, 1, 2)


def test_an_error_inside_leaves_no_transaction_behind():
    def fail():
        with one_view():
            return 1 / Lead.objects.count()

    with pytest.raises(ZeroDivisionError):
        fail()

    LeadFactory()
    assert Lead.objects.count() == 1
