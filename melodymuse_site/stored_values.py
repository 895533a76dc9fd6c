"""What a JSON field stores, as the administration shows it: names beside values, not the brackets of a program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import admin
from django.db.models import JSONField, Model
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

MOST_ENTRIES: Final = 40
"""Of a longer list, as the notes of a clip, the length is told."""


def show_stored(value: Any) -> SafeString:
    """A stored value as HTML."""
    if value is None or value == "" or value == [] or value == {}:
        return SafeString("–")
    if isinstance(value, Mapping):
        rows = ((str(name).replace("_", " "), show_stored(one)) for name, one in value.items())
        return format_html('<dl class="stored">{}</dl>', format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows))
    if isinstance(value, list | tuple):
        if len(value) > MOST_ENTRIES:
            return format_html("{} entries", len(value))
        if any(isinstance(one, Mapping | list | tuple) for one in value):
            items = format_html_join("", "<li>{}</li>", ((show_stored(one),) for one in value))
            return format_html("<ul>{}</ul>", items)
        return format_html("{}", ", ".join(_words(one) for one in value))
    return format_html("{}", _words(value))


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}".replace("-", "−") if isinstance(value, float) else str(value)


def stored_fields(model: type[Model]) -> dict[str, Callable[[Any], SafeString]]:
    """For every JSON field of `model` what shows it; `fields` of an admin take it in the place of the field's name."""
    return {
        field.name: _shower(field.name, str(field.verbose_name))
        for field in model._meta.get_fields()
        if isinstance(field, JSONField)
    }


def _shower(name: str, words: str) -> Callable[[Any], SafeString]:
    @admin.display(description=words[:1].upper() + words[1:])
    def show(row: Any) -> SafeString:
        return show_stored(getattr(row, name))

    show.__name__ = f"{name}_shown"
    return show
