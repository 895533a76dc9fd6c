"""The lens once more: least squares and ridge by their normal equations, every clip left out in a loop."""

import json
import math
from itertools import combinations

import numpy as np
from scipy import stats

from tests.survey.recomputed.shares import degrees_of, piece_of

EQUATION = ["majorness", "tempo", "melody_register", "dynamics", "articulation", "density", "chromaticism"]
SEEN = ["brightness", "saturation", "warmth", "contrast", "edges", "symmetry", "colourfulness", "texture_homogeneity"]
PENALTIES = 10 ** np.linspace(-3, 0, 31)
STEP = 1e-4
TERMS = ["achievement", "matching", "sender", "listener", "unmodelled"]


def recompute(frame, pack):
    """From the pack's own files; None where nothing was measured, or people said yes or no."""
    if set(frame["chosen"]) <= {"yes", "no"}:
        return None
    rows = [
        json.loads(row["attributes"])
        for row in pack.stimuli
        if row.get("attributes") and row["stimulus"] in set(frame["stimulus"])
    ]
    if not any(rows):
        return None
    told = {row["stimulus"]: json.loads(row["attributes"] or "{}") for row in pack.stimuli}
    measured = {name: {cue: one["measured"] for cue, one in cues.items()} for name, cues in told.items()}
    everything = sorted({cue for cues in measured.values() for cue in cues})
    return lens(frame, measured, everything, pack.emotions)


def recompute_pictures(frame, pack):
    """The lens of pictures from the pack's own files; None where no picture was shown and measured."""
    if set(frame["chosen"]) <= {"yes", "no"}:
        return None
    measured = {row["stimulus"]: json.loads(row.get("picture_attributes") or "{}") for row in pack.stimuli}
    everything = sorted({cue for cues in measured.values() for cue in cues})
    return pictures(frame, measured, everything, pack.emotions)


def pictures(frame, measured, names, emotions):
    """`frame` tells the emotion of every picture; each picture goes by the first name among the clips that show it."""
    frame = frame[
        (frame["presentation"] != "music_only") & frame["stimulus"].map(lambda clip: bool(measured.get(clip)))
    ]
    own = frame["picture_emotion"].where(frame["picture_emotion"].isin(emotions), "")
    if not own.any():
        return None
    first = frame.groupby("picture_sha256")["stimulus"].transform("min")
    return lens(
        frame.assign(stimulus=first, intended=own, audio_sha256="", cue_piece=""), measured, names, emotions, SEEN
    )


def lens(frame, measured, names, emotions, equation=EQUATION):
    """`measured` is a dictionary of values by clip; what is not there was not measured."""
    frame = frame[frame["intended"] != ""].assign(piece=piece_of(frame[frame["intended"] != ""]))
    table = {
        clip: [measured.get(clip, {}).get(name, math.nan) for name in names] for clip in frame["stimulus"].unique()
    }
    known = np.isfinite(list(table.values())).mean(axis=0) >= 0.5
    complete = [clip for clip, values in table.items() if np.isfinite(values)[known].all()]
    kept = frame[frame["stimulus"].isin(complete)]
    raw = np.array([table[clip] for clip in complete])
    cues = [place for place, name in enumerate(names) if known[place] and np.ptp(raw[:, place]) > 0]
    x = (raw[:, cues] - raw[:, cues].mean(axis=0)) / raw[:, cues].std(axis=0)
    study = Study(kept, complete, x, emotions)
    used = [names[place] for place in cues]
    most = study.pieces // 3 - 1
    ranked = [used.index(name) for name in equation if name in used][: max(most, 0)]
    told = [emotion for emotion in emotions if enough(study, emotion)]
    penalty = study.penalty(told) if told else None
    lenses = [of_emotion(study, emotion, emotion in told, penalty, ranked, used) for emotion in study.made]
    return {
        "clips": len(complete),
        "clips_left_out": len(table) - len(complete),
        "answers": len(kept),
        "participants": kept["participant"].nunique(),
        "penalty": penalty,
        "emotions": lenses,
        "correlations": correlations(x, used),
        "readings": readings(study, lenses, told),
    }


