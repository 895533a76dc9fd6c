"""The mixed model and its variance components from dense matrices, plain search and numeric derivatives."""

import math

import numpy as np
import pandas as pd
from scipy import integrate, optimize, stats
from scipy.special import expit

from tests.survey.recomputed.shares import piece_of

LEAST = {"emotion": 2, "composer": 4, "presentation": 0}


class Fitted:
    """hit ~ factors + (1 | participant) + (1 | piece), by Laplace's approximation, plain and restricted."""

    def __init__(self, frame, factors, first):
        frame = frame.assign(piece=piece_of(frame))
        factors = [
            name
            for name in factors
            if frame[name].nunique() > 1 and frame.groupby(name)["piece"].nunique().min() >= LEAST[name]
        ]
        keep = pd.Series(True, index=frame.index)
        for name in factors:
            rate = frame.groupby(name)["hit"].transform("mean")
            keep &= (rate > 0) & (rate < 1)
        frame = frame[keep]
        names, columns = [("intercept", "all at their reference")], [np.ones(len(frame))]
        for name in factors:
            levels = sorted(frame[name].unique())
            reference = first.get(name) if first.get(name) in levels else levels[0]
            for level in levels:
                if level != reference:
                    names.append((name, level))
                    columns.append((frame[name] == level).to_numpy(float))
        kept = []
        for place in range(len(columns)):
            if np.linalg.matrix_rank(np.stack([columns[k] for k in (*kept, place)], axis=1)) > len(kept):
                kept.append(place)
        self.frame, self.factors = frame, factors
        self.names = [names[place] for place in kept]
        self.x = np.stack([columns[place] for place in kept], axis=1)
        self.y = frame["hit"].to_numpy(float)
        self.z = [pd.get_dummies(frame[name]).to_numpy(float) for name in ("participant", "piece")]
        self.degrees = tuple(self._degrees(name) for name in ("participant", "piece"))
        self.p = self.x.shape[1]
        self.last = {}

    def between(self, group):
        groups = self.frame[group].to_numpy()
        return pd.DataFrame(self.x).groupby(groups).nunique().max().to_numpy() == 1

    def _degrees(self, group):
        return self.frame[group].nunique() - int(self.between(group).sum())

    def mode(self, sds, fixed=None):
        """Newton's method in one dense system; with `fixed` None the fixed effects are found too."""
        own = np.hstack([sd * z for sd, z in zip(sds, self.z, strict=True)])
        matrix = own if fixed is not None else np.hstack([own, self.x])
        offset = self.x @ fixed if fixed is not None else np.zeros(len(self.y))
        penalty = np.concatenate([np.ones(own.shape[1]), np.zeros(matrix.shape[1] - own.shape[1])])
        u = self.last.get(matrix.shape[1], np.zeros(matrix.shape[1]))

        def value(v):
            eta = offset + matrix @ v
            return 2 * np.sum(np.logaddexp(0, eta) - self.y * eta) + v @ (penalty * v)

        for _ in range(200):
            share = expit(offset + matrix @ u)
            hessian = (matrix * (share * (1 - share))[:, None]).T @ matrix + np.diag(penalty)
            step = np.linalg.solve(hessian, matrix.T @ (self.y - share) - penalty * u)
            while value(u + step) > value(u) + 1e-12 and np.abs(step).max() > 1e-12:
                step = step / 2
            u = u + step
            if np.abs(step).max() < 1e-11:
                break
        self.last[len(u)] = u
        share = expit(offset + matrix @ u)
        hessian = (matrix * (share * (1 - share))[:, None]).T @ matrix + np.diag(penalty)
        deviance = (
            value(u) + np.linalg.slogdet(hessian)[1] - (0 if fixed is not None else self.p * math.log(2 * math.pi))
        )
        return deviance, u, hessian, share

    def fit(self):
        small = {"method": "Nelder-Mead", "options": {"xatol": 1e-7, "fatol": 1e-11, "maxiter": 4000}}
        bounded = lambda t: self.mode(np.abs(t))[0] + 1e3 * max(0, np.abs(t).max() - 6)  # noqa: E731
        for start in (0.7, 0.2):
            found = optimize.minimize(bounded, [start, start], bounds=[(0, 6)] * 2, **small)
            self.restricted = np.abs(found.x)
            if self.restricted.max() < 5.9:
                break
        self.restricted[self.restricted < 1e-3] = 0
        self.least, u, hessian, _ = self.mode(self.restricted)
        self.covariance = np.linalg.inv(hessian)[-self.p :, -self.p :]
        self.wide = u[-self.p :]
        start = np.concatenate([np.maximum(self.restricted, 0.1), self.wide])

        def deviance(at):
            return self.mode(np.abs(at[:2]), at[2:])[0]

        found = optimize.minimize(deviance, start, method="BFGS", options={"gtol": 1e-4})
        self.sds = np.abs(found.x[:2])
        self.fixed = found.x[2:]
        if (self.sds < 1e-3).any():
            self.sds[self.sds < 1e-3] = 0
            again = optimize.minimize(lambda b: deviance(np.concatenate([self.sds, b])), self.fixed, method="BFGS")
            self.fixed = again.x
        free = np.concatenate([self.sds > 0, np.ones(self.p, bool)])
        self.errors = self._errors(deviance, np.concatenate([self.sds, self.fixed]), np.flatnonzero(free))
        return self

    def _errors(self, deviance, at, free, h=2e-3):
        """From second differences of the deviance."""

        def moved(*steps):
            there = at.copy()
            for place, size in steps:
                there[place] += size
            return deviance(there)

        hessian = np.empty((len(free),) * 2)
        for a, i in enumerate(free):
            for b, j in enumerate(free[: a + 1]):
                four = [s * t * moved((i, s * h), (j, t * h)) for s in (1, -1) for t in (1, -1)]
                hessian[a, b] = hessian[b, a] = sum(four) / (4 * h * h)
        return np.sqrt(np.diag(np.linalg.inv(hessian / 2)))[-self.p :]

    def ends(self, which):
        """Where the restricted deviance, the other standard deviation at its best, is 3.84 above the least."""
        cut = stats.chi2.ppf(0.95, 1)

        def excess(value):
            def other(x):
                sds = np.array([value, x] if which == 0 else [x, value])
                return self.mode(sds)[0]

            middle = max(self.restricted[1 - which], 0.2)
            best = min(
                optimize.minimize_scalar(other, bounds=(0, end), method="bounded", options={"xatol": 1e-5}).fun
                for end in (2 * middle, 6)
            )
            return best - self.least - cut

        centre = self.restricted[which]
        low = 0.0 if excess(0.0) <= 0 else optimize.brentq(excess, 0.0, centre, xtol=1e-5)
        high = centre + 0.5
        while excess(high) < 0:
            high += 0.5
        return [low, optimize.brentq(excess, centre, high, xtol=1e-5)]

    def contributions(self, gradient):
        """Of people, pieces and answers to the variance of a combination of fixed effects, through Σ⁻¹."""
        _, _, _, share = self.mode(self.restricted)
        parts = [sd**2 * z @ z.T for sd, z in zip(self.restricted, self.z, strict=True)]
        parts.append(np.diag(1 / (share * (1 - share))))
        weights = np.linalg.solve(sum(parts), self.x) @ self.covariance @ gradient
        return [float(weights @ part @ weights) for part in parts]

    def share(self, keep, new):
        spread, wide = (math.hypot(*sds) if new else 0.0 for sds in (self.sds, self.restricted))
        x = self.x[keep]
        estimate = float(np.mean([mean_share(e, spread) for e in x @ self.fixed]))
        shares = np.array([mean_share(e, wide) for e in x @ self.wide])
        slopes = np.array([mean_share(e, wide, slope=True) for e in x @ self.wide])
        gradient = (slopes @ x) / len(x) / (shares.mean() * (1 - shares.mean()))
        return estimate, self.contributions(gradient)

    def interval(self, estimate, parts, people=1, pieces=1):
        variances = [parts[0] / people, parts[1] / pieces, parts[2] / people]
        sizes = [people * (self.degrees[0] + 1) - 1, pieces * (self.degrees[1] + 1) - 1]
        total = sum(variances)
        degrees = min(1e6, total**2 / max(sum(v**2 / n for v, n in zip(variances, sizes, strict=False)), 1e-300))
        half = stats.t.ppf(0.975, degrees) * math.sqrt(total)
        middle = math.log(estimate / (1 - estimate))
        return [float(expit(middle - half)), float(expit(middle + half))]


