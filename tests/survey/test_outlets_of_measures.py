"""Every measure is in every outlet: one new file is enough, and an outlet that forgets measures fails here."""

import html
import importlib
import io
import json
import re
import sys
from dataclasses import replace

import pypdf
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

import survey.analysis.measures
from survey.analysis import json_schema, read_long, read_out, reading_out
from survey.analysis.measures import Asked, all_measures, read_measures, register
from survey.analysis.measures.declared import problems_of
from survey.analysis.measures.fields import shapes_of
from survey.analysis.measures.showing import show
from survey.exports import report_codebook
from survey.figures import document, figures_of, paragraphs, tables
from survey.figures.plots import draw_plot
from survey.findings import report_of
from survey.views import sections
from tests.survey import report_names
from tests.survey.recomputed.pack import COLUMNS
from tests.survey.rich_study import make_rich_study, make_yes_no_study

NAME = "repertoire"
GUIDE = settings.BASE_DIR / "docs" / "extending.md"
pytestmark = pytest.mark.django_db


def example(part):
    """The measure of docs/extending.md, or its test, as it stands there."""
    return re.search(rf"```python {part}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)[1]


@pytest.fixture
def newcomer(tmp_path, monkeypatch):
    """The measure of docs/extending.md as one more file in the folder of measures, and nothing else."""
    (tmp_path / f"{NAME}.py").write_text(example("measure"), encoding="utf-8")
    (tmp_path / f"test_{NAME}.py").write_text(example("test"), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(survey.analysis.measures, "__path__", [*survey.analysis.measures.__path__, str(tmp_path)])
    register.find_measures.cache_clear()
    yield next(measure for measure in all_measures() if measure.name == NAME)
    register.find_measures.cache_clear()
    for module in (f"survey.analysis.measures.{NAME}", f"test_{NAME}"):
        sys.modules.pop(module, None)


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_rich_study(people=8, each=8)


def get(study, name, **query):
    client = Client()
    client.force_login(study.owner)
    return client.get(reverse(name, args=[study.slug]), query).content


def read_html(page):
    """The page without the spans that keep an interval on one line."""
    return html.unescape(re.sub(r'<span class="unbroken">(.*?)</span>', r"\1", page.decode()))


def on_the_page(study):
    return read_html(get(study, "results", open="all"))


def in_the_report(study):
    return read_html(get(study, "results_report"))


def in_the_pdf(study):
    pages = pypdf.PdfReader(io.BytesIO(get(study, "results_report_pdf"))).pages
    return "\n".join(page.extract_text() for page in pages)


def on_the_terminal(study):
    return read_out(report_of(study))


SHOWN = {"page": on_the_page, "report": in_the_report, "PDF": in_the_pdf, "terminal": on_the_terminal}
"""Where people read what a measure shows: tables, plots, paragraphs."""


def in_the_json(study):
    return json.loads(get(study, "results_json"))["measures"]


def in_the_schema(study):
    schema = json.loads(get(study, "results_schema"))
    return {name for name, found in schema["properties"]["measures"]["properties"].items() if found["anyOf"][1]["$ref"]}


def in_the_codebook(study):
    return set(re.findall(r"^report.json,measures\.(\w+),", get(study, "results_report_codebook").decode(), re.M))


def in_the_documentation(study):
    return set(re.findall(r"^\| `(\w+)` \|", report_names.sections().split("\n## ")[1], re.M))


LISTED = {
    "JSON": in_the_json,
    "JSON schema": in_the_schema,
    "codebook": in_the_codebook,
    "documentation": in_the_documentation,
}
"""Where every measure stands by its name, whatever a study has."""


def squeezed(text):
    """Text without the line ends, hyphens and spaces that a page's typesetting puts into it."""
    return re.sub(r"[\s\u00ad\u2010-]+", "", text)


def missing(study, measure, outlets=(*SHOWN, *LISTED)):
    """Those of the outlets that say nothing of a measure which the study has."""
    found = next(one for known, one in read_measures(report_of(study)).found if known.name == measure.name)
    said = [table.title for table in measure.tables_of(found) if table.rows]
    said += [row[0] for table in measure.tables_of(found) for row in table.rows[:1]]
    said += measure.sentences_of(found)
    shown = {name: squeezed(read(study)) for name, read in SHOWN.items() if name in outlets}
    return {
        *(name for name, text in shown.items() if not all(squeezed(one) in text for one in said)),
        *(name for name, read in LISTED.items() if name in outlets and measure.name not in read(study)),
    }


def test_one_new_file_is_in_every_outlet_and_its_own_test_passes(newcomer, study):
    assert missing(study, newcomer) == set()
    said = r"How many different answers a person uses: \d\.\d answers \(95 % interval \d\.\d to \d\.\d answers\)"
    assert re.search(said, on_the_page(study))
    tests = importlib.import_module(f"test_{NAME}")
    tests.test_every_answer_counts_once_per_person()


def test_the_guide_shows_a_measure_that_declares_tables_plots_sentences_and_a_need(newcomer):
    names = {}
    exec(example("shown"), names)  # the guide is ours
    shown = names["MEASURE"]
    assert problems_of(shown) == []
    asked = Asked(*[read_long("participant,stimulus,intended,chosen\nP1,S1,a,a\nP1,S2,b,b\n")] * 3, "", 0, 0)
    result = shown.measure(asked)
    one = show(shown, result)
    assert one.tables[0].rows == [["All", "2.0 answers", "–", result.reason]]
    assert [draw_plot(plot).rows for plot in one.plots] == [[("All", 1, 2.0, None, None, None, None, None)]]
    assert one.paragraph == "A person used 2.0 answers on average."


def test_the_guide_lists_every_column_that_a_second_computation_gets():
    told = re.search(r"Its columns are (.*?)\n- `pack`", GUIDE.read_text(encoding="utf-8"), re.DOTALL)[1]
    assert sorted(re.findall(r"`(\w+)`", told)) == sorted(COLUMNS)


FORGOTTEN = {
    "page": [(sections, "read_measures"), (tables, "read_measures"), (paragraphs, "read_measures")],
    "report": [(document, "read_measures")],
    "PDF": [(document, "read_measures")],
    "terminal": [(reading_out, "read_measures")],
    "JSON schema": [(json_schema, "all_measures")],
    "codebook": [(report_codebook, "all_measures")],
    "documentation": [(report_names, "all_measures")],
}
"""Where each outlet asks the register; the JSON is what the others are read from."""


def test_an_outlet_that_asks_the_register_no_more_is_found(newcomer, study, monkeypatch):
    assert set(FORGOTTEN) == {*SHOWN, *LISTED} - {"JSON"}
    for outlet, places in FORGOTTEN.items():
        with monkeypatch.context() as patched:
            for module, name in places:
                patched.setattr(module, name, nothing_read if name == "read_measures" else tuple)
            assert missing(study, newcomer, {outlet, "JSON"}) == {outlet}


def nothing_read(report, plot=None):
    return replace(read_measures(report), shown=())


@pytest.mark.parametrize("make", [make_rich_study, make_yes_no_study])
def test_every_measure_of_the_register_is_in_every_outlet(make, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make()
    found = read_measures(report_of(study)).found
    assert {measure.name for measure, _ in found} & {"times", "detection"}
    shown = {name: squeezed(read(study)) for name, read in SHOWN.items()}
    for measure, one in found:
        said = [*(table.title for table in measure.tables_of(one) if table.rows), *measure.sentences_of(one)]
        for name, text in shown.items():
            assert [words for words in said if squeezed(words) not in text] == [], (measure.name, name)
    names = {measure.name for measure in all_measures()}
    assert {name: set(read(study)) ^ names for name, read in LISTED.items()} == {name: set() for name in LISTED}


def test_every_plot_of_a_measure_is_a_figure_of_the_page(study):
    report = report_of(study)
    assert {plot.name for plot in read_measures(report).plots} <= {figure.name for figure in figures_of(report)}


def faults(value, schema, definitions, path="report"):
    """Yield what of plain data a schema does not allow: the part of JSON Schema that types are written in."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        tried = [list(faults(value, one, definitions, path)) for one in schema["anyOf"]]
        yield from () if [] in tried else (tried[-1] or [path])
        return
    kinds = {"object": dict, "array": list, "string": str, "number": int | float, "integer": int, "null": type(None)}
    kind = schema.get("type")
    if kind in kinds and not isinstance(value, kinds[kind]):
        yield f"{path} is no {kind}"
    elif isinstance(value, dict):
        known, more = schema.get("properties", {}), schema.get("additionalProperties", {})
        yield from (f"{path}.{name} is missing" for name in schema.get("required", []) if name not in value)
        for name, item in value.items():
            if name not in known and more is False:
                yield f"{path}.{name} is not known"
            yield from faults(item, known.get(name, more or {}), definitions, f"{path}.{name}")
    elif isinstance(value, list) and schema.get("items"):
        for place, item in enumerate(value):
            yield from faults(item, schema["items"], definitions, f"{path}[{place}]")


def test_a_real_report_is_what_its_schema_says(study):
    report, schema = (json.loads(get(study, name)) for name in ("results_json", "results_schema"))
    assert list(faults(report, schema, schema["$defs"])) == []
    report["measures"]["missing_answers"]["given"] = "many"
    report["measures"]["forgotten"] = None
    assert list(faults(report, schema, schema["$defs"])) == [
        "report.measures.missing_answers.given is no integer",
        "report.measures.forgotten is not known",
    ]


def test_the_codebook_has_a_row_for_every_field_of_every_measure(study):
    rows = [row.split(",")[1] for row in get(study, "results_report_codebook").decode().splitlines()[1:]]
    assert len(rows) == len(set(rows)) > 400
    fields = sum(len(shape.__dataclass_fields__) for measure in all_measures() for shape in shapes_of(measure.result))
    assert len(rows) >= len(all_measures()) + fields


def test_a_measure_that_raises_takes_no_page_away(study, monkeypatch):
    def boom(asked):
        raise RuntimeError("boom in here")

    measures = [replace(one, compute=boom) if one.name == "times" else one for one in all_measures()]
    monkeypatch.setattr(register, "all_measures", lambda: tuple(measures))
    said = "failed and is left out: RuntimeError: boom in here."
    assert all(said in text for text in (on_the_page(study), in_the_report(study), get(study, "results_json").decode()))
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(get(study, "results_report_pdf"))).pages)
    assert "The measure times" in text
    assert json.loads(get(study, "results_json"))["measures"]["times"] is None
