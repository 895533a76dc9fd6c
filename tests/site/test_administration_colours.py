"""The administration has the colours of the site: every pair of text and ground that Django draws can be read."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "melodymuse_site/static/site"
LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3 (AA)
TEXT_ON = [
    ("body-fg", "body-bg"),
    ("body-fg", "darkened-bg"),
    ("body-fg", "selected-bg"),
    ("body-fg", "selected-row"),
    ("body-fg", "message-success-bg"),
    ("body-fg", "message-warning-bg"),
    ("body-fg", "message-error-bg"),
    ("body-quiet-color", "body-bg"),
    ("body-quiet-color", "darkened-bg"),
    ("link-fg", "body-bg"),
    ("link-fg", "darkened-bg"),
    ("link-fg", "selected-row"),
    ("link-hover-color", "body-bg"),
    ("error-fg", "body-bg"),
    ("primary-fg", "primary"),
    ("primary-fg", "secondary"),
    ("header-color", "header-bg"),
    ("header-branding-color", "header-bg"),
    ("header-link-color", "header-bg"),
    ("breadcrumbs-fg", "breadcrumbs-bg"),
    ("breadcrumbs-link-fg", "breadcrumbs-bg"),
    ("button-fg", "button-bg"),
    ("button-fg", "button-hover-bg"),
    ("button-fg", "default-button-bg"),
    ("button-fg", "default-button-hover-bg"),
    ("button-fg", "close-button-bg"),
    ("button-fg", "close-button-hover-bg"),
    ("button-fg", "delete-button-bg"),
    ("button-fg", "delete-button-hover-bg"),
]


def declared(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", text))


def variables(scheme: str) -> dict[str, str]:
    tokens = (STATIC / "tokens.css").read_text(encoding="utf-8")
    light, dark = tokens.split("@media (prefers-color-scheme: dark)")
    found = declared(light) | (declared(dark) if scheme == "dark" else {})
    return found | declared((STATIC / "administration-colours.css").read_text(encoding="utf-8"))


def colour(name: str, known: dict[str, str]) -> str:
    value = known[name]
    follows = re.fullmatch(r"var\(--([\w-]+)\)", value)
    return colour(follows[1], known) if follows else value


def luminance(value: str) -> float:
    parts = [int(value[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    """The greatest there is, and the grey that WebAIM gives as the lightest that passes on white."""
    assert contrast("#ffffff", "#000000") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_of_the_administration_can_be_read(text: str, ground: str, scheme: str) -> None:
    known = variables(scheme)
    assert contrast(colour(text, known), colour(ground, known)) >= LEAST_CONTRAST
