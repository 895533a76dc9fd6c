"""Statistics of a forced-choice listening study: pure functions on arrays, no Django.

A notebook can use everything here:

>>> from survey.analysis import analyse, read_long
>>> ratings = read_long("participant,stimulus,intended,chosen\\nP1,S1,fear,fear\\n")
>>> analyse(ratings).n.responses
1

Three rules hold everywhere. *Undefined is a result*: what cannot be computed is ``None`` with a reason,
never NaN and never 0. *The declared choices count*, not those that happen to occur. *Ratings of one
person hang together, and so do ratings of one clip*: everything pooled has an interval that says for
which claim it stands.
"""

from survey.analysis.ratings import (
    CountsTable,
    Rating,
    Ratings,
    RatingsRefused,
    collect,
    from_frame,
    read_attributes,
    read_counts,
    read_cues,
    read_long,
    read_sides,
    read_wide,
)
from survey.analysis.reading_out import read_out
from survey.analysis.report import SCHEMA, analyse, analyse_table
from survey.analysis.report_file import read_report, write_report
from survey.analysis.reported import Report, as_plain

__all__ = [
    "SCHEMA",
    "CountsTable",
    "Rating",
    "Ratings",
    "RatingsRefused",
    "Report",
    "analyse",
    "analyse_table",
    "as_plain",
    "collect",
    "from_frame",
    "read_attributes",
    "read_counts",
    "read_cues",
    "read_long",
    "read_out",
    "read_report",
    "read_sides",
    "read_wide",
    "write_report",
]
