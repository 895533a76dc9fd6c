"""All numbers of a report, in the report's own shape; lists of named things are keyed by their names."""

from tests.survey.recomputed import agreement, asked, effects, emotions, measures, sensitivity, shares
from tests.survey.recomputed.pack import read_pack


def recompute(path):
    pack = read_pack(path)
    everywhere, k = pack.counted, len(pack.choices)
    frame = primary(everywhere, pack.planned_cell)
    margin = pack.study["analysis_plan"].get("margin", effects.PLANNED_MARGIN)
    found = cell(pack, frame)
    interval, spread = shares.bootstrap(frame)
    found["accuracy"] |= {"bootstrap": interval, "permutation": shares.permutation(frame)}
    items = frame.assign(stimulus=items_of(frame))
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
            emotion: agreement.measure(items[items["intended"] == emotion], k) for emotion in pack.emotions
        },
        "raters": {person: agreement.listener(items, person) for person in sorted(set(frame["participant"]))},
        **(places_of(pack, frame) if pack.coordinates else {}),
        "primary": measures.plain(sensitivity.primary(pack, frame, k)),
        "measures": measures.recompute(frame, pack, found["emotions"]),
        "asked": asked.recompute(pack),
        "settings": {"seed": 2024, "replicates": shares.REPLICATES, "level": 0.95},
    }
    if pack.study["status"] == "closed":
        found["course"] = shares.course(frame, k)
    return found, spread


def places_of(pack, frame):
    """What rests on valence and arousal of the answers offered; yes and no have none."""
    has_none = "none" in pack.choices
    return {
        "folds": {
            name: shares.fold(frame, name, pack.choices, pack.coordinates, has_none) for name in shares.QUADRANTS
        },
        "valence_arousal": shares.distances(frame, pack.coordinates),
    }


def primary(frame, planned=""):
    """The cell that the plan names; music alone, matching pairs, mismatched ones, pictures: one cell, never several."""
    picture, music = frame["picture_emotion"], frame["music_emotion"]
    cells = {
        "music_only": (picture == "") & (music != ""),
        "matched": (picture != "") & (picture == music),
        "mismatched": (picture != "") & (music != "") & (picture != music),
        "picture_only": (picture != "") & (music == ""),
    }
    order = [name for name in (planned, *cells) if name in cells]
    known = [frame[cells[name]] for name in order if cells[name].any()]
    return known[0] if known else frame[frame["condition"] == frame.sort_values("order")["condition"].iloc[0]]


def items_of(frame):
    """What people are compared on: the clip; where other emotions than its own were named, the clip with the name."""
    names = [f"{one} {named}" for one, named in zip(frame["stimulus"], frame["asked_emotion"], strict=True)]
    return names if (frame["intended"] == "no").any() else frame["stimulus"]


def clips_of(pack, frame):
    """Each clip; of lures, what was said to the clip's own emotion alone."""
    lures = frame[frame["intended"] == "no"] if "no" in pack.choices else frame.iloc[:0]
    named = lures.groupby("stimulus")["chosen"].agg(["size", lambda said: int((said == "yes").sum())])
    clips = dict(list(frame.drop(lures.index).groupby("stimulus")))
    found = {}
    for name in (item["stimulus"] for item in pack.stimuli):
        found[name] = agreement.clip(clips.get(name, frame.iloc[:0]), pack.choices)
        if len(lures):
            size, alarms = named.loc[name] if name in named.index else (0, 0)
            found[name] |= {"lures": int(size), "false_alarms": int(alarms)}
    return found


def cell(pack, frame, asked=True):
    choices, k = pack.choices, len(pack.choices)
    counts = emotions.confusion(frame, pack.emotions, choices)
    items = frame.assign(stimulus=items_of(frame))
    return {
        "n": sizes(frame),
        "accuracy": shares.whole_accuracy(frame, k, "none" in choices),
        "confusion": {
            "counts": counts,
            "row_shares": emotions.row_shares(counts),
            "participants_stimuli": emotions.cells(frame, pack.emotions, choices),
        },
        "emotions": emotions.scores(frame, pack.emotions, k, asked),
        "response_bias": emotions.bias(frame, choices),
        "top_confusions": emotions.confusions(frame),
        "agreement": agreement.measure(items, k),
        "agreement_among": agreement.among(items),
        "agreement_per_choice": agreement.per_choice(items, choices),
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
            "agreement": agreement.measure(mine.assign(stimulus=items_of(mine)), len(pack.choices)),
        }
        for level, mine in frame.groupby(factor)
        if level
    }
    return found if len(found) > 1 else {}
