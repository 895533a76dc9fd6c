"""How much of the answer follows the picture, and how much the music.

Four cells separate the two: music only, picture only, both matching, both mismatching. Holding one source
fixed and changing the other gives effects as differences in share. They are design-based: no model of
listeners is assumed, and emotion by emotion the same pictures (or the same music) are compared, so an
imbalance of emotions between cells cannot pass for an effect. The contrast is that of all comparisons
(`compare_shares`): the pieces held fixed are compared with themselves, and those that change are new ones, too.

A picture-only answerer has a music effect of 0 up to chance, and the reverse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from survey.analysis.comparisons import MARGIN, Difference, adjust_family, compare_shares
from survey.analysis.estimates import Codes, Truths
from survey.analysis.ratings.container import Ratings

ABSENT = -1
UNKNOWN = -3
CELL_NAMES = ("matched", "mismatched", "picture_only", "music_only")
PAIRED = ("matched", "mismatched")
WITH_PICTURE = ("picture_only", "picture_and_music")
WITH_MUSIC = ("music_only", "picture_and_music")
NOT_SAID = -1
NOT_IN_DESIGN = "not defined: it needs answers to {a} and to {b}"
NO_PAIRS = "not defined: there are no answers to mismatched pairs"


@dataclass(frozen=True, slots=True)
class Cells:
    """Ratings by what was presented: codes of emotions, −1 where there is no picture or no music,
    −3 where a picture is shown or music played and its emotion is not known or was not offered.

    `pictures` and `pieces` are the codes ≥ 0 of the single picture and piece of music; where one is absent or not
    known, its item stands in.
    """

    picture: Codes
    music: Codes
    chosen: Codes
    participant: Codes
    pictures: Codes
    pieces: Codes

    @property
    def matched(self) -> Truths:
        """Both present, the same emotion."""
        result: Truths = (self.picture >= 0) & (self.picture == self.music)
        return result

    @property
    def mismatched(self) -> Truths:
        """Both present, different emotions; the picture's may be unknown."""
        result: Truths = (self.picture != ABSENT) & (self.music >= 0) & (self.picture != self.music)
        return result

    @property
    def mismatched_and_known(self) -> Truths:
        """Mismatched, and it is known what the picture shows."""
        return self.mismatched & (self.picture >= 0)

    @property
    def picture_only(self) -> Truths:
        """A picture without music."""
        result: Truths = (self.picture >= 0) & (self.music == ABSENT)
        return result

    @property
    def music_only(self) -> Truths:
        """Music without a picture."""
        result: Truths = (self.music >= 0) & (self.picture == ABSENT)
        return result


def cells_of(ratings: Ratings) -> Cells | None:
    """Return what was presented in every rating, None where the ratings do not say.

    From the emotions of picture and music; without those from conditions called matched, mismatched,
    picture_only and music_only, where `intended` is the music's emotion (the picture's without music).
    """
    picture, music = _code_of(ratings, "picture"), _code_of(ratings, "music")
    if not (ratings.factors["picture"].is_used and ratings.factors["music"].is_used):
        condition = ratings.factors["condition"]
        if not set(ratings.levels("condition")) & set(CELL_NAMES):
            return None
        names = np.array(condition.levels, object)[condition.codes]
        paired = np.isin(names, ["matched", "picture_only"])
        known = picture if ratings.factors["picture"].is_used else np.where(names == "mismatched", UNKNOWN, ABSENT)
        picture = np.where(paired, ratings.intended, known)
        music = np.where(np.isin(names, ["matched", "mismatched", "music_only"]), ratings.intended, ABSENT)
    shown = _texts_of(ratings, "presentation")
    picture = np.where(np.isin(shown, WITH_PICTURE) & (picture == ABSENT), UNKNOWN, picture)
    music = np.where(np.isin(shown, WITH_MUSIC) & (music == ABSENT), UNKNOWN, music)
    pictures, pieces = _single(ratings, "picture_id"), ratings.with_variants_as_one(_single(ratings, "music_id"))
    return Cells(picture, music, ratings.chosen, ratings.participant, pictures, pieces)


