"""Several tests at once: Holm's correction, undefined p values left out."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Return p values adjusted by Holm's step-down method.

    Undefined p values (None) stay None and do not count as tests.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6, 65–70; the same as R's ``p.adjust(p, "holm")``.

    Examples
    --------
    >>> holm([0.01, None, 0.04, 0.03])
    [0.03, None, 0.06, 0.06]
    >>> holm([])
    []
    """
    defined = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, place) in enumerate(defined):
        largest = max(largest, min(1.0, p * (len(defined) - rank)))
        adjusted[place] = largest
    return adjusted
