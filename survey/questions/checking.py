"""Whether a question of the register can be asked as it is declared; what it lacks, in sentences."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.functional import Promise

from survey.questions.kinds import KINDS, LONGEST, Choice, Number, Scale, Slider, Text
from survey.questions.question import OWN, BackgroundKey, Question, ResponseColumn, When
from survey.questions.translated import Words, lacking_languages

PLAIN_KEY = re.compile(r"[a-z][a-z0-9_]{0,48}[a-z0-9]")
PLAIN_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
LONGEST_TOLD: Final = 200
LONGEST_MEANING: Final = 500
"""What the columns of a study's questions hold."""
MOST_STEPS: Final = 11
FACES: Final = ("", "arousal", "valence")


def problems_of(question: Question) -> list[str]:
    """Return what a question of the register lacks, in sentences; empty where it is whole.

    Examples
    --------
    >>> from survey.questions import Text, in_words
    >>> half = Question(
    ...     key="Half", wording=in_words(en="Why?"), kind=Text(), when=When.AFTER, told="why", meaning="Reasons."
    ... )
    >>> for problem in problems_of(half):
    ...     print(problem)
    Its key must have 2 to 50 small letters, digits and underscores, a letter first.
    Its wording lacks de, fr, es, tr: give in_words() every language.
    """
    return [
        *_of_names(question),
        *_of_kind(question.kind),
        *_of_options(question),
        *_of_words(question),
        *_of_place(question),
    ]


def _of_names(question: Question) -> Iterator[str]:
    if not isinstance(question.key, str) or not PLAIN_KEY.fullmatch(question.key):
        yield "Its key must have 2 to 50 small letters, digits and underscores, a letter first."
    elif question.key.endswith(OWN):
        yield f"Its key must not end with {OWN!r}: so are the words beside an option called."
    for name, most in (("told", LONGEST_TOLD), ("meaning", LONGEST_MEANING)):
        said = getattr(question, name)
        if not isinstance(said, str) or not said.strip():
            yield f"It needs `{name}`: words in English for {'plans' if name == 'told' else 'the codebook'}."
        elif len(said) > most:
            yield f"Its `{name}` has {len(said)} characters: {most} at most."


def _of_kind(kind: Any) -> Iterator[str]:
    if type(kind) not in KINDS:
        known = ", ".join(known.__name__ for known in KINDS)
        yield (
            f"Its kind is {type(kind).__name__}, and must be one of {known} itself: a study keeps nothing else, "
            "no check of one's own either."
        )
    elif isinstance(kind, Scale) and not _is_whole(kind.steps, 2, MOST_STEPS):
        yield f"A scale has 2 to {MOST_STEPS} steps, not {kind.steps!r}."
    elif isinstance(kind, Slider):
        if not (_is_number(kind.least) and _is_number(kind.most) and kind.least < kind.most):
            yield f"A slider goes from a number to a greater one, not from {kind.least!r} to {kind.most!r}."
        if not _is_whole(kind.steps, 1, 100):
            yield f"A slider has 1 to 100 steps where no script runs, not {kind.steps!r}."
    elif isinstance(kind, Number) and not (_is_limit(kind.least) and _is_limit(kind.most) and kind.least <= kind.most):
        yield f"A number lies between two limits, the lower one first, not between {kind.least!r} and {kind.most!r}."
    elif isinstance(kind, Text) and not (_is_whole(kind.longest, 1, LONGEST) and _is_whole(kind.lines, 1, 40)):
        yield f"A text has 1 to {LONGEST} characters in 1 to 40 lines, not {kind.longest!r} in {kind.lines!r}."


def _of_options(question: Question) -> Iterator[str]:
    kind = question.kind
    if not isinstance(kind, Choice):
        return
    if not isinstance(kind.options, Mapping):
        yield "Its options must be a mapping: name → words."
        return
    if len(kind.options) < 2 and not kind.of_study:
        yield "A choice needs at least two options."
    odd = [slug for slug in kind.options if not isinstance(slug, str) or not PLAIN_SLUG.fullmatch(slug)]
    if odd and question.in_table:
        yield f"An option's name has up to 50 small letters, digits, hyphens and underscores, not {odd[0]!r}."
    if kind.own and kind.own not in kind.options:
        yield f"`own` names {kind.own!r}, which is none of its options."


def _of_words(question: Question) -> Iterator[str]:
    for name, words in texts_of(question):
        if not isinstance(words, str | Promise):
            yield f"Its {name} is {words!r}, and must be words: in_words(en=…, de=…)."
            continue
        lacking = lacking_languages(words)
        if lacking:
            yield f"Its {name} lacks {', '.join(lacking)}: give in_words() every language."


def texts_of(question: Question) -> Iterator[tuple[str, Words]]:
    """(what it is, the words) of everything that participants read of a question.

    Examples
    --------
    >>> from survey.questions import REGISTER
    >>> [name for name, _ in texts_of(REGISTER["liking"])]
    ['wording', 'low', 'high']
    """
    yield "wording", question.wording
    kind = question.kind
    if isinstance(kind, Choice) and isinstance(kind.options, Mapping):
        for slug, words in kind.options.items():
            yield f"option {slug!r}", words
    yield from ((name, getattr(kind, name)) for name in ("low", "high") if hasattr(kind, name))
    optional = [("unsaid", getattr(kind, "unsaid", "")), ("missing", question.missing), ("wrong", question.wrong)]
    yield from ((name, words) for name, words in optional if not isinstance(words, str) or words)


def _of_place(question: Question) -> Iterator[str]:
    for name in ("required", "needs_music"):
        if not isinstance(getattr(question, name), bool):
            yield f"`{name}` must be True or False, not {getattr(question, name)!r}."
    if not isinstance(question.values, str):
        yield f"`values` must be text for the codebook, not {question.values!r}."
    if isinstance(question.kind, Slider) and question.kind.face not in FACES:
        yield f"A slider's face is one of {', '.join(map(repr, FACES))}, not {question.kind.face!r}."
    if not isinstance(question.when, When):
        yield f"`when` must be When.BEFORE, When.CLIP or When.AFTER, not {question.when!r}."
    if question.admits is not None:
        if question.when is not When.BEFORE or not question.required:
            yield "Who is let in is asked before the clips, and must be answered: When.BEFORE, required=True."
        if problem := question.admits.problem_with(question.kind):
            yield f"Its condition of admission: {problem}"
    if not _is_number(question.seconds) or question.seconds <= 0:
        yield f"`seconds`, how long answering takes, must be a number above 0, not {question.seconds!r}."
    if not _is_whole(question.position, 0, 10_000):
        yield f"`position`, its order on the page, must be a whole number, not {question.position!r}."
    if isinstance(question.storage, ResponseColumn) and question.when is not When.CLIP:
        yield "A column of the responses holds answers about clips alone."
    if isinstance(question.storage, BackgroundKey) and question.when is not When.AFTER:
        yield "The background is asked after the clips."
    if not question.in_table and question.switch is None:
        yield "A setting of the study must ask it, or its answers go to the table."


def _is_limit(value: Any) -> bool:
    """A number, or none at all: infinity."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
