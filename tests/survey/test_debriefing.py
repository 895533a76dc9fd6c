"""After the last answer: what the study was about, own answers, what was meant, how others answered."""

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from survey import actions
from survey.first_words import default_wording, is_default
from survey.models import Participant, Response, Study, Trial
from survey.queries.debriefing import LEAST_OTHERS, debriefing_of
from tests.survey.comparing import CELLS, two_composers
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LANGUAGES = [code for code, _ in settings.LANGUAGES]
ALWAYS, CLOSED, NEVER = Study.Disclosure.ALWAYS, Study.Disclosure.CLOSED, Study.Disclosure.NEVER
MEANT, OTHERS = "It was meant to express", "others answered"


def studied(**fields):
    fields = {"versions": make_versions(2), "require_listening": False, "ask_background": False, **fields}
    return make_study(**fields)


def finish(study, **how):
    return Listener(study.slug, **how).take_part()


def again(listener):
    """The last page, asked for by the cookie."""
    return listener.client.get(f"/study/{listener.slug}/end/", follow=True).content.decode()


def test_the_code_comes_first_then_what_it_was_about_then_the_way_out():
    study = studied()
    page = finish(study).page
    places = [page.index(text) for text in (study.code_complete, "What this study was about", "Changed your mind?")]
    assert places == sorted(places)
    assert "This study asks how well people recognise emotions in music." in page
    assert "Your answers</h2>" not in page


def test_a_study_that_says_nothing_has_no_heading_for_it():
    assert "What this study was about" not in finish(studied(debriefing="")).page


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_proposed_text_is_in_every_language_and_follows_what_is_presented(code):
    kinds = [("choose", ()), ("choose", ("picture_only",)), ("fits", ()), ("more", ())]
    texts = [default_wording(code, mode, mix)["debriefing"] for mode, mix in kinds]
    assert len(set(texts)) == len(texts)
    assert all(is_default("debriefing", text) for text in texts)
    if code != "en":
        assert not set(texts) & {default_wording("en", mode, mix)["debriefing"] for mode, mix in kinds}


CHANGED = {"en": "Some clips were changed on purpose", "de": "Manche Stücke wurden absichtlich verändert"}


def says_that_clips_were_changed(study):
    texts = {"en": study.debriefing, "de": study.translations["de"]["debriefing"]}
    return [words in texts[code] for code, words in CHANGED.items()]


def test_the_proposed_text_says_that_cues_were_varied_and_follows_the_study():
    own = {"title": "Eine Studie", **default_wording("de", "choose")}
    text = default_wording("en", "choose")["debriefing"]
    study = studied(publish=False, debriefing=text, translations={"de": own})
    study = actions.edit_study(study=study, by=study.owner, cue_design="square")
    assert says_that_clips_were_changed(study) == [True, True]
    assert is_default("debriefing", study.debriefing)
    study = actions.edit_study(study=study, by=study.owner, cue_design="none")
    assert says_that_clips_were_changed(study) == [False, False]
    assert CHANGED["en"] not in default_wording("en", "choose", ["picture_only"], varies_cues=True)["debriefing"]


def test_a_translation_follows_the_proposed_text_and_lacks_one_of_somebodys_own():
    texts = {**default_wording("de", "choose"), "title": "Eine Studie"}
    del texts["debriefing"]
    study = studied(translations={"de": texts}, publish=False)
    assert study.translations["de"]["debriefing"] == default_wording("de", "choose")["debriefing"]
    own = actions.edit_study(study=study, by=study.owner, debriefing="Ours.", translations={"de": texts})
    assert own.lacking("de") == ["debriefing"]
    silent = actions.edit_study(study=study, by=study.owner, debriefing="", translations={"de": texts})
    assert silent.lacking("de") == []


def test_own_answers_stand_beside_their_clips_and_nothing_else_does():
    study = studied(debrief_own=True)
    listener = Listener(study.slug).take_part(lambda _: "fear")
    page = listener.page
    assert page.count("<dt>You chose</dt><dd>Fear</dd>") == 2
    assert all(stimulus.audio in page and stimulus.picture_file in page for stimulus in study.stimuli.all())
    assert MEANT not in page
    assert OTHERS not in page
    assert "Once the study is over" not in page


def test_practice_and_repeats_are_no_answers_to_be_shown():
    versions = make_versions(4)
    study = studied(
        versions=versions[:2], practice=versions[2:], practice_trials=1, repeat_trials=1, clips_per_participant=2,
        debrief_own=True,
    )  # fmt: skip
    assert finish(study).page.count("<dt>You chose</dt>") == 2


