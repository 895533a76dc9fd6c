"""The emotion words in every language of the site."""

from __future__ import annotations

from django.utils.translation import override, pgettext_lazy

from generation.emotion_words import find_emotion_words
from survey.first_words import default_wording

__all__ = ["CHOICE_WORDS", "choice_label", "default_wording", "names_emotion"]

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
}


def choice_label(slug: str, language: str) -> str:
    """The word shown for an answer, in one language."""
    with override(language):
        return str(CHOICE_WORDS[slug])


def names_emotion(text: str) -> bool:
    """Whether a text would give an intended emotion away: it names one, in any language of the site."""
    return bool(find_emotion_words(text))
