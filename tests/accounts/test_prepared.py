from datetime import timedelta

import pytest
from django.db.models import Count, Value

from accounts.models import Notification, Team, User
from accounts.prepared import Prepared
from tests.factories import NOW, UserFactory

pytestmark = pytest.mark.django_db

SOMEBODY, SOME_DAY = -1, NOW - timedelta(days=9999)


@pytest.fixture
def by_key():
    return Prepared(User.objects.select_related("team").annotate(said=Count("notifications")).filter(pk=SOMEBODY))


def test_it_answers_with_whom_it_is_asked_for_each_time(by_key, rep, manager):
    assert [by_key.first({SOMEBODY: one.pk}) for one in (rep, manager, rep)] == [rep, manager, rep]
    assert by_key.first({SOMEBODY: 0}) is None


def test_what_is_joined_and_reckoned_comes_with_it_in_one_query(by_key, rep, django_assert_num_queries):
    Notification.objects.create(user=rep, kind="news", key="1", text="New lead", created_at=NOW)
    with django_assert_num_queries(1):
        found = by_key.first({SOMEBODY: rep.pk})

        assert (found.team.name, found.said) == ("West", 1)


def test_what_changed_since_is_seen(by_key, rep):
    by_key.ask({SOMEBODY: rep.pk})
    User.objects.filter(pk=rep.pk).update(name="Rita Renamed")

    assert by_key.first({SOMEBODY: rep.pk}).name == "Rita Renamed"


def test_moments_stand_for_moments(rep):
    early, late = (UserFactory(created_at=NOW + timedelta(hours=hours)) for hours in (1, 3))
    since = Prepared(User.objects.filter(created_at__gte=SOME_DAY, pk__gte=early.pk).order_by("pk"))

    assert since.ask({SOME_DAY: NOW + timedelta(hours=2)}) == [late]
    assert since.ask({SOME_DAY: NOW}) == [early, late]


def test_only_stand_ins_are_replaced(west):
    """`True` equals 1, and 1 may stand for somebody else."""
    asked = Prepared(Team.objects.filter(pk=SOMEBODY).values_list("name", Value(value=True)))

    assert asked.ask({SOMEBODY: west.pk, 1: 0}) == [("West", True)]


def test_what_can_fit_nothing_answers_with_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Prepared(Team.objects.filter(pk__in=[])).ask({}) == []


def test_each_thread_asks_over_its_own_connection(at_once, by_key, rep):
    answers = at_once(*[lambda: by_key.first({SOMEBODY: rep.pk}).name] * 4)

    assert answers == ["Rita Rep"] * 4
