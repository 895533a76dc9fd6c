"""The picture of the lens: what makes a line wide, what tells its direction, what is drawn thin, and in what room."""

from __future__ import annotations

import doctest
import io
import math
from itertools import combinations

import pypdf
import pytest

from generation.emotions import SLUGS
from generation.music.attributes import KINDS
from survey.analysis.measures.shown import STANDINGS, LensCue, LensPlot
from survey.figures import lens_parts, svg
from survey.figures.data import data_table
from survey.figures.document import Heading
from survey.figures.drawing import Label, Line, Rect, Shape, colour
from survey.figures.html_report import DARK, to_html
from survey.figures.lens_fan import MOST, draw_fan
from survey.figures.lens_list import LONGEST, MIDDLE, draw_list
from survey.figures.lens_parts import MOST_CUES
from survey.figures.pdf_report import to_report_pdf
from survey.figures.plots import draw_plot
from survey.figures.svg import to_svg
from tests.survey.test_figures import contrast, reach

DRAW = {"page": draw_fan, "phone": draw_list}
WORDS = {
    "agree": "= agree",
    "disagree": "≠ disagree",
    "composer_only": "composer only",
    "listeners_only": "listeners only",
    "neither": "neither",
}


def cue(name, sender, listener, standing="agree", half=0.05):
    sides = [(w, None if w is None or half is None else (w - half, w + half)) for w in (sender, listener)]
    return LensCue(name, name.capitalize(), *sides[0], *sides[1], standing)


def lens(*cues, achievement="0.42 (95 % interval 0.21 to 0.60)", matching="0.81", emotion="fear", sender="Composer"):
    said = ("The lens of fear", emotion, cues, achievement, matching, "Why.", "It is loud and quick.", sender)
    return LensPlot("lens-fear", *said)


def weighted(drawing, place=0):
    """The lines of the weights of the cue that is drawn at a place: sender's, listeners'."""
    told = drawing.told[place]
    marks = [mark for mark in drawing.marks[told.start : told.end] if isinstance(mark, Line)]
    level = {mark.y1 for mark in marks if mark.y1 == mark.y2}
    if drawing.width == 2 * MIDDLE:  # bars begin in the middle of the screen
        return [mark for mark in marks if mark.x1 == MIDDLE and mark.y1 in level and mark.y1 == mark.y2]
    return [mark for mark in marks if {mark.x1, mark.x2} & {EDGE, drawing.width - EDGE}]


EDGE = next(mark.x1 for mark in draw_fan(lens(cue("tempo", 0.5, None))).marks if isinstance(mark, Line))
"""Where lines leave the box of the intended emotion."""


def size(line):
    """What of a line tells its weight: on a page how wide it is, on a phone how long."""
    return line.width if line.x1 != MIDDLE else abs(line.x2 - line.x1)


def texts(drawing, place=None):
    marks = drawing.marks if place is None else drawing.marks[drawing.told[place].start : drawing.told[place].end]
    return [mark.text for mark in marks if isinstance(mark, Label)]


def many():
    """As many cues as a clip has attributes, with every standing, long numbers, and all that a cue may lack."""
    cues = []
    for place, kind in enumerate(KINDS):
        sender, listener = -0.9 + place * 0.1, 0.9 - place * 0.095
        ends = [None if place == 3 else (w - 0.15, w + 0.15) for w in (sender, listener)]
        known = [None if place == 2 else sender, None if place == 5 else listener]
        ends = [None if weight is None else pair for weight, pair in zip(known, ends, strict=True)]
        sides = (known[0], ends[0], known[1], ends[1])
        cues.append(LensCue(kind.name, kind.label, *sides, STANDINGS[place % 5]))
    return cues


@pytest.mark.parametrize(("outlet", "most"), [("page", 15.0), ("phone", 122.0)])
def test_a_line_is_as_wide_and_a_bar_as_long_as_its_weight_is_large(outlet, most):
    assert {"page": MOST, "phone": LONGEST}[outlet] == most
    drawing = DRAW[outlet](lens(cue("tempo", -0.2, 0.8), cue("pedal", 0.4, -0.1)))
    sizes = [size(line) for place in (0, 1) for line in weighted(drawing, place)]
    assert sizes == pytest.approx([0.2 * most, 0.8 * most, 0.4 * most, 0.1 * most])


