"""Outside judges hear the clips of a package's composer by its name alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.likeness import make_clips, making
from benchmarks.likeness.__main__ import describe_sets, read_options
from generation.networks.composers.finding import Package


def test_a_package_s_composer_is_judged_by_its_name(hello: str, tmp_path: Path) -> None:
    first, second = make_clips(hello, 2, 11, tmp_path)
    assert (first.emotion, first.quadrant, first.song) == ("amusement", "Q1", "11")
    assert second.emotion == "awe"
    options = read_options(["--data", "there", "--composers", hello, "--clips", "2", "--seed", "11"])
    assert describe_sets(options) == {hello: f"{making.version_of(hello)}, seeds 11 to 12"}


def test_another_version_of_a_package_is_composed_anew(hello: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = making.version_of(hello)
    monkeypatch.setattr(making, "package_of", lambda name: Package("hello-composer", "99"))
    assert making.version_of(hello) != before
