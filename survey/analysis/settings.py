"""What a report may be asked with."""

from __future__ import annotations

from numbers import Integral


def check_settings(*, margin: float, **whole: int) -> None:
    """Refuse settings that cannot be meant.

    Parameters
    ----------
    margin : float
        A difference of two shares.
    **whole : int
        Settings that are whole numbers from 0, by name.

    Raises
    ------
    ValueError
        With the name of the setting.

    Examples
    --------
    >>> check_settings(margin=0.1, seed=0)
    >>> check_settings(margin=0.1, seed=-1)
    Traceback (most recent call last):
    ...
    ValueError: seed is a whole number from 0, not -1.
    """
    for name, value in whole.items():
        if not isinstance(value, Integral) or value < 0:
            raise ValueError(f"{name} is a whole number from 0, not {value}.")
    if not 0 < margin < 1:
        raise ValueError(f"margin is a difference of two shares, between 0 and 1, not {margin}.")