@pytest.mark.parametrize("outlet", DRAW)
def test_a_weight_beyond_one_is_the_widest_and_all_others_shrink_with_it(outlet):
    most = {"page": MOST, "phone": LONGEST}[outlet]
    drawing = DRAW[outlet](lens(cue("tempo", -0.5, 2.0)))
    assert [size(line) for line in weighted(drawing)] == pytest.approx([most / 4, most])


@pytest.mark.parametrize("outlet", DRAW)
def test_direction_is_told_by_a_sign_by_dashes_and_by_colour(outlet):
    drawing = DRAW[outlet](lens(cue("tempo", -0.25, 0.5, "disagree")))
    below, above = weighted(drawing)
    assert (below.dashed, below.role) == (True, "second")
    assert (above.dashed, above.role) == (False, "accent")
    assert {"−0.25", "+0.50"} <= set(texts(drawing))
    written = to_svg(drawing, title="t", description="d")
    assert written.count("stroke-dasharray") == 2  # the line, and the one of the legend


@pytest.mark.parametrize("outlet", DRAW)
def test_dashes_run_along_the_line_in_its_direction(outlet):
    """Intended on the left, chosen on the right: lines of the sender lie left of the middle, of listeners right."""
    drawing = DRAW[outlet](lens(cue("tempo", -0.25, 0.5)))
    left, right = weighted(drawing)
    assert max(left.x1, left.x2) <= drawing.width / 2 <= min(right.x1, right.x2)


@pytest.mark.parametrize("outlet", DRAW)
@pytest.mark.parametrize(
    ("interval", "is_faint"),
    [((0.01, 0.6), False), ((0.0, 0.6), True), ((-0.1, 0.6), True), (None, True)],
)
def test_a_weight_that_may_be_0_is_thin_and_grey(outlet, interval, is_faint):
    one = LensCue("tempo", "Tempo", 0.3, interval, -0.3, interval and (-interval[1], -interval[0]), "agree")
    drawing = DRAW[outlet](lens(one))
    sender, listener = weighted(drawing)
    assert (sender.role, listener.role) == (("soft", "soft") if is_faint else ("accent", "second"))
    assert (sender.dashed, listener.dashed) == (False, True)
    assert all((line.width == 1.2) == is_faint for line in (sender, listener))
    bold = [mark.bold for mark in drawing.marks if isinstance(mark, Label) and mark.text in ("+0.30", "−0.30")]
    assert bold == [not is_faint] * 2
    assert "may be 0" in texts(drawing)


@pytest.mark.parametrize(("outlet", "wide"), [("page", 0.4 * 15), ("phone", 10.0)])
def test_the_legend_shows_a_weight_of_each_direction_and_one_that_may_be_0(outlet, wide):
    """On a page the lines are as wide as those of such weights; bars of a phone are all of one width."""
    drawing = DRAW[outlet](lens(cue("tempo", None, None, "neither")))
    lines = [(mark.role, mark.width, mark.dashed) for mark in drawing.marks[-6:] if isinstance(mark, Line)]
    assert lines == [
        ("accent", pytest.approx(wide), False),
        ("second", pytest.approx(wide), True),
        ("soft", 1.2, False),
    ]
    assert texts(drawing)[-3:] == ["+0.40", "−0.40", "may be 0"]


@pytest.mark.parametrize("outlet", DRAW)
def test_a_weight_that_is_not_known_has_no_line(outlet):
    drawing = DRAW[outlet](lens(cue("tempo", None, 0.5, "listeners_only")))
    [line] = weighted(drawing)
    assert min(line.x1, line.x2) >= drawing.width / 2
    assert "–" in texts(drawing, 0)


@pytest.mark.parametrize("outlet", DRAW)
@pytest.mark.parametrize("standing", STANDINGS)
def test_the_standing_of_a_cue_is_said_in_words(outlet, standing):
    drawing = DRAW[outlet](lens(cue("tempo", 0.5, 0.5, standing)))
    assert [text for text in texts(drawing) if text in WORDS.values()] == [WORDS[standing]]
    assert drawing.told[0].said.endswith(f"; {WORDS[standing].lstrip('=≠ ')}")
    fills = {mark.fill for mark in drawing.marks if isinstance(mark, Rect)}
    assert ("heat-1" in fills) == (standing == "agree")
    frames = [mark for mark in drawing.marks if isinstance(mark, Line) and mark.width in (2.0, 3.0)]
    assert {mark.role for mark in frames} == {"agree": {"accent"}, "disagree": {"second"}}.get(standing, set())


