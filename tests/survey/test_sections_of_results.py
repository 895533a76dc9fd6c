"""The sections of the results page: all that was on it, on demand; clips a page at a time, and those behind a cell."""

from __future__ import annotations

import gzip
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from generation.emotions import get_emotion
from survey import actions
from survey.analysis.wording import shares
from survey.figures import figures_of, tables
from survey.findings import Choice, report_of
from survey.findings.chosen import Chosen, count_chosen
from survey.findings.clip_pages import PER_PAGE, RECOGNISED, ClipFilter, page_of, read_filter
from survey.findings.clips import clips_of
from survey.models import Participant
from survey.views.sections import BY_NAME, SECTIONS, holder_of
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.rich_study import make_rich_study, make_yes_no_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def study(media):
    """Forty clips by two composers, of which awe is taken for fear by everybody."""
    versions = make_versions(20, composer="muse") + make_versions(20, composer="paper", first=40)
    study = make_study(versions=versions, clips_per_participant=40)
    actions.open_results(study=study, by=study.owner)
    answer_study(study, people=6, choose=lambda _, s, __: "fear" if s.emotion == "awe" else None)
    return study


def log_in(user):
    client = Client()
    client.force_login(user)
    return client


def get(study, name, query=""):
    return log_in(study.owner).get(f"/results/{study.slug}/sections/{name}/{query}")


def text_of(study, name, query=""):
    response = get(study, name, query)
    assert response.status_code == 200
    return response.content.decode()


def listed(study, query=""):
    """Ids of the clips in the table, in its order; the dialog above it names clips as well."""
    text = text_of(study, "clips", f"{query}{'&' if query else '?'}part=1")
    return re.findall(r"<code>(\w{8})</code>", text.rpartition("</dialog>")[2])


@pytest.mark.parametrize("make", [make_rich_study, make_yes_no_study])
def test_every_figure_and_table_is_in_one_section_and_on_its_page(make, media):
    study = make()
    report = report_of(study)
    wanted = {f'id="figure-{figure.name}"' for figure in figures_of(report)}
    wanted |= {f'id="table-{table.name}"' for table in tables.all_tables(report)}
    pages = {name: get(study, name) for name in BY_NAME}
    texts = {name: page.content.decode() for name, page in pages.items() if page.status_code == 200}
    assert {one: sum(one in text for text in texts.values()) for one in wanted} == dict.fromkeys(wanted, 1)
    whole = log_in(study.owner).get(f"/results/{study.slug}/?open=all").content.decode()
    assert all(one in whole for one in wanted)


def test_a_measure_that_no_section_names_is_shown_among_the_further_ones():
    assert holder_of("brought-by-a-plug-in", "figures") == holder_of("brought-by-a-plug-in", "tables") == "measures"
    named = [name for section in SECTIONS for name in section.tables]
    assert len(named) == len(set(named))


def test_the_page_holds_what_the_plan_asked_and_sections_by_address_alone(study):
    page = log_in(study.owner).get(f"/results/{study.slug}/").content.decode()
    assert page.index('id="primary"') < page.index('id="exploratory"') < page.index('data-section="words"')
    for section in ("words", "emotions", "clips", "people", "agreement", "sources", "exports"):
        assert f'href="{reverse("results_section", args=[study.slug, section])}"' in page
    assert "<svg" not in page
    assert "<audio" not in page
    assert len(page) < 40_000


def test_the_address_of_the_page_opens_sections_without_a_script(study):
    page = log_in(study.owner).get(f"/results/{study.slug}/?open=agreement,clips&intended=fear&people=included")
    text = page.content.decode()
    assert re.findall(r'data-section="(\w+)"[^>]* open data-filled', text) == ["clips", "agreement"]
    assert 'value="clips,agreement" data-open-names' in text
    assert "<option selected>fear</option>" in text
    assert f'"{reverse("results_section", args=[study.slug, "words"])}?people=included"' in text


def test_a_section_is_a_page_and_a_fragment_of_the_same(study):
    page, part = text_of(study, "agreement"), text_of(study, "agreement", "?part=1")
    assert part.strip() in page
    assert "<html" in page
    assert "<html" not in part
    assert get(study, "agreement", "?part=1")["Cache-Control"] == "no-store"
    assert "Of a part of the answers: included listeners only." in text_of(study, "agreement", "?people=included")


def test_sections_obey_the_rules_of_the_results(study):
    address = f"/results/{study.slug}/sections/"
    assert Client().get(f"{address}clips/").status_code == 302
    assert log_in(make_researcher("stranger")).get(f"{address}clips/?part=1").status_code == 404
    assert get(study, "nonsense").status_code == 404
    assert get(study, "versions").status_code == 404  # no pair was heard in two
    viewer = make_researcher("viewer")
    actions.share(study=study, user=viewer, role="viewer", by=study.owner)
    assert log_in(viewer).get(f"{address}clips/?part=panel").status_code == 200
    assert log_in(viewer).get(f"{address}exports/").status_code == 404
    hidden = make_study(by=study.owner)
    assert get(hidden, "clips", "?part=1").status_code == 403


