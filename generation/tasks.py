"""What Celery workers are told: thin nudges. The row is the truth; making lives in `production`."""

from __future__ import annotations

from celery import shared_task

from generation.models import PairVersion
from melodymuse_site.jobs import sweeping
from melodymuse_site.nudges import send

__all__ = ["import_clips", "label_picture", "make_pair_version", "send", "sweep"]


@shared_task
def make_pair_version(version_id: int) -> None:
    """Make the music of one pair version, if nobody else has."""
    from generation import production

    if production.make_pair_version(version_id):
        send(make_pair_version, [version_id])


@shared_task
def label_picture(picture_id: int) -> None:
    """Measure a picture and ask the image network for its emotions."""
    from generation import production

    production.label_picture(picture_id)


@shared_task
def import_clips(import_id: int) -> None:
    """Import an archive of clips, a while at a time, and have its pictures labelled."""
    from generation.importing.rounds import work_on_import

    worked = work_on_import(import_id)
    send(label_picture, worked.pictures)
    send(import_clips, worked.waiting)
    if worked.goes_on:
        send(import_clips, [import_id])


@shared_task
def sweep() -> None:
    """Give back what dead workers held and re-send what waited too long."""
    from generation import production
    from generation.importing.rounds import sweep_imports
    from melodymuse_site.health import note_sweep

    send(make_pair_version, sweeping.sweep(PairVersion).to_send)
    send(label_picture, production.pictures_to_send())
    send(import_clips, sweep_imports())
    note_sweep()
