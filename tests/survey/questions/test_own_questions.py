"""A researcher composes pages: ready-made questions and their own, asked in every language, frozen by publishing."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from survey import actions
from survey.actions.cells import DraftRefused
from survey.actions.questions import question_reasons
from survey.forms.questions import WordField
from survey.models import QuestionAnswer, StudyQuestion
from survey.queries import asked_at
from survey.queries.monitor import monitor_of
from survey.questions import REGISTER, Question, Slider, When, in_words, say_in
from survey.questions.answer_lists import LISTS
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HUMMING = {
    "key": "humming",
    "moment": "clip",
    "sort": "choice",
    "wording_en": "Could you hum it?",
    "options_en": "Yes, all of it\nA part\nNo",
    "wording_de": "Könnten Sie es summen?",
    "options_de": "Ja, ganz\nEinen Teil\nNein",
    "required": "on",
}


@pytest.fixture
def draft():
    return make_study(versions=make_versions(3), clips_per_participant=2, publish=False, require_listening=False)


@pytest.fixture
def researcher(draft, client):
    client.force_login(draft.owner)
    return client


def bilingual(draft):
    texts = dict.fromkeys(("title", "consent_text", "question", "instructions"), "Deutsch")
    return actions.edit_study(study=draft, by=draft.owner, translations={"de": texts})


def test_a_question_of_ones_own_is_written_on_a_page_and_asked_with_every_clip(draft, researcher):
    draft = bilingual(draft)
    sent = researcher.post(f"/studies/{draft.slug}/new-question/", HUMMING)
    assert sent.status_code == 302, sent.content.decode()
    row = draft.questions.get()
    assert row.options == [
        {"slug": "yes-all-of-it", "labels": {"en": "Yes, all of it", "de": "Ja, ganz"}},
        {"slug": "a-part", "labels": {"en": "A part", "de": "Einen Teil"}},
        {"slug": "no", "labels": {"en": "No", "de": "Nein"}},
    ]
    assert "Could you hum it?" in researcher.get(f"/studies/{draft.slug}/questions/").content.decode()
    study = actions.publish(study=draft, by=draft.owner)
    listener = Listener(study.slug)
    listener.get()
    listener.send(language="de")
    while "/clip/" not in listener.address:
        listener.send()
    assert "Könnten Sie es summen?" in listener.page
    listener.send(q_humming="a-part")
    assert QuestionAnswer.objects.get().choice == "a-part"


@pytest.mark.parametrize(
    ("answers", "slugs", "german"),
    [
        ("gems_9", ["wonder", "transcendence", "tenderness", "nostalgia", "peacefulness", "power", "joyful-activation",
                    "tension", "sadness"], "Staunen"),
        ("basic_five", ["happiness", "sadness", "anger", "fear", "tenderness"], "Freude"),
        ("eight", ["amusement", "awe", "contentment", "excitement", "anger", "disgust", "fear", "sadness"],
                  "Heiterkeit"),
    ],
)  # fmt: skip
def test_the_answers_of_a_list_come_in_every_language_and_can_be_changed(draft, researcher, answers, slugs, german):
    draft = bilingual(draft)
    plain = {name: text for name, text in HUMMING.items() if not name.startswith("options")}
    researcher.post(f"/studies/{draft.slug}/new-question/", plain | {"answers": answers})
    row = draft.questions.get()
    assert [option["slug"] for option in row.options] == slugs
    assert row.options[0]["labels"]["de"] == german
    page = researcher.get(f"/studies/{draft.slug}/questions/humming/").content.decode()
    assert f">\n{german}\n" in page
    lines = {code: "\n".join(option["labels"][code] for option in row.options[1:]) for code in ("en", "de")}
    researcher.post(
        f"/studies/{draft.slug}/questions/humming/", plain | {f"options_{code}": text for code, text in lines.items()}
    )
    assert [option["slug"] for option in draft.questions.get().options] == slugs[1:]


def test_the_lists_have_the_words_of_their_sources_and_others_in_every_language():
    """GEMS-9: Zentner et al. 2008, table of the nine factors; the five: Juslin and Laukka 2003."""
    assert [say_in(words, "en") for words in LISTS["gems_9"].options.values()] == [
        "Wonder", "Transcendence", "Tenderness", "Nostalgia", "Peacefulness", "Power", "Joyful activation", "Tension",
        "Sadness",
    ]  # fmt: skip
    for found in LISTS.values():
        for code in ("de", "fr", "es", "tr"):
            said = [say_in(words, code) for words in found.options.values()]
            assert len(set(said)) == len(said)
            shared = {
                text for text, words in zip(said, found.options.values(), strict=True) if text == say_in(words, "en")
            }
            assert shared <= {"Transcendence"}


def test_where_an_answer_is_needed_nobody_goes_on_without_one(draft, researcher):
    researcher.post(f"/studies/{draft.slug}/new-question/", HUMMING)
    study = actions.publish(study=draft, by=draft.owner)
    listener = Listener(study.slug).begin()
    listener.send(q_humming="")
    assert listener.response.status_code == 400
    assert "Please answer this question: “Could you hum it?”" in listener.page
    listener.send(q_humming="whatever")
    assert listener.response.status_code == 400
    assert QuestionAnswer.objects.count() == 0
    listener.send(q_humming="no")
    assert QuestionAnswer.objects.count() == 1


def test_pages_before_and_after_the_clips_come_where_something_is_asked_there(draft, researcher):
    for moment in ("before", "after"):
        said = {"key": f"mood_{moment}", "moment": moment, "sort": "scale", "wording_en": f"Mood {moment}?"}
        ends = {"low_en": "bad", "high_en": "good", "steps": "7", "required": "on"}
        assert researcher.post(f"/studies/{draft.slug}/new-question/", said | ends).status_code == 302
    actions.edit_study(study=draft, by=draft.owner, ask_background=False)
    study = actions.publish(study=draft, by=draft.owner)
    listener = Listener(study.slug)
    listener.get()
    pages = []
    while not listener.address.endswith("/end/"):
        pages.append(listener.address.rstrip("/").rpartition("/")[2])
        listener.send()
    assert pages == [study.slug, "sound", "before", "clip", "clip", "about"]
    assert sorted(QuestionAnswer.objects.values_list("question__key", "number")) == [
        ("mood_after", 1.0),
        ("mood_before", 1.0),
    ]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"key": "No Name"}, "key"),
        ({"wording_en": ""}, "wording_en"),
        ({"options_en": "only one"}, "options_en"),
        ({"sort": "scale"}, "low_en"),
        ({"sort": "number", "least": "5", "most": "1"}, "most"),
        ({"key": "liking"}, "__all__"),
    ],
)
def test_a_question_that_cannot_be_asked_is_not_stored(draft, researcher, changed, field):
    sent = researcher.post(f"/studies/{draft.slug}/new-question/", HUMMING | changed)
    assert sent.status_code == 400
    assert list(sent.context["form"].errors) == [field] or field in sent.context["form"].errors
    assert draft.questions.count() == 0


def test_a_ready_made_question_is_added_moved_and_taken_out(draft, researcher):
    researcher.post(f"/studies/{draft.slug}/questions/", {"key": "liking"})
    researcher.post(f"/studies/{draft.slug}/questions/", {"key": "familiarity"})
    assert [q.key for q in asked_at(draft, When.CLIP) if q.in_table] == ["liking", "familiarity"]
    researcher.post(f"/studies/{draft.slug}/questions/liking/", {"position": "9", "required": "on"})
    assert [(q.key, q.required) for q in asked_at(draft, When.CLIP) if q.in_table] == [
        ("familiarity", False),
        ("liking", True),
    ]
    researcher.post(f"/studies/{draft.slug}/questions/familiarity/remove/")
    assert list(draft.questions.values_list("key", flat=True)) == ["liking"]


def test_a_new_question_comes_behind_those_that_are_asked_already(draft):
    actions.add_question(study=draft, by=draft.owner, key="liking")
    actions.write_question(study=draft, by=draft.owner, key="why", moment="clip", sort="text", wording={"en": "Why?"})
    actions.add_question(study=draft, by=draft.owner, key="familiarity")
    assert [row.key for row in draft.questions.all()] == ["liking", "why", "familiarity"]


def test_sixty_further_questions_are_asked_and_no_more_and_each_can_still_be_changed_and_taken_out(draft):
    text = {"moment": "after", "sort": "text", "most": 500, "wording": {"en": "Why?"}}
    for number in range(60):
        actions.write_question(study=draft, by=draft.owner, key=f"why_{number}", **text)
    for more in (
        lambda: actions.write_question(study=draft, by=draft.owner, key="why_60", **text),
        lambda: actions.add_question(study=draft, by=draft.owner, key="liking"),
    ):
        with pytest.raises(DraftRefused, match="at most 60 further questions"):
            more()
    actions.write_question(study=draft, by=draft.owner, replaces="why_0", key="why_0", required=True, **text)
    assert (draft.questions.count(), draft.questions.get(key="why_0").required) == (60, True)
    actions.remove_question(study=draft, by=draft.owner, key="why_1")
    actions.add_question(study=draft, by=draft.owner, key="liking")
    assert draft.questions.count() == 60


@pytest.mark.parametrize(
    ("sort", "field", "most", "one_more"),
    [
        ("scale", "steps", "10", "11"),
        ("number", "most", "1000000000000", "1000000000001"),
        ("number", "least", "-1000000000000", "-1000000000001"),
        ("text", "longest", "500", "501"),
        ("choice", "options_en", "\n".join(map(str, range(40))), "\n".join(map(str, range(41)))),
    ],
)
def test_a_limit_of_a_question_is_the_last_value_taken(draft, researcher, sort, field, most, one_more):
    plain = HUMMING | {"sort": sort, "low_en": "not", "high_en": "very", "options_de": ""}
    address = f"/studies/{draft.slug}/new-question/"
    refused = researcher.post(address, plain | {field: one_more})
    assert (refused.status_code, list(refused.context["form"].errors)) == (400, [field])
    assert researcher.post(address, plain | {field: most}).status_code == 302


def test_a_question_is_changed_in_place_and_options_keep_their_names(draft, researcher):
    researcher.post(f"/studies/{draft.slug}/new-question/", HUMMING)
    changed = HUMMING | {"options_en": "Not at all\nYes, all of it", "required": ""}
    assert researcher.post(f"/studies/{draft.slug}/questions/humming/", changed).status_code == 302
    row = draft.questions.get()
    assert [option["slug"] for option in row.options] == ["not-at-all", "yes-all-of-it"]
    assert row.required is False


def test_a_study_with_a_question_that_lacks_a_language_is_not_published(draft, researcher):
    draft = bilingual(draft)
    researcher.post(f"/studies/{draft.slug}/new-question/", HUMMING | {"wording_de": "", "options_de": ""})
    with pytest.raises(actions.PublishRefused, match="The question 'humming' lacks words in 'de'"):
        actions.publish(study=draft, by=draft.owner)


def test_what_is_published_is_frozen_by_actions_and_by_the_database(draft, researcher):
    actions.add_question(study=draft, key="liking", by=draft.owner)
    study = actions.publish(study=draft, by=draft.owner)
    for change in (
        lambda: actions.add_question(study=study, key="age", by=study.owner),
        lambda: actions.remove_question(study=study, key="liking", by=study.owner),
        lambda: actions.write_question(study=study, replaces="liking", by=study.owner, required=True),
    ):
        with pytest.raises(DraftRefused, match="published and frozen"):
            change()
    for change in (
        lambda: StudyQuestion.objects.update(required=True),
        lambda: StudyQuestion.objects.create(study=study, key="more", moment="clip", sort="text"),
        lambda: StudyQuestion.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            change()
    listener = Listener(study.slug).begin()
    listener.send(q_liking="4")
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        QuestionAnswer.objects.update(number=1)


@pytest.mark.parametrize(
    "values", [{}, {"number": 1, "choice": "a"}, {"number": 1, "text": "a"}], ids=["nothing", "two", "two others"]
)
def test_an_answer_of_no_sort_or_of_two_is_refused_by_the_database(draft, values):
    row = actions.add_question(study=draft, key="liking", by=draft.owner)
    study = actions.publish(study=draft, by=draft.owner)
    Listener(study.slug).begin()
    person = study.participants.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        QuestionAnswer.objects.create(participant=person, question=row, answered_at=timezone.now(), **values)


def test_nobody_answers_a_question_about_them_twice(draft):
    row = actions.add_question(study=draft, key="age", by=draft.owner)
    study = actions.publish(study=draft, by=draft.owner)
    Listener(study.slug).begin()
    said = {"participant": study.participants.get(), "question": row, "answered_at": timezone.now()}
    QuestionAnswer.objects.create(number=30, **said)
    with pytest.raises(IntegrityError), transaction.atomic():
        QuestionAnswer.objects.create(number=31, **said)


def test_a_ready_made_question_follows_the_languages_of_the_draft(draft):
    actions.add_question(study=draft, key="felt_emotion", by=draft.owner)
    study = bilingual(draft)
    row = study.questions.get()
    assert set(row.wording) == {"en", "de"}
    assert [option["slug"] for option in row.options][-1] == "none"
    first = row.options[0]["labels"]
    assert (first["en"], set(first)) == ("Amusement", {"en", "de"})


def test_the_felt_emotion_is_chosen_among_those_that_the_draft_offers_and_follows_them(draft):
    def options():
        return [option["slug"] for option in draft.questions.get().options]

    actions.edit_study(study=draft, by=draft.owner, emotions=["awe", "fear"])
    actions.add_question(study=draft, key="felt_emotion", by=draft.owner)
    assert options() == ["awe", "fear", "none"]
    actions.edit_study(study=draft, by=draft.owner, emotions=["awe", "fear", "sadness"])
    assert options() == ["awe", "fear", "sadness", "none"]


def test_the_monitor_counts_whoever_stands_at_the_questions_before_the_clips(draft):
    actions.add_question(study=draft, key="hearing_difficulties", by=draft.owner)
    study = actions.publish(study=draft, by=draft.owner)
    listener = Listener(study.slug)
    listener.get()
    while not listener.address.endswith("/before/"):
        listener.send()
    pages = {page.name: (page.active, page.finished) for page in monitor_of(study).pages}
    assert pages["Before the clips"] == (1, 0)
    listener.send()
    pages = {page.name: (page.active, page.finished) for page in monitor_of(study).pages}
    assert pages["Before the clips"] == (0, 1)


@pytest.mark.parametrize("said", ["9" * 400, "-" + "9" * 40, "1e999", "nan", "4.5", "x"])
def test_a_number_that_cannot_be_stored_is_refused_with_a_sentence(draft, researcher, said):
    asked = {"key": "years", "moment": "clip", "sort": "number", "wording_en": "How many years?", "whole": "on"}
    assert researcher.post(f"/studies/{draft.slug}/new-question/", asked).status_code == 302
    study = actions.publish(study=draft, by=draft.owner)
    listener = Listener(study.slug).begin()
    listener.send(q_years=said)
    assert listener.response.status_code == 400
    assert 'id="problem"' in listener.page
    assert QuestionAnswer.objects.count() == 0
    listener.send(q_years="7")
    assert QuestionAnswer.objects.get().number == 7


def slugs_of(draft) -> dict[str, str]:
    return {option["labels"]["en"]: option["slug"] for option in draft.questions.get().options}


def test_every_option_has_a_name_of_its_own_and_keeps_it_when_others_come_and_go(draft, researcher):
    new, written = f"/studies/{draft.slug}/new-question/", f"/studies/{draft.slug}/questions/humming/"
    researcher.post(new, HUMMING | {"options_en": "C\nC 3\nC#"})
    assert slugs_of(draft) == {"C": "c", "C 3": "c-3", "C#": "c-2"}
    researcher.post(written, HUMMING | {"options_en": "😀\n😢\n😡"})
    before = slugs_of(draft)
    assert before == {"😀": "option", "😢": "option-2", "😡": "option-3"}
    researcher.post(written, HUMMING | {"options_en": "😡\n😀\n😴\n😢"})
    assert slugs_of(draft) == {**before, "😴": "option-4"}


def test_two_options_with_the_same_words_are_refused(draft, researcher):
    sent = researcher.post(f"/studies/{draft.slug}/new-question/", HUMMING | {"options_en": "Yes\nYes\nNo"})
    assert sent.status_code == 400
    assert "&#x27;Yes&#x27; stands there twice" in sent.content.decode()


def test_a_question_may_be_called_new_and_none_like_the_words_beside_an_option(draft, researcher):
    asked = HUMMING | {"sort": "text", "moment": "after", "options_en": "", "options_de": ""}
    researcher.post(f"/studies/{draft.slug}/new-question/", asked | {"key": "new"})
    assert "Could you hum it?" in researcher.get(f"/studies/{draft.slug}/questions/new/").content.decode()
    sent = researcher.post(f"/studies/{draft.slug}/new-question/", asked | {"key": "gender_own_words"})
    assert "is that of the words beside an option" in sent.content.decode()
    assert [row.key for row in draft.questions.all()] == ["new"]


def test_a_line_break_counts_as_one_character_as_in_the_browser(draft, researcher):
    field = WordField(max_length=200, lines=3)
    assert field.clean("a" * 198 + "\r\nb") == "a" * 198 + "\nb"
    with pytest.raises(ValidationError):
        field.clean("a" * 199 + "\r\nb")


def test_what_a_program_sends_in_the_middle_of_one_line_stays_as_it_is():
    assert WordField(max_length=4).clean(" a\r\nb ") == "a\r\nb"


def test_what_a_ready_made_question_declares_holds_where_it_is_asked(draft, monkeypatch):
    everywhere = in_words(en="Say it!", de="Bitte!", fr="Dites !", es="¡Diga!", tr="Söyleyin!")
    declared = Question(
        key="calmness",
        wording=everywhere,
        kind=Slider(everywhere, everywhere, least=0, most=12, steps=4, face="arousal"),
        when=When.CLIP,
        told="calmness",
        meaning="How calm.",
        required=True,
        missing=everywhere,
        wrong=everywhere,
        values="0 to 12, in threes",
        seconds=7.0,
    )
    monkeypatch.setitem(REGISTER, "calmness", declared)
    actions.add_question(study=draft, key="calmness", by=draft.owner)
    monkeypatch.delitem(REGISTER, "calmness")  # the file is gone: a study asks what it took
    [question] = [one for one in asked_at(draft, When.CLIP) if one.key == "calmness"]
    assert (question.required, question.seconds, question.told_values) == (True, 7.0, "0 to 12, in threes")
    assert (question.kind.places, question.kind.face) == (["0", "3", "6", "9", "12"], "arousal")
    assert (say_in(question.missing, "en"), say_in(question.wrong, "en")) == ("Say it!", "Say it!")


def test_a_question_that_an_earlier_version_let_in_cannot_be_published(draft, researcher):
    researcher.post(f"/studies/{draft.slug}/new-question/", HUMMING)
    row = draft.questions.get()
    assert list(question_reasons(draft)) == []
    row.options = [{"slug": "same", "labels": {"en": "One"}}, {"slug": "same", "labels": {"en": "Two"}}]
    row.key = "humming_own_words"
    row.save()
    assert [reason.partition("' ")[2] for reason in question_reasons(draft)] == [
        "has two options of one name, of which people would see one. Save its options once more.",
        "is called like the words beside an option. Give it another name.",
    ]


def test_a_ready_made_question_that_was_published_without_details_takes_the_registers_seconds(draft):
    row = actions.add_question(study=draft, key="gender", by=draft.owner)
    row.details = {}
    assert row.asked().seconds == REGISTER["gender"].seconds
    own = StudyQuestion(study=draft, key="felt", moment="clip", sort="text", wording={"en": "?"})
    assert own.asked().seconds == 5.0
