"""Numbers in the words of the analysis, media addresses, and heads of sortable columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from survey.analysis import wording
from survey.figures.unbroken import unbroken as write_unbroken

register = template.Library()

register.filter("share", wording.share)
register.filter("shares", wording.shares)
register.filter("decimal", wording.decimal)
register.filter("decimals", wording.decimals)
register.filter("points", wording.points)
register.filter("points_interval", wording.points_interval)
register.filter("p_value", wording.p_value)


@register.filter
def unbroken(text: str) -> SafeString:
    """Return a text with intervals and percentages that no line ends in."""
    return mark_safe(write_unbroken(str(text)))  # it escapes the text


@register.filter
def media(name: str) -> str:
    """Return the address of a media file."""
    return reverse("media", args=[name])


@register.simple_tag(takes_context=True)
def results_url(context: dict[str, Any], page: str = "", *parts: Any) -> str:
    """Return the address of a page of the results for whoever reads: a member, or the holder of a link."""
    address: str = context["request"].reader.address(page, *parts)
    return address


@register.filter
def times(chosen: Mapping[str, int], answer: str) -> int:
    """How often an answer was given to a clip."""
    return chosen.get(answer, 0)


@register.filter
def plain(value: float | None) -> str:
    """A number as a field of a form takes it, whatever the language; empty for none."""
    return "" if value is None else f"{value:g}"


@register.simple_tag
def sort_head(sorting: dict[str, Any], name: str, label: str) -> SafeString:
    """Return a column head that sorts by its column; works without JavaScript."""
    column = sorting[name]
    mark = {"ascending": " ↑", "descending": " ↓", "none": ""}[column["state"]]
    return format_html(
        '<th scope="col" aria-sort="{}"><a href="{}" data-clip-link="{}">{}</a>{}</th>',
        *(column["state"], column["address"], name, label, mark),
    )
