"""The one list of files that people may send, held against what decodes them and against what the pages offer."""

from __future__ import annotations

import soundfile
from PIL import Image

from generation import accepted, forms
from generation.images import decoding


def test_every_picture_format_has_its_decoder_and_every_name_that_pillow_knows() -> None:
    assert set(accepted.PICTURES) == {*decoding.FORMATS, "MPO"}  # which the decoder of JPEG opens
    known = {suffix for suffix, form in Image.registered_extensions().items() if form in accepted.PICTURES}
    assert known <= accepted.PICTURE_SUFFIXES


def test_every_sound_format_has_its_decoder() -> None:
    assert set(accepted.SOUNDS) <= set(soundfile.available_formats())


def test_no_name_stands_for_two_kinds() -> None:
    names = [*accepted.PICTURE_SUFFIXES, *accepted.REFUSED_BY_NAME, *accepted.MIDI_SUFFIXES, *accepted.TABLE_SUFFIXES]
    names += [suffix for suffixes in accepted.SOUNDS.values() for suffix in suffixes]
    assert len(names) == len(set(names))
    assert all(name.startswith(".") and name == name.lower() for name in names)


def test_file_dialogues_offer_every_picture_that_is_taken() -> None:
    for field in (forms.UploadForm().fields["files"], forms.SketchPictureForm().fields["file"]):
        offered = field.widget.attrs["accept"].split(",")
        assert offered[0] == "image/*"
        assert set(offered[1:]) == accepted.PICTURE_SUFFIXES
        assert accepted.PICTURE_WORDS in field.help_text
