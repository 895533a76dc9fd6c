"""Every column of every exported table: name, type, unit, values, meaning. Order and names are a contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from survey.models import Study, Trial
from survey.queries import further_questions
from survey.queries.stimuli import (
    compares_targets,
    plays_learned_targets,
    plays_variants,
    shows_measured_pictures,
)
from survey.questions import RESPONSE_COLUMNS, TABLE, Question

FORMAT_VERSION = "2"
"""Raised when a column is added, removed, renamed or moved."""
FORMAT_WITH_QUESTIONS = "3"
"""Of packs whose study asks further questions or has attention trials: format 2, with more columns at the ends and,
where questions are asked, one more table."""
FORMAT_WITH_PAIRS = "4"
"""Of packs whose study compares two clips: format 3, with columns about the second clip, and without the wide table."""
FORMAT_WITH_PADS = "5"
"""Of packs whose study asks on a pad, or while clips play: format 2 or 3, with a column more, a table more, or both."""
FORMAT_WITH_TARGETS = "6"
"""Of packs whose study plays clips for targets that listeners taught: any of those before, with two columns more at the
end of stimuli."""
FORMAT_WITH_VARIANTS = "7"
"""Of packs whose study plays variants of a cue experiment: format 6, with columns about the variant at the end of
stimuli."""
FORMAT_WITH_PICTURES = "8"
"""Of packs whose study shows pictures that were measured: any of those before, with a column more at the end of
stimuli."""
FORMAT_WITH_SIDES = "9"
"""Of packs whose study tests what listeners taught: any of those before, with a column more at the end of stimuli."""
FORMATS = (
    FORMAT_VERSION,
    FORMAT_WITH_QUESTIONS,
    FORMAT_WITH_PAIRS,
    FORMAT_WITH_PADS,
    FORMAT_WITH_TARGETS,
    FORMAT_WITH_VARIANTS,
    FORMAT_WITH_PICTURES,
    FORMAT_WITH_SIDES,
)
COURSES_TABLE = "courses"
"""The table of what was rated while clips played."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `kind` is text, integer, number, boolean, time, list or json."""

    name: str
    kind: str
    meaning: str
    unit: str = ""
    values: str = ""


def _c(name: str, kind: str, meaning: str, unit: str = "", values: str = "") -> Column:
    return Column(name, kind, meaning, unit, values)


def column_of(question: Question) -> Column:
    """The column that holds the answers to a question."""
    return Column(question.field, question.kind.export, question.meaning, values=question.told_values)


