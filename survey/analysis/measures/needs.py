"""What a study must have for a measure: a measure that needs one says so, and is not computed without it.

Examples
--------
>>> from survey.analysis.measures.measure import Asked
>>> from survey.analysis.ratings import Rating, collect
>>> data = collect([Rating("P1", "S1", "", "fear", "fear", seconds=2.5)])
>>> asked = Asked(data, data, data, "", 0, 0)
>>> SECONDS.holds(asked), INTENTIONS.holds(asked), CONFIDENCE.holds(asked)
(True, True, False)
"""

from __future__ import annotations

import numpy as np

from survey.analysis.measures.measure import A_CHOICE, Need

SECONDS = Need("how long answers took", lambda asked: bool((asked.primary.seconds > 0).any()))
CONFIDENCE = Need("how sure people were", lambda asked: bool(np.isfinite(asked.primary.confidence).any()))
INTENTIONS = Need("clips with an intended emotion", lambda asked: len(asked.primary.intended_only) > 0)

__all__ = ["A_CHOICE", "CONFIDENCE", "INTENTIONS", "SECONDS"]
