"""The figures: nothing off the page, no label on another, readable on a phone, apart in grey."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from generation.emotions import SLUGS
from survey.analysis.conditions import presentations_of
from survey.analysis.course import widths_over_time
from survey.analysis.folds import coordinates
from survey.analysis.measures.shown import COEFFICIENTS, SHARES, Place, Row, Scale
from survey.analysis.report import analyse
from survey.analysis.reported import PlacePart
from survey.figures import FIGURES, figures_of, to_png, to_svg
from survey.figures.axes import keep_apart, round_ticks
from survey.figures.catalogue import draw_agreement
from survey.figures.curves import SAME, draw_plan
from survey.figures.document import Heading
from survey.figures.drawing import HEAT_STEPS, NARROW, Dot, Label, Line, Rect, Shape, colour
from survey.figures.figure import TOO_SHORT, first_sentence, size_of
from survey.figures.heatmap import draw_heatmap
from survey.figures.html_report import DARK, STYLE, to_html
from survey.figures.intervals import BEYOND, draw_intervals, is_cut
from survey.figures.plane import SMALL, WIDE, draw_plane, guess
from survey.figures.rated_plane import draw_ratings
from tests.survey.analysis.simulated import draw_cells

LETTER = 0.56
"""Mean width of a letter as a share of the type size."""


@pytest.fixture(scope="module")
def figures():
    ratings = draw_cells(1, 0.3)
    report = replace(analyse(ratings, replicates=20), course=widths_over_time(ratings))
    return figures_of(report)


def drawings_of(figures):
    people = [4, 8, 16, 32]
    widths = [[0.4, 0.2, 0.15, 0.12], [0.38, 0.19, 0.14, 0.115], [0.3, 0.15, 0.1, 0.07]]
    plans = [draw_plan([16, 32, 240], people, widths, (20, 0.13), narrow=narrow) for narrow in (False, True)]
    return [(figure.name, drawing) for figure in figures for drawing in (figure.drawing, figure.narrow)] + [
        ("plan", drawing) for drawing in plans
    ]


def box(label):
    """Left, top, right, bottom of a label that is not turned."""
    width = LETTER * label.size * len(label.text)
    left = label.x - {"start": 0, "middle": width / 2, "end": width}[label.anchor]
    return left, label.y - 0.75 * label.size, left + width, label.y + 0.1 * label.size


def test_what_is_shorter_than_twenty_characters_is_no_first_sentence():
    assert TOO_SHORT == 20
    assert first_sentence("Nineteen letters ok. Then more.") == ("Nineteen letters ok.", "Then more.")
    assert first_sentence("Nineteen letter ok. Then more.") == ("Nineteen letter ok. Then more.", "")


@pytest.mark.parametrize(("narrow", "most"), [(False, 25), (True, 44)])
def test_a_name_is_written_as_far_as_there_is_room(narrow, most):
    """On a narrow page it stands above its marks."""
    scale = Scale(0.0, 1.0, (0.0, 1.0))
    for length in (most, most + 1):
        drawing = draw_intervals([Row("n" * length, 0.5, (0.4, 0.6))], scale, narrow=narrow)
        name = next(mark.text for mark in drawing.marks if isinstance(mark, Label) and mark.text.startswith("nn"))
        assert name == ("n" * most if length == most else f"{'n' * (most - 1)}…")


def test_every_figure_is_drawn(figures):
    assert [figure.name for figure in figures] == list(FIGURES)


def test_what_the_answer_follows_says_the_answers_of_all_cells_it_compares():
    """Matching pairs against music alone, and against every other cell: not the size of the primary cell."""
    ratings = draw_cells(1, 0.3)
    report = analyse(ratings, replicates=0)
    caption = next(figure.caption for figure in figures_of(report) if figure.name == "sources")
    cells = {name: int(keep.sum()) for name, keep in presentations_of(ratings).items()}
    effects = report["picture_music"]
    assert effects["picture_added"]["n_a"] <= cells["matched"]
    assert effects["dominance"]["n_a"] == effects["dominance"]["n_b"] <= cells["mismatched"]
    names = {"Music": "music", "Picture": "picture", "Music over picture": "dominance", "Music added": "music_added"}
    for said, name in {**names, "Picture added": "picture_added"}.items():
        assert f"{said}: n = {effects[name]['n_a']} against {effects[name]['n_b']} answers" in caption
    assert size_of(report) not in caption


def test_no_label_leaves_the_page(figures):
    for name, drawing in drawings_of(figures):
        for mark in drawing.marks:
            if isinstance(mark, Label) and not mark.turn:
                left, top, right, bottom = box(mark)
                over = max(-2 - left, -top, right - drawing.width - 4, bottom - drawing.height)
                assert over <= 0, (name, mark.text)


def test_no_label_covers_another(figures):
    for name, drawing in drawings_of(figures):
        labels = [mark for mark in drawing.marks if isinstance(mark, Label) and not mark.turn]
        for a, b in combinations(labels, 2):
            (left, top, right, bottom), (left_b, top_b, right_b, bottom_b) = box(a), box(b)
            apart = right <= left_b + 1 or right_b <= left + 1 or bottom <= top_b + 1 or bottom_b <= top + 1
            assert apart, (name, drawing.width, a.text, b.text)


def test_a_phone_shows_the_whole_figure_in_readable_type(figures):
    for name, drawing in drawings_of(figures)[1::2]:
        assert drawing.width <= NARROW + 1, name
        assert min(mark.size for mark in drawing.marks if isinstance(mark, Label)) >= 11, name


def grey(code):
    red, green, blue = (int(code[place : place + 2], 16) for place in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def contrast(code, other):
    """WCAG 2.2: (L1 + .05) / (L2 + .05) of the relative luminances."""

    def luminance(code):
        shares = [int(code[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(code), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def dark_colours():
    """Role → colour of the results page's dark theme."""
    sheet = Path("survey/static/survey/results.css").read_text(encoding="utf-8")
    block = re.search(r"prefers-color-scheme: dark\) \{(.*?)\n\}", sheet, re.DOTALL)[1]
    return dict(re.findall(r"\.f-(heat-\w+) \{ fill: (#\w{6}); \}", block))


