"""Rated valence and arousal, as one measure: beside the intended coordinates, and how reliable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from survey.analysis.affect.scales import ENDS, Placed, ScaleRatings, measure_scale
from survey.analysis.estimates import Floats
from survey.analysis.measures.measure import Asked, Group, Measure
from survey.analysis.measures.shown import Place, PlanePlot, Plot, Row, Scale, Table
from survey.analysis.wording import counted, decimal, decimals, share

AXIS = Scale(-1.0, 1.0, (-1.0, -0.5, 0.0, 0.5, 1.0), unit="")


@dataclass(frozen=True, slots=True)
class RatedPlace:
    """How many ratings lie at one place, to the nearest tenth of both scales."""

    valence: Annotated[float, "of the place"]
    arousal: Annotated[float, "of the place"]
    n: Annotated[int, "ratings there, of all clips"]


@dataclass(frozen=True, slots=True)
class Rated:
    """Ratings on both scales, −1 to 1 as the emotions' coordinates."""

    valence: Annotated[ScaleRatings | None, "unpleasant (−1) to pleasant (1); `null` where nobody rated it"]
    arousal: Annotated[ScaleRatings | None, "calm (−1) to activated (1); `null` where nobody rated it"]
    places: Annotated[tuple[RatedPlace, ...], "where single ratings of both scales lie"]


def _compute(asked: Asked) -> Rated | None:
    ratings = asked.primary
    places = count_places(ratings.valence, ratings.arousal)
    found = Rated(measure_scale(ratings, "valence"), measure_scale(ratings, "arousal"), places)
    return found if found.valence or found.arousal else None


def count_places(valence: Floats, arousal: Floats) -> tuple[RatedPlace, ...]:
    """Return how many ratings lie at each place to the nearest tenth, by valence and then arousal; NaN is none.

    >>> count_places(np.array([0.52, 0.48, np.nan, -1.0]), np.array([0.0, 0.04, 0.3, 1.0]))
    (RatedPlace(valence=-1.0, arousal=1.0, n=1), RatedPlace(valence=0.5, arousal=0.0, n=2))
    """
    both = ~np.isnan(valence) & ~np.isnan(arousal)
    tenths = np.rint(10 * np.stack([valence[both], arousal[both]], axis=1)).astype(int)
    places, counts = np.unique(tenths, axis=0, return_counts=True)
    return tuple(RatedPlace(v / 10, a / 10, n) for (v, a), n in zip(places.tolist(), counts.tolist(), strict=True))


def _scales(found: Rated) -> list[tuple[str, ScaleRatings]]:
    return [(name, one) for name, one in (("valence", found.valence), ("arousal", found.arousal)) if one]


def _tables(found: Rated) -> list[Table]:
    scales = _scales(found)
    return [*(_of_emotions(name, one) for name, one in scales), _of_clips(scales), _of_scales(scales)]


def _of_emotions(name: str, one: ScaleRatings) -> Table:
    rows = [
        [
            place.name,
            str(place.n),
            str(place.participants),
            str(place.clips),
            decimal(place.mean, 2),
            decimals(place.new_clips, 2),
            decimals(place.these_clips, 2),
            decimal(place.median, 2),
            decimal(place.sd, 2),
            decimal(place.intended, 2),
            place.reason or "",
        ]
        for place in one.emotions
        if place.n
    ]
    header = ["Emotion", "n", "People", "Clips", "Mean", "New people, new clips", "New people, these clips"]
    caption = (
        f"Rated {name}, {ENDS[name]}: mean of the ratings with 95 % intervals, what clips differ by pooled over the"
        " emotions; their median and standard deviation; beside them the emotion's own coordinate, on the same scale."
    )
    return Table(f"rated_{name}", f"Rated {name}", [*header, "Median", "SD", "Intended", "Note"], rows, caption)


def _of_clips(scales: list[tuple[str, ScaleRatings]]) -> Table:
    of_clip: dict[str, dict[str, Placed]] = {}
    for name, one in scales:
        for place in one.clips:
            of_clip.setdefault(place.name, {})[name] = place
    header, rows = ["Clip", "Emotion"], []
    for name, _ in scales:
        header += [f"{name.capitalize()}: n", "Mean", "95 %", "Median"]
    for clip, places in of_clip.items():
        row = [clip, next(iter(places.values())).emotion or ""]
        for name, _ in scales:
            row += _of_clip(places.get(name))
        rows.append(row)
    caption = "Ratings of every clip: means with 95 % intervals for new people (t of those who rated it), and medians."
    return Table("rated_clips", "Rated clips", header, rows, caption)


def _of_clip(place: Placed | None) -> list[str]:
    if place is None:
        return ["0", "–", "–", "–"]
    return [str(place.n), decimal(place.mean, 2), decimals(place.these_clips, 2), decimal(place.median, 2)]


