"""Rows to test with: real pictures, real runs."""

from __future__ import annotations

import io
from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, Group
from PIL import Image

from generation import actions
from generation.models import GenerationRun, PairVersion, SourceImage


def picture_bytes(shade: int = 120, size: tuple[int, int] = (64, 48)) -> bytes:
    """A small PNG whose left half is `shade` and right half its complement."""
    image = Image.new("RGB", size, (shade, 80, 40))
    image.paste((255 - shade, 120, 200), (size[0] // 2, 0, size[0], size[1]))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def make_researcher(name: str = "rosa") -> AbstractBaseUser:
    user = get_user_model().objects.create_user(name, password="correct horse battery")
    user.groups.add(Group.objects.get(name="Researchers"))
    return user


def make_picture(shade: int = 120, by: AbstractBaseUser | None = None) -> SourceImage:
    picture, _ = actions.add_picture(data=picture_bytes(shade), filename=f"{shade}.png", by=by)
    return picture


def make_run(pictures: Sequence[SourceImage], *, slug: str = "sadness", seeds: int = 1, seed: int = 1) -> GenerationRun:
    return actions.request_run(
        pictures=pictures,
        emotions={picture.pk: slug for picture in pictures},
        composer="paper",
        seeds_per_picture=seeds,
        seed=seed,
        by=None,
    )


def only_version(run: GenerationRun) -> PairVersion:
    return run.versions.get()
