"""`pip install .` works: the wheel holds everything, the site runs from it, and the statistics run from it alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from generation.emotions import EMOTIONS
from generation.images.demo import paint
from tests.parts import ROOT, follow, link_packages, list_needs, run_with

NO_INDEX = ("error sending request", "dns error", "not found in the cache", "Failed to fetch", "No solution found")
"""What uv says where it reaches no index."""
SET_UP_AND_LOOK = """
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
call_command("collectstatic", verbosity=0, interactive=False)
call_command("register_models", verbosity=0)
page = Client().get("/", headers={"host": "localhost"})
style = Client().get("/static/site/base.css", headers={"host": "localhost"})
print(page.status_code, b"MelodyMuse" in page.content, style.status_code == 200)
"""
ANALYSE = """
from survey.analysis import analyse, read_long
report = analyse(read_long("answers.csv"), replicates=0)
import importlib.util, survey
print(report["n"]["responses"], importlib.util.find_spec("django"), survey.__file__.startswith(PREFIX))
"""


def list_tracked(*folders: str) -> set[str]:
    """Files that git knows, or would take in."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *folders]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {name for name in listed.split("\0") if name and (ROOT / name).is_file()}


def uv(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "uv", *arguments], cwd=cwd, capture_output=True, text=True, timeout=240
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built offline, with the setuptools that is installed, from a copy: nothing of an earlier build gets in."""
    if not (ROOT / ".git").exists():
        pytest.skip("this copy is no git checkout, which says what belongs into the package")
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in list_tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    built = uv(
        *("build", "--offline", "--wheel", "--no-build-isolation", "--python", sys.executable),
        *("--out-dir", str(out), str(source)),
        cwd=source,
    )
    assert built.returncode == 0, built.stderr
    (path,) = out.glob("melodymuse-*-py3-none-any.whl")
    return path


def test_the_wheel_holds_every_file_of_the_packages_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    packages = list_tracked("generation", "survey", "melodymuse_site")
    assert held == packages | {f"melodymuse_site/{name}" for name in list_tracked("templates")}


def test_the_wheel_carries_the_licences_of_code_and_weights(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = sorted(name.partition("/licenses/")[2] for name in archive.namelist() if "/licenses/" in name)
    backbones = "generation/networks/weights/image_backbone/efficientnet-lite"
    typefaces = "melodymuse_site/static/site/fonts/OFL.txt"
    assert held == [
        *("LICENSE", "docs/licences.md", f"{backbones}0-1.0/LICENSE.txt", f"{backbones}2-1.0/LICENSE.txt", typefaces)
    ]


def test_the_site_runs_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    packages = link_packages(follow(list_needs("site")) | {"tinysoundfont"}, tmp_path / "packages")
    project, home = tmp_path / "installed", tmp_path / "home"
    home.mkdir()
    (home / "picture.png").write_bytes(paint(EMOTIONS[0], 1))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(project)

    def melodymuse(*command: str) -> str:
        result = run_with(packages, "-m", "melodymuse_site", *command, project=project, cwd=home, DATA_DIR="")
        assert result.returncode == 0, result.stderr
        return result.stdout

    assert melodymuse("shell", "--verbosity", "0", "-c", SET_UP_AND_LOOK) == "200 True True\n"
    assert (home / "var" / "db.sqlite3").is_file()  # where the command was started, not among the packages
    melodymuse("generate", str(home / "picture.png"), "--candidates", "1", "--out", str(home / "clips"))
    assert sorted(path.suffix for path in (home / "clips").rglob("*.m*")) == [".mid", ".mp3", ".musicxml"]


def test_in_an_empty_environment_the_statistics_run(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "empty"
    assert uv("venv", "--quiet", "--python", sys.executable, str(environment), cwd=tmp_path).returncode == 0
    python = str(environment / "bin" / "python")
    wanted = (f"melodymuse[analysis] @ {wheel.as_uri()}", "--constraint", str(ROOT / "requirements.txt"))
    installed = uv("pip", "install", "--quiet", "--python", python, *wanted, cwd=tmp_path)
    if installed.returncode and any(words in installed.stderr for words in NO_INDEX):
        pytest.skip("no package index can be reached from here")
    assert installed.returncode == 0, installed.stderr
    (tmp_path / "answers.csv").write_text(
        "participant,stimulus,intended,chosen\n" + "".join(f"p{n},s{n % 4},awe,awe\n" for n in range(8)),
        encoding="utf-8",
    )
    code = f"PREFIX = {str(environment)!r}{ANALYSE}"
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run = subprocess.run(
        [python, "-I", "-c", code], cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=120
    )
    assert run.stdout == "8 None True\n", run.stderr


def test_without_the_site_its_command_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "packages").mkdir()
    result = run_with(tmp_path / "packages", "-m", "melodymuse_site", "start", project=ROOT, cwd=tmp_path, DATA_DIR="")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.rstrip().endswith('not redis: pip install "melodymuse[site]" adds the rest.')
