"""Asking for an import on its page: the archive is laid aside unopened, a worker takes it from there."""

from __future__ import annotations

from functools import partial

from django.contrib.auth.models import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from generation import tasks
from generation.audit import record
from generation.models import ClipImport
from melodymuse_site.storage import private_storage
from melodymuse_site.turns import in_turn

LARGEST_ARCHIVE = 500 * 1024 * 1024


def request_import(*, archive: UploadedFile, licence: str, by: AbstractBaseUser) -> ClipImport:
    """Lay `archive` aside and have a worker import it. Nothing is looked into here."""
    job = ClipImport(name=(archive.name or "archive.zip")[:200], licence=licence, requested_by=by)
    private_storage().save(job.archive, archive)
    return _store(job)


@in_turn
def _store(job: ClipImport) -> ClipImport:
    job.save(force_insert=True)
    record(action="request_import", about=job, by=job.requested_by, licence=job.licence)
    transaction.on_commit(partial(tasks.send, tasks.import_clips, [job.pk]))
    return job
