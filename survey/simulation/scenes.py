"""What simulated people know of a study: what each of its files expresses, and what its pages say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from survey.models import Stimulus, Study
from survey.queries import screening_of, stimulus_facts, word_asked
from survey.simulation.admitted import admitted_answers
from survey.simulation.bots import Scene
from survey.simulation.truth import Truth


def scene_of(study: Study, truth: Truth, strengths: Mapping[str, float]) -> Scene:
    """The scene of `study` as it is now, without an address; `strengths` are those of its cells, by name.

    Raises TruthRefused where nobody could be let in.
    """
    stimuli, facts = list(study.stimuli.select_related("condition")), stimulus_facts(study)
    emotions = {one.emotion for one in facts}
    return Scene(
        base="",
        slug=study.slug,
        entry="",
        truth=truth,
        music={_music_of(one): one.emotion for one in stimuli if one.audio},
        pictures={_picture_of(one): one.picture_emotion for one in stimuli if one.picture_file},
        words={word_asked(facts, named, language): named for language in study.languages for named in emotions},
        admitted=admitted_answers(screening_of(study)),
        strengths={(_picture_of(one), _music_of(one)): strengths[one.condition.name] for one in stimuli if strengths},
    )


def _music_of(stimulus: Stimulus) -> str:
    """The name of the file that is played, as it stands in the page's addresses; empty without one."""
    return PurePosixPath(stimulus.audio).name


def _picture_of(stimulus: Stimulus) -> str:
    return PurePosixPath(stimulus.picture_file).name
