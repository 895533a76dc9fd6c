"""Tables printed in papers, typed off; the numbers they must give stand in the tests."""

import numpy as np

# Fleiss (1971), Psychological Bulletin 76, table 1: 30 patients, 6 psychiatrists, counts per diagnosis
# (depression, personality disorder, schizophrenia, neurosis, other).
FLEISS_1971 = np.array(
    [
        [0, 0, 0, 6, 0],
        [0, 3, 0, 0, 3],
        [0, 1, 4, 0, 1],
        [0, 0, 0, 0, 6],
        [0, 3, 0, 3, 0],
        [2, 0, 4, 0, 0],
        [0, 0, 4, 0, 2],
        [2, 0, 3, 1, 0],
        [2, 0, 0, 4, 0],
        [0, 0, 0, 0, 6],
        [1, 0, 0, 5, 0],
        [1, 1, 0, 4, 0],
        [0, 3, 3, 0, 0],
        [1, 0, 0, 5, 0],
        [0, 2, 0, 3, 1],
        [0, 0, 5, 0, 1],
        [3, 0, 0, 1, 2],
        [5, 1, 0, 0, 0],
        [0, 2, 0, 4, 0],
        [1, 0, 2, 0, 3],
        [0, 0, 0, 0, 6],
        [0, 1, 0, 5, 0],
        [0, 2, 0, 1, 3],
        [2, 0, 0, 4, 0],
        [1, 0, 0, 4, 1],
        [0, 5, 0, 1, 0],
        [4, 0, 0, 0, 2],
        [0, 2, 0, 4, 0],
        [1, 0, 5, 0, 0],
        [0, 0, 0, 0, 6],
    ]
)

# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: 12 units, 4 observers.
KRIPPENDORFF_2011 = """unit,A,B,C,D
1,1,1,,1
2,2,2,3,2
3,3,3,3,3
4,3,3,3,3
5,2,2,2,2
6,1,2,3,4
7,4,4,4,4
8,1,1,2,1
9,2,2,2,2
10,,5,5,5
11,,,1,1
12,,3,,
"""

# Fleiss' κ as Wikipedia's article works it out: 10 subjects, 14 raters, 5 categories; κ = .210.
FOURTEEN_RATERS = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)

# Krippendorff (2011), sections A and B: two observers, binary data (α = .095) and nominal data (α = .692).
KRIPPENDORFF_BINARY = ("0100000010", "1110010000")
KRIPPENDORFF_NOMINAL = ("aabbdcccedda", "babbbccceddd")

# Six raters, a third of the answers missing, one item with one answer, one with none, a category that never
# occurs; the coefficients are those of the Python package irrCAC 0.4.4 over four and over five categories.
UNEQUAL = np.array(
    [
        [4, 1, 0, 0, 0],
        [1, 2, 1, 0, 0],
        [1, 2, 0, 1, 0],
        [1, 0, 0, 0, 0],
        [3, 0, 1, 0, 0],
        [1, 4, 1, 0, 0],
        [0, 0, 4, 1, 0],
        [0, 0, 0, 0, 0],
        [0, 1, 1, 0, 0],
        [1, 3, 0, 1, 0],
        [0, 1, 3, 0, 0],
        [1, 0, 0, 3, 0],
    ]
)
UNEQUAL_BY_IRRCAC = {
    4: {"fleiss_kappa": 0.13704, "krippendorff_alpha": 0.19956, "gwet_ac1": 0.1732, "brennan_prediger": 0.16444},
    5: {"fleiss_kappa": 0.13704, "krippendorff_alpha": 0.19956, "gwet_ac1": 0.23433, "brennan_prediger": 0.21667},
}

# Wagner (1993), Journal of Nonverbal Behavior 17.
WAGNER_1993 = np.array([[4, 1, 0, 1], [0, 3, 2, 1], [0, 0, 6, 0], [2, 0, 0, 4]])
