"""The words a study starts with: by mode, by what is presented, in every language of the site.

A text is *edited* as soon as it is none of these. What nobody edited follows the study: another mode, other cells
or another language bring the words that fit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from itertools import product
from typing import Final

from django.conf import settings
from django.utils.translation import gettext, override, pgettext

from survey.design import trial_forms as forms

YES_NO, FITS, MORE = forms.YES_OR_NO.mode, forms.FITS.mode, forms.MORE.mode
MODES: Final = tuple(forms.TRIAL_FORMS)
BOTH, MUSIC, PICTURE = "picture_and_music", "music_only", "picture_only"
# What a new study begins with; the texts about single presentations follow them.
BASIC: Final = ("consent_text", "question", "instructions", "debriefing")
# Combinations of presentations whose consent texts differ; empty: no cells are chosen yet.
MIXES: Final = ((), (BOTH,), (MUSIC,), (PICTURE,), (BOTH, MUSIC, PICTURE))
# Which text asks, and which one instructs, about what is presented; where it is empty, the first one does.
QUESTIONS: Final = {BOTH: "question", MUSIC: "question_music", PICTURE: "question_picture"}
INSTRUCTIONS: Final = {BOTH: "instructions", MUSIC: "instructions", PICTURE: "instructions_picture"}
SAID_IN_CONSENT: Final = frozenset({"adult"})
"""Further questions about the person that the proposed consent text speaks of: its last paragraph has their age."""
EMOTION_PLACE: Final = "{emotion}"


def default_wording(
    language: str,
    mode: str,
    presentations: Collection[str] = (),
    *,
    keeps_ids: bool = False,
    rates_while_playing: bool = False,
    varies_cues: bool = False,
) -> dict[str, str]:
    """Questions, instructions, consent text and debriefing of a new study that presents `presentations`."""
    with override(language):
        music, picture = _questions(mode)
        task_with_music, task_with_picture = _tasks(mode)
        return {
            "question": music,
            "question_music": music,
            "question_picture": picture,
            "instructions": " ".join([*task_with_music, _first_impression()]),
            "instructions_picture": " ".join([*task_with_picture, _first_impression()]),
            "consent_text": "\n\n".join(
                _consent_paragraphs(mode, frozenset(presentations), keeps_ids, rates_while_playing)
            ),
            "debriefing": "\n\n".join(_debriefing(mode, frozenset(presentations), varies_cues)),
        }


def _questions(mode: str) -> tuple[str, str]:
    """(about music, about a picture alone)"""
    if mode == YES_NO:
        return (
            pgettext("question", "Does this music express this emotion: {emotion}?"),
            pgettext("question", "Does this picture express this emotion: {emotion}?"),
        )
    if forms.form_of(mode).compares:
        # Two clips never stand for pictures alone; the field has the same words, should a cell be added.
        return (_which_of_two(mode),) * 2
    return (
        pgettext("question", "Which emotion does this music express?"),
        pgettext("question", "Which emotion does this picture express?"),
    )


def _which_of_two(mode: str) -> str:
    if mode == FITS:
        return pgettext("question", "Which of the two clips fits the picture better?")
    return pgettext("question", "Which of the two clips expresses this emotion more: {emotion}?")


def _tasks(mode: str) -> tuple[list[str], list[str]]:
    """(with music, with a picture alone)"""
    if forms.form_of(mode).compares:
        return ([*_task_with_two_clips(mode)],) * 2
    return [*_task_with_music(mode)], [*_task_with_picture(mode)]


def _task_with_two_clips(mode: str) -> Iterator[str]:
    yield gettext("Listen to both clips to their ends.")
    if mode == FITS:
        yield gettext("Then say which of them fits the picture better.")
    else:
        yield gettext("Then say which of them expresses the emotion more, not which one you like better.")
    yield gettext("Choose one even where you are not sure.")


def _task_with_music(mode: str) -> Iterator[str]:
    yield gettext("Listen to the whole clip.")
    if mode == YES_NO:
        yield gettext("Then say whether the music itself expresses the emotion, not how you feel.")
    else:
        yield gettext("Then say what the music itself expresses, not how you feel.")


def _task_with_picture(mode: str) -> Iterator[str]:
    yield gettext("Look at the picture.")
    if mode == YES_NO:
        yield gettext("Then say whether the picture itself expresses the emotion, not how you feel.")
    else:
        yield gettext("Then say what the picture itself expresses, not how you feel.")


def _first_impression() -> str:
    return gettext("There are no right or wrong answers: your first impression counts.")


def _consent_paragraphs(
    mode: str,
    presentations: frozenset[str],
    keeps_ids: bool,
    rates_while_playing: bool = False,
    *,
    says_time: bool = False,
) -> Iterator[str]:
    is_silent = presentations == {PICTURE}
    yield " ".join(_invitation(mode, presentations, rates_while_playing, says_time))
    yield gettext(
        "Taking part is voluntary. You can stop at any time by closing the page, without giving a"
        " reason and without any disadvantage."
    )
    yield _what_is_stored_with_ids(is_silent) if keeps_ids else _what_is_stored(is_silent)
    yield gettext(
        "At the end you receive a personal link with which you can withdraw: your answers are "
        "then deleted and appear in no later analysis."
    )
    yield gettext(
        "By choosing “I agree” you confirm that you are at least 18 years old, that you have read"
        " this and that you take part of your own free will."
    )


def _invitation(mode: str, presentations: frozenset[str], rates_while_playing: bool, says_time: bool) -> Iterator[str]:
    """How long it takes was said here once; now the page says it, reckoned from the study's own clips."""
    if presentations == {PICTURE}:
        yield gettext("You are invited to take part in a study about pictures and emotion.")
        yield gettext("You will see pictures.")
    else:
        yield gettext("You are invited to take part in a study about music and emotion.")
        if presentations == {BOTH}:
            yield gettext("You will hear short piano clips, each beside a picture.")
        elif presentations == {MUSIC}:
            yield gettext("You will hear short piano clips.")
        elif PICTURE in presentations:
            yield gettext("You will hear short piano clips and see pictures, some of them together, some alone.")
        else:
            yield gettext("You will hear short piano clips, most of them beside a picture.")
    if rates_while_playing and presentations != {PICTURE}:
        yield gettext("While a clip plays you mark how it sounds at each moment.")
    if mode == YES_NO:
        yield gettext("Each time an emotion is named, and you say whether it is expressed.")
    elif mode == FITS:
        yield gettext("Each time you hear two clips and say which of them fits a picture better.")
    elif mode == MORE:
        yield gettext("Each time you hear two clips and say which of them expresses an emotion more.")
    else:
        yield gettext("Each time you say which emotion is expressed.")
    if says_time:
        yield gettext("It takes about ten minutes.")
    if presentations != {PICTURE}:
        yield gettext("Headphones are a good idea.")


