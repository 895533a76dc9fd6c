"""What listeners agreed on, clip by clip."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from survey.analysis.estimates import Codes, Counts, Interval, as_list, join_reasons
from survey.analysis.proportions import wilson


@dataclass(frozen=True, slots=True)
class Consensus:
    """One clip.

    Attributes
    ----------
    stimulus : str
    intended : str or None
    n, hits : int
        `hits` is None where nothing (or more than one emotion) was intended.
    modes : tuple of str
        All most frequent answers; more than one on ties.
    modal_share, pairwise_agreement, evenness : float or None
        Share of a mode; share of agreeing pairs of listeners; Shannon evenness H / ln k over the k declared
        choices: 0 where all chose the same, 1 where all choices were equally frequent.
    wilson : Interval or None
        Of the hit rate; each person answered once, so Wilson's interval is right here.
    reasons : dict
        Field → why it is None.
    """

    stimulus: str
    intended: str | None
    n: int
    hits: int | None
    modes: tuple[str, ...]
    modal_share: float | None
    pairwise_agreement: float | None
    evenness: float | None
    wilson: Interval | None
    reasons: dict[str, str]

    @property
    def hit_rate(self) -> float | None:
        """Share of hits; None without answers or intention."""
        return None if self.hits is None or self.n == 0 else self.hits / self.n

    def as_json(self) -> dict[str, Any]:
        """Return plain data with the names of the command line."""
        return {
            "stimulus": self.stimulus,
            "intended": self.intended,
            "n": self.n,
            "hits": self.hits,
            "hit_rate": self.hit_rate,
            "modes": list(self.modes),
            "modal_share": self.modal_share,
            "pairwise_agreement": self.pairwise_agreement,
            "evenness": self.evenness,
            "wilson": as_list(self.wilson),
            "reason": join_reasons(self.reasons),
            "reasons": self.reasons,
        }


def describe_clips(
    counts: Counts, stimuli: Sequence[str], choices: Sequence[str], intended: Codes | None = None
) -> list[Consensus]:
    """Return the consensus on every clip.

    Consensus can be on the wrong emotion: read it beside the hit rate.

    Parameters
    ----------
    counts : array of int, shape (S, k)
    stimuli, choices : sequence of str
    intended : array of int, shape (S,), optional
        Column of the intended emotion, −1 where there is none.

    Examples
    --------
    >>> clip = describe_clips(np.array([[2, 2, 0]]), ["S1"], ["joy", "fear", "awe"], np.array([1]))[0]
    >>> clip.modes, clip.hits, round(clip.pairwise_agreement, 4), round(clip.evenness, 4)
    (('joy', 'fear'), 2, 0.3333, 0.6309)
    """
    aims = np.full(len(stimuli), -1) if intended is None else intended
    return [
        _describe(name, row, choices, aim)
        for name, row, aim in zip(stimuli, counts.tolist(), aims.tolist(), strict=True)
    ]


def _describe(stimulus: str, row: list[int], choices: Sequence[str], aim: int) -> Consensus:
    n = sum(row)
    most = max(row, default=0)
    hits = row[aim] if aim >= 0 else None
    reasons = {}
    if aim < 0:
        reasons.update(dict.fromkeys(("intended", "hits", "wilson"), "not defined: no single intended emotion"))
    if n == 0:
        reasons.update(dict.fromkeys(("pairwise_agreement", "evenness", "wilson"), "not defined: there are no answers"))
    elif n == 1:
        reasons["pairwise_agreement"] = "not defined: one answer makes no pair"
    if len(row) < 2:
        reasons["evenness"] = "not defined: one choice was offered"
    return Consensus(
        stimulus=stimulus,
        intended=choices[aim] if aim >= 0 else None,
        n=n,
        hits=hits,
        modes=tuple(name for name, count in zip(choices, row, strict=True) if count == most > 0),
        modal_share=most / n if n else None,
        pairwise_agreement=sum(c * (c - 1) for c in row) / (n * (n - 1)) if n > 1 else None,
        evenness=_evenness(row, n),
        wilson=None if hits is None else wilson(hits, n),
        reasons=reasons,
    )


def _evenness(row: list[int], n: int) -> float | None:
    """H / ln k; None without answers or with one choice."""
    if n == 0 or len(row) < 2:
        return None
    entropy = -sum(count / n * math.log(count / n) for count in row if count)
    return min(1.0, max(0.0, entropy / math.log(len(row))))