SLUGS = "a slug of the eight emotions"
KINDS = ", ".join(Trial.Kind.values)
EXPORTED_KINDS = tuple(kind for kind in Trial.Kind if kind != Trial.Kind.PRACTICE)
"""Kinds of trials whose answers, and what was rated meanwhile, are in packs."""
ANSWERED_KINDS = ", ".join(EXPORTED_KINDS)
ASKED_EMOTION = (
    "Emotion that the question names. Yes/no: the intended one (target) or another (lure); two clips: what both are "
    "meant to express."
)
RESPONSES = (
    _c("participant", "text", "Random identifier of the participation."),
    _c("stimulus", "text", "Identifier of the stimulus, as in stimuli.csv."),
    _c(
        "intended",
        "text",
        "The right answer: the intended emotion; in the yes/no mode yes where it is the one named, no at a lure; empty "
        "where two clips are compared.",
        values=f"{SLUGS}; yes, no",
    ),
    _c(
        "chosen",
        "text",
        "The answer given.",
        values=f"{SLUGS}; none (none of these / cannot tell); yes, no; first, second",
    ),
    _c("condition", "text", "Cell of the design."),
    _c("presentation", "text", "What was presented.", values="picture_and_music, music_only, picture_only"),
    _c("matching", "text", "Whether picture and music belong together.", values="matched, mismatched, not_applicable"),
    _c("trial_kind", "text", "Only main trials count in the results.", values=ANSWERED_KINDS),
    _c("position", "integer", "Place of the trial in the session.", "trials, from 1"),
    _c(
        "emotion",
        "text",
        "Intended emotion of the stimulus: the music's, the picture's where there is no music.",
        values=SLUGS,
    ),
    _c("picture_emotion", "text", "Emotion of the picture shown; empty without a picture.", values=SLUGS),
    _c("music_emotion", "text", "Emotion of the music heard; empty without music.", values=SLUGS),
    _c(
        "asked_emotion",
        "text",
        ASKED_EMOTION,
        values=SLUGS,
    ),
    _c(
        "hit",
        "boolean",
        "Whether chosen is intended; empty at attention trials, and where two clips are compared.",
        values="true, false",
    ),
    *(column_of(question) for question in RESPONSE_COLUMNS),
    _c("composer", "text", "What made the music."),
    _c("option_order", "list", "Answers in the order shown, separated by |."),
    _c("assigned_at", "time", "When the stimulus was given to the participant.", "UTC"),
    _c(
        "shown_at",
        "time",
        "When its page was first sent; empty: within two seconds of assigned_at.",
        "UTC",
    ),
    _c("answered_at", "time", "When the answer was stored.", "UTC"),
    _c("seconds", "number", "From first showing to answer, by the server's clock.", "s"),
    _c("first_choice_seconds", "number", "From opening the page to the first choice, by the browser's clock.", "s"),
    _c("played_seconds", "number", "Accumulated playing time; empty where it could not be measured.", "s"),
    _c("plays", "integer", "How often playing was started.", "plays"),
    _c("hidden_seconds", "number", "How long the page was in the background.", "s"),
    _c("listening_measured", "boolean", "Whether the browser could measure listening.", values="true, false"),
    _c(
        "listening_doubtful",
        "boolean",
        "true where the browser told of more seconds played than had passed by the server's clock: not to be believed.",
        values="true, false",
    ),
    _c("audio_sha256", "text", "Hash of the sound played; empty without music."),
    _c("picture_sha256", "text", "Hash of the picture shown; empty without a picture."),
    _c("language", "text", "Language of the pages.", values="en, de, fr, es, tr"),
    _c("device", "text", "Kind of device.", values="phone, tablet, computer"),
    _c(
        "outcome",
        "text",
        "How the participation ended; empty while it goes on.",
        values="complete, screened_out, quota_full, no_consent",
    ),
    _c(
        "included",
        "boolean",
        "false where the rules fixed at publication, or a researcher by hand, leave the person out.",
        values="true, false",
    ),
)
PARTICIPANTS = (
    _c("participant", "text", "Random identifier of the participation; no name, mail or network address is stored."),
    _c("language", "text", "Language of the pages."),
    _c("condition", "text", "The person's cell in a between-participants design."),
    _c("device", "text", "Kind of device.", values="phone, tablet, computer"),
    _c("created_at", "time", "When the participation was stored: at consent, or when it ended without one.", "UTC"),
    _c("consented_at", "time", "Consent.", "UTC"),
    _c("consent_sha256", "text", "Hash of the text agreed to."),
    _c("sound_checked_at", "time", "Sound check done.", "UTC"),
    _c(
        "sound_wrong",
        "integer",
        "How often the number of tones was answered wrong at the sound check; each time there was another sound.",
        "times",
    ),
    _c(
        "sound_measured",
        "boolean",
        "Whether a script saw the sound check played; empty where it was not done.",
        values="true, false",
    ),
    _c("finished_at", "time", "End of the participation.", "UTC"),
    _c("last_seen_at", "time", "Last request.", "UTC"),
    _c("outcome", "text", "How the participation ended; empty while it goes on or was left."),
    _c("restarts", "integer", "How often the person came back after a long pause.", "times"),
    _c(
        "headphones",
        "json",
        "Result of the headphone test: right answers, passed, seconds played of each sound (null: not measured), "
        "and whether all were measured and can be believed.",
    ),
    _c("background", "json", "Optional background answers."),
    _c("option_order", "list", "Answers in the order this person saw them, separated by |."),
    _c("plan", "list", "Kind of every trial, in order, separated by |."),
    _c("order_row", "integer", "Row of the Latin square, from 0; empty where the order of trials is by chance."),
    _c(
        "included",
        "boolean",
        "Verdict of the rules and of a researcher; empty where there is none yet.",
        values="true, false",
    ),
    _c("verdict", "list", "Reasons for leaving the person out, separated by |."),
)
STIMULI = (
    _c("stimulus", "text", "Identifier used in the other tables."),
    _c("condition", "text", "Cell of the design."),
    _c("presentation", "text", "What is presented."),
    _c("matching", "text", "Whether picture and music belong together."),
    _c("role", "text", "main, practice or gold.", values="main, practice, gold"),
    _c("emotion", "text", "Intended emotion.", values=SLUGS),
    _c("picture_emotion", "text", "The shown picture's own emotion.", values=SLUGS),
    _c("composer", "text", "What made the music."),
    _c("pair_version", "text", "Identifier of the generated version."),
    _c("version", "integer", "Number of the version of its pair."),
    _c("seed", "integer", "Seed of the generation; empty for imported clips."),
    _c("models", "list", "Model versions used, separated by |."),
    _c("audio_sha256", "text", "Hash of the sound played."),
    _c("audio_alternative_sha256", "text", "Hash of the same sound in the second format."),
    _c("midi_sha256", "text", "Hash of the MIDI file."),
    _c("picture_sha256", "text", "Hash of the picture shown."),
    _c("duration_seconds", "number", "Length of the clip.", "s"),
    _c("loudness_lufs", "number", "Integrated loudness (ITU-R BS.1770).", "LUFS"),
    _c("true_peak_dbtp", "number", "True peak.", "dBTP"),
    _c("features", "json", "Measured on the MIDI."),
    _c("attributes", "json", "Musical attributes, target and measured."),
    _c(
        "question",
        "text",
        "What is asked about it, in the study's own language; {emotion} stands for asked_emotion. Other languages "
        "stand in study.json.",
    ),
)
TARGETS = (
    _c(
        "targets",
        "text",
        "Version of the table that says what each emotion asks of music; empty where the composer has none.",
    ),
    _c(
        "learned_targets",
        "text",
        "Version of what listeners taught, which moved that table for this clip; empty: the table as shipped.",
    ),
)
"""Of stimuli, where any of them was made for learned targets, or is a variant."""
CUES = {
    "tempo": "slow, as-composed, fast",
    "mode": "minor, major",
    "register": "low, as-composed, high",
    "touch": "soft, as-composed, loud",
    "articulation": "staccato, detached, legato",
}
"""Cues that a run can vary, with their levels; as columns a contract."""
VARIANTS = (
    _c(
        "cue_piece",
        "text",
        "Piece that was varied, by a number of this study: its variants have the same. Empty: no variant.",
    ),
    *(
        column
        for cue, levels in CUES.items()
        for column in (
            _c(f"cue_{cue}", "text", f"Level of {cue}; empty where it was not varied in this piece.", values=levels),
            _c(f"cue_{cue}_value", "number", f"Place of this level on the scale of {cue}, which orders its levels."),
        )
    ),
)
"""Of stimuli, where any of them is a variant of a cue experiment."""
PICTURES = (
    _c(
        "picture_attributes",
        "json",
        "Measured on the picture shown: brightness and contrast (mean and standard deviation of luma), saturation, "
        "warmth, colourfulness (Hasler & Süsstrunk), edges (share of pixels), symmetry, texture_homogeneity "
        "(Haralick).",
    ),
)
"""Of stimuli, where any of them shows a picture that was measured."""
SIDE = _c(
    "side",
    "text",
    "Whether the clip was made for the new or the old targets that the study compares, as publication wrote it down; "
    "empty: it counts on neither side.",
    values="new, old",
)
"""Of stimuli, where a study tests what listeners taught."""
EVERY_OF_STIMULI = (*STIMULI, *TARGETS, *VARIANTS, *PICTURES, SIDE)
"""What can be told of a stimulus, in this order."""
EVENTS = (
    _c("participant", "text", "As in participants.csv."),
    _c("position", "integer", "Place of the trial in the session."),
    _c("stimulus", "text", "As in stimuli.csv."),
    _c("sequence", "integer", "Order of the events of one trial."),
    _c("kind", "text", "What happened: play, pause, ended, hidden, visible, error …"),
    _c("milliseconds", "integer", "Since the page was opened, by the browser's clock.", "ms"),
    _c("detail", "json", "More about it."),
    _c("received_at", "time", "When the server got it.", "UTC"),
)
ASSIGNMENT = (
    _c("participant", "text", "As in participants.csv."),
    _c("position", "integer", "Place of the trial in the session."),
    _c("stimulus", "text", "As in stimuli.csv."),
    _c("trial_kind", "text", "Kind of the trial, practice among them.", values=KINDS),
    _c("asked_emotion", "text", ASKED_EMOTION),
    _c("option_order", "list", "Answers in the order shown, separated by |."),
    _c("assigned_at", "time", "When the stimulus was given.", "UTC"),
    _c(
        "shown_at",
        "time",
        "When its page was first sent; empty: within two seconds of assigned_at.",
        "UTC",
    ),
    _c("answered_at", "time", "When it was answered; empty where it never was.", "UTC"),
)

