"""Kinds of study to start from: each fills in the form, chooses what fits, and can be published as it comes."""

from collections import Counter
from dataclasses import fields

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from generation.models import GenerationRun, PairVersion
from survey.actions.cells import CELLS
from survey.actions.publishing import reasons_against_publishing
from survey.design import templates
from survey.design.templates import TEMPLATES, StudyTemplate
from survey.design.trial_forms import TRIAL_FORMS
from survey.first_words import default_wording
from survey.forms import StudyForm
from survey.models import Study
from survey.queries.pairs import pair_rows
from survey.queries.picking import MOST_GROUPS, pick_clips
from survey.views import making
from tests.survey.factories import make_researcher, make_versions
from tests.survey.variants import make_variants

pytestmark = pytest.mark.django_db
OF_SEVERAL = {"composers", "two-clips"}


def logged_in(user=None):
    client = Client()
    client.force_login(user or make_researcher())
    return client


def filled_in(page, **typed):
    """What a browser would send of the form that a page shows."""
    form = page.context["form"]
    sent = {}
    for bound in form:
        value = bound.value()
        if value is None or value is False:
            continue
        sent[bound.html_name] = "on" if value is True else value
    begun = page.context["begun"]
    carried = {"run": begun.run} if begun.run else {"version": [str(one.public_id) for one in begun.versions]}
    return {**sent, **carried, "template": begun.template.name, **typed}


