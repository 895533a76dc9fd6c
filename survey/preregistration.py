"""A study's plan as a text that can be filed as a preregistration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from django.utils.translation import override

from survey.analysis.planned import define_primary, say_planned
from survey.design.loudness import STEP_DB
from survey.design.quality import COUNTED, say_rules, who_counts
from survey.first_words import BOTH, QUESTIONS, instructions_for, question_about
from survey.models import Condition, Stimulus, Study
from survey.queries.glosses import glosses_of
from survey.queries.questions import further_questions
from survey.queries.sides import sides_of_stimuli
from survey.questions import SWITCHES, When

PLAN = {
    "hypotheses": "Hypotheses",
    "primary_measure": "Primary measure",
    "primary_cell": "Primary cell or difference",
    "margin": "Margin of equivalence",
    "planned_n": "Planned number of participants",
    "answers_per_clip": "Planned answers per clip",
    "stop_rule": "Stopping rule",
}
RULES_HEADING = "Rules for leaving people out"
MOMENTS = {When.BEFORE: "before the clips", When.CLIP: "about every clip", When.AFTER: "after the last clip"}


def planned(study: Study) -> dict[str, str]:
    """What the plan of analysis says, by name, in the order of `PLAN`; what it does not say is left out.

    Pages, reports and files that tell a plan go by it: the same thing has one name.
    """
    plan = study.analysis_plan
    return {label: _say(name, plan[name]) for name, label in PLAN.items() if plan.get(name) not in (None, "")}


def plan_facts(study: Study) -> dict[str, str]:
    """What the plan says, and the rules of exclusion."""
    counted = who_counts(study.exclusion_rules)
    return planned(study) | ({RULES_HEADING: counted} if counted else {})


def _say(name: str, value: object) -> str:
    return say_planned(str(value)) if name == "primary_cell" else str(value)


def frozen_facts(study: Study) -> list[tuple[str, str]]:
    """(what, how) of everything but texts and clips that publication freezes: design, conduct, plan, rules."""
    asked = [switch.told for switch in SWITCHES.values() if getattr(study, switch.name)]
    asked += [question.told for question in further_questions(study)]
    rules = say_rules(study.exclusion_rules)
    return [
        ("Mode", study.get_mode_display()),
        *([("Emotion named", study.get_lures_display())] if study.mode == Study.Mode.YES_NO else []),
        ("Answers", ", ".join(choice.label for choice in study.choices.all())),
        *_meanings(study),
        ("Asked as well", ", ".join(asked) or "nothing"),
        *_on_pads(study),
        ("Who is let in", "\n".join(_let_in(study)) or "everybody"),
        ("Trials each", _trials(study)),
        ("Spread over cells", study.get_spread_display()),
        ("Order of trials", study.get_trial_order_display()),
        *([("Cue experiment", study.get_cue_design_display())] if study.varies_cues else []),
        ("Listening", _listening(study)),
        ("What cannot have been heard", study.get_unheard_display()),
        ("Loudness of the clips", study.get_loudness_display()),
        ("Headphones", _headphones(study)),
        ("Outside ids", study.get_id_storage_display()),
        ("Several people in one browser", study.get_next_person_display()),
        ("Whom people can ask", study.contact or "nobody is named"),
        *_afterwards(study),
        *planned(study).items(),
        (RULES_HEADING, "\n".join((COUNTED, *rules)) if rules else "none"),
    ]


def _meanings(study: Study) -> Iterator[tuple[str, str]]:
    """What people can read of the words, and how long the first page says it takes; nothing of earlier studies."""
    said = [f"{gloss.word}: {gloss.sentence}" for gloss in glosses_of(study, study.language)]
    if study.show_glosses or said:
        yield "Meaning of the words", "\n".join(said) or "one sentence for each, at every clip"
    if study.minutes_told:
        yield "Time that people are told", f"about {study.minutes_told} min"


def _let_in(study: Study) -> Iterator[str]:
    """Whom the study admits: by device, and by the answers to questions."""
    if study.devices:
        yield f"devices: {', '.join(study.devices)}"
    for question in further_questions(study):
        if question.admits:
            yield f"{question.told} ({question.key}): {question.admits.told}"


def _afterwards(study: Study) -> Iterator[tuple[str, str]]:
    """What people read after their last answer; nothing of studies that show nothing then."""
    if study.debriefing:
        yield "What people read at the end", study.debriefing
    if study.debrief_own:
        yield "Own answers at the end", "shown, each beside its clip"
        yield "What was meant is told", study.get_debrief_intended_display()
        yield "How others answered is told", study.get_debrief_others_display()


def _on_pads(study: Study) -> Iterator[tuple[str, str]]:
    """How valence and arousal are asked for, where not by two sliders after the clip; nothing of earlier studies."""
    if study.asks_on_pad:
        yield "Valence and arousal after the clip", study.get_affect_form_display()
    if study.rated_while_playing:
        yield "Rated while the clip plays", f"{study.get_continuous_display()}, ten times a second"


def _trials(study: Study) -> str:
    extra = (
        (study.practice_trials, "practice"),
        (study.gold_trials, "gold"),
        (study.repeat_trials, "repeats"),
        (study.attention_trials, "attention"),
    )
    return " + ".join([str(study.clips_per_participant), *(f"{number} {what}" for number, what in extra if number)])


def _listening(study: Study) -> str:
    said = "the whole clip, where it can be measured" if study.require_listening else "as people like"
    if not study.replay_cap:
        return said
    return f"{said}, at most {study.replay_cap} play{'' if study.replay_cap == 1 else 's'}"


def _headphones(study: Study) -> str:
    said = study.get_headphones_display()
    return said if study.headphones == Study.Headphones.NONE else f"{said}: {study.get_headphone_test_display()}"


def write_preregistration(study: Study) -> str:
    """Markdown with everything that is frozen at publication: design, wording, stimuli, rules, plan."""
    stated = planned(study)
    parts = [
        f"# {study.title}, version {study.number}",
        _state(study),
        "## Question and answers",
        *_answers(study),
        "## Admission",
        *([f"- {line}" for line in _let_in(study)] or ["- No condition: everybody who agrees is let in."]),
        "## Design",
        *_design(study),
        "## Plan of analysis",
        *(f"- {label}: {stated.get(label, 'not stated')}" for label in PLAN.values()),
        *_primary(study),
        "## Exclusion of participants",
        *_rules(study),
        "Nothing is deleted: results are reported for all and for included participants.",
        "## Consent text",
        study.consent_text,
        "## Stimuli",
        *_stimuli(study),
    ]
    return "\n\n".join(_join_lists(parts)) + "\n"


def _primary(study: Study) -> Iterator[str]:
    """How the primary measure will be computed and tested."""
    named = study.analysis_plan.get("primary_cell", "")
    if study.form.compares:
        yield f"- {STRENGTHS}"
    elif named:
        told = define_primary(named, yes_or_no=study.mode == Study.Mode.YES_NO, has_lures=study.has_lures)
        yield f"- How the primary measure is computed: {told}"


def _join_lists(parts: list[str]) -> Iterator[str]:
    """Neighbouring list lines become one block."""
    block: list[str] = []
    for part in parts:
        if part.startswith("- "):
            block.append(part)
            continue
        if block:
            yield "\n".join(block)
            block = []
        yield part
    if block:
        yield "\n".join(block)


STIMULI_DUE = (
    "- Assignment: at every trial first the cell that is due to the person by its weight, then the one with the "
    "fewest answers and live leases; in it the stimulus with the fewest, random among ties. The rest of every "
    "session is planned so that nobody gets a clip twice and everybody every trial that is owed"
)
VARIANTS_DUE = (
    "- Cue experiment, Latin square: nobody hears a piece twice, in whatever variant. Each combination of levels is "
    "due to a person equally often, as cells are, and every variant of every piece gets equally many answers"
)
PAIRS = (
    "- Assignment: every two clips of one picture (or of one intended emotion, where the question names it) from two "
    "cells are a pair. At every trial the pair with the fewest judgements and live leases, random among ties after "
    "those whose clips the person heard least; first comes the clip that was first less often in this pair, then the "
    "one whose cell was. Nobody gets a pair twice; one of the two clips has to be chosen"
)
STRENGTHS = (
    "How strengths are computed: Bradley and Terry’s model with an effect of the side (Davidson and Beaver 1977) by "
    "maximum likelihood, cells being what is compared; without that effect where it alone has no finite "
    "estimate; 95 % intervals cluster-robust over people, and two-way over "
    "people and pictures (or emotions); with two cells the preference between them is the primary measure, two-sided "
    "t test of 50 %, α = .05; with more, every two are tested with Holm’s correction"
)


def _state(study: Study) -> str:
    if study.published_at is None:
        return "Draft: nothing is frozen yet."
    return f"Frozen at publication on {study.published_at:%Y-%m-%d %H:%M} UTC."


def _answers(study: Study) -> Iterator[str]:
    yield from _questions(study)
    labels = ", ".join(study.choices.values_list("label", flat=True))
    yield f"- Mode: {study.get_mode_display()}"
    yield from _named(study)
    order = "in this order" if study.form.keeps_order else "in an order random per participant"
    yield f"- Answers, {order}: {labels}"
    if study.show_glosses:
        yield "- What each word means can be read at every clip, in one sentence that is the same for everybody"
    for switch in SWITCHES.values():
        yield f"- {switch.planned}: {'yes' if getattr(study, switch.name) else 'no'}"
    yield from (f"- {what}: {said}" for what, said in _on_pads(study))
    yield from _further(study)


def _further(study: Study) -> Iterator[str]:
    """The study's further questions, in its own language: when, what, and which answers it takes."""
    with override(study.language):
        for question in further_questions(study):
            needed = "needed" if question.required else "optional"
            values = f"; {question.told_values}" if question.told_values else ""
            yield (
                f"- Asked {MOMENTS[question.when]} ({question.key}, {needed}): “{question.wording}” "
                f"({question.kind.name}{values})"
            )


