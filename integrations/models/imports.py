"""Files that people upload: how they are read, how far each is, what became of every row."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class SavedMapping(models.Model):
    """How the files of a source are read: the mapping's TOML, kept for the next one."""

    kind = models.CharField(max_length=10)
    source = models.CharField(max_length=50)
    toml = models.TextField()
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["kind", "source"]
        constraints = [models.UniqueConstraint(fields=["kind", "source"], name="mapping_once_per_source")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.source}"


class Upload(models.Model):
    """A file in the browser's import, from upload to result. Its bytes are stored under a name of our own."""

    class Kind(models.TextChoices):
        LEADS = "leads", "Leads"
        TOUCHES = "touches", "Touches"
        OUTCOMES = "outcomes", "Outcomes of the past"
        PEOPLE = "people", "People and teams"

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Uploaded"
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=300, help_text="As the browser said; shown, never used as a path.")
    file = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    encoding = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=50, blank=True)
    toml = models.TextField(blank=True)
    dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.UPLOADED)
    lines = models.PositiveIntegerField(default=0, help_text="Lines in the file, about.")
    line = models.PositiveIntegerField(default=0, help_text="The line up to which it is written.")
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    tally = models.JSONField(default=dict, help_text="How many rows came to which end, so far.")
    created = models.JSONField(default=dict, help_text="Channels, campaigns and people it made.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="uploads")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        # For the job that runs them, which asks every few seconds.
        indexes = [models.Index(fields=["id"], name="upload_to_run", condition=Q(state__in=["waiting", "running"]))]

    def __str__(self) -> str:
        return self.name


class UploadedRow(models.Model):
    """What became of one row. Written in the transaction that writes what it tells."""

    class Status(models.TextChoices):
        CREATED = "created", "Created"
        UPDATED = "updated", "Updated"
        SKIPPED = "skipped", "Skipped"
        REJECTED = "rejected", "Rejected"

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="rows", db_index=False)
    line = models.PositiveIntegerField()
    status = models.CharField(max_length=8, choices=Status)
    lead = models.ForeignKey("funnel.Lead", models.PROTECT, null=True, db_index=False, related_name="+")
    problems = models.JSONField(default=list, help_text="Of a rejected row: column and sentence of each problem.")
    cells = models.JSONField(default=list, help_text="Of a rejected row: its cells, to be mended.")

    class Meta:
        ordering = ["upload_id", "line"]
        constraints = [models.UniqueConstraint(fields=["upload", "line"], name="uploaded_row_once")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.status}"