def themes():
    dark = dark_colours()
    return {"light": colour, "dark": dark.__getitem__}


def test_the_formula_of_contrast_is_wcags():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_number_on_the_heat_map_stands_out(theme):
    shown = themes()[theme]
    drawn = [
        draw_heatmap(["a"], ["a", "b"], [[count, 100 - count]], row_title="", column_title="") for count in range(101)
    ]
    pairs = set()
    for drawing in drawn:
        for cell, number in pairwise(drawing.marks):
            if isinstance(cell, Rect) and isinstance(number, Label) and number.role.startswith("heat"):
                pairs.add((cell.fill, number.role))
    assert {cell for cell, _ in pairs} == {f"heat-{step}" for step in range(HEAT_STEPS + 1)}
    assert {pair: contrast(*map(shown, pair)) for pair in pairs if contrast(*map(shown, pair)) < 4.5} == {}


@pytest.mark.parametrize(("theme", "sign"), [("light", 1), ("dark", -1)])
def test_the_heat_map_reads_in_grey(theme, sign):
    """Every step differs from the last in one direction, by what an eye tells apart."""
    steps = [sign * grey(themes()[theme](f"heat-{step}")) for step in range(HEAT_STEPS + 1)]
    assert all(a - b > 8 for a, b in pairwise(steps))


def test_the_heat_map_has_a_key_and_explains_its_dots(figures):
    confusion = next(figure for figure in figures if figure.name == "confusion")
    for drawing in (confusion.drawing, confusion.narrow):
        swatches = [mark.fill for mark in drawing.marks if isinstance(mark, Rect) and not mark.outline]
        assert swatches == [f"heat-{step}" for step in range(HEAT_STEPS + 1)]
        texts = [mark.text for mark in drawing.marks if isinstance(mark, Label)]
        assert {"0 %", "100 %", "· nobody"} <= set(texts)
    assert "“·”: nobody chose it" in confusion.caption


def test_every_emotion_shows_its_chance_and_its_n(figures):
    forest = next(figure for figure in figures if figure.name == "emotions")
    names = [forest.header.index(name) for name in ("chance", "guess")]
    chance = [max(row[place] for place in names if row[place] is not None) for row in forest.rows]
    counts = [row[forest.header.index("n")] for row in forest.rows]
    for drawing in (forest.drawing, forest.narrow):
        texts = [mark.text for mark in drawing.marks if isinstance(mark, Label)]
        assert [text for text in texts if text.startswith("chance")] == [f"chance {100 * c:.0f} %" for c in chance]
        assert [text for text in texts if text.startswith("n ")] == [f"n {count}" for count in counts]
        strokes = [mark for mark in drawing.marks if isinstance(mark, Line) and mark.role == "second"]
        assert [stroke.x1 for stroke in strokes] == [pytest.approx(shares_at(drawing, value)) for value in chance]
    assert "Short upright lines: chance of each emotion" in forest.caption


