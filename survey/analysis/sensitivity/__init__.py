"""Does the finding depend on a choice: one clip, one person, the rules, the half of a session, who listened, who left.

All of it is about the hit rate of the primary cell, beside its interval for new people and new clips. None of it is
the finding: it says how much the finding rests on what might have been otherwise.
"""
