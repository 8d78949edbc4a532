"""The lead: one person, known under one or several identities, and what is known of him."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.calendars import check_time_zone
from funnel.attributes import Attribute
from funnel.lifecycle import OPEN_STAGES, Stage
from funnel.models.agreements import HandOff
from funnel.models.marketing import Campaign, Channel
from funnel.querysets import LeadQuerySet


class Company(models.Model):
    """Where leads work. Known by its domain; without one by its name."""

    name = models.CharField(max_length=200, blank=True)
    name_key = models.CharField(max_length=200, editable=False)
    domain = models.CharField(max_length=253, blank=True)
    naics = models.CharField(max_length=6, blank=True, verbose_name="NAICS code")
    annual_revenue = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    locations = models.PositiveIntegerField(null=True, blank=True)
    country = models.CharField(max_length=2, blank=True)
    # As of a lead, by the names of the columns.
    authority = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "companies"
        constraints = [
            models.UniqueConstraint(fields=["domain"], condition=~Q(domain=""), name="company_domain_once"),
            models.UniqueConstraint(
                fields=["name_key"], condition=Q(domain=""), name="company_without_domain_by_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.domain


class Lead(models.Model):
    """One person marketing or sales wants as a customer. Stage and owner change only through the services.

    `version` rises with stage, owner and edits by hand; `ledger_seq` with every event. Touches raise neither.
    `due_at` is the deadline people see, `due_clock` says which clock set it, `clock_started_at` since when it runs
    for the present owner. `sweep_at` is the next instant at which the sweep has something to do for this lead: a step
    of the ladder, or the deadline; none once all is done.
    """

    class Clock(models.TextChoices):
        ACCEPT = "accept", "Accept or refuse"
        FIRST_ATTEMPT = "first_attempt", "First attempt"
        DISPOSITION = "disposition", "Next disposition"
        TOUCH = "touch", "Next touch"
        WAKE = "wake", "Wake-up"

    # The agreement's own clocks: who misses one of them is in the Black Hole.
    AGREED_CLOCKS = frozenset({Clock.ACCEPT, Clock.FIRST_ATTEMPT})

    email = models.EmailField(blank=True)
    email_key = models.CharField(max_length=254, null=True, blank=True, unique=True, editable=False)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    title = models.CharField(max_length=150, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    time_zone = models.CharField(
        max_length=64, blank=True, validators=[check_time_zone], help_text="Empty: that of the company's country."
    )
    company = models.ForeignKey(Company, models.PROTECT, null=True, blank=True, related_name="leads")
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="leads")
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="leads")
    self_reported_source = models.CharField(max_length=200, blank=True)
    score = models.IntegerField(null=True, blank=True)
    consent = models.JSONField(default=dict, blank=True)
    source = models.CharField(max_length=50, help_text="The system that brought the lead.")

    stage = models.CharField(max_length=12, choices=Stage, default=Stage.INQUIRY)
    stage_entered_at = models.DateTimeField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="leads", db_index=False
    )
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="leads")
    hand_off = models.OneToOneField(HandOff, models.PROTECT, null=True, blank=True, related_name="current_of")
    cycle = models.PositiveSmallIntegerField(default=0, help_text="How many hand-offs it has had.")

    due_at = models.DateTimeField(null=True, blank=True)
    due_clock = models.CharField(max_length=13, choices=Clock, blank=True)
    clock_started_at = models.DateTimeField(null=True, blank=True)
    sweep_at = models.DateTimeField(null=True, blank=True)
    last_touch_at = models.DateTimeField(null=True, blank=True)
    last_disposition_at = models.DateTimeField(null=True, blank=True)
    next_action_at = models.DateTimeField(null=True, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True)
    woken_at = models.DateTimeField(null=True, blank=True)

    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    expected_value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    expected_close_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    competitor = models.CharField(max_length=100, blank=True)

    # Who said what a field holds, and when it was so, as `funnel.authority` keeps it.
    authority = models.JSONField(default=dict, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    ledger_seq = models.PositiveIntegerField(default=0)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )

    objects = LeadQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            # The sweep: open leads for which there is something to do one day.
            models.Index(fields=["sweep_at"], name="lead_to_sweep", condition=Q(sweep_at__isnull=False)),
            # A rep's queue, by deadline.
            models.Index(
                fields=["owner", "due_at", "id"],
                name="lead_queue",
                condition=Q(due_at__isnull=False, owner__isnull=False),
            ),
            # The pool of a team: what nobody owns, and in a search also what is closed.
            models.Index(
                fields=["team", "due_at", "id"], name="lead_pool", condition=Q(owner=None, team__isnull=False)
            ),
            # Marketing's nurture list, by the date on which each wakes up.
            models.Index(fields=["due_at", "id"], name="lead_nurture", condition=Q(stage=Stage.NURTURE)),
            # Its new inquiries, the longest waiting first; and what marketing has said to do when.
            models.Index(fields=["due_at", "id"], name="lead_inquiry", condition=Q(stage=Stage.INQUIRY)),
            models.Index(
                fields=["next_action_at"],
                name="lead_next_step",
                condition=Q(stage__in=[Stage.INQUIRY, Stage.NURTURE], next_action_at__isnull=False),
            ),
            # Partial: SQLite would take a whole one for “merged into nothing”, which is nearly every lead.
            models.Index(fields=["merged_into"], name="lead_merged", condition=Q(merged_into__isnull=False)),
            # All leads of a rep, also what somebody who left has to give back. Partial for the same reason.
            models.Index(fields=["owner"], name="lead_owner", condition=Q(owner__isnull=False)),
            # Cohorts of the reports.
            models.Index(fields=["created_at", "channel"], name="lead_cohort"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="lead_has_a_known_stage"),
            models.CheckConstraint(
                condition=Q(stage__in=OPEN_STAGES, due_at__isnull=False) | (~Q(stage__in=OPEN_STAGES) & Q(due_at=None)),
                name="lead_has_deadline_exactly_while_open",
            ),
            models.CheckConstraint(condition=Q(amount=None) | ~Q(currency=""), name="lead_amount_has_a_currency"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What people call it: the person, else the address, else the company, else its number."""
        if self.erased_at:
            return f"Erased lead {self.pk}"
        person = f"{self.first_name} {self.last_name}".strip()
        if person or self.email:
            return person or self.email
        return str(self.company) if self.company else f"Lead {self.pk}"


