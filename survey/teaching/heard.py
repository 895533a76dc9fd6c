"""What listeners go by, as far as answers tell: a multinomial logit with the uncertainty of its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from survey.teaching.arrays import Codes, Floats, half_of, softmax
from survey.teaching.scale import Scale

TELLS: Final = 3.0
"""Natural logarithm of the Bayes factor from which answers tell something of attributes: "strong" evidence of Kass &
Raftery (1995), 20 to 1."""


@dataclass(frozen=True, slots=True)
class Draws:
    """Parameters drawn from what is known of them.

    Parameters
    ----------
    intercepts : array of float, shape (n, C)
    weights : array of float, shape (n, C, A)
        Per width of each attribute.
    """

    intercepts: Floats
    weights: Floats

    def probabilities(self, z: Floats) -> Floats:
        """Return P(choice) by every draw of every clip, shape (n, k, C), of clips in widths, shape (k, A)."""
        return softmax(self.intercepts[:, None, :] + z @ self.weights.transpose(0, 2, 1))


@dataclass(frozen=True, slots=True)
class Heard:
    """P(chosen | attributes), with all that is known of it.

    Attributes
    ----------
    scale : Scale
    mean : array of float, shape (C, A + 1)
        Most probable intercept (first) and weights of every choice, per width.
    covariance : array of float, shape (C (A + 1),) × 2
        Their covariance, by the Laplace approximation, of the rows of `mean` one after the other.
    answers, clips, people : int
        Learned from; `people` is 0 where single answers are not known.
    left_out : int
        Clips without a measured attribute.
    design_effect : float
        By how many times the answers are fewer than as many independent ones would be, at least 1.
    evidence : float
        Natural logarithm of the Bayes factor against listeners whose answers have nothing to do with attributes.
    sureness : float
        Multiple of the table's discriminant that the answers ask for.
    freedom : float
        Standard deviation of weights about that, per width, chosen by the evidence.
    """

    scale: Scale
    mean: Floats
    covariance: Floats
    answers: int
    clips: int
    people: int
    left_out: int
    design_effect: float
    evidence: float
    sureness: float
    freedom: float

    @property
    def choices(self) -> int:
        """C."""
        return len(self.mean)

    @property
    def effective_answers(self) -> float:
        """As many independent answers would tell as much."""
        return self.answers / self.design_effect

    @property
    def tells(self) -> bool:
        """Whether the answers tell anything of attributes: without, nothing is to be learned from them."""
        return self.evidence >= TELLS

    def probabilities(self, attributes: Floats) -> Floats:
        """Return the most probable listener's P(choice), shape (n, C), of clips in natural units, shape (n, A)."""
        z = self.scale.to_z(np.atleast_2d(attributes))
        return softmax(self.mean[:, 0] + z @ self.mean[:, 1:].T)

    def draw(self, n: int, rng: np.random.Generator) -> Draws:
        """Return n draws of the parameters."""
        half = half_of(self.covariance)
        drawn = self.mean.ravel() + rng.standard_normal((n, len(half))) @ half.T
        both = drawn.reshape(n, *self.mean.shape)
        return Draws(both[:, :, 0], both[:, :, 1:])

    def describe(self) -> Mapping[str, Any]:
        """Return plain data for a log: how much was heard, and how much it tells."""
        return {
            "answers": self.answers,
            "effective_answers": round(self.effective_answers, 1),
            "clips": self.clips,
            "people": self.people,
            "left_out": self.left_out,
            "design_effect": round(self.design_effect, 3),
            "evidence": round(self.evidence, 2),
            "sureness": round(self.sureness, 4),
            "freedom": self.freedom,
        }


def information(probabilities: Floats, z: Floats, counts: Floats | Codes) -> Floats:
    """Return the Fisher information of clips on the rows of `Heard.mean`, shape (C (A + 1),) × 2.

    Parameters
    ----------
    probabilities : array of float, shape (K, C)
    z : array of float, shape (K, A)
        Clips in widths.
    counts : array, shape (K,)
        Answers to each.
    """
    known = np.concatenate([np.ones((len(z), 1)), z], axis=1)  # (K, A + 1)
    choices, terms = probabilities.shape[1], known.shape[1]
    # Σ_k n_k (diag p − p pᵀ) ⊗ x xᵀ: first the diagonal blocks, then what choices take from each other.
    weighted = probabilities * np.asarray(counts)[:, None]
    found = np.zeros((choices, terms, choices, terms))
    blocks = (weighted.T[:, None, :] * known.T) @ known
    found[np.arange(choices), :, np.arange(choices), :] = blocks
    scores = (probabilities[:, :, None] * known[:, None, :]).reshape(len(z), choices * terms)
    flat: Floats = found.reshape(choices * terms, -1) - (scores * np.asarray(counts)[:, None]).T @ scores
    return flat
