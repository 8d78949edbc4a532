"""Short lists that are kept for a moment: when they are read anew, and whose copy one gets."""

import pytest
from django.conf import settings
from django.db import transaction

from funnel.lifecycle import Stage
from funnel.models import Channel, Reason, StageDefinition
from funnel.reference_cache import by_slug, clauses_of, every_reason, forget, kept, signatures_of, stage_definition
from tests.factories import AgreementFactory


@pytest.fixture
def reason(db):
    return Reason.objects.get(slug="no_budget")


def label():
    return next(one.label for one in every_reason() if one.slug == "no_budget")


def test_what_is_kept_is_not_read_again(reason, django_assert_num_queries):
    every_reason()

    with django_assert_num_queries(0):
        assert reason in every_reason()


@pytest.mark.parametrize("change", ["save", "delete", "create"])
def test_whoever_changes_a_row_sees_it_at_once(reason, change):
    before = every_reason()
    reason.label = "No money"
    {"save": reason.save, "delete": reason.delete, "create": lambda: Reason.objects.create(slug="x", label="X")}[
        change
    ]()

    assert [one.label for one in every_reason()] != [one.label for one in before]


def test_a_change_that_sends_no_signal_is_seen_once_the_moment_is_over(reason):
    every_reason()
    Reason.objects.filter(pk=reason.pk).update(label="No money")

    assert label() == "No budget"
    forget()  # as the ten seconds do
    assert label() == "No money"
    assert settings.CACHES["reference"]["TIMEOUT"] == 10


@pytest.mark.django_db(transaction=True)
def test_what_was_read_before_the_commit_is_not_kept_after_it():
    reason = Reason.objects.get(slug="no_budget")
    with transaction.atomic():
        reason.label = "No money"
        reason.save()
        Reason.objects.filter(pk=reason.pk).update(label="As another connection still sees it")
        assert label() == "As another connection still sees it"
        Reason.objects.filter(pk=reason.pk).update(label="No money")

    assert label() == "No money"


def test_each_reader_has_a_copy_of_his_own(reason):
    every_reason()[0].label = "Mine"

    assert "Mine" not in [one.label for one in every_reason()]


def test_it_is_kept_by_what_was_asked_for(db):
    agreements = [AgreementFactory(name=name, country=name, clauses=[f"Works in {name}."]) for name in ("DE", "AT")]

    assert [[one.sentence for one in clauses_of(one.pk)] for one in agreements] == [["Works in DE."], ["Works in AT."]]
    assert [one.side for one in signatures_of(agreements[0].pk)] == ["Marketing", "Sales"]


def test_nothing_is_an_answer_that_is_kept_too(db, django_assert_num_queries):
    StageDefinition.objects.filter(stage=Stage.WON).delete()
    assert stage_definition(Stage.WON) is None

    with django_assert_num_queries(0):
        assert stage_definition(Stage.WON) is None


def test_two_readers_do_not_take_each_others_answer(db):
    one, two = (kept(Reason)(read) for read in (_first, _second))

    assert (one(), two(), one()) == ("first", "second", "first")


def _first():
    return "first"


def _second():
    return "second"


@pytest.mark.django_db(transaction=True)
def test_channels_are_read_once_by_their_slugs(django_assert_num_queries):
    Channel.objects.bulk_create([Channel(slug="fair", name="Fair"), Channel(slug="web", name="Web")])
    assert by_slug(Channel, {"fair", "nowhere"}).keys() == {"fair"}

    with django_assert_num_queries(0):
        assert by_slug(Channel, {"fair"})["fair"].name == "Fair"
    with django_assert_num_queries(1):
        assert by_slug(Channel, {"fair", "web"}).keys() == {"fair", "web"}


@pytest.mark.django_db(transaction=True)
def test_a_channel_that_was_never_committed_is_not_kept():
    with transaction.atomic():
        Channel.objects.bulk_create([Channel(slug="fair", name="Fair")])
        assert by_slug(Channel, {"fair"})
        transaction.set_rollback(True)

    assert by_slug(Channel, {"fair"}) == {}
