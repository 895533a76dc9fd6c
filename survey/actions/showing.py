"""What participants read of a stimulus: copied to it when it is made, and once more when its study is published."""

from __future__ import annotations

from collections.abc import Iterator

from generation.emotion_words import say_found
from survey.models import Stimulus, Study
from survey.wording import choice_labels, names_emotion

COPIED = ("picture_description", "picture_width", "picture_height", "asked_labels")


def copy_what_is_shown(stimulus: Stimulus, study: Study) -> None:
    """Take the words over that belong to the picture and to the site; a description that names an emotion is not."""
    picture = stimulus.picture
    if picture is not None:
        stimulus.picture_description = "" if names_emotion(picture.alt_text) else picture.alt_text
        stimulus.picture_width, stimulus.picture_height = picture.width, picture.height
    asked = study.languages if study.form.names_emotion else ()
    stimulus.asked_labels = choice_labels(stimulus.emotion, asked)


def freeze_what_is_shown(study: Study) -> None:
    """Refresh the copies of a draft; once it is published the database keeps them as they are."""
    stimuli = list(study.stimuli.select_related("picture"))
    for stimulus in stimuli:
        copy_what_is_shown(stimulus, study)
    Stimulus.objects.bulk_update(stimuli, COPIED, batch_size=200)


def descriptions_left_out(study: Study) -> Iterator[str]:
    """A sentence for each picture of a draft whose description participants will not get, with what was found."""
    pictures = {stimulus.picture for stimulus in study.stimuli.select_related("picture") if stimulus.picture}
    for picture in sorted(pictures, key=lambda picture: picture.pk):
        found = say_found(picture.alt_text)
        if found:
            yield (
                f"The description of “{picture}” names an emotion: {found}. Participants are told only that there is "
                "a picture; on the picture’s page its description can be written without that word."
            )