def _what_is_stored(is_silent: bool) -> str:
    if is_silent:
        return gettext(
            "We store your answers, how long you looked, the kind of your device (phone, tablet or computer) and, if "
            "you choose to give them, your age band and musical training. We do not store your name, your mail "
            "address or your IP address, so that nobody can tell from the data who you are. The anonymous answers "
            "are used for research and may be published."
        )
    return gettext(
        "We store your answers, how long you listened, the kind of your device (phone, tablet or "
        "computer) and, if you choose to give them, your age band and musical training. We do not"
        " store your name, your mail address or your IP address, so that nobody can tell from the"
        " data who you are. The anonymous answers are used for research and may be published."
    )


def _what_is_stored_with_ids(is_silent: bool) -> str:
    """Where the ids of a recruiting service are kept, somebody could tell who is who."""
    if is_silent:
        stored = gettext(
            "We store your answers, how long you looked, the kind of your device (phone, tablet or computer) and, if "
            "you choose to give them, your age band and musical training."
        )
    else:
        stored = gettext(
            "We store your answers, how long you listened, the kind of your device (phone, tablet or computer) and, if "
            "you choose to give them, your age band and musical training."
        )
    kept = gettext(
        "We do not store your name, your mail address or your IP address. The number by which the service that "
        "invited you knows you is kept in a list apart from your answers, so that you can be paid; with that list and "
        "the service's help one could find out who you are. Your answers, without that number, are used for research "
        "and may be published."
    )
    return f"{stored} {kept}"


