"""What was said beside the choice, counted once more; the words of options are those that people read."""

import json
import math
from collections import Counter
from statistics import fmean, stdev

from survey.questions import REGISTER

STEPS, TENTHS = range(1, 6), range(10)


def recompute(pack):
    """By the questions' keys, their options by the words shown."""
    people = [person for person in pack.people if not person.get("withdrawn_at")]
    main = pack.main
    told = {
        key: [value for value in main[key] if not math.isnan(value)] for key in ("confidence", "valence", "arousal")
    }
    who = {key: main.loc[main[key].notna(), "participant"].nunique() for key in told}
    found = {"confidence": _numbers(told["confidence"], {str(step): _is(step) for step in STEPS})}
    if pack.study["ask_affect"]:
        ranges = {_range(tenth): _within(tenth) for tenth in TENTHS}
        found |= {key: _numbers(told[key], ranges) for key in ("valence", "arousal")}
    for key, entry in found.items():
        entry |= {"answers": len(told[key]), "people": who[key]}
    if pack.study["ask_word"]:
        said = main[main["word"] != ""]
        found["word"] = {"options": {}, "answers": len(said), "people": said["participant"].nunique()}
    if pack.study["ask_background"]:
        found |= _background(people)
    return {key: {**entry, "asked": len(people)} for key, entry in found.items()}


def _background(people):
    told = [json.loads(person["background"] or "{}") for person in people]
    found = {}
    for key, question in REGISTER.items():
        if question.switch and question.switch.name == "ask_background":
            counts = Counter(one[key] for one in told if one.get(key))
            options = {str(label): {"answers": counts[slug]} for slug, label in question.kind.options.items()}
            found[key] = {"options": options, "answers": counts.total(), "people": counts.total()}
    return found


def _numbers(values, places):
    options = {label: {"answers": sum(map(holds, values))} for label, holds in places.items()}
    moments = {"mean": fmean(values), "sd": stdev(values)} if len(values) > 1 else {}
    return {"options": options, **moments}


def _is(step):
    return lambda value: value == step


def _within(tenth):
    """The place of a value between −1 and 1 among ten equal ranges; the last one holds its end."""
    return lambda value: min(int((value + 1) / 0.2), 9) == tenth


def _range(tenth):
    return f"{-1 + 0.2 * tenth:g} to {'under ' if tenth < 9 else ''}{-1 + 0.2 * (tenth + 1):g}"
