"""From columns of texts to codes, with every problem and every doubt found on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from survey.analysis.estimates import Codes, Truths
from survey.analysis.ratings import doubts
from survey.analysis.ratings.about_people import read_people
from survey.analysis.ratings.checking import check_columns, find_twice, find_two_intentions, find_unknown
from survey.analysis.ratings.choices import Offered, settle_choices
from survey.analysis.ratings.codes import one_name, one_spelling, respell
from survey.analysis.ratings.container import FACTORS, MISSING, Factor, Ratings
from survey.analysis.ratings.given import Given, left_at
from survey.analysis.ratings.missing import missing_from
from survey.analysis.ratings.numeric import read_numbers
from survey.analysis.ratings.problems import Problem, RatingsRefused, quote, say_lines
from survey.analysis.ratings.texts import clean, clean_all, fold, one_word
from survey.analysis.ratings.truths import one_truth_each, read_truths

Texts = list[str]
NOT_COMPARED = ("kind", "picture", "music", "presentation", "matching", "picture_id", "music_id", "asked")
"""Factors whose levels may look alike without a doubt."""
ANSWERS = ("intended", "chosen", "picture", "music")
"""Columns whose texts are answers, or could be."""
NAMES = ("participant", "stimulus")
NEUTRAL = frozenset(map(fold, ("neutral", "neutre", "nötr", "neutro", "neutraal", "neutralny", "no emotion", "none")))
"""Intentions that stand for no emotion where nobody could choose them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table is to be read.

    Attributes
    ----------
    choices : sequence of str or None
        Everything offered. Without it: the eight emotions where nothing else occurs, otherwise what occurs.
    none : str or None
        Label of "none of these".
    missing : sequence of str or None
        What counts as missing beside the empty cell; None takes what other programs write.
    neutral : sequence of str
        Intentions that nobody could choose: such clips count for agreement only.
    by : sequence of str
        Further factors to analyse by; each needs a column.
    """

    choices: Sequence[str] | None = None
    none: str | None = None
    missing: Sequence[str] | None = None
    neutral: Sequence[str] = ()
    by: Sequence[str] = field(default=())


def build(columns: Mapping[str, Sequence[Any]], lines: Sequence[int], reading: Reading) -> Ratings:
    """Return checked `Ratings` from columns of equal length; `lines` says where each row stands."""
    size = len(lines)
    factors = tuple(dict.fromkeys((*FACTORS, *reading.by)))
    texts = {
        name: clean_all(columns[name]) if name in columns else [""] * size
        for name in ("participant", "stimulus", "intended", "chosen", *factors)
    }
    problems, notes = _even_out(texts, lines, reading)
    spelled = _spell_answers(texts, lines, reading)
    notes += [*_spell_names(texts, lines, factors), *spelled.notes]
    notes += _without_intention(texts, lines, spelled)
    offered = settle_choices(texts["intended"], texts["chosen"], spelled.choices, spelled.none)
    where = np.asarray(lines, np.int64)
    # From here on every column is an array of codes, shape (N,): −1 for an empty cell, −2 for an unknown name.
    participant, participants = _factorise(texts["participant"])
    stimulus, stimuli = _factorise(texts["stimulus"])
    intended, chosen = _lookup(texts["intended"], offered.emotions), _lookup(texts["chosen"], offered.choices)
    coded = {name: _factor(texts[name]) for name in factors}
    included, not_truths = read_truths(columns.get("included"), lines, "included")
    problems += [
        *not_truths,
        *find_unknown(texts, intended, chosen, where, offered),
        *find_twice(participant, stimulus, coded, texts, where),
        *find_two_intentions(stimulus, (coded["condition"], coded["asked"]), intended, texts, where),
    ]
    if problems:
        raise RatingsRefused(problems)
    included, two_truths = one_truth_each(included, participant, participants, lines)
    numbers, no_numbers = read_numbers(columns, lines, reading.missing)
    places = numbers.pop("position")
    position = None if np.isnan(places).all() else np.where(np.isnan(places), -1, places).astype(np.int64)
    facts, said = read_people(columns, lines, participant, len(participants), reading.missing)
    notes += [*two_truths, *said, *_doubts(texts, lines, offered, factors), *no_numbers]
    notes += _without_level(texts, lines, reading.by)
    answered: Truths = chosen != MISSING
    everything = Ratings(
        participants=participants,
        stimuli=stimuli,
        emotions=offered.emotions,
        choices=offered.choices,
        none=offered.none,
        participant=participant,
        stimulus=stimulus,
        intended=intended,
        chosen=chosen,
        factors=coded,
        included=included,
        words=_words(columns.get("word"), size, reading.missing),
        confidence=numbers["confidence"],
        seconds=numbers["seconds"],
        valence=numbers["valence"],
        arousal=numbers["arousal"],
        notes=(*notes, *offered.notes, *_say_unintended(texts, lines)),
        by=tuple(reading.by),
        position=position,
        people_facts=facts,
    )
    # What was given is counted before practice, attention trials and missing answers go: those are what it tells of.
    everything = replace(everything, given=_given(everything, answered))
    counts = ~_of_kind(coded["kind"], doubts.NOWHERE)
    kept = everything if counts.all() else everything.compact(counts)
    return replace(kept.select(answered[counts]), missing=int((~answered[counts]).sum()))


def _of_kind(kind: Factor, levels: Sequence[str]) -> Truths:
    result: Truths = np.isin(kind.codes, [code for code, level in enumerate(kind.levels) if level in levels])
    return result


def _given(everything: Ratings, answered: Truths) -> Given:
    """The main trials among the rows; a table may also leave out rows without an answer, which nobody can tell."""
    condition, position = everything.factors["condition"], everything.position
    whole = Given(
        everything.participants,
        everything.stimuli,
        condition.levels,
        everything.emotions,
        everything.participant,
        everything.stimulus,
        condition.codes,
        everything.intended,
        answered,
        None if position is None else left_at(everything.participant, position, answered),
    )
    kind = everything.factors["kind"]
    return whole.select(_of_kind(kind, ("", "main")))


def _even_out(texts: dict[str, Texts], lines: Sequence[int], reading: Reading) -> tuple[list[Problem], list[str]]:
    """Empty the cells that mean missing, in place; return what is wrong with names and what is to be said."""
    missing = missing_from(reading.missing, reading.choices, reading.none)
    problems = check_columns(texts, lines, {name: missing.among(texts[name], names=True) for name in NAMES})
    notes = []
    answers = missing.among(text for name in ("intended", "chosen") for text in texts[name])
    for name in texts:
        if name in NAMES:
            continue
        found = answers if name in ("intended", "chosen") else missing.among(texts[name], names=True)
        if found:
            said = doubts.say_missing(found, doubts.LinesOf(texts[name], lines))
            notes += [f"{name}: {text}" for text in said]
            texts[name] = ["" if text in found else text for text in texts[name]]
    texts["kind"] = [text.casefold() for text in texts["kind"]]
    return problems, notes


@dataclass(frozen=True, slots=True)
class _Spelled:
    """What was declared, in the spelling that the table is compared in."""

    choices: Sequence[str] | None
    none: str | None
    neutral: frozenset[str]
    notes: list[str]


def _spell_answers(texts: dict[str, Texts], lines: Sequence[int], reading: Reading) -> _Spelled:
    """Write the answers of all columns in one spelling, in place."""
    declared = [clean(text) for text in (*(reading.choices or ()), *([reading.none] if reading.none else []))]
    neutral = [clean(text) for text in reading.neutral]
    spelling = one_spelling((text for name in ANSWERS for text in texts[name]), declared)
    notes = []
    if spelling:
        cells = [text for name in ANSWERS for text in texts[name]]
        notes = doubts.say_respelled(spelling, doubts.LinesOf(cells, list(lines) * len(ANSWERS)))
        for name in ANSWERS:
            texts[name] = respell(texts[name], spelling)
    labels = frozenset(respell(neutral, one_spelling([*neutral, *texts["intended"]], declared)))
    return _Spelled(reading.choices, reading.none, labels, notes)


def _spell_names(texts: dict[str, Texts], lines: Sequence[int], factors: Sequence[str]) -> list[str]:
    """Write identifiers and levels in one spelling each, in place; return what is to be said."""
    notes = []
    for name in (*NAMES, *(factor for factor in factors if factor not in ANSWERS)):
        spelling = one_name(texts[name])
        if spelling:
            said = doubts.say_respelled(spelling, doubts.LinesOf(texts[name], lines))
            notes += [f"{name}: {text}" for text in said]
            texts[name] = respell(texts[name], spelling)
    return notes


def _without_intention(texts: dict[str, Texts], lines: Sequence[int], spelled: _Spelled) -> list[str]:
    """Empty the intentions that nobody could choose, in place; return what is to be said."""
    chosen = set(texts["chosen"])
    offered = {clean(choice) for choice in spelled.choices or ()}
    intended = doubts.LinesOf(texts["intended"], lines)
    unasked = {t for t in intended if fold(t) in NEUTRAL and t not in chosen | offered and t != spelled.none}
    labels = {text for text in intended if text in spelled.neutral} | unasked
    if not labels:
        return []
    texts["intended"] = ["" if text in labels else text for text in texts["intended"]]
    return [
        f"{quote(text)} ({say_lines(intended[text])}) is no emotion that people could choose: such clips count for"
        " agreement and not for the hit rate."
        for text in sorted(labels)
    ]


def _say_unintended(texts: Mapping[str, Texts], lines: Sequence[int]) -> list[str]:
    empty = [line for line, text in zip(lines, texts["intended"], strict=True) if not text]
    if not empty:
        return []
    if len(empty) == len(lines):
        return ["No clip has an intended emotion: agreement is measured, and no hit rate."]
    return [f"{len(empty)} rows have no intended emotion ({say_lines(empty)}); they count for agreement alone."]


def _without_level(texts: Mapping[str, Texts], lines: Sequence[int], by: Sequence[str]) -> list[str]:
    notes = []
    for name in by:
        empty = [line for line, text in zip(lines, texts[name], strict=True) if not text]
        if empty:
            notes.append(f"{name} is empty ({say_lines(empty)}): such answers are in no level of it.")
    return notes


def _doubts(texts: Mapping[str, Texts], lines: Sequence[int], offered: Offered, factors: Sequence[str]) -> list[str]:
    where = {name: doubts.LinesOf(texts[name], lines) for name in texts}
    notes = doubts.say_answers(where["intended"], where["chosen"], offered)
    if not offered.declared:
        both = [*texts["intended"], *texts["chosen"]]
        notes += doubts.say_alike("answers", doubts.LinesOf(both, [*lines, *lines]))
    for name in NAMES:
        notes += doubts.say_alike(f"names of {name}s" if name == "participant" else "names of stimuli", where[name])
        notes += [*doubts.say_damaged(name, where[name]), *doubts.say_dates(name, where[name])]
        notes += doubts.say_leading_zeros(name, where[name])
    for name in factors:
        if name in ("picture", "music") and not any(texts["asked"]):
            notes += doubts.say_unknown_emotions(f"{name}'s emotion", where[name], offered)
        elif name not in NOT_COMPARED:
            notes += doubts.say_alike(f"levels of {name}", where[name])
    return [*notes, *doubts.say_kinds(where["kind"]), *doubts.say_aside(where["kind"])]


def _factorise(texts: Texts) -> tuple[Codes, tuple[str, ...]]:
    place: dict[str, int] = {}
    codes = np.fromiter((place.setdefault(text, len(place)) for text in texts), np.int64, len(texts))
    return codes, tuple(place)


def _factor(texts: Texts) -> Factor:
    codes, levels = _factorise(texts)
    return Factor(levels, codes)


def _words(column: Sequence[Any] | None, size: int, named: Sequence[str] | None) -> Factor:
    """Free words in one spelling; what means missing is no word."""
    if column is None:
        return Factor(("",), np.zeros(size, np.int64))
    raw = ["" if value is None else str(value) for value in column]
    spelling = {text: one_word(text) for text in set(raw)}
    for text in missing_from(named, None, None).among(spelling.values()):
        spelling |= {written: "" for written, word in spelling.items() if word == text}
    return _factor([spelling[text] for text in raw])


def _lookup(texts: Texts, names: Sequence[str]) -> Codes:
    """Codes into `names`; −1 for an empty cell, −2 for a name that is not among them."""
    place = {name: code for code, name in enumerate(names)}
    place.setdefault("", MISSING)
    return np.fromiter((place.get(text, -2) for text in texts), np.int64, len(texts))
