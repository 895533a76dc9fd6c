"""What a composer gives is looked at before it becomes a clip, and every refusal names composer, package and field."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from generation.emotions import get_emotion
from generation.music.notes import Marks, Note, Pedal, Performance, Piece, PlayedNote
from generation.networks.composers import (
    Composer,
    ComposeRequest,
    ComposerFailed,
    Composition,
    Package,
    compose,
    find_function,
    finding,
)
from generation.networks.composers.checking import MOST_NOTES, CompositionRefused, check_composition

CHORD = Note(23.5, 48, 3.0, 60, "left")
FIRST = Note(0.0, 60, 23.5, 64, "right")
GOOD = Piece((FIRST, CHORD), tempo=60.0, tonic=0, mode="major")
PLAYED = Performance(
    (PlayedNote(0.0, 60, 23.4, 64, "right"), PlayedNote(23.6, 48, 3.0, 60, "left")), (Pedal(0.0, 9.0),)
)
REQUEST = ComposeRequest(get_emotion("awe"), seed=1)


def piece(**changed: Any) -> Composition:
    """A good piece with something changed."""
    return Composition(replace(GOOD, **changed), None, {}, {}, {})


def first(**changed: Any) -> Composition:
    """Its first note changed, past the note's own checks."""
    note = replace(FIRST)
    for name, value in changed.items():
        object.__setattr__(note, name, value)
    return piece(notes=(note, CHORD))


def bent(**changed: Any) -> Composition:
    """A good piece with a field of its marks or metre changed, past their own checks."""
    whole, marks = replace(GOOD), Marks()
    for name, value in changed.items():
        object.__setattr__(marks if name in Marks.__slots__ else whole, name, value)
    if "marks" not in changed:
        object.__setattr__(whole, "marks", marks)
    return Composition(whole, None, {}, {}, {})


def played(**changed: Any) -> Composition:
    """The first note of its performance changed."""
    return performed(notes=(replace(PLAYED.notes[0], **changed), PLAYED.notes[1]))


def performed(**changed: Any) -> Composition:
    """Its performance changed."""
    return Composition(GOOD, replace(PLAYED, **changed), {}, {}, {})


def noted(field: str, value: Any) -> Composition:
    """A good composition with another value in one of its mappings."""
    return replace(piece(), **{field: value})