@pytest.mark.parametrize(
    ("when", "told", "after"), [(ALWAYS, True, True), (CLOSED, False, True), (NEVER, False, False)]
)
def test_what_was_meant_is_told_when_the_study_says_so(when, told, after):
    study = studied(debrief_own=True, debrief_intended=when)
    listener = finish(study)
    assert (MEANT in listener.page) is told
    assert ("Once the study is over" in listener.page) is (when == CLOSED)
    actions.close(study=study, by=study.owner)
    page = again(listener)
    assert (MEANT in page) is after
    assert "Once the study is over" not in page
    if after:
        for stimulus in study.stimuli.all():
            assert f"<dt>{MEANT}</dt><dd>{stimulus.emotion.capitalize()}</dd>" in page


def test_a_setting_about_own_answers_tells_nothing_where_they_are_not_shown():
    study = studied(debrief_own=False, debrief_intended=ALWAYS, debrief_others=ALWAYS)
    page = finish(study).page
    assert MEANT not in page
    assert OTHERS not in page


def test_of_fewer_than_five_others_no_count_is_told():
    assert LEAST_OTHERS == 5
    study = studied(debrief_own=True, debrief_others=ALWAYS)
    first = Listener(study.slug).take_part(lambda _: "awe")
    for _ in range(4):
        Listener(study.slug).take_part(lambda _: "fear")
    page = again(first)
    assert "How others answered is told once enough of them have." in page
    assert OTHERS not in page.replace("How others answered is told", "")
    Listener(study.slug).take_part(lambda _: "anger")
    page = again(first)
    assert page.count("How 5 others answered") == 2
    told = debriefing_of(Participant.objects.get(token=first.client.cookies["participation"].value)).answers
    for answer in told:
        assert [(row.label, row.number, row.is_own) for row in answer.others] == [
            ("Fear", 4, False),
            ("Anger", 1, False),
            ("Awe", 0, True),
        ]


def test_whoever_withdrew_and_whoever_only_tried_is_none_of_the_others():
    study = studied(debrief_own=True, debrief_others=ALWAYS)
    first = finish(study)
    others = [finish(study) for _ in range(5)]
    researcher = make_researcher("another", is_superuser=True)
    preview = actions.open_preview(study=study, by=researcher)
    assert preview.is_test
    assert "How 5 others answered" in again(first)
    gone = Participant.objects.get(token=others[0].client.cookies["participation"].value)
    actions.withdraw(participant=gone, by=None)
    assert "How others answered is told once enough" in again(first)


def test_others_of_a_yes_no_study_are_those_who_were_asked_the_same():
    study = studied(mode="yes_no", debrief_own=True, debrief_others=ALWAYS, debrief_intended=ALWAYS)
    people = [finish(study) for _ in range(14)]
    one = Participant.objects.get(token=people[0].client.cookies["participation"].value)
    for answer, trial in zip(debriefing_of(one).answers, one.trials.order_by("position"), strict=True):
        same = Response.objects.filter(
            trial__stimulus=trial.stimulus, trial__asked_emotion=trial.asked_emotion
        ).exclude(trial__participant=one)
        assert answer.people == same.count()
        assert answer.asked.lower() == trial.asked_emotion
        assert answer.meant.lower() == trial.stimulus.emotion


def compared(mode, **fields):
    return studied(
        versions=two_composers(2), mode=mode, cells=CELLS[mode], clips_per_participant=2,
        debrief_own=True, debrief_others=ALWAYS, debrief_intended=ALWAYS, **fields,
    )  # fmt: skip


@pytest.mark.parametrize("mode", ["fits", "more"])
def test_of_two_clips_both_are_shown_and_others_are_counted_by_the_clip_they_chose(mode):
    study = compared(mode)

    def choose_muse(listener):
        """Whichever comes first, the clip of one composer."""
        trial = Trial.objects.get(token=listener.form()[1]["trial"])
        return "first" if trial.stimulus.composer == "muse" else "second"

    people = [Listener(study.slug).take_part(choose_muse) for _ in range(7)]
    Listener(study.slug).take_part(lambda at: "second" if choose_muse(at) == "first" else "first")
    page = again(people[0])
    persons = [Participant.objects.get(token=one.client.cookies["participation"].value) for one in people]
    firsts = {trial.stimulus_id for trial in Trial.objects.filter(participant__in=persons)}
    assert len(firsts) == 4  # of both pairs either clip came first to somebody
    for person in persons:
        for answer, trial in zip(debriefing_of(person).answers, person.trials.order_by("position"), strict=True):
            assert (answer.stimulus.pk, answer.second.pk) == (trial.stimulus_id, trial.second_id)
            assert answer.people == 7
            assert [(row.number, row.is_own) for row in answer.others] == [(6, True), (1, False)]
            own = "first" if trial.stimulus.composer == "muse" else "second"
            assert answer.others[0].label == answer.chosen == f"The {own} clip"
            assert answer.meant.lower() == ("" if mode == "fits" else trial.stimulus.emotion)
    assert all(stimulus.audio in page for stimulus in study.stimuli.all())
    assert ("<h3" in page, "Pair 1</h3>" in page, "Pair 2</h3>" in page) == (True, True, True)
    assert (MEANT in page) is (mode == "more")


