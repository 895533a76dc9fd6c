"""Do listeners agree with each other, whether or not with the intention?"""

from survey.analysis.agreement.coefficients import (
    NAMES,
    brennan_prediger,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from survey.analysis.agreement.compared import describe_compared
from survey.analysis.agreement.raters import RaterAgreement, agreement_with_others
from survey.analysis.agreement.report import Coefficient, agree_on_choices, measure_agreement

__all__ = [
    "NAMES",
    "Coefficient",
    "RaterAgreement",
    "agree_on_choices",
    "agreement_with_others",
    "brennan_prediger",
    "describe_compared",
    "fleiss_kappa",
    "gwet_ac1",
    "krippendorff_alpha",
    "measure_agreement",
    "percent_agreement",
]