REFUSED = {
    "no piece": (lambda: replace(piece(), piece=None), "piece is of type NoneType: give a Piece"),
    "tempo nan": (lambda: piece(tempo=math.nan), "piece.tempo is nan: give a number from 10 to 400"),
    "tempo nought": (lambda: piece(tempo=0.0), "piece.tempo is 0.0: give"),
    "tempo negative": (lambda: piece(tempo=-60), "piece.tempo is -60: give"),
    "tempo absurd": (lambda: piece(tempo=1e9), "piece.tempo is 1000000000.0: give"),
    "tempo endless": (lambda: piece(tempo=10**5000), "piece.tempo is a number beyond 2 to the power of 63: give"),
    "tempo text": (lambda: piece(tempo="fast"), "piece.tempo is 'fast': give"),
    "tonic": (lambda: piece(tonic=40), "piece.tonic is 40: give a whole number from 0 to 11"),
    "mode": (lambda: piece(mode="dorian"), "piece.mode is 'dorian': give 'major' or 'minor'"),
    "beats": (lambda: piece(beats_per_bar=0), "piece.beats_per_bar is 0: give a whole number from 1 to 16"),
    "no notes": (lambda: piece(notes=()), "piece.notes is empty"),
    "too many": (lambda: piece(notes=(FIRST,) * (MOST_NOTES + 1)), "piece.notes has 5001 notes: give at most 5000"),
    "not notes": (lambda: piece(notes=(1,)), "piece.notes[0] is of type int: give a Note."),
    "notes None": (lambda: piece(notes=None), "piece.notes is of type NoneType: give a tuple of Note."),
    "start": (lambda: first(start=math.nan), "piece.notes[0].start is nan: give"),
    "duration": (lambda: first(duration=math.inf), "piece.notes[0].duration is inf: give"),
    "pitch": (lambda: first(pitch=60.5), "piece.notes[0].pitch is 60.5: give a whole number from 21 to 108"),
    "velocity": (lambda: first(velocity=64.5), "piece.notes[0].velocity is 64.5: give a whole number from 1 to 127"),
    "hand": (lambda: first(hand="both"), "piece.notes[0].hand is 'both': give 'right' or 'left'."),
    "late": (
        lambda: piece(notes=tuple(replace(note, start=note.start + 4) for note in GOOD.notes)),
        "piece.notes begin at 4 quarter notes: let the first note begin in the first bar.",
    ),
    "compound": (lambda: piece(compound=1), "piece.compound is 1: give True or False."),
    "upbeat nan": (lambda: bent(upbeat=math.nan), "piece.upbeat is nan: give a number from 0 to 4"),
    "upbeat negative": (lambda: bent(upbeat=-1), "piece.upbeat is -1: give a number from 0 to 4"),
    "upbeat text": (lambda: bent(upbeat="a bit"), "piece.upbeat is 'a bit': give"),
    "upbeat of a bar": (lambda: bent(upbeat=4), "piece.upbeat is 4, a whole bar: give less"),
    "upbeat without a note": (
        lambda: piece(upbeat=1.0, notes=(replace(FIRST, start=1.0), CHORD)),
        "piece.notes begin at 1 quarter notes: let the first note begin in the upbeat.",
    ),
    "no marks": (lambda: bent(marks=None), "piece.marks is of type NoneType: give Marks"),
    "marks of one": (lambda: bent(dynamics=3), "piece.marks.dynamics is of type int: give a tuple of tuple."),
    "mark of a text": (lambda: bent(pedals=("ab",)), "piece.marks.pedals[0] is of type str: give a tuple."),
    "short mark": (lambda: bent(pedals=((1.0,),)), "piece.marks.pedals[0] has 1 values: give 2."),
    "many marks": (
        lambda: bent(dynamics=((0.0, "p"),) * 1001),
        "piece.marks.dynamics has 1001 marks: give at most 1000",
    ),
    "dynamic": (
        lambda: bent(dynamics=((0.0, "loud"),)),
        "piece.marks.dynamics[0][1] is 'loud': give one of ppp, pp, p",
    ),
    "dynamic listed": (lambda: bent(dynamics=((0.0, ["p"]),)), "piece.marks.dynamics[0][1] is ['p']: give one of"),
    "dynamic nan": (
        lambda: bent(dynamics=((math.nan, "p"),)),
        "piece.marks.dynamics[0][0] is nan: give a number from 0",
    ),
    "dynamic late": (lambda: bent(dynamics=((27.0, "p"),)), "piece.marks.dynamics[0][0] is 27.0: give a number from 0"),
    "hairpin": (lambda: bent(hairpins=((0.0, 1.0, "up"),)), "piece.marks.hairpins[0][2] is 'up': give 'crescendo' or"),
    "hairpin of nought": (
        lambda: bent(hairpins=((2.0, 2.0, "crescendo"),)),
        "piece.marks.hairpins[0] begins at 2 and ends at 2: let it end later.",
    ),
    "hairpins at once": (
        lambda: bent(hairpins=((3.0, 5.0, "crescendo"), (1.0, 4.0, "diminuendo"))),
        "piece.marks.hairpins: one begins at 3, before that from 1 ends at 4: end it there, or leave one out.",
    ),
    "pedal back": (lambda: bent(pedals=((3.0, 1.0),)), "piece.marks.pedals[0] begins at 3 and ends at 1: let it end"),
    "pedals at once": (lambda: bent(pedals=((0.0, 2.0), (1.9, 3.0))), "piece.marks.pedals: one begins at 1.9, before"),
    "slur of no hand": (lambda: bent(slurs=((0.0, 23.5, "both"),)), "piece.marks.slurs[0][2] is 'both': give 'right'"),
    "slur to nothing": (
        lambda: bent(slurs=((0.0, 23.5, "right"),)),
        "piece.marks.slurs[0][1] is 23.5, where the right hand strikes nothing: let it stand at a note of this hand.",
    ),
    "dot on nothing": (
        lambda: bent(staccato=((0.002, "right"),)),
        "piece.marks.staccato[0][0] is 0.002, where the right",
    ),
    "words": (lambda: bent(tempi=((0.0, 3),)), "piece.marks.tempi[0][1] is 3: give one of rit., poco rit."),
    "telling words": (lambda: bent(tempi=((0.0, "triste"),)), "piece.marks.tempi[0][1] is 'triste': give one of rit."),
    "one note": (lambda: piece(notes=(FIRST,)), "piece.notes: the last chord is struck 0.00 s after the first note."),
    "last chord early": (lambda: piece(tempo=66.0), "the last chord is struck 21.36 s after the first note."),
    "last chord late": (lambda: piece(tempo=54.0), "Strike it between 22.5 and 24.5 s"),
    "no performance": (lambda: replace(piece(), performance=3), "performance is of type int: give a Performance"),
    "silence": (lambda: performed(notes=()), "performance.notes is empty"),
    "onset": (lambda: played(onset=-3.0), "performance.notes[0].onset is -3.0: give a number from 0 to 56"),
    "played velocity": (lambda: played(velocity=300), "performance.notes[0].velocity is 300: give"),
    "played duration": (lambda: played(duration=0.0), "performance.notes[0].duration is 0: a note must last."),
    "other notes": (lambda: played(pitch=61), "the pitch 60 is written, but never played. Play what is written"),
    "more notes": (
        lambda: performed(notes=(*PLAYED.notes, replace(PLAYED.notes[0], pitch=47))),
        "the pitch 47 is played, but not written.",
    ),
    "pedal": (lambda: performed(pedals=(Pedal(3.0, 2.0),)), "performance.pedals[0].up is 2.0: give a number from 3"),
    "attributes None": (lambda: noted("attributes", None), "attributes is of type NoneType: give a dict"),
    "scores list": (lambda: noted("scores", [0.5]), "scores is of type list: give a dict"),
    "picture None": (lambda: noted("picture", None), "picture is of type NoneType: give a dict"),
    "attributes nan": (lambda: noted("attributes", {"a": {"b": [1, math.nan]}}), "attributes['a']['b'][1] is nan"),
    "attributes huge": (lambda: noted("attributes", {"a": 10**5000}), "attributes['a'] is a number beyond"),
    "scores inf": (lambda: noted("scores", {"a": np.float32(np.inf)}), "scores['a'] is inf: give a finite number"),
    "models object": (lambda: noted("models", {"a": object()}), "models['a'] is of type object: give texts"),
    "key": (lambda: noted("attributes", {1: 2}), "attributes has the key 1: give texts as keys."),
    "long": (lambda: noted("attributes", {"a": "x" * 200_001}), "attributes has 200010 characters as JSON"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_a_clip_is_refused_by_its_field(case: str) -> None:
    make, told = REFUSED[case]
    with pytest.raises(CompositionRefused) as refused:
        check_composition(make())
    assert told in str(refused.value)
    assert str(refused.value).isprintable()


def test_an_endless_nest_is_refused() -> None:
    nest: dict[str, Any] = {}
    nest["a"] = nest
    with pytest.raises(CompositionRefused, match="lies 20 levels deep: give something flatter"):
        check_composition(noted("attributes", nest))


def test_notes_are_sorted_and_numbers_and_texts_are_plain() -> None:
    given = Composition(
        replace(GOOD, notes=[replace(CHORD, pitch=np.int64(48)), FIRST]),
        replace(PLAYED, notes=PLAYED.notes[::-1]),
        {
            "n": np.int64(3),
            "d": np.float64(0.5),
            "yes": np.bool_(True),
            "t": (1, 2),
            "warm\0th": "x\0y\ud800",
            "none": None,
        },
        {},
        MappingProxyType({}),
    )
    checked = check_composition(given)
    assert checked.piece == GOOD
    assert checked.performance == PLAYED
    assert type(checked.piece.notes[1].pitch) is int
    assert checked.attributes == {"n": 3, "d": 0.5, "yes": True, "t": [1, 2], "warmth": "xy", "none": None}
    assert [type(value) for value in checked.attributes.values()][:3] == [int, float, bool]
    assert checked.models == {}


def test_marks_are_sorted_and_stand_at_the_start_of_their_notes() -> None:
    given = bent(
        dynamics=[(np.float64(9.0), "f"), (0, "p"), (0.0, "p")],
        slurs=((0.0004, 24.0, "right"),),
        staccato=((23.4996, "left"),),
        tempi=((20, "poco rit."),),
        pedals=((0.0, 2.0), (2.0, 26.5009)),
        notes=(*GOOD.notes, replace(FIRST, start=24.0 - 1e-9, duration=1.0)),
    )
    assert check_composition(given).piece.marks == Marks(
        dynamics=((0.0, "p"), (9.0, "f")),
        slurs=((0.0, 24.0 - 1e-9, "right"),),
        staccato=((23.5, "left"),),
        tempi=((20.0, "poco rit."),),
        pedals=((0.0, 2.0), (2.0, 26.5)),
    )


def test_a_piece_in_six_eight_with_an_upbeat_stays_as_it_is() -> None:
    jig = Composition(replace(GOOD, beats_per_bar=2, compound=True, upbeat=0.5), PLAYED, {}, {}, {})
    assert check_composition(jig) == jig


def test_a_key_that_both_hands_strike_at_once_may_be_played_once() -> None:
    twice = replace(GOOD, notes=(replace(FIRST, hand="left"), *GOOD.notes))
    assert check_composition(Composition(twice, PLAYED, {}, {}, {})).performance == PLAYED


def test_what_is_good_already_stays_as_it_is() -> None:
    good = Composition(GOOD, PLAYED, {"a": {"target": [1, 2]}}, {"b": 1.5}, {"c": "1.0"}, {"d": None})
    assert check_composition(good) == good


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[ComposeRequest], Any]], Composition]:
    """Asks a composer called odd, of the package odd-one 2.0, that composes with the function given."""

    def ask(function: Callable[[ComposeRequest], Any]) -> Composition:
        odd = Composer("odd", "Odd", "odd", load=lambda: function)
        package = Package("odd-one", "2.0")
        found = finding.Found(MappingProxyType({"odd": odd}), MappingProxyType({"odd": package}), ())
        monkeypatch.setattr(finding, "find_composers", lambda: found)
        return compose("odd", REQUEST)

    return ask


