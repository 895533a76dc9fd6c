"""Every address the site knows, read from Django's resolver: a new one is among them by itself."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.urls import URLResolver, get_resolver


@dataclass(frozen=True, slots=True)
class Address:
    """`template` holds `%(name)s` for every one of `names`; `file` is where the view is written."""

    template: str
    names: tuple[str, ...]
    file: str


@cache
def every_address(urlconf: str) -> tuple[Address, ...]:
    """All addresses below `urlconf`, Django's own and the administration's too."""
    return tuple(dict.fromkeys(_of(get_resolver(urlconf), "/")))


def _of(resolver: URLResolver, prefix: str) -> list[Address]:
    found = []
    for view, ways in resolver.reverse_dict.lists():
        if callable(view):  # the others are the same addresses by their names
            for possibilities, *_rest in ways:
                found += [Address(prefix + template, tuple(names), _file(view)) for template, names in possibilities]
    for below, inner in resolver.namespace_dict.values():
        found += _of(inner, prefix + below)
    return sorted(found, key=lambda address: address.template)


def _file(view: Callable[..., object]) -> str:
    return inspect.getsourcefile(inspect.unwrap(view)) or ""
