"""The numbers of the register's measures."""

from tests.survey.analysis.measures import modules_of_tests
from tests.survey.recomputed import affect, choice_model, detection, mixed, sensitivity, shares


def recompute(frame, pack, scores):
    """By the measure's name; `frame` are the answers of the primary cell, `scores` those of its emotions."""
    k = len(pack.choices)
    found = {
        "detection": detection.recompute(pack.main, frame),
        "effective_answers": effective_answers(frame),
        "choice_model": choice_model.recompute(frame, pack.choices),
        **mixed.recompute(frame, pack.main),
        **affect.recompute(pack, frame),
        "rules_applied": sensitivity.rules_applied(frame, pack, k, scores),
        "leaving_out": sensitivity.leaving_out(frame, k),
        "halves": sensitivity.halves(frame),
        "people_groups": sensitivity.people_groups(frame, pack.people, k),
        "missing_answers": sensitivity.missing_answers(pack),
    }
    found |= {name: tests.recompute(frame, pack) for name, tests in modules_of_tests().items()}
    return plain(found)


def plain(value):
    """Plain numbers, no array's."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.item() if hasattr(value, "item") else value


def effective_answers(frame):
    frame = frame.assign(piece=shares.piece_of(frame))
    people, both, _ = shares.spread_within(frame, "intended")
    rate, n = frame["hit"].mean(), len(frame)
    worth = {
        name: {"effective": rate * (1 - rate) / variance, "design_effect": n * variance / (rate * (1 - rate))}
        for name, variance in (("participants", people), ("participants_stimuli", both))
    }
    return {"n": n, **worth}
