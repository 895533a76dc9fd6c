"""The sections of the results page: what belongs to each, shown where it is opened, each with an address of its own.

All show the same kept report. Without a script a section is a page; the results page fetches it as a fragment
(`?part=1`), or holds it already where its own address names it (`?open=emotions,clips`; `all` for all).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import urlencode
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from survey.analysis.measures import Measured, Table, read_measures
from survey.analysis.reported import AskedPart, Report
from survey.analysis.wording import compares_clips, name_of_rate, say_interval, says_yes_or_no
from survey.exports.media import estimate_media
from survey.figures import Figure, figures_of, tables, to_two_svg
from survey.figures.data import data_table
from survey.figures.distribution import PREFIX, draw_distribution, say_distribution
from survey.figures.figure import first_sentence
from survey.figures.paragraphs import results_paragraphs
from survey.findings import Choice
from survey.findings.chosen import Chosen, count_chosen
from survey.findings.clip_pages import RECOGNISED, ClipFilter, page_of, read_filter
from survey.findings.clips import ORDERS, Clip, clips_of, load_notes
from survey.findings.lesson_tests import find_tests
from survey.findings.picture_lessons import find_picture_tests
from survey.findings.reports import margin_of
from survey.findings.study_facts import describe_choice
from survey.findings.versions import compare_versions, has_versions
from survey.models import Lesson, LessonStudy, Study
from survey.queries.taught import lessons_for
from survey.views.access import Reader, of_study
from survey.views.choices import choice_parts, choice_query, read_choice
from survey.views.waiting import Found, describe_older, find_report

ALL = "all"
REST = "measures"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the results: its name in addresses, its title, what it tells, and the figures and tables it holds.

    A name that ends in ``-`` or ``_`` stands for all that begin so.
    """

    name: str
    title: str
    says: str
    figures: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


SECTIONS = (
    Section("words", "Results in words", "sentences to copy, with what is not certain"),
    Section(
        "cues",
        "Effects of cues",
        "what each cue that was changed on purpose does to the answers, every piece compared with itself",
        ("cue_effects", "cue_ratings"),
        ("cue_effects", "cue_ratings"),
    ),
    Section(
        "pairs",
        "Comparisons",
        "how strong each of those compared is, and which is preferred to which",
        ("strengths",),
        ("strengths", "preferences"),
    ),
    Section(
        "emotions",
        "Emotions",
        "how well each was recognised, what was taken for what, and the clips behind every cell",
        ("sensitivity", "confusion", "emotions", "map"),
        ("detection", "detection-", "accuracy", "confusion", "emotions", "confusions", "bias", "folds"),
    ),
    Section("clips", "Clips", "to play, sort and filter; those that nobody recognised"),
    Section(
        "people",
        "People",
        "how reliable listeners were, and what it changes to leave some out",
        ("widths",),
        ("people", "people-", "raters", "included", "halves", "leaving-out", "rules-", "missing", "missing-"),
    ),
    Section(
        "agreement",
        "Agreement",
        "whether listeners of a clip agree, right or not",
        ("agreement",),
        ("agreement", "categories"),
    ),
    Section(
        "sources",
        "Sources",
        "composers, cells of the design, picture against music, and the first project",
        ("sources",),
        ("conditions", "composers", "by-", "comparisons", "sources"),
    ),
    Section(
        "lens",
        "The lens",
        "what the composer writes into the music for an emotion, what listeners go by, and where the two differ",
        ("lens-",),
        ("lens", "lens-", "lens_"),
    ),
    Section(
        "pictures",
        "The lens of pictures",
        "what pictures of an emotion have, what viewers go by, and where the two differ",
        ("picture-lens-",),
        ("picture_lens", "picture_lens_"),
    ),
    Section(REST, "Further measures", "ratings, confidence, times and models, as far as the study has them"),
    Section("questions", "Other questions", "what else was asked, and how often each answer was given"),
    Section("versions", "Old and new versions", "the same picture and emotion, made anew"),
    Section(
        "taught",
        "What listeners taught",
        "old against new targets or networks, and lessons learned from this study",
    ),
    Section("exports", "Export packs", "all tables in one zip, with files of the stimuli by choice"),
)
ALONE = frozenset({"pairs"})
"""Sections of studies that compare two clips; every other study has none of them."""
ANYWHERE = frozenset({"words", "questions", "exports"})
"""Sections that say something whatever a trial plays."""
BY_NAME = {section.name: section for section in SECTIONS}


