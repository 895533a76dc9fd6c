"""Ratings: who heard what, what was intended, what was chosen; and where they are read from."""

from survey.analysis.ratings.attributes import ClipAttributes, read_attributes
from survey.analysis.ratings.container import Factor, Rating, Ratings
from survey.analysis.ratings.cues import ClipCues, read_cues
from survey.analysis.ratings.given import Given, left_at
from survey.analysis.ratings.long import read_long
from survey.analysis.ratings.problems import Problem, RatingsRefused
from survey.analysis.ratings.records import collect, from_frame
from survey.analysis.ratings.sides import read_sides
from survey.analysis.ratings.tables import CountsTable, read_counts, read_wide

__all__ = [
    "ClipAttributes",
    "ClipCues",
    "CountsTable",
    "Factor",
    "Given",
    "Problem",
    "Rating",
    "Ratings",
    "RatingsRefused",
    "collect",
    "from_frame",
    "left_at",
    "read_attributes",
    "read_counts",
    "read_cues",
    "read_long",
    "read_sides",
    "read_wide",
]
