"""A site of an earlier release, brought to this one: its studies' exports are the same bytes.

`release/backup.zip` is a backup (without media) that the code before questions were declared once wrote, and
`release/packs.json` what it exported of it. One study asks everything that there was to ask, in two languages, with
people who left, withdrew or were set aside; the other asks nothing beside yes or no. PostgreSQL gives the keys of JSON
back in an order of its own: a file that holds such has a hash for either engine.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.site.sites import Site, databases_removed, make_database

pytestmark = [pytest.mark.service, pytest.mark.database, pytest.mark.timeout(1800)]
RELEASE = Path(__file__).parent / "release"
STUDIES = ("everything-asked", "little-asked")
ENGINE = "postgresql" if "postgresql" in settings.DATABASES["default"]["ENGINE"] else "sqlite"


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site of the earlier release, restored and migrated on the engine of this run."""
    folder = tmp_path_factory.mktemp("upgraded")
    with zipfile.ZipFile(RELEASE / "backup.zip") as kept:
        kept.extractall(folder / "backup")
    with databases_removed() as made:
        made.append(make_database() if ENGINE == "postgresql" else "")
        (folder / "data").mkdir()
        site = Site(folder / "data", made[-1])
        site.manage("restore", str(folder / "backup"))
        site.manage("migrate", "--check")
        yield site


def written_then(export: str) -> list[dict[str, Any]]:
    """What the manifest of that export said of its files."""
    files = json.loads((RELEASE / "packs.json").read_text())[export]
    return [
        {**entry, "sha256": entry["sha256"] if isinstance(entry["sha256"], str) else entry["sha256"][ENGINE]}
        for entry in files
    ]


def exported(site: Site, slug: str, ending: str, *options: str) -> Path:
    path = site.folder / f"{slug}{''.join(options)}{ending}"
    site.manage("export", slug, "--out", str(path), *options)
    return path


@pytest.mark.parametrize("slug", STUDIES)
@pytest.mark.parametrize("options", [(), ("--bom",)], ids=["plain", "with a mark"])
def test_a_pack_holds_the_same_files_with_the_same_bytes(upgraded: Site, slug: str, options: tuple[str, ...]) -> None:
    expected = written_then(" ".join([slug, *options]))
    with zipfile.ZipFile(exported(upgraded, slug, ".zip", *options)) as pack:
        found = json.loads(pack.read("manifest.json"))
        assert {"format_version": found["format_version"], "files": found["files"]} == {
            "format_version": "2",
            "files": expected,
        }
        assert {entry["name"]: hashlib.sha256(pack.read(entry["name"])).hexdigest() for entry in expected} == {
            entry["name"]: entry["sha256"] for entry in expected
        }
        assert sorted(pack.namelist()) == sorted([*(entry["name"] for entry in expected), "manifest.json"])


@pytest.mark.parametrize("slug", STUDIES)
@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_the_long_table_alone_is_the_same_bytes(upgraded: Site, slug: str, ending: str) -> None:
    expected = json.loads((RELEASE / "packs.json").read_text())[f"{slug}{ending}"]
    assert hashlib.sha256(exported(upgraded, slug, ending).read_bytes()).hexdigest() == expected