class LeadSearch(models.Model):
    """The words under which a lead is found: name, company, e-mail, phone, as `funnel.search` folds them. Erasable."""

    lead = models.OneToOneField(Lead, models.CASCADE, related_name="search")
    text = models.TextField()

    class Meta:
        verbose_name = "search entry"
        verbose_name_plural = "search entries"

    def __str__(self) -> str:
        return self.text[:80]


class LeadIdentity(models.Model):
    """The name under which another system knows a lead."""

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="identities")
    source = models.CharField(max_length=50)
    external_id = models.CharField(max_length=200)

    class Meta:
        verbose_name_plural = "lead identities"
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="identity_belongs_to_one_lead"),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.external_id}"


class Evidence(models.Model):
    """What is known of one attribute of a lead: who learned it, when, from whom. The newest row counts."""

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="evidence", db_index=False)
    attribute = models.CharField(max_length=22, choices=Attribute)
    text = models.TextField()
    learned_at = models.DateTimeField()
    learned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    source = models.CharField(max_length=50, blank=True, help_text="The system that told it, where no person did.")

    class Meta:
        ordering = ["-learned_at", "-id"]
        verbose_name_plural = "evidence"
        indexes = [
            models.Index(fields=["lead", "attribute", "-learned_at"], name="evidence_of_lead"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(attribute__in=Attribute.values), name="evidence_of_a_known_attribute"),
        ]

    def __str__(self) -> str:
        return f"{self.get_attribute_display()}: {self.text}"
