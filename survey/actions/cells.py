"""The cells of a design: what is presented, of which composer, and which clips fit."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from generation.models import PairVersion, SourceImage
from melodymuse_site.turns import ActionRefused
from survey.actions.levelling import play_as_made
from survey.actions.showing import copy_what_is_shown
from survey.analysis.wording import PRESENTED
from survey.design.pairing import mismatch
from survey.models import Condition, Stimulus, Study
from survey.queries.planned import Planned

Presentation, Matching = Condition.Presentation, Condition.Matching


class DraftRefused(ActionRefused):
    """A change to a draft that cannot be made; the message says why."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a researcher asks for when choosing a cell of the design."""

    name: str
    presentation: str
    matching: str

    @property
    def plays_music(self) -> bool:
        return self.presentation != Presentation.PICTURE


CELLS: Mapping[str, Cell] = {
    "matched": Cell(PRESENTED["matched"], Presentation.BOTH, Matching.MATCHED),
    "mismatched": Cell(PRESENTED["mismatched"], Presentation.BOTH, Matching.MISMATCHED),
    "music_only": Cell(PRESENTED["music_only"], Presentation.MUSIC, Matching.NEITHER),
    "picture_only": Cell(PRESENTED["picture_only"], Presentation.PICTURE, Matching.NEITHER),
}


def cell_key(kind: str, composer: str = "") -> str:
    """How a cell is asked for: a name of `CELLS`, of one composer ``music_only:paper``."""
    return f"{kind}:{composer}" if composer else kind


def cell_name(kind: str, composer: str = "") -> str:
    """What researchers read: ``Music only · paper``."""
    return f"{CELLS[kind].name} · {composer}" if composer else CELLS[kind].name


def plan_conditions(study: Study, cells: Mapping[str, float]) -> list[Condition]:
    """The unsaved cells that `cells` asks for (key → weight). Raises DraftRefused where they exclude each other."""
    # "music_only:paper" → ("music_only", "paper", weight); without a colon the composer is "".
    asked = [(*key.partition(":")[::2], weight) for key, weight in cells.items()]
    for kind, composer, _ in asked:
        if kind not in CELLS or (composer and not CELLS[kind].plays_music):
            raise DraftRefused(f"There is no cell {cell_key(kind, composer)!r}.")
        if composer and kind in cells:
            raise DraftRefused(
                f"“{cell_name(kind)}” is chosen for all composers together and for {composer} alone; "
                "choose one of the two, or clips would be in both."
            )
    return [
        Condition(
            study=study,
            name=cell_name(kind, composer),
            presentation=CELLS[kind].presentation,
            matching=CELLS[kind].matching,
            composer=composer,
            weight=weight,
            position=position,
        )
        for position, (kind, composer, weight) in enumerate(asked)
    ]


def fill_cells(conditions: Sequence[Condition], versions: Sequence[PairVersion], seed: str) -> list[Stimulus]:
    """The unsaved main stimuli of all cells. Raises DraftRefused with every cell that would stay empty."""
    if not versions:
        return []
    chosen = [_fitting(condition, versions) for condition in conditions]
    empty = [_why_empty(condition, versions) for condition, found in zip(conditions, chosen, strict=True) if not found]
    if empty:
        raise DraftRefused(" ".join(empty))
    stimuli: list[Stimulus] = []
    for condition, found in zip(conditions, chosen, strict=True):
        if condition.matching == Matching.MISMATCHED:
            stimuli += _mismatched(condition, found, versions, seed)
        else:
            stimuli += [make_stimulus(condition, version, version.pair.image) for version in found]
    return stimuli


def _fitting(condition: Condition, versions: Iterable[PairVersion]) -> list[PairVersion]:
    """Which of `versions` a cell can present; of pictures alone, one version each."""
    found = [version for version in versions if condition.composer in ("", version.composer)]
    if condition.shows_picture and condition.matching != Matching.MISMATCHED:
        found = [version for version in found if version.pair.image]
    if not condition.plays_music:
        # What one sees does not depend on whose music was made for it.
        return list({version.pair_id: version for version in found}.values())
    return found