def _debriefing(mode: str, presentations: frozenset[str], varies_cues: bool) -> Iterator[str]:
    """What people read after their last answer. It names no emotion, and no result."""
    form = forms.form_of(mode)
    yield from _told_of_two_clips(form) if form.compares else _told_of_emotions(presentations, varies_cues)
    yield gettext("Please do not tell others what it was about before they have taken part themselves.")


def _told_of_two_clips(form: forms.TrialForm) -> Iterator[str]:
    if form.names_emotion:
        yield gettext("This study asks which of two pieces of music expresses an emotion more.")
        yield gettext("Both clips of a pair were made to express the same emotion, each in its own way.")
    else:
        yield gettext("This study asks which of two pieces of music fits a picture better.")
        yield gettext("Both clips of a pair were made for the same picture, each in its own way.")
    yield gettext("Your answers show which way people prefer. None of them was wrong.")


def _told_of_emotions(presentations: frozenset[str], varies_cues: bool) -> Iterator[str]:
    if presentations == {PICTURE}:
        yield gettext("This study asks how well people recognise emotions in pictures.")
        yield gettext("Every picture was chosen for one emotion that it seems to express.")
    else:
        yield gettext("This study asks how well people recognise emotions in music.")
        yield gettext("Every clip was made to express one emotion.")
        if varies_cues:
            yield gettext(
                "Some clips were changed on purpose, for instance in how fast or how high they are played: this shows "
                "what people go by."
            )
    yield gettext("Your answers show what comes across and what is taken for something else. None of them was wrong.")


def _mix_of(presentations: Collection[str]) -> tuple[str, ...]:
    """The combination whose words are the same as those of `presentations`."""
    found = frozenset(presentations)
    if found == {BOTH, MUSIC}:
        return ()
    return next((mix for mix in MIXES if frozenset(mix) == found), (BOTH, MUSIC, PICTURE))


def _former_wording(language: str) -> Iterator[tuple[str, str]]:
    """What earlier versions of MelodyMuse proposed, so that their drafts are not taken for edited."""
    with override(language):
        yield "question", pgettext("question", "Does this music express the emotion named here?")
        yield (
            "instructions",
            gettext(
                "Listen to the whole clip. Then say what the music itself expresses, not how you feel. "
                "There are no right or wrong answers: your first impression counts."
            ),
        )
        invitation = gettext(
            "You are invited to take part in a study about music and emotion. You will hear short "
            "piano clips, most of them beside a picture, and say which emotion you hear in them. It "
            "takes about ten minutes; headphones are a good idea."
        )
        _, *others = _consent_paragraphs("choose", frozenset(), keeps_ids=False)
        yield "consent_text", "\n\n".join([invitation, *others])
    for text in _consent_texts_with_time(language):
        yield "consent_text", text


def _consent_texts_with_time(language: str) -> Iterator[str]:
    """Proposed consent texts that spoke of ten minutes, whatever the study's length."""
    with override(language):
        for mode in MODES:
            for mix, keeps_ids in product(MIXES, (False, True)):
                yield "\n\n".join(_consent_paragraphs(mode, frozenset(mix), keeps_ids, says_time=True))


