"""The results page: who sees it, what it says, and that every number is the analysis' own."""

from __future__ import annotations

import csv
import html
import io
import json
import re

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from django.urls import reverse

from survey import actions
from survey.analysis import as_plain
from survey.analysis.measures import Measure, all_measures, plot_names, read_measures
from survey.analysis.wording import points
from survey.figures import figures_of
from survey.figures.paragraphs import results_paragraphs
from survey.figures.unbroken import unbroken
from survey.findings import report_of
from survey.findings.clips import clips_of
from survey.findings.columns import Choice, read_ratings
from survey.findings.reports import margin_of
from survey.findings.versions import compare_versions
from survey.models import AuditEntry, Participant, Response, Study
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.rich_study import make_rich_study, make_yes_no_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def study(media):
    return opened(make_study())


def opened(study):
    """Results of a running study can be seen once somebody has opened them."""
    actions.open_results(study=study, by=study.owner)
    return study


def log_in(user):
    client = Client()
    client.force_login(user)
    return client


def page_of(study, query=""):
    response = log_in(study.owner).get(f"/results/{study.slug}/{query or '?open=all'}")
    assert response.status_code == 200
    return response.content.decode()


def test_a_study_without_answers_has_a_page_with_reasons(study):
    page = page_of(study)
    assert "There are no answers yet." in page
    assert "not defined: there are no answers" in page
    assert not re.search(r"\bnan\b", page, re.IGNORECASE)


def test_numbers_on_the_page_are_those_of_the_analysis(study):
    answer_study(study, people=6)
    page = page_of(study)
    accuracy = report_of(study)["accuracy"]
    assert f"{accuracy['hits']} hits in 48 answers" in page
    for text in ("Fleiss κ", "Krippendorff α", "Gwet AC1", "Brennan–Prediger", "11 of 18", "38.6–79.7 %"):
        assert text in page


@pytest.mark.parametrize("people", [1, 2])
def test_very_few_answers_are_no_error(study, people):
    answer_study(study, people=people, each=1)
    assert "isteners picked the intended emotion" in page_of(study)


def test_identical_answers_are_no_error(study):
    answer_study(study, people=4, choose=lambda *_: "fear")
    assert "not defined: all answers identical" in page_of(study)


def test_strangers_log_in_and_other_researchers_find_nothing(study):
    address = f"/results/{study.slug}/"
    assert Client().get(address).status_code == 302
    stranger = log_in(make_researcher("stranger"))
    for path in ("", "responses.csv", "codebook.csv", "report.json", "figures/confusion.svg"):
        assert stranger.get(address + path).status_code == 404


def test_members_and_administrators_see_the_results(study):
    viewer, admin = make_researcher("viewer"), make_researcher("root", is_superuser=True)
    actions.share(study=study, user=viewer, role="viewer", by=study.owner)
    for user in (viewer, admin):
        assert log_in(user).get(f"/results/{study.slug}/").status_code == 200


def test_withdrawn_people_previews_and_bots_are_in_no_table(study):
    answer_study(study, people=4)
    answer_study(study, people=3, kind=Participant.Kind.PREVIEW, seed=1)
    answer_study(study, people=3, kind=Participant.Kind.BOT, seed=2)
    gone = answer_study(study, people=1, seed=3)[0]
    before = report_of(study)["n"]
    actions.withdraw(participant=gone, by=None)
    assert (before["participants"], report_of(study)["n"]["participants"]) == (5, 4)
    text = b"".join(log_in(study.owner).get(f"/results/{study.slug}/responses.csv").streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["participant"] for row in rows} == set(read_ratings(study).participants)
    assert len(rows) == 32


def test_the_page_says_interim_until_the_study_is_closed(study):
    answer_study(study, people=3)
    assert "<strong>Interim.</strong>" in page_of(study)
    actions.close(study=study, by=study.owner)
    page = page_of(study)
    assert "Interim" not in page
    assert "Precision as answers came in" in page


def test_opening_the_results_of_a_running_study_is_recorded_once(study):
    page_of(study)
    opened(study)
    assert AuditEntry.objects.filter(study=study, action="open_results").count() == 1


def test_a_new_answer_changes_the_kept_report(study):
    answer_study(study, people=2)
    first = report_of(study)["n"]["responses"]
    answer_study(study, people=1, seed=9)
    assert (first, report_of(study)["n"]["responses"]) == (16, 24)


def test_a_kept_report_costs_few_queries(study, django_assert_max_num_queries):
    answer_study(study, people=3)
    report_of(study)
    with django_assert_max_num_queries(5):
        report_of(study)


