"""Yes/no answers with lures: sensitivity d′ and bias, with intervals for new people and new clips."""

from survey.analysis.detection.measure import ALL_ALIKE, NO_LURES, Detected, Detection, measure_detection
from survey.analysis.detection.rates import correct_rate, response_criterion, sensitivity

__all__ = [
    "ALL_ALIKE",
    "NO_LURES",
    "Detected",
    "Detection",
    "correct_rate",
    "measure_detection",
    "response_criterion",
    "sensitivity",
]
