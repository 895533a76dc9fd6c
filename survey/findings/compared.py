"""A study's comparisons of two clips as the statistics take them: what is compared are the cells of its design."""

from __future__ import annotations

import numpy as np

from survey.analysis.paired.answers import Comparisons
from survey.design.trial_forms import FIRST, topic_of
from survey.findings.columns import Choice
from survey.findings.given import BY_RULES, people_of
from survey.models import Participant, Response, Stimulus, Study, Trial


def read_comparisons(study: Study, choice: Choice | None = None, kind: str = Participant.Kind.PERSON) -> Comparisons:
    """Return the answers that count, in the order they were given; of those whom no rule leaves out by `choice`.

    They are those of simulated people where `kind` says so.

    `included` says whom the rules fixed at publication keep: people set aside by hand are among them, as in the
    primary measure of every other study.
    """
    choice = choice or Choice()
    people = [one for one in people_of(study, kind) if not choice.included_only or one.included is not False]
    place = {one.pk: code for code, one in enumerate(people)}
    kept = np.array([one.facts["left_out"] != BY_RULES for one in people] or [True], bool)
    clips = {item.pk: item for item in Stimulus.objects.filter(study=study)}
    cells = list(study.conditions.order_by("position", "pk").values_list("pk", "name"))
    codes = {pk: code for code, (pk, _) in enumerate(cells)}
    answers = Response.objects.counted(study, kind=kind).filter(trial__kind=Trial.Kind.MAIN).in_order()
    rows = [
        row
        for row in answers.values_list(
            "trial__participant_id", "trial__stimulus_id", "trial__second_id", "choice__slug"
        ).iterator(chunk_size=20_000)
        if row[0] in place and row[2] is not None
    ]
    topics: dict[str, int] = {}
    sounds: dict[str, int] = {}
    who = np.array([place[row[0]] for row in rows], np.int64)
    pairs = [(clips[row[1]], clips[row[2]]) for row in rows]
    return Comparisons(
        names=tuple(name for _, name in cells),
        first=np.array([codes[first.condition_id] for first, _ in pairs], np.int64),
        second=np.array([codes[second.condition_id] for _, second in pairs], np.int64),
        chose_first=np.array([row[3] == FIRST for row in rows], bool),
        people=who,
        topics=np.array([topics.setdefault(topic_of(study.form, first), len(topics)) for first, _ in pairs], np.int64),
        sounds=np.array(
            [[sounds.setdefault(clip.audio_sha256, len(sounds)) for clip in pair] for pair in pairs], np.int64
        ).reshape(-1, 2),
        included=kept[who],
        topic=study.form.topic_word,
    )