def test_a_verdict_changes_the_kept_report(study):
    people = answer_study(study, people=3)
    assert report_of(study)["included_only"] is None
    Participant.objects.filter(pk=people[0].pk).update(included=False, verdict=["gold"])
    report = report_of(study)
    assert report["included_only"]["n"]["participants"] == 2
    assert report_of(study, Choice(included_only=True))["accuracy"] | {
        "permutation": 0,
        "bootstrap": 0,
        "reasons": 0,
    } == (report["included_only"]["accuracy"] | {"permutation": 0, "bootstrap": 0, "reasons": 0})


def test_filters_are_in_the_address(media):
    versions = make_versions(8, composer="muse") + make_versions(8, composer="paper", first=40)
    study = opened(make_study(versions=versions))
    answer_study(study, people=4)
    page = page_of(study, "?composer=muse")
    assert "composer=muse" in page
    assert report_of(study, Choice(composer="muse"))["n"]["responses"] == 32
    assert page_of(study, "?composer=nonsense&sort=nonsense&cell=nonsense") != page


def test_composers_are_compared(media):
    versions = make_versions(8, composer="muse") + make_versions(8, composer="paper", first=40)
    study = opened(make_study(versions=versions))
    answer_study(study, people=8, choose=lambda _, s, __: s.emotion if s.composer == "muse" else None, hit=0.3)
    comparison = next(c for c in report_of(study)["comparisons"] if c["factor"] == "composer")
    assert {comparison["a"], comparison["b"]} == {"muse", "paper"}
    assert "p (Holm)" in page_of(study)


def test_picture_and_music_are_separated(media):
    cells = {"matched": 1.0, "mismatched": 1.0}
    study = opened(make_study(versions=make_versions(16), cells=cells))
    answer_study(study, people=12, choose=lambda _, s, __: s.picture_emotion)
    effects = report_of(study)["picture_music"]
    assert (effects["music"]["difference"], effects["picture"]["difference"]) == pytest.approx((0.0, 1.0))
    assert ">Picture<" in page_of(study)


def test_csv_is_the_long_form_in_utc_with_a_codebook(study):
    answer_study(study, people=3)
    client = log_in(study.owner)
    response = client.get(f"/results/{study.slug}/responses.csv")
    assert (response.streaming, response["Content-Type"]) == (True, "text/csv; charset=utf-8")
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert len(rows) == 24
    assert list(rows[0])[:4] == ["participant", "stimulus", "intended", "chosen"]
    assert rows[0]["answered_at"].endswith("Z")
    codebook = csv.DictReader(io.StringIO(client.get(f"/results/{study.slug}/codebook.csv").content.decode()))
    assert [row["name"] for row in codebook] == list(rows[0])


def flatten(value, path=""):
    """Numbers and texts of nested data by their path."""
    if isinstance(value, dict):
        return {key: item for name, part in value.items() for key, item in flatten(part, f"{path}/{name}").items()}
    if isinstance(value, list):
        return flatten(dict(enumerate(value)), path)
    return {path: value}


def test_csv_and_page_give_the_same_numbers(study, tmp_path, capsys):
    answer_study(study, people=5)
    path = tmp_path / "answers.csv"
    text = b"".join(log_in(study.owner).get(f"/results/{study.slug}/responses.csv").streaming_content)
    path.write_bytes(text)
    call_command("analyse", str(path), "--none", "none", "--json", "--seed", "2024")
    from_csv, from_page = json.loads(capsys.readouterr().out), as_plain(report_of(study))
    for name in ("n", "accuracy", "emotions", "agreement", "picture_music"):
        assert flatten(from_csv[name]) == pytest.approx(flatten(from_page[name]))
    # a matrix is the same whatever the order of its names
    assert sorted(from_csv["choices"]) == sorted(from_page["choices"])


def test_a_mark_for_spreadsheets_on_request(study):
    blocks = log_in(study.owner).get(f"/results/{study.slug}/responses.csv?bom=1").streaming_content
    assert b"".join(blocks).startswith(b"\xef\xbb\xbfparticipant,")


@pytest.mark.parametrize(
    ("extension", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("csv", b"intended,")]
)
def test_every_figure_can_be_taken_along(study, extension, start):
    answer_study(study, people=3)
    response = log_in(study.owner).get(f"/results/{study.slug}/figures/confusion.{extension}")
    assert (response.status_code, response.content[: len(start)]) == (200, start)


