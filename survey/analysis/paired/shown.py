"""Comparisons of two clips as an entry of the register: tables, a figure, and sentences."""

from __future__ import annotations

from dataclasses import replace

from survey.analysis.estimates import ALPHA, Interval
from survey.analysis.measures.measure import Asked, Group, Measure
from survey.analysis.measures.shown import Plot, Row, Scale, Table
from survey.analysis.paired.measure import Paired, Preference, Strength, measure_pairs
from survey.analysis.wording import counted, decimal, decimals, equals_p, p_value, share, shares

STEPS = (0.1, 0.2, 0.5, 1.0, 1.5)
"""Between the ticks of the axis of strengths, of which two stand on either side of zero."""
PART = " · "
"""Between the parts of a cell's name."""


def measure_comparisons(asked: Asked) -> Paired | None:
    """Return what the comparisons tell, None where every trial played one clip."""
    return None if asked.pairs is None else measure_pairs(asked.pairs)


def _tables(found: Paired) -> list[Table]:
    found = _named_apart(found)
    strengths = [[name, *_cells(one)] for name, one in found.strengths.items()]
    preferences = [[f"{one.a} over {one.b}", *_preference(one)] for one in found.preferences]
    caption = (
        "Strengths in log-odds by Bradley and Terry’s model with an effect of the side (Davidson and Beaver 1977); they"
        " sum to zero. 95 % intervals, clustered over people (these clips), and over people and"
        f" {found.topic}s (new clips)."
    )
    notes = [text for text in (_say_side(found), _say_equality(found), _reason(found)) if text]
    return [
        Table(
            "strengths",
            "Strengths of what was compared",
            ["Compared", "Answers", "Chosen", "Share", "Strength", "New clips", "These clips"],
            strengths,
            caption,
            notes,
        ),
        Table(
            "preferences",
            "Every two of them",
            ["The one over the other", "Answers", "Chosen", "P (model)", "New clips", "These clips", "p", "p (Holm)"],
            preferences,
            "P: how often the first named is chosen over the second by the model, on either side equally often. p: of"
            " no preference (50 %), two-sided, for new people and new clips.",
        ),
    ]


def _cells(one: Strength) -> list[str]:
    return [
        str(one.n),
        str(one.chosen),
        share(one.share),
        decimal(one.strength, 2),
        decimals(one.participants_stimuli, 2),
        decimals(one.participants, 2),
    ]


def _preference(one: Preference) -> list[str]:
    return [
        str(one.n),
        str(one.chosen),
        share(one.probability),
        shares(one.participants_stimuli),
        shares(one.participants),
        p_value(one.p_value),
        p_value(one.p_holm),
    ]


def _named_apart(found: Paired) -> Paired:
    """The same with names that say what differs: of two cells with matching pairs, their composers."""
    short = shorten(list(found.strengths))
    return replace(
        found,
        strengths={short[name]: one for name, one in found.strengths.items()},
        preferences=tuple(replace(one, a=short[one.a], b=short[one.b]) for one in found.preferences),
    )


def shorten(names: list[str]) -> dict[str, str]:
    """Return for every name what is left of it without the parts that all have in common.

    >>> shorten(["Matching pair · muse", "Matching pair · paper"])
    {'Matching pair · muse': 'muse', 'Matching pair · paper': 'paper'}
    >>> shorten(["Music only", "Matching pair · paper"])["Matching pair · paper"]
    'Matching pair · paper'
    """
    parts = {name: name.split(PART) for name in names}
    common = set.intersection(*map(set, parts.values())) if parts else set()
    short = {name: PART.join(part for part in held if part not in common) for name, held in parts.items()}
    return short if all(short.values()) and len(set(short.values())) == len(names) else {name: name for name in names}


def scale_of(found: Paired) -> Scale:
    """Return the least of the axes that hold every strength and interval, or the widest of them."""
    spans = [(one.strength, one.participants, one.participants_stimuli) for one in found.strengths.values()]
    values = [value for strength, *ends in spans for value in (strength, *(end for pair in ends for end in pair or ()))]
    reach = max((abs(value) for value in values if value is not None), default=0.0)
    step = next((step for step in STEPS if 2 * step >= reach), STEPS[-1])
    return Scale(-2 * step, 2 * step, (-2 * step, -step, 0.0, step, 2 * step), unit="", digits=1)


def _plots(found: Paired) -> list[Plot]:
    found = _named_apart(found)
    known = {name: one for name, one in found.strengths.items() if one.strength is not None}
    if not known:
        return []
    return [
        Plot(
            "strengths",
            "Strengths of what was compared",
            [
                Row(
                    name,
                    one.strength,
                    one.participants_stimuli or one.participants,
                    one.participants if one.participants_stimuli else None,
                    decimal(one.strength, 2),
                    n=one.n,
                )
                for name, one in known.items()
            ],
            scale_of(found),
            "Strength (log-odds)",
            "Strengths by Bradley and Terry’s model, which sum to zero, with 95 % intervals for new people and new"
            " clips; thin lines: for these clips alone. A difference of 1 means chosen in 73 % of comparisons. Dashed:"
            " no difference.",
            " ".join([headline(found), *_sentences(found)]),
            reference=0.0,
            reference_label="all alike",
        )
    ]


