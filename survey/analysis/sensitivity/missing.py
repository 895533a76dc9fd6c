"""Answers that are missing: by cell, by emotion and by clip; and whether people leave at some more than at others.

A person is compared with themselves. Whoever leaves one trial of n unanswered might have left any of them; under the
hypothesis that cells (emotions, clips) do not matter each was as likely. So nothing is assumed about how often people
leave, nor at which place in a session, as long as the order of trials is by chance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from survey.analysis.estimates import ALPHA, Codes, Floats, Truths
from survey.analysis.measures.measure import Asked, Group, Measure
from survey.analysis.measures.shown import Table
from survey.analysis.multiplicity import holm
from survey.analysis.ratings.given import Given
from survey.analysis.sensitivity.missing_tests import MissingTest, as_many_or_more, compare_missing
from survey.analysis.sensitivity.rate import NAME
from survey.analysis.wording import decimal, p_value, share


@dataclass(frozen=True, slots=True)
class Missing:
    """Trials of one cell, emotion or clip."""

    given: Annotated[int, "main trials given"]
    missing: Annotated[int, "not answered"]
    share: Annotated[float, "missing / given"]
    left: Annotated[int | None, "people for whom it was the last trial; `null` where positions are not known"]
    expected: Annotated[float, "missing answers if the same people had left any of their trials as likely"]


@dataclass(frozen=True, slots=True)
class MissingClip:
    """Trials of one clip."""

    stimulus: Annotated[str, "its name"]
    condition: Annotated[str, "its cell"]
    intended: Annotated[str, "its emotion"]
    trials: Annotated[Missing, "what was given and is missing"]
    p_value: Annotated[float | None, "one-sided: as many missing or more, if every trial were as likely"]
    p_holm: Annotated[float | None, "corrected over all clips that were given"]
    stands_out: Annotated[bool, "whether `p_holm` < .05"]


@dataclass(frozen=True, slots=True)
class MissingAnswers:
    """Main trials given and not answered, of every cell of the design."""

    given: Annotated[int, "main trials given"]
    missing: Annotated[int, "not answered"]
    people: Annotated[int, "people with at least one missing answer"]
    of_people: Annotated[int, "people who were given a main trial"]
    left: Annotated[int | None, "people whose last trial is missing; `null` where positions are not known"]
    cells: Annotated[dict[str, Missing], "each cell of the design"]
    emotions: Annotated[dict[str, Missing], "each intended emotion"]
    clips: Annotated[tuple[MissingClip, ...], "clips with missing answers, those with the largest share first"]
    cells_test: Annotated[MissingTest, "between cells"]
    emotions_test: Annotated[MissingTest, "between intended emotions"]


def measure_missing_answers(asked: Asked) -> MissingAnswers | None:
    """Return what is missing of a study's main trials; None where nothing is, or where it is not known."""
    given = asked.everything.given
    return None if given is None or bool(given.answered.all()) else count_missing(given)


def count_missing(given: Given) -> MissingAnswers:
    """Return missing answers by cell, emotion and clip, with the tests between them.

    Examples
    --------
    Eight people answer four clips each; four of them leave at the last, which is S3 for all of them:

    >>> order = np.tile(np.arange(4), 8)
    >>> people = np.repeat(np.arange(8), 4)
    >>> given = Given(tuple("abcdefgh"), ("S0", "S1", "S2", "S3"), ("x", "y"), ("fear", "awe"), people, order,
    ...               order % 2, order // 2, ~((people < 4) & (order == 3)), (people < 4) & (order == 3))
    >>> found = count_missing(given)
    >>> found.clips[0].stimulus, found.clips[0].trials.left, found.clips[0].trials.expected
    ('S3', 4, 1.0)
    >>> round(found.clips[0].p_value, 4), found.clips[0].stands_out
    (0.0039, True)
    """
    gone = ~given.answered
    left = given.left
    probability = _as_likely(given.participant, gone)
    cells = _by_level(given.condition, given.conditions, gone, left, probability)
    emotions = _by_level(given.intended, given.emotions, gone, left, probability)
    tests = [
        compare_missing(given.participant, codes, gone, what=what)
        for codes, what in ((given.condition, "cell"), (given.intended, "intended emotion"))
    ]
    # Corrected over the two tests here; the clips have a family of their own below.
    adjusted = holm([test.p_value for test in tests])
    of_cells, of_emotions = (replace(test, p_holm=p) for test, p in zip(tests, adjusted, strict=True))
    who = given.participant
    return MissingAnswers(
        given=len(given),
        missing=int(gone.sum()),
        people=int(np.unique(who[gone]).size),
        of_people=int(np.unique(who).size),
        left=None if left is None else int(left.sum()),
        cells=cells,
        emotions=emotions,
        clips=_clips(given, gone, left, probability),
        cells_test=of_cells,
        emotions_test=of_emotions,
    )


def _as_likely(participants: Codes, gone: Truths) -> Floats:
    """Probability that each trial is missing, if its person's missing ones could as well be any other of theirs."""
    own = np.bincount(participants)
    lacking = np.bincount(participants[gone], minlength=own.size)
    result: Floats = (lacking / np.maximum(own, 1))[participants]
    return result


def _missing(keep: Truths, gone: Truths, left: Truths | None, probability: Floats) -> Missing:
    n, lacking = int(keep.sum()), int((keep & gone).sum())
    last = None if left is None else int((keep & left).sum())
    return Missing(n, lacking, lacking / n, last, float(probability[keep].sum()))


