"""A second implementation of the statistics: the report's numbers from an export pack alone.

Plain Python, NumPy, pandas and scipy.stats on the pack's own files, written from the published formulas and slow on
purpose: variances by data frames, jackknives by leaving each unit out and starting again. It shares no line with
`survey`, and imports nothing of it.
"""

from tests.survey.recomputed.pack import read_pack
from tests.survey.recomputed.whole import recompute

__all__ = ["read_pack", "recompute"]
