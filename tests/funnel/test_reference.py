"""The lists a new installation starts with."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import call_command

from accounts.models import WorkingCalendar
from dispositions.outcomes import RULES, Outcome
from funnel.lifecycle import OPEN_STAGES, Stage
from funnel.limits import ClockRules
from funnel.models import Reason, StageDefinition
from funnel.reference import REASONS
from funnel.services.reference import fill_reference_data


@pytest.mark.django_db
def test_a_new_database_has_its_stages_reasons_and_hours():
    assert list(StageDefinition.objects.values_list("stage", flat=True)) == list(Stage)
    assert Reason.objects.count() == len(REASONS)
    assert WorkingCalendar.objects.get(is_default=True).opening_hours == "Mon-Fri 09:00-17:00"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_they_are_there_again_after_a_test_has_been_cleaned_up(turn):
    assert Reason.objects.count() == len(REASONS)
    Reason.objects.all().delete()


@pytest.mark.django_db
def test_what_the_admin_deleted_does_not_come_back():
    Reason.objects.get(slug="student").delete()
    StageDefinition.objects.filter(stage=Stage.MQL).update(definition="Ours")

    fill_reference_data(sender=apps.get_app_config("funnel"))

    assert not Reason.objects.filter(slug="student").exists()
    assert StageDefinition.objects.get(stage=Stage.MQL).definition == "Ours"


def test_every_reason_is_for_outcomes_that_exist_and_ask_for_one():
    asked = {outcome.value for outcome, rule in RULES.items() if "reason" in rule.asks}

    assert {outcome for _, _, outcomes, *_ in REASONS for outcome in outcomes} == asked


def test_every_outcome_that_asks_for_a_reason_has_one_that_fits():
    given = {outcome for _, _, outcomes, *_ in REASONS for outcome in outcomes}

    assert Outcome.STEP_BACK.value in given
    assert [rule.outcome for rule in RULES.values() if "reason" in rule.asks and rule.outcome not in given] == []


@pytest.mark.parametrize("outcomes", ["refuse", {"refuse": True}, [1], None])
def test_the_outcomes_of_a_reason_are_a_list_of_words(outcomes):
    with pytest.raises(ValidationError, match="Give a list of outcomes"):
        Reason(slug="x", label="X", outcomes=outcomes).clean()


@pytest.mark.django_db
def test_the_admins_limits_of_silence_win_over_the_defaults():
    StageDefinition.objects.filter(stage=Stage.SAL).update(stale_after_days=3)
    StageDefinition.objects.filter(stage=Stage.SQL).update(stale_after_days=None)

    assert ClockRules().stale_after_days == {"inquiry": 30, "nurture": 90, "mql": 5, "sal": 3, "sql": 10}


@pytest.mark.django_db
def test_every_open_stage_has_a_limit_though_the_admin_emptied_the_list():
    StageDefinition.objects.all().delete()

    assert ClockRules().stale_after_days.keys() == set(OPEN_STAGES)


@pytest.mark.django_db
def test_no_default_calendar_means_the_usual_office_hours():
    WorkingCalendar.objects.all().delete()

    assert ClockRules().company_hours == WorkingCalendar().hours


@pytest.mark.django_db
def test_the_models_and_the_migrations_agree():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
