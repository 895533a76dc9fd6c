"""The report's plots: drawn once as plain marks, then written as SVG, PNG or PDF, with their data as CSV."""

from survey.figures.catalogue import FIGURES, figure_of, figures_of, may_be_drawn
from survey.figures.figure import Figure
from survey.figures.svg import to_svg, to_two_svg
from survey.figures.typesetting import to_pdf, to_png

__all__ = ["FIGURES", "Figure", "figure_of", "figures_of", "may_be_drawn", "to_pdf", "to_png", "to_svg", "to_two_svg"]
