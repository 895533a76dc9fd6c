"""The report to print: tagged, in any script, at its price, and deaf to what people write into titles."""

from __future__ import annotations

import io
import logging
import re
import time

import pypdf
import pytest
from msgspec.structs import replace

from survey.analysis.course import widths_over_time
from survey.analysis.measures.shown import Table
from survey.analysis.ratings import collect
from survey.analysis.report import analyse
from survey.figures import figures_of, html_report, pdf_report, to_pdf, to_png, typesetting
from survey.figures.document import Heading, Paragraph, StudyFacts, report_blocks
from survey.figures.drawing import LANGUAGE, Drawing, Label
from survey.figures.pdf_report import HIGHEST, _width, to_report_pdf
from tests.survey.analysis.simulated import draw_cells

JAPANESE = "感情の音楽"
FEW_SECONDS = 2.0
"""CPU seconds of one report at most: 0.5 are usual; a machine of tests is busy."""


@pytest.fixture(scope="module")
def report():
    ratings = draw_cells(1, 0.3)
    return replace(analyse(ratings, replicates=20), course=widths_over_time(ratings))


def write(report, title):
    return to_report_pdf(report_blocks(report, StudyFacts(title=title)), title=f"Results: {title}")


def read(pdf):
    return pypdf.PdfReader(io.BytesIO(pdf))


def text_of(pdf):
    return "\n".join(page.extract_text() for page in read(pdf).pages)


@pytest.fixture(scope="module")
def printed(report):
    return read(write(report, JAPANESE))


def tags(node, found=None):
    """Every element of the structure tree."""
    found = [] if found is None else found
    node = node.get_object()
    if isinstance(node, pypdf.generic.DictionaryObject):
        found.append(node)
        kids = node.get("/K", [])
        for kid in kids if isinstance(kids, list) else [kids]:
            if not isinstance(kid, int):
                tags(kid, found)
    return found


def outline(entries):
    return [name for entry in entries for name in (outline(entry) if isinstance(entry, list) else [entry.title])]


def test_the_report_claims_pdf_ua_and_names_title_and_language(printed):
    root = printed.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en" == LANGUAGE
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert printed.metadata.title == f"Results: {JAPANESE}"
    assert printed.metadata.author is None
    packet = root["/Metadata"].get_object().get_data().decode()
    assert re.search(r"<pdfuaid:part>1<|pdfuaid:part=\"1\"", packet)


def test_page_pdf_and_figures_say_the_language_of_the_reports_words(report, monkeypatch):
    for module in (typesetting, html_report):
        monkeypatch.setattr(module, "LANGUAGE", "de")
    figure = figures_of(report)[0]
    alone = to_pdf(figure.drawing, title="t", description="d")
    for pdf in (write(report, "t"), alone):
        assert read(pdf).trailer["/Root"]["/Lang"] == "de"
    assert '<html lang="de">' in html_report.to_html([Heading("t", 1)])


def faces(resources):
    """The advance widths of every face of a page and of what is drawn on it."""
    for font in resources.get("/Font", {}).values():
        yield tuple(font.get_object()["/DescendantFonts"][0].get_object()["/W"])
    for inner in resources.get("/XObject", {}).values():
        if "/Resources" in inner.get_object():
            yield from faces(inner.get_object()["/Resources"])


def test_bold_words_of_a_figure_are_bold_in_its_files():
    """A heavier face has wider letters; both are instances of one variable font, and bear its name."""
    found = {}
    for bold in (False, True):
        drawing = Drawing(100, 40, [Label(5, 20, "nnn", bold=bold)])
        [[*widths]] = faces(read(to_pdf(drawing, title="t", description="d")).pages[0]["/Resources"])
        found[bold] = widths[-1]
    assert found[True] > found[False]


def test_a_figure_fits_below_its_heading_on_a_page():
    """A4 less its margins of 19 mm is 487 points wide; 330 are below half its height, so that two figures fit."""
    wide, high, small = Drawing(1000, 100), Drawing(100, 1000), Drawing(100, 100)
    assert [pdf_report._width(drawing) for drawing in (wide, high, small)] == [487, 33, 75]
    assert pdf_report.WIDEST <= (210 - 2 * 19) / 25.4 * 72


def test_the_typesetter_forgets_a_report_once_it_is_made(monkeypatch):
    """It keeps what the last ten documents were made of: ten empty ones follow."""
    compiled = []
    plain = typesetting.typst.compile
    monkeypatch.setattr(typesetting.typst, "compile", lambda *a, **k: compiled.append(a[0]) or plain(*a, **k))
    to_pdf(Drawing(10, 10), title="t", description="d")
    assert compiled == [b""] * 10


def test_every_heading_is_a_bookmark(report, printed):
    blocks = list(report_blocks(report, StudyFacts(title=JAPANESE)))
    headings = [block.text for block in blocks if isinstance(block, Heading)]
    titled = [block.title for block in blocks if not isinstance(block, Heading | Paragraph) and block.title]
    found = outline(printed.outline)
    assert set(headings) | set(titled) <= set(found)
    assert found[0] == f"Results: {JAPANESE}"


def test_figures_have_their_findings_as_text_and_tables_their_heads(report, printed):
    elements = tags(printed.trailer["/Root"]["/StructTreeRoot"])
    said = {str(element["/Alt"]) for element in elements if "/Alt" in element}
    assert {figure.finding for figure in figures_of(report)} <= said
    kinds = [str(element.get("/S")) for element in elements]
    tables = [block for block in report_blocks(report, StudyFacts(title="")) if isinstance(block, Table)]
    assert kinds.count("/Table") == len([table for table in tables if table.lines])
    assert kinds.count("/TH") >= sum(len(table.columns) for table in tables if table.lines)
    assert {"/H1", "/H2", "/H3", "/Figure", "/Caption", "/P"} <= set(kinds)


