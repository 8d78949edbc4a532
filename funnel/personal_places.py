"""What the funnel and the accounts below it keep about a person."""

from urllib.parse import parse_qs

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from accounts.models import Mail, Notification, SavedView
from funnel.identity import OWN_NAME_PREFIX
from funnel.models import (
    Assignment,
    Company,
    Evidence,
    Flag,
    HandOff,
    Lead,
    LeadEvent,
    LeadIdentity,
    LeadSearch,
    LeadText,
    SourceRuling,
    StageChange,
    Touch,
)
from funnel.personal import ERASED, Place, Subject

NOTHING_LEFT = "This was about a lead that has been erased."
CONTACT = (
    *("email", "email_key", "first_name", "last_name", "title", "phone", "time_zone"),
    *("self_reported_source", "consent", "authority"),
)


# --- the lead -------------------------------------------------------------------------------------------------


def _leads(subject: Subject) -> QuerySet[Lead]:
    return Lead.objects.filter(pk__in=subject.lead_ids).order_by("pk")


def _empty_leads(subject: Subject) -> int:
    """Amounts, stages and dates stay: reports add them up."""
    return _leads(subject).update(
        email="",
        email_key=None,
        first_name="",
        last_name="",
        title="",
        phone="",
        time_zone="",
        self_reported_source="",
        score=None,
        consent={},
        authority={},
    )


def _texts(subject: Subject) -> QuerySet[LeadText]:
    return LeadText.objects.filter(lead__in=subject.lead_ids)


def _evidence(subject: Subject) -> QuerySet[Evidence]:
    return Evidence.objects.filter(lead__in=subject.lead_ids)


def _words(subject: Subject) -> QuerySet[LeadSearch]:
    return LeadSearch.objects.filter(lead__in=subject.lead_ids)


def _touches(subject: Subject) -> QuerySet[Touch]:
    return Touch.objects.filter(lead__in=subject.lead_ids)


def _hand_offs(subject: Subject) -> QuerySet[HandOff]:
    return HandOff.objects.filter(lead__in=subject.lead_ids)


def _identities(subject: Subject) -> QuerySet[LeadIdentity]:
    return LeadIdentity.objects.filter(lead__in=subject.lead_ids)


def _rename_identities(subject: Subject) -> int:
    """Each system that knew him knows the empty lead by LeadFlow's own id: it is told that he was erased."""
    sources = sorted(set(_identities(subject).values_list("source", flat=True)))
    deleted = _identities(subject).delete()[0]
    own_name = f"{OWN_NAME_PREFIX}{subject.lead.pk}"
    LeadIdentity.objects.bulk_create(
        [LeadIdentity(lead=subject.lead, source=source, external_id=own_name) for source in sources]
    )
    return deleted


# --- the company: not a person, but a name that only he bears may be his own -----------------------------------


def _own_companies(subject: Subject) -> list[Company]:
    """Those that nobody else works for."""
    ids = set(_leads(subject).exclude(company=None).values_list("company", flat=True))
    shared = Lead.objects.filter(company__in=ids, erased_at=None).exclude(pk__in=subject.lead_ids)
    return list(Company.objects.filter(pk__in=ids - set(shared.values_list("company", flat=True))))


def _empty_companies(subject: Subject) -> int:
    """Industry, size and country stay. The key keeps it apart from all others."""
    companies = _own_companies(subject)
    for company in companies:
        Company.objects.filter(pk=company.pk).update(
            name=ERASED, name_key=f"{ERASED} {company.pk}", domain="", authority={}
        )
    return len(companies)


def _log_entries(subject: Subject) -> QuerySet[LogEntry]:
    """What admins did to his company: the log has its name."""
    ids = [str(company.pk) for company in _own_companies(subject)]
    return LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Company), object_id__in=ids)


# --- what people were told of him -----------------------------------------------------------------------------


def _notifications(subject: Subject) -> QuerySet[Notification]:
    return Notification.objects.filter(lead_number__in=subject.lead_ids)


def _mails(subject: Subject) -> list[Mail]:
    """Those of his notifications, and the daily ones that repeat them."""
    told = list(_notifications(subject))
    own = [f"{one.key}:{one.user_id}" for one in told]
    repeated = [
        mail
        for user_id in sorted({one.user_id for one in told})
        for mail in Mail.objects.filter(key__startswith=f"digest:{user_id}:")
        if any(one.text in mail.text for one in told if one.user_id == user_id)
    ]
    return [*Mail.objects.filter(key__in=own), *repeated]