@lru_cache(maxsize=1)
def _texts_with_time() -> frozenset[str]:
    return frozenset(_in_one_line(text) for code, _ in settings.LANGUAGES for text in _consent_texts_with_time(code))


def speaks_of_ten_minutes(consent_text: str) -> bool:
    """Whether it is a proposed consent text of an earlier MelodyMuse, which said how long it takes."""
    return _in_one_line(consent_text) in _texts_with_time()


@lru_cache(maxsize=1)
def _every_default() -> Mapping[str, frozenset[str]]:
    """Name of a text → everything that MelodyMuse proposes or proposed for it, in one line each."""
    known: dict[str, set[str]] = {}
    for language, _ in settings.LANGUAGES:
        for mode in MODES:
            for mix, keeps_ids, rates, varies in product(MIXES, *[(False, True)] * 3):
                proposed = default_wording(
                    language, mode, mix, keeps_ids=keeps_ids, rates_while_playing=rates, varies_cues=varies
                )
                for name, text in proposed.items():
                    known.setdefault(name, set()).add(_in_one_line(text))
        for name, text in _former_wording(language):
            known[name].add(_in_one_line(text))
    # A question about music is one, wherever it stands.
    known["question_music"] |= known["question"]
    return {name: frozenset(texts) for name, texts in known.items()}


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def is_default(name: str, text: str) -> bool:
    """Whether `text` is one that MelodyMuse proposed for the field `name`, in any mode or language."""
    return _in_one_line(text) in _every_default().get(name, frozenset())


def fit_wording(
    texts: Mapping[str, str],
    language: str,
    mode: str,
    presentations: Collection[str] = (),
    *,
    keeps_ids: bool = False,
    rates_while_playing: bool = False,
    varies_cues: bool = False,
    own_debriefing: str = "",
) -> dict[str, str]:
    """`texts` with the words that fit mode, cells, ratings, cues and what is kept in place of those nobody edited.

    What is empty stays empty, but for the texts about single presentations: they follow the others. A translation
    follows the study's `own_debriefing` where nobody edited that.
    """
    proposed = default_wording(
        language,
        mode,
        _mix_of(presentations),
        keeps_ids=keeps_ids,
        rates_while_playing=rates_while_playing,
        varies_cues=varies_cues,
    )
    fitted = {
        name: proposed[name] if name in proposed and is_default(name, text) else text for name, text in texts.items()
    }
    question = fitted.get("question", "")
    if not fitted.get("question_music", "").strip():
        fitted["question_music"] = question
    if not fitted.get("question_picture", "").strip():
        fitted["question_picture"] = proposed["question_picture"] if question else ""
    if is_default("debriefing", own_debriefing) and not fitted.get("debriefing", "").strip():
        fitted["debriefing"] = proposed["debriefing"]
    if not fitted.get("instructions_picture", "").strip():
        fitted["instructions_picture"] = proposed["instructions_picture"] if fitted.get("instructions") else ""
    return fitted


def question_about(wording: Mapping[str, str], presentation: str) -> str:
    """The question about what is presented. Studies published before there were several have one for all."""
    return wording.get(QUESTIONS[presentation]) or wording["question"]


def instructions_for(wording: Mapping[str, str], presentation: str) -> str:
    return wording.get(INSTRUCTIONS[presentation]) or wording["instructions"]


def split_question(question: str, asked: str) -> tuple[str, str, str]:
    """(before, the emotion asked about, after): in the yes/no mode the question names it, at its place or its end.

    >>> split_question("Is this {emotion}?", "Awe")
    ('Is this ', 'Awe', '?')
    >>> split_question("Does it fit?", "Awe")
    ('Does it fit? ', 'Awe', '')
    >>> split_question("Which emotion?", "")
    ('Which emotion?', '', '')
    """
    if not asked:
        return question, "", ""
    before, place, after = question.partition(EMOTION_PLACE)
    return (before, asked, after) if place else (f"{question} ", asked, "")
