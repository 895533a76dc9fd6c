"""Every read of studies and answers beyond a plain filter."""

from survey.queries.access import may_create, may_edit, studies_for, study_for
from survey.queries.identity import hash_outside_id, key_fingerprint, studies_of_another_key, whose_outside_id
from survey.queries.loads import alive_after, named_about
from survey.queries.numbers import with_numbers
from survey.queries.progress import Progress, hears_music, is_idle, next_step, progress_of, what_comes
from survey.queries.questions import asked_at, asked_questions, further_questions, grouped, screening_of
from survey.queries.ratings import ratings
from survey.queries.reading import find_api_token, find_results_link, studies_of_token
from survey.queries.stimuli import (
    StimulusFacts,
    facts_of,
    stimulus_facts,
    study_choices,
    word_asked,
)
from survey.queries.trials import Given, given_trials, lock_trial, open_trial
from survey.queries.visiting import find_at_trial, find_participation, find_study, study_as_of

__all__ = [
    "Given",
    "Progress",
    "StimulusFacts",
    "alive_after",
    "asked_at",
    "asked_questions",
    "facts_of",
    "find_api_token",
    "find_at_trial",
    "find_participation",
    "find_results_link",
    "find_study",
    "further_questions",
    "given_trials",
    "grouped",
    "hash_outside_id",
    "hears_music",
    "is_idle",
    "key_fingerprint",
    "lock_trial",
    "may_create",
    "may_edit",
    "named_about",
    "next_step",
    "open_trial",
    "progress_of",
    "ratings",
    "screening_of",
    "stimulus_facts",
    "studies_for",
    "studies_of_another_key",
    "studies_of_token",
    "study_as_of",
    "study_choices",
    "study_for",
    "what_comes",
    "whose_outside_id",
    "with_numbers",
    "word_asked",
]
