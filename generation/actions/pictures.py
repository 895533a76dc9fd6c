"""Pictures: taken in, described, labelled anew."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from django.db import transaction

from generation import queries, tasks
from generation.audit import Actor, record
from generation.emotion_lists import tidy_name
from generation.images.intake import take_in
from generation.models import SourceImage
from melodymuse_site.storage import keep
from melodymuse_site.turns import ActionRefused, in_turn, lock_row

WORDS: Final = ("title", "alt_text", "licence", "attribution")
UNLABELLED: Final[Mapping[str, Any]] = {
    "probabilities": {},
    "features": {},
    "implied": {},
    "seen": {},
    "labelling_error": "",
    "labelled_by": None,
}
"""Nothing of earlier labels: music waits for the new one, the sweep sends what no message reaches."""


class EditRefused(ActionRefused):
    """Texts of a picture that this person may not change; the message says who may."""

    message = "Only who uploaded a picture, and administrators, may change its texts."

    def __init__(self) -> None:
        super().__init__(self.message)


def add_picture(
    *,
    data: bytes,
    filename: str,
    title: str = "",
    alt_text: str = "",
    licence: str = "",
    attribution: str = "",
    by: Actor,
    in_library: bool = True,
) -> tuple[SourceImage, bool]:
    """Take a picture in. The same picture twice is the same row: (picture, whether it is new).

    Raises PictureRefused, with one sentence for the person who sent it.
    """
    taken = take_in(data)
    name = keep(f"pictures/{taken.sha256}{taken.extension}", taken.data)
    facts = {
        "file": name,
        "width": taken.width,
        "height": taken.height,
        "bytes": len(taken.data),
        "title": title or _title_from(filename),
        "alt_text": alt_text,
        "licence": licence,
        "attribution": attribution,
        "uploader": by,
        "in_library": in_library,
    }
    return _store_picture(taken.sha256, facts, by)


@in_turn
def _store_picture(sha256: str, facts: Mapping[str, Any], by: Actor) -> tuple[SourceImage, bool]:
    """The row of a picture, and whether the library has it new."""
    picture, created = SourceImage.objects.select_for_update().get_or_create(sha256=sha256, defaults=facts)
    if created:
        transaction.on_commit(partial(tasks.send, tasks.label_picture, [picture.pk]))
    entered = facts["in_library"] and not picture.in_library
    if entered:
        picture.in_library = True
        picture.save(update_fields=["in_library"])
    record(action="add_picture", about=picture, by=by, new=created, in_library=picture.in_library)
    return picture, created or entered


def _title_from(filename: str) -> str:
    """The name as people read it: composed letters, no folder, nothing that a database refuses."""
    return tidy_name(filename.rsplit("/", 1)[-1])


@in_turn
def edit_picture(
    *, picture: SourceImage, title: str, alt_text: str, licence: str, attribution: str, by: Actor
) -> SourceImage:
    """Change what people wrote about a picture; the picture itself never changes, and published studies keep theirs.

    Raises EditRefused for everybody but the uploader and administrators; `by` is None for the server's own commands.
    """
    picture = lock_row(SourceImage, pk=picture.pk)
    if by is not None and not queries.may_edit_picture(by, picture):
        raise EditRefused
    before = {name: getattr(picture, name) for name in WORDS}
    picture.title, picture.alt_text, picture.licence, picture.attribution = title, alt_text, licence, attribution
    picture.save(update_fields=WORDS)
    changed = {name: [before[name], getattr(picture, name)] for name in WORDS if before[name] != getattr(picture, name)}
    record(action="edit_picture", about=picture, by=by, changed=changed)
    return picture


@in_turn
def delete_picture(*, picture: SourceImage, by: Actor) -> None:
    """Take a picture out of the library. One that music was made for is protected by the database, and stays.

    Raises EditRefused for everybody but the uploader and administrators.
    """
    picture = lock_row(SourceImage, pk=picture.pk)
    if by is not None and not queries.may_edit_picture(by, picture):
        raise EditRefused
    record(action="delete_picture", about=picture, by=by, sha256=picture.sha256)
    picture.delete()


@in_turn
def relabel_picture(*, picture: SourceImage, by: Actor) -> None:
    """Ask the image network once more, for instance after a failure or with a new default model."""
    lock_row(SourceImage, pk=picture.pk)
    SourceImage.objects.filter(pk=picture.pk).update(**UNLABELLED)
    picture.refresh_from_db()
    record(action="relabel_picture", about=picture, by=by)
    transaction.on_commit(partial(tasks.send, tasks.label_picture, [picture.pk]))
