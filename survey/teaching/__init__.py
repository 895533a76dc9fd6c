"""How listeners teach the composer: from answers and measured attributes to better targets; no Django, no music.

E emotions, A attributes, K clips, N answers, C choices: the E emotions, then "none of these" where it is offered.
Attributes are in natural units everywhere; inside, z = (x − middle) / width.

::

    Scale(names, middle, width)                              how attributes become comparable
    Scale.of(names, attributes)                              the mean and standard deviation of clips
    Answers(attributes, chosen, study, person=None, clip=None, choice=None, piece=None)
        attributes (K, A), NaN where not measured; chosen (K, C) counts; study (K,) codes;
        person, clip, choice (N,) codes of every answer (all three or none); piece (K,): rows of one code hang together
    Answers.of(attributes, person, clip, choice, choices, study=None, piece=None)     counts from single answers
    shuffle(answers, rng) -> Answers                         the control: whose clips an answer is for is drawn anew
    Prior(targets (E, A), spread (A, A), sureness=SURENESS)  what the present table says; spread: clips of one emotion
    fit(answers, prior, scale) -> Heard                      P(chosen | attributes)
    Heard.probabilities(attributes (n, A)) -> (n, C)
    Heard.draw(n, rng) -> Draws(intercepts (n, C), weights (n, C, A))     per width of each attribute
    Heard.evidence, .tells, .answers, .effective_answers, .design_effect, .left_out, .describe()
    Region(mean, covariance, furthest)                       real music: Mahalanobis distance at most `furthest`
    Region.of(clips (n, A), share=.95); Region.distance(points (n, A)) -> (n,)
    improve(heard, targets, *, region, spread, strength=1.0, reach=REACH, limits=None, ties=None, fixed=None,
            steering=None, attained=None, seed=0) -> Improved
        limits: (lowest (A,), highest (A,)); ties (T, A): ties @ shift stays 0, as density = melody + accompaniment;
        steering: what a shift of the targets does to clips, (A,) slopes or (A, A), identity unless given;
        attained (E, A): where clips of the present targets lie in fact, the targets unless given
    Improved.targets (E, A), .shifts (E, A), .moved (E,) bool, .reasons (E,) words,
        .before, .after, .gain: tuple[Expected, ...] per emotion, .overall_gain: Expected;
        Expected(mean, low, high): recognition expected of fresh clips, with its interval
    fit_steering(asked (n, A), measured (n, A)) -> Steering(slopes (A,), offset (A,), scatter (A, A))
    choose_to_learn(heard, candidates (m, A), n, *, rng, answers=4) -> indices (n,)
    split_wave(heard, candidates (m, A), *, teach, test, rng, emotions=None) -> Wave(teach, test): test drawn first

What people answered to pictures alone corrects the network that reads pictures (`pictures`, `picture_worth`):

    PictureAnswers(log_probabilities (K, E), picture (N,), choice (N,), person (N,), words (K, W) = none)
    fit_correction(answers, words=False) -> Correction(temperature, bias (E,), words (W, E), design_effect)
    Correction.apply(log_probabilities, words=None) -> probabilities
    recalibrate(answers) -> Recalibrated                     by cross-validation over pictures; `reason` where refused
    Recalibrated.describe() -> dict                          for the provenance
    judge_correction(answers, correction) -> Tested          what it is worth on answers that it was not learned from
    shuffle_pictures(answers, study (N,), rng) -> PictureAnswers     the control

Everything gives the same for the same seed.
"""

from survey.teaching.answers import Answers, shuffle
from survey.teaching.choosing import Wave, choose_to_learn, split_wave
from survey.teaching.fitting import fit
from survey.teaching.heard import Draws, Heard
from survey.teaching.improving import REACH, Expected, Improved, improve
from survey.teaching.picture_worth import Gain, Recalibrated, Tested, judge_correction, recalibrate
from survey.teaching.pictures import Correction, PictureAnswers, fit_correction, shuffle_pictures
from survey.teaching.prior import SURENESS, Prior
from survey.teaching.region import Region
from survey.teaching.scale import Scale
from survey.teaching.steering import Steering, fit_steering

__all__ = [
    "REACH",
    "SURENESS",
    "Answers",
    "Correction",
    "Draws",
    "Expected",
    "Gain",
    "Heard",
    "Improved",
    "PictureAnswers",
    "Prior",
    "Recalibrated",
    "Region",
    "Scale",
    "Steering",
    "Tested",
    "Wave",
    "choose_to_learn",
    "fit",
    "fit_correction",
    "fit_steering",
    "improve",
    "judge_correction",
    "recalibrate",
    "shuffle",
    "shuffle_pictures",
    "split_wave",
]
