"""Two versions of a pair in step: what is heard is recorded in the browser and found again in the clips themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from generation.models import PairVersion
from generation.music.sound import Recording, record
from generation.music.sound.renderers import small_soundfont
from tests.generation import finished
from tests.generation.factories import make_picture, make_researcher, make_run
from tests.generation.finished import finish_version
from tests.generation.music.sound.clips import midi_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]
STEP_LIMIT = 0.05
"""Seconds that two versions may be apart."""
SILENCE = 1e-4
"""RMS of what nobody hears: −80 dBFS."""

# All that a page sends to the loudspeakers goes through an analyser as well, which keeps the last 32,768 samples.
LISTEN_IN = """
    const connect = AudioNode.prototype.connect;
    AudioNode.prototype.connect = function (to, ...rest) {
        if (to instanceof AudioDestinationNode) {
            window.tap = new AnalyserNode(this.context, { fftSize: 32768 });
            connect.call(this, window.tap);
        }
        return connect.call(this, to, ...rest);
    };
    const start = AudioScheduledSourceNode.prototype.start;
    window.starts = [];
    AudioBufferSourceNode.prototype.start = function (...when) {
        window.starts.push(when);
        return start.apply(this, when);
    };
"""
HEARD = """() => {
    const samples = new Float32Array(window.tap.fftSize);
    window.tap.getFloatTimeDomainData(samples);
    return { now: window.tap.context.currentTime, rate: window.tap.context.sampleRate, samples: [...samples] };
}"""


def random_melody(seed: int) -> bytes:
    """Twenty-five seconds in which no second is like another."""
    random = np.random.default_rng(seed)
    onsets = np.cumsum(random.uniform(0.15, 0.4, 80))
    notes = [(float(on), float(on) + 0.6, int(random.integers(48, 84)), 80) for on in onsets if on < 25]
    return midi_of(notes)


@cache
def recording_of(seed: int) -> Recording:
    return record(random_melody(seed), renderer="tinysoundfont", soundfont=small_soundfont())


@pytest.fixture
def versions(
    settings: Any, tmp_path: Path, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> tuple[PairVersion, PairVersion]:
    """Two versions of a pair with music of their own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    made = []
    for seed, version in enumerate(make_run([make_picture()], seeds=2).versions.order_by("-number")):
        monkeypatch.setattr(finished, "recording", partial(recording_of, seed))
        made.append(finish_version(version))
    return made[0], made[1]


@pytest.fixture
def region(page: Any, log_in: Callable[[Any, Any], None], versions: tuple[PairVersion, PairVersion]) -> Any:
    page.add_init_script(LISTEN_IN)
    log_in(page, make_researcher())
    page.goto(versions[0].get_absolute_url())
    return page.get_by_role("region", name="Compare with other versions")


def clip_samples(version: PairVersion, media: Path, rate: float) -> Any:
    """The clip in one channel, at the rate of the browser's sound."""
    samples, own = soundfile.read(media / version.audio_alternative)
    mono = samples.mean(axis=1)
    times = np.arange(int(len(mono) / own * rate)) / rate
    return np.interp(times, np.arange(len(mono)) / own, mono)


def find(heard: Any, clip: Any) -> tuple[int, float]:
    """At which sample of `clip` the recording `heard` begins, and how alike they are there (1: the same)."""
    size = 1 << (len(clip) + len(heard)).bit_length()
    correlation = np.fft.irfft(np.fft.rfft(clip, size) * np.conj(np.fft.rfft(heard, size)))[: len(clip) - len(heard)]
    place = int(np.argmax(correlation))
    part = clip[place : place + len(heard)]
    return place, float(correlation[place] / (np.linalg.norm(part) * np.linalg.norm(heard)))


