"""The results of a study: the page, its figures, its CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from melodymuse_site.buttons import pressed_on
from survey.actions import note_access, open_results
from survey.actions.learning import reasons_against_learning
from survey.analysis.json_schema import report_schema
from survey.analysis.reported import Report, as_plain
from survey.analysis.wording import presented
from survey.exports import codebook_rows, stream_csv
from survey.exports.codebook import CODEBOOK_HEADER, tables_of
from survey.exports.csv_text import stream_lines
from survey.exports.report_codebook import report_codebook_rows
from survey.exports.rows import batches_of
from survey.figures import Figure, figure_of, may_be_drawn, to_pdf, to_png, to_svg
from survey.figures.distribution import PREFIX, draw_distribution
from survey.figures.document import Block, plan_table, primary_sentences, report_blocks
from survey.figures.drawing import Drawing, stamp
from survey.figures.html_report import STYLE_HASH, to_html
from survey.figures.pdf_report import to_report_pdf
from survey.findings import Choice, count_people
from survey.findings.reports import kept_report, key_of
from survey.findings.study_facts import describe_choice, facts_of
from survey.models import Lesson, Study
from survey.views.access import of_study, show_hidden
from survey.views.choices import choice_query, read_choice
from survey.views.sections import Results, open_names
from survey.views.waiting import Found, ask_worker, describe_older, find_report, make_here

CSV_TYPE = "text/csv; charset=utf-8"
PAINTERS = {"png": (to_png, "image/png"), "pdf": (to_pdf, "application/pdf")}


@gzip_page  # with figures open it is large, and not every site has a web server in front that does it
@require_safe
@of_study(linked=True)
def results(request: HttpRequest, study: Study) -> HttpResponse:
    if study.is_draft:
        return render(request, "survey/results/draft.html", {"study": study})
    if not study.shows_results:
        return show_hidden(request, study)
    choice = read_choice(request, study)
    found = find_report(request, study, choice)
    return found if isinstance(found, HttpResponse) else show_results(request, study, choice, found)


def show_results(request: HttpRequest, study: Study, choice: Choice, found: Found) -> HttpResponse:
    """The page: what the plan asked, the headline, and the sections, closed but for those that the address names."""
    shown = Results(request, study, choice, found)
    report = found.report
    context = {
        "study": study,
        "choice": choice,
        "query": shown.query,
        "primary_cell": _name_primary(report, choice),
        **_parts_to_choose(study),
        "interim": study.status != Study.Status.CLOSED,
        "people": count_people(study),
        "report": report,
        "older": describe_older(found, study),
        "plan": plan_table(report),
        "primary": primary_sentences(report),
        "headline": shown.measured.headline,
        "sections": shown.sections,
        "open": open_names(shown.sections),
        "may_teach": _subjects_to_teach(study) if request.reader.may_edit else [],  # type: ignore[attr-defined]
    }
    return render(request, "survey/results/page.html", context)


def _subjects_to_teach(study: Study) -> list[str]:
    """What the answers of a study may teach: music, pictures, both or nothing."""
    return [subject for subject in Lesson.Subject.values if not reasons_against_learning(study, subject)]


def _parts_to_choose(study: Study) -> dict[str, list[str]]:
    """The cells and composers whose answers can be looked at alone; none where an answer is about two of them."""
    if study.form.compares:
        return {"cells": [], "composers": []}
    composers = study.stimuli.exclude(composer="").order_by().values_list("composer", flat=True).distinct()
    return {"cells": list(study.conditions.values_list("name", flat=True)), "composers": list(composers)}


def _name_primary(report: Report, choice: Choice) -> str:
    """What the page is about where no cell is chosen: one cell, for cells are never pooled."""
    if choice.cell or not report.cell:
        return "Primary cell"
    return f"Primary cell ({presented(report.cell).lower()})"


@pressed_on("results", "slug")
@of_study(results=True)
def compute(request: HttpRequest, study: Study) -> HttpResponse:
    """The deliberate step: the report is made anew by a worker, or `here`, in the process that answers this request."""
    choice = read_choice(request, study)
    report = None
    if request.POST.get("here") == "1":
        report = make_here(study, choice)
    else:
        ask_worker(study, choice)
    if report is not None and kept_report(key_of(study, choice)) is None:
        return show_results(request, study, choice, Found(report))  # nothing keeps it, so that no page would find it
    query = choice_query(choice)
    return redirect(f"{reverse('results', args=[study.slug])}{'?' if query else ''}{query}")


@pressed_on("results", "slug")
@of_study(edit=True)
def open_early(request: HttpRequest, study: Study) -> HttpResponse:
    """The deliberate step: from here on the results of a running study can be seen, and the log says by whom."""
    if open_results(study=study, by=request.user):
        messages.warning(request, "The results are open now, and the log says so.")
    return redirect("results", slug=study.slug)


@require_safe
@of_study(results=True, linked=True)
def figure_file(request: HttpRequest, study: Study, name: str, extension: str) -> HttpResponse:
    """One figure as SVG, PNG, PDF, or its data as CSV."""
    if not (name.startswith(PREFIX) or may_be_drawn(name)):  # before anything is computed
        raise Http404
    choice = read_choice(request, study)
    found = find_report(request, study, choice)
    if isinstance(found, HttpResponse):
        return found
    drawn = _figure(found.report, name)
    if drawn is None:
        raise Http404
    if extension == "csv":
        return attach(HttpResponse("".join(stream_csv(drawn.header, drawn.rows)), CSV_TYPE), study, f"{name}.csv")
    drawing = stamp_drawing(drawn.drawing, study, choice, found.computed)
    if extension == "svg":
        svg = to_svg(drawing, title=drawn.title, description=drawn.finding)
        return attach(HttpResponse(svg, "image/svg+xml"), study, f"{name}.svg")
    paint, content_type = PAINTERS[extension]
    painted = paint(drawing, title=drawn.title, description=drawn.finding)
    return attach(HttpResponse(painted, content_type), study, f"{name}.{extension}")


def _figure(report: Report, name: str) -> Figure | None:
    if not name.startswith(PREFIX):
        return figure_of(report, name)
    found = next((found for found in report.asked or [] if f"{PREFIX}{found.key}" == name), None)
    return draw_distribution(found) if found else None


def stamp_drawing(drawing: Drawing, study: Study, choice: Choice, computed: str = "") -> Drawing:
    """A file travels without its page: it says itself that it is interim, or of a part of the answers."""
    interim = "" if study.status == Study.Status.CLOSED else "Interim: the study is not closed"
    said = "; ".join(text for text in (interim, describe_choice(choice), computed) if text)
    return stamp(drawing, f"{said[0].upper()}{said[1:]}.") if said else drawing


def attach(response: Any, study: Study, name: str) -> Any:
    response["Content-Disposition"] = f'attachment; filename="{study.slug}-{name}"'
    return response


@require_safe
@of_study(results=True)
def responses_csv(request: HttpRequest, study: Study) -> StreamingHttpResponse:
    """All answers, long form, streamed; ?bom=1 for old spreadsheets."""
    note_access(study=study, action="export", by=request.user, format="csv")
    header = [column.name for column in tables_of(study)["responses_long"]]
    blocks = stream_lines(header, batches_of(study, "responses_long"), mark=request.GET.get("bom") == "1")
    return attach(StreamingHttpResponse(blocks, content_type=CSV_TYPE), study, "responses.csv")


@require_safe
@of_study()
def codebook_csv(request: HttpRequest, study: Study) -> HttpResponse:
    text = "".join(stream_csv(CODEBOOK_HEADER, codebook_rows("responses_long", study=study)))
    return attach(HttpResponse(text, CSV_TYPE), study, "codebook.csv")


@require_safe
@of_study(linked=True)
def report_codebook_csv(request: HttpRequest, study: Study) -> HttpResponse:
    """What each name of the measures in report.json means; like the other codebook it tells nothing of the answers."""
    text = "".join(stream_csv(CODEBOOK_HEADER, report_codebook_rows()))
    return attach(HttpResponse(text, CSV_TYPE), study, "report-codebook.csv")


@require_safe
@of_study(linked=True)
def report_schema_json(request: HttpRequest, study: Study) -> JsonResponse:
    """The JSON schema of the measures in report.json, for programs that read it."""
    return attach(JsonResponse(report_schema()), study, "report.schema.json")


@require_safe
@of_study(results=True, linked=True)
def report_json(request: HttpRequest, study: Study) -> HttpResponse:
    """Every number of the page, with the names of `manage.py analyse --json`."""
    choice = read_choice(request, study)
    found = find_report(request, study, choice)
    if isinstance(found, HttpResponse):
        return found
    return JsonResponse(plain_report(found, study, choice))


def plain_report(found: Found, study: Study, choice: Choice) -> dict[str, Any]:
    """What stands in report.json, and what the API gives."""
    said = {"study": study.slug, "interim": study.status != Study.Status.CLOSED, "selection": describe_choice(choice)}
    return {**said, **as_plain(found.dated)}


@require_safe
@of_study(results=True, linked=True)
def report_page(request: HttpRequest, study: Study) -> HttpResponse:
    """The report as one self-contained page; ?download=1 saves it."""
    choice = read_choice(request, study)
    found = find_report(request, study, choice)
    if isinstance(found, HttpResponse):
        return found
    text = to_html(_blocks(found, study, choice))
    response = HttpResponse(text)
    response["Content-Security-Policy"] = f"default-src 'none'; style-src '{STYLE_HASH}'; frame-ancestors 'none'"
    return attach(response, study, "report.html") if request.GET.get("download") == "1" else response


@require_safe
@of_study(results=True, linked=True)
def report_pdf(request: HttpRequest, study: Study) -> HttpResponse:
    choice = read_choice(request, study)
    found = find_report(request, study, choice)
    if isinstance(found, HttpResponse):
        return found
    pdf = to_report_pdf(_blocks(found, study, choice), title=f"Results: {study.title}")
    return attach(HttpResponse(pdf, "application/pdf"), study, "report.pdf")


def _blocks(found: Found, study: Study, choice: Choice) -> Iterator[Block]:
    return report_blocks(found.dated, facts_of(study, choice))
