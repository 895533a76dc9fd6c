"""How lifelike and how clear clips are, as outside judges hear them, beside real piano music.

``python -m benchmarks.likeness --data EMOPIA`` prints the tables. In a loop: make a `Reference` once, then
``judge(clips, reference)``. How to read the figures: docs/likeness.md.
"""

from benchmarks.likeness.clips import Clip
from benchmarks.likeness.judging import Judgement, Reference, judge
from benchmarks.likeness.making import make_clips, read_folder

__all__ = ["Clip", "Judgement", "Reference", "judge", "make_clips", "read_folder"]