def _of_scales(scales: list[tuple[str, ScaleRatings]]) -> Table:
    rows = []
    for name, one in scales:
        icc, r = one.reliability, one.correlation
        shares_of = "/".join(share(part) for part in (icc.clips_share, icc.people_share, icc.rest_share))
        rows.append(
            [
                name,
                str(one.n),
                f"{decimal(icc.single, 2)} ({decimals(icc.single_interval, 2)})",
                f"{decimal(icc.mean, 2)} ({decimals(icc.mean_interval, 2)})",
                decimal(icc.raters, 1),
                shares_of,
                f"{decimal(r.estimate, 2)} ({decimals(r.interval, 2)})",
                str(r.clips),
                "; ".join(filter(None, (icc.reason, r.reason))),
            ]
        )
    header = ["Scale", "n", "ICC(2,1)", "ICC(2,k)", "k", "Clips/people/rest", "r with intended", "Clips", "Note"]
    caption = (
        "ICC(2,1): how well one rating tells the clips of all emotions apart; ICC(2,k): the mean of k; for people and"
        " clips drawn by chance (Shrout & Fleiss; 95 % by McGraw & Wong). Clips/people/rest: parts of the variance of"
        " one rating. r: mean ratings of clips with the intended coordinates (Fisher's interval)."
    )
    return Table("rated_scales", "How reliable ratings are", header, rows, caption)


def _map(found: Rated) -> list[PlanePlot]:
    """Both scales at once, where people rated both."""
    if found.valence is None or found.arousal is None:
        return []
    pairs = zip(found.valence.emotions, found.arousal.emotions, strict=True)
    known = [(v, a) for v, a in pairs if v.mean is not None and a.mean is not None]
    new = all(one.new_clips for pair in known for one in pair)
    places = [_place(v, a, new=new) for v, a in known]
    claim = "new people and new clips" if new else "new people hearing these clips"
    said = [f"{place.label} {decimal(place.at[0], 2)} and {decimal(place.at[1], 2)}" for place in places]
    return [
        PlanePlot(
            "rated_map",
            "Ratings in the plane of valence and arousal, by intended emotion",
            places,
            "What people rated, not which emotion they chose. Small dots: single ratings, to the nearest tenth, the"
            " larger the more. Large dots: the mean rating of the clips of each emotion;"
            f" crosses: its 95 % intervals for {claim}, of each scale by itself. Squares: the emotion's own"
            " coordinates, on the same scales, with a thin line to its mean rating."
            f" {found.valence.n} ratings of valence and {found.arousal.n} of arousal.",
            f"Mean rated valence and arousal: {'; '.join(said)}.",
            [(place.valence, place.arousal, place.n) for place in found.places],
        )
    ]


def _place(valence: Placed, arousal: Placed, *, new: bool) -> Place:
    at = valence.mean or 0.0, arousal.mean or 0.0
    across, up = (one.new_clips if new else one.these_clips for one in (valence, arousal))
    meant = None
    if valence.intended is not None and arousal.intended is not None:
        meant = valence.intended, arousal.intended
    return Place(valence.name, at, across, up, meant, min(valence.n, arousal.n))


def _plots(found: Rated) -> list[Plot | PlanePlot]:
    plots: list[Plot | PlanePlot] = [*_map(found)]
    for name, one in _scales(found):
        rows = [
            Row(
                place.name,
                place.mean,
                place.new_clips or place.these_clips,
                place.these_clips if place.new_clips else None,
                reference=place.intended,
                n=place.n,
            )
            for place in one.emotions
            if place.n
        ]
        wide = any(place.new_clips for place in one.emotions)
        claim = "for new people and new clips; thin lines below: for new people hearing these clips"
        caption = (
            f"Rated {name} of the clips of each emotion ({ENDS[name]}), means with 95 % intervals"
            f" {claim if wide else 'for new people hearing these clips'}. Short upright lines: the emotion's own"
            f" coordinate. {counted(one.n, 'rating')} of {counted(one.participants, 'person', 'people')}."
        )
        title = f"Rated {name} by intended emotion"
        axis = f"Rated {name}: {ENDS[name]}"
        finding = " ".join(_said(name, one)) or f"Rated {name} of {len(rows)} emotions."
        plots.append(Plot(f"rated_{name}", title, rows, AXIS, axis, caption, finding, reference_label="intended"))
    return plots


def _said(name: str, one: ScaleRatings) -> list[str]:
    said, r, icc = [], one.correlation, one.reliability
    if r.interval is not None:
        said.append(
            f"Rated {name} of {counted(r.clips, 'clip')} goes with the intended one with r = {decimal(r.estimate, 2)}"
            f" (95 % {decimals(r.interval, 2)})."
        )
    if icc.single_interval is not None:
        said.append(
            f"One rating of {name} tells clips apart with an ICC of {decimal(icc.single, 2)}"
            f" ({decimals(icc.single_interval, 2)}), the mean of {decimal(icc.raters, 1)} with"
            f" {decimal(icc.mean, 2)} ({decimals(icc.mean_interval, 2)})."
        )
    return said


def _sentences(found: Rated) -> list[str]:
    return [text for name, one in _scales(found) for text in _said(name, one)]


MEASURE = Measure(
    "rated",
    "rated valence and arousal, beside the intended ones",
    Rated,
    _compute,
    tables=_tables,
    plots=_plots,
    plot_names=("rated_map", "rated_valence", "rated_arousal"),
    sentences=_sentences,
    group=Group.SAID_BESIDE,
    place=10,
)