def test_the_picture_of_another_sender_names_it():
    for draw in DRAW.values():
        said = " ".join(texts(draw(lens(cue("hue", 0.5, 0.0, "composer_only"), sender="Picture"))))
        assert "Picture" in said
        assert "picture only" in said
        assert "omposer" not in said


@pytest.mark.parametrize("outlet", DRAW)
def test_the_cue_that_listeners_use_most_is_first_and_those_of_nobody_are_last(outlet):
    cues = [
        cue("a", 0.9, 0.1),
        cue("b", 0.9, 0.9, "neither"),
        cue("c", 0.1, -0.6),
        cue("d", 0.2, None, "composer_only"),
        cue("e", -0.3, None, "composer_only"),
        cue("f", 0.1, 0.3),
    ]
    drawing = DRAW[outlet](lens(*cues))
    assert [told.said[0] for told in drawing.told] == ["C", "F", "A", "E", "D", "B"]
    heights = [weighted(drawing, place)[-1] for place in range(6)]
    assert [line.y2 for line in heights] == sorted(line.y2 for line in heights)


@pytest.mark.parametrize("outlet", DRAW)
def test_ten_cues_are_drawn_and_the_rest_is_counted(outlet):
    assert MOST_CUES == 10
    for number, said in ((10, []), (11, ["and 1 more cue"]), (13, ["and 3 more cues"])):
        cues = [cue(f"cue {place}", 0.5, 0.5 + place / 100) for place in range(number)]
        drawing = DRAW[outlet](lens(*cues))
        assert len(drawing.told) == 10
        assert [text for text in texts(drawing) if "more cue" in text] == said
        caption = draw_plot(lens(*cues)).caption
        assert (f"The first 10 of {number} cues are drawn; the figure's data has all." in caption) == bool(said)


@pytest.mark.parametrize("outlet", DRAW)
def test_achievement_stands_above_all_cues_and_matching_below(outlet):
    drawing = DRAW[outlet](lens(*many()))
    places = {mark.text: mark.y for mark in drawing.marks if isinstance(mark, Label)}
    rows = [places[cue.label] for cue in many() if cue.label in places]
    assert len(rows) == 10
    whole = ["Achievement 0.42 (95 % interval 0.21 to 0.60)"]
    said = {"page": whole, "phone": ["Achievement 0.42", "(95 % interval 0.21 to 0.60)"]}[outlet]
    assert max(places[line] for line in said) < min(rows)
    assert places["Matching (G) 0.81"] > max(rows)
    plain = DRAW[outlet](lens(*many(), achievement="", matching=""))
    assert [text for text in texts(plain) if text.startswith(("Achievement", "Matching"))] == []
    assert len([mark for mark in plain.marks if isinstance(mark, Line) and mark.width == 1.5]) == 0
    assert plain.height < drawing.height


LONG = "0.42 (95 % interval 0.21 to 0.60), the mean of what 60 people reached with 48 clips in all of three cells"


def drawings():
    for outlet, draw in DRAW.items():
        for emotion in SLUGS:
            yield f"{outlet}: {emotion}", draw(lens(*many(), emotion=emotion))
        yield f"{outlet}: long", draw(lens(*many(), achievement=LONG, matching=LONG, emotion="tenderness for others"))
        for number in (1, 2, 3):
            yield f"{outlet}: {number}", draw(lens(*many()[:number]))
        yield f"{outlet}: large", draw(lens(cue("tempo", -12.5, 10.25, "disagree"), cue("pedal", -10.1, 12.4)))


def corners(mark):
    """Left, top, right and bottom of a mark; a wide line goes half its width beyond its ends."""
    match mark:
        case Rect():
            return mark.x, mark.y, mark.x + mark.width, mark.y + mark.height
        case Line():
            half = mark.width / 2
            length = math.hypot(mark.x2 - mark.x1, mark.y2 - mark.y1) or 1.0
            across, down = half * abs(mark.y2 - mark.y1) / length, half * abs(mark.x2 - mark.x1) / length
            xs, ys = sorted((mark.x1, mark.x2)), sorted((mark.y1, mark.y2))
            return xs[0] - across, ys[0] - down, xs[1] + across, ys[1] + down
        case Shape():
            xs, ys = zip(*mark.points, strict=True)
            return min(xs), min(ys), max(xs), max(ys)
        case Label():
            left, right = reach(mark)
            return left, mark.y - 0.8 * mark.size, right, mark.y + 0.2 * mark.size
    raise TypeError(mark)


