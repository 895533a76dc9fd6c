"""What a cue does to what is heard: main effects of a cue experiment (Eerola, Friberg & Bresin 2013).

The same pieces were played with cues at several levels, so that a difference between levels is of the cue and of
nothing that went along with it. Eerola and colleagues found cues linear and additive; main effects are therefore what
is said.

References
----------
Eerola, Friberg & Bresin (2013), Frontiers in Psychology 4, 487; Cameron, Gelbach & Miller (2011), Journal of Business &
Economic Statistics 29, 238–249.
"""

from survey.analysis.cue_effects.measure import MEASURE, CueEffect, CueEffects, measure_cue_effects

__all__ = ["MEASURE", "CueEffect", "CueEffects", "measure_cue_effects"]
