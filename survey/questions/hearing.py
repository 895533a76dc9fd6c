"""Difficulties in hearing: who cannot hear a clip as it was made judges something else."""

from __future__ import annotations

from survey.questions.kinds import Choice
from survey.questions.question import Question, When
from survey.questions.translated import in_words

HEARING = Question(
    key="hearing_difficulties",
    wording=in_words(
        en="Do you have difficulties in hearing?",
        de="Haben Sie Schwierigkeiten beim Hören?",
        fr="Avez-vous des difficultés à entendre ?",
        es="¿Tiene dificultades para oír?",
        tr="İşitme güçlüğünüz var mı?",
    ),
    kind=Choice(
        {
            "none": in_words(en="No", de="Nein", fr="Non", es="No", tr="Hayır"),
            "some": in_words(en="Some", de="Etwas", fr="Un peu", es="Algunas", tr="Biraz"),
            "aided": in_words(
                en="Yes, I use a hearing aid or implant",
                de="Ja, ich nutze ein Hörgerät oder Implantat",
                fr="Oui, j’utilise un appareil ou un implant auditif",
                es="Sí, uso audífono o implante",
                tr="Evet, işitme cihazı veya implant kullanıyorum",
            ),
            "much": in_words(
                en="Yes, without an aid",
                de="Ja, ohne Hilfsmittel",
                fr="Oui, sans appareil",
                es="Sí, sin ayuda técnica",
                tr="Evet, cihazsız",
            ),
        },
        unsaid=in_words(
            en="Prefer not to say",
            de="Keine Angabe",
            fr="Je préfère ne pas répondre",
            es="Prefiero no decirlo",
            tr="Belirtmek istemiyorum",
        ),
    ),
    when=When.BEFORE,
    told="difficulties in hearing",
    meaning="Difficulties in hearing.",
    position=240,
    seconds=5.0,
    needs_music=True,
)