def test_nothing_is_drawn_outside():
    for name, drawing in drawings():
        for mark in drawing.marks:
            left, top, right, bottom = corners(mark)
            assert min(left, top, drawing.width - right, drawing.height - bottom) >= 0, (name, mark)


def test_no_label_covers_another_in_a_type_that_runs_wide():
    for name, drawing in drawings():
        labels = [mark for mark in drawing.marks if isinstance(mark, Label)]
        for a, b in combinations(labels, 2):
            one, other = corners(a), corners(b)
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (name, a.text, b.text)


def test_names_of_emotions_and_attributes_are_written_whole():
    for outlet, draw in DRAW.items():
        for emotion in SLUGS:
            assert texts(draw(lens(*many(), emotion=emotion))).count(emotion) == 2, (outlet, emotion)
        for one in many():
            assert one.label in texts(draw(lens(one))), (outlet, one.label)


def test_a_phone_shows_it_in_readable_type():
    drawing = draw_list(lens(*many()))
    assert drawing.width == 344
    assert min(mark.size for mark in drawing.marks if isinstance(mark, Label)) >= 11


@pytest.mark.parametrize("outlet", DRAW)
@pytest.mark.parametrize(("theme", "shown"), [("light", colour), ("dark", DARK.__getitem__)])
def test_all_that_is_written_and_every_line_of_a_weight_stand_out(outlet, theme, shown):
    """4.5 : 1 for text and 3 : 1 for lines (WCAG 2.2, 1.4.3 and 1.4.11), on whatever box lies below."""
    drawing = DRAW[outlet](lens(*many()))
    for place, mark in enumerate(drawing.marks):
        boxes = [box for box in drawing.marks[:place] if isinstance(box, Rect)]
        x, y = (mark.x, mark.y) if isinstance(mark, Label) else (corners(mark)[0], corners(mark)[1])
        below = [box for box in boxes if box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height]
        paper = below[-1].fill if below else "surface"
        if isinstance(mark, Label):
            assert contrast(shown(mark.role), shown(paper)) >= 4.5, (mark.text, paper)
        elif isinstance(mark, Line) and mark.role != "line":
            assert contrast(shown(mark.role), shown(paper)) >= 3, (mark, paper)


def test_the_data_has_every_cue_with_both_intervals():
    figure = draw_plot(lens(*many()))
    assert len(figure.rows) == len(many())
    written = dict(zip(figure.header, draw_plot(lens(cue("tempo", -0.25, 0.5, "disagree"))).rows[0], strict=True))
    assert written == {
        "cue": "tempo",
        "label": "Tempo",
        "sender": -0.25,
        "sender_low": -0.3,
        "sender_high": -0.2,
        "listener": 0.5,
        "listener_low": 0.45,
        "listener_high": 0.55,
        "standing": "disagree",
    }
    table = data_table(draw_plot(lens(cue("tempo", None, 0.5, "listeners_only"))))
    assert table.rows == [["tempo", "Tempo", "–", "–", "–", "0.500", "0.450", "0.550", "listeners_only"]]


def test_those_who_point_at_a_cue_read_its_weights_and_intervals():
    drawing = draw_fan(lens(cue("tempo", -0.25, 0.5, "disagree")))
    assert drawing.told[0].said == (
        "Tempo: composer −0.25 (95 % interval −0.30 to −0.20), listeners +0.50 (95 % interval 0.45 to 0.55); disagree"
    )


def test_the_report_has_the_lens_with_its_words_as_page_and_as_pdf():
    figure = draw_plot(lens(*many()))
    page = to_html([Heading("A study", 1), figure])
    assert page.count("It is loud and quick.") == 3  # what two drawings say of themselves, and the words below
    assert page.count('class="wide"') == page.count('class="narrow"') == 1
    pdf = pypdf.PdfReader(io.BytesIO(to_report_pdf([Heading("A study", 1), figure], title="A study")))
    text = " ".join(sheet.extract_text() for sheet in pdf.pages)
    assert "It is loud and quick. Why. Each line is a standardised weight" in " ".join(text.split())
    assert "≠ disagree" in text


@pytest.mark.parametrize("module", [lens_parts, svg])
def test_examples_hold(module):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0