def _single(ratings: Ratings, name: str) -> Codes:
    """Codes ≥ 0 of a source's single pieces; the stimulus where the rating names none."""
    factor = ratings.factors[name]
    # Odd codes for named pieces, even ones for stimuli in their place: the two never meet.
    result: Codes = np.where(factor.named, factor.codes * 2 + 1, ratings.stimulus * 2)
    return result


PRESENTATIONS = ("music_only", "matched", "mismatched", "picture_only")
"""What may be presented; the first that a study has is its primary cell."""


def presentations_of(ratings: Ratings) -> dict[str, Truths]:
    """Return the cells of a design, each with the ratings in it, shape (N,); the primary cell is the first.

    Cells are never pooled: a hit means another thing where the music is absent or belongs to another picture.
    What was presented makes a cell; where the ratings do not say it, the condition does; where there is none,
    all ratings are one cell, called ``""``.

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating("P1", "S1", "picture_only", "fear", "fear"),
    ...                 Rating("P1", "S2", "music_only", "fear", "awe")])
    >>> {name: keep.tolist() for name, keep in presentations_of(data).items()}
    {'music_only': [False, True], 'picture_only': [True, False]}
    """
    found: dict[str, Truths] = {}
    cell = _presented(ratings)
    for code, name in enumerate(PRESENTATIONS):
        keep: Truths = cell == code
        if keep.any():
            found[name] = keep
    rest: Truths = cell == NOT_SAID
    condition = ratings.factors["condition"]
    for code, level in enumerate(condition.levels):
        keep = rest & (condition.codes == code)
        if keep.any():
            found[level] = keep
    return found or {"": rest}


def _presented(ratings: Ratings) -> Codes:
    """Return what was presented in every rating, codes into `PRESENTATIONS`; −1 where the rating does not say.

    The rating's own word comes first, however few cells a design has and whatever they are called; then the emotions
    of picture and music, where both sources occur; then a condition named like a cell.
    """
    found = np.full(len(ratings), NOT_SAID, np.int64)
    cells = cells_of(ratings)
    if cells is not None:
        for code, name in enumerate(PRESENTATIONS):
            # In the order of PRESENTATIONS: what fits an earlier one stays with it.
            found[(found == NOT_SAID) & getattr(cells, name)] = code
    shown, matching = _texts_of(ratings, "presentation"), _texts_of(ratings, "matching")
    music, picture = _texts_of(ratings, "music"), _texts_of(ratings, "picture")
    both = shown == "picture_and_music"
    fits = np.where(np.isin(matching, PAIRED), matching == "matched", (music == picture) & (music != ""))
    said = {
        "music_only": shown == "music_only",
        "picture_only": shown == "picture_only",
        "matched": both & fits,
        "mismatched": both & ~fits,
    }
    for name, keep in said.items():
        found[keep] = PRESENTATIONS.index(name)
    return found


def _texts_of(ratings: Ratings, name: str) -> Any:
    """The level of every rating; ``""`` where the ratings do not have the factor."""
    factor = ratings.factors.get(name)
    if factor is None:
        return np.full(len(ratings), "", object)
    return np.array(factor.levels or ("",), object)[factor.codes]


def _code_of(ratings: Ratings, name: str) -> Codes:
    factor = ratings.factors[name]
    place = {emotion: code for code, emotion in enumerate(ratings.emotions)}
    lookup = np.array([place.get(level, ABSENT) for level in factor.levels] or [ABSENT], np.int64)
    result: Codes = lookup[factor.codes]
    return result


