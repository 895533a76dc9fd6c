"""The emotion words in every language of the site."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import override, pgettext_lazy

from generation.emotion_words import find_emotion_words
from survey.first_words import default_wording

__all__ = ["CHOICE_WORDS", "TRANSLATION_LABELS", "choice_label", "choice_labels", "default_wording", "names_emotion"]

# Named otherwise than the study's own texts, so that nobody who looks for those by name finds these.
TRANSLATION_LABELS = {
    "title": "Heading",
    "introduction": "Opening",
    "consent_text": "What people agree to",
    "question": "What is asked: picture and music",
    "question_music": "What is asked: music only",
    "question_picture": "What is asked: picture only",
    "instructions": "What to do",
    "instructions_picture": "What to do: picture only",
    "debriefing": "What it was about",
}
CHOICE_WORDS = {
    "amusement": pgettext_lazy("emotion", "Amusement"),
    "awe": pgettext_lazy("emotion", "Awe"),
    "contentment": pgettext_lazy("emotion", "Contentment"),
    "excitement": pgettext_lazy("emotion", "Excitement"),
    "anger": pgettext_lazy("emotion", "Anger"),
    "disgust": pgettext_lazy("emotion", "Disgust"),
    "fear": pgettext_lazy("emotion", "Fear"),
    "sadness": pgettext_lazy("emotion", "Sadness"),
    "none": pgettext_lazy("emotion", "None of these / cannot tell"),
    "yes": pgettext_lazy("answer", "Yes"),
    "no": pgettext_lazy("answer", "No"),
    "first": pgettext_lazy("answer", "The first clip"),
    "second": pgettext_lazy("answer", "The second clip"),
}
# What a word means, in one sentence that says nothing of how music or pictures express it.
MEANINGS = {
    "amusement": pgettext_lazy("meaning", "Finding something funny, so that one smiles or laughs."),
    "awe": pgettext_lazy("meaning", "Feeling small before something vast or wonderful."),
    "contentment": pgettext_lazy("meaning", "Being at ease and satisfied with how things are."),
    "excitement": pgettext_lazy("meaning", "Being eager and thrilled about something."),
    "anger": pgettext_lazy("meaning", "Being strongly against something that is felt to be wrong or unfair."),
    "disgust": pgettext_lazy("meaning", "Finding something so revolting that one wants to turn away."),
    "fear": pgettext_lazy("meaning", "Feeling that something bad or dangerous may happen."),
    "sadness": pgettext_lazy("meaning", "Feeling low, as after a loss or a disappointment."),
    "none": pgettext_lazy("meaning", "No word fits, or you cannot decide."),
}


def meanings_of(slugs: Iterable[str], languages: Iterable[str]) -> dict[str, dict[str, str]]:
    """What the words mean: answer → language → sentence, in the order of `MEANINGS`."""
    wanted, codes = set(slugs), list(languages)
    found: dict[str, dict[str, str]] = {slug: {} for slug in MEANINGS if slug in wanted}
    for code in codes:
        with override(code):
            for slug, sentences in found.items():
                sentences[code] = str(MEANINGS[slug])
    return found


def choice_label(slug: str, language: str) -> str:
    """The word shown for an answer, in one language."""
    with override(language):
        return str(CHOICE_WORDS[slug])


def choice_labels(slug: str, languages: Iterable[str]) -> dict[str, str]:
    """The word shown for an answer, by language."""
    return {code: choice_label(slug, code) for code in languages}


def names_emotion(text: str) -> bool:
    """Whether a text would give an intended emotion away: it names one, in any language of the site."""
    return bool(find_emotion_words(text))
