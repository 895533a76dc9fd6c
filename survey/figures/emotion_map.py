"""The figure of chosen emotions in the plane of valence and arousal."""

from __future__ import annotations

from survey.analysis.reported import Report
from survey.analysis.wording import decimal, decimals
from survey.figures.figure import Figure, draw_both, size_of
from survey.figures.plane import draw_plane


def draw_map(report: Report) -> Figure | None:
    """Intended emotions, and the mean of the emotions chosen for them, by the coordinates of the words."""
    points = report.valence_arousal.map
    distance = report.valence_arousal.distance
    if not points or distance.estimate is None:
        return None
    ends = f" (95 % interval {decimals(distance.interval, 2)})" if distance.interval else ""
    return Figure(
        "map",
        "Chosen emotions in the plane of valence and arousal",
        *draw_both(draw_plane, points),
        "Not ratings: every emotion has fixed coordinates, a judgement that rests on norms for English words (NRC-VAD,"
        " Mohammad 2018; Warriner, Kuperman & Brysbaert 2013). Dots: the intended emotion. Arrow heads: the mean of the"
        " emotions chosen for it. Square: the mean of all emotions offered, where a guesser's arrows end; errors of any"
        f" kind pull towards it. “None of these” has no place (answers left out: {distance.without_coordinates})."
        f" {size_of(report)}.",
        f"The chosen emotion lies {decimal(distance.estimate, 2)} from the intended one on average{ends};"
        f" a guesser's lies {decimal(distance.chance, 2)} from it.",
        ("intended", "n", "valence", "arousal", "mean_chosen_valence", "mean_chosen_arousal"),
        [(p.intended, p.n, *p.at, *(p.perceived or (None, None))) for p in points],
    )
