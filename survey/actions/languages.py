"""Whether a draft can be read in each of its languages as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import get_language_info

from survey.actions.reasons import Reason
from survey.models import Study
from survey.wording import TRANSLATION_LABELS


def language_reasons(study: Study) -> Iterator[str]:
    """Every text that a translation lacks, named as on the form: no page is half in one language, half in another."""
    names = {code: get_language_info(code)["name"] for code, _ in settings.LANGUAGES}
    for language in study.languages:
        name = names.get(language)
        if name is None:
            sentence = f"The pages of this site do not speak {language!r}: choose one of {', '.join(names.values())}."
            yield Reason(sentence, field="language" if language == study.language else "also_in")
        elif language != study.language:
            yield from _missing(study, language, name)


def _missing(study: Study, language: str, name: str) -> Iterator[str]:
    lacking = [f"“{TRANSLATION_LABELS[text]}”" for text in study.lacking(language)]
    if lacking:
        sentence = f"The translation into {name} lacks: {', '.join(lacking)}. Write it, or do not offer {name}."
        yield Reason(sentence, field=f"{study.lacking(language)[0]}_{language}")
    unnamed = study.unnamed_answers(language)
    if unnamed:
        yield f"These answers have no word in {name}: {', '.join(unnamed)}. Save the study once more."