def shares_at(drawing, value):
    """Where a share lies, from where the axis writes 0 and 100 %."""
    places = {mark.text: mark.x for mark in drawing.marks if isinstance(mark, Label)}
    return places["0 %"] + value * (places["100 %"] - places["0 %"])


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(
    ("interval", "estimate", "heads"),
    [((-0.2, 0.9), 0.5, 0), ((-0.6, 0.9), 0.5, 1), ((-0.6, 1.2), 0.5, 2), ((-0.25, 1.0), 0.5, 0), (None, -1.9, 1)],
)
def test_what_lies_beyond_the_axis_ends_in_an_arrow_head(interval, estimate, heads, narrow):
    row = Row("κ", estimate, interval)
    drawing = draw_intervals([row], COEFFICIENTS, narrow=narrow)
    assert len([mark for mark in drawing.marks if isinstance(mark, Shape)]) == heads
    assert is_cut([row], COEFFICIENTS) == bool(heads)
    dots = [mark for mark in drawing.marks if isinstance(mark, Dot)]
    assert len(dots) == (COEFFICIENTS.low <= estimate)
    caps = [mark for mark in drawing.marks if isinstance(mark, Line) and mark.role == "accent" and mark.x1 == mark.x2]
    assert len(caps) == (2 - heads if interval else 0)


WIDEST = 0.6
"""What a character takes of the size of its type on the average, where the type runs wide."""


def reach(label):
    """From where to where a label goes in a type that runs wide."""
    length = WIDEST * label.size * len(label.text)
    return {"start": (label.x, label.x + length), "end": (label.x - length, label.x)}.get(
        label.anchor, (label.x - length / 2, label.x + length / 2)
    )


@pytest.mark.parametrize("scale", [SHARES, COEFFICIENTS, Scale(-3.0, 3.0, (-3.0, -1.5, 0.0, 1.5, 3.0), unit="")])
@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(
    "name", ["Matching pair · muse", "Headphones or earphones, of which one is broken and the other one is not mine"]
)
def test_no_label_is_cut_off_at_the_edge(name, narrow, scale):
    rows = [
        Row(name, 1.0, (0.2, 1.0), note="100.0 %", n=12_345),
        Row(name, 0.5, reference=0.125),
        Row(name, 0.5, (0.4, 0.6), summary=True),
    ]
    for reference in (None, scale.low, 0.0, scale.high):
        drawing = draw_intervals(rows, scale, reference=reference, reference_label="all alike", narrow=narrow)
        labels = [mark for mark in drawing.marks if isinstance(mark, Label)]
        assert [text for text in (one.text for one in labels) if text[:10] == name[:10]]
        outside = [one.text for one in labels if reach(one)[0] < 0 or reach(one)[1] > drawing.width]
        assert outside == []


def test_on_a_phone_names_stand_above_their_marks():
    drawing = draw_intervals([Row("Matching pair · muse", 0.5), Row("Silence", 0.25)], SHARES, narrow=True)
    names = [mark for mark in drawing.marks if isinstance(mark, Label) and mark.anchor == "start" and mark.x < 10]
    dots = [mark for mark in drawing.marks if isinstance(mark, Dot)]
    assert [one.text for one in names] == ["Matching pair · muse", "Silence"]
    assert all(name.y + 5 < dot.y - dot.radius for name, dot in zip(names, dots, strict=True))
    assert dots[0].y + dots[0].radius + 5 < names[1].y - names[1].size


def with_interval(agreement, interval, *names):
    return {name: replace(value, interval=interval) if name in names else value for name, value in agreement.items()}


def test_captions_explain_arrow_heads_where_there_are_any():
    ratings = draw_cells(1, 0.0)
    report = analyse(ratings, replicates=0)
    few = replace(report, agreement=with_interval(report.agreement, (-0.7, 0.4), "fleiss_kappa"))
    wide = replace(report, agreement=with_interval(report.agreement, (0.0, 0.4), *report.agreement))
    assert BEYOND in draw_agreement(few).caption
    assert BEYOND not in draw_agreement(wide).caption


