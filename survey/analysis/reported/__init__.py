"""The report as types: what every outlet reads and ``report.json`` is written from; docs/report.md has the meanings.

Fields stand in the order of the file. A part leaves out of the file what `omitted` names: what a report of its kind
never has, rather than a null that nobody could fill.
"""

from survey.analysis.reported.agreeing import ClipPart, CoefficientPart, ComparedPart
from survey.analysis.reported.comparing import DifferencePart, LevelPart, SeedPart, SeedSharePart
from survey.analysis.reported.folding import DistancePart, FoldPart, PlacePart, PlanePart
from survey.analysis.reported.part import Part, as_plain
from survey.analysis.reported.people import AskedPart, OptionPart, PeoplePart, RaterPart, SharePart
from survey.analysis.reported.rates import (
    AGREEMENT_ALONE,
    AccuracyPart,
    BiasPart,
    ConfusionPart,
    EmotionPart,
    FoldAccuracyPart,
    PermutationPart,
    RecallPart,
    SizesPart,
    TakenPart,
    UnbiasedPart,
    WholeAccuracyPart,
)
from survey.analysis.reported.whole import CellPart, Report, SettingsPart, WidthPart

__all__ = [
    "AGREEMENT_ALONE",
    "AccuracyPart",
    "AskedPart",
    "BiasPart",
    "CellPart",
    "ClipPart",
    "CoefficientPart",
    "ComparedPart",
    "ConfusionPart",
    "DifferencePart",
    "DistancePart",
    "EmotionPart",
    "FoldAccuracyPart",
    "FoldPart",
    "LevelPart",
    "OptionPart",
    "Part",
    "PeoplePart",
    "PermutationPart",
    "PlacePart",
    "PlanePart",
    "RaterPart",
    "RecallPart",
    "Report",
    "SeedPart",
    "SeedSharePart",
    "SettingsPart",
    "SharePart",
    "SizesPart",
    "TakenPart",
    "UnbiasedPart",
    "WholeAccuracyPart",
    "WidthPart",
    "as_plain",
]
