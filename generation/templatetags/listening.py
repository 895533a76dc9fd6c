"""Shares of the listening page in words and figures."""

from __future__ import annotations

import math

from django import template

from generation.listening.shares import Interval, Share, d_prime, say_ends, say_found, say_percent, say_preferred

register = template.Library()
register.filter("say_found", say_found)
register.filter("say_preferred", say_preferred)
register.filter("percent", say_percent)


@register.filter
def percents(interval: Interval) -> str:
    return " to ".join(say_ends(interval))


@register.filter
def p_value(p: float) -> str:
    """Three decimals, or that it is smaller than they show.

    >>> p_value(0.0414), p_value(0.00001), p_value(1.0)
    ('.041', 'below .001', '1.000')
    """
    return "below .001" if p < 0.001 else f"{p:.3f}".removeprefix("0") if p < 0.9995 else "1.000"


@register.filter
def d_primes(found: Share) -> str:
    """d′ and, in brackets, where the interval of the share puts it.

    >>> from generation.listening.shares import share_of
    >>> d_primes(share_of({"ada": (15, 20)})), d_primes(share_of({"ada": (20, 20)}))
    ('0.95 (0.11 to 1.72)', '∞ (1.40 to ∞)')
    """
    low, high = found.tells
    return f"{_signed(d_prime(found.share))} ({_signed(d_prime(low))} to {_signed(d_prime(high))})"


def _signed(value: float) -> str:
    size = "∞" if math.isinf(value) else f"{abs(value):.2f}"
    return f"−{size}" if value < 0 and size != "0.00" else size
