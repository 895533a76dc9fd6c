"""Whether the clips of a draft can be played louder and softer by what they are meant to express."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Final

from django.core.files.storage import default_storage

from generation.mp3 import walk_site_frames
from survey.design.loudness import STEP_DB
from survey.models import Stimulus, Study

MOST_NAMED: Final = 6
"""More clips than these are counted and not named."""


def _heard(stimuli: Iterable[Stimulus]) -> list[Stimulus]:
    """One stimulus for each clip that is heard."""
    return list({stimulus.pair_version_id: stimulus for stimulus in stimuli if stimulus.audio_sha256}.values())


def reasons_against_levels(study: Study) -> Iterator[str]:
    """One sentence for each fault by which clips of `study` cannot change their level; none where all can."""
    faults: dict[str, list[str]] = {}
    for stimulus in _heard(study.stimuli.select_related("pair_version__pair__emotion").order_by("pk")):
        version = stimulus.pair_version
        # Of a missing file something else tells; a clip whose level stays is not touched.
        if not stimulus.steps_by_intention or not version.audio:
            continue
        with contextlib.suppress(FileNotFoundError):
            if fault := _fault_of(version.audio):
                faults.setdefault(fault, []).append(str(version))
    for fault, clips in faults.items():
        yield (
            f"The level of {_name(clips)} cannot be changed: {fault} Import the clip again (or make the pair anew), "
            "which gives it the form of all clips, and choose the new version; or choose all clips equally loud."
        )


def _fault_of(name: str) -> str:
    """Why the level of the file cannot be changed; empty where it can."""
    with default_storage.open(name) as file:
        data = file.read()
    try:
        for _ in walk_site_frames(data):
            pass
    except ValueError as error:
        return str(error)
    return ""


def doubts_about_levels(study: Study, stimuli: Iterable[Stimulus]) -> Iterator[str]:
    """A sentence that names the clips which their peaks keep from being as loud as they are meant."""
    if study.loudness != Study.Loudness.BY_INTENTION:
        return
    held = [
        f"{stimulus.pair_version} ({stimulus.steps_by_intention * STEP_DB:.1f} instead of "
        f"{stimulus.steps_wanted * STEP_DB:.1f} dB)"
        for stimulus in _heard(stimuli)
        if stimulus.steps_by_intention != stimulus.steps_wanted
    ]
    if held:
        clips = "1 clip" if len(held) == 1 else f"{len(held)} clips"
        yield (
            f"Peaks keep {clips} from being raised as far as meant: {_name(held)}. "
            "Take a clip with softer attacks, or see that the other clips of its emotion are as loud."
        )


def _name(clips: list[str]) -> str:
    more = len(clips) - MOST_NAMED
    return ", ".join(clips[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