def mean_share(eta, spread, slope=False, known={}):  # noqa: B006
    """E logistic(eta + spread Z), by adaptive quadrature; or its derivative by eta."""
    key = (round(eta, 12), round(spread, 12), slope)
    if key not in known:
        of = (lambda x: expit(x) * expit(-x)) if slope else expit
        known[key] = (
            of(eta)
            if spread == 0
            else integrate.quad(lambda z: of(eta + spread * z) * stats.norm.pdf(z), -10, 10, epsabs=1e-12)[0]
        )
    return known[key]


def effect(model, place):
    factor = model.names[place][0]
    pieces, people = model.between("piece")[place], model.between("participant")[place]
    degrees = model.degrees[1] if pieces else model.degrees[0] if people else min(model.degrees)
    if factor == "intercept":
        degrees = min(model.degrees)
    estimate = model.fixed[place]
    half = stats.t.ppf(0.975, degrees) * math.sqrt(model.covariance[place, place])
    return {
        "log_odds": estimate,
        "standard_error": model.errors[place],
        "odds_ratio": math.exp(estimate),
        "interval": [math.exp(estimate - half), math.exp(estimate + half)],
        "degrees": degrees,
    }


def test_of(model, factor):
    places = [place for place, (name, _) in enumerate(model.names) if name == factor]
    own, covariance = model.fixed[places], model.covariance[np.ix_(places, places)]
    f = own @ np.linalg.inv(covariance) @ own / len(places)
    degrees = model.degrees[1] if model.between("piece")[places].all() else min(model.degrees)
    return {
        "f": f,
        "degrees": len(places),
        "residual_degrees": degrees,
        "p_value": stats.f.sf(f, len(places), degrees),
    }