def _named(study: Study) -> Iterator[str]:
    """What a yes/no trial asks about, and by which rule."""
    if study.mode == Study.Mode.YES_NO:
        yield f"- Emotion named: {study.get_lures_display()}"
    if study.has_lures:
        yield (
            "- Lures: half of each person's main trials, within one, name the intended emotion (targets), half another "
            "(lures); in between the sort that the clip has less of. A lure names an emotion that other main clips "
            "express, the one named least often about the clip, then to the person; never the music's, nor that of "
            "the picture shown. Practice and gold trials likewise; about a gold clip a lure is of the other valence, "
            "and its right answer is no. A repeat asks the same question as the first time"
        )
        yield "- Measures: d′ = z(hit rate) − z(false-alarm rate) and bias c, log-linear correction (Hautus 1995)"


def questions_of(study: Study, language: str = "") -> list[tuple[str, str]]:
    """(what is presented, what is asked about it) for every sort of trial of the study."""
    used = set(study.conditions.values_list("presentation", flat=True)) or {BOTH}
    wording = study.wording(language or study.language)
    return [(label, question_about(wording, name)) for name, label in Condition.Presentation.choices if name in used]


def _questions(study: Study) -> Iterator[str]:
    """What is asked and instructed about every sort of trial, in every language."""
    used = set(study.conditions.values_list("presentation", flat=True)) or {BOTH}
    for language in study.languages:
        mark = "" if language == study.language else f"({language}) "
        yield from (f"- {mark}{label}: “{question}”" for label, question in questions_of(study, language))
        wording = study.wording(language)
        for text in dict.fromkeys(instructions_for(wording, name) for name in QUESTIONS if name in used):
            if text:
                yield f"- {mark}Instructions: “{text}”"