def ten(**more):
    return make_versions(10, **more)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_names_fields_and_cells_that_there_are(name):
    template = TEMPLATES[name]
    assert template.name == name
    assert set(template.cells) <= set(CELLS)
    form = StudyForm(initial=template.settings)
    assert set(template.settings) <= set(form.fields)
    for field, value in template.settings.items():
        form.fields[field].clean(value)
        assert form[field].value() == value
    assert template.for_whom.endswith((".", "?"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_ten_pictures_become_a_study_that_can_be_published_with_a_title_and_four_steps(name):
    versions = ten()
    if name in OF_SEVERAL:
        ten(composer="paper", tones=100)
    if name == "old-and-new":
        ten()
    if name == "cue-experiment":
        versions = make_variants(3)
    client = logged_in()
    run = versions[0].run.public_id
    assert f'value="{name}"' in client.get("/studies/new/", {"run": run}).content.decode()
    page = client.get("/studies/new/", {"run": run, "template": name})
    sent = filled_in(page, title="Ten pictures", contact="Ada, ada@example.org", recruiter="prolific", quota="60")
    saved = client.post("/studies/new/", sent)
    assert saved.status_code == 302, saved.context["form"].errors
    assert saved.headers["Location"] == "/studies/ten-pictures/clips/"
    study = Study.objects.get()
    shown = client.get("/studies/ten-pictures/clips/").content.decode()
    assert shown.count('name="main"') >= 10
    assert "To be changed" not in shown
    client.post("/studies/ten-pictures/publish/")
    study.refresh_from_db()
    assert study.status == "published", client.get("/studies/ten-pictures/publish/").content.decode()
    kinds = {(cell.presented, cell.composer) for cell in study.conditions.all()}
    assert {kind for kind, _ in kinds} == set(TEMPLATES[name].cells)
    assert {composer for _, composer in kinds} == ({"muse", "paper"} if name in OF_SEVERAL else {""})
    assert set(study.stimuli.values_list("pair_version__pair", flat=True)) == {one.pair_id for one in versions}


def test_the_seeds_survey_comes_with_its_warning_and_asks_yes_or_no():
    client = logged_in()
    assert "yes is always right" in client.get("/studies/new/").content.decode()
    page = client.get("/studies/new/", {"template": "seed"})
    assert "yes is always right" in page.content.decode()
    assert "every trial names the intended emotion" in page.content.decode()
    client.post("/studies/new/", filled_in(page, title="Once more"))
    study = Study.objects.get()
    assert (study.mode, study.lures) == ("yes_no", "none")
    assert study.question == "Does this music express this emotion: {emotion}?"


@pytest.mark.parametrize("name", ["choose", "while-it-plays", "picture-and-music", "seed"])
def test_where_nobody_chose_clips_the_newest_of_every_pair_come_by_whoever_wrote_most(name):
    make_versions(5)
    newest = make_versions(5)
    make_versions(3, composer="paper")
    picked = pick_clips(TEMPLATES[name])
    assert {one.pk for one in picked.versions} == {one.pk for one in newest}
    client = logged_in()
    client.post("/studies/new/", filled_in(client.get("/studies/new/", {"template": name}), title="As it comes"))
    study = Study.objects.get()
    assert set(study.stimuli.values_list("pair_version", flat=True)) == {one.pk for one in newest}
    assert reasons_against_publishing(study) == []


def test_of_every_emotion_as_many_clips_come_unless_somebody_chose():
    versions = make_versions(8, emotions=("amusement", "amusement", "awe", "amusement"))
    picked = pick_clips(TEMPLATES["choose"]).versions
    assert Counter(one.pair.emotion.slug for one in picked) == {"amusement": 2, "awe": 2}
    assert len(pick_clips(TEMPLATES["choose"], versions).versions) == 8


def test_an_empty_form_chooses_no_clips():
    make_versions(3)
    client = logged_in()
    client.post("/studies/new/", filled_in(client.get("/studies/new/", {"template": "empty"}), title="Mine"))
    assert not Study.objects.get().stimuli.exists()


def test_no_kind_of_study_takes_what_the_front_page_plays():
    theirs = make_versions(2, first=40)
    GenerationRun.objects.filter(versions__in=theirs).update(options={"front_page": True})
    others = make_versions(3)
    assert {one.pk for one in pick_clips(TEMPLATES["choose"]).versions} == {one.pk for one in others}


def test_feeling_that_moves_is_rated_on_the_pad_and_people_agree_to_it():
    make_versions(4)
    client = logged_in()
    page = client.get("/studies/new/", {"template": "while-it-plays"})
    client.post("/studies/new/", filled_in(page, title="Moving"))
    study = Study.objects.get()
    assert study.continuous == "plane"
    assert "While a clip plays you mark how it sounds at each moment." in study.consent_text


def test_composers_compared_takes_the_pictures_that_both_wrote_for():
    ours = make_versions(8)
    theirs = make_versions(5, composer="paper")
    make_versions(1, composer="neutral")
    picked = pick_clips(TEMPLATES["composers"])
    assert {one.composer for one in picked.versions} == {"muse", "paper"}
    assert {one.pair_id for one in picked.versions} == {one.pair_id for one in theirs}
    assert len(picked.versions) == 10
    assert picked.cells == {"matched:muse": 1.0, "matched:paper": 1.0}
    assert picked.lacking == ""
    few = pick_clips(TEMPLATES["composers"], ours[:2])
    assert {one.pair_id for one in few.versions} == {one.pair_id for one in ours[:2]}


@pytest.mark.parametrize(("composers", "each"), [(("muse", "paper"), 3), (("muse", "paper", "neutral"), 8)])
def test_two_clips_compared_asks_nobody_for_more_pairs_than_there_are(composers, each):
    for place, composer in enumerate(composers):
        versions = make_versions(3, composer=composer, tones=100 * place)
    client = logged_in()
    page = client.get("/studies/new/", {"template": "two-clips", "run": versions[0].run.public_id})
    assert page.context["form"]["clips_per_participant"].value() == each
    client.post("/studies/new/", filled_in(page, title="Which fits", contact="Ada, ada@example.org"))
    study = Study.objects.get()
    assert study.mode == "fits"
    assert study.question == default_wording("en", "fits")["question"]
    assert reasons_against_publishing(study) == []
    assert sum(row.pairs for row in pair_rows(study)) == 3 * len(composers) * (len(composers) - 1) / 2


def test_composers_compared_takes_the_newest_version_of_each():
    make_versions(2)
    newer = make_versions(2)
    theirs = make_versions(2, composer="paper")
    assert set(pick_clips(TEMPLATES["composers"]).versions) == {*newer, *theirs}


def test_where_no_picture_has_two_composers_the_page_says_what_to_do():
    versions = make_versions(3)
    client = logged_in()
    page = client.get("/studies/new/", {"template": "composers", "run": versions[0].run.public_id})
    page = client.post("/studies/new/", filled_in(page, title="Compared"), follow=True).content.decode()
    assert "Start a run of the same pictures with another composer" in page
    assert page.count("checked> Main") == 3


def test_old_against_new_takes_the_first_and_the_last_version_of_a_pair():
    first, _, last = make_versions(2), make_versions(2), make_versions(2)
    make_versions(3, first=50)
    make_versions(2, composer="paper")
    assert set(pick_clips(TEMPLATES["old-and-new"]).versions) == {*first, *last}
    assert "made anew" in pick_clips(TEMPLATES["old-and-new"], make_versions(1, first=90)).lacking


def test_of_a_large_library_three_pictures_of_every_emotion_are_chosen():
    make_versions(40)
    make_versions(40, composer="paper")
    picked = pick_clips(TEMPLATES["composers"]).versions
    per_emotion = [sum(one.pair.emotion.position == place for one in picked) for place in range(1, 9)]
    places = {one.pair.emotion.position for one in picked}
    assert (len(picked), MOST_GROUPS, len(places)) == (48, 24, 8)
    assert {sum(one.pair.emotion.position == place for one in picked) for place in places} == {6}, per_emotion
    everything = pick_clips(TEMPLATES["composers"], list(PairVersion.objects.all())).versions
    assert len(everything) == 80


def test_fewer_clips_than_usual_lower_what_one_person_gets():
    versions = make_versions(5)
    run = versions[0].run.public_id
    client = logged_in()

    def each(template):
        form = client.get("/studies/new/", {"template": template, "run": run}).context["form"]
        return form["clips_per_participant"].value()

    assert each("choose") == 5
    assert each("picture-and-music") == 3
    assert client.get("/studies/new/", {"template": "empty"}).context["form"]["clips_per_participant"].value() == 8


def test_an_empty_form_is_as_it_was_and_chooses_nothing():
    make_versions(3)
    client = logged_in()
    page = client.get("/studies/new/", {"template": "empty"})
    assert page.context["form"]["clips_per_participant"].value() == 8
    client.post("/studies/new/", filled_in(page, title="By hand"))
    study = Study.objects.get()
    assert (study.stimuli.count(), study.conditions.count()) == (0, 0)
    assert list(study.audit.values_list("action", flat=True)) == ["create"]


def test_a_selection_of_the_gallery_becomes_a_study_and_what_is_not_ready_is_said():
    versions = make_versions(4)
    last = versions[3]
    times = {"queued_at": last.queued_at, "nudged_at": last.queued_at}
    waiting = PairVersion.objects.create(pair=last.pair, run=last.run, number=9, composer="muse", seed=1, **times)
    client = logged_in()
    ids = [str(version.public_id) for version in (*versions[:3], waiting)]
    cards = client.post("/studies/new/", {"version": [*ids, "nonsense"], "back": "/pairs/"})
    page = cards.content.decode()
    assert cards.status_code == 200
    assert "3 clips are chosen" in page
    assert "2 are not ready" in page
    page = client.post("/studies/new/", {"version": ids, "template": "empty"})
    assert page.content.decode().count('type="hidden" name="version"') == 3
    client.post("/studies/new/", filled_in(page, title="Chosen"))
    study = Study.objects.get()
    assert set(study.stimuli.values_list("pair_version", flat=True)) == {version.pk for version in versions[:3]}


@pytest.mark.parametrize(
    "sent", [{"template": "nonsense"}, {"run": "x"}, {"run": "c56a4180-65aa-42ec-a945-5fd21dec0538"}, {"version": "x"}]
)
def test_what_cannot_be_read_shows_the_kinds_of_study(sent):
    client = logged_in()
    for answer in (client.get("/studies/new/", sent), client.post("/studies/new/", sent)):
        assert answer.status_code == 200
        assert "Choose the emotion" in answer.content.decode()


def test_a_mistake_keeps_what_was_typed_and_what_was_chosen_and_opens_its_part():
    versions = make_versions(3)
    client = logged_in()
    page = client.get("/studies/new/", {"template": "choose", "run": versions[0].run.public_id})
    wrong = filled_in(page, title="", contact="Ada", fastest_seconds="-3", gold_trials="99")
    answer = client.post("/studies/new/", wrong)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'value="Ada"' in page
    assert f'name="run" value="{versions[0].run.public_id}"' in page
    steps = list(answer.context["form"].steps())
    opened = {section.heading for step in steps for section in step.sections if section.is_open}
    assert opened == {"Trials", "Rules for leaving people out"}
    answer = client.post("/studies/new/", {**wrong, "title": "Now", "fastest_seconds": "3", "gold_trials": "0"})
    assert answer.status_code == 302
    assert Study.objects.get().stimuli.count() == 3


@pytest.mark.parametrize("typed", ["9" * 5000, "-1", "1.5", "²", "nan", "", "x" * 300])
def test_whatever_is_typed_for_a_number_the_sentences_are_said(typed):
    names = ("clips_per_participant", "gold_trials", "replay_cap", "planned_n", "longest_run", "quota")
    form = StudyForm(
        {"title": "Odd", "mode": "choose", "spread": "nowhere", "language": "xx", **dict.fromkeys(names, typed)}
    )
    assert not form.is_valid()
    assert all(section.said.endswith(".") for step in form.steps() for section in step.sections)


def test_every_field_of_the_form_stands_in_one_step():
    form = StudyForm()
    shown = [field.name for step in form.steps() for field in step.fields]
    shown += [field.name for step in form.steps() for section in step.sections for field in section.fields]
    shown += [field.name for _, _, fields in form.translations() for field in fields]
    own_language = {name for name in form.fields if name.endswith("_en")}
    assert sorted(shown) == sorted(set(form.fields) - own_language)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "People hear or see 8 clips each, in random order; everyone gets every cell. No practice, gold or repeat"),
        ({"mode": "fits"}, "People compare 8 pairs of clips each, in random order. No practice, gold or repeat"),
        ({"gold_trials": 2, "repeat_trials": 1}, "Beside them 2 gold and 1 repeat trials."),
        ({"spread": "between", "trial_order": "clips_latin"}, "in a balanced order; each gets one cell."),
        ({"mode": "yes_no"}, "People say yes or no to one emotion; half of the trials name another emotion."),
        ({"offer_none": False, "ask_confidence": False, "ask_background": False}, "Nothing else is asked."),
        ({"consent_text": "Mine."}, "The consent text is your own."),
        ({"consent_text": ""}, "There is no consent text yet."),
        ({"replay_cap": 1, "require_listening": False}, "People may answer at any time, with at most 1 play;"),
        ({"id_storage": "kept", "return_url": "https://example.org/"}, "people go back to an address of your own"),
        ({"primary_cell": "picture_added", "planned_n": 90}, "(music’s emotion chosen). 90 people are planned."),
        (
            {"gold_needed": 0, "listening_measured": True},
            "People count with: at least 0 of the gold trials answered as expected; listening meas",
        ),
    ],
)
def test_a_part_of_the_form_is_said_in_sentences(changed, words):
    said = " ".join(section.said for step in StudyForm(initial=changed).steps() for section in step.sections)
    assert words in said


