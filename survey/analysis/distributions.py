"""The few distribution functions needed, on scipy.special: scipy.stats would cost a second at every start."""

from __future__ import annotations

import numpy as np
from scipy.special import bdtrc, chdtrc, gammaln, nctdtr, ndtr, ndtri, stdtr, stdtrit, xlog1py, xlogy


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
    return float(stdtr(degrees, -t))


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
    log_p = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1) + xlogy(x, chance) + xlog1py(n - x, -chance)
    unlikely = log_p <= log_p[hits] + 1e-7
    return min(1.0, float(np.exp(log_p[unlikely]).sum()))
