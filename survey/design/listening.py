"""What can have been heard: seconds played by the browser's count, against the seconds that passed at the server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

CLOCK_TOLERANCE: Final = 0.5
"""Seconds by which the browser's clock and the server's may differ before anything is held against anybody."""
_SHARE_NEEDED: Final = 0.95
_END_FORGIVEN: Final = 0.5
Heard = tuple[float | None, float | None]
"""Seconds played of a clip, None where nothing measured it, and its length, None where there is no sound."""


def seconds_needed(duration: float) -> float:
    """Return how many seconds of a sound of `duration` seconds must have been played.

    Examples
    --------
    >>> seconds_needed(20.0), seconds_needed(4.0)
    (19.0, 3.5)
    """
    return min(_SHARE_NEEDED * duration, duration - _END_FORGIVEN)


def heard_enough(duration: float | None, played: float | None) -> bool:
    """Return whether the time played covers a sound.

    Parameters
    ----------
    duration : float or None
        Length of the sound in seconds; None where there is no sound.
    played : float or None
        Seconds really played; None where nothing measured them, which counts as enough (and is marked).

    Examples
    --------
    >>> heard_enough(20.0, 19.0), heard_enough(20.0, 18.9), heard_enough(20.0, None)
    (True, False, True)
    """
    if duration is None or played is None:
        return True
    return played >= seconds_needed(duration)


def time_enough(duration: float | None, elapsed: float) -> bool:
    """Return whether a sound can have been heard in the seconds that passed since it was sent.

    Parameters
    ----------
    duration : float or None
        Length of the sound in seconds; None where there is no sound.
    elapsed : float
        Seconds by the server's clock since the sound could first be played.

    Examples
    --------
    >>> time_enough(20.0, 18.5), time_enough(20.0, 18.4), time_enough(None, 0.0)
    (True, False, True)
    """
    return heard_enough(duration, elapsed + CLOCK_TOLERANCE)


def is_doubtful(played: float | None, elapsed: float) -> bool:
    """Return whether a browser tells of more seconds played than have passed: it was made up, or played faster.

    Parameters
    ----------
    played : float or None
        Seconds played as the browser tells; None where it told nothing.
    elapsed : float
        Seconds by the server's clock since the sound could first be played.

    Examples
    --------
    >>> is_doubtful(20.0, 19.5), is_doubtful(20.0, 19.4), is_doubtful(None, 0.0)
    (False, True, False)
    """
    return played is not None and played > elapsed + CLOCK_TOLERANCE


def is_measured(clips: Iterable[Heard]) -> bool:
    """Return whether the time played of every clip of a trial that sounds was measured.

    Examples
    --------
    >>> is_measured([(20.0, 20.0), (None, None)]), is_measured([(20.0, 20.0), (None, 18.0)])
    (True, False)
    """
    return all(played is not None for played, length in clips if length)


def share_played(clips: Iterable[Heard], at_most: float | None = None) -> float | None:
    """Return how much of a trial's clip was played, of two the share of the one that was heard less.

    Parameters
    ----------
    clips : iterable of (float or None, float or None)
        Of each clip of the trial the seconds played and its length.
    at_most : float or None
        Seconds that passed, for whoever tells of more: what is beyond them is not believed.

    Returns
    -------
    float or None
        A share of the clip's length, above 1 where it was played again; None where nothing measured it.

    Examples
    --------
    >>> share_played([(20.0, 20.0), (4.5, 18.0)]), share_played([(40.0, 20.0)], at_most=10.0)
    (0.25, 0.5)
    >>> share_played([(None, 20.0), (None, None)]) is None
    True
    """
    shares = [
        (played if at_most is None else min(played, at_most)) / length
        for played, length in clips
        if played is not None and length
    ]
    return min(shares, default=None)


def earliest_end(sent: Iterable[float], duration: float) -> float:
    """Return when sounds of one length can be over at the earliest, heard one after the other.

    Parameters
    ----------
    sent : iterable of float
        When each sound was sent, in seconds of any clock.
    duration : float
        Length of each sound in seconds.

    Returns
    -------
    float
        A time of the same clock; minus infinity without sounds.

    Examples
    --------
    >>> earliest_end([0.0, 0.1, 20.0], 4.0)
    24.0
    """
    end = float("-inf")
    for start in sorted(sent):
        end = max(end, start) + duration
    return end