def presentation_of(frame):
    picture, music = frame["picture_emotion"], frame["music_emotion"]
    cell = np.where(picture == "", "music_only", np.where(music == "", "picture_only", "mismatched"))
    return np.where((picture != "") & (picture == music), "matched", cell)


def recompute(frame, everywhere):
    """`mixed_model` and `variance_components`."""
    frame = frame.assign(emotion=frame["intended"])
    model = Fitted(frame, ("emotion", "composer"), {})
    sizes = {"n": len(model.y), "participants": model.z[0].shape[1], "pieces": model.z[1].shape[1]}
    if len(model.y) < 2 * (sum(z.shape[1] for z in model.z) + model.p):
        return {"mixed_model": sizes, "variance_components": {}}
    model.fit()
    effects = {model.names[place]: effect(model, place) for place in range(model.p)}
    tests = {factor: test_of(model, factor) for factor in model.factors}
    everywhere = everywhere.assign(emotion=everywhere["intended"], presentation=presentation_of(everywhere))
    primary = presentation_of(frame)[0]
    without = {"music_only": ["picture_only"], "mismatched": ["picture_only"], "picture_only": ["mismatched"]}
    wide = everywhere[~everywhere["presentation"].isin(without.get(primary, []))]
    if wide["presentation"].nunique() > 1:
        other = Fitted(wide, ("emotion", "composer", "presentation"), {"presentation": primary}).fit()
        for place, name in enumerate(other.names):
            if name[0] == "presentation":
                effects[name] = effect(other, place)
        tests["presentation"] = test_of(other, "presentation")
    order = sorted(tests, key=lambda name: tests[name]["p_value"])
    least = 0.0
    for rank, name in enumerate(order):
        least = max(least, min(1.0, tests[name]["p_value"] * (len(order) - rank)))
        tests[name]["p_holm"] = least
    everyone = np.ones(len(model.y), bool)
    average, marginal = model.share(everyone, new=False), model.share(everyone, new=True)
    emotions = {}
    for name in sorted(model.frame["emotion"].unique()) if "emotion" in model.factors else ():
        estimate, parts = model.share((model.frame["emotion"] == name).to_numpy(), new=True)
        emotions[name] = {"share": estimate, "interval": model.interval(estimate, parts)}
    return {
        "mixed_model": {
            **sizes,
            "effects": effects,
            "tests": tests,
            "people_sd": model.sds[0],
            "pieces_sd": model.sds[1],
            "average": average[0],
            "average_interval": model.interval(*average),
            "marginal": marginal[0],
            "marginal_interval": model.interval(*marginal),
            "emotions": emotions,
        },
        "variance_components": components(model, marginal),
    }


def components(model, marginal):
    variances = {"people": model.restricted[0] ** 2, "pieces": model.restricted[1] ** 2}
    for factor in model.factors:
        places = [place for place, (name, _) in enumerate(model.names) if name == factor]
        own = np.array([0.0, *model.fixed[places]])
        errors = np.zeros((len(own),) * 2)
        errors[1:, 1:] = model.covariance[np.ix_(places, places)]
        by_chance = np.mean([errors[i, i] + errors[j, j] - 2 * errors[i, j] for i, j in pairs(len(own))]) / 2
        variances[f"{factor}s"] = max(0.0, np.var(own, ddof=1) - by_chance)
    variances["answers"] = math.pi**2 / 3
    total = sum(variances.values())
    found = {name: {"variance": v, "share": v / total, "sd": math.sqrt(v)} for name, v in variances.items()}
    for which, name in enumerate(("people", "pieces")):
        found[name]["interval"] = model.ends(which)
    n, m = (z.shape[1] for z in model.z)
    prospects = {}
    for a in (1, 2, 4):
        for b in (1, 2, 4):
            low, high = model.interval(*marginal, a, b)
            prospects[a * n, b * m] = {"people": a * n, "pieces": b * m, "half_width": (high - low) / 2}
    return {"components": found, "prospects": prospects}


def pairs(n):
    return [(i, j) for i in range(n) for j in range(i)]