def _why_empty(condition: Condition, versions: Iterable[PairVersion]) -> str:
    of_composer = [version for version in versions if condition.composer in ("", version.composer)]
    if not of_composer:
        return (
            f"No main clip of {condition.composer} is chosen, so the cell “{condition.name}” would be empty: "
            "choose some, or leave the cell out."
        )
    return (
        f"The cell “{condition.name}” shows each clip's own picture, and none of its clips has one: "
        "choose clips with pictures, or leave the cell out."
    )


def say_left_out(versions: Sequence[PairVersion], planned: Planned) -> list[str]:
    """A sentence for each reason why main clips that were chosen stand in no cell of a plan."""
    used = {stimulus.pair_version_id for stimulus in planned.main}
    unused = [version for version in versions if version.pk not in used]
    found: dict[str, list[PairVersion]] = {}
    for version in unused:
        found.setdefault(_why_left_out(version, planned.cells), []).append(version)
    said = []
    for why, clips in found.items():
        composers = ", ".join(sorted({version.composer for version in clips}))
        fits = "fits no cell and is" if len(clips) == 1 else "fit no cell and are"
        said.append(f"{len(clips)} of the chosen clips {fits} left out (of {composers}): {why}.")
    return said


def _why_left_out(version: PairVersion, cells: Sequence[Condition]) -> str:
    playing = [cell for cell in cells if cell.plays_music]
    if playing and not any(cell.composer in ("", version.composer) for cell in playing):
        return f"no cell plays {version.composer}"
    if version.pair.image is None:
        return "every cell shows pictures, and there is none"
    return "no music is played, and another clip shows the same picture"


def _mismatched(
    condition: Condition, music: Sequence[PairVersion], versions: Sequence[PairVersion], seed: str
) -> list[Stimulus]:
    """Each music with a picture of another emotion, from all clips of the study: every composer meets the same."""
    # One version per pair: several composers' versions show the same picture.
    pictured = list({version.pair_id: version for version in versions if version.pair.image}.values())
    try:
        pictures = mismatch(
            [version.pair.emotion.slug for version in music],
            random.Random(seed),
            pictures=[version.pair.emotion.slug for version in pictured],
        )
    except ValueError as error:
        raise DraftRefused(str(error)) from error
    return [
        make_stimulus(condition, version, pictured[picture].pair.image, picture_of=pictured[picture])
        for version, picture in zip(music, pictures, strict=True)
    ]


def cell_of_extra(conditions: Sequence[Condition], version: PairVersion, role: str) -> Condition:
    """The cell in which a practice or gold clip is shown: its composer's where there is one.

    Raises DraftRefused where no cell can show it.
    """
    able = [cell for cell in conditions if version.pair.image or not cell.shows_picture]
    playing = [cell for cell in able if cell.plays_music] or able
    ranked = sorted(playing, key=lambda cell: cell.composer not in ("", version.composer))
    if not ranked:
        raise DraftRefused(
            f"“{version}” of {version.composer} has no picture, and every cell shows pictures: it cannot be a {role} "
            "clip. Choose another, or add a music-only cell."
        )
    return ranked[0]


def make_stimulus(
    condition: Condition,
    version: PairVersion,
    picture: SourceImage | None,
    role: str = Stimulus.Role.MAIN,
    picture_of: PairVersion | None = None,
) -> Stimulus:
    """An unsaved stimulus with the files and hashes that `condition` shows and plays of `version`."""
    stimulus = Stimulus(
        study=condition.study,
        condition=condition,
        pair_version=version,
        role=role,
        emotion=version.pair.emotion.slug,
        composer=version.composer if condition.plays_music else "",
        duration_seconds=version.duration_seconds if condition.plays_music else None,
    )
    if condition.plays_music:
        play_as_made(stimulus)
    if condition.shows_picture and picture is not None:
        stimulus.picture = picture
        stimulus.picture_file = picture.file.name
        stimulus.picture_sha256 = picture.sha256
        stimulus.picture_emotion = (picture_of or version).pair.emotion.slug
    copy_what_is_shown(stimulus, condition.study)
    return stimulus
