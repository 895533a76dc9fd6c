"""The numbers of the register's measures."""

import json

from tests.survey.recomputed import mixed, shares


def recompute(frame, everywhere):
    """By the measure's name; `frame` are the answers of the primary cell, `everywhere` those of all."""
    found = {"effective_answers": effective_answers(frame)}
    plain = json.loads(json.dumps(found))  # plain numbers, no array's
    return plain | mixed.recompute(frame, everywhere)


def effective_answers(frame):
    frame = frame.assign(piece=shares.piece_of(frame))
    people, both, _ = shares.spread_within(frame, "intended")
    rate, n = frame["hit"].mean(), len(frame)
    worth = {
        name: {"effective": rate * (1 - rate) / variance, "design_effect": n * variance / (rate * (1 - rate))}
        for name, variance in (("participants", people), ("participants_stimuli", both))
    }
    return {"n": n, **worth}
