"""Cue experiments: which clips they can play, and what a Latin square of variants needs.

In a full factorial people hear a piece in several variants; in a Latin square each person hears each piece once, and
every combination of levels as often as the others. `balancing` draws both: in a square the combinations are its groups,
and a piece is what nobody meets twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

MOST_NAMED: Final = 3
Levels = tuple[tuple[str, str], ...]
"""(cue, level) of a variant, cues in the order of their names."""


class Played(NamedTuple):
    """A main clip of a cue experiment.

    Parameters
    ----------
    name : str
        What researchers know the clip by.
    cell : str
        The cell of the design that it stands in.
    piece, piece_name : str
        The piece that it is a variant of, and what researchers know that by; both empty where it is no variant.
    levels : tuple of (str, str)
        The level of each cue varied; empty where it is no variant.
    """

    name: str
    cell: str
    piece: str = ""
    piece_name: str = ""
    levels: Levels = ()


def order_levels(levels: Mapping[str, str]) -> Levels:
    """Return the levels of a variant so that two of the same combination are equal.

    >>> order_levels({"tempo": "slow", "mode": "minor"})
    (('mode', 'minor'), ('tempo', 'slow'))
    """
    return tuple(sorted(levels.items()))


def no_variants(clips: Sequence[Played]) -> str:
    """Return what says that some clips are no variants, empty where all are.

    >>> no_variants([Played("sea v1", "Music only"), Played("sea v2", "Music only", "A", "sea", (("mode", "minor"),))])
    'One clip is no variant of a cue experiment: “sea v1”.'
    """
    strange = [clip.name for clip in clips if not clip.piece]
    if not strange:
        return ""
    number = "One clip is no variant" if len(strange) == 1 else f"{len(strange)} clips are no variants"
    return f"{number} of a cue experiment: {_listed(strange)}."


def reasons_against_variants(clips: Sequence[Played], *, square: bool, is_between: bool) -> list[str]:
    """Return a sentence for everything that a cue experiment cannot play, each saying what to change.

    Parameters
    ----------
    clips : sequence of Played
        All main clips, a clip in two cells twice.
    square : bool
        Whether each person hears each piece once.
    is_between : bool
        Whether a person gets one cell.

    Returns
    -------
    list of str
        Empty where all is well, or there is no clip.

    Examples
    --------
    >>> slow, fast = (Played(tempo, "Music", "A", "sea", (("tempo", tempo),)) for tempo in ("slow", "fast"))
    >>> reasons_against_variants([slow, fast], square=True, is_between=False)
    []
    >>> print(*reasons_against_variants([slow], square=False, is_between=False))
    One piece stands in one variant alone, and is compared with nothing: “sea”. Add its other variants, or take it \
out.
    """
    if strange := no_variants(clips):
        return [
            f"{strange} Nothing can be told of cues from them: take them out on the page of clips and choose variants "
            "from the page of a run that made some, or choose “No cue experiment” under “Trials”."
        ]
    return [*_lonely(clips), *(_unlike_a_square(clips, is_between) if square else ())]


def _lonely(clips: Sequence[Played]) -> Iterator[str]:
    """Pieces in one variant alone."""
    variants = Counter(piece for piece, _ in {(clip.piece, clip.levels) for clip in clips})
    names = {clip.piece: clip.piece_name for clip in clips}
    alone = [names[piece] for piece in names if variants[piece] < 2]
    if alone:
        they = (
            ("One piece stands", "is", "its", "it")
            if len(alone) == 1
            else (f"{len(alone)} pieces stand", "are", "their", "them")
        )
        yield (
            f"{they[0]} in one variant alone, and {they[1]} compared with nothing: {_listed(alone)}. Add {they[2]} "
            f"other variants, or take {they[3]} out."
        )


def _unlike_a_square(clips: Sequence[Played], is_between: bool) -> Iterator[str]:
    cells = dict.fromkeys(clip.cell for clip in clips)
    if len(cells) > 1 and not is_between:
        yield (
            f"In a Latin square each person hears each piece once, so it cannot come in each of {len(cells)} cells: "
            "leave one cell, or give each person one cell."
        )
        return
    for cell in cells:
        of_piece: dict[str, set[Levels]] = {}
        for clip in clips:
            if clip.cell == cell:
                of_piece.setdefault(clip.piece, set()).add(clip.levels)
        names = {clip.piece: clip.piece_name for clip in clips}
        every = set().union(*of_piece.values())
        lacking = [names[piece] for piece, levels in of_piece.items() if levels != every]
        if lacking:
            yield (
                f"In a Latin square every piece stands in the same variants, here {len(every)} in “{cell}”, and "
                f"{'this one does' if len(lacking) == 1 else 'these do'} not: {_listed(lacking)}. Add the variants "
                "that are missing, take the piece out, or choose the full factorial under “Trials”."
            )


def uneven_pieces(clips: Sequence[Played]) -> str:
    """Return what says that pieces with the same cues varied stand in other variants, empty where all stand in all.

    Nothing is wrong with a full factorial then, but it is not full: as where a run was not finished.

    >>> levels = [(("tempo", "slow"),), (("tempo", "as-composed"),), (("tempo", "fast"),)]
    >>> clips = [Played("", "Music", piece, piece, one) for piece in ("sea", "cat") for one in levels]
    >>> uneven_pieces(clips)
    ''
    >>> print(uneven_pieces(clips[:5]))
    One piece lacks variants that others have: “cat”. Add them from the page of the run that made the piece, or take \
the piece out: of a full factorial every piece stands in every combination of levels.
    """
    groups: dict[tuple[str, tuple[str, ...]], dict[str, set[Levels]]] = {}
    for clip in clips:
        if clip.piece:
            among = clip.cell, tuple(cue for cue, _ in clip.levels)
            groups.setdefault(among, {}).setdefault(clip.piece, set()).add(clip.levels)
    uneven = {
        piece
        for of_piece in groups.values()
        for piece, levels in of_piece.items()
        if levels != set().union(*of_piece.values())
    }
    if not uneven:
        return ""
    names = {clip.piece: clip.piece_name for clip in clips if clip.piece in uneven}
    they, them = ("One piece lacks", "the piece") if len(uneven) == 1 else (f"{len(uneven)} pieces lack", "the pieces")
    return (
        f"{they} variants that others have: {_listed(list(names.values()))}. Add them from the page of the run that "
        f"made {them}, or take {them} out: of a full factorial every piece stands in every combination of levels."
    )


def _listed(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(f"“{name}”" for name in names[:MOST_NAMED]) + more


def number_pieces(pieces: Iterable[str]) -> dict[str, str]:
    """What a study's packs and results call its varied pieces, by their `base_piece`: numbers, which tell nothing else.

    They count as the variants stand in the study, so `pieces` are those of all its stimuli that are heard, oldest
    first, as often as they come.

    >>> number_pieces(["7:muse:1:2", "7:muse:1:2", "9:muse:1:2"])
    {'7:muse:1:2': 'piece 1', '9:muse:1:2': 'piece 2'}
    """
    return {piece: f"piece {number}" for number, piece in enumerate(dict.fromkeys(pieces), 1)}
