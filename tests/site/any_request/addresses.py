"""Every address the site knows, read from Django's resolver: a new one is among them by itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.urls import URLResolver, get_resolver


@dataclass(frozen=True, slots=True)
class Address:
    """`template` holds `%(name)s` for every one of `names`."""

    template: str
    names: tuple[str, ...]


@cache
def every_address(urlconf: str) -> tuple[Address, ...]:
    """All addresses below `urlconf`, Django's own and the administration's too."""
    return tuple(dict.fromkeys(_of(get_resolver(urlconf), "/")))


def _of(resolver: URLResolver, prefix: str) -> list[Address]:
    found = []
    for _, ways in resolver.reverse_dict.lists():
        for possibilities, *_rest in ways:
            found += [Address(prefix + template, tuple(names)) for template, names in possibilities]
    for below, inner in resolver.namespace_dict.values():
        found += _of(inner, prefix + below)
    return sorted(found, key=lambda address: address.template)
