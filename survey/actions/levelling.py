"""How loud the clips of a study are: all alike, or louder and softer by what their music is meant to express."""

from __future__ import annotations

import hashlib

from django.core.files.storage import default_storage

from melodymuse_site.storage import keep_hashed
from survey.design.loudness import STEP_DB, change_level
from survey.models import Stimulus, Study

LEVELLED = ("audio", "audio_alternative", "audio_sha256", "gain_db")


def play_as_made(stimulus: Stimulus) -> None:
    """Let `stimulus` play the files of its pair version, at the level that all clips have."""
    version = stimulus.pair_version
    stimulus.audio, stimulus.audio_sha256 = version.audio, version.audio_sha256
    stimulus.audio_alternative = version.audio_alternative
    stimulus.gain_db = 0.0


def level_clips(study: Study) -> None:
    """Give every clip of a draft the level that `study` asks for. Raises ValueError for a clip of another form.

    A level is in the sound itself: a copy of the clip under its own hash and of the same size. Nothing else that a
    browser gets says that clips differ, so the second format, which has no such copies, goes for all of them.
    """
    if study.loudness != Study.Loudness.BY_INTENTION:
        return
    stimuli = list(study.stimuli.exclude(audio_sha256="").select_related("pair_version__pair__emotion"))
    for stimulus in stimuli:
        play_as_made(stimulus)
        _level(stimulus)
    Stimulus.objects.bulk_update(stimuli, LEVELLED, batch_size=200)


def _level(stimulus: Stimulus) -> None:
    version = stimulus.pair_version
    steps = stimulus.steps_by_intention
    stimulus.audio_alternative = ""
    if steps:
        with default_storage.open(version.audio) as file:
            levelled = change_level(file.read(), steps)
        stimulus.audio_sha256 = hashlib.sha256(levelled).hexdigest()
        stimulus.audio = keep_hashed("clips", levelled, stimulus.audio_sha256, ".mp3")
        stimulus.gain_db = steps * STEP_DB
