"""Over all models at once: nothing that happened goes with something that is deleted."""

from operator import attrgetter

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.db import models
from django.db.models import ProtectedError
from django.test import RequestFactory

from dispositions.models import Disposition
from funnel.models import Assignment, HandOff, Lead, LeadEvent, StageChange
from tests.factories import LeadFactory

# The apps that hold what happened, and those that may only look on.
OURS = ("accounts", "funnel", "dispositions", "reports", "integrations")
HISTORY = (LeadEvent, StageChange, Disposition, Assignment, HandOff, Lead)
# What is told to somebody or kept for him, and what is worked out; not what happened: it goes, or loses a name.
LOOSE = {
    "accounts.Notification.user",
    "accounts.SavedView.owner",
    "accounts.SavedView.team",
    "accounts.Team.manager",
    "dispositions.Dispute.draft",
    "funnel.LeadSearch.lead",
    "integrations.Delivery.endpoint",
    "integrations.Endpoint.created_by_key",
    "integrations.IdempotentRequest.api_key",
    "integrations.UploadedRow.upload",
    "reports.KeptPart.kept",
}


def foreign_keys():
    for model in apps.get_models():
        if model._meta.app_label in OURS:
            for field in model._meta.concrete_fields:
                if field.remote_field:
                    yield f"{model._meta.label}.{field.name}", field


def test_every_foreign_key_protects_what_it_points_at():
    unprotected = {name for name, field in foreign_keys() if field.remote_field.on_delete is not models.PROTECT}

    assert unprotected == LOOSE


@pytest.fixture
def history(rep):
    return LeadFactory(accepted=True, owner=rep)


@pytest.mark.parametrize("way", ["pk", "owner", "team", "hand_off", "channel", "hand_off.agreement"])
def test_nothing_that_history_points_at_is_deleted(history, way):
    thing = history if way == "pk" else attrgetter(way)(history)

    with pytest.raises(ProtectedError):
        thing.delete()

    assert type(thing).objects.filter(pk=thing.pk).exists()


@pytest.mark.parametrize("model", HISTORY, ids=lambda model: model.__name__)
def test_the_admin_pages_neither_add_nor_change_nor_delete_history(admin, model):
    request = RequestFactory().get("/")
    request.user = admin
    pages = site.get_model_admin(model)

    assert not pages.has_add_permission(request)
    assert not pages.has_change_permission(request)
    assert not pages.has_delete_permission(request)
