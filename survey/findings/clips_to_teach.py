"""Which clips the next study should play for listeners to teach most: chosen while a lesson is at hand.

They are ready before the lesson has targets of its own, so none of them is a clip that can test it; none is taken from
what stands ready to test another, and once named they are on no side of any test: what teaches and what tests is kept
apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from generation.emotions import SLUGS
from generation.queries import ready_pair_versions
from survey.analysis.ratings.attributes import measured_of
from survey.models import Lesson
from survey.queries.in_front import in_front
from survey.queries.picking import clips_that_may_test
from survey.queries.sides import not_heard_in
from survey.teaching import Heard, choose_to_learn

EACH: Final = 4
"""Clips of every emotion: 32 in all, of which a person hears half."""
MOST_LOOKED_AT: Final = 60
"""Of every emotion; of more, so many are drawn."""


def choose_clips(lesson: Lesson, heard: Heard, names: Sequence[str]) -> list[str]:
    """The public ids of ready clips that are expected to tell most about what listeners go by, by emotion.

    Where an emotion has no more than `EACH`, all of its clips come.
    """
    found: dict[str, list[tuple[str, list[float]]]] = {slug: [] for slug in SLUGS}
    for public_id, slug, attributes in _able_to_teach(lesson):
        measured = measured_of(attributes)
        if all(name in measured for name in names):
            found[slug].append((public_id, [measured[name] for name in names]))
    random = np.random.default_rng(lesson.seed)
    chosen = []
    for clips in found.values():
        pool = random.permutation(len(clips))[:MOST_LOOKED_AT]
        if pool.size:
            table = np.array([clips[place][1] for place in pool])
            best = choose_to_learn(heard, table, EACH, rng=random)
            chosen += [clips[place][0] for place in pool[best]]
    return chosen


def _able_to_teach(lesson: Lesson) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Public id, emotion and attributes of every clip that may be named, the oldest first.

    None of them, nor its sound or notes, was played in a study that taught the lesson or what it starts from; none
    stands ready to test a lesson, is played on the front page, which names its emotion, or is a variant, which was made
    to tell of one cue. Of several clips with the same notes the first: nobody hears a piece twice.
    """
    front = in_front().versions
    ready = not_heard_in(lesson, ready_pair_versions().filter(cues__isnull=True))
    left = (
        ready.exclude(pair__in={one.pair_id for one in front})
        .exclude(pair__image__in={one.pair.image_id for one in front} - {None})
        .order_by("pk")
    )
    apart = clips_that_may_test()
    sounds: set[str] = set()
    columns = ("pk", "public_id", "pair__emotion__slug", "attributes", "midi_sha256", "audio_sha256")
    for key, public_id, slug, attributes, midi, audio in left.values_list(*columns):
        sound = midi or audio
        if key not in apart and sound not in sounds:
            sounds.add(sound)
            yield str(public_id), slug, attributes
