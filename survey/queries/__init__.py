"""Every read of studies and answers beyond a plain filter."""

from survey.queries.access import may_create, may_edit, studies_for, study_for
from survey.queries.numbers import with_numbers
from survey.queries.progress import Progress, hears_music, is_idle, next_step, progress_of, what_comes
from survey.queries.ratings import ratings
from survey.queries.stimuli import (
    StimulusFacts,
    find_participation,
    find_study,
    stimulus_facts,
    stimulus_loads,
    study_choices,
)
from survey.queries.trials import Given, given_trials, lock_trial, open_trial

__all__ = [
    "Given",
    "Progress",
    "StimulusFacts",
    "find_participation",
    "find_study",
    "given_trials",
    "hears_music",
    "is_idle",
    "lock_trial",
    "may_create",
    "may_edit",
    "next_step",
    "open_trial",
    "progress_of",
    "ratings",
    "stimulus_facts",
    "stimulus_loads",
    "studies_for",
    "study_choices",
    "study_for",
    "what_comes",
    "with_numbers",
]
