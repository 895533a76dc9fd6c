"""Rows that a request names by their public ids."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from generation.models import SourceImage


def read_ids(texts: Iterable[str]) -> list[UUID]:
    """The well-formed ones among `texts`."""
    ids = []
    for text in texts:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids


def chosen_pictures(texts: Iterable[str]) -> list[SourceImage]:
    """The pictures named by public ids, in that order, each once."""
    ids = list(dict.fromkeys(read_ids(texts)))
    found = {picture.public_id: picture for picture in SourceImage.objects.filter(public_id__in=ids)}
    return [found[public_id] for public_id in ids if public_id in found]


def pictures_by_key(keys: Iterable[int]) -> list[SourceImage]:
    """The pictures with these keys, in that order."""
    found = SourceImage.objects.in_bulk(list(keys))
    return [found[key] for key in keys if key in found]
