"""The clips of a report, each with its emotion and cell and what listeners said about it."""

from __future__ import annotations

from collections.abc import Mapping

from survey.analysis.measures.shown import Table
from survey.analysis.reported import ClipPart, Report
from survey.analysis.wording import UNDEFINED, decimal, says_yes_or_no, share, shares, short_id

INTERVALS = "Intervals: Wilson, 95 %; each person heard a clip once."
ABOUT_TARGETS = (
    "Targets: answers when the clip's own emotion was named; yes to targets, what was most answered, agreement and"
    f" evenness are of them. Lures: answers when another was named. {INTERVALS}"
)


def clip_table(report: Report, clips: Mapping[str, tuple[str, str]]) -> Table:
    """Return the consensus on every clip; `clips` has the emotion and the cell of those of a study of this site."""
    lures = any(clip.lures is not None for clip in report.stimuli)
    rows = [
        [*_named(clip, clips), *(_with_lures(clip) if lures else _alone(clip)), *_agreed(clip)]
        for clip in report.stimuli
    ]
    known = ["Emotion", "Cell"] if clips else ["Intended"]
    rate = "Yes to targets" if says_yes_or_no(report) else "Hit rate"
    rates = ["Targets", rate, "Wilson", "Yes to lures"] if lures else ["n", rate, "Wilson"]
    header = ["Clip", *known, *rates, "Most chosen", "Pairwise", "Evenness"]
    words = dict.fromkeys((*known, "Most chosen"), "remark")
    return Table("clips", "Clips", header, rows, ABOUT_TARGETS if lures else INTERVALS, kinds=words)


def _named(clip: ClipPart, clips: Mapping[str, tuple[str, str]]) -> list[str]:
    name = str(clip.stimulus)
    if not clips:
        return [short_id(name), clip.intended or UNDEFINED]
    emotion, cell = clips.get(name, ("", ""))
    return [short_id(name), emotion or UNDEFINED, cell or UNDEFINED]


def _alone(clip: ClipPart) -> list[str]:
    return [str(clip.n), share(clip.hit_rate), shares(clip.wilson)]


def _with_lures(clip: ClipPart) -> list[str]:
    lures = f"{clip.false_alarms} of {clip.lures}"
    return [str(clip.n), share(clip.hit_rate), shares(clip.wilson), lures]


def _agreed(clip: ClipPart) -> list[str]:
    modes = ", ".join(clip.modes) or UNDEFINED
    return [modes, decimal(clip.pairwise_agreement), decimal(clip.evenness)]
