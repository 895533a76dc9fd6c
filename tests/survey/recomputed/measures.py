"""The numbers of the register's measures."""

import json

from tests.survey.recomputed import choice_model, shares


def recompute(frame, choices):
    """By the measure's name; `frame` are the answers of the primary cell."""
    found = {"effective_answers": effective_answers(frame)}
    found = json.loads(json.dumps(found))  # plain numbers, no array's
    return found | {"choice_model": choice_model.recompute(frame, choices)}


def effective_answers(frame):
    frame = frame.assign(piece=shares.piece_of(frame))
    people, both, _ = shares.spread_within(frame, "intended")
    rate, n = frame["hit"].mean(), len(frame)
    worth = {
        name: {"effective": rate * (1 - rate) / variance, "design_effect": n * variance / (rate * (1 - rate))}
        for name, variance in (("participants", people), ("participants_stimuli", both))
    }
    return {"n": n, **worth}
