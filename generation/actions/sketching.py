"""The create page's requests: try a picture out, make one clip, send it to the library."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Exists, OuterRef, Q

from generation import queries
from generation.actions.pictures import add_picture
from generation.actions.runs import RunRefused, request_run
from generation.audit import record
from generation.emotions import nearest_emotion
from generation.models import GenerationRun, PairVersion, SourceImage
from melodymuse_site.jobs import leases
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

    What is being made already for the same wish is given again. Where the person has three clips being made, the
    oldest take that waits and that nobody pressed a button for gives way to the new one. Raises RunRefused, also
    where none of the three gives way.
    """
    lock_row(get_user_model(), pk=by.pk)  # one wish of a person after the other: they are counted
    if emotion is None and target is not None:
        emotion = nearest_emotion(target["valence"], target["arousal"], target["dominance"]).slug
    wished = _open_like(picture, emotion or queries.top_emotion(picture), target, composer, by)
    for version in wished:
        if version.run.options.get("candidates") == (1 if quick else None) and seed in (None, version.run.seed):
            return version
    if seed is None and wished:
        seed = wished[0].run.seed  # its first take is being made: this is the better one of the same piece
    _make_room(by)
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


def _open_like(
    picture: SourceImage, emotion: str | None, target: Mapping[str, float] | None, composer: str, by: AbstractBaseUser
) -> list[PairVersion]:
    """The person's pieces for the same wish that are being made, newest first."""
    alike = queries.sketches_of(by).filter(
        pair__image=picture, pair__emotion__slug=emotion, composer=composer, status__in=queries.OPEN
    )
    return [version for version in alike if version.target == (dict(target) if target else None)]


def _make_room(by: AbstractBaseUser) -> None:
    """Cancel the oldest takes that wait and that moving the pad asked for. Raises TooManySketches."""
    sketches = queries.sketches_of(by)
    waiting = sketches.filter(status__in=queries.OPEN).count()
    if waiting < MOST_OPEN_SKETCHES:
        return
    # A first take, or the better one of the same seed that the page asks for when the first is there.
    first = sketches.filter(run__options__candidates=1, pair=OuterRef("pair"), run__seed=OuterRef("run__seed"))
    unasked = sketches.filter(Q(run__options__candidates=1) | Exists(first), status=PairVersion.Status.QUEUED)
    oldest = list(unasked.order_by("pk").values_list("pk", flat=True)[: waiting - MOST_OPEN_SKETCHES + 1])
    if waiting - leases.cancel(PairVersion.objects.filter(pk__in=oldest)) >= MOST_OPEN_SKETCHES:
        raise TooManySketches(f"{waiting} of your pieces are still being made; this one follows when one is ready.")


@in_turn
def send_to_library(*, version: PairVersion, by: AbstractBaseUser) -> None:
    """List the clip and its picture with everything else; doing it twice changes nothing."""
    GenerationRun.objects.filter(pk=version.run_id).update(in_library=True)
    SourceImage.objects.filter(pk=version.pair.image_id).update(in_library=True)
    record(action="send_to_library", about=version, by=by)