def holder_of(name: str, kind: str) -> str:
    """Return the section that holds a figure or a table (`kind` is ``figures`` or ``tables``): one, whatever its name.

    >>> holder_of("map", "figures"), holder_of("by-mode", "tables"), holder_of("times", "tables")
    ('emotions', 'sources', 'measures')
    """
    for section in SECTIONS:
        for own in getattr(section, kind):
            if name == own or (own[-1] in "-_" and name.startswith(own)):
                return section.name
    return REST


class Results:
    """A report with what its sections show; each thing is made when it is first asked for, and once."""

    def __init__(self, request: HttpRequest, study: Study, choice: Choice, found: Found) -> None:
        self.request, self.study, self.choice, self.found = request, study, choice, found
        self.reader: Reader = request.reader  # type: ignore[attr-defined]
        self.report: Report = found.report
        self.query = choice_query(choice)

    @cached_property
    def measured(self) -> Measured:
        return read_measures(self.report)

    @cached_property
    def figures(self) -> list[Figure]:
        return figures_of(self.report, self.measured)

    @cached_property
    def tables(self) -> list[Table]:
        return tables.all_tables(self.report, self.measured)

    @cached_property
    def chosen(self) -> Chosen:
        return count_chosen(self.study, self.choice)

    @cached_property
    def clips(self) -> list[Clip]:
        return clips_of(self.study, self.report, chosen=self.chosen)

    @cached_property
    def filter(self) -> ClipFilter:
        return read_filter(self.request.GET)

    @cached_property
    def others(self) -> Any:
        """Studies that the reader may see, whose versions are compared."""
        return self.reader.studies_beside()

    def has(self, name: str) -> bool:
        """Whether there is anything in a section for this reader."""
        if (name in ALONE) != compares_clips(self.report) and name not in ANYWHERE:
            return False
        asked: dict[str, Callable[[], bool]] = {
            "clips": lambda: bool(self.report.stimuli),
            REST: lambda: bool(self.tables_in(REST) or self.plots_in(REST)),
            "cues": lambda: bool(self.tables_in("cues")),
            "lens": lambda: bool(self.tables_in("lens")),
            "pictures": lambda: bool(self.tables_in("pictures")),
            "people": lambda: bool(self.tables_in("people")),
            "questions": lambda: bool(self.report.asked),
            "versions": lambda: has_versions(self.study, self.others),
            "taught": lambda: self.study.lesson_roles.exists(),
            "exports": lambda: self.reader.may_edit,
        }
        return asked[name]() if name in asked else True

    def plots_in(self, name: str) -> list[str]:
        """Names of the measures' plots in a section, which need not be drawn to know of them."""
        return [plot.name for plot in self.measured.plots if holder_of(plot.name, "figures") == name]

    def figures_in(self, name: str) -> list[Figure]:
        return [figure for figure in self.figures if holder_of(figure.name, "figures") == name]

    def tables_in(self, name: str) -> list[Table]:
        return [table for table in self.tables if holder_of(table.name, "tables") == name]

    @cached_property
    def shown(self) -> list[Section]:
        """The sections that have anything for this reader."""
        return [section for section in SECTIONS if self.has(section.name)]

    @cached_property
    def sections(self) -> list[dict[str, Any]]:
        """Every section with anything in it, open where the address says so."""
        wanted = set(self.request.GET.get("open", "").split(","))
        return [
            {
                "section": section,
                "address": self.address_of(section.name),
                "html": self.write(section.name) if {section.name, ALL} & wanted else "",
            }
            for section in self.shown
        ]

    def write(self, name: str) -> str:
        """A section as the page holds it."""
        context = self.context_of(name)
        return render_to_string(context["template"], context, self.request)

    def address_of(self, name: str, **parts: str) -> str:
        """The address of a section, of the same choice of answers."""
        query = "&".join(text for text in (self.query, urlencode(parts)) if text)
        return f"{self.reader.address('section', name)}{'?' if query else ''}{query}"

    def clips_at(self, key: str) -> str:
        """The address of the clips that marks of a figure stand for."""
        query = "&".join(text for text in (self.query, key, "figures=1") if text)
        return f"{self.reader.address('section', 'clips')}?{query}"

    def context_of(self, name: str) -> dict[str, Any]:
        """What the template of a section needs."""
        makers: dict[str, Callable[[], dict[str, Any]]] = {
            "words": lambda: {"paragraphs": results_paragraphs(self.report, self.measured)},
            "clips": self.clip_context,
            "questions": lambda: {"asked": [self.show_asked(found) for found in self.report.asked or []]},
            "versions": lambda: {"versions": compare_versions(self.study, self.others, margin_of(self.study))},
            "taught": self.taught_context,
            "exports": lambda: {"exports": self.study.exports.all(), "media": estimate_media(self.study)},
        }
        context = makers.get(name, lambda: self.show_measures(name))()
        template = name if name in makers else "shown"
        return {"template": f"survey/results/_section_{template}.html", "name": name, **self.common, **context}

    def taught_context(self) -> dict[str, Any]:
        """Lessons that the study tests, with what it found, and those that it taught."""
        kept = ("lesson__targets", "lesson__base", "lesson__network", "lesson__recalibration")
        roles = self.study.lesson_roles.select_related(*kept)
        tests = [role.lesson for role in roles.filter(role=LessonStudy.Role.TESTS)]
        find = {False: find_tests, True: find_picture_tests}
        # Who tests a lesson, or reads of it, need not know the studies that taught it: no link leads nowhere.
        known = lessons_for(self.reader.user) if self.reader.is_member else Lesson.objects.none()
        return {
            "tested": [(lesson, find[lesson.is_about_pictures](lesson, [self.study])) for lesson in tests],
            "taught": [role.lesson for role in roles.filter(role=LessonStudy.Role.TAUGHT)],
            "may_open": set(known.filter(roles__study=self.study).values_list("pk", flat=True)),
        }

    @cached_property
    def common(self) -> dict[str, Any]:
        """What every section says beside its own."""
        return {
            "study": self.study,
            "query": self.query,
            "report": self.report,
            "interim": self.study.status != Study.Status.CLOSED,
            "rate": name_of_rate(self.report),
            "choice_parts": choice_parts(self.choice),
            "asked": self.filter,
        }

    def show_measures(self, name: str) -> dict[str, Any]:
        return {
            "figures": [self.show_figure(figure) for figure in self.figures_in(name)],
            "tables": self.tables_in(name),
            "seed_study": tables.seed_study(self.report.seed_study) if name == "sources" else None,
        }

    def show_figure(self, figure: Figure) -> dict[str, Any]:
        """A figure that answers, its data as a table, and for the map the clips that lie in it."""
        return {
            "figure": figure,
            "finding": first_sentence(figure.finding),
            "svg": to_two_svg(figure, themed=True, address=self.clips_at),
            "data": data_table(figure),
            "matrix": self.show_matrix() if figure.name == "confusion" else None,
            "places": self.places if figure.name == "map" else None,
            "clips_address": self.clips_at(""),
        }

    def show_matrix(self) -> list[dict[str, Any]]:
        """The confusion matrix as rows of cells, each with the address of its clips."""
        confusion = self.report.confusion
        return [
            {
                "name": row,
                "n": sum(counts),
                "cells": [
                    {
                        "chosen": column,
                        "count": count,
                        "is_intended": row == column,
                        "address": self.clips_at(urlencode({"intended": row, "chosen": column})),
                        "share": count / sum(counts) if counts and sum(counts) else None,
                        "interval": interval,
                        "why": say_interval(None, why) if sum(counts) and interval is None else "",
                    }
                    for column, count in zip(confusion.columns, counts, strict=True)
                    for interval, why in [confusion.interval_of(row, column)]
                ],
            }
            for row, counts in zip(confusion.rows, confusion.counts, strict=True)
        ]

    @property
    def places(self) -> str:
        """Where the clips of the figures lie in the plane, for the script that lets them be chosen."""
        found = (self.chosen.place_of(stimulus) for stimulus in sorted(self.chosen.shown))
        return " ".join(f"{place[0]:.3g},{place[1]:.3g}" for place in found if place)

    def show_asked(self, found: AskedPart) -> dict[str, Any]:
        """A question with its figure, or with a sentence alone where there is nothing to draw."""
        figure = draw_distribution(found)
        return {
            "found": found,
            "name": f"{PREFIX}{found.key}",
            "said": say_distribution(found),
            "drawn": self.show_figure(figure) if figure else None,
        }

    def clip_context(self) -> dict[str, Any]:
        """A page of the clips that the address asks for, with what else may be asked."""
        asked, clips = self.filter, self.clips
        stimuli = [clip.stimulus for clip in clips]
        yes_no = says_yes_or_no(self.report)
        listed = page_of(clips, asked, self.chosen)
        load_notes(listed.clips)
        addresses = {
            place: self.address_of("clips", **asked.as_parts(page=place))
            for place in (listed.page - 1, listed.page + 1)
            if 1 <= place <= listed.pages
        }
        return {
            "listed": listed,
            "interval": self.say_cell(asked),
            "clips": listed.clips,
            "because": self.lenses if any(clip.readings for clip in listed.clips) else [],
            "all_clips": len(clips),
            "sorting": self.clip_columns(asked),
            "before": addresses.get(listed.page - 1),
            "after": addresses.get(listed.page + 1),
            "everything": self.address_of("clips"),
            "whole": self.address_of("clips", **asked.as_parts(page=1)),
            "figures_cell": bool(self.chosen.shown) and len(self.chosen.shown) < len(self.chosen.counts),
            "offered": {
                "intended": sorted({item.emotion for item in stimuli}),
                "chosen": [] if yes_no else self.chosen.choices,
                "composers": sorted({item.composer for item in stimuli if item.composer}),
                "cells": sorted({item.condition.name for item in stimuli}),
                "recognised": RECOGNISED,
            },
            "anew": self.group_unrecognised() if self.reader.may_regenerate else [],
            "anew_address": self.address_of("clips", recognised="anew"),
            "back": self.address_of("clips", **asked.as_parts()),
        }

    @property
    def lenses(self) -> list[tuple[str, str]]:
        """Title and address of the sections that clips have their readings from."""
        shown = [section for section in self.shown if section.name in ("lens", "pictures")]
        return [(section.title[0].lower() + section.title[1:], self.address_of(section.name)) for section in shown]

    def say_cell(self, asked: ClipFilter) -> str:
        """The interval of the cell whose clips are asked for; nothing where others are, or fewer of them."""
        if asked.as_parts(page=1, sort="", direction="").keys() != {"intended", "chosen", "figures"}:
            return ""
        interval, why = self.report.confusion.interval_of(asked.intended, asked.chosen)
        whose = ", for new people and new clips, this cell by itself" if interval else ""
        return f"{say_interval(interval, why)}{whose}"

    def group_unrecognised(self) -> list[dict[str, Any]]:
        """The clips that nobody recognised by composer, since one run has one; each pair's version once."""
        found: dict[str, dict[int, Clip]] = {}
        for clip in self.clips:
            if clip.is_unrecognised:
                found.setdefault(clip.stimulus.composer, {}).setdefault(clip.stimulus.pair_version_id, clip)
        return [{"composer": name, "clips": list(clips.values())} for name, clips in sorted(found.items())]

    def clip_columns(self, asked: ClipFilter) -> dict[str, dict[str, str]]:
        """For every sortable column the address that sorts by it, and how it is sorted now."""
        columns = {}
        for name in (*ORDERS, "chosen"):
            is_own = name == asked.order
            turned = "up" if asked.descending else "down"
            direction = turned if is_own else "down" if name == "chosen" else ""
            state = ("descending" if asked.descending else "ascending") if is_own else "none"
            query = asked.as_parts(sort=name, direction=direction, page=1)
            columns[name] = {"address": self.address_of("clips", **query), "state": state}
        return columns


