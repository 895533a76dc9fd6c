"""The Transformers served without Keras: NumPy, one step for many clips at once, with what was heard kept.

A step's input is a few rows of a table; keys and values of earlier steps stay in memory, so that a step costs
the same number of products whatever came before, and attention alone grows.
"""

from __future__ import annotations

from typing import Final

import numpy as np

HEAD_SIZE: Final = 64
EPSILON: Final = 1e-6
TIME_PERIODS: Final = (4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 144, 192, 384, 768, 1536, 3072)
"""Ticks in which an angle goes round: parts of a beat, beats, bars and phrases."""
TIME_RATES: Final = (2 * np.pi / np.array(TIME_PERIODS)).astype(np.float32)
INDEX_RATES: Final = (2 * np.pi / np.geomspace(3, 1024, 16)).astype(np.float32)
"""Radians per tick, and per note."""
