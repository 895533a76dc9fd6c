"""All numbers of a report, in the report's own shape; lists of named things are keyed by their names."""

from tests.survey.recomputed import agreement, effects, emotions, measures, sensitivity, shares
from tests.survey.recomputed.pack import read_pack


def recompute(path):
    pack = read_pack(path)
    everywhere, choices, k = pack.main, pack.choices, len(pack.choices)
    frame = primary(everywhere)  # the study's plan, where it names a cell, names this one
    has_none = "none" in choices
    margin = pack.study["analysis_plan"].get("margin", effects.PLANNED_MARGIN)
    found = cell(pack, frame)
    interval, spread = shares.bootstrap(frame)
    expected, p_value = shares.permutation(frame)
    found["accuracy"] |= {"bootstrap": interval}
    found["accuracy"]["permutation"] = {"expected": expected, "p_value": p_value, "replicates": shares.REPLICATES}
    order = {name: list(dict.fromkeys(item[name] for item in pack.stimuli)) for name in ("condition", "composer")}
    found |= {
        "stimuli": clips_of(pack, everywhere),
        "conditions": levels(pack, everywhere, "condition"),
        "composers": levels(pack, frame, "composer"),
        "comparisons": effects.comparisons(frame, "composer", order["composer"], margin),
        "picture_music": effects.sources(everywhere, margin),
        "seed_study": effects.beside_seed_study(found["accuracy"], k),
        "included_only": None
        if frame["included"].all()
        else without_dice(cell(pack, frame[frame["included"]], asked=False)),
        "people": emotions.people(pack.answers),
        "per_intended": {
            emotion: agreement.measure(frame[frame["intended"] == emotion], k) for emotion in pack.emotions
        },
        "raters": {person: agreement.listener(frame, person) for person in sorted(set(frame["participant"]))},
        "folds": {name: shares.fold(frame, name, choices, pack.coordinates, has_none) for name in shares.QUADRANTS},
        "valence_arousal": shares.distances(frame, pack.coordinates),
        "primary": measures.plain(sensitivity.primary(pack, frame, k)),
        "measures": measures.recompute(frame, pack, found["emotions"]),
        "settings": {"seed": 2024, "replicates": shares.REPLICATES, "level": 0.95},
    }
    if pack.study["status"] == "closed":
        found["course"] = shares.course(frame, k)
    return found, spread


def primary(frame):
    """Music alone; without it matching pairs, mismatched ones, pictures: one cell, never several."""
    picture, music = frame["picture_emotion"], frame["music_emotion"]
    cells = (
        (picture == "") & (music != ""),
        (picture != "") & (picture == music),
        (picture != "") & (music != "") & (picture != music),
        (picture != "") & (music == ""),
    )
    return next(frame[keep] for keep in cells if keep.any())


def clips_of(pack, frame):
    clips = dict(list(frame.groupby("stimulus")))
    return {
        item["stimulus"]: agreement.clip(clips.get(item["stimulus"], frame.iloc[:0]), pack.choices)
        for item in pack.stimuli
    }


def cell(pack, frame, asked=True):
    choices, k = pack.choices, len(pack.choices)
    counts = emotions.confusion(frame, pack.emotions, choices)
    return {
        "n": sizes(frame),
        "accuracy": shares.whole_accuracy(frame, k, "none" in choices),
        "confusion": {"counts": counts, "row_shares": emotions.row_shares(counts)},
        "emotions": emotions.scores(frame, pack.emotions, k, asked),
        "response_bias": emotions.bias(frame, choices),
        "top_confusions": emotions.confusions(frame),
        "agreement": agreement.measure(frame, k),
        "agreement_among": agreement.among(frame),
        "agreement_per_choice": agreement.per_choice(frame, choices),
        "stimuli": clips_of(pack, frame),
    }


def without_dice(found):
    """Beside the main results no bootstrap and no permutations are drawn."""
    found["accuracy"]["permutation"] = {"replicates": 0}
    return found


def sizes(frame):
    return {
        "responses": len(frame),
        "participants": frame["participant"].nunique(),
        "stimuli": frame["stimulus"].nunique(),
        "missing": 0,
    }


def levels(pack, frame, factor):
    found = {
        level: {
            "n": sizes(mine),
            "accuracy": shares.accuracy(mine, len(pack.choices)),
            "emotions": emotions.scores(mine, pack.emotions, len(pack.choices)),
            "confusion": emotions.confusion(mine, pack.emotions, pack.choices),
            "agreement": agreement.measure(mine, len(pack.choices)),
        }
        for level, mine in frame.groupby(factor)
        if level
    }
    return found if len(found) > 1 else {}
