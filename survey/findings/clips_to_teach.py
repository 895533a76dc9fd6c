"""Which clips the next study should play for listeners to teach most: chosen while a lesson is at hand.

They are ready before the lesson has targets of its own, so none of them is a clip that can test it: what teaches and
what tests is kept apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from generation.emotions import SLUGS
from generation.queries import ready_pair_versions
from survey.analysis.ratings.attributes import measured_of
from survey.models import Lesson, LessonStudy, Stimulus
from survey.teaching import Heard, choose_to_learn

EACH: Final = 4
"""Clips of every emotion: 32 in all, of which a person hears half."""
MOST_LOOKED_AT: Final = 60
"""Of every emotion; of more, so many are drawn."""


def choose_clips(lesson: Lesson, heard: Heard, names: Sequence[str]) -> list[str]:
    """The public ids of ready clips that are expected to tell most about what listeners go by, by emotion.

    None of them was played in a study that taught the lesson or what it starts from, and none is a variant, which was
    made to tell of one cue. Where an emotion has no more than `EACH`, all of its clips come.
    """
    taught = lesson.roles.exclude(role=LessonStudy.Role.TESTS).values("study")
    played = Stimulus.objects.filter(study__in=taught).exclude(audio_sha256="").values("pair_version")
    ready = ready_pair_versions().filter(cues__isnull=True).exclude(pk__in=played).order_by("pk")
    found: dict[str, list[tuple[str, list[float]]]] = {slug: [] for slug in SLUGS}
    for public_id, slug, attributes in ready.values_list("public_id", "pair__emotion__slug", "attributes"):
        measured = measured_of(attributes)
        if all(name in measured for name in names):
            found[slug].append((str(public_id), [measured[name] for name in names]))
    random = np.random.default_rng(lesson.seed)
    chosen = []
    for clips in found.values():
        pool = random.permutation(len(clips))[:MOST_LOOKED_AT]
        if pool.size:
            table = np.array([clips[place][1] for place in pool])
            best = choose_to_learn(heard, table, EACH, rng=random)
            chosen += [clips[place][0] for place in pool[best]]
    return chosen