def test_what_was_chosen_for_clips_adds_up_to_the_matrix(study):
    report, chosen = report_of(study), count_chosen(study, Choice())
    clips = clips_of(study, report, chosen=chosen)
    assert len(clips) == 40
    for row, counts in zip(report.confusion.rows, report.confusion.counts, strict=True):
        for column, count in zip(report.confusion.columns, counts, strict=True):
            asked = ClipFilter(intended=row, chosen=column, figures=True)
            found = page_of(clips, asked, chosen)
            assert (found.answers, found.of) == (count, sum(counts)), (row, column)
    for clip in clips:
        assert sum(clip.chosen.values()) == clip.found.n
        assert clip.times(clip.stimulus.emotion) == clip.found.hits


def test_every_cell_says_its_interval_in_label_table_data_and_beside_its_clips(study):
    """Nobody took fear for awe, and everybody awe for fear."""
    page, confusion = text_of(study, "emotions"), report_of(study).confusion
    figure = next(one for one in figures_of(report_of(study)) if one.name == "confusion")
    told = {one.said for one in figure.drawing.told}
    data = {row[:2]: row[4:] for row in figure.rows}
    assert len(data) == len(told) == 8 * 9
    for row in confusion.rows:
        for column in confusion.columns:
            interval, why = confusion.interval_of(row, column)
            assert (data[row, column], why) == ((*interval, None), "")
            assert any(one.startswith(f"{row} → {column}: ") and shares(interval) in one for one in told)
            assert f'<span class="small">{shares(interval)}</span>' in page
    said = shares(confusion.interval_of("awe", "fear")[0])
    panel = text_of(study, "clips", "?intended=awe&chosen=fear&figures=1&part=panel")
    assert f'interval <span class="unbroken">{said}</span>, for new people and new clips, this cell by itself' in panel
    for other in ("intended=awe&chosen=fear", "intended=awe&chosen=fear&figures=1&title=a", "intended=awe&figures=1"):
        assert "data-cell-interval" not in text_of(study, "clips", f"?{other}&part=panel")
    assert "each for its cell by itself and not for all at once" in figure.caption


def test_a_cell_without_an_interval_says_why(media):
    study = make_study(versions=make_versions(8), clips_per_participant=8)
    actions.open_results(study=study, by=study.owner)
    answer_study(study, people=3)
    why = "no interval: one clip per emotion says nothing about new clips"
    page, report = text_of(study, "emotions"), report_of(study)
    assert page.count(f'title="{why}">–</span>') == 8 * 9
    assert f"; {why})</title>" in page
    chosen = next(name for name, n in zip(report.confusion.columns, report.confusion.counts[0], strict=True) if n)
    cell = f"?intended={report.confusion.rows[0]}&chosen={chosen}&figures=1&part=panel"
    assert f"of them; {why}." in text_of(study, "clips", cell)
    figure = next(one for one in figures_of(report) if one.name == "confusion")
    assert {row[4:] for row in figure.rows} == {(None, None, why.replace("no interval", "not defined"))}
    assert "by itself" not in figure.caption


def test_the_clips_of_a_cell_are_those_of_the_cell_that_the_figures_are_about(media):
    cells = {"matched": 1.0, "mismatched": 1.0}
    study = make_study(versions=make_versions(16), cells=cells, clips_per_participant=16)
    answer_study(study, people=6)
    actions.close(study=study, by=study.owner)
    report, chosen = report_of(study), count_chosen(study, Choice())
    clips = clips_of(study, report, chosen=chosen)
    found = page_of(clips, ClipFilter(intended="fear", chosen="fear", figures=True), chosen)
    place = report.confusion.rows.index("fear")
    assert (found.answers, found.of) == (report.confusion.counts[place][place], sum(report.confusion.counts[place]))
    assert {clip.stimulus.condition.presented for clip in found.clips} == {report.cell} == {"matched"}
    everywhere = page_of(clips, ClipFilter(intended="fear", chosen="fear"), chosen)
    assert everywhere.of > found.of
    assert "Only the cell of the figures" in text_of(study, "clips")


def test_what_was_chosen_is_counted_anew_when_answers_or_people_change(study):
    first = count_chosen(study, Choice())
    people = answer_study(study, people=1, seed=5)
    assert sum(map(sum, count_chosen(study, Choice()).counts.values())) == sum(map(sum, first.counts.values())) + 40
    Participant.objects.filter(pk=people[0].pk).update(included=False, verdict=["gold"])
    assert count_chosen(study, Choice(included_only=True)) == first
    actions.withdraw(participant=people[0], by=None)
    assert count_chosen(study, Choice()) == first


