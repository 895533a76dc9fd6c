"""Attention trials: the page asks for a certain answer, whatever is heard (an instructed response item).

Who reads the page obeys. The trial plays a clip that the person has met, so that it takes no answer and no place away
from any clip; what it is answered with says nothing of the clip.

Meade and Craig (2012), Psychological Methods 17, 437–455, recommend instructed items against careless answers.
Berinsky, Margolis and Sances (2014), American Journal of Political Science 58, 739–753, advise to use several, as one
tells little of a person, and to say how results differ rather than to drop people; Curran (2016), Journal of
Experimental Social Psychology 66, 4–19, to look at several signs together. So failing is written down, and leaves
nobody out by default.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence

from survey.design.assignment import draw_repeat


def draw_clip(earlier: Sequence[int], met_again: Collection[int], distance: int, rng: random.Random) -> int | None:
    """Return a stimulus that the person has met, for an attention trial.

    Parameters
    ----------
    earlier : sequence of int
        Keys of the main stimuli that the person has answered, oldest first.
    met_again : collection of int
        Keys of those met twice already; one of them is drawn only where nothing else is left.
    distance : int
        How many trials should lie between, where that is possible.
    rng : random.Random
        Source of the draw.

    Returns
    -------
    int or None
        None where the person has met nothing yet.

    Examples
    --------
    >>> draw_clip([7, 8, 9], [7], 1, random.Random(0))
    8
    >>> draw_clip([7], [7], 3, random.Random(0)), draw_clip([], [], 3, random.Random(0))
    (7, None)
    """
    drawn = draw_repeat(earlier, met_again, distance, rng)
    return draw_repeat(earlier, (), distance, rng) if drawn is None else drawn


def draw_instruction(answers: Sequence[str], said: str, rng: random.Random) -> str:
    """Return the answer that an attention trial asks for: by chance, but not what the person would say anyway.

    Parameters
    ----------
    answers : sequence of str
        What may be asked for; at least two different ones.
    said : str
        What the person answered about the same clip before. It is never asked for: whoever answers by ear alone and
        reads nothing shall not pass. That it is left out tells nobody anything about the clip but what they said
        themselves.
    rng : random.Random
        Source of the draw.

    Raises
    ------
    ValueError
        When nothing is left to be asked for.

    Examples
    --------
    >>> draw_instruction(["yes", "no"], "yes", random.Random(0))
    'no'
    """
    left = [answer for answer in answers if answer != said]
    if not left:
        raise ValueError("An attention trial needs an answer besides the one that was given before.")
    return rng.choice(left)
