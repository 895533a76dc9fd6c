"""Cues changed on purpose: the same piece with another tempo, mode, register, touch or articulation.

`levels` says what can be asked for and loads nothing; `changing` does it. What each cue changes and leaves as it is:
docs/decisions/cue-experiments.md.
"""
