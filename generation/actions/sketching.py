"""The create page's requests: try a picture out, make one clip, send it to the library."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

from generation import queries
from generation.actions.pictures import add_picture
from generation.actions.runs import RunRefused, request_run
from generation.audit import record
from generation.emotions import nearest_emotion
from generation.models import GenerationRun, PairVersion, SourceImage
from melodymuse_site.turns import in_turn, lock_row

MOST_OPEN_SKETCHES = 3


class TooManySketches(RunRefused):
    """So many of a person's pieces are being made that the next one has to wait."""


def add_sketch_picture(*, data: bytes, filename: str, by: AbstractBaseUser) -> SourceImage:
    """Take a picture in without listing it in the library. Raises PictureRefused."""
    picture, _ = add_picture(data=data, filename=filename, by=by, in_library=False)
    return picture


@in_turn
def sketch(
    *,
    picture: SourceImage,
    emotion: str | None,
    target: Mapping[str, float] | None,
    composer: str,
    seed: int | None,
    quick: bool = False,
    by: AbstractBaseUser,
) -> PairVersion:
    """Ask for one clip. `emotion` None: the emotion nearest to `target`, or the picture's most probable one.

    `quick` has the composer write a single piece, not choose among several: it is there soonest.

    Raises RunRefused, also while the person has three clips being made.
    """
    lock_row(get_user_model(), pk=by.pk)  # one wish of a person after the other: they are counted
    waiting = queries.sketches_of(by).filter(status__in=queries.OPEN).count()
    if waiting >= MOST_OPEN_SKETCHES:
        raise TooManySketches(f"{waiting} of your pieces are still being made; wait until one is ready.")
    if emotion is None and target is not None:
        emotion = nearest_emotion(target["valence"], target["arousal"], target["dominance"]).slug
    run = request_run(
        pictures=[picture],
        emotions={picture.pk: emotion} if emotion else None,
        composer=composer,
        seed=seed,
        reason="Made on the create page",
        targets={picture.pk: target} if target else None,
        options={"sketch": True, **({"candidates": 1} if quick else {})},
        by=by,
    )
    return run.versions.get()


@in_turn
def send_to_library(*, version: PairVersion, by: AbstractBaseUser) -> None:
    """List the clip and its picture with everything else; doing it twice changes nothing."""
    GenerationRun.objects.filter(pk=version.run_id).update(in_library=True)
    SourceImage.objects.filter(pk=version.pair.image_id).update(in_library=True)
    record(action="send_to_library", about=version, by=by)
