"""Which clips the next wave should play: those that teach most, and those that test, drawn at random before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from survey.teaching.arrays import Codes, Floats, softmax
from survey.teaching.heard import Heard
from survey.teaching.scale import Scale  # noqa: F401 (in the example)


@dataclass(frozen=True, slots=True)
class Wave:
    """Rows of the clips that teach and of those that test; none is both."""

    teach: Codes
    test: Codes


def choose_to_learn(
    heard: Heard, candidates: Floats, n: int, *, rng: np.random.Generator, answers: float = 4.0
) -> Codes:
    """Return the rows of n clips from whose answers most is to be learned about the weights, in the order chosen.

    One after the other, each the clip that with `answers` answers adds most to the logarithm of the determinant of what
    is known (D-optimality; what the ones before it would tell counts as known). Ties fall by chance.

    Parameters
    ----------
    heard : Heard
    candidates : array of float, shape (m, A)
        Clips in natural units; one with a NaN is never chosen.
    n : int
        With fewer candidates all come back.
    rng : numpy.random.Generator
    answers : float
        That a clip will get.

    References
    ----------
    Chaloner & Verdinelli (1995), Statistical Science 10, 273–304.
    """
    able = np.flatnonzero(np.isfinite(candidates).all(axis=1))
    if n >= able.size:
        return rng.permutation(able)
    with threadpool_limits(1, user_api="blas"):
        z = heard.scale.to_z(candidates[able])
        shares = softmax(heard.mean[:, 0] + z @ heard.mean[:, 1:].T)
        known = np.concatenate([np.ones((len(z), 1)), z], axis=1)
        # A clip's information is F Fᵀ, F = root ⊗ x, with a root (C, C) of diag p − p pᵀ: (diag √p)(1 − √p √pᵀ).
        roots = np.sqrt(shares)
        root = roots[:, :, None] * (np.eye(heard.choices) - roots[:, :, None] * roots[:, None, :])
        factors = np.sqrt(answers) * (root[:, :, None, :] * known[:, None, :, None]).reshape(len(z), -1, heard.choices)
        covariance = heard.covariance.copy()
        # 1 + Fᵀ V F of every clip; a clip that is chosen takes from V, and from these, what it tells (Woodbury).
        inside = np.eye(heard.choices) + factors.transpose(0, 2, 1) @ (covariance @ factors)
        chosen: list[int] = []
        left = rng.permutation(len(z))
        for _ in range(n):
            place = int(np.linalg.slogdet(inside[left])[1].argmax())
            best = int(left[place])
            chosen.append(best)
            spread = covariance @ factors[best]
            shared = spread.T @ factors  # (m, C, C)
            told = np.linalg.inv(inside[best])
            covariance -= spread @ told @ spread.T
            inside -= shared.transpose(0, 2, 1) @ (told @ shared)
            left = np.delete(left, place)
    found: Codes = able[np.array(chosen, np.int64)]
    return found


def split_wave(
    heard: Heard,
    candidates: Floats,
    *,
    teach: int,
    test: int,
    rng: np.random.Generator,
    emotions: Codes | None = None,
) -> Wave:
    """Return clips that test, drawn at random, and of the others those that teach most.

    The test is drawn first, so that what is known of clips has no say in it; with `emotions`, shape (m,), as many of
    each as there can be.

    Raises
    ------
    ValueError
        Where there are fewer candidates than are to be tested.

    Examples
    --------
    >>> heard = Heard(Scale(("tempo",), [0.0], [1.0]), np.zeros((2, 2)), np.eye(4), 0, 0, 0, 0, 1.0, 0.0, 0.0, 0.1)
    >>> wave = split_wave(heard, np.arange(9.0)[:, None], teach=3, test=4, rng=np.random.default_rng(1))
    >>> len(set(wave.teach) | set(wave.test)), wave.teach.size
    (7, 3)
    """
    if test > len(candidates):
        raise ValueError(f"{test} clips cannot be tested of {len(candidates)}.")
    order = rng.permutation(len(candidates))
    if emotions is not None:
        # The first of every emotion, then the second of every emotion: rank of each within its own.
        own = np.asarray(emotions)[order]
        rank = np.array([int((own[:place] == code).sum()) for place, code in enumerate(own)])
        order = order[np.argsort(rank, kind="stable")]
    tested = np.sort(order[:test])
    others = np.setdiff1d(np.arange(len(candidates)), tested)
    return Wave(others[choose_to_learn(heard, candidates[others], teach, rng=rng)], tested)
