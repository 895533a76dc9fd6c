"""Agreement coefficients of a counts table: percent, Fleiss κ, Krippendorff α, Gwet AC1, Brennan–Prediger.

Every function takes `counts`, an array of int of shape (items, choices): how many listeners gave each
answer to each clip. The columns are the *declared* choices. Clips may have unequal numbers of answers.
All five follow Gwet's forms: with m the answers of a clip, Pa is the mean over clips with m ≥ 2 of
ΣC(C − 1)/(m(m − 1)), π the mean over clips with m ≥ 1 of C/m.
"""

from __future__ import annotations

from survey.analysis.agreement.sums import sums_per_item, total
from survey.analysis.estimates import Counts, Estimate, number

NAMES = ("percent", "fleiss_kappa", "krippendorff_alpha", "gwet_ac1", "brennan_prediger")

NOTHING_TO_COMPARE = "not defined: no clip has two answers, so there is nothing to compare"
ONE_CLIP = (
    "only one clip has several answers: what agreement chance would give is taken from that clip itself, so κ is near"
    " −1/(m − 1) and α is 0 whatever was answered; see its pairwise agreement"
)
IDENTICAL = "not defined: all answers identical"
ONE_CHOICE = (
    "not defined: only one choice is known, and with one choice agreement is certain; declare the choices that were"
    " offered (--choices)"
)


def reason_undefined(counts: Counts, name: str) -> str:
    """Return why a coefficient is not defined for this table, ``""`` where it is.

    >>> import numpy as np
    >>> reason_undefined(np.array([[3, 0], [2, 0]]), "fleiss_kappa")
    'not defined: all answers identical'
    """
    answers = counts.sum(axis=1)
    several = answers >= 2
    if not answers.any():
        return "not defined: there are no answers"
    if not several.any():
        return NOTHING_TO_COMPARE
    if name == "percent":
        return ""
    if counts.shape[1] < 2:
        return IDENTICAL if name in ("fleiss_kappa", "krippendorff_alpha") else ONE_CHOICE
    if name in ("fleiss_kappa", "krippendorff_alpha"):
        table = counts if name == "fleiss_kappa" else counts[several]
        if (table.sum(axis=0) > 0).sum() == 1:
            return IDENTICAL
    return ""


def remark_on(counts: Counts, name: str) -> str:
    """Return what to know about a coefficient that is defined; ``""`` where there is nothing.

    κ and α of one clip are given by their formulas, and say nothing.

    >>> import numpy as np
    >>> remark_on(np.array([[3, 1], [1, 0]]), "fleiss_kappa")[:34], remark_on(np.array([[3, 1]]), "gwet_ac1")
    ('only one clip has several answers:', '')
    """
    one = name in ("fleiss_kappa", "krippendorff_alpha") and int((counts.sum(axis=1) >= 2).sum()) == 1
    return ONE_CLIP if one else ""


def coefficient(counts: Counts, name: str) -> Estimate:
    """Return one coefficient by name, without interval.

    >>> import numpy as np
    >>> coefficient(np.array([[2, 0], [0, 2]]), "gwet_ac1").estimate
    1.0
    """
    reason = reason_undefined(counts, name)
    if reason:
        return Estimate(None, reason=reason)
    value = float(total(sums_per_item(counts)).coefficients()[name])
    return Estimate(number(value))


def percent_agreement(counts: Counts) -> Estimate:
    """Return the mean over clips of the share of pairs of listeners who gave the same answer.

    Clips with fewer than two answers are left out.

    Examples
    --------
    >>> import numpy as np
    >>> percent_agreement(np.array([[3, 0], [2, 1]])).estimate
    0.6666666666666666
    """
    return coefficient(counts, "percent")


def fleiss_kappa(counts: Counts) -> Estimate:
    """Return Fleiss' κ: agreement beyond the chance of the answers that were given.

    Pe = Σπ². Not defined where all answers are identical (0 / 0). For a single clip of m answers the formula gives
    −1/(m − 1) whatever they are (`remark_on`).

    References
    ----------
    Fleiss (1971), Psychological Bulletin 76, 378–382 (κ = .430 for his 30 patients); Gwet (2014),
    Handbook of Inter-Rater Reliability, 4th ed., for unequal numbers of raters.

    Examples
    --------
    >>> import numpy as np
    >>> round(fleiss_kappa(np.array([[3, 0], [0, 3], [2, 1]])).estimate, 4)
    0.55
    """
    return coefficient(counts, "fleiss_kappa")


def krippendorff_alpha(counts: Counts) -> Estimate:
    """Return Krippendorff's α for nominal data, from the coincidence matrix.

    Clips with fewer than two answers are left out completely; of a single clip α is 0 (`remark_on`). Integer codes
    of emotions are names here, never ordinal or interval values.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability; nominal α = .743 for four coders.

    Examples
    --------
    >>> import numpy as np
    >>> round(krippendorff_alpha(np.array([[3, 0], [0, 3], [2, 1]])).estimate, 4)
    0.6
    """
    return coefficient(counts, "krippendorff_alpha")


def gwet_ac1(counts: Counts) -> Estimate:
    """Return Gwet's AC1 over the declared choices: Pe = Σπ(1 − π)/(q − 1).

    Options that nobody chose count in q. Defined (and 1) where all answers are identical.

    References
    ----------
    Gwet (2008), British Journal of Mathematical and Statistical Psychology 61, 29–48.

    Examples
    --------
    >>> import numpy as np
    >>> round(gwet_ac1(np.array([[3, 0], [0, 3], [2, 1]])).estimate, 4)
    0.561
    """
    return coefficient(counts, "gwet_ac1")


def brennan_prediger(counts: Counts) -> Estimate:
    """Return Brennan and Prediger's coefficient over the declared choices: Pe = 1/q.

    References
    ----------
    Brennan & Prediger (1981), Educational and Psychological Measurement 41, 687–699.

    Examples
    --------
    >>> import numpy as np
    >>> round(brennan_prediger(np.array([[3, 0], [0, 3], [2, 1]])).estimate, 4)
    0.5556
    """
    return coefficient(counts, "brennan_prediger")
