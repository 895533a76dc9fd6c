"""A composer from a package beside MelodyMuse: offered, heard, studied, exported; and gone without harm."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from generation import actions, production, queries
from generation.checks import check_composers
from generation.models import PairVersion, SourceImage
from generation.music.length import CLIP_SECONDS
from generation.networks.composers import find_composers, installed_composers
from generation.networks.composers.built_in import BUILT_IN
from survey.models import Stimulus
from tests.extending.conftest import PACKAGE
from tests.generation.factories import make_picture, make_researcher, picture_bytes
from tests.survey.answering import answer_study
from tests.survey.factories import make_study

ROOT = Path(__file__).resolve().parents[2]
GUIDE = "docs/extending.md"
OWN = [composer.name for composer in BUILT_IN]


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def remove(hello: str, site_packages: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Takes the example package away, as the next start of the site would find it."""

    def take_away() -> None:
        monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry != str(site_packages)])
        find_composers.cache_clear()
        assert hello not in installed_composers()

    return take_away


def make_clips(composer: str, *emotions: str) -> list[PairVersion]:
    """Clips as a worker makes them, one for each emotion."""
    pictures = {slug: make_picture(40 + 30 * number) for number, slug in enumerate(emotions)}
    labelled = SourceImage.objects.filter(pk__in=[picture.pk for picture in pictures.values()])
    labelled.update(probabilities={"awe": 1.0}, features={"brightness": 0.5})
    chosen = {picture.pk: slug for slug, picture in pictures.items()}
    run = actions.request_run(pictures=list(pictures.values()), emotions=chosen, composer=composer, seed=3, by=None)
    for version in run.versions.all():
        production.make_pair_version(version.pk)
    return list(run.versions.order_by("pk"))


def check_site(folder: Path) -> subprocess.CompletedProcess[str]:
    """`manage.py check` with one more folder of packages."""
    command = [sys.executable, "manage.py", "check"]
    environment = os.environ | {"PYTHONPATH": str(folder), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)


