"""The lens (Brunswik): how emotions go through measured cues, from what was composed to what people heard."""

from survey.analysis.lens.equation import Equation, lens_model_equation
from survey.analysis.lens.measure import Answers, measure_lens, standing_of
from survey.analysis.lens.results import Lens, LensNumber, LensOfEmotion

__all__ = [
    "Answers",
    "Equation",
    "Lens",
    "LensNumber",
    "LensOfEmotion",
    "lens_model_equation",
    "measure_lens",
    "standing_of",
]