def open_names(sections: Iterable[dict[str, Any]]) -> str:
    """Return the open sections as an address writes them."""
    return ",".join(one["section"].name for one in sections if one["html"])


@gzip_page
@require_safe
@of_study(results=True, linked=True)
def section(request: HttpRequest, study: Study, name: str) -> HttpResponse:
    """One section as a page; `?part=1` is its inside alone, `?part=panel` of clips a short list of them."""
    if name not in BY_NAME:
        raise Http404
    choice = read_choice(request, study)
    found = find_report(request, study, choice)
    if isinstance(found, HttpResponse):
        return found
    results = Results(request, study, choice, found)
    if BY_NAME[name] not in results.shown:
        raise Http404
    part = request.GET.get("part", "")
    if part == "panel" and name == "clips":
        return _alone(render(request, "survey/results/_clips_panel.html", results.context_of(name)))
    if part:
        return _alone(HttpResponse(results.write(name)))
    context = {
        "study": study,
        "query": results.query,
        "report": found.report,
        "interim": study.status != Study.Status.CLOSED,
        "older": describe_older(found, study),
        "section": BY_NAME[name],
        "html": results.write(name),
        "sections": list_sections(results),
        "choice_said": describe_choice(choice),
    }
    return render(request, "survey/results/section.html", context)


def list_sections(results: Results) -> list[dict[str, str]]:
    """Title and address of every section, for the way from one to the next."""
    return [{"name": one.name, "title": one.title, "address": results.address_of(one.name)} for one in results.shown]


def _alone(response: HttpResponse) -> HttpResponse:
    """A fragment: nothing of it is kept as if it were the page."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
