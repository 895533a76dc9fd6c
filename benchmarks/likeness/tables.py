"""The judgements as Markdown, for people, and as plain data, for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

import numpy as np

from benchmarks.intervals import Measured
from benchmarks.likeness.clips import QUADRANTS
from benchmarks.likeness.counting import COUNTS
from benchmarks.likeness.families import BY_DESIGN, FAMILIES
from benchmarks.likeness.judging import Judgement
from generation.emotions import EMOTIONS

NOTHING = "–"
Judgements = Mapping[str, Judgement]


def write_markdown(judged: Judgements) -> str:
    """All tables of a set of judgements, by name; the first of them is the summary."""
    made = {name: one for name, one in judged.items() if one.intentions or one.distances_by_emotion}
    parts = [
        write_summary(judged),
        write_distances(judged),
        write_emotions(made),
        *(write_giveaways(name, one) for name, one in made.items()),
        write_recognition(judged),
        *(write_confusion(name, one) for name, one in made.items()),
        write_counts(judged),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def write_summary(judged: Judgements) -> str:
    """One column per set of clips: how lifelike, how clear."""
    rows: dict[str, list[str]] = {"clips": [str(one.clips) for one in judged.values()]}

    def add(name: str, cells: Sequence[str]) -> None:
        rows[name] = list(cells)

    for title, part in (("content", "content_areas"), ("all features", "all_areas")):
        areas = [getattr(one, part) or {} for one in judged.values()]
        for classifier in dict.fromkeys(name for area in areas for name in area):
            add(f"AUC, {title}, {classifier}", [interval(area.get(classifier)) for area in areas])
    distances = [one.distances for one in judged.values()]
    add("distance, mean of families (real–real 1)", [interval(one.mean if one else None) for one in distances])
    add(
        "distance, worst family",
        [f"{one.worst} {interval(one.families[one.worst])}" if one else NOTHING for one in distances],
    )
    for name in ("overlap", "divergence", "density", "coverage", "twins", "diversity"):
        add(SAID.get(name, name), [number(getattr(one, name)) for one in judged.values()])
    heard = [one.recognised or {} for one in judged.values()]
    for judge in dict.fromkeys(name for one in heard for name in one):
        add(f"recognised: {judge}", [interval(one[judge]["all"].share) if judge in one else NOTHING for one in heard])
    add(
        "emotions told apart (balanced)",
        [interval(one.intentions.accuracy if one.intentions else None) for one in judged.values()],
    )
    return table(["", *judged], [[name, *cells] for name, cells in rows.items()])


SAID = {"divergence": "divergence (KL)", "twins": "near twins (real .10)"}


def write_distances(judged: Judgements) -> str:
    """Distance per family."""
    compared = {name: one.distances for name, one in judged.items() if one.distances}
    sizes = ", ".join(f"{name} {one.set_size}" for name, one in compared.items())
    rows = [
        [f"{family} ({about})", *(interval(one.families[family]) for one in compared.values())]
        for family, about in FAMILIES.items()
    ]
    title = (
        "**Distance per family**; two sets of real clips are 1 apart. All clips end alike by design: "
        f"the family {BY_DESIGN!r} is part of neither mean nor worst. Clips in each set compared: {sizes}."
    )
    return f"{title}\n\n{table(['', *compared], rows)}"


def write_emotions(made: Judgements) -> str:
    """Distance of each emotion's clips from real clips of its quadrant: mean, and the worst family."""
    rows = []
    for emotion in EMOTIONS:
        cells = []
        for one in made.values():
            found = (one.distances_by_emotion or {}).get(emotion.slug)
            cells.append(
                f"{interval(found.mean)}, {found.worst} {found.families[found.worst].value:.2f}" if found else NOTHING
            )
        rows.append([f"{emotion.slug} ({emotion.quadrant})", *cells])
    return "**Distance per emotion** from real clips of its quadrant: mean, worst family.\n\n" + table(
        ["", *made], rows
    )


def write_giveaways(name: str, one: Judgement) -> str:
    """The features that alone tell made clips from real ones best."""
    rows = [
        [found.feature, f"{found.area:.2f}", number(found.made), number(found.real)] for found in one.giveaways or ()
    ]
    title = f"**{name}: what gives it away**, single features; AUC above .5 where made clips have more."
    return f"{title}\n\n{table(['', 'AUC', 'made', 'real'], rows)}" if rows else ""


def write_recognition(judged: Judgements) -> str:
    """How often each judge hears the quadrant, per emotion and quadrant."""
    heard = {name: one.recognised for name, one in judged.items() if one.recognised}
    groups = ["all", *QUADRANTS, *(emotion.slug for emotion in EMOTIONS)]
    judges = dict.fromkeys(judge for one in heard.values() for judge in one)
    folded = {emotion.slug: f"{emotion.slug} ({emotion.quadrant})" for emotion in EMOTIONS}
    rows = [
        [
            folded.get(group, group),
            judge,
            *(interval(one[judge][group].share) if group in one[judge] else NOTHING for one in heard.values()),
        ]
        for group in groups
        for judge in judges
    ]
    return "**Recognised** of four quadrants, Wilson's intervals; chance is .25.\n\n" + table(
        ["", "judge", *heard], rows
    )


def write_confusion(name: str, one: Judgement) -> str:
    """Which emotions are taken for which."""
    if one.intentions is None:
        return ""
    found = one.intentions
    confused = found.most_confused()
    most = "most confused: {} and {} ({})".format(*confused) if confused else "none confused"
    rows = [[emotion, *map(str, row)] for emotion, row in zip(found.emotions, found.confusion.tolist(), strict=True)]
    return (
        f"**{name}: what was meant (rows) and what a judge of other seeds heard (columns).** Balanced accuracy "
        f"{interval(found.accuracy)}, chance {1 / len(found.emotions):.2f}; {most}."
        f"\n\n{table(['', *found.emotions], rows)}"
    )


def write_counts(judged: Judgements) -> str:
    """Musicians' counts, per emotion and per quadrant of real clips."""
    rows = []
    for name, one in judged.items():
        for group, counts in (one.counts or {}).items():
            rows.append([name, group, *(number(counts[count]) for count in COUNTS)])
    units = "; ".join(f"{name}: {what}" for name, what in COUNTS.items())
    return f"**Counts**, means over clips ({units}).\n\n{table(['', 'clips of', *COUNTS], rows)}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def interval(found: Measured | None) -> str:
    """A figure with its interval, or a dash.

    >>> interval(Measured(0.5, 0.25, 0.75))
    '0.50 (0.25–0.75)'
    """
    return NOTHING if found is None else f"{found.value:.2f} ({found.low:.2f}–{found.high:.2f})"


def number(value: float | None) -> str:
    """Three figures at most, of which three decimals at most; a dash for nothing.

    >>> number(0.0126), number(0.126), number(61.24), number(None)
    ('0.013', '0.13', '61.2', '–')
    """
    if value is None:
        return NOTHING
    return f"{value:.{3 if abs(value) < 0.1 else 2 if abs(value) < 10 else 1}f}"


def as_plain(value: Any) -> Any:
    """Judgements as dictionaries, lists and numbers that JSON can write."""
    if is_dataclass(value) and not isinstance(value, type):
        return as_plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(name): as_plain(one) for name, one in value.items()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [as_plain(one) for one in value]
    return value