def test_switching_keeps_the_place_to_fifty_milliseconds_and_leaves_no_gap(
    page: Any, region: Any, versions: tuple[PairVersion, PairVersion], tmp_path: Path
) -> None:
    region.get_by_role("button", name="Play both in step").click()
    region.get_by_role("button", name="Pause").wait_for()
    page.locator("[data-compare-status]:empty").wait_for(state="attached")
    page.wait_for_timeout(1_500)
    begun, spans, switches = [], [], []
    for key, version in zip("bab", (1, 0, 1), strict=True):
        page.keyboard.press(key)
        page.wait_for_timeout(150)
        switches.append(page.evaluate(HEARD))
        page.wait_for_timeout(900)
        told = page.evaluate(HEARD)
        heard = np.array(told["samples"])
        clip = clip_samples(versions[version], tmp_path / "media", told["rate"])
        place, alike = find(heard, clip)
        assert alike > 0.9  # it is this version that is heard, and no other
        assert find(heard, clip_samples(versions[1 - version], tmp_path / "media", told["rate"]))[1] < 0.7
        begun.append(told["now"] - (place + len(heard)) / told["rate"])
        spans.append(told["now"])
    assert max(begun) - min(begun) < STEP_LIMIT
    assert spans[-1] - spans[0] > 1.5  # it went on meanwhile
    for told in switches:
        blocks = np.array(told["samples"])[-int(0.4 * told["rate"]) :]
        blocks = blocks[: len(blocks) // 256 * 256].reshape(-1, 256)
        assert np.sqrt((blocks**2).mean(axis=1)).min() > SILENCE
    starts = page.evaluate("window.starts")
    assert len(starts) == 2  # nothing was started anew
    assert starts[0] == starts[1]


def test_a_place_that_is_sought_holds_for_both_and_pausing_keeps_it(page: Any, region: Any) -> None:
    slider = region.get_by_role("slider", name="Place in the clip")
    slider.press("Shift+ArrowRight")
    slider.press("Space")
    page.locator("[data-compare-status]:empty").wait_for(state="attached")
    page.wait_for_timeout(500)
    slider.press("b")
    slider.press("Space")
    assert region.get_by_role("button", name="Hear B").get_attribute("aria-pressed") == "true"
    kept = slider.get_attribute("aria-valuetext")
    page.wait_for_timeout(1_200)
    assert slider.get_attribute("aria-valuetext") == kept
    assert kept in {f"0:0{second} of 0:28" for second in range(5, 9)}
    starts = page.evaluate("window.starts")
    assert {offset for _, offset in starts} == {5.0}


def test_other_players_of_the_page_stop_for_it_and_it_for_them(
    page: Any, region: Any, versions: tuple[PairVersion, PairVersion]
) -> None:
    region.get_by_role("button", name="Play both in step").click()
    region.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Play this clip").click()
    region.get_by_role("button", name="Play both in step").wait_for()
    region.get_by_role("button", name="Play both in step").click()
    page.get_by_role("button", name="Play this clip").wait_for()
    assert page.locator("audio").first.evaluate("audio => audio.paused")


def test_the_end_is_told_and_it_begins_again(page: Any, region: Any) -> None:
    slider = region.get_by_role("slider", name="Place in the clip")
    for key in ("End", "ArrowLeft", "Space"):
        slider.press(key)
    region.get_by_role("button", name="Pause").wait_for()
    region.get_by_role("button", name="Play both in step").wait_for()
    assert slider.get_attribute("aria-valuetext") == "0:28 of 0:28"
    slider.press("Space")
    page.wait_for_timeout(600)
    assert page.evaluate("window.starts.at(-1)[1]") == 0


def test_another_version_is_taken_at_the_same_place_while_it_plays(page: Any, region: Any) -> None:
    slider = region.get_by_role("slider", name="Place in the clip")
    for key in ("Shift+ArrowRight", "Space"):
        slider.press(key)
    page.locator("[data-compare-status]:empty").wait_for(state="attached")
    page.wait_for_timeout(400)
    region.get_by_label("Version heard as B").select_option(label=region.locator("option").first.inner_text())
    page.wait_for_timeout(600)
    assert region.get_by_role("button", name="Hear B").get_attribute("aria-pressed") == "true"
    first, latest = page.evaluate("[window.starts[0][1], window.starts.at(-1)[1]]")
    assert first < latest < first + 3


def test_a_version_that_does_not_load_is_said(page: Any, region: Any, page_problems: list[str]) -> None:
    page.route("**/media/clips/*.mp3", lambda route: route.abort())
    region.get_by_role("button", name="Play both in step").click()
    region.get_by_text("This clip cannot be played. Check your connection and try again.").wait_for()
    page.unroute("**/media/clips/*.mp3")
    region.get_by_role("button", name="Try again").click()
    region.get_by_role("button", name="Pause").wait_for()
    page_problems.clear()


def test_letters_typed_elsewhere_switch_nothing(page: Any, region: Any) -> None:
    page.get_by_label("Reason").fill("")
    page.get_by_label("Reason").press("b")
    page.locator("body").press("b")
    assert region.get_by_role("button", name="Hear A").get_attribute("aria-pressed") == "true"
    region.get_by_role("button", name="Hear A").press("b")
    assert region.get_by_role("button", name="Hear B").get_attribute("aria-pressed") == "true"
