"""The few distribution functions needed, on scipy.special: scipy.stats would cost a second at every start."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.special import bdtrc, chdtrc, fdtrc, gammaln, nctdtr, ndtr, ndtri, stdtr, stdtrit, xlog1py, xlogy

from survey.analysis.estimates import LEVEL


def normal_quantile(probability: float) -> float:
    """Return the standard normal quantile.

    >>> round(normal_quantile(0.975), 6)
    1.959964
    """
    return float(ndtri(probability))


def normal_below(value: float) -> float:
    """Return P(Z ≤ value) of the standard normal distribution.

    >>> round(normal_below(-1.959964), 4)
    0.025
    """
    return float(ndtr(value))


def t_quantile(probability: float, degrees: float) -> float:
    """Return the quantile of Student's t.

    >>> round(t_quantile(0.975, 9), 4)
    2.2622
    """
    return float(stdtrit(degrees, probability))


def t_upper_tail(t: float, degrees: float) -> float:
    """Return P(T > t) of Student's t.

    >>> round(t_upper_tail(2.2622, 9), 4)
    0.025
    """
    # By symmetry: 1 − P(T ≤ t) would lose all digits of a small p.
    return float(stdtr(degrees, -t))


def t_half_width(error: float, degrees: float, level: float = LEVEL) -> float:
    """Return half the width of estimate ± t × error.

    >>> round(t_half_width(2.0, 9), 4)
    4.5243
    """
    return t_quantile((1 + level) / 2, degrees) * error


def t_two_sided(t: float, degrees: float) -> float:
    """Return the two-sided p value of Student's t.

    >>> round(t_two_sided(-2.2622, 9), 4), t_two_sided(0.0, 9)
    (0.05, 1.0)
    """
    return min(1.0, 2 * t_upper_tail(abs(t), degrees))


def satterthwaite(parts: Iterable[tuple[float, float]]) -> float | None:
    """Return the degrees of freedom of a sum of variances, each with its own; None where their sum is 0.

    (Σ v)² / Σ v²/d. Of a variance that is known d is infinite.

    References
    ----------
    Satterthwaite (1946), Biometrics Bulletin 2, 110–114.

    Examples
    --------
    >>> satterthwaite([(1.0, 9.0)]), round(satterthwaite([(1.0, 9.0), (1.0, 9.0)]), 9), satterthwaite([(0.0, 9.0)])
    (9.0, 18.0, None)
    """
    known = list(parts)
    uncertain = sum(variance**2 / degrees for variance, degrees in known)
    return sum(variance for variance, _ in known) ** 2 / uncertain if uncertain else None


def f_above(value: float, numerator: float, denominator: float) -> float:
    """Return P(F > value) of the F distribution.

    >>> round(f_above(4.964603, 1, 10), 4)
    0.05
    """
    return float(fdtrc(numerator, denominator, value))


def noncentral_t_below(t: float, degrees: float, noncentrality: float) -> float:
    """Return P(T ≤ t) of the noncentral t distribution.

    >>> round(noncentral_t_below(0.0, 10, 0.0), 4)
    0.5
    """
    return float(nctdtr(degrees, noncentrality, t))


def chi_square_above(value: float, degrees: float) -> float:
    """Return P(X > value) of the χ² distribution.

    >>> round(chi_square_above(3.841459, 1), 4)
    0.05
    """
    return float(chdtrc(degrees, value))


def binomial_at_least(hits: int, n: int, chance: float) -> float:
    """Return P(X ≥ hits) of the binomial distribution.

    >>> round(binomial_at_least(11, 18, 0.5), 4)
    0.2403
    """
    return 1.0 if hits == 0 else float(bdtrc(hits - 1, n, chance))


def binomial_as_unlikely(hits: int, n: int, chance: float) -> float:
    """Return the two-sided exact p value: all outcomes at most as likely as the observed one.

    The rule of R's ``binom.test``, with its relative tolerance of 1e-7.

    >>> round(binomial_as_unlikely(11, 18, 0.5), 4)
    0.4807
    """
    x = np.arange(n + 1)
    # By logarithms: the coefficients overflow from n of about 1,000 on.
    log_p = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1) + xlogy(x, chance) + xlog1py(n - x, -chance)
    unlikely = log_p <= log_p[hits] + 1e-7
    return min(1.0, float(np.exp(log_p[unlikely]).sum()))
