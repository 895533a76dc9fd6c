"""How much people like the clip."""

from __future__ import annotations

from survey.questions.kinds import Scale
from survey.questions.question import Question, When
from survey.questions.translated import in_words

LIKING = Question(
    key="liking",
    wording=in_words(
        en="How much do you like this clip?",
        de="Wie gut gefällt Ihnen dieses Stück?",
        fr="Cet extrait vous plaît-il ?",
        es="¿Cuánto le gusta este fragmento?",
        tr="Bu parçayı ne kadar beğendiniz?",
    ),
    kind=Scale(
        5,
        in_words(en="not at all", de="gar nicht", fr="pas du tout", es="nada", tr="hiç"),
        in_words(en="very much", de="sehr gut", fr="beaucoup", es="mucho", tr="çok"),
    ),
    when=When.CLIP,
    told="liking",
    meaning="How much the clip was liked.",
    position=130,
    seconds=3.0,
    needs_music=True,
)
