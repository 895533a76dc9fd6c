"""The composer in two stages: a melody over chords, then an accompaniment that knows melody and chords.

Both are small Transformers over notes, trained by `generation.training.melody_first` and served here by NumPy.
"""
