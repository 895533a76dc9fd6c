"""Nothing that is not music tells a clip: no length, size, header, time or order, of own clips and imported ones."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from django.conf import settings
from django.test import Client

from generation import actions as making
from generation import production
from generation.emotions import EMOTIONS, SLUGS, get_emotion
from generation.importing.storing import import_manifest
from generation.models import PairVersion
from generation.music import score, sound
from generation.music.length import CLIP_SECONDS
from generation.networks.composers import ComposeRequest, compose, installed_composers
from generation.piano import site_soundfont
from survey import actions
from survey.actions.publishing import reasons_against_publishing
from survey.models import Study
from survey.models.participation import make_token
from tests.generation.factories import make_picture
from tests.generation.importing import write_manifest, write_midi, write_sound
from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = pytest.mark.django_db
AWAY = 0.1
"""How far from one half an AUC may lie: what tells nothing lies at one half."""
DATED = {"Date"}
NAMED = {"Content-Disposition"}
"""Headers that hold the time of the answer and the file's own name."""


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path / "data"


@dataclass(frozen=True)
class Seen:
    """What a participant's browser learns of one clip without playing it."""

    composer: str
    emotion: str
    numbers: dict[str, float]
    words: frozenset[tuple[str, str]]


def auc(values: Sequence[float], chosen: Sequence[bool]) -> float:
    """Probability that a chosen one has the larger value than another; ties count one half."""
    numbers, mask = np.asarray(values, dtype=float), np.asarray(chosen)
    differences = numbers[mask][:, None] - numbers[~mask][None]
    return float((differences > 0).mean() + (differences == 0).mean() / 2)


def find_telling(values: Sequence[float], labels: Sequence[str]) -> dict[str, float]:
    """The labels that `values` tell from all others, with their AUC."""
    found = {label: auc(values, [other == label for other in labels]) for label in sorted(set(labels))}
    return {label: area for label, area in found.items() if abs(area - 0.5) > AWAY}


def make_own(composers: Sequence[str], pictures: int, emotions: Sequence[str] = SLUGS) -> list[PairVersion]:
    """Clips as a worker makes them: every composer × emotion × picture."""
    shown = [make_picture(shade) for shade in range(40, 40 + 30 * pictures, 30)]
    versions = []
    for composer in composers:
        for slug in emotions:
            run = making.request_run(
                pictures=shown,
                emotions={picture.pk: slug for picture in shown},
                composer=composer,
                seed=len(versions) + 1,
                options={} if composer == "paper" else {"candidates": 1},
                by=None,
            )
            for version in run.versions.all():
                production.make_pair_version(version.pk)
                version.refresh_from_db()
                assert version.status == "ready", version.error
                versions.append(version)
    return versions


def import_other(folder: Path, number: int) -> list[PairVersion]:
    """Clips of another system, as long as its emotions make them: from 3 to beyond the common length."""
    rows = []
    for index, slug in enumerate(islice(cycle(SLUGS), number)):
        name, seconds = f"{index}.wav" if index % 4 else f"{index}.mid", 3.0 + 4.0 * (index % 8)
        if index % 4:
            write_sound(folder / name, 200 + 13 * index, seconds=seconds)
        else:
            write_midi(folder / name, seconds=seconds + index / 8)
        rows.append({"file": name, "emotion": slug, "system": "other-system"})
    import_manifest(write_manifest(folder, rows), by=None)
    return list(PairVersion.objects.filter(composer="other-system").order_by("pk"))


def look_at(version: PairVersion) -> Seen:
    """Fetch both files over HTTP, whole and in part, and read what their headers say."""
    numbers: dict[str, float] = {"duration": version.duration_seconds or 0.0}
    words: set[tuple[str, str]] = set()
    for name in (version.audio, version.audio_alternative):
        kind = Path(name).suffix
        for asked in ({}, {"range": "bytes=0-99"}):
            response = Client().get(f"/media/{name}", headers=asked)
            data = b"".join(response)
            told = {key: value for key, value in response.items() if key not in DATED | NAMED}
            words |= {(f"{kind} {len(asked)} {key}", value) for key, value in told.items()}
            assert "Last-Modified" not in told
            assert "ETag" not in told
            if not asked:
                numbers[f"{kind} bytes"] = len(data)
                numbers[f"{kind} samples"] = soundfile.info(io.BytesIO(data)).frames
                numbers[f"{kind} first frame"] = data.index(b"\xff\xf8" if kind == ".flac" else b"\xff\xfb")
                numbers[f"{kind} block"] = int.from_bytes(data[43:46]) if kind == ".flac" and data[42] != 0xFF else 0
                words.add((f"{kind} head", head_of(data, kind)))
        numbers[f"{kind} changed"] = (Path(settings.MEDIA_ROOT) / name).stat().st_mtime
    return Seen(version.composer, version.pair.emotion.slug, numbers, frozenset(words))


