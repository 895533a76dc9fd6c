"""The report's plots: drawn once as plain marks, then written as SVG, PNG or PDF, with their data as CSV."""

from survey.figures.catalogue import FIGURES, figure_of, figures_of, may_be_drawn
from survey.figures.figure import Figure
from survey.figures.figure_files import to_pdf, to_png
from survey.figures.svg import to_svg, to_two_svg

__all__ = ["FIGURES", "Figure", "figure_of", "figures_of", "may_be_drawn", "to_pdf", "to_png", "to_svg", "to_two_svg"]