def test_text_reads_in_order_and_in_japanese(report, printed):
    text = " ".join(" ".join(page.extract_text() for page in printed.pages).split())
    assert JAPANESE in text
    places = [text.index(word) for word in (JAPANESE, "Method", "Answers of one person", "Figure 1", "Provenance")]
    assert places == sorted(places)


def test_pages_are_numbered_a4(printed):
    for number, page in enumerate(printed.pages, start=1):
        assert sorted(round(float(side)) for side in page.mediabox[2:]) == [595, 842]
        assert f"{number} of {len(printed.pages)}" in page.extract_text()


def test_heads_of_long_tables_repeat_and_wide_ones_lie_on_their_side():
    long = Table("long", "Long", ["Clip", "n"], [[f"clip {place}", "3"] for place in range(200)])
    wide = Table("wide", "Wide", ["Clip", *(f"column {place:02}" for place in range(18))], [["1234.567"] * 19])
    pages = read(to_report_pdf([Heading("Tables", 1), long, wide], title="Tables")).pages
    assert sum(bool(re.match(r"Clip\s+n\n", page.extract_text())) for page in pages) >= 3
    lying = [page for page in pages if page.mediabox.width > page.mediabox.height]
    assert ["Wide" in page.extract_text() for page in lying] == [True]


@pytest.mark.parametrize(
    "title",
    [
        '#read("/etc/passwd")',
        '#image("/etc/passwd") [x] {y}',
        "$x^2$ *bold* _it_ \\ @reference <label> // gone /* gone */ `raw` = no ~ -- ---",
        '"] } \\" \\n {"a": 1} \'',
        "مرحبا بالعالم",
        "😀 🎹 🎻",
        "Duygu çağrışımı ğüşıöçİ",
        "感情 감정 อารมณ์ भावना",
    ],
)
def test_what_is_typed_is_printed(report, title):
    pdf = write(report, title)
    assert read(pdf).metadata.title == f"Results: {title}"
    assert outline(read(pdf).outline)[0] == f"Results: {title}"
    assert "root:" not in text_of(pdf)


def test_markup_is_text(report):
    title = '#read("/etc/passwd") $x$ *b* @a // c'
    assert title in text_of(write(report, title)).replace("\n", " ")


@pytest.mark.parametrize("title", ["a\x00b\x1f", "half \ud800 of one", "\ufffe\uffff", "", " ", "\n"])
def test_what_no_document_can_hold_costs_no_report(report, title):
    assert len(read(write(report, title)).pages) >= 4


@pytest.mark.parametrize("letters", ["W" * 200, "0123456789abcdef" * 16, "漢字" * 100, "ش" * 200])
def test_long_words_break_at_the_margin(letters):
    table = Table("t", "T", ["A", "B"], [[letters, letters]], kinds={"B": "remark"})
    [page] = read(to_report_pdf([Heading(letters, 1), Paragraph(letters), table], title=letters)).pages
    places = []
    page.extract_text(visitor_text=lambda text, _, matrix, *__: places.append(matrix[4]) if text.strip() else None)
    assert max(places) < 595 - 19 / 25.4 * 72
    assert page.extract_text().replace("\n", "").count(letters) >= 2 or not letters.isascii()


def test_characters_without_a_glyph_are_named(report, caplog):
    with caplog.at_level(logging.WARNING, "survey.figures.typesetting"):
        pdf = write(report, "ཨོཾ")
    assert "No font has these characters, boxes stand for them: U+0F68 TIBETAN LETTER A" in text_of(pdf)
    assert "U+0F68" in caplog.text
    assert read(pdf).trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "pdfuaid" not in read(pdf).trailer["/Root"]["/Metadata"].get_object().get_data().decode()


def test_an_empty_report_is_one_too():
    assert "There are no answers." in text_of(write(analyse(collect([]), replicates=0), "Empty"))


def test_figures_as_files_speak_every_script(report):
    figure = figures_of(report)[0]
    said = {"title": JAPANESE, "description": figure.finding}
    pdf = read(to_pdf(figure.drawing, **said))
    assert pdf.metadata.title == JAPANESE
    assert [str(e["/Alt"]) for e in tags(pdf.trailer["/Root"]["/StructTreeRoot"]) if "/Alt" in e] == [figure.finding]
    assert round(float(pdf.pages[0].mediabox.width)) == round(0.75 * figure.drawing.width)
    png = to_png(figure.drawing, **said)
    width = int.from_bytes(png[16:20], "big")
    assert abs(width - figure.drawing.width * 200 / 96) <= 1


def test_a_report_costs_little(report):
    begun = time.process_time()
    write(report, "What it costs")
    assert time.process_time() - begun < FEW_SECONDS


def test_a_table_begins_where_there_is_room_and_breaks_instead_of_leaving_half_a_page_empty():
    """It stays together up to six rows."""
    text = [Paragraph("A line of words. " * 20) for _ in range(13)]

    def first_page(rows):
        table = Table("clips", "Clips", ["Clip", "n"], [[f"clip {place}", "3"] for place in range(rows)])
        return read(to_report_pdf([Heading("Tables", 1), *text, table], title="Tables")).pages[0].extract_text()

    assert "clip 0" in first_page(14)
    assert "clip 13" not in first_page(14)


def test_two_figures_fit_below_each_other(report):
    """As drawn no higher than 330 of the 842 points of a page."""
    drawings = [figure.drawing for figure in figures_of(report)]
    assert max(_width(one) * one.height / one.width for one in drawings) <= 330 + 1e-9
    assert HIGHEST == 330