def head_of(data: bytes, kind: str) -> str:
    """What stands before the music in a file: the first frame's format, or STREAMINFO without its checksum.

    A frame's fourth byte belongs to the music: it says how alike left and right are.
    """
    return data[:3].hex() if kind == ".mp3" else data[:26].hex()


def check_blind(versions: Sequence[PairVersion]) -> None:
    seen = [look_at(version) for version in versions]
    assert len({one.words for one in seen}) == 1
    for name in seen[0].numbers:
        values = [one.numbers[name] for one in seen]
        assert find_telling(values, [one.composer for one in seen]) == {}, name
        assert find_telling(values, [one.emotion for one in seen]) == {}, name
        assert len(set(values)) == 1, name
    assert {version.duration_seconds for version in versions} == {CLIP_SECONDS}


def test_a_dozen_clips_of_two_composers_and_another_system_differ_in_nothing_but_sound(tmp_path: Path) -> None:
    own = make_own(("paper", "muse"), 1, ("sadness", "anger", "awe", "amusement"))
    other = import_other(tmp_path / "sent", 8)
    check_blind([*own, *other])
    for version in own:
        assert version.provenance["length"] == {"seconds": 28.0, "version": "1"}
        scored = (Path(settings.MEDIA_ROOT) / version.musicxml).read_bytes()
        # 26.6 s are longer than a fast piece's last bar, and not than a slow one's
        [tempo] = re.findall(rb"<per-minute>([\d.]+)<", scored)
        written = scored.count(b"<measure ") * 240 / float(tempo)
        assert (b"<fermata" in scored) == (written < 26.4)
        assert b"<dynamics" in scored
    study = make_study(
        versions=[*own, *other], cells={"music_only:muse": 1.0, "music_only:paper": 1.0, "music_only:other-system": 1.0}
    )
    assert study.status == Study.Status.PUBLISHED


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_clips_of_every_composer_differ_in_nothing_but_sound_and_come_in_no_order(tmp_path: Path) -> None:
    versions = [*make_own(list(installed_composers()), 2), *import_other(tmp_path / "sent", 20)]
    assert len(versions) == 2 * len(SLUGS) * len(installed_composers()) + 20
    assert {version.composer for version in versions} == {*installed_composers(), "other-system"}
    check_blind(versions)
    names = sorted(versions, key=lambda version: version.audio)
    assert len({version.audio for version in names}) > 0.9 * len(versions)  # `neutral` is the same for every picture
    cells = {f"music_only:{composer}": 1.0 for composer in [*installed_composers(), "other-system"]}
    study = make_study(versions=versions, cells=cells, clips_per_participant=len(cells) + 2, repeat_trials=0)
    check_order(study, people=150)


def check_order(study: Study, people: int) -> None:
    """Neither the place of a clip nor what a browser preloads tells composer or emotion."""
    places: list[tuple[float, str, str]] = []
    preload: list[tuple[float, str, str]] = []
    facts = {stimulus.audio: (stimulus.composer, stimulus.emotion) for stimulus in study.stimuli.all()}
    for _ in range(people):
        for position, trial in enumerate(take_part(study)):
            places.append((position, trial.stimulus.composer, trial.stimulus.emotion))
            preload += [(place, *facts[name]) for place, name in enumerate(trial.preload)]
    for observed in (places, preload):
        values, composers, emotions = zip(*observed, strict=True)
        assert find_telling(values, composers) == {}
        assert find_telling(values, emotions) == {}


