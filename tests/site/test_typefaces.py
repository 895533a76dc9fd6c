"""The typefaces that the site carries are those of their packages, small, and the ones that pages name."""

import hashlib
import re
from pathlib import Path

import pytest

SITE = Path(__file__).parents[2] / "melodymuse_site/static/site"
FONTS = SITE / "fonts"
LARGEST = 120_000
# Of the packages named in fonts/README.md: source-sans-3 5.3.1 (variable and static) and source-serif-4 5.3.1.
HASHES = {
    "source-sans-3-latin-ext-400-normal.woff2": "f5706bb057951632456ecbc496dfd01f0e1598718cb31c464c74a6b1fe79c837",
    "source-sans-3-latin-wght-normal.woff2": "19143dca075972bc84e3fd9eab7416dd40cc565dccb2435a044bdfabe060c7d5",
    "source-serif-4-latin-600-normal.woff2": "f2b7e1cf1d277b7608231868135648f8ad8e2b58d8e97ca088bee15dc357bee7",
    "source-serif-4-latin-ext-600-normal.woff2": "ba70bfd7a5f52800fb9abedfe1926db2b1b614b10cb8ac1e5798a14fb06a02d4",
    "OFL.txt": "18aabf190848725e2576eefb5c29ba06aac1029d02132252a7f312eac2e50cf3",
}


def test_the_files_are_those_of_the_packages():
    found = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in FONTS.iterdir() if file.suffix != ".md"
    }
    assert found == HASHES


def test_all_of_them_are_small():
    assert sum(file.stat().st_size for file in FONTS.glob("*.woff2")) <= LARGEST


def test_every_file_is_named_by_the_style_sheet_and_every_name_is_a_file():
    named = set(re.findall(r'url\("fonts/([^"]+)"\)', (SITE / "tokens.css").read_text()))
    assert named == {name for name in HASHES if name.endswith(".woff2")}


@pytest.mark.django_db
def test_what_a_page_fetches_ahead_is_a_file_of_the_two_latin_faces(client):
    html = client.get("/").content.decode()
    ahead = re.findall(r'rel="preload" href="[^"]*/([\w-]+?)(?:\.[0-9a-f]{12})?\.woff2"', html)
    assert ahead == ["source-sans-3-latin-wght-normal", "source-serif-4-latin-600-normal"]
