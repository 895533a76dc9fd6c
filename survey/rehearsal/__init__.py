"""Plans tried out: simulated studies, analysed by the report's own interval and test.

Design and analysis do not import each other; here they meet.
"""

from survey.rehearsal.planning import Goal, Outcome, Work, make_plan
from survey.rehearsal.trying import try_power, try_precision

__all__ = ["Goal", "Outcome", "Work", "make_plan", "try_power", "try_precision"]
