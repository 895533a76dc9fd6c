"""Documentation that is incomplete fails here: every setting, command and page is described."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parent.parent
OWN_APPS = ("generation", "survey", "melodymuse_site")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def settings_read_from_the_environment() -> list[str]:
    sources = [
        *(ROOT / "melodymuse_site").rglob("*.py"),
        *(ROOT / ".ci").iterdir(),
        ROOT / "Makefile",
    ]
    names: set[str] = set()
    for source in sources:
        text = source.read_text(encoding="utf-8")
        names.update(
            re.findall(
                r"(?:self|_environment|environ\))\.(?:text|secret|flag|number|names|folder)\(\s*\"([A-Z][A-Z0-9_]+)\"",
                text,
            )
        )
        names.update(re.findall(r"environ\.get\(\"([A-Z][A-Z0-9_]+)\"", text))
    return sorted(names - {"DJANGO_SETTINGS_MODULE"})


def commands() -> list[str]:
    return sorted(file.stem for app in OWN_APPS for file in (ROOT / app / "management" / "commands").glob("[!_]*.py"))


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                yield from routes(pattern.url_patterns, route)
        elif pattern.callback.__module__.partition(".")[0] in OWN_APPS:
            yield route


@pytest.mark.parametrize("name", settings_read_from_the_environment())
def test_every_setting_is_described(name: str) -> None:
    assert f"`{name}`" in read("docs/settings.md")


@pytest.mark.parametrize("name", commands())
def test_every_command_is_described(name: str) -> None:
    assert f"`manage.py {name}" in read("docs/commands.md")


@pytest.mark.parametrize("route", sorted(set(routes(get_resolver().url_patterns))))
def test_every_page_is_described(route: str) -> None:
    plain = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route).replace("^", "").replace("\\.", ".").removesuffix("$")
    plain = re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", plain)
    assert f"`{plain}`" in read("docs/pages.md")


@pytest.mark.parametrize("target", re.findall(r"^(\w[\w-]*):", read("Makefile"), flags=re.MULTILINE))
def test_every_make_target_is_described(target: str) -> None:
    assert f"`make {target}" in read("README.md") + read("docs/commands.md")


@pytest.mark.parametrize("page", sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")))
def test_no_link_of_the_documentation_is_broken(page: str) -> None:
    folder = (ROOT / page).parent
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", read(page))
    assert [link for link in links if not (folder / link).exists()] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_no_link_of_the_first_pages_is_broken(page: str) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", read(page))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_line_of_the_requirements_is_pinned_and_says_why() -> None:
    for file in ("requirements.txt", "requirements-no-deps.txt", "requirements-docs.txt"):
        for line in read(file).splitlines():
            if line and not line.startswith("#"):
                assert re.fullmatch(r"[a-z0-9_.\[\],-]+==\S+( *;[^#]+)?  # \S.*", line), line