BY = "The composer 'odd' of the package odd-one 2.0"


def test_a_refusal_names_composer_and_package(asked: Any) -> None:
    with pytest.raises(ComposerFailed) as failed:
        asked(lambda request: piece(tempo=math.nan))
    assert str(failed.value).startswith(f"{BY} gave what cannot be a clip: piece.tempo is nan: give a number")
    with pytest.raises(ComposerFailed) as failed:
        asked(lambda request: GOOD)
    assert str(failed.value) == f"{BY} gave a value of type Piece: let it return a Composition."


@pytest.mark.parametrize("raised", [RuntimeError(), ConnectionError("no net"), MemoryError()])
def test_an_error_of_a_composer_keeps_its_type_and_is_noted_by_its_name(asked: Any, raised: Exception) -> None:
    def boom(request: ComposeRequest) -> Composition:
        raise raised

    with pytest.raises(type(raised)) as caught:
        asked(boom)
    assert caught.value is raised
    assert raised.__notes__ == ["Raised in the composer 'odd' of the package odd-one 2.0."]


def test_a_composer_that_ends_the_process_fails_but_a_worker_that_is_told_to_stop_stops(asked: Any) -> None:
    def leave(code: int) -> Callable[[ComposeRequest], Composition]:
        def end(request: ComposeRequest) -> Composition:
            raise SystemExit(code)

        return end

    with pytest.raises(ComposerFailed, match=r"ended the process \(SystemExit 3\): let it raise an error."):
        asked(leave(3))
    with pytest.raises(SystemExit):
        asked(leave(-241))  # what billiard's handler of SIGTERM raises


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", 3, "A composer cannot be called 3"),
        ("label", None, "needs a label of one line"),
        ("load", None, "needs as load a function"),
        ("models", "composer", "needs as models a tuple of texts"),
        ("models", ["composer"], "needs as models a tuple of texts"),
        ("control", "no", "needs True or False as control"),
    ],
)
def test_a_declaration_checks_every_field(field: str, value: Any, told: str) -> None:
    fields: dict[str, Any] = {"name": "odd", "label": "Odd", "description": "odd", "load": find_function("odd")}
    with pytest.raises(ValueError, match=told):
        Composer(**fields | {field: value})
