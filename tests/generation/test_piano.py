"""Which piano the site plays on, and what it says where soft and hard strokes sound alike."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from generation import piano
from generation.music.sound import RendererFailed, find_grand_piano, pianos
from generation.music.sound.renderers import small_soundfont
from generation.piano import site_soundfont
from generation.templatetags.measures import touch_note


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    piano._warn_once.cache_clear()


@pytest.mark.skipif(find_grand_piano() is None, reason="FluidSynth or the grand piano is not installed.")
def test_the_installed_grand_piano_is_kept_in_the_data_directory_and_plays(settings, tmp_path: Path, caplog) -> None:
    settings.SOUNDFONT = ""
    kept = site_soundfont()
    assert kept is not None
    assert kept.parent == tmp_path / "pianos"
    assert kept.name.startswith("MuseScore_General_Full-piano-")
    assert site_soundfont() == kept
    assert caplog.messages == []


def test_without_it_the_log_says_once_what_is_not_heard_and_how_to_install_it(settings, monkeypatch, caplog) -> None:
    settings.SOUNDFONT = ""
    monkeypatch.setattr(pianos, "GRAND_PLACES", ())
    with caplog.at_level(logging.WARNING):
        assert [site_soundfont(), site_soundfont()] == [None, None]
    [said] = caplog.messages
    assert "apt install fluidsynth musescore-general-soundfont" in said
    assert "differ in loudness alone" in said


def test_a_soundfont_of_the_settings_is_taken_as_it_is(settings, tmp_path: Path) -> None:
    settings.SOUNDFONT = str(small_soundfont())
    assert site_soundfont() == small_soundfont()
    settings.SOUNDFONT = str(tmp_path / "missing.sf3")
    assert site_soundfont() == tmp_path / "missing.sf3"  # the renderer says that it cannot be read
    assert list(tmp_path.iterdir()) == []


def test_of_an_sf3_of_the_settings_the_piano_is_kept(settings, tmp_path: Path) -> None:
    source = tmp_path / "small.sf3"
    source.write_bytes(small_soundfont().read_bytes())
    settings.SOUNDFONT = str(source)
    kept = site_soundfont()
    assert kept is not None
    assert (kept.parent, kept.name[:12]) == (tmp_path / "pianos", "small-piano-")


def test_a_damaged_sf3_stops_the_clip_instead_of_playing_another_piano(settings, tmp_path: Path) -> None:
    (tmp_path / "cut.sf3").write_bytes(small_soundfont().read_bytes()[:500])
    settings.SOUNDFONT = str(tmp_path / "cut.sf3")
    with pytest.raises(RendererFailed, match=r"cut\.sf3"):
        site_soundfont()


@pytest.mark.parametrize(("soundfont", "said"), [("FluidR3_GM.sf2", True), ("TimGM6mb.sf2", True), ("X.sf2", False)])
def test_a_piano_that_was_measured_without_touch_is_named_so(soundfont: str, said: bool) -> None:
    assert ("loudness alone" in touch_note({"soundfont": soundfont})) is said
