"""What was rated while clips played, as one measure: the mean course of every emotion, its level, and coherence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from generation.emotions import SLUGS, get_emotion
from survey.analysis.affect.over_people import OverPeople, over_people
from survey.analysis.affect.scales import ENDS
from survey.analysis.continuous.coherence import courses_by_clip, pairs_of_clip
from survey.analysis.continuous.mean_course import after_beginning, band_of, of_each_person, oriented_from
from survey.analysis.estimates import Floats, number
from survey.analysis.measures.measure import Asked, Group, Measure
from survey.analysis.measures.shown import CoursePlot, Curve, Table
from survey.analysis.measures.units import Unit
from survey.analysis.ratings.courses import Courses
from survey.analysis.wording import counted, decimal, decimals

DIGITS = 4
TOO_FEW = "not defined: no two people went on moving their mark to the same clip"
SCALES = ("valence", "arousal")


@dataclass(frozen=True, slots=True)
class MeanCourse:
    """How people rated the clips of one emotion as they played, on one scale. All lists have one entry per sample."""

    emotion: Annotated[str, "the intended emotion"]
    courses: Annotated[int, "courses, one per clip and person"]
    participants: Annotated[int, "people who gave them"]
    clips: Annotated[int, "clips that they were given to"]
    people: Annotated[tuple[int, ...], "people who had moved their mark by then"]
    mean: Annotated[
        tuple[float | None, ...],
        "of the people's own mean courses; `null` before half of them had moved their mark",
    ]
    low: Annotated[
        tuple[float | None, ...],
        "lower end of its 95 % interval for new people, at each sample by itself; `null` also where they are all alike",
    ]
    high: Annotated[tuple[float | None, ...], "its upper end"]
    level: Annotated[OverPeople, "mean of the course after the beginning of each clip that is left out"]
    intended: Annotated[float | None, "the emotion's own coordinate, on the same scale"]


@dataclass(frozen=True, slots=True)
class Coherence:
    """How far people went alike while the same clip played."""

    estimate: Annotated[float | None, "mean over clips of the mean Pearson's r between two people's courses"]
    clips: Annotated[int, "clips with such pairs"] = 0
    pairs: Annotated[int, "pairs of people, over all clips"] = 0
    reason: Annotated[str | None, "why it is `null`"] = None


@dataclass(frozen=True, slots=True)
class CoursesOfScale:
    """Everything about one scale."""

    emotions: Annotated[tuple[MeanCourse, ...], "every emotion with courses"]
    coherence: Annotated[Coherence, "of different people to the same clip, from whole seconds after the beginning"]


@dataclass(frozen=True, slots=True)
class Continuous:
    """Ratings while clips played, −1 to 1."""

    hertz: Annotated[int, "samples per second of the clip; the first stands at its beginning", Unit("Hz")]
    left_out: Annotated[
        float,
        "seconds at the beginning of a clip that levels and coherence leave out at most, of a shorter one half",
        Unit("s", digits=1),
    ]
    valence: Annotated[CoursesOfScale | None, "unpleasant (−1) to pleasant (1); `null` where nobody rated it"]
    arousal: Annotated[CoursesOfScale | None, "calm (−1) to activated (1); `null` where nobody rated it"]


def measure_courses(courses: Courses) -> Continuous | None:
    """Return what people rated while clips played; None where nobody did.

    Notes
    -----
    Each person counts once: their courses to the clips of an emotion are averaged first. Intervals speak of new people
    hearing these clips. The delay between the music and the hand is not taken out.

    Examples
    --------
    >>> table = np.tile(np.repeat([np.nan, 0.5], 10), (2, 1)) + np.array([[0.0], [0.1]])
    >>> one = np.zeros(2, np.int64)
    >>> found = measure_courses(
    ...     Courses(("A", "B"), ("S",), ("joy",), np.arange(2), one, one, table, None, 10))
    >>> found.left_out, found.valence.emotions[0].mean[-1], found.arousal is None
    (1.0, 0.55, True)
    """
    scales = {name: _scale(courses, name) for name in SCALES}
    if not any(scales.values()):
        return None
    samples = max(table.shape[1] for table in (courses.valence, courses.arousal) if table is not None)
    return Continuous(courses.hertz, oriented_from(samples, courses.hertz) / courses.hertz, **scales)


def _scale(courses: Courses, name: str) -> CoursesOfScale | None:
    table: Floats | None = getattr(courses, name)
    if table is None or np.isnan(table).all():
        return None
    means = [
        _mean_course(courses.select(courses.intended == code), name, emotion)
        for code, emotion in enumerate(courses.emotions)
        if (courses.intended == code).any()
    ]
    return CoursesOfScale(tuple(means), _coherence(table, courses))


def _mean_course(courses: Courses, name: str, emotion: str) -> MeanCourse:
    table: Floats = getattr(courses, name)
    people = of_each_person(table, courses.participant)
    n, mean, half = band_of(people)
    after = of_each_person(after_beginning(table, courses.stimulus, courses.hertz), courses.participant)
    there = ~np.isnan(after)
    sums, counts = np.where(there, after, 0.0).sum(axis=1), there.sum(axis=1)
    levels = np.divide(sums, counts, out=np.full(len(after), np.nan), where=counts > 0)
    return MeanCourse(
        emotion=emotion,
        courses=len(courses),
        participants=len(people),
        clips=int(np.unique(courses.stimulus).size),
        people=tuple(map(int, n)),
        mean=_told(mean),
        low=_told(np.maximum(mean - half, -1.0)),
        high=_told(np.minimum(mean + half, 1.0)),
        level=over_people(levels),
        intended=float(getattr(get_emotion(emotion), name)) if emotion in SLUGS else None,
    )


def _told(values: Floats) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else round(float(value), DIGITS) for value in values)


def _coherence(table: Floats, courses: Courses) -> Coherence:
    pairs = [pairs_of_clip(own, courses.hertz) for own in courses_by_clip(table, courses.stimulus)]
    known = [own for own in pairs if own.size]
    if not known:
        return Coherence(None, reason=TOO_FEW)
    return Coherence(number(np.mean([own.mean() for own in known])), len(known), sum(own.size for own in known))


def _scales(found: Continuous) -> list[tuple[str, CoursesOfScale]]:
    return [(name, one) for name in SCALES if (one := getattr(found, name))]


def _tables(found: Continuous) -> list[Table]:
    return [*(_of_emotions(name, one, found.left_out) for name, one in _scales(found)), _of_coherence(found)]


def _of_emotions(name: str, one: CoursesOfScale, left_out: float) -> Table:
    rows = [
        [
            course.emotion,
            str(course.participants),
            str(course.clips),
            str(course.courses),
            decimal(course.level.estimate, 2),
            decimals(course.level.interval, 2),
            decimal(course.intended, 2),
            course.level.reason or "",
        ]
        for course in _in_order(one)
    ]
    caption = (
        f"Rated {name} while the clip played, {ENDS[name]}: mean of the course without {_beginning(left_out)}, with a"
        " 95 % interval for new people hearing these clips (t over people); beside it the emotion's own coordinate."
    )
    header = ["Emotion", "People", "Clips", "Courses", "Mean", "95 %", "Intended", "Note"]
    return Table(f"continuous_{name}", f"{name.capitalize()} while the clip played", header, rows, caption)


def _of_coherence(found: Continuous) -> Table:
    rows = [
        [
            name,
            decimal(one.coherence.estimate, 2),
            str(one.coherence.clips),
            str(one.coherence.pairs),
            one.coherence.reason or "",
        ]
        for name, one in _scales(found)
    ]
    caption = (
        "Mean Pearson's r between the courses of two people to the same clip, from means of whole seconds without"
        f" {_beginning(found.left_out)}, averaged over clips. Samples that follow each other hang together (Schubert"
        " 2002): r of unrelated courses is often far from 0, and no interval or p-value is given."
    )
    header = ["Scale", "r between people", "Clips", "Pairs", "Note"]
    return Table("continuous_coherence", "How far people went alike", header, rows, caption)


def _plots(found: Continuous) -> list[CoursePlot]:
    plots = []
    for name, one in _scales(found):
        curves = [
            Curve(course.emotion, course.mean, course.low, course.high, course.people, course.intended, _level(course))
            for course in _in_order(one)
        ]
        caption = (
            f"Mean rated {name} ({ENDS[name]}) at every tenth of a second of the clips of each emotion, each person's"
            " own clips averaged first. Band: 95 % intervals for new people hearing these clips, at each moment by"
            " itself: the whole of a true course leaves such a band more often than in 5 % of studies. Upright dashes:"
            f" until then listeners find their bearings; levels leave out {_beginning(found.left_out)}."
            " Curves begin where half of the people had moved their mark; the delay of hands is not taken out."
        )
        finding = " ".join(_said(name, one)) or f"Courses of {name} for {counted(len(curves), 'emotion')}."
        title = f"Rated {name} while the clip played"
        plots.append(CoursePlot(f"course_{name}", title, curves, found.hertz, found.left_out, caption, finding))
    return plots


def _in_order(one: CoursesOfScale) -> list[MeanCourse]:
    """Courses in the order that emotions have everywhere; others follow."""
    known = [course for name in SLUGS for course in one.emotions if course.emotion == name]
    return [*known, *(course for course in one.emotions if course.emotion not in SLUGS)]


def _beginning(left_out: float) -> str:
    """What levels and coherence leave out, in words that hold for shorter clips as well."""
    return f"the first {left_out:g} s, and at most half, of every clip"


def _level(course: MeanCourse) -> str:
    """What the level is, in words."""
    if course.level.estimate is None:
        return ""
    interval = f" (95 % {decimals(course.level.interval, 2)})" if course.level.interval else ""
    return f"mean {decimal(course.level.estimate, 2)}{interval}, {counted(course.participants, 'person', 'people')}"


def _said(name: str, one: CoursesOfScale) -> list[str]:
    known = [(course.level.estimate, course.emotion) for course in one.emotions if course.level.estimate is not None]
    said = []
    if len(known) > 1:
        (low, lowest), (high, highest) = min(known), max(known)
        said.append(
            f"While clips played, {name} was rated highest for {highest} ({decimal(high, 2)}) and lowest for {lowest}"
            f" ({decimal(low, 2)})."
        )
    if one.coherence.estimate is not None:
        said.append(
            f"Courses of {name} of two people to the same clip correlate with r ="
            f" {decimal(one.coherence.estimate, 2)} on average over {counted(one.coherence.clips, 'clip')}."
        )
    return said


def _sentences(found: Continuous) -> list[str]:
    return [text for name, one in _scales(found) for text in _said(name, one)]


def _compute(asked: Asked) -> Continuous | None:
    courses = asked.everything.courses
    return None if courses is None else measure_courses(courses.of_answers(asked.primary))


MEASURE = Measure(
    "continuous",
    "valence and arousal as they were rated while clips played",
    Continuous,
    _compute,
    tables=_tables,
    plots=_plots,
    plot_names=("course_valence", "course_arousal"),
    sentences=_sentences,
    group=Group.SAID_BESIDE,
    place=15,
    needs=(),
)
