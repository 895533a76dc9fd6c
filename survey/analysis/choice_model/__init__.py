"""Which answers are merely liked, which emotions are truly confused, and which confusions go one way.

The similarity-choice model (Shepard 1957, Luce 1963; also called the biased choice model): when emotion i is
played, answer j is given with probability b_j s_ij / Σ_k b_k s_ik, where b is how much an answer is liked
whatever is played, and s (s_ii = 1, s_ij = s_ji) how alike two emotions sound. It is the log-linear model of
quasi-symmetry (Caussinus 1965), so that what it leaves over are confusions that go one way.

References
----------
Luce (1963), Detection and recognition, in Handbook of Mathematical Psychology 1, 103–189; Shepard (1957),
Psychometrika 22, 325–345; Townsend (1971), Perception & Psychophysics 9, 40–50; Caussinus (1965), Annales de la
Faculté des Sciences de Toulouse 29, 77–183; Rao & Scott (1984), Annals of Statistics 12, 46–60 (design effects of
log-linear models).
"""

from survey.analysis.choice_model.measure import MEASURE, AnswerBias, ChoiceModel, EmotionPair, measure_choice_model

__all__ = ["MEASURE", "AnswerBias", "ChoiceModel", "EmotionPair", "measure_choice_model"]