@pytest.mark.parametrize("narrow", [False, True])
def test_the_dots_of_single_ratings_grow_with_their_area_up_to_a_size(narrow):
    """One rating has a radius of .005 of the plane's side, four of twice as much, and from twenty on all have .022."""
    numbers = (1, 4, 9, 19, 20, 400)
    points = [(number / 1000, 0.0, number) for number in numbers]
    drawing = draw_ratings([], points, narrow=narrow)
    side = (SMALL if narrow else WIDE).size
    radii = [mark.radius / side for mark in drawing.marks if isinstance(mark, Dot)]
    assert radii == pytest.approx([0.005, 0.01, 0.015, 0.005 * 19**0.5, 0.022, 0.022])


def map_points(chosen_at=None):
    """The eight emotions where they lie; every arrow ends at one place, or where the next emotion lies."""
    at = coordinates(SLUGS).tolist()
    ends = [chosen_at or at[(place + 1) % len(at)] for place in range(len(at))]
    return [PlacePart(e, 3, tuple(a), tuple(b)) for e, a, b in zip(SLUGS, at, ends, strict=True)]


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("chosen_at", [None, [0.06875, 0.21875], [0.95, 0.95], [-1.0, -1.0]])
def test_names_on_the_map_lie_in_the_frame_and_apart(chosen_at, narrow):
    drawing = draw_plane(map_points(chosen_at), narrow=narrow)
    frame = next(mark for mark in drawing.marks if isinstance(mark, Rect))
    names = [mark for mark in drawing.marks if isinstance(mark, Label) and mark.text in {*SLUGS, "guesser"}]
    assert len(names) == 9
    dots = [(dot.x, dot.y, dot.x, dot.y) for dot in drawing.marks if isinstance(dot, Dot)]
    for place, name in enumerate(names):
        left, top, right, bottom = box(name)
        assert frame.x <= left, name.text
        assert right <= frame.x + frame.width, name.text
        assert frame.y <= top, name.text
        assert bottom <= frame.y + frame.height, name.text
        for other in [*dots, *map(box, names[:place])]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top, name.text


def rated_places(spread):
    """The eight emotions, each rated where the next one was meant to lie."""
    at = coordinates(SLUGS).tolist()
    for place, emotion in enumerate(SLUGS):
        x, y = at[(place + 1) % len(at)]
        across, up = ((max(-1.0, v - spread), min(1.0, v + spread)) if spread else None for v in (x, y))
        yield Place(emotion, (x, y), across, up, tuple(at[place]), 3)


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("spread", [0.0, 0.1, 0.6])
def test_names_on_the_map_of_ratings_lie_in_the_frame_and_apart(spread, narrow):
    places = list(rated_places(spread))
    drawing = draw_ratings(places, narrow=narrow)
    frame = next(mark for mark in drawing.marks if isinstance(mark, Rect))
    names = [mark for mark in drawing.marks if isinstance(mark, Label) and mark.text in SLUGS]
    assert len(names) == 8
    for place, name in enumerate(names):
        left, top, right, bottom = box(name)
        assert frame.x <= left <= right <= frame.x + frame.width, name.text
        assert frame.y <= top <= bottom <= frame.y + frame.height, name.text
        for other in map(box, names[:place]):
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top, name.text


def test_the_map_of_ratings_draws_each_mean_its_intervals_and_where_it_was_meant_to_lie():
    place = Place("fear", (0.5, -0.5), (0.25, 0.75), (-1.0, 0.0), (0.0, 1.0), 4)
    drawing = draw_ratings([place])
    frame = next(mark for mark in drawing.marks if isinstance(mark, Rect))

    def place_of(x, y):
        return (x - frame.x) / frame.width * 2 - 1, 1 - (y - frame.y) / frame.height * 2

    [dot] = [mark for mark in drawing.marks if isinstance(mark, Dot)]
    [aim] = [mark for mark in drawing.marks if isinstance(mark, Shape)]
    meant, across, up = [mark for mark in drawing.marks if isinstance(mark, Line) and mark.role != "line"]
    ends = [place_of(line.x1, line.y1) + place_of(line.x2, line.y2) for line in (meant, across, up)]
    assert place_of(dot.x, dot.y) == pytest.approx((0.5, -0.5))
    assert place_of(*(sum(side) / 4 for side in zip(*aim.points, strict=True))) == pytest.approx((0.0, 1.0))
    assert ends[0] == pytest.approx((0.0, 1.0, 0.5, -0.5))
    assert ends[1] == pytest.approx((0.25, -0.5, 0.75, -0.5))
    assert ends[2] == pytest.approx((0.5, -1.0, 0.5, 0.0))