def _design(study: Study) -> Iterator[str]:
    yield f"- {study.get_spread_display()}"
    for cell in study.conditions.all():
        composer = f"music of {cell.composer} alone, " if cell.composer else ""
        yield f"- Cell “{cell.name}”: {cell.get_presentation_display()}, {composer}weight {cell.weight:g}"
    yield (
        f"- Trials per participant: {study.clips_per_participant} main, {study.practice_trials} practice, "
        f"{study.gold_trials} gold, {study.repeat_trials} repeats, {study.attention_trials} attention"
    )
    if study.attention_trials:
        yield (
            "- Attention trials: at a place by chance behind the first main trial, a clip that the person has met is "
            "played once more, and the page asks for an answer drawn by chance, never the one given about this clip "
            "before. They count in no result"
        )
    yield f"- Order of trials: {study.get_trial_order_display()}"
    yield PAIRS if study.form.compares else STIMULI_DUE
    if study.hears_pieces_once:
        yield VARIANTS_DUE
    elif study.varies_cues:
        yield "- Cue experiment, full factorial: a person may hear a piece in several variants"
    yield f"- Whole clip required where listening can be measured: {'yes' if study.require_listening else 'no'}"
    if study.require_listening and study.unheard == study.Unheard.REFUSE:
        yield "- No answer is taken sooner than the clip lasts, measured or not"
    elif study.require_listening:
        yield "- An answer sooner than the clip lasts is taken and marked as doubtful"
    if study.loudness != study.Loudness.EQUAL:
        yield f"- Loudness of the clips: {study.get_loudness_display()} (by the arousal of the intended emotion)"
    yield f"- Headphones: {_headphones(study)}"
    yield f"- Outside ids: {study.get_id_storage_display()}"
    yield f"- Several people in one browser: {study.get_next_person_display()}"


