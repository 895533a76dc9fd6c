"""Whether people know the clip: what one knows is liked and recognised otherwise."""

from __future__ import annotations

from survey.questions.kinds import Scale
from survey.questions.question import Question, When
from survey.questions.translated import in_words

FAMILIARITY = Question(
    key="familiarity",
    wording=in_words(
        en="How familiar is this clip to you?",
        de="Wie vertraut ist Ihnen dieses Stück?",
        fr="Cet extrait vous est-il familier ?",
        es="¿Cuánto le resulta familiar este fragmento?",
        tr="Bu parça size ne kadar tanıdık geliyor?",
    ),
    kind=Scale(
        5,
        in_words(
            en="never heard",
            de="nie gehört",
            fr="jamais entendu",
            es="nunca lo he oído",
            tr="hiç duymadım",
        ),
        in_words(
            en="know it well",
            de="kenne ich gut",
            fr="je le connais bien",
            es="lo conozco bien",
            tr="iyi biliyorum",
        ),
    ),
    when=When.CLIP,
    told="familiarity with the clip",
    meaning="How familiar the clip was.",
    position=110,
    seconds=3.0,
    needs_music=True,
)
