"""What the words of a study mean, as people can read it at every clip."""

from __future__ import annotations

from typing import NamedTuple

from survey.models import Study
from survey.queries.stimuli import stimulus_facts, study_choices, word_asked
from survey.wording import MEANINGS, meanings_of


class Gloss(NamedTuple):
    """An answer or an emotion that is asked about, its word as people read it, and one sentence."""

    slug: str
    word: str
    sentence: str


def words_explained(study: Study) -> list[str]:
    """Which words have a sentence: the answers, or in the yes/no mode every emotion that the study can name."""
    if not study.show_glosses:
        return []
    if study.form.names_emotion:
        offered = {facts.emotion for facts in stimulus_facts(study)}
    else:
        offered = {choice.slug for choice in study_choices(study)}
    return [slug for slug in MEANINGS if slug in offered]


def glosses_of(study: Study, language: str) -> list[Gloss]:
    """The words with their sentences, in one order for everybody; none where the study shows none.

    A published study has the sentences of its publication, a draft those of today.
    """
    kept = meanings_of(words_explained(study), [language]) if study.is_draft else study.glosses
    if not kept:
        return []
    if study.form.names_emotion:
        words = {slug: word_asked(stimulus_facts(study), slug, language) for slug in kept}
    else:
        words = {choice.slug: choice.label_in(language) for choice in study_choices(study)}
    found = ((slug, kept.get(slug, {}).get(language, "")) for slug in MEANINGS)
    return [Gloss(slug, words[slug], sentence) for slug, sentence in found if sentence and slug in words]
