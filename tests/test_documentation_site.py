"""The documentation as a site: it builds without a warning, and its pictures are small and of use."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
MOST_BYTES = 150_000
PICTURES = sorted((DOCS / "pictures").glob("*.webp"))


def python_with_mkdocs() -> str | None:
    """This Python, or that of the environment which `make docs` makes."""
    if importlib.util.find_spec("mkdocs") and importlib.util.find_spec("mkdocstrings_handlers"):
        return sys.executable
    other = ROOT / os.environ.get("DOCS_VENV", ".venv-docs") / "bin" / "python"
    return str(other) if other.exists() else None


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    python = python_with_mkdocs()
    if python is None:
        pytest.skip("The packages of requirements-docs.txt are not installed; `make docs` installs them.")
    built = subprocess.run(
        [python, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    said = (built.stdout + built.stderr).splitlines()
    assert (built.returncode, [line for line in said if not line.startswith("INFO")]) == (0, [])
    pages = {str(page.parent.relative_to(tmp_path / "site")) for page in (tmp_path / "site").rglob("index.html")}
    decisions = {f"decisions/{page.stem}" for page in (DOCS / "decisions").glob("*.md")} - {"decisions/index"}
    assert {"first-study", "glossary", "api/analysis", *decisions} - pages == set()
    # Examples are code: `>>>` at the beginning of a line would be a quotation within quotations.
    assert "<blockquote>\n<blockquote>" not in (tmp_path / "site" / "api" / "analysis" / "index.html").read_text()


def test_every_page_stands_in_the_navigation() -> None:
    """The decisions do by themselves; a new page of another folder is one line in mkdocs.yml."""
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md") if page.parent.name != "decisions"]
    assert [page for page in sorted(pages) if f": {page}\n" not in navigation] == []


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.stem)
def test_every_picture_is_small_and_shown_somewhere(picture: Path) -> None:
    pages = [ROOT / "README.md", *DOCS.rglob("*.md")]
    assert picture.stat().st_size < MOST_BYTES
    assert [page for page in pages if f"pictures/{picture.name})" in page.read_text(encoding="utf-8")] != []


def test_the_command_that_takes_the_pictures_takes_all_of_them() -> None:
    source = (DOCS / "building" / "screenshots.py").read_text(encoding="utf-8")
    assert [picture.stem for picture in PICTURES if f'"{picture.stem}"' not in source] == []
    assert len(PICTURES) >= 9