def headline(found: Paired) -> str:
    """Return the finding in one sentence: the preference between two, or who leads of several."""
    if not found.n:
        return "There are no answers yet."
    found = _named_apart(found)
    of = f"{counted(found.n, 'comparison')} by {counted(found.people, 'person', 'people')}"
    leading = max(found.preferences, key=_lead)
    if leading.probability is None:
        return f"In {of}, {_say_counts(leading)}. Strengths {found.reason}."
    if len(found.strengths) == 2:
        return f"In {of}, {_say(leading)}."
    order = sorted(found.strengths.items(), key=lambda item: -(item[1].strength or 0.0))
    names = ", ".join(f"{name} ({decimal(one.strength, 2)})" for name, one in order)
    return f"In {of} the order of strengths was {names}; {_say(leading)}."


def _is_told(one: Preference) -> bool:
    return one.p_holm is not None and one.p_holm < ALPHA


def _lead(one: Preference) -> tuple[bool, float]:
    """Told preferences first, then how far from none; by the counts alone where there is no model."""
    if one.probability is not None:
        return _is_told(one), abs(one.probability - 0.5)
    return False, abs(one.chosen / one.n - 0.5) if one.n else 0.0


def _turned(one: Preference) -> Preference:
    """The same with the one first that the model has ahead."""
    if one.probability is None or one.probability >= 0.5:
        return one
    return replace(
        one,
        a=one.b,
        b=one.a,
        chosen=one.n - one.chosen,
        probability=1 - one.probability,
        participants=_mirrored(one.participants),
        participants_stimuli=_mirrored(one.participants_stimuli),
    )


def _mirrored(ends: Interval | None) -> Interval | None:
    return None if ends is None else (1 - ends[1], 1 - ends[0])


def _say(one: Preference) -> str:
    """Whether a preference can be told, what the model has, and what was chosen: three things that may differ."""
    turned = _turned(one)
    whom, ends = "new clips", turned.participants_stimuli
    if ends is None:
        whom, ends = "these clips", turned.participants
    interval = f"95 % interval for new people and {whom} {shares(ends)}" if ends else "no interval"
    told = (
        f"listeners preferred {turned.a} to {turned.b}"
        if _is_told(one)
        else f"no preference can be told between {one.a} and {one.b}"
    )
    directly = f"chosen directly in {turned.chosen} of {turned.n}" if turned.n else "never compared directly"
    chosen = f"{turned.a} is chosen over {turned.b} in {share(turned.probability)} of comparisons"
    return f"{told}: by the model {chosen} ({interval}); {directly}"


def _say_counts(one: Preference) -> str:
    return f"{one.a} was chosen over {one.b} in {one.chosen} of {one.n}"


def _say_side(found: Paired) -> str:
    if found.side is None:
        return "" if found.chose_first is None else f"The clip played first was chosen in {share(found.chose_first)}."
    return (
        f"The clip played first was chosen in {share(found.chose_first)} of answers; effect of the side"
        f" {decimal(found.side, 2)} ({decimals(found.side_interval, 2)}) in log-odds, which is taken out of the"
        " strengths."
    )


def _say_equality(found: Paired) -> str:
    if found.equal_f is None or found.equal_degrees is None:
        return ""
    degrees = ", ".join(f"{one:.0f}" for one in found.equal_degrees)
    differ = found.equal_p is not None and found.equal_p < ALPHA
    said = "The strengths differ" if differ else "It could not be shown that the strengths differ"
    return (
        f"{said} (F({degrees}) = {decimal(found.equal_f, 2)}, {equals_p(found.equal_p)}, for new people and these"
        " clips; where new clips are spoken of, cite the p of the preferences)."
    )


def _reason(found: Paired) -> str:
    return f"{found.reason[:1].upper()}{found.reason[1:]}." if found.reason else ""


def _sentences(found: Paired) -> list[str]:
    if not found.n:
        return []
    found = _named_apart(found)
    if len(found.preferences) == 1:
        tested = f"Test of no preference: {equals_p(found.preferences[0].p_value)}, for new people and new clips."
        parts = [] if found.side is None else [tested]
    else:
        names = "; ".join(f"{one.a} to {one.b}" for one in map(_turned, filter(_is_told, found.preferences)))
        parts = [_say_equality(found), f"Preferred, Holm-corrected p < .05: {names or 'none over another'}."]
    return [text for text in (*parts, _say_side(found), _reason(found)) if text]


MEASURE = Measure(
    "paired",
    "strengths and preferences where two clips were compared",
    Paired,
    measure_comparisons,
    tables=_tables,
    plots=_plots,
    plot_names=("strengths",),
    sentences=_sentences,
    headline=headline,
    needs=(),
    about_pairs=True,
    group=Group.RECOGNITION,
    place=5,
)
