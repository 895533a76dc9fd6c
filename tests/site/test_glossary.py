"""One list of words: document and page say the same, every link leads to an entry, participants see none of it."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from melodymuse_site.glossary import DOCUMENT, ENTRIES, GROUPS, document
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.participating import Listener

TEMPLATES = Path(settings.BASE_DIR) / "templates"
USED = re.compile(r'{% words? "([^"]*)"')
LINKED = re.compile(r'href="/glossary/#([\w-]+)"')
EXPECTED = (
    *("pair", "pair-version", "clip", "stimulus", "condition", "cell", "gold", "practice", "repeat", "lure", "target"),
    *("spread", "lease", "claim", "seed", "preload", "confidence-interval", "bootstrap-replicate", "consensus", "hit"),
    *("chance", "d-prime", "alpha", "unbiased-hit-rate"),
)
PAGES = ("studies", "study_new", "study", "study_clips", "study_publish", "study_monitor", "study_people", "results")


def the_page() -> str:
    client = Client()
    client.force_login(make_researcher())
    return client.get("/glossary/").content.decode()


def test_the_words_of_the_field_are_in_it_once() -> None:
    slugs = [entry.slug for group in GROUPS for entry in group.entries]
    assert sorted(slugs) == sorted(set(slugs))
    assert [slug for slug in EXPECTED if slug not in ENTRIES] == []


def test_every_entry_leads_to_entries() -> None:
    assert [(e.slug, slug) for e in ENTRIES.values() for slug in e.see if slug not in ENTRIES or slug == e.slug] == []


def test_the_document_is_made_from_the_list() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "python -m melodymuse_site.glossary --write"


@pytest.mark.django_db
def test_the_page_and_the_document_have_the_same_entries() -> None:
    pattern = re.compile(r'<dt id="([\w-]+)">(.*?)</dt><dd>(.*?)(?: See <a.*?)?</dd>', re.DOTALL)
    on_page = [tuple(map(html.unescape, found)) for found in pattern.findall(the_page())]
    written = re.findall(
        r'^- <a id="([\w-]+)"></a>\*\*(.*?)\*\*: (.*?)(?: See \[.*)?$',
        DOCUMENT.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert on_page == written
    assert len(on_page) == len(ENTRIES) > 50


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_every_word_that_a_template_links_is_an_entry(template: Path) -> None:
    used = [slug for slugs in USED.findall(template.read_text(encoding="utf-8")) for slug in slugs.split()]
    assert [slug for slug in used if slug not in ENTRIES] == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*PAGES, "planning", "pairs", "run_new", "pair_version"])
def test_the_pages_of_researchers_link_the_words_they_use(name: str) -> None:
    owner = make_researcher(is_superuser=True)
    versions = make_versions(2)
    study = make_study(by=owner, versions=versions, publish=name not in {"study_clips", "study_publish"})
    client = Client()
    client.force_login(owner)
    if name == "results":
        client.post(reverse("results_open", args=[study.slug]))
    arguments = {"pair_version": [versions[0].public_id]}
    if name in PAGES[2:]:
        arguments[name] = [study.slug]
    chosen = {"picture": str(versions[0].pair.image.public_id)} if name == "run_new" else {}
    page = client.get(reverse(name, args=arguments.get(name, [])), chosen).content.decode()
    on_glossary = set(re.findall(r'<dt id="([\w-]+)"', client.get("/glossary/").content.decode()))
    linked = LINKED.findall(page)
    assert len(linked) >= 4
    assert [slug for slug in linked if slug not in on_glossary] == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["home", "study_log", "study_monitor", "study_recruiting", "pictures", "runs"])
def test_every_page_of_somebody_who_is_logged_in_leads_to_the_glossary(name: str) -> None:
    owner = make_researcher()
    owner.is_staff = owner.is_superuser = True
    owner.save()
    study = make_study(by=owner, versions=make_versions(2))
    client = Client()
    client.force_login(owner)
    page = client.get(reverse(name, args=[study.slug] if name.startswith("study_") else []))
    assert page.status_code == 200
    assert '<a href="/glossary/">Glossary</a>' in page.content.decode()
    assert "glossary" not in Client().get("/").content.decode().lower()


@pytest.mark.django_db
def test_participants_are_told_of_no_word_and_of_no_glossary() -> None:
    study = make_study(versions=make_versions(2), practice_trials=0)
    listener = Listener(study.slug)
    pages = [listener.get().content.decode()]
    listener.take_part()
    pages.append(listener.page)
    assert [page for page in pages if "glossary" in page.lower() or 'class="word' in page] == []
    assert Client().get("/glossary/").headers["Location"] == "/accounts/login/?next=/glossary/"


def test_no_template_of_participants_can_link_it() -> None:
    folder = TEMPLATES / "survey" / "participant"
    shared = [TEMPLATES / name for name in ("base.html", "404.html", "403_csrf.html", "refused.html", "home.html")]
    assert [str(page) for page in [*folder.glob("*.html"), *shared] if "glossary" in page.read_text()] == []
