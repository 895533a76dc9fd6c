"""The plots of measures as figures."""

from __future__ import annotations

from survey.analysis.measures import AnyPlot, CoursePlot, LensPlot, PlanePlot
from survey.figures.courses import figure_of_courses
from survey.figures.figure import Figure, draw_both, ends_of
from survey.figures.intervals import draw_intervals, said_if_cut
from survey.figures.lens import figure_of_lens
from survey.figures.rated_plane import figure_of_plane


def draw_plot(plot: AnyPlot) -> Figure:
    """Return a measure's plot as a figure, its estimates as its data."""
    if isinstance(plot, PlanePlot):
        return figure_of_plane(plot)
    if isinstance(plot, CoursePlot):
        return figure_of_courses(plot)
    if isinstance(plot, LensPlot):
        return figure_of_lens(plot)
    return Figure(
        plot.name,
        plot.title,
        *draw_both(
            draw_intervals,
            plot.rows,
            plot.scale,
            reference=plot.reference,
            reference_label=plot.reference_label,
            axis=plot.axis,
        ),
        f"{plot.caption} {said_if_cut(plot.rows, plot.scale)}".strip(),
        plot.finding,
        ("", "n", "estimate", "low", "high", "second_low", "second_high", "reference"),
        [
            (row.label, row.n, row.estimate, *ends_of(row.interval), *ends_of(row.second), row.reference)
            for row in plot.rows
        ],
    )
