"""The whole model with a table's expectation, held against R's general optimiser and against plain integration."""

from __future__ import annotations

import numpy as np
import pytest

from survey.teaching import Answers, Prior, Scale, fit

CLIPS = np.array([[0.0, 1.4], [1.2, -0.5], [-0.3, -0.5], [0.6, -0.1], [0.7, -1.8], [1.6, -0.1]])
COUNTS = np.array([[9, 2, 1], [2, 8, 2], [3, 3, 6], [4, 4, 4], [1, 5, 6], [3, 8, 1]])
TABLE = Prior(np.array([[0.0, 1.0], [1.0, 0.0], [0.0, -1.0]]), np.array([[1.0, 0.5], [0.5, 2.0]]))
SCALE = Scale(("one", "other"), np.zeros(2), np.ones(2))

R_LINES = """
x <- cbind(c(0,1.2,-.3,.6,.7,1.6), c(1.4,-.5,-.5,-.1,-1.8,-.1))
n <- rbind(c(9,2,1), c(2,8,2), c(3,3,6), c(4,4,4), c(1,5,6), c(3,8,1))
t <- rbind(c(0,1), c(1,0), c(0,-1)); S <- matrix(c(1,.35,.35,2), 2)   # correlation shrunk by .3
d <- sweep(t, 2, colMeans(t)); w <- t(solve(S, t(d)))
e <- c(t(cbind(-drop(w %*% colMeans(t)) - rowSums(w * d) / 2, w)))
for (f in c(.01,.03,.06,.1,.17,.3,.5)) {
  V <- diag(rep(c(1, f, f)^2, 3)) + .09 * e %o% e
  loss <- function(b) { s <- cbind(1, x) %*% t(matrix(b, 3, byrow=TRUE))
    -sum(n * (s - log(rowSums(exp(s))))) + drop((b - .3*e) %*% solve(V, b - .3*e)) / 2 }
  o <- optim(.3*e, loss, method="BFGS", hessian=TRUE, control=list(reltol=1e-15, maxit=5000)); C <- solve(o$hessian)
  print(c(f, -o$value - log(det(V))/2 - log(det(o$hessian))/2, o$par, C[2,2], C[5,9])) }   # largest with f = .01
none <- function(b) -sum(colSums(n) * (b - log(sum(exp(b))))) + sum(b^2)/2
o <- optim(rep(0,3), none, method="BFGS", hessian=TRUE, control=list(reltol=1e-15, maxit=5000))
-o$value - log(det(o$hessian))/2   # −81.208
"""
"""What R 4 was told, base packages only; its numbers:"""
R_MEAN = [[0.01358, -0.40143, 0.44141], [-0.31351, 0.52685, -0.09224], [-0.35836, -0.12542, -0.34917]]
R_EVIDENCE = -72.94828 + 81.20833


@pytest.fixture(scope="module")
def heard():
    return fit(Answers(CLIPS, COUNTS, np.zeros(6, int)), TABLE, SCALE)


def test_top_width_and_evidence_are_those_of_r(heard):
    assert (heard.freedom, heard.design_effect) == (0.01, 1.0)
    np.testing.assert_allclose(heard.mean, R_MEAN, atol=2e-5)
    assert heard.covariance[1, 1] == pytest.approx(0.009403429, rel=1e-4)
    assert heard.covariance[4, 8] == pytest.approx(-0.010600100, rel=1e-4)
    assert heard.evidence == pytest.approx(R_EVIDENCE, abs=1e-4)


def test_evidence_is_the_prior_s_mean_likelihood(heard):
    """Without Laplace: the answers' likelihood averaged over draws from the prior, with and without attributes."""
    dice = np.random.default_rng(1)
    intercepts, weights = TABLE.discriminate(SCALE, 3)
    n = 200_000
    sharpness = dice.normal(0.3, 0.3, (n, 1))
    free = dice.normal(size=(n, 3))

    def mean_likelihood(scores):
        """Logarithm, of scores (n, clips, choices)."""
        logs = scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True)
        likelihoods = (logs * COUNTS).sum(axis=(1, 2))
        return np.logaddexp.reduce(likelihoods) - np.log(n)

    own = sharpness[:, :, None] * weights + heard.freedom * dice.normal(size=(n, 3, 2))
    with_attributes = (sharpness * intercepts + free)[:, None, :] + np.einsum("nca,ka->nkc", own, CLIPS)
    without = np.repeat(free[:, None, :], len(CLIPS), axis=1)
    assert heard.evidence == pytest.approx(mean_likelihood(with_attributes) - mean_likelihood(without), abs=0.15)
