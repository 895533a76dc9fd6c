"""The lens of pictures: how emotions go through what is seen, where pictures were shown.

Below 4 pictures of an emotion, or of others, there are no weights (`measure_lens`). Where music plays with the picture,
the two act together; where the music was made for another emotion, the picture's own is what its lens is about.

Examples
--------
Ten people see six pictures, each with two pieces of music; they go by the picture: dark is fear, but for one in four.

>>> from dataclasses import replace
>>> from survey.analysis.ratings import Rating, collect
>>> from survey.analysis.ratings.attributes import gather_attributes
>>> light = {f"P{place}": value for place, value in enumerate((0.1, 0.2, 0.3, 0.45, 0.7, 0.8, 0.9, 0.95))}
>>> answers = [
...     Rating(f"L{person}", f"{picture}-{music}", "", music, said, picture=shown, music=music, picture_id=picture)
...     for person in range(10) for place, picture in enumerate(light) for music in ("fear", "joy")
...     for shown in [("fear", "joy")[place > 3]]
...     for said in [("fear", "joy")[(light[picture] > 0.5) ^ ((person + place) % 4 == 0)]]
... ]
>>> measured = gather_attributes({f"{name}-{music}": {"brightness": light[name]}
...     for name in light for music in ("fear", "joy")})
>>> ratings = replace(collect(answers, ["fear", "joy"]), picture_attributes=measured)
>>> fear = MEASURE.measure(Asked(ratings, ratings, ratings, "", 0, 0)).emotions[0]
>>> fear.emotion, fear.clips, fear.answers, fear.cues[0].cue, fear.cues[0].standing
('fear', 4, 80, 'brightness', 'agree')
>>> round(fear.cues[0].validity.estimate, 2), round(fear.cues[0].utilisation.estimate, 2)
(-0.9, -0.89)
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from survey.analysis.estimates import Codes, Truths
from survey.analysis.lens.measure import Answers, measure_lens
from survey.analysis.lens.results import Lens
from survey.analysis.lens.shown import plot_names_of, show_plots, show_sentences, show_tables
from survey.analysis.lens.subjects import PICTURES
from survey.analysis.measures.measure import A_CHOICE, Asked, Group, Measure, Need
from survey.analysis.ratings import Ratings

MUSIC_ALONE = "music_only"
"""The presentation that shows no picture."""
SEVERAL_EMOTIONS = "not defined: answers to each picture name several emotions as its own"


def _shows_measured_pictures(asked: Asked) -> bool:
    return bool((_seen(asked.primary) & (_emotions_of(asked.primary) >= 0)).any())


MEASURED = Need("pictures shown, with measured attributes and an emotion", _shows_measured_pictures)


def measure_study(asked: Asked) -> Lens | None:
    """Return the lens of the pictures shown in the primary cell; None where none was measured.

    Samples are pictures: all answers to trials that show one count for it, whatever music plays with it. Their
    criterion is the picture's own emotion, also where the music was made for another.
    """
    seen, measured = _seen(asked.primary), asked.primary.picture_attributes
    if measured is None or not seen.any():
        return None
    ratings, emotions = asked.primary.select(seen), _emotions_of(asked.primary)[seen]
    picture = _pictures_of(ratings)
    chosen = np.where(ratings.chosen == ratings.none_code, -1, ratings.chosen)
    own = _one_each(picture, emotions)
    answers = Answers(ratings.participant, picture, picture, own, chosen, ratings.stimuli, ratings.emotions)
    found: Lens = _about_pictures(
        measure_lens(answers, measured.names, measured.of(ratings.stimuli), ranked=PICTURES.ranked)
    )
    several = np.unique(picture[(own < 0) & (emotions >= 0)]).size
    reason = SEVERAL_EMOTIONS if several and not found.clips and not found.clips_left_out else found.reason
    return replace(found, clips_left_out=found.clips_left_out + several, reason=reason)


def _seen(ratings: Ratings) -> Truths:
    """Whether each answer is to a trial that showed a measured picture, shape (N,)."""
    if ratings.picture_attributes is None:
        return np.zeros(len(ratings), bool)
    known: Truths = np.any(np.isfinite(ratings.picture_attributes.of(ratings.stimuli)), axis=1)
    presentation = ratings.factors["presentation"]
    shown = np.array([level != MUSIC_ALONE for level in presentation.levels], bool)
    result: Truths = known[ratings.stimulus] & shown[presentation.codes]
    return result


def _emotions_of(ratings: Ratings) -> Codes:
    """The picture's own emotion at every answer, −1 where it was not offered; the intended one where nothing is told.

    No picture has two emotions that both count: where trials name several, it has none.
    """
    picture = ratings.factors["picture"]
    if not picture.is_used:
        return ratings.intended
    code = {name: place for place, name in enumerate(ratings.emotions)}
    return np.array([code.get(level, -1) for level in picture.levels], np.int64)[picture.codes]


def _pictures_of(ratings: Ratings) -> Codes:
    """The stimulus that stands for the picture of every answer: of those that show it the first by name.

    A stimulus whose picture has no name shows a picture of its own.
    """
    picture = ratings.factors["picture_id"]
    own = np.where(picture.named, picture.codes, len(picture.levels) + ratings.stimulus)
    by_name = np.argsort(ratings.stimuli)
    place = np.empty_like(by_name)
    place[by_name] = np.arange(len(by_name))
    first = np.full(len(picture.levels) + len(ratings.stimuli), len(by_name))
    np.minimum.at(first, own, place[ratings.stimulus])
    result: Codes = by_name[first[own]]
    return result


def _one_each(picture: Codes, emotions: Codes) -> Codes:
    """The emotion of every answer's picture; −1 where answers to one picture tell several."""
    of_picture = np.full(int(picture.max()) + 1, -1, np.int64)
    of_picture[picture] = emotions
    of_picture[picture[of_picture[picture] != emotions]] = -1
    return of_picture[picture]


def _about_pictures(part: Any) -> Any:
    """The same result, whose reasons name pictures where those of other lenses name clips."""
    if isinstance(part, tuple):
        return tuple(map(_about_pictures, part))
    if not is_dataclass(part) or isinstance(part, type):
        return part
    changed = {field.name: _about_pictures(getattr(part, field.name)) for field in fields(part)}
    if changed.get("reason"):
        changed["reason"] = changed["reason"].replace("clip", "picture")
    return replace(part, **changed)


MEASURE = Measure(
    PICTURES.name,
    "how emotions go through measured attributes of the pictures shown: what pictures of an emotion have, and what"
    " viewers go by",
    Lens,
    measure_study,
    tables=partial(show_tables, PICTURES),
    plots=partial(show_plots, PICTURES),
    plot_names=plot_names_of(PICTURES),
    sentences=partial(show_sentences, PICTURES),
    group=Group.MODELS,
    place=51,
    needs=(A_CHOICE, MEASURED),
)
