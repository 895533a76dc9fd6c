"""What JSON fields store, as the administration shows it."""

from typing import Any

import pytest

from melodymuse_site.stored_values import MOST_ENTRIES, show_stored


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (None, "–"),
        ({}, "–"),
        ([], "–"),
        (0, "0"),
        (False, "no"),
        (-0.123456, "−0.1235"),
        ("<b>", "&lt;b&gt;"),
        (["phone", "tablet"], "phone, tablet"),
        ({"note_density": 2.0}, '<dl class="stored"><dt>note density</dt><dd>2</dd></dl>'),
        ([{"a": 1}], '<ul><li><dl class="stored"><dt>a</dt><dd>1</dd></dl></li></ul>'),
        (list(range(MOST_ENTRIES + 1)), "41 entries"),
    ],
)
def test_what_is_stored_is_shown_in_words(stored: Any, shown: str) -> None:
    assert show_stored(stored) == shown
