"""The lens on published data: are listeners' weights as the literature has them?

``python -m benchmarks.lens --data EMOPIA`` prints the table. The expected signs (``expected_signs.csv``) were written
down before anything was fitted: a row where Juslin & Laukka (2004, Table 1), Eerola, Friberg & Bresin (2013) or
Gabrielsson & Lindström (2010) name a direction, and none where they contradict each other (the register of tenderness
and fear, the loudness of fear).
"""
