"""Every field that could hold words about a person is in a place that erasure and export know, or is named here."""

import pytest
from django.apps import apps
from django.db import models

from funnel.personal import places

pytestmark = pytest.mark.django_db

WORDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.EmailField)

# What names nobody: whose each is, and why. `*`: all of a table.
IMPERSONAL = {
    # Whoever works with LeadFlow, and its own books.
    "accounts.Team": "*",
    "accounts.User": "*",
    "accounts.WorkingCalendar": "*",
    "accounts.SavedView": {"page", "name", "role"},
    "accounts.Export": "*",  # what was searched for is not kept
    "accounts.FailedSignIn": "*",
    "accounts.Notification": {"kind", "key", "url"},
    "accounts.Mail": {"key", "to", "last_error", "html"},  # only the weekly report has html: figures of teams
    "auth.Group": "*",
    "auth.Permission": "*",
    "contenttypes.ContentType": "*",
    "sessions.Session": "*",  # of users, for 12 hours; ended ones are cleared
    "admin.LogEntry": {"object_id"},
    # What marketing and sales agreed, plan and know of the world.
    "funnel.Agreement": "*",
    "funnel.Clause": "*",
    "funnel.Signature": "*",
    "funnel.TeamRule": "*",
    "funnel.Channel": "*",
    "funnel.Campaign": "*",
    "funnel.Spend": "*",
    "funnel.Reason": "*",
    "funnel.SourcePolicy": "*",
    "funnel.SourceWord": "*",
    "funnel.StageDefinition": "*",
    "funnel.JobRun": "*",
    "dispositions.Question": "*",
    "dispositions.Proof": "*",
    # Keyed digests.
    "funnel.Suppression": "*",
    "dispositions.UsedLink": "*",
    # Codes, numbers and the names of our own people, in rows that are never changed.
    "funnel.LeadEvent": "*",
    "funnel.StageChange": "*",
    "funnel.SourceRuling": "*",
    "funnel.Flag": "*",
    "funnel.Escalation": "*",
    "funnel.Assignment": "*",
    "dispositions.Disposition": "*",
    "dispositions.Dispute": "*",
    "dispositions.DisputeVote": "*",
    "dispositions.Forecast": "*",
    # What reports count: stages, codes and amounts; rates of exchange.
    "reports.FactQuerySet": "*",
    "reports.LeadFact": "*",
    "reports.Stay": "*",
    "reports.Cycle": "*",
    "reports.FactsMark": "*",
    "reports.ExchangeRate": "*",
    "reports.Journey": "*",
    "reports.KeptAnswer": "*",
    "reports.KeptPart": "*",
    "reports.SegmentMonth": "*",
    "reports.Target": "*",
    "reports.TargetChange": "*",
    # Codes beside words: of a lead its stage, money and the company that was chosen instead.
    "funnel.Lead": {"source", "stage", "due_clock", "currency", "competitor"},
    "funnel.Company": {"naics", "country"},
    "funnel.LeadText": {"kind"},
    "funnel.Evidence": {"attribute", "source"},
    "funnel.HandOff": {"outcome", "clause_results", "attempt_channels"},
    "funnel.LeadIdentity": {"source"},
    "funnel.Touch": {"kind", "source"},
    "dispositions.BuyIn": {"stance", "blocker"},
    # Keys, addresses of machines, and how their words are read.
    "integrations.ApiKey": "*",
    "integrations.Source": "*",
    "integrations.Endpoint": "*",
    "integrations.SavedMapping": "*",
    "integrations.FeedEntry": "*",
    "integrations.FeedState": "*",
    "integrations.Upload": "*",  # its file is kept apart, for 90 days
    "integrations.UploadedRow": {"status"},
    "integrations.InboxItem": {"message_id", "digest", "content_type", "state"},
    "integrations.IdempotentRequest": {"key", "fingerprint"},
    "integrations.Delivery": {"message_id", "state", "error"},
}


def unnamed():
    """Fields that could hold words and are neither in a place nor impersonal."""
    known = {}
    for place in places():
        known.setdefault(place.name, set()).update(place.fields)
    for model in apps.get_models():
        label = model._meta.label
        exempt = IMPERSONAL.get(label, set())
        for field in model._meta.concrete_fields:
            is_named = exempt == "*" or field.name in exempt or field.name in known.get(label, set())
            if isinstance(field, WORDS) and not is_named:
                yield f"{label}.{field.name}"


def test_no_field_that_could_hold_words_about_a_person_is_forgotten():
    assert list(unnamed()) == []


def test_a_new_field_of_text_would_be_found(monkeypatch):
    field = models.TextField()
    field.set_attributes_from_name("remark")
    lead = apps.get_model("funnel.Lead")
    monkeypatch.setattr(lead._meta, "concrete_fields", (*lead._meta.concrete_fields, field))

    assert list(unnamed()) == ["funnel.Lead.remark"]


def test_nothing_is_named_twice_or_for_nothing():
    known = {(place.name, field) for place in places() for field in place.fields}
    fields = {(model._meta.label, field.name) for model in apps.get_models() for field in model._meta.concrete_fields}
    listed = {(label, name) for label, names in IMPERSONAL.items() if names != "*" for name in names}

    assert known & listed == set()
    assert (known | listed) - fields == set()
    assert {label for label, _ in known} & {label for label, names in IMPERSONAL.items() if names == "*"} == set()
