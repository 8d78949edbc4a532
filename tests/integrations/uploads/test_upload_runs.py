"""The job that imports uploaded files: every row once, whatever becomes of the workers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from funnel.models import Campaign, Channel, Lead
from integrations.models import SavedMapping, Upload
from integrations.services import upload_runs
from integrations.services.upload_files import path_of
from integrations.services.upload_runs import LEASE, MAX_ATTEMPTS
from integrations.services.uploads import NotNow, discard, discard_uploads, set_mapping, start
from tests.integrations.uploads.conftest import PLAIN, problems

CAMPAIGN = '[columns]\nemail = "email"\ncampaign = "campaign"\nchannel = "channel"\n'


def leads(count, start=0):
    return "email\n" + "".join(f"a{number}@x.test\n" for number in range(start, start + count))


def test_every_row_has_its_end_and_they_add_up(uploads):
    upload = uploads.done("email\nann@x.test\nann\nbob@x.test\nANN@x.test\n")

    assert (upload.state, upload.tally, upload.line) == ("done", {"created": 2, "rejected": 2}, 5)
    assert list(upload.rows.values_list("line", "status")) == [
        *((2, "created"), (3, "rejected"), (4, "created"), (5, "rejected"))
    ]
    assert problems(upload) == [
        (3, "email", '"ann" is not an e-mail address'),
        (5, "email", "duplicate-in-file: line 2 names the same lead."),
    ]
    assert upload.rows.get(line=3).cells == ["ann"]
    assert upload.rows.get(line=2).lead == Lead.objects.get(email="ann@x.test")


def test_the_same_file_again_changes_nothing(uploads):
    uploads.done(leads(3))

    upload = uploads.done(leads(3))

    assert upload.tally == {"skipped": 3}
    assert Lead.objects.count() == 3


def test_what_was_not_known_is_listed_and_the_mapping_kept_for_the_next_file(uploads, marketing):
    upload = uploads.done("email,campaign,channel\nann@x.test,spring,fair\n", toml=CAMPAIGN)

    assert upload.created == {"channels": ["fair", "unknown"], "campaigns": ["spring"], "owners": [], "teams": []}
    saved = SavedMapping.objects.get()
    assert (saved.kind, saved.source, saved.toml, saved.updated_by) == ("leads", "leads", CAMPAIGN, marketing)


def test_a_dry_run_says_what_would_happen_and_writes_nothing(uploads, monkeypatch):
    monkeypatch.setattr(upload_runs, "DRY_BATCH_ROWS", 2)
    channels = Channel.objects.count()
    rows = "".join(f"{name}@x.test,spring,fair\n" for name in ("ann", "bob", "cyd", "ann", "eve"))

    upload = uploads.done(f"email,campaign,channel\n{rows}", toml=CAMPAIGN, dry_run=True)

    assert (upload.state, upload.tally) == ("done", {"created": 4, "rejected": 1})
    assert upload.created["campaigns"] == ["spring"]
    assert not Lead.objects.exists()
    assert not Campaign.objects.exists()
    assert Channel.objects.count() == channels
    assert not SavedMapping.objects.exists()


def test_a_dry_run_forgets_people_that_it_took_back(uploads, admin, monkeypatch):
    monkeypatch.setattr(upload_runs, "DRY_BATCH_ROWS", 1)
    toml = '[columns]\nemail = "email"\nowner = "owner"\nteam = "team"\n'

    upload = uploads.done("email,owner,team\na@x.test,Bob,West\nb@x.test,Bob,West\n", toml=toml, by=admin, dry_run=True)

    assert (upload.tally, upload.created["owners"], upload.created["teams"]) == ({"created": 2}, ["Bob"], ["West"])
    assert not User.objects.filter(name="Bob").exists()


def test_after_a_dry_run_the_import_starts_anew(uploads):
    upload = uploads.done(leads(2), dry_run=True)
    start(upload.pk, dry_run=False, by=upload.by, at=timezone.now())

    uploads.run()

    upload.refresh_from_db()
    assert (upload.tally, upload.rows.count(), Lead.objects.count()) == ({"created": 2}, 2, 2)


# --- rounds, leases, attempts ---------------------------------------------------------------------------------


def test_when_its_time_is_over_the_rest_waits_for_the_next_round(uploads, monkeypatch):
    monkeypatch.setattr(upload_runs, "BATCH_ROWS", 2)
    upload = uploads.waiting("email\na@x.test\nb@x.test\nA@x.test\nc@x.test\n")
    begun = timezone.now()

    # An hour a line: after the first batch the time is over.
    upload_runs.run_uploads(
        clock=lambda: begun + timedelta(hours=Upload.objects.get().line), until=begun + timedelta(seconds=30)
    )

    upload.refresh_from_db()
    assert (upload.state, upload.line, upload.tally) == ("running", 3, {"created": 2})
    uploads.run(begun + timedelta(days=1))
    upload.refresh_from_db()
    assert (upload.state, upload.tally) == ("done", {"created": 3, "rejected": 1})
    assert problems(upload) == [(4, "email", "duplicate-in-file: line 2 names the same lead.")]


def test_an_upload_that_is_leased_is_left_alone_until_the_lease_ends(uploads):
    upload, now = uploads.waiting(leads(1)), timezone.now()
    Upload.objects.update(state="running", leased_until=now + LEASE, attempts=1)

    assert not uploads.run(now)
    assert uploads.run(now + LEASE) == {"created": 1}
    upload.refresh_from_db()
    assert upload.state == "done"


def test_whoever_lost_the_lease_writes_nothing_more(uploads, monkeypatch):
    upload = uploads.waiting(leads(3))
    monkeypatch.setattr(upload_runs, "BATCH_ROWS", 1)
    batches = upload_runs._Work.batches

    def taken_after_the_first(work, done, **options):
        for number, batch in enumerate(batches(work, done, **options)):
            if number == 1:
                Upload.objects.update(leased_until=timezone.now() + 2 * LEASE)
            yield batch

    monkeypatch.setattr(upload_runs._Work, "batches", taken_after_the_first)
    uploads.run()

    upload.refresh_from_db()
    assert (upload.state, upload.line, upload.rows.count(), Lead.objects.count()) == ("running", 2, 1, 1)


def test_the_lease_is_held_while_the_rows_before_are_recalled(uploads, monkeypatch):
    monkeypatch.setattr(upload_runs, "RECALLED_ROWS", 2)
    upload, now = uploads.waiting(leads(5)), timezone.now()
    Upload.objects.update(state="running", leased_until=now, line=5)
    ticks = (now + timedelta(seconds=50 * number) for number in range(100))  # nearly the lease each

    upload_runs.run_uploads(clock=lambda: next(ticks), until=now + timedelta(hours=1))

    upload.refresh_from_db()
    assert (upload.state, upload.tally) == ("done", {"created": 1})


def test_a_file_that_ends_its_worker_again_and_again_is_given_up(uploads):
    upload, now = uploads.waiting(leads(3)), timezone.now()
    Upload.objects.update(state="running", leased_until=now, attempts=MAX_ATTEMPTS, line=2)

    uploads.run(now)

    upload.refresh_from_db()
    assert (upload.state, upload.error) == ("failed", "Its worker ended 5 times after line 2: look at the rows there.")
    assert not Lead.objects.exists()


def test_an_attempt_is_counted_before_the_work_and_forgiven_by_a_batch(uploads, monkeypatch):
    upload, now = uploads.waiting(leads(1)), timezone.now()

    def dies(*_):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(upload_runs, "_opened", dies)
        with pytest.raises(MemoryError):
            uploads.run(now)
    upload.refresh_from_db()
    assert (upload.state, upload.attempts) == ("running", 1)
    uploads.run(now + LEASE)
    upload.refresh_from_db()
    assert (upload.state, upload.attempts) == ("done", 0)


def test_a_run_that_failed_midway_goes_on_where_it_was(uploads):
    upload = uploads.waiting(leads(3))
    Upload.objects.update(state="failed", line=2, error="…", tally={"created": 1})

    start(upload.pk, dry_run=False, by=upload.by, at=timezone.now())
    uploads.run()

    upload.refresh_from_db()
    assert (upload.state, upload.error, upload.tally) == ("done", "", {"created": 3})
    assert set(Lead.objects.values_list("email", flat=True)) == {"a1@x.test", "a2@x.test"}


@pytest.mark.parametrize("change", [{"role": Role.REP}, {"is_active": False}])
def test_whoever_may_not_import_any_more_imports_nothing(uploads, marketing, change):
    upload = uploads.waiting(leads(1))
    User.objects.filter(pk=marketing.pk).update(**change)

    uploads.run()

    upload.refresh_from_db()
    assert (upload.state, upload.error) == ("failed", "Max Marketing may not import leads any more.")
    assert not Lead.objects.exists()


def test_a_file_that_is_gone_fails_with_a_sentence(uploads):
    upload = uploads.waiting(leads(1))
    path_of(upload).unlink()

    uploads.run()

    upload.refresh_from_db()
    assert (upload.state, upload.error) == ("failed", "The file is no longer here: upload it again.")


# --- what can be done when ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["waiting", "running"])
def test_while_it_runs_it_is_neither_mapped_nor_started_nor_discarded(uploads, state):
    upload = uploads.waiting(leads(1))
    Upload.objects.update(state=state)

    for change in (
        lambda: set_mapping(upload.pk, PLAIN),
        lambda: start(upload.pk, dry_run=False, by=upload.by, at=timezone.now()),
        lambda: discard(upload.pk),
    ):
        with pytest.raises(NotNow):
            change()


def test_what_was_imported_is_not_imported_again(uploads):
    upload = uploads.done(leads(1))

    with pytest.raises(NotNow):
        start(upload.pk, dry_run=False, by=upload.by, at=timezone.now())


def test_old_files_are_forgotten_and_what_came_of_them_stays(uploads, uploads_folder):
    old, running, new = uploads.done("email\nbob\n"), uploads.waiting(leads(2)), uploads.store(leads(3))
    now = timezone.now()
    Upload.objects.filter(pk__in=[old.pk, running.pk]).update(
        created_at=now - timedelta(days=40), finished_at=now - timedelta(days=31)
    )
    (uploads_folder / "stray.csv").write_text("email\n")

    quoting = discard_uploads(now - timedelta(days=30))

    assert list(quoting) == list(old.rows.all())
    assert {path.name for path in uploads_folder.iterdir()} == {running.file, new.file, "stray.csv"}
    assert Upload.objects.get(pk=old.pk).tally == {"rejected": 1}
    discard_uploads(now + timedelta(days=1))
    assert [path.name for path in uploads_folder.iterdir()] == [running.file]
    discard(old.pk)
    assert [path.name for path in uploads_folder.iterdir()] == [running.file]