def test_a_kept_count_costs_few_queries(study, django_assert_max_num_queries):
    count_chosen(study, Choice())
    with django_assert_max_num_queries(6):
        count_chosen(study, Choice())


def test_a_place_in_the_plane_is_the_mean_of_what_was_chosen_without_none(study):
    chosen = count_chosen(study, Choice())
    awe = next(clip for clip in clips_of(study, report_of(study), chosen=chosen) if clip.stimulus.emotion == "awe")
    fear = get_emotion("fear")
    assert chosen.place_of(awe.found.stimulus) == pytest.approx((fear.valence, fear.arousal))
    assert type(chosen)(["none"], {"x": [3]}).place_of("x") is None


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("?intended=awe", lambda clip: clip.stimulus.emotion == "awe"),
        ("?chosen=joy", lambda clip: False),
        ("?intended=awe&chosen=fear", lambda clip: clip.stimulus.emotion == "awe"),
        (
            "?clip_composer=paper&intended=fear",
            lambda c: (c.stimulus.composer, c.stimulus.emotion) == ("paper", "fear"),
        ),
        ("?recognised=yes&intended=fear", lambda clip: clip.above_chance and clip.stimulus.emotion == "fear"),
        ("?recognised=no&intended=fear", lambda clip: not clip.above_chance and clip.stimulus.emotion == "fear"),
        ("?recognised=anew", lambda clip: clip.is_unrecognised),
        ("?recognised=nonsense&intended=awe", lambda clip: clip.stimulus.emotion == "awe"),
    ],
)
def test_clips_can_be_filtered(study, query, kept):
    clips = clips_of(study, report_of(study), chosen=count_chosen(study, Choice()))
    expected = {clip.found.stimulus[:8] for clip in clips if kept(clip)}
    assert len(expected) <= PER_PAGE
    assert set(listed(study, query)) == expected


def test_titles_are_searched_whatever_their_case(study):
    picture = study.stimuli.first().pair_version.pair.image
    type(picture).objects.filter(pk=picture.pk).update(title="A Windmill at Dusk")
    wanted = {str(item.public_id)[:8] for item in study.stimuli.filter(pair_version__pair__image=picture)}
    assert set(listed(study, "?title=windMILL")) == wanted
    assert listed(study, "?title=%25") == []
    assert "No clip is like that" in text_of(study, "clips", "?title=nothing+of+the+kind")


def test_pages_hold_twenty_five_clips_and_together_each_once(study):
    assert PER_PAGE == 25
    pages = [listed(study, f"?sort=intended&page={number}") for number in (1, 2)]
    assert [len(page) for page in pages] == [25, 15]
    assert len({*pages[0], *pages[1]}) == 40
    assert listed(study, "?sort=intended&page=99") == pages[1]
    assert listed(study, "?sort=intended&page=-1") == pages[0]
    text = text_of(study, "clips", "?sort=intended&page=2&intended=")
    assert "26–40 of 40 clips" in text
    assert f'href="{reverse("results_section", args=[study.slug, "clips"])}?sort=intended"' in text


def test_clips_that_chose_an_answer_come_by_how_often_and_every_column_sorts(study):
    clips = {
        one.found.stimulus[:8]: one for one in clips_of(study, report_of(study), chosen=count_chosen(study, Choice()))
    }
    counts = [clips[code].times("fear") for code in listed(study, "?chosen=fear")]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 6
    rates = [clips[code].found.hit_rate for code in listed(study, "?sort=hit_rate&direction=down")]
    assert rates == sorted(rates, reverse=True)
    text = text_of(study, "clips", "?chosen=fear&part=1")
    assert re.search(r'aria-sort="descending"><a href="[^"]*direction=up[^"]*"[^>]*>fear', text)
    assert "sort=chosen" not in read_filter({"sort": "chosen"}).as_parts()


def test_a_rectangle_in_the_plane_keeps_the_clips_that_lie_in_it(study):
    chosen = count_chosen(study, Choice())
    inside = {name[:8] for name in chosen.shown if (p := chosen.place_of(name)) and p[0] <= -0.3 and p[1] >= 0.2}
    assert 0 < len(inside) <= PER_PAGE
    assert set(listed(study, "?valence_to=-0.3&arousal_from=0.2")) == inside
    assert "Clips in this part of the plane" in text_of(study, "clips", "?part=panel&valence_to=-0.3")


