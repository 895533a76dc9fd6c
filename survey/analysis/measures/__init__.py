"""The register of measures: whoever adds one writes one module and its test, and every outlet follows.

A new file of this folder holds a frozen dataclass whose fields are ``Annotated[type, "what it is", unit]``, a pure
function from `Asked` to it, and ``MEASURE = Measure(…)``. Nothing else is touched by hand: results page, report, PDF,
terminal, JSON (``report["measures"][name]``), JSON schema and codebook show it by its declared meanings and units, or
as it declares itself with `tables`, `plots` and `sentences`; ``python -m tests.survey.report_names --write`` lists its
names in docs/report.md. docs/extending.md goes through one, and a test compares all outlets with the register.
"""

from survey.analysis.measures.measure import A_CHOICE, Asked, Group, Measure, Need
from survey.analysis.measures.register import (
    Measured,
    all_measures,
    find_measures,
    measure_all,
    plot_names,
    read_measures,
)
from survey.analysis.measures.shown import AnyPlot, CoursePlot, Curve, LensCue, LensPlot, PlanePlot, Plot, Table
from survey.analysis.measures.units import PLAIN, POINTS, SHARE, Unit

__all__ = [
    "A_CHOICE",
    "PLAIN",
    "POINTS",
    "SHARE",
    "AnyPlot",
    "Asked",
    "CoursePlot",
    "Curve",
    "Group",
    "LensCue",
    "LensPlot",
    "Measure",
    "Measured",
    "Need",
    "PlanePlot",
    "Plot",
    "Table",
    "Unit",
    "all_measures",
    "find_measures",
    "measure_all",
    "plot_names",
    "read_measures",
]
