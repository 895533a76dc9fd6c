"""Blind listening to played against composed clips: which pairs are heard, and what the answers tell. No Django."""