class Study:
    """Clips with their cues, and answers."""

    def __init__(self, kept, clips, x, emotions):
        self.kept, self.clips, self.x = kept, clips, x
        first = kept.drop_duplicates("stimulus").set_index("stimulus").loc[clips]
        self.intended, self.piece = first["intended"].to_numpy(), first["piece"].to_numpy()
        self.pieces = len(set(self.piece))
        self.made = [emotion for emotion in emotions if (self.intended == emotion).any()]
        self.n = kept.groupby("stimulus").size().loc[clips].to_numpy()
        per_emotion = kept.drop_duplicates("piece").groupby("intended").size()
        self.strata = self.intended if per_emotion.min() > 1 else np.full(len(clips), "")

    def sides(self, emotion):
        said = (self.kept["chosen"] == emotion).groupby(self.kept["stimulus"]).mean().loc[self.clips]
        return (self.intended == emotion).astype(float), said.to_numpy()

    def penalty(self, told):
        """Generalised cross-validation by the hat matrix itself."""
        sides = [side / side.std() for emotion in told for side in self.sides(emotion) if side.std() > 1e-6]
        scores = []
        for penalty in PENALTIES:
            n = len(self.x)
            hat = self.x @ np.linalg.inv(self.x.T @ self.x + n * penalty * np.eye(self.x.shape[1])) @ self.x.T + 1 / n
            left = sum(((side - hat @ side) ** 2).mean() for side in sides)
            free = 1 - np.trace(hat) / len(np.unique(self.x, axis=0))
            scores.append(left / free**2 if free > 0 else math.inf)
        return float(PENALTIES[int(np.argmin(scores))])

    def without_each(self, statistic, made, said):
        """Jackknife variance over pieces within strata, and Satterthwaite's degrees of freedom."""
        parts, degrees = [], []
        for stratum in np.unique(self.strata):
            pieces = np.unique(self.piece[self.strata == stratum])
            found = []
            for piece in pieces:
                weights = (self.piece != piece).astype(float)
                own = self.strata == stratum
                weights[own] *= own.sum() / weights[own].sum()
                found.append(statistic(self.x, made, said, weights))
            parts.append((len(found) - 1) * np.var(found, axis=0))
            degrees.append(len(found) - 1)
        total, parts = sum(parts), np.array(parts)
        squared = (parts**2 / np.array(degrees)[:, None]).sum(axis=0)
        return total, total**2 / np.where(squared > 0, squared, np.inf)

    def of_people(self, statistic, made, said, chosen):
        """Variances over people and over answers, by how much the statistic follows every clip's share."""
        ones, slopes = np.ones(len(said)), []
        for clip in range(len(said)):
            step = np.zeros(len(said))
            step[clip] = STEP
            slopes.append(
                (statistic(self.x, made, said + step, ones) - statistic(self.x, made, said - step, ones)) / (2 * STEP)
            )
        slopes = np.array(slopes)
        place = self.kept["stimulus"].map({clip: at for at, clip in enumerate(self.clips)}).to_numpy()
        moves = ((chosen - said[place]) / self.n[place])[:, None] * slopes[place]
        people = [moves[rows].sum(axis=0) for rows in self.kept.groupby("participant").indices.values()]
        many = self.n[place] > 1
        answers = (moves[many] ** 2 * (self.n[place] / np.maximum(self.n[place] - 1, 1))[many, None]).sum(axis=0)
        return (np.array(people) ** 2).sum(axis=0) * len(people) / max(len(people) - 1, 1), answers

    def variances(self, statistic, emotion):
        """For new clips, and for new people and new clips, each with its degrees of freedom."""
        made, said = self.sides(emotion)
        clips, degrees = self.without_each(statistic, made, said)
        people, answers = self.of_people(statistic, made, said, (self.kept["chosen"] == emotion).to_numpy(float))
        both = np.maximum(clips + people - answers, np.maximum(clips, people))
        sizes = self.kept.groupby("participant").size()
        return (clips, degrees), (both, np.minimum(degrees, degrees_of(len(sizes), sizes)))


def enough(study, emotion):
    own = study.intended == emotion
    return len(np.unique(study.piece[own])) >= 4 and len(np.unique(study.piece[~own])) >= 4


def moments(x, made, said, weights):
    together = np.cov(np.column_stack([x, made, said]).T, aweights=weights, ddof=0)
    return together[:-2, :-2], together[:-2, -2], together[:-2, -1], together[-2:, -2:]


def ridge(penalty):
    def statistic(x, made, said, weights):
        cues, a, b, ends = moments(x, made, said, weights)
        spread = np.sqrt(np.diag(cues))
        inverse = np.linalg.inv(cues / np.outer(spread, spread) + penalty * np.eye(len(cues)))
        return np.concatenate([inverse @ (a / spread) / ends[0, 0] ** 0.5, inverse @ (b / spread) / ends[1, 1] ** 0.5])

    return statistic


def terms(x, made, said, weights):
    """r_a, G, R_e, R_s, C by weighted least squares, fitted values and residuals."""
    root = np.sqrt(weights)[:, None]
    design = np.column_stack([np.ones(len(x)), x])
    fitted = [design @ np.linalg.lstsq(root * design, root[:, 0] * side, rcond=None)[0] for side in (made, said)]

    def r(one, other):
        table = np.cov(one, other, aweights=weights, ddof=0)
        return table[0, 1] / (table[0, 0] * table[1, 1]) ** 0.5

    left = made - fitted[0], said - fitted[1]
    return np.array([r(made, said), r(*fitted), r(made, fitted[0]), r(said, fitted[1]), r(*left)])