def _rules(study: Study) -> Iterator[str]:
    rules = say_rules(study.exclusion_rules)
    if not rules:
        yield "- No rule: everybody who finishes is included."
        return
    yield f"{COUNTED[0].upper()}{COUNTED[1:]}"
    yield from (f"- {rule}" for rule in rules)


def _stimuli(study: Study) -> Iterator[str]:
    stimuli = list(study.stimuli.select_related("condition", "pair_version__pair__emotion"))
    counts = Counter(stimulus.emotion for stimulus in stimuli if stimulus.role == Stimulus.Role.MAIN)
    sides = sides_of_stimuli(study, stimuli)
    yield ("Main stimuli per intended emotion: " + ", ".join(f"{slug} {n}" for slug, n in sorted(counts.items())) + ".")
    for stimulus in stimuli:
        yield (
            f"- {stimulus.public_id}: {stimulus.role}, {stimulus.condition.name}, intended {stimulus.emotion}, "
            f"{_side(stimulus, sides)}composer {stimulus.composer or 'none'}, audio {_sound(study, stimulus)}, "
            f"picture {stimulus.picture_sha256[:16] or 'none'}"
        )


def _side(stimulus: Stimulus, sides: Mapping[str, str]) -> str:
    """For which targets the clip was made, where the study compares two."""
    side = sides.get(str(stimulus.public_id))
    return f"side {side}, " if side else ""


def _sound(study: Study, stimulus: Stimulus) -> str:
    """The sound by its hash. Copies of another level come into being by publishing: what they are of, and the steps."""
    if not stimulus.audio_sha256:
        return "none"
    if study.loudness == study.Loudness.EQUAL:
        return stimulus.audio_sha256[:16]
    steps = f"{stimulus.steps_by_intention:+d}".replace("-", "−") if stimulus.steps_by_intention else "0"
    return f"{stimulus.pair_version.audio_sha256[:16]} at {steps} steps of {STEP_DB:.1f} dB"