def _empty_mails(subject: Subject) -> int:
    """One that waits is not sent; of a daily mail only his lines go."""
    told = sorted((one.text for one in _notifications(subject)), key=len, reverse=True)
    mails = _mails(subject)
    for mail in mails:
        if mail.key.startswith("digest:"):
            for text in told:
                mail.text = mail.text.replace(text, NOTHING_LEFT)
            mail.save(update_fields=["text"])
        elif mail.sent_at is None:
            mail.delete()
        else:
            Mail.objects.filter(pk=mail.pk).update(subject=NOTHING_LEFT, text=NOTHING_LEFT)
    return len(mails)


def _views(subject: Subject) -> list[SavedView]:
    """Filters that look for him by his address."""
    asked = SavedView.objects.filter(query__contains="q=")
    return [view for view in asked if subject.is_in(" ".join(parse_qs(view.query).get("q", [])))]


def _empty_views(subject: Subject) -> int:
    return SavedView.objects.filter(pk__in=[view.pk for view in _views(subject)]).update(query="")


PLACES = (
    Place(
        model=Mail,
        what="mails about the lead",
        fields=("subject", "text"),
        rows=_mails,
        erase=_empty_mails,
        told=("to", "subject", "text", "created_at", "sent_at"),
    ),
    Place(
        model=Notification,
        what="notifications about the lead",
        fields=("text",),
        rows=_notifications,
        erase=lambda subject: _notifications(subject).update(text=NOTHING_LEFT, digest_at=None),
    ),
    Place(model=SavedView, what="saved searches for the address", fields=("query",), rows=_views, erase=_empty_views),
    Place(
        model=LeadText,
        what="notes, what was learned, and what showed that clauses fail",
        fields=("text",),
        rows=_texts,
        erase=lambda subject: _texts(subject).delete()[0],
    ),
    Place(
        model=Evidence,
        what="what is known of the ten attributes, in words",
        fields=("text",),
        rows=_evidence,
        erase=lambda subject: _evidence(subject).update(text=ERASED),
    ),
    Place(
        model=HandOff,
        what="why clauses were overridden, in words",
        fields=("override_reason",),
        rows=_hand_offs,
        # The database lets nothing else be written there.
        erase=lambda subject: _hand_offs(subject).exclude(override_reason="").update(override_reason=ERASED),
    ),
    Place(
        model=Touch,
        what="what they read, searched and asked",
        fields=("subject", "external_id"),
        rows=_touches,
        erase=lambda subject: _touches(subject).update(subject="", external_id=None),
    ),
    Place(
        model=LeadSearch,
        what="the words by which the lead is found",
        fields=("text",),
        rows=_words,
        erase=lambda subject: _words(subject).delete()[0],
    ),
    Place(
        model=LogEntry,
        what="the name of a company that nobody else works for",
        fields=("object_repr", "change_message"),
        rows=_log_entries,
        erase=lambda subject: _log_entries(subject).update(object_repr=ERASED, change_message=""),
    ),
    Place(
        model=Company,
        what="the name of a company that nobody else works for",
        fields=("name", "name_key", "domain", "authority"),
        rows=_own_companies,
        erase=_empty_companies,
    ),
    Place(
        model=LeadIdentity,
        what="the ids by which other systems know the person",
        fields=("external_id",),
        rows=_identities,
        erase=_rename_identities,
    ),
    Place(
        model=Lead,
        what="name, e-mail, phone, title, consent, score and the source they named",
        fields=CONTACT,
        rows=_leads,
        erase=_empty_leads,
    ),
    # --- what stays: ids, codes, times and amounts ---
    Place(
        model=LeadEvent,
        what="the history: when it came, moved and closed, by whom, for which reason",
        rows=lambda subject: LeadEvent.objects.filter(lead__in=subject.lead_ids),
    ),
    Place(
        model=StageChange,
        what="the history: when it came, moved and closed, by whom, for which reason",
        rows=lambda subject: StageChange.objects.filter(lead__in=subject.lead_ids),
    ),
    Place(
        model=Flag,
        what="episodes in the Black Hole",
        rows=lambda subject: Flag.objects.filter(lead__in=subject.lead_ids),
    ),
    Place(
        model=SourceRuling,
        what="what was found out about where it came from",
        rows=lambda subject: SourceRuling.objects.filter(lead__in=subject.lead_ids),
    ),
    Place(
        model=Assignment,
        what="who had the lead",
        rows=lambda subject: Assignment.objects.filter(lead__in=subject.lead_ids),
    ),
)
