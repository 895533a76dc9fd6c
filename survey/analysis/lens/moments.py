"""Covariances of cues, criteria and judgements over clips: everything in the lens is a function of them.

So whatever is asked of other clips or other people is asked by moving these covariances, many times at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from survey.analysis.estimates import Codes, Floats

TINY = 1e-12
"""Variances below are rounding: shares are 0 to 1, and cues are standardised."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Covariances over clips, with the divisor n; each leading axis (B,) is of versions of the same clips.

    Attributes
    ----------
    cues : array of float, shape (B, A, A)
        Of the cues with each other.
    criterion, judgement : array of float, shape (B, E, A)
        Of every emotion's criterion (1 where a clip was made for it, else 0) and judgement (share of its answers that
        chose it) with the cues.
    variance_criterion, variance_judgement, both : array of float, shape (B, E)
        Variances of the two, and their covariance.
    clips, pieces : int
        How many clips they are of, and how many pieces those play: what is fitted is as free as there are pieces.
    """

    cues: Floats
    criterion: Floats
    judgement: Floats
    variance_criterion: Floats
    variance_judgement: Floats
    both: Floats
    clips: int
    pieces: int

    def only(self, cues: Codes) -> Moments:
        """Return those of some of the cues."""
        return Moments(
            self.cues[:, cues][:, :, cues],
            self.criterion[:, :, cues],
            self.judgement[:, :, cues],
            self.variance_criterion,
            self.variance_judgement,
            self.both,
            self.clips,
            self.pieces,
        )

    @property
    def correlations(self) -> Floats:
        """Of the cues with each other, shape (B, A, A); 0 with a cue that is constant without some clip."""
        spread = self.spread
        return self.cues / (spread[:, :, None] * spread[:, None, :])

    @property
    def spread(self) -> Floats:
        """Standard deviations of the cues, shape (B, A); infinite where one is constant, so that nothing follows it."""
        variances = np.diagonal(self.cues, axis1=1, axis2=2)
        return np.sqrt(np.where(variances > TINY, variances, np.inf))


def moments_of(cues: Floats, criterion: Floats, judgement: Floats, pieces: Codes | None = None) -> Moments:
    """Return the moments of all clips, B = 1.

    Parameters
    ----------
    cues : array of float, shape (S, A)
        Attributes of S clips.
    criterion, judgement : array of float, shape (S, E)
    pieces : array of int, shape (S,), or None
        Codes of the piece that each clip plays; None: each plays its own.

    Examples
    --------
    Two clips, one cue, one emotion; the cue is 1 apart, the shares are .6 apart:

    >>> found = moments_of(np.array([[0.0], [1.0]]), np.array([[0.0], [1.0]]), np.array([[0.2], [0.8]]))
    >>> found.cues.item(), found.criterion.item(), round(found.judgement.item(), 12), round(found.both.item(), 12)
    (0.25, 0.25, 0.15, 0.15)
    """
    shape = cues.shape[1], criterion.shape[1]
    products = _products(cues, criterion, judgement)
    number = len(cues) if pieces is None else int(np.unique(pieces).size)
    return _from_sums(products.sum(axis=0)[None], (len(cues), number), *shape)


def without_each_clip(cues: Floats, criterion: Floats, judgement: Floats, pieces: Codes, strata: Codes) -> Moments:
    """Return the moments without each piece in turn, shape B = number of pieces.

    Those that stay in its stratum count as much more as keeps the stratum as large as it was: other clips would have
    been drawn for the same emotion (the stratified jackknife).

    Parameters
    ----------
    cues, criterion, judgement
        As in `moments_of`.
    pieces : array of int, shape (S,)
        Codes 0 … B − 1 of the piece that each clip plays.
    strata : array of int, shape (B,)
        Codes 0 … of the stratum of every piece; each has two pieces or more.
    """
    shape = cues.shape[1], criterion.shape[1]
    clips, n = len(cues), len(strata)
    products = _products(cues, criterion, judgement)
    # Sums of products per piece, shape (B, Q), and per stratum, (H, Q); the first column of products counts clips.
    of_piece = csr_array((np.ones(clips), (pieces, np.arange(clips))), shape=(n, clips)) @ products
    of_stratum = csr_array((np.ones(n), (strata, np.arange(n))), shape=(int(strata.max()) + 1, n)) @ of_piece
    whole = of_stratum[strata]
    grown = whole[:, :1] / (whole[:, :1] - of_piece[:, :1])
    return _from_sums(products.sum(axis=0) - whole + grown * (whole - of_piece), (clips, n), *shape)


def with_each_share_moved(moments: Moments, cues: Floats, criterion: Floats, judgement: Floats, step: float) -> Moments:
    """Return the moments with every emotion's share of one clip a step larger, of each clip in turn, B = S.

    The emotions' numbers do not depend on each other, so all of them move at once.
    """
    n = moments.clips
    away, made, said = (part - part.mean(axis=0) for part in (cues, criterion, judgement))
    rest = step**2 / n * (1 - 1 / n)
    return Moments(
        np.broadcast_to(moments.cues, (n, *moments.cues.shape[1:])),
        np.broadcast_to(moments.criterion, (n, *moments.criterion.shape[1:])),
        moments.judgement + step / n * away[:, None, :],
        np.broadcast_to(moments.variance_criterion, (n, moments.both.shape[1])),
        moments.variance_judgement + 2 * step / n * said + rest,
        moments.both + step / n * made,
        n,
        moments.pieces,
    )


def _products(cues: Floats, criterion: Floats, judgement: Floats) -> Floats:
    """What is summed over clips, shape (S, Q): 1, each value, and products of each two that are needed."""
    clips = len(cues)
    # About the means of all clips, or small variances far from zero would lose their digits.
    x, y, s = (part - part.mean(axis=0) for part in (cues, criterion, judgement))
    parts = [
        np.ones((clips, 1)),
        x,
        y,
        s,
        (x[:, :, None] * x[:, None, :]).reshape(clips, -1),
        (y[:, :, None] * x[:, None, :]).reshape(clips, -1),
        (s[:, :, None] * x[:, None, :]).reshape(clips, -1),
        y * y,
        s * s,
        y * s,
    ]
    return np.concatenate(parts, axis=1)


def _from_sums(sums: Floats, of: tuple[int, int], a: int, e: int) -> Moments:
    versions = len(sums)
    ends = np.cumsum([1, a, e, e, a * a, e * a, e * a, e, e])
    n, x, y, s, xx, yx, sx, yy, ss, ys = np.split(sums, ends, axis=1)
    x, y, s = x / n, y / n, s / n
    return Moments(
        (xx / n).reshape(versions, a, a) - x[:, :, None] * x[:, None, :],
        (yx / n).reshape(versions, e, a) - y[:, :, None] * x[:, None, :],
        (sx / n).reshape(versions, e, a) - s[:, :, None] * x[:, None, :],
        yy / n - y * y,
        ss / n - s * s,
        ys / n - y * s,
        *of,
    )