def test_different_pairs_of_one_clip_are_told_apart():
    three = [make_versions(1, composer=name, tones=100 * n)[0] for n, name in enumerate(("muse", "paper", "third"))]
    study = studied(
        versions=three, mode="fits", cells={f"matched:{name}": 1.0 for name in ("muse", "paper", "third")},
        clips_per_participant=1, debrief_own=True, debrief_others=ALWAYS,
    )  # fmt: skip
    people = [finish(study) for _ in range(18)]
    for one in people:
        person = Participant.objects.get(token=one.client.cookies["participation"].value)
        (answer,), trial = debriefing_of(person).answers, person.trials.get()
        assert answer.people == Trial.objects.filter(clip_key=trial.clip_key).count() - 1 == 5


def test_nobody_but_the_person_is_told_and_nobody_before_the_end():
    study = studied(debrief_own=True, debrief_intended=ALWAYS)
    about = "This study asks how well"
    listener = Listener(study.slug).begin()
    assert listener.address.endswith("/clip/")
    page = again(listener)
    assert about not in page
    assert MEANT not in page
    assert about not in Listener(study.slug).get(f"/study/{study.slug}/end/").content.decode()
    listener.take_part()
    token = listener.client.cookies["participation"].value
    elsewhere = Listener(study.slug, entry=f"/study/{study.slug}/resume/{token}/").get().content.decode()
    assert MEANT in elsewhere
    assert MEANT not in Listener(study.slug, entry=f"/study/{study.slug}/resume/{'0' * 40}/").get().content.decode()


def test_after_withdrawal_and_without_consent_nothing_is_told():
    study = studied(debrief_own=True, debrief_intended=ALWAYS)
    listener = finish(study)
    token = listener.client.cookies["participation"].value
    listener.get(f"/study/{study.slug}/withdraw/{token}/")
    listener.send()
    page = again(listener)
    assert "You have withdrawn" in page
    assert "What this study was about" not in page
    assert MEANT not in page
    refused = Listener(study.slug)
    refused.get()
    refused.send(consent="no")
    assert "What this study was about" not in refused.page


def test_in_a_laboratory_it_is_shown_once_and_again_by_the_personal_link():
    study = studied(debrief_own=True, next_person="laboratory")
    listener = finish(study)
    assert "Your answers</h2>" in listener.page
    assert "Your answers</h2>" not in again(listener)
    person = Participant.objects.get(study=study)
    elsewhere = Listener(study.slug, entry=f"/study/{study.slug}/resume/{person.token}/").get().content.decode()
    assert "Your answers</h2>" in elsewhere


def test_a_preview_sees_it_marked_as_one(client):
    study = studied(debrief_own=True, debrief_intended=ALWAYS, publish=False)
    client.force_login(study.owner)
    page = Listener(study.slug, client=client, entry=f"/study/{study.slug}/?preview=1").take_part().page
    assert "Preview: nothing you answer here counts." in page
    assert MEANT in page


def test_it_is_frozen_copied_and_named_before_publication(client):
    study = studied(debrief_own=True, debrief_intended=CLOSED, debriefing="About ducks.", publish=False)
    client.force_login(study.owner)
    page = client.get(f"/studies/{study.slug}/publish/").content.decode()
    assert "About ducks." in page
    assert "Once the study is closed" in page
    actions.publish(study=study, by=study.owner)
    changes = {"debriefing": "x", "debrief_own": False, "debrief_intended": ALWAYS, "debrief_others": ALWAYS}
    for name, value in changes.items():
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            Study.objects.filter(pk=study.pk).update(**{name: value})
    copy = actions.make_new_version(study=study, by=study.owner)
    assert (copy.debriefing, copy.debrief_own, copy.debrief_intended) == ("About ducks.", True, CLOSED)
