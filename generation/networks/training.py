"""What every training command shares: how it refuses, and how it is interrupted."""

from __future__ import annotations


class TrainingRefused(ValueError):
    """Training cannot start or go on; the message is a sentence that says what to do."""