@pytest.mark.parametrize("name", ["pyproject.toml", "hello_composer.py"])
def test_the_guide_shows_the_package_that_is_installed_here(name: str) -> None:
    shown = re.findall(r"^```\w+\n(.*?)^```", (ROOT / GUIDE).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert (PACKAGE / name).read_text(encoding="utf-8") in shown


def test_the_package_is_two_files() -> None:
    assert sorted(path.name for path in PACKAGE.iterdir() if path.is_file()) == ["hello_composer.py", "pyproject.toml"]


def test_the_composer_stands_behind_our_own_with_what_it_says_of_itself(hello: str) -> None:
    assert list(installed_composers()) == [*OWN, hello]
    assert queries.composer_choices()[-1] == (
        "hello",
        "Hello: a scale up and down, as pleasant and as fast as the emotion",
    )
    assert check_composers() == []


def test_the_web_process_reads_the_declaration_and_loads_no_network_with_it(site_packages: Path) -> None:
    code = (
        "import sys; import melodymuse_site.wsgi; from django.urls import get_resolver; get_resolver().url_patterns; "
        "from generation import forms, queries; print([name for name, _ in queries.composer_choices()][-1], "
        "sorted({'tensorflow', 'keras', 'music21', 'onnxruntime', 'sklearn', 'torch'} & set(sys.modules)))"
    )
    environment = os.environ | {"PYTHONPATH": str(site_packages), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "hello []", done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.django_db
def test_a_visitor_asks_for_a_piece_and_hears_it(hello: str, client: Client) -> None:
    client.force_login(make_researcher())
    client.post(reverse("create"), {"file": SimpleUploadedFile("mine.png", picture_bytes(5))})
    SourceImage.objects.update(probabilities={"awe": 1.0}, implied={"valence": 0.4, "arousal": 0.1})
    picture = SourceImage.objects.get()
    address = reverse("create_from", args=[picture.public_id])
    offered = client.get(address).context["form"].fields["composer"].choices
    own = [(one.name, one.label) for one in BUILT_IN if one.offered_on_create]
    assert offered == [*own, ("hello", "Hello")]
    sliders = {"valence": "0", "arousal": "0", "dominance": "0"}
    asked = client.post(address, {"wanted": "picture", "composer": hello, **sliders})
    assert asked.status_code == 302
    SourceImage.objects.update(features={"brightness": 0.5})
    version = PairVersion.objects.get()
    production.make_pair_version(version.pk)
    version.refresh_from_db()
    assert (version.status, version.error, version.composer) == ("ready", "", hello)
    assert version.duration_seconds == CLIP_SECONDS
    assert version.provenance["software"]["hello-composer"] == "1.0"
    assert version.audio in client.get(asked["Location"]).content.decode()
    assert "Hello: a scale up and down" in client.get(version.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_the_same_request_gives_the_same_clip(hello: str) -> None:
    assert installed_composers()[hello].deterministic
    first, again = (make_clips(hello, "awe")[0] for _ in range(2))
    assert (first.midi_sha256, first.audio_sha256) == (again.midi_sha256, again.audio_sha256)


@pytest.mark.django_db
def test_a_study_of_its_clips_is_answered_and_exported_also_after_it_is_removed(
    hello: str, remove: Callable[[], None], client: Client, tmp_path: Path
) -> None:
    clips = make_clips(hello, "awe", "fear")
    study = make_study(versions=clips, cells={"music_only:hello": 1.0})
    assert [condition.name for condition in study.conditions.all()] == ["Music only · hello"]
    answer_study(study, people=2)
    before = export(study.slug, tmp_path / "before.zip")
    assert {row["composer"] for row in before["stimuli.csv"]} == {hello}
    assert {row["composer"] for row in before["responses_long.csv"]} == {hello}
    remove()
    after = export(study.slug, tmp_path / "after.zip")
    assert {name: after[name] for name in ("stimuli.csv", "responses_long.csv")} == {
        name: before[name] for name in ("stimuli.csv", "responses_long.csv")
    }
    client.force_login(study.owner)
    study_pages = ["study_clips", "study_publish", "study_monitor", "study", "study_preregistration", "results"]
    for name in study_pages:
        answer = client.get(reverse(name, args=[study.slug]), follow=True)
        assert answer.status_code == 200, name
    assert Stimulus.objects.filter(study=study, composer=hello).count() == 2


def export(slug: str, path: Path) -> dict[str, list[dict[str, str]]]:
    """The tables of a pack, by the names of their files."""
    call_command("export", slug, "--out", str(path), verbosity=0)
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".csv")]
        return {name: list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig")))) for name in names}


@pytest.mark.django_db
def test_clips_of_a_removed_composer_are_listed_played_and_named(
    hello: str, remove: Callable[[], None], client: Client
) -> None:
    (version,) = make_clips(hello, "awe")
    remove()
    client.force_login(make_researcher())
    page = client.get(version.get_absolute_url()).content.decode()
    assert "hello: not installed here" in page
    assert version.audio in page
    played = client.get(f"{settings.MEDIA_URL}{version.audio}")
    assert (played.status_code, len(b"".join(played.streaming_content))) == (200, _size(version.audio))
    listed = client.get(reverse("pairs"), {"composer": hello})
    assert [one.pk for one in listed.context["page"]] == [version.pk]
    assert ("hello", "hello (not installed)") in listed.context["filters"].fields["composer"].choices
    assert client.get(version.run.get_absolute_url()).status_code == 200
    assert not version.is_imported


def _size(name: str) -> int:
    return (Path(settings.MEDIA_ROOT) / name).stat().st_size


@pytest.mark.django_db
def test_asking_a_removed_composer_gives_a_sentence(hello: str, remove: Callable[[], None], client: Client) -> None:
    (version,) = make_clips(hello, "awe")
    remove()
    client.force_login(make_researcher())
    again = client.post(reverse("pairs_regenerate"), {"version": str(version.public_id)}, follow=True)
    assert [str(message) for message in again.context["messages"]] == [
        f"There is no composer 'hello' here; choose from: {', '.join(OWN)}. "
        "If its package was removed, install it again."
    ]
    form = client.post(
        reverse("create_from", args=[version.pair.image.public_id]),
        {"wanted": "awe", "composer": hello, "valence": "0", "arousal": "0", "dominance": "0"},
    )
    assert form.status_code == 400
    with pytest.raises(actions.RunRefused, match="There is no composer 'hello' here"):
        actions.regenerate(versions=[version], reason="", by=None)


@pytest.mark.django_db
def test_a_clip_that_waits_while_its_composer_is_removed_fails_and_says_why(
    hello: str, remove: Callable[[], None]
) -> None:
    picture = make_picture()
    SourceImage.objects.update(probabilities={"awe": 1.0}, features={"brightness": 0.5})
    run = actions.request_run(pictures=[picture], emotions={picture.pk: "awe"}, composer=hello, by=None)
    remove()
    production.make_pair_version(run.versions.get().pk)
    version = run.versions.get()
    assert version.status == "failed"
    assert "There is no composer 'hello' here" in version.error
    assert "install it again" in version.error


@pytest.mark.django_db
def test_no_imported_system_may_have_the_name_of_a_composer_installed_or_gone(
    hello: str, remove: Callable[[], None]
) -> None:
    assert queries.taken_names() == {*OWN, hello}
    make_clips(hello, "awe")
    remove()
    assert queries.taken_names() == {*OWN, hello}


@pytest.mark.django_db
def test_a_composer_that_is_called_as_an_imported_system_makes_nothing(hello: str) -> None:
    run = make_clips(hello, "awe")[0].run
    run.versions.all().delete()
    run.origin, run.seed = "imported", None
    run.save()
    picture = make_picture()
    with pytest.raises(actions.RunRefused, match="Clips of a system called 'hello' were imported"):
        actions.request_run(pictures=[picture], emotions={picture.pk: "awe"}, composer=hello, by=None)


DECLARED = (
    "from generation.networks.composers import Composer\n"
    "C = Composer(name={name!r}, label={label!r}, description='d', load=lambda: None, models={models})\n"
)


def declare(name: str = "odd", label: str = "Odd", models: tuple[str, ...] = ()) -> str:
    """The module of a package with one declaration, called C."""
    return DECLARED.format(name=name, label=label, models=models)


@pytest.mark.parametrize(
    ("entry", "code", "told"),
    [
        ("muse", declare("muse"), "'muse' of the package odd-one is left out: MelodyMuse itself has one of that name."),
        (
            "odd",
            declare("Odd!"),
            "A composer cannot be called 'Odd!': use small letters a-z, digits and single hyphens",
        ),
        ("odd", declare("o" * 41), "at most 40 characters."),
        ("odd", declare("even"), "it calls itself 'even'; the entry point must have the same name."),
        ("odd", declare(label=" "), "The composer 'odd' needs a label of one line and at most 60 characters."),
        ("odd", declare(models=("oracle",)), "The composer 'odd' asks for networks of an unknown kind: oracle."),
        ("odd", "C = 3", "odd_one:C is of type int, not generation.networks.composers.Composer."),
        ("odd", "import no_such_thing", "cannot be used: No module named 'no_such_thing'"),
        ("odd", "C = 1 / 0", "The composer 'odd' of the package odd-one cannot be used: division by zero"),
    ],
)
def test_a_declaration_that_cannot_be_used_is_left_out_and_told(
    tmp_path: Path, beside: Callable[[], None], entry: str, code: str, told: str
) -> None:
    install_by_hand(tmp_path, "odd-one", entry, code)
    beside()
    (error,) = check_composers()
    assert told in str(error.msg)
    assert error.is_serious()
    assert ("odd" in installed_composers()) == ("oracle" in code)


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Has what was installed by hand into `tmp_path` found, as long as the test runs."""
    monkeypatch.syspath_prepend(str(tmp_path))
    yield find_composers.cache_clear
    monkeypatch.undo()
    find_composers.cache_clear()
    for name in ("odd_one", "odd_two"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("entry", "code", "told"),
    [
        ("paper", declare("paper"), "The composer 'paper' of the package odd-one is left out"),
        ("odd", "import music21\n" + declare(), "its declaration loads music21, in every web process"),
    ],
    ids=["a name that is taken", "a heavy import"],
)
def test_no_command_starts_with_such_a_declaration(tmp_path: Path, entry: str, code: str, told: str) -> None:
    install_by_hand(tmp_path, "odd-one", entry, code)
    done = check_site(tmp_path)
    assert done.returncode == 1
    assert told in done.stderr, done.stderr


def test_of_two_packages_with_one_name_the_first_serves_and_the_other_is_told(
    tmp_path: Path, beside: Callable[[], None]
) -> None:
    for package in ("odd-two", "odd-one"):
        install_by_hand(tmp_path, package, "odd", declare())
    beside()
    found = find_composers()
    assert found.packages["odd"].name == "odd-one"
    assert found.problems == (
        "The composer 'odd' of the package odd-two is left out: odd-one has one of that name. "
        "Remove one of the two, or give the new one another name.",
    )


def install_by_hand(folder: Path, package: str, entry: str, code: str) -> None:
    """What an installer leaves of a package of one module: the module, its name, its entry point."""
    module = package.replace("-", "_")
    (folder / f"{module}.py").write_text(code)
    told = folder / f"{module}-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(f"[melodymuse.composers]\n{entry} = {module}:C\n")