def test_figures_without_data_do_not_exist(study):
    assert log_in(study.owner).get(f"/results/{study.slug}/figures/confusion.svg").status_code == 404
    assert log_in(study.owner).get(f"/results/{study.slug}/figures/nothing.svg").status_code == 404


def test_figures_say_their_finding_to_those_who_cannot_see_them(study):
    answer_study(study, people=3)
    page = page_of(study)
    figures = page.count('<svg xmlns="http://www.w3.org/2000/svg"')
    assert page.count("<desc") == figures >= 4
    assert page.count('class="mark"') == page.count("<title>") - 1 > 100  # the page has one of its own
    assert " style=" not in page


def test_an_unrecognised_clip_is_offered_for_regeneration(study):
    answer_study(study, people=9, choose=lambda _, s, __: "fear" if s.emotion == "awe" else s.emotion)
    unrecognised = [clip for clip in clips_of(study, report_of(study)) if clip.is_unrecognised]
    assert [clip.stimulus.emotion for clip in unrecognised] == ["awe"]
    study.owner.user_permissions.add(Permission.objects.get(codename="add_generationrun"))
    page = page_of(study)
    assert f'action="{reverse("pairs_regenerate")}"' in page
    assert str(unrecognised[0].stimulus.pair_version.public_id) in page


def test_old_and_new_versions_stand_side_by_side(media):
    old = opened(make_study(versions=make_versions(8)))
    answer_study(old, people=6, choose=lambda *_: "fear")
    new = opened(make_study(versions=make_versions(8), by=old.owner))
    answer_study(new, people=6, choose=lambda _, s, __: s.emotion)
    page = page_of(new)
    assert "Old and new versions" in page
    assert "0 of 6" in page
    assert "6 of 6" in page


def test_versions_heard_in_different_studies_have_a_warning_and_no_test(media):
    """What scored low by chance scores higher the next time: the old answers are those the clips were chosen by."""
    old = make_study(versions=make_versions(8))
    answer_study(old, people=8, hit=0.3, seed=1)
    new = make_study(versions=make_versions(8), by=old.owner)
    answer_study(new, people=8, hit=0.7, seed=2)
    found = compare_versions(new, [old, new])
    assert found.together is None
    assert {(pair.fresh, pair.interval, pair.p_value, pair.p_holm) for pair in found.pairs} == {
        (False, None, None, None)
    }
    opened(old)
    assert "Do not read an improvement" in page_of(opened(new))


def draw_both(seed, hit_of):
    """One study that plays both versions of eight pairs; a hit with the version's own probability."""
    study = make_study(versions=[*make_versions(8), *make_versions(8)])
    answer_study(
        study,
        people=10,
        seed=seed,
        choose=lambda _, s, dice: s.emotion if dice.random() < hit_of(s.pair_version) else "none",
    )
    return study


def test_versions_played_in_one_study_are_compared_within_pairs_and_then_averaged(media):
    study = draw_both(1, lambda version: 0.3 if version.number == 1 else 0.8)
    study.analysis_plan = {"margin": 0.2}
    found = compare_versions(study, [study], margin_of(study))
    differences = []
    for pair in found.pairs:
        rates = []
        for heard in (pair.old, pair.new):
            answers = Response.objects.filter(trial__stimulus__pair_version__public_id=heard.public_id)
            hits = answers.filter(choice__slug=F("trial__stimulus__emotion")).count()
            assert (heard.hits, heard.n) == (hits, answers.count())
            rates.append(hits / answers.count())
        differences.append(rates[1] - rates[0])
    together = found.together
    assert together.difference == pytest.approx(sum(differences) / 8)
    assert (together.margin, together.degrees <= 17, together.p_value < 0.01) == (0.2, True, True)
    tested = sorted(pair.p_value for pair in found.pairs if pair.p_value is not None)
    assert min(pair.p_holm for pair in found.pairs if pair.p_holm is not None) == pytest.approx(len(tested) * tested[0])
    page = page_of(opened(study))
    assert f"<strong>{points(together.difference)} points</strong>" in page
    assert "Do not read an improvement" not in page


def test_fresh_answers_alone_count_where_a_pair_was_also_heard_before(media):
    """The old version did badly in its own study, and as well as the new one where both were played."""
    first = make_study(versions=make_versions(8))
    answer_study(first, people=20, choose=lambda *_: "none")
    both = make_study(versions=[*first_versions(first), *make_versions(8)], by=first.owner)
    answer_study(both, people=8, choose=lambda _, s, __: s.emotion)
    found = compare_versions(both, [first, both])
    assert [(pair.old.hits, pair.fresh) for pair in found.pairs] == [(pair.old.n, True) for pair in found.pairs]
    assert found.together.difference == 0.0


