"""Statistics of a forced-choice listening study: pure functions on arrays, no Django.

A notebook can use everything here:

>>> from survey.analysis.report import analyse
>>> from survey.analysis.ratings import read_long
>>> ratings = read_long("participant,stimulus,intended,chosen\\nP1,S1,fear,fear\\n".splitlines())
>>> analyse(ratings)["n"]["responses"]
1

Three rules hold everywhere. *Undefined is a result*: what cannot be computed is ``None`` with a reason,
never NaN and never 0. *The declared choices count*, not those that happen to occur. *Ratings of one
person hang together, and so do ratings of one clip*: everything pooled has an interval that says for
which claim it stands.
"""