RESPONSES_TO_PAIRS = (
    _c("second_stimulus", "text", "Identifier of the clip played second; stimulus is the one played first."),
    _c("second_condition", "text", "Its cell of the design."),
    _c("second_composer", "text", "What made its music."),
    _c("second_audio_sha256", "text", "Hash of its sound."),
    _c("second_played_seconds", "number", "Its accumulated playing time; played_seconds is the first clip's.", "s"),
    _c("second_plays", "integer", "How often playing it was started.", "plays"),
)
ASSIGNMENT_OF_PAIRS = (_c("second_stimulus", "text", "The clip played second, as in stimuli.csv."),)

TABLES: dict[str, tuple[Column, ...]] = {
    "responses_long": RESPONSES,
    "participants": PARTICIPANTS,
    "stimuli": STIMULI,
    "events": EVENTS,
    "assignment": ASSIGNMENT,
}
ANSWERS = (
    _c("participant", "text", "As in participants.csv."),
    _c("position", "integer", "Place of the trial in the session; empty: asked about the person."),
    _c("stimulus", "text", "As in stimuli.csv; empty: asked about the person."),
    _c("trial_kind", "text", "Kind of the trial.", values=KINDS),
    _c("question", "text", "The question's name, as in study.json."),
    _c("kind", "text", "What sort of answer it takes.", values="choice, scale, slider, number, text"),
    _c("value", "text", "The answer: an option's name, a number, or words."),
    _c("own_words", "text", "Words beside an option that asks for them."),
    _c("answered_at", "time", "When the answer was stored.", "UTC"),
)
INSTRUCTED = _c(
    "instructed", "text", "The answer that the page of an attention trial asked for.", values=SLUGS + "; yes, no"
)
PASSED = _c(
    "passed", "boolean", "Whether it was chosen; empty at all trials but attention trials.", values="true, false"
)
SCREENED_BY = _c("screened_by", "text", "What somebody was screened out by: the name of a question, or headphone-test.")
MEDIA_TABLE = "media"
MEDIA = (
    _c("stimulus", "text", "As in stimuli.csv."),
    _c("kind", "text", "What it is of the stimulus.", values="sound, sound_alternative, midi, score, picture"),
    _c("file", "text", "Name in the pack; empty: the site did not have the file."),
    _c("sha256", "text", "Hash of the file in the pack."),
    _c("bytes", "integer", "Size of the file in the pack.", "bytes"),
    _c("licence", "text", "Licence of the picture; empty: none is on record."),
    _c("attribution", "text", "Whom to name for the picture."),
)
"""The table of a pack that carries media by choice; all other tables are the same with and without."""
CODEBOOK_HEADER = ("table", "name", "type", "unit", "values", "meaning")
TYPES = {
    "text": "text; a leading apostrophe guards against formulas (= + - @ tab line end '): remove one when reading",
    "integer": "integer",
    "number": "number with decimal point",
    "boolean": "true or false",
    "time": "ISO 8601, UTC, with microseconds",
    "list": "text, parts separated by |",
    "json": "JSON",
}