def test_answers_of_several_studies_are_added_up_and_the_page_says_so(media):
    """Three people hear both versions in the one study, and three more in the other."""
    first = draw_both(1, lambda version: 0.5)
    versions = [item.pair_version for item in first.stimuli.order_by("pk")]
    second = make_study(versions=versions, by=first.owner)
    answer_study(second, people=6, choose=lambda _, s, __: s.emotion)
    alone = compare_versions(second, [second])
    assert {pair.studies for pair in alone.pairs} == {1}
    assert not alone.has_pooled
    together = compare_versions(second, [first, second])
    assert {pair.studies for pair in together.pairs} == {2}
    assert together.has_pooled
    assert sum(pair.old.n + pair.new.n for pair in together.pairs) == Response.objects.counted().count()
    opened(first)
    page = page_of(opened(second))
    assert "<td>2 studies</td>" in page
    assert "<td>one study</td>" not in page
    assert "Answers are of every study that you may see and that plays both versions, added up" in page


def first_versions(study):
    return [item.pair_version for item in study.stimuli.order_by("pk")]


def test_pairs_of_unequal_size_do_not_make_a_difference(media):
    """Simpson: within each pair old and new are alike, but the hard pairs' new versions got most answers."""
    study = draw_both(3, lambda version: 1.0 if version.pair_id % 2 else 0.0)
    hard = Response.objects.filter(trial__stimulus__pair_version__number=1)
    pks = [
        r.pk
        for r in hard.select_related("trial__stimulus__pair_version")
        if r.trial.stimulus.pair_version.pair_id % 2 == 0
    ]
    Response.objects.filter(pk__in=pks[: len(pks) // 2]).delete()
    assert compare_versions(study, [study]).together.difference == 0.0


def test_yes_and_no_can_be_compared_with_the_seed_study(media):
    study = opened(make_study(mode=Study.Mode.YES_NO, lures="none"))
    for person in answer_study(study, people=9, choose=lambda p, s, g: g.choice(["yes", "no"])):
        for trial in person.trials.select_related("stimulus"):
            person.trials.filter(pk=trial.pk).update(asked_emotion=trial.stimulus.emotion)
    report = report_of(study)
    assert (report["choices"], report["accuracy"]["chance"]) == (["yes", "no"], 0.5)
    assert report["seed_study"]["difference"] is not None
    assert "Beside the first project" in page_of(study)


def test_every_figure_of_a_study_with_everything_is_offered_as_files_that_exist(media):
    study = make_rich_study()
    page, figures = page_of(study), figures_of(report_of(study))
    client = log_in(study.owner)
    assert {figure.name for figure in figures} > {"confusion", "rated_valence", "rated_arousal", "confidence"}
    for figure in figures:
        for extension in ("svg", "csv"):
            address = f"/results/{study.slug}/figures/{figure.name}.{extension}"
            assert f'href="{address}"' in page
            assert client.get(address).status_code == 200, address


def test_an_address_of_no_figure_is_not_found_before_anything_is_computed(study, monkeypatch):
    client, computed = log_in(study.owner), []
    monkeypatch.setattr("survey.findings.reports.compute_report", lambda *given: computed.append(given))
    for name in ("secrets", "Confusion", "rated_dominance"):
        assert client.get(f"/results/{study.slug}/figures/{name}.svg").status_code == 404
    assert computed == []


def test_every_plot_has_a_name_that_its_measure_declares(media):
    for study in (make_rich_study(), make_yes_no_study()):
        for measure, found in read_measures(report_of(study)).found:
            assert {plot.name for plot in measure.plots_of(found)} <= set(measure.plot_names), measure.name
    assert len(plot_names()) == sum(len(measure.plot_names) for measure in all_measures())


def test_the_page_reads_every_measure_once_and_has_a_paragraph_of_each(media, monkeypatch):
    study, read = make_rich_study(people=6, each=8), []
    report = report_of(study)
    assert page_of(study)  # kept from here on
    plain = Measure.read
    monkeypatch.setattr(Measure, "read", lambda self, data: read.append(self.name) or plain(self, data))
    page = html.unescape(page_of(study))
    assert sorted(read) == sorted(name for name, found in report["measures"].items() if found is not None)
    for said in results_paragraphs(report):
        assert f"<p>{html.unescape(unbroken(said))}</p>" in page
