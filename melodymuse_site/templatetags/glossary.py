"""Links from the words on a researcher's page to the glossary. Participants' pages never load this."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from melodymuse_site.glossary import ENTRIES, Entry

register = template.Library()


def _link(entry: Entry, text: str) -> SafeString:
    return format_html('<a class="word" href="{}#{}">{}</a>', reverse("glossary"), entry.slug, text)


@register.simple_tag
def word(slug: str, text: str = "") -> SafeString:
    """A word within a sentence, as a link to its entry."""
    return _link(ENTRIES[slug], text or ENTRIES[slug].term)


@register.simple_tag
def words(slugs: str) -> SafeString:
    """A line at the end of a page: the words that it uses, each as a link to its entry."""
    links = format_html_join(", ", "{}", ((_link(ENTRIES[slug], ENTRIES[slug].term),) for slug in slugs.split()))
    whole = format_html('<a href="{}">the whole glossary</a>', reverse("glossary"))
    return format_html('<p class="words small muted">What words mean: {}; {}.</p>', links, whole)