NOT_RATED = "Place of the mark; empty: not moved yet in this playing, not heard, or not asked."
COURSES = (
    _c("participant", "text", "As in participants.csv."),
    _c("position", "integer", "Place of the trial in the session."),
    _c("stimulus", "text", "As in stimuli.csv."),
    _c("trial_kind", "text", "Only main trials count in the results.", values=ANSWERED_KINDS),
    _c("second", "number", "Place in the clip, by the player's own position: pauses take none.", "s"),
    _c("valence", "number", NOT_RATED, values="-1 to 1"),
    _c("arousal", "number", NOT_RATED, values="-1 to 1"),
    _c("whole", "boolean", "Whether the clip was heard to its end in one playing; the last such playing is told."),
)
"""One row for every tenth of a second of every clip that somebody rated while it played."""
AFFECT_FORM = _c("affect_form", "text", "How valence and arousal were asked for.", values="pad")
SHAPING = ("mode", "ask_affect", "affect_form", "continuous", "attention_trials")
"""Settings of a study that decide, beside its further questions, which columns and tables its packs have."""


PLAIN_WORDS: dict[str, dict[str, str]] = {
    "intended": {
        "meaning": "The right answer: the intended emotion; in the yes/no mode yes where it is the one named, no at a "
        "lure."
    },
    "chosen": {"values": f"{SLUGS}; none (none of these / cannot tell); yes, no"},
    "asked_emotion": {"meaning": "Emotion named in the yes/no question: the intended one (target) or another (lure)."},
    "hit": {"meaning": "Whether chosen is intended."},
}