def test_the_kind_of_study_of_the_guide_is_one(settings, monkeypatch):
    guide = (settings.BASE_DIR / "docs" / "extending.md").read_text(encoding="utf-8")
    names = {}
    exec(compile(guide.partition("```python template\n")[2].partition("```")[0], "docs/extending.md", "exec"), names)
    silent = names["SILENT"]
    monkeypatch.setattr(templates, "TEMPLATES", {**TEMPLATES, silent.name: silent})
    monkeypatch.setattr(making, "TEMPLATES", templates.TEMPLATES)
    versions = ten()
    client = logged_in()
    run = versions[0].run.public_id
    assert silent.for_whom in client.get("/studies/new/", {"run": run}).content.decode()
    page = client.get("/studies/new/", {"template": silent.name, "run": run})
    client.post("/studies/new/", filled_in(page, title="Silent", contact="Ada, ada@example.org"))
    study = Study.objects.get()
    assert [cell.presented for cell in study.conditions.all()] == ["picture_only"]
    assert reasons_against_publishing(study) == []


def test_the_guide_names_every_form_of_trials_and_every_field_of_a_kind_of_study(settings):
    guide = (settings.BASE_DIR / "docs" / "extending.md").read_text(encoding="utf-8")
    kinds, _, forms = guide.partition("## A kind of study")[2].partition("## A form of trials")
    assert {mode for mode in TRIAL_FORMS if f"`{mode}`" not in forms} == set()
    assert {one.name for one in fields(StudyTemplate) if one.name not in kinds} == set()


def test_the_clips_of_a_kind_of_study_are_picked_once_for_a_page():
    begun = making.Begun(TEMPLATES["composers"], "", ten(), 0)
    with CaptureQueriesContext(connection) as captured:
        first = begun.picked
    assert len(captured) > 0
    with CaptureQueriesContext(connection) as captured:
        assert begun.picked is first
    assert len(captured) == 0
