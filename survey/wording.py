"""The words a study starts with, and the emotion words in every language of the site."""

from __future__ import annotations

from django.utils.translation import gettext, override, pgettext, pgettext_lazy

from generation.emotion_words import find_emotion_words

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


def default_wording(language: str, mode: str) -> dict[str, str]:
    """Question, instructions and consent text a new study starts with."""
    with override(language):
        question = (
            pgettext("question", "Does this music express the emotion named here?")
            if mode == "yes_no"
            else pgettext("question", "Which emotion does this music express?")
        )
        return {
            "question": question,
            "instructions": gettext(
                "Listen to the whole clip. Then say what the music itself expresses, not how you feel. "
                "There are no right or wrong answers: your first impression counts."
            ),
            "consent_text": "\n\n".join(_consent_paragraphs()),
        }


def _consent_paragraphs() -> list[str]:
    return [
        gettext(
            "You are invited to take part in a study about music and emotion. You will hear short "
            "piano clips, most of them beside a picture, and say which emotion you hear in them. It "
            "takes about ten minutes; headphones are a good idea."
        ),
        gettext(
            "Taking part is voluntary. You can stop at any time by closing the page, without giving a"
            " reason and without any disadvantage."
        ),
        gettext(
            "We store your answers, how long you listened, the kind of your device (phone, tablet or "
            "computer) and, if you choose to give them, your age band and musical training. We do not"
            " store your name, your mail address or your IP address, so that nobody can tell from the"
            " data who you are. The anonymous answers are used for research and may be published."
        ),
        gettext(
            "At the end you receive a personal link with which you can withdraw: your answers are "
            "then deleted and appear in no later analysis."
        ),
        gettext(
            "By choosing “I agree” you confirm that you are at least 18 years old, that you have read"
            " this and that you take part of your own free will."
        ),
    ]