def question_columns(questions: Iterable[Question]) -> tuple[Column, ...]:
    """The columns of the answers to further questions; words beside an option have one of their own."""
    found = []
    for question in questions:
        found.append(column_of(question))
        if question.own_field:
            found.append(_c(question.own_field, "text", f"{question.meaning} In the person's own words."))
    return tuple(found)


def tables_with(
    questions: Sequence[Question],
    study: Study,
    *,
    learned_targets: bool = False,
    variants: bool = False,
    pictures: bool = False,
    sides: bool = False,
) -> dict[str, tuple[Column, ...]]:
    """The tables of a pack whose study has the settings of `study` and asks further `questions`.

    What a study does not ask for has no column: about the second of two clips, the further questions, what attention
    trials asked for, which question screened somebody out, the form of the pad, what was rated while clips played; and
    only where it plays clips for `learned_targets` do columns say for which targets each clip was made, and only where
    it plays `variants` of pieces these, and which variant each is, and only where it shows `pictures` that were
    measured does one tell what was measured, and only where it compares `sides` on which each is.
    """
    compares, attention = study.form.compares, has_attention(study)
    about_clips = [question for question in questions if not question.about_person]
    about_people = [question for question in questions if question.about_person]
    screens = any(question.admits for question in questions)
    tables = {
        **TABLES,
        "responses_long": (
            *RESPONSES,
            *(RESPONSES_TO_PAIRS if compares else ()),
            *question_columns(about_clips),
            *((INSTRUCTED, PASSED) if attention else ()),
            *((AFFECT_FORM,) if study.asks_on_pad else ()),
        ),
        "stimuli": (
            *STIMULI,
            *(TARGETS if learned_targets or variants or sides else ()),
            *(VARIANTS if variants else ()),
            *(PICTURES if pictures else ()),
            *((SIDE,) if sides else ()),
        ),
        "participants": (*PARTICIPANTS, *question_columns(about_people), *((SCREENED_BY,) if screens else ())),
        "assignment": (
            *ASSIGNMENT,
            *(ASSIGNMENT_OF_PAIRS if compares else ()),
            *((INSTRUCTED,) if attention else ()),
        ),
        **({TABLE: ANSWERS} if questions else {}),
        **({COURSES_TABLE: COURSES} if study.rated_while_playing else {}),
    }
    if compares or attention:
        return tables
    return {name: tuple(map(_in_plain_words, columns)) for name, columns in tables.items()}


def _in_plain_words(column: Column) -> Column:
    """What is said of a column where clips are not compared and attention is not tested: packs stay as they were."""
    if column.name == "trial_kind":
        return replace(column, values=column.values.removesuffix(f", {Trial.Kind.ATTENTION}"))
    return replace(column, **PLAIN_WORDS.get(column.name, {}))


def tables_of(study: Study) -> dict[str, tuple[Column, ...]]:
    told = {
        "learned_targets": plays_learned_targets(study),
        "variants": plays_variants(study),
        "pictures": shows_measured_pictures(study),
        "sides": compares_targets(study),
    }
    return tables_with(further_questions(study), study, **told)


def has_attention(study: Study) -> bool:
    """Whether the study's tables speak of attention trials."""
    return study.attention_trials > 0


def format_of(study: Study) -> str:
    """The format version of the study's packs."""
    if compares_targets(study):
        return FORMAT_WITH_SIDES
    if shows_measured_pictures(study):
        return FORMAT_WITH_PICTURES
    if plays_variants(study):
        return FORMAT_WITH_VARIANTS
    if plays_learned_targets(study):
        return FORMAT_WITH_TARGETS
    if study.asks_on_pad or study.rated_while_playing:
        return FORMAT_WITH_PADS
    if study.form.compares:
        return FORMAT_WITH_PAIRS
    return FORMAT_WITH_QUESTIONS if further_questions(study) or has_attention(study) else FORMAT_VERSION


def codebook_rows(*names: str, study: Study | None = None, media: bool = False) -> Iterator[tuple[str, ...]]:
    """Yield one row per column of the tables named (all without names), of `study` or of any, `media` by choice."""
    tables = tables_of(study) if study else TABLES
    if media:
        tables = {**tables, MEDIA_TABLE: MEDIA}
    for table in names or tuple(tables):
        for column in tables[table]:
            meaning = column.meaning
            if study and study.loudness_caveat and (table, column.name) == ("stimuli", "loudness_lufs"):
                meaning = f"{meaning} As it was played. {study.loudness_caveat}"
            if study and study.asks_on_pad and table == "responses_long":
                meaning = meaning.replace("Affective slider", "Mark on the pad")
            yield table, column.name, TYPES[column.kind], column.unit, column.values, meaning