def adjust(r, pieces, cues):
    return math.sqrt(max(0.0, 1 - (1 - r**2) * (pieces - 1) / (pieces - cues - 1)))


def fisher(pieces):
    def statistic(x, made, said, weights):
        found = terms(x, made, said, weights)
        found[2:4] = [adjust(r, pieces, x.shape[1]) for r in found[2:4]]
        return np.arctanh(found)

    return statistic


def of_emotion(study, emotion, told, penalty, ranked, used):
    own = study.kept["intended"] == emotion
    found = {"emotion": emotion, "clips": int((study.intended == emotion).sum()), "answers": int(own.sum())}
    if not told:
        return found
    made, said = study.sides(emotion)
    ones = np.ones(len(said))
    weights = ridge(penalty)(study.x, made, said, ones)
    new_clips, new_both = study.variances(ridge(penalty), emotion)
    a = len(used)
    found["cues"] = []
    for cue in range(a):
        sides = [
            interval(weights[cue], *(part[cue] for part in new_clips)),
            interval(weights[a + cue], *(part[a + cue] for part in new_both)),
        ]
        found["cues"].append(
            {
                "cue": used[cue],
                "validity": {"estimate": weights[cue], "interval": sides[0]},
                "utilisation": {"estimate": weights[a + cue], "interval": sides[1]},
                "r_sender": np.corrcoef(study.x[:, cue], made)[0, 1],
                "r_listener": np.corrcoef(study.x[:, cue], said)[0, 1],
                "standing": standing(*sides),
            }
        )
    if not ranked:
        return found
    part = Study(study.kept, study.clips, study.x[:, ranked], study.made)
    numbers = terms(part.x, made, said, ones)
    middle = fisher(part.pieces)(part.x, made, said, ones)
    new_clips, new_both = part.variances(fisher(part.pieces), emotion)
    names = ["achievement", "matching", "sender_consistency", "listener_consistency", "unmodelled_agreement"]
    for place, name in enumerate(names):
        ends = interval(middle[place], *(part[place] for part in (new_clips if place == 2 else new_both)))
        ends = ends and [math.tanh(end) for end in ends]
        if ends and place in (2, 3):
            ends[0] = max(ends[0], 0.0)
        found[name] = {"estimate": numbers[place], "interval": None if place == 1 and len(ranked) == 1 else ends}
    found["sender_adjusted"], found["listener_adjusted"] = np.tanh(middle[2:4])
    return found


def interval(value, variance, degrees):
    if degrees < 1 or variance == 0:
        return None
    half = stats.t.ppf(0.975, degrees) * math.sqrt(variance)
    return [value - half, value + half]


def standing(one, other):
    if one is None or other is None:
        return None
    sides = [np.sign(ends[0]) if ends[0] * ends[1] > 0 else 0 for ends in (one, other)]
    if all(sides):
        return "agree" if sides[0] == sides[1] else "disagree"
    return "composer_only" if sides[0] else "listeners_only" if sides[1] else "neither"


def correlations(x, used):
    table = np.corrcoef(x.T)
    pairs = [(used[a], used[b], table[a, b]) for a, b in combinations(range(len(used)), 2)]
    return [{"a": a, "b": b, "correlation": r} for a, b, r in sorted(pairs, key=lambda pair: -abs(pair[2]))]


def readings(study, lenses, told):
    """By clip: every one whose most frequent answer is one alone, and has weights."""
    found = {}
    for place, clip in enumerate(study.clips):
        counts = study.kept.loc[study.kept["stimulus"] == clip, "chosen"].value_counts()
        heard = counts.index[0]
        if heard not in told or (counts == counts.iloc[0]).sum() > 1 or counts.sum() < 2:
            continue
        lens_of = next(one for one in lenses if one["emotion"] == heard)
        spread = study.sides(heard)[1].std()
        adds = []
        whole = sum(
            (cue["utilisation"]["estimate"] or 0) * v for cue, v in zip(lens_of["cues"], study.x[place], strict=True)
        )
        for cue, value in zip(lens_of["cues"], study.x[place], strict=True):
            ends, weight = cue["utilisation"]["interval"], cue["utilisation"]["estimate"]
            if whole > 0 and ends and ends[0] * ends[1] > 0 and weight * value * spread >= 0.01:
                adds.append({"cue": cue["cue"], "standardised": value, "added": weight * value * spread})
        found[clip] = {
            "clip": clip,
            "heard": heard,
            "share": counts[heard] / counts.sum(),
            "answers": int(counts.sum()),
            "cues": sorted(adds, key=lambda one: -one["added"])[:3],
        }
    return found