def test_the_guesser_lies_at_the_mean_of_the_emotions_offered():
    """(.80 + .45 + .65 + .75 − .65 − .65 − .70 − .70) / 8 and (.35 + 0 − .45 + .70 + .75 + .35 + .60 − .55) / 8."""
    assert guess(map_points()) == pytest.approx((-0.05 / 8, 1.75 / 8))
    drawing = draw_plane(map_points())
    square = drawing.marks[max(i for i, mark in enumerate(drawing.marks) if isinstance(mark, Shape))]
    frame = next(mark for mark in drawing.marks if isinstance(mark, Rect))
    centre = (sum(x for x, _ in square.points) / 4 - frame.x) / frame.width * 2 - 1
    assert centre == pytest.approx(-0.05 / 8)


def test_the_map_says_what_it_shows(figures):
    found = next(figure for figure in figures if figure.name == "map")
    for said in (
        "Not ratings",
        "NRC-VAD, Mohammad 2018",
        "Warriner, Kuperman & Brysbaert 2013",
        "a guesser's arrows end",
    ):
        assert said in found.caption
    assert re.search(r"on average \(95 % interval [\d.]+ to [\d.]+\); a guesser's lies", found.finding)
    assert "farthest" not in found.finding


def test_captions_state_n_and_method_and_findings_have_numbers(figures):
    for figure in figures:
        assert re.search(
            r"n = \d+ answers of \d+ participants|n = \d+ against \d+ answers|Half-width of the 95 % intervals",
            figure.caption,
        )
        assert re.search(r"\d", figure.finding), figure.name
        svg = to_svg(figure.drawing, title=figure.title, description=figure.finding)
        assert figure.finding[:20] in svg


def test_figures_are_painted(figures):
    for figure in figures:
        assert to_png(figure.drawing, title=figure.title, description=figure.finding).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("most", "ticks"), [(17.8, [0, 5, 10, 15]), (100, [0, 25, 50, 75, 100]), (9, [0, 2.5, 5, 7.5])]
)
def test_ticks_are_round_numbers(most, ticks):
    assert round_ticks(most) == ticks


def test_labels_at_one_height_are_moved_apart():
    assert keep_apart([5.0, 5.0, 5.0], 10) == [5.0, 15.0, 25.0]


def test_the_lines_of_a_plan_differ_and_lines_that_coincide_are_one():
    drawing = draw_plan([16, 32, 64], [4, 8], [[0.4, 0.2], [0.4, 0.2015], [0.3, 0.1]], (8, 0.15))
    labels = {mark.text: mark.role for mark in drawing.marks if isinstance(mark, Label) and "clips" in mark.text}
    assert labels == {"16, 32 clips": "accent", "64 clips": "soft"}
    assert {mark.role for mark in drawing.marks if isinstance(mark, Line) and mark.width == 2} >= {"accent", "soft"}
    assert SAME == 0.002


def test_the_report_has_the_dark_colours_of_the_site_and_no_white_boxes():
    pages = [Path(f"survey/static/survey/{name}.css").read_text(encoding="utf-8") for name in ("results",)]
    assert {role: DARK[role] for role in dark_colours()} == dark_colours()
    tokens = Path("melodymuse_site/static/site/tokens.css").read_text(encoding="utf-8").split("dark")[-1]
    site = dict(re.findall(r"--([\w-]+): (#\w{6});", tokens))
    for role, token in re.findall(r"\.f-(\w+) \{ fill: var\(--([\w-]+)\)", pages[0]):
        assert DARK[role] == site[token], role
    assert "figure svg { background: none; }" in STYLE.split("screen and (prefers-color-scheme: dark)")[1]
    assert (
        to_html([Heading("A study", 1), draw_agreement(analyse(draw_cells(1, 0.3), replicates=0))]).count('class="f-')
        > 9
    )