@pytest.mark.parametrize("bad", ["valence_from=inf", "valence_from=x", "arousal_to=nan", "page=²", "page=9999999999"])
def test_what_makes_no_sense_asks_for_nothing(study, bad):
    assert listed(study, f"?{bad}&sort=nn&direction=sideways") == listed(study)


def test_the_panel_names_the_count_of_the_cell_and_of_every_clip(study):
    text = text_of(study, "clips", "?intended=awe&chosen=fear&figures=1&part=panel")
    assert "awe → fear: 36 of 36 answers" in text
    assert text.count("<strong>6 of 6 answers</strong>") == text.count('<audio controls preload="none"') == 6
    assert "<html" not in text


def test_every_cell_that_counts_anything_leads_to_its_clips(study):
    text = text_of(study, "emotions", "?people=included&part=1")
    matrix = report_of(study, Choice(included_only=True)).confusion
    counted = sum(count > 0 for counts in matrix.counts for count in counts)
    links = re.findall(r'<a class="mark" href="([^"]+)"', text)
    assert len(links) == 2 * counted  # for a page and for a phone
    assert len(re.findall(r" data-cell ", text)) == counted
    address = reverse("results_section", args=[study.slug, "clips"])
    assert f"{address}?people=included&amp;intended=awe&amp;chosen=fear&amp;figures=1" in links
    assert "awe → fear: 36 of 36 answers (100 %" in text


def test_all_that_nobody_recognised_are_named_by_composer_once(study):
    study.owner.user_permissions.add(Permission.objects.get(codename="add_generationrun"))
    text = text_of(study, "clips", "?part=1")
    clips = [one for one in clips_of(study, report_of(study)) if one.is_unrecognised]
    assert {one.stimulus.emotion for one in clips} == {"awe"}
    forms = re.findall(r"<form[^>]*data-anew-form>(.*?)</form>", text, re.DOTALL)
    assert len(forms) == 2
    for form, composer in zip(forms, ("muse", "paper"), strict=True):
        named = {str(one.stimulus.pair_version.public_id) for one in clips if one.stimulus.composer == composer}
        assert set(re.findall(r'name="version" value="([^"]+)"', form)) == named
        assert f"Regenerate these {len(named)} by {composer}" in form
    assert set(RECOGNISED) == {"yes", "no", "anew"}


def test_a_yes_no_study_lists_clips_without_cells_of_a_matrix(media):
    study = make_yes_no_study()
    text = text_of(study, "clips")
    assert "Yes to targets" in text
    assert 'name="chosen"' not in text
    assert 'class="mark" href' not in text_of(study, "emotions")


def test_a_side_of_the_rectangle_at_nought_stays_in_every_address():
    asked = read_filter({"valence_from": "0", "arousal_to": "0", "page": "2"})
    assert (asked.valence_from, asked.arousal_to) == (0.0, 0.0)
    assert asked.as_parts(page=3) == {"valence_from": "0", "arousal_to": "0", "page": "3"}


def test_of_several_who_ask_at_once_one_counts(settings, monkeypatch):
    local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "counted-once"}
    settings.CACHES = {**settings.CACHES, "reports": local}
    counted = []

    def count(*_):
        counted.append("once")
        time.sleep(0.3)  # while it counts, the others ask
        return Chosen(choices=["awe"], counts={"clip": [2]})

    monkeypatch.setattr("survey.findings.chosen.key_of", lambda *_: "report:asked-at-once")
    monkeypatch.setattr("survey.findings.chosen._count", count)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: count_chosen(None, Choice()), range(4)))
    assert [one.counts for one in found] == [{"clip": [2]}] * 4
    assert counted == ["once"]


@pytest.mark.parametrize("address", ["?open=emotions", "sections/emotions/?part=1"])
def test_what_is_large_is_sent_packed_to_whoever_reads_that(study, address):
    client, page = log_in(study.owner), f"/results/{study.slug}/{address}"
    plain = client.get(page)
    packed = client.get(page, headers={"Accept-Encoding": "gzip"})
    assert (plain.get("Content-Encoding"), packed["Content-Encoding"]) == (None, "gzip")
    assert "Accept-Encoding" in packed["Vary"]
    assert len(packed.content) < len(plain.content) / 4
    assert "svg" in gzip.decompress(packed.content).decode()


@pytest.mark.parametrize("address", ["?part=1", "?part=panel&intended=awe&chosen=awe"])
def test_players_show_the_piano_roll_of_what_they_play(media, address):
    study = make_study(versions=make_versions(8, notes=[[0.0, 1.0, 60, 80, "right"]]))
    actions.open_results(study=study, by=study.owner)
    answer_study(study, people=2, choose=lambda _, s, __: s.emotion)
    page = text_of(study, "clips", address)
    assert page.count('class="small-roll"') == page.count("<audio") > 0
