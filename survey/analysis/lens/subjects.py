"""What a lens is of, in the words of its tables and sentences: of clips and their music, or of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey.analysis.lens.words import EQUATION, PICTURE_CUES


@dataclass(frozen=True, slots=True)
class Subject:
    """The words of a lens.

    Attributes
    ----------
    name : str
        Of the measure; names of its tables begin with it.
    title, of_emotion : str
        What its first table is called, and its figures, to which the emotion is added.
    ranked : sequence of str
        Cues of the equation, the most important first.
    one : str
        What is judged, "clip"; several have an s.
    own, being : str
        Those of an emotion, "clips made for the emotion", and what one of them is, "being made for the emotion".
    sender, receiver : str
        Whose weights stand on either side.
    only_sender, only_receiver, opposite : str
        How sentences begin that name the cues of one side alone, and those of opposite directions.
    used : str
        What the sender did to cues, after "only": "the composer used".
    opening : str
        What the sentence about achievement begins with.
    misheard : tuple of str
        Title of the table of those taken for another emotion, and the heads of its first three columns.
    heard : str
        How a reading begins: "Heard as".
    limits : str
        What weights do not say.
    lacking : str
        What those left out are.
    """

    name: str
    title: str
    of_emotion: str
    ranked: Sequence[str]
    one: str
    own: str
    being: str
    sender: str
    receiver: str
    only_sender: str
    only_receiver: str
    opposite: str
    used: str
    opening: str
    misheard: tuple[str, str, str, str]
    heard: str
    limits: str
    lacking: str = "without all of the cues"

    @property
    def plots(self) -> str:
        """What names of its figures begin with.

        >>> CLIPS.plots, PICTURES.plots
        ('lens-', 'picture-lens-')
        """
        return f"{self.name.replace('_', '-')}-"


NO_CAUSE = (
    "Cues that go together share their weights, and what is not measured counts for those it goes with: weights tell no"
    " causes unless cues were varied on purpose."
)
BOTH_ACT = (
    "Where music plays with the picture both act: what a cue of the picture goes with in the music counts for it, and"
    " where the two belong together their emotions are one."
)
CLIPS = Subject(
    name="lens",
    title="The lens: how far emotions go through the cues",
    of_emotion="The lens of",
    ranked=EQUATION,
    one="clip",
    own="clips made for the emotion",
    being="being made for the emotion",
    sender="Composer",
    receiver="Listeners",
    only_sender="Only the composer uses",
    only_receiver="Only listeners use",
    opposite="In opposite directions for composer and listeners:",
    used="the composer used",
    opening="Achievement r_a",
    misheard=("Clips heard as another emotion", "Clip", "Made for", "Heard as"),
    heard="Heard as",
    limits=NO_CAUSE,
)
PICTURES = Subject(
    name="picture_lens",
    title="The lens of pictures: how far emotions go through what is seen",
    of_emotion="The lens of pictures of",
    ranked=PICTURE_CUES,
    one="picture",
    own="pictures of the emotion",
    being="being a picture of the emotion",
    sender="Pictures",
    receiver="Viewers",
    only_sender="Only pictures of it differ in",
    only_receiver="Only viewers go by",
    opposite="In opposite directions for pictures and viewers:",
    used="the pictures differ in",
    opening="Of what is seen, achievement r_a",
    misheard=("Pictures taken for another emotion", "A clip that shows it", "Picture of", "Taken for"),
    heard="Picture taken for",
    limits=f"{NO_CAUSE} {BOTH_ACT}",
    lacking="without all of the cues or with several emotions",
)