def take_part(study: Study) -> Iterator[Any]:
    """Every trial of one person, answered at once."""
    participant = actions.join(study=study, token=make_token(), language="en")
    while (trial := actions.give_trial(participant=participant)) is not None:
        yield trial
        answer = actions.Answer(chosen=trial.stimulus.emotion, confidence=3, played_seconds=CLIP_SECONDS, plays=1)
        actions.record_answer(study=study, token=trial.token, answer=answer)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_when_the_last_chord_falls_and_when_the_sound_ends_tells_neither_composer_nor_emotion() -> None:
    struck: dict[str, list[tuple[float, str]]] = {"paper": [], "muse": []}
    for composer, seeds in (("paper", 100), ("muse", 50)):
        for emotion in EMOTIONS:
            for seed in range(100, 100 + seeds):
                played = compose(composer, ComposeRequest(emotion, seed, candidates=1)).performance
                assert played is not None
                struck[composer].append((max(note.onset for note in played.notes), emotion.slug))
                assert max(note.offset for note in played.notes) == pytest.approx(26.6, abs=0.001)
    for composer, found in struck.items():
        values, emotions = zip(*found, strict=True)
        assert find_telling(values, emotions) == {}, composer
    both = [(value, composer) for composer, found in struck.items() for value, _ in found]
    assert find_telling(*zip(*both, strict=True)) == {}


@pytest.mark.parametrize("composer", ["paper", "muse"])
@pytest.mark.parametrize("slug", ["sadness", "anger"])
def test_the_last_chord_of_our_own_clips_has_died_away_before_the_end(composer: str, slug: str) -> None:
    made = compose(composer, ComposeRequest(get_emotion(slug), 5, candidates=1))
    midi = score.write_midi(made.piece, made.performance)
    for soundfont in (site_soundfont(), None):  # the piano that plays here, and the one without touch
        assert sound.render(midi, soundfont=soundfont).seconds <= CLIP_SECONDS


def test_clips_of_different_lengths_are_refused_with_who_has_which_and_what_to_do() -> None:
    versions = [*make_versions(4, seconds=2.0), *make_versions(4, first=20, composer="paper", seconds=1.0)]
    study = make_study(versions=versions, publish=False)
    with pytest.raises(actions.PublishRefused) as refused:
        actions.publish(study=study, by=make_researcher("ada"))
    assert refused.value.reasons == [
        "The clips do not all last equally long (muse 2.0 s; paper 1.0 s), so their length tells who made them and "
        "what they are meant to express. Regenerate the pairs that were made before all clips had one length (and "
        "import those of other systems again), then choose the new versions."
    ]
    study.refresh_from_db()
    assert study.is_draft


def test_clips_of_one_composer_whose_lengths_differ_are_refused_as_well() -> None:
    versions = [*make_versions(4, seconds=1.0), *make_versions(4, first=20, seconds=1.3)]
    [reason] = reasons_against_publishing(make_study(versions=versions, publish=False))
    assert reason.startswith("The clips do not all last equally long (muse 1.0 to 1.3 s)")


@pytest.mark.parametrize("role", ["practice", "gold"])
def test_practice_and_gold_clips_must_have_the_length_of_the_others(role: str) -> None:
    versions, other = make_versions(8), make_versions(1, first=30, seconds=2.0)
    study = make_study(versions=versions, publish=False, **{role: other, f"{role}_trials": 1})
    assert len(reasons_against_publishing(study)) == 1


def test_files_of_different_sizes_are_refused_though_they_last_equally_long() -> None:
    versions = [*make_versions(4), *make_versions(4, first=20, composer="paper")]
    study = make_study(versions=versions, publish=False)
    assert reasons_against_publishing(study) == []
    longer = make_versions(4, first=40, composer="paper", seconds=1.1)
    study.stimuli.filter(composer="paper").update(audio_alternative=longer[0].audio_alternative)
    [reason] = reasons_against_publishing(study)
    assert reason.startswith("The sound files of the clips are not all of one size")


def test_a_study_published_with_different_lengths_goes_on_but_its_next_version_is_refused() -> None:
    study = make_study(versions=[*make_versions(4), *make_versions(4, first=20)])
    draft = actions.make_new_version(study=study, by=study.owner)
    draft.stimuli.filter(pk__in=draft.stimuli.values("pk")[:2]).update(duration_seconds=2.0)
    assert len(reasons_against_publishing(draft)) == 1
    assert next(iter(take_part(study))).stimulus.audio
