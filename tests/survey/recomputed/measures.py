"""The numbers of the register's measures."""

import json

from tests.survey.recomputed import detection, shares


def recompute(everywhere, frame):
    """By the measure's name, from the answers of every cell and those of the primary cell."""
    found = {"detection": detection.recompute(everywhere, frame), "effective_answers": effective_answers(frame)}
    return json.loads(json.dumps(found))  # plain numbers, no array's


def effective_answers(frame):
    frame = frame.assign(piece=shares.piece_of(frame))
    people, both, _ = shares.spread_within(frame, "intended")
    rate, n = frame["hit"].mean(), len(frame)
    worth = {
        name: {"effective": rate * (1 - rate) / variance, "design_effect": n * variance / (rate * (1 - rate))}
        for name, variance in (("participants", people), ("participants_stimuli", both))
    }
    return {"n": n, **worth}
