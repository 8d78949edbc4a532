from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from integrations.imports.kinds import KINDS
from integrations.models import Upload
from integrations.services.upload_runs import run_uploads
from integrations.services.uploads import set_mapping, start, store_upload

PLAIN = '[columns]\nemail = "email"\n'


@pytest.fixture(autouse=True)
def uploads_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path / "uploads"


@pytest.fixture
def uploads(marketing):
    """Uploads of marketing's, and the job that runs them."""

    def store(text, *, kind="leads", name="leads.csv", by=marketing):
        content = text if isinstance(text, bytes) else text.encode()
        return store_upload(kind=KINDS[kind], name=name, size=len(content), content=[content], by=by, at=timezone.now())

    def waiting(text, *, toml=PLAIN, dry_run=False, **options):
        upload = store(text, **options)
        set_mapping(upload.pk, toml)
        start(upload.pk, dry_run=dry_run, by=upload.by, at=timezone.now())
        return upload

    def run(now=None, **limits):
        now = now or timezone.now()
        return run_uploads(clock=lambda: now, until=now + limits.get("longest", timedelta(hours=1)))

    def done(text, **options):
        upload = waiting(text, **options)
        run()
        return Upload.objects.get(pk=upload.pk)

    return SimpleNamespace(store=store, waiting=waiting, run=run, done=done)


def problems(upload):
    """Line, column and sentence of each problem."""
    return [(row.line, *problem) for row in upload.rows.filter(status="rejected") for problem in row.problems]
