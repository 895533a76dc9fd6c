"""What the front page plays: pairs that were made for it, and that no study plays or shows."""

from __future__ import annotations

from survey.queries.in_front import IN_FRONT, pairs_to_play

__all__ = ["DEMO_STUDY", "IN_FRONT", "pairs_to_play"]

DEMO_STUDY = "demo"