def measure_picture_and_music(ratings: Ratings, margin: float = MARGIN) -> dict[str, dict[str, Any]]:
    """Return the effects of picture and music.

    Parameters
    ----------
    ratings : Ratings
    margin : float
        For equivalence and power; fixed in the plan.

    Returns
    -------
    dict
        - ``music``: share choosing the picture's emotion, matching − mismatching music (same pictures).
        - ``picture``: share choosing the music's emotion, matching − mismatching picture (same music).
        - ``dominance``: in mismatched pairs, share choosing the music's − the picture's emotion.
        - ``music_added``: share choosing the emotion, matched − picture only.
        - ``picture_added``: share choosing the emotion, matched − music only.

        Each emotion by emotion, then averaged with equal weights (`dominance`: the music's emotions). Holm's p
        values span the five. Empty where the ratings do not say what the pictures show.

    Examples
    --------
    A picture-only answerer:

    >>> from survey.analysis.ratings import Rating, collect
    >>> pairs = [("fear", "fear"), ("awe", "awe"), ("fear", "awe"), ("awe", "fear")]
    >>> data = collect([Rating(f"P{p}", f"S{i}", "", music, picture, picture=picture, music=music)
    ...                 for p in range(5) for i, (picture, music) in enumerate(pairs)])
    >>> found = measure_picture_and_music(data)
    >>> found["music"]["difference"], found["picture"]["difference"], found["dominance"]["difference"]
    (0.0, 1.0, -1.0)
    """
    cells = cells_of(ratings)
    if cells is None:
        return {}
    effects = {
        "music": (
            "music: picture's emotion chosen, matching − other music",
            _hold_picture(cells, cells.mismatched_and_known, "mismatched", margin),
        ),
        "picture": (
            "picture: music's emotion chosen, matching − other picture",
            _hold_music(cells, cells.mismatched, "mismatched", margin),
        ),
        "dominance": ("mismatched: music's − picture's emotion chosen", _dominance(cells, margin)),
        "music_added": (
            "music added to the picture: matched − picture only",
            _hold_picture(cells, cells.picture_only, "picture only", margin),
        ),
        "picture_added": (
            "picture added to the music: matched − music only",
            _hold_music(cells, cells.music_only, "music only", margin),
        ),
    }
    family = adjust_family([found for _, found in effects.values()])
    return {
        name: {"label": label, **found.as_json()}
        for (name, (label, _)), found in zip(effects.items(), family, strict=True)
    }


def _hold_picture(cells: Cells, others: Truths, name: str, margin: float) -> Difference:
    """Share choosing the picture's emotion, matched − others, the pictures compared with themselves."""
    return _contrast(cells, cells.picture, others, (cells.pictures, cells.pieces), name, margin)


def _hold_music(cells: Cells, others: Truths, name: str, margin: float) -> Difference:
    """Share choosing the music's emotion, matched − others, the pieces of music compared with themselves."""
    return _contrast(cells, cells.music, others, (cells.pieces, cells.pictures), name, margin)


def _contrast(
    cells: Cells, target: Codes, others: Truths, held_and_changed: tuple[Codes, Codes], name: str, margin: float
) -> Difference:
    if not (cells.matched.any() and others.any()):
        sizes = int(cells.matched.sum()), int(others.sum())
        return Difference("matched", name, *sizes, margin=margin, reason=NOT_IN_DESIGN.format(a="matched", b=name))
    held, changed = held_and_changed
    return compare_shares(
        cells.chosen == target,
        cells.matched,
        others,
        cells.participant,
        held,
        # Codes of strata are not negative; where there is no target the answer is in neither group.
        strata=np.maximum(target, 0),
        others=changed,
        a="matched",
        b=name,
        margin=margin,
    )


def _dominance(cells: Cells, margin: float) -> Difference:
    """Every answer to a mismatched pair counts on both sides: is it the music's emotion, is it the picture's."""
    keep = cells.mismatched_and_known
    n = int(keep.sum())
    if n == 0:
        return Difference("music", "picture", margin=margin, reason=NO_PAIRS)
    # Each answer stands twice, once per side. Both halves have the same people and pieces, so that they are compared
    # with themselves and the dependence of the two sides is in the variance.
    twice = {
        name: np.tile(codes[keep], 2)
        for name, codes in (("people", cells.participant), ("pieces", cells.pieces), ("pictures", cells.pictures))
    }
    by_music = np.arange(2 * n) < n
    chosen = np.concatenate([cells.chosen == cells.music, cells.chosen == cells.picture])[np.tile(keep, 2)]
    return compare_shares(
        chosen,
        by_music,
        ~by_music,
        twice["people"],
        twice["pieces"],
        strata=np.tile(cells.music[keep], 2),
        others=twice["pictures"],
        a="music",
        b="picture",
        margin=margin,
    )
