"""A target is proposed until both names are on it; nothing of it is overwritten unseen, and all of it is on record."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from accounts.roles import Role
from reports.models import Target, TargetChange
from reports.target_periods import read_period
from reports.targets.agreeing import (
    TargetRefused,
    confirm_target,
    copy_targets,
    may_confirm,
    may_set,
    set_target,
)
from tests.factories import NOW, TeamFactory, UserFactory
from tests.reports.scorecard.targets import FIGURES, agreed, leader, proposed

pytestmark = pytest.mark.django_db

Q1, Q2 = read_period("2026-Q1"), read_period("2026-Q2")


def change(target, seen, **figures):
    given = target.figures | figures
    return set_target(period=target.period, team=target.team, figures=given, seen=seen, by=leader(), at=NOW)


def test_marketing_proposes_and_sales_agrees(head_of_sales):
    target = proposed()
    assert (target.is_agreed, target.marketing.name) == (False, "Lea Leader")

    confirm_target(target_id=target.pk, seen=1, by=head_of_sales, at=NOW)

    target.refresh_from_db()
    assert (target.is_agreed, target.sales, target.sales_at) == (True, head_of_sales, NOW)


def test_a_change_takes_the_name_of_sales_off_and_is_on_record(head_of_sales):
    target = agreed(head_of_sales)

    change(target, 1, mqls=12, winning=None)

    target.refresh_from_db()
    assert (target.version, target.is_agreed, target.mqls, target.winning) == (2, False, 12, None)
    kept = list(target.changes.values_list("kind", "version", "by__name"))
    assert kept == [("changed", 2, "Lea Leader"), ("confirmed", 1, "Hans Head"), ("set", 1, "Lea Leader")]
    latest = target.changes.first()
    differ = {name for name in latest.after if latest.before[name] != latest.after[name]}
    assert differ == {"mqls", "winning"}
    assert (latest.before["mqls"], latest.after["mqls"], latest.before["winning"]) == ("10", "12", "0.5")


def test_the_same_figures_again_change_nothing(head_of_sales):
    target = agreed(head_of_sales)
    target.refresh_from_db()

    change(target, 1, revenue=Decimal("7000.00"))

    target.refresh_from_db()
    assert (target.version, target.is_agreed, target.changes.count()) == (1, True, 2)


def test_what_somebody_else_has_changed_meanwhile_is_not_overwritten():
    target = proposed()
    change(target, 1, mqls=12)

    with pytest.raises(TargetRefused, match="Lea Leader has changed this target since you opened it"):
        change(target, 1, mqls=13)

    target.refresh_from_db()
    assert (target.mqls, target.changes.count()) == (12, 2)


def test_what_somebody_else_has_just_set_is_not_overwritten():
    proposed()

    with pytest.raises(TargetRefused, match="nothing of yours was saved"):
        proposed()


def test_nobody_agrees_to_what_he_has_not_seen(head_of_sales):
    target = proposed()
    change(target, 1, mqls=12)

    with pytest.raises(TargetRefused, match="since you opened it"):
        confirm_target(target_id=target.pk, seen=1, by=head_of_sales, at=NOW)

    target.refresh_from_db()
    assert not target.is_agreed


def test_it_is_agreed_to_once(head_of_sales):
    target = agreed(head_of_sales)

    with pytest.raises(TargetRefused, match="Hans Head has agreed to it already"):
        confirm_target(target_id=target.pk, seen=1, by=UserFactory(role=Role.MANAGER), at=NOW)


def test_a_target_without_any_figure_is_none():
    with pytest.raises(TargetRefused, match="at least one"):
        set_target(period=Q1, team=None, figures=dict.fromkeys(FIGURES), seen=0, by=leader(), at=NOW)

    assert not Target.objects.exists()


def test_those_of_the_period_before_are_copied_as_proposals(head_of_sales, west, east):
    agreed(head_of_sales)
    proposed(team=west, mqls=4)
    proposed("2026-Q2", team=west, mqls=9)

    copied = copy_targets(to=Q2, by=leader(), at=NOW)

    assert (copied.made, copied.kept) == (1, 1)
    of = {one.team: one for one in Target.objects.filter(first_day=Q2.first)}
    assert (of[None].figures["mqls"], of[None].figures["revenue"], of[None].is_agreed) == (10, Decimal(7000), False)
    assert of[west].mqls == 9
    assert of[None].changes.get().kind == TargetChange.Kind.COPIED


def test_without_any_before_there_is_nothing_to_copy():
    proposed("2026-03")  # a month, not the quarter

    with pytest.raises(TargetRefused, match="No target is set for Q1 2026"):
        copy_targets(to=Q2, by=leader(), at=NOW)


@pytest.mark.parametrize(
    ("role", "can_sign", "sets", "confirms"),
    [
        (Role.MARKETING, True, True, set()),
        (Role.MARKETING, False, False, set()),
        (Role.MANAGER, True, False, {"company", "own"}),
        (Role.MANAGER, False, False, {"own"}),
        (Role.ADMIN, True, False, set()),
        (Role.REP, True, False, set()),
    ],
)
def test_leaders_of_marketing_set_and_managers_of_sales_agree(west, east, role, can_sign, sets, confirms):
    user = UserFactory(role=role, can_sign=can_sign, team=west)
    targets = {"company": proposed(), "own": proposed(team=west), "other": proposed(team=east)}

    assert may_set(user) is sets
    assert {name for name, target in targets.items() if may_confirm(user, target)} == confirms


def test_what_was_done_stays_on_record():
    target = proposed()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        TargetChange.objects.filter(target=target).update(kind=TargetChange.Kind.COPIED)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM reports_targetchange")

    assert target.changes.get().kind == TargetChange.Kind.SET


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_day": "2026-01-02"},
        {"first_day": "2026-02-01"},
        {"months": 2},
        {"winning": 0},
        {"winning": Decimal("1.5")},
        {"sales_at": NOW},
        {"sales": "marketing", "sales_at": NOW},
    ],
    ids=str,
)
def test_the_database_takes_no_target_that_cannot_be(wrong):
    if wrong.get("sales"):
        wrong = {**wrong, "sales": leader()}
    given = {"first_day": Q1.first, "months": 3, "marketing": leader(), "marketing_at": NOW} | wrong

    with pytest.raises(IntegrityError), transaction.atomic():
        Target.objects.create(**given)


def test_a_team_has_one_target_a_period(west):
    given = {"first_day": Q1.first, "months": 3, "marketing": leader(), "marketing_at": NOW}
    for team in (None, west, TeamFactory()):
        Target.objects.create(team=team, **given)

    for team in (None, west):
        with pytest.raises(IntegrityError), transaction.atomic():
            Target.objects.create(team=team, **given)