def _by_level(
    codes: Codes, names: tuple[str, ...], gone: Truths, left: Truths | None, probability: Floats
) -> dict[str, Missing]:
    """Every level that was given; one level alone says nothing, and is left out."""
    occurring = [code for code in range(len(names)) if (codes == code).any()]
    if len(occurring) < 2:
        return {}
    return {names[code]: _missing(codes == code, gone, left, probability) for code in occurring}


def _clips(given: Given, gone: Truths, left: Truths | None, probability: Floats) -> tuple[MissingClip, ...]:
    """Clips with missing answers; corrected over all, for which clip has none is part of the chance."""
    clips = np.unique(given.stimulus).tolist()
    p_values = [_p_of_clip(given.stimulus == code, gone, probability) for code in clips]
    found = []
    for code, p, adjusted in zip(clips, p_values, holm(p_values), strict=True):
        keep = given.stimulus == code
        trials = _missing(keep, gone, left, probability)
        if not trials.missing:
            continue
        first = int(np.flatnonzero(keep)[0])
        cell, intended = given.conditions[given.condition[first]], given.intended[first]
        emotion = given.emotions[intended] if intended >= 0 else ""
        stands_out = adjusted is not None and adjusted < ALPHA
        found.append(MissingClip(given.stimuli[code], cell, emotion, trials, p, adjusted, stands_out))
    return tuple(sorted(found, key=lambda one: (-one.trials.share, -one.trials.missing, one.stimulus)))


def _p_of_clip(keep: Truths, gone: Truths, probability: Floats) -> float | None:
    """None where everybody who met the clip left all of their trials, and could have left no other."""
    chances = probability[keep & (probability > 0)]
    if chances.size and (chances >= 1).all():
        return None
    return as_many_or_more(chances, int((keep & gone).sum()))


SHOWN = 12
"""Clips with missing answers in the table; JSON has all of them."""


def _tables(found: MissingAnswers) -> list[Table]:
    levels = [("Cell", found.cells), ("Emotion", found.emotions)]
    rows = [
        [
            "All",
            *_cells(Missing(found.given, found.missing, found.missing / found.given, found.left, float(found.missing))),
        ],
        *([f"{what}: {name}", *_cells(one)] for what, level in levels for name, one in level.items()),
    ]
    header = ["", "Given", "Missing", "Share", "Left there", "Expected"]
    caption = (
        f"Main trials given and not answered, of {found.people} of {found.of_people} people. Expected: if the same"
        " people had left any of their trials as likely."
    )
    notes = [_say_test(name, test) for name, test in (("cells", found.cells_test), ("emotions", found.emotions_test))]
    return [Table("missing", "Missing answers", header, rows, caption, notes), _clip_table(found)]


def _cells(one: Missing) -> list[str]:
    left = "–" if one.left is None else str(one.left)
    return [str(one.given), str(one.missing), share(one.share), left, decimal(one.expected, 1)]


def _say_test(name: str, test: MissingTest) -> str:
    if test.p_value is None:
        return f"Between {name}: {test.reason}."
    return (
        f"Between {name}, within people: χ²({test.degrees}) = {decimal(test.statistic, 2)}, p {p_value(test.p_value)},"
        f" Holm over cells and emotions {p_value(test.p_holm)}."
    )


def _clip_table(found: MissingAnswers) -> Table:
    rows = [
        [
            one.stimulus[:NAME],
            "more than by chance" if one.stands_out else "",
            *_cells(one.trials),
            p_value(one.p_holm),
            one.condition or "–",
            one.intended or "–",
        ]
        for one in found.clips[:SHOWN]
    ]
    header = ["Clip", "Note", "Given", "Missing", "Share", "Left there", "Expected", "p (Holm)", "Cell", "Intended"]
    more = len(found.clips) - len(rows)
    notes = [f"{more} more clips have missing answers; the JSON lists them all."] if more else []
    caption = (
        "The largest shares first. p: as many missing or more, if each of these people had left any of their trials as"
        " likely (one-sided, Holm over all clips)."
    )
    kinds = {"Cell": "remark", "Intended": "remark"}
    return Table("missing-clips", "Clips with missing answers", header, rows, caption, notes, kinds)


def _sentences(found: MissingAnswers) -> list[str]:
    said = [
        f"Of {found.given} main trials {found.missing} were not answered ({share(found.missing / found.given)}), by"
        f" {found.people} of {found.of_people} people."
    ]
    names = [one.stimulus[:NAME] for one in found.clips if one.stands_out]
    if names:
        said.append(f"More answers are missing than by chance at {', '.join(names)}.")
    for what, test in (("cells", found.cells_test), ("intended emotions", found.emotions_test)):
        if test.p_holm is not None and test.p_holm < ALPHA:
            p = p_value(test.p_holm)
            said.append(
                f"Missing answers are not spread alike over the {what} (χ²({test.degrees}) ="
                f" {decimal(test.statistic, 2)}, Holm-corrected p {p if p.startswith('<') else f'= {p}'})."
            )
    return said


MEASURE = Measure(
    "missing_answers",
    "main trials given and not answered, by cell, emotion and clip; of all cells",
    MissingAnswers,
    measure_missing_answers,
    tables=_tables,
    sentences=_sentences,
    needs=(),
    group=Group.SENSITIVITY,
    place=50,
)
