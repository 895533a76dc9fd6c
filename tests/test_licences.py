"""The code, every network and every package whose licence asks for something are named where people look."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.parts import read_lock

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
WEIGHTS = ROOT / "generation" / "networks" / "weights"
ASKS_FOR_MORE = re.compile(r"GPL|Mozilla|MPL|Zope|ZPL|OFL|Eclipse|EUPL|CC-BY", re.IGNORECASE)


def read_licence(package: str) -> str:
    """What a package says of its licence, by whichever of the three fields it uses."""
    metadata = distribution(package).metadata
    classifiers = [line for line in metadata.get_all("Classifier") or [] if line.startswith("License")]
    return " ".join([metadata.get("License-Expression") or "", *classifiers])


def installed_packages() -> list[str]:
    return [name for name, pin in read_lock().items() if pin.marker is None or pin.marker.evaluate()]


def test_the_code_is_under_the_licence_that_the_package_names() -> None:
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License\n\nCopyright (c) 2026 The MelodyMuse")
    assert "license: MIT\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_the_citation_names_the_version_of_the_package() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert re.findall(r'^version: "(.*)"$', (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.M) == [version]


def test_every_network_that_is_shipped_has_its_terms() -> None:
    shipped = {str(path.parent.relative_to(WEIGHTS)) for path in WEIGHTS.glob("*/*/manifest.json")}
    table = PAGE.partition("## Weights")[2].partition("## Data")[0]
    named = {name for row in re.findall(r"^\| (`[^|]+) \|", table, re.M) for name in re.findall(r"`([^`]+)`", row)}
    assert named == shipped


@pytest.mark.parametrize("card", sorted((ROOT / "docs" / "models").glob("*.md")), ids=lambda card: card.stem)
def test_every_model_card_leads_to_the_licences(card: Path) -> None:
    assert "(../licences.md)" in card.read_text(encoding="utf-8")


@pytest.mark.parametrize("sheet", sorted((ROOT / "docs" / "data").glob("*.md")), ids=lambda sheet: sheet.stem)
def test_every_data_sheet_says_how_the_data_may_be_used(sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8")
    assert re.search(r"Licence[.?]\*\*|CC BY|under their terms", text), f"{sheet.name} says nothing of a licence"


def test_every_package_whose_licence_asks_for_more_is_named() -> None:
    asking = {name for name in installed_packages() if ASKS_FOR_MORE.search(read_licence(name))}
    table = PAGE.partition("## Packages that are installed")[2]
    named = set(re.findall(r"[a-z0-9-]+", " ".join(re.findall(r"^\| ([^|]+) \|", table, re.M))))
    assert {name for name in asking if name.partition("-binary")[0].partition("-pool")[0] not in named} == set()
