"""A picture's description is English: on pages in another language it is marked so, beside words of that language."""

import re

import pytest

from generation.models import SourceImage
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["de", "es", "fr", "tr"])
def test_on_other_pages_the_alternative_is_in_their_language_and_the_description_marked(language):
    versions = make_versions(2)
    SourceImage.objects.update(alt_text="A grey area")
    page = Listener(make_study(versions=versions, language=language).slug).begin().page
    alternative = re.search(r'<figure class="trial-picture"><img [^>]*alt="([^"]*)"', page).group(1)
    assert alternative not in ("", "A grey area", "The picture of this clip")
    assert '<figcaption class="visually-hidden" lang="en" dir="ltr">A grey area</figcaption>' in page


def test_on_english_pages_the_description_is_the_alternative():
    versions = make_versions(2)
    SourceImage.objects.update(alt_text="A grey area")
    page = Listener(make_study(versions=versions).slug).begin().page
    assert 'alt="A grey area"' in page
    assert "figcaption" not in page
