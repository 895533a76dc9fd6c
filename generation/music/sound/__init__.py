"""Sound: MIDI played on a piano, brought to equal loudness, and coded for browsers."""

from generation.music.sound.encoding import (
    SECOND_EXTENSION,
    SECOND_MEDIA_TYPE,
    decode,
    encode_mp3,
    encode_second,
)
from generation.music.sound.fluid import RendererFailed
from generation.music.sound.loudness import CannotLevel, Loudness, level, measure_loudness
from generation.music.sound.playing import UnplayableMidi
from generation.music.sound.recording import Recording, finish, record
from generation.music.sound.renderers import Renderer, available_renderers, choose_renderer, render
from generation.music.sound.samples import LEAD_IN_SECONDS, SAMPLE_RATE, Origin, Sound

__all__ = [
    "LEAD_IN_SECONDS",
    "SAMPLE_RATE",
    "SECOND_EXTENSION",
    "SECOND_MEDIA_TYPE",
    "CannotLevel",
    "Loudness",
    "Origin",
    "Recording",
    "Renderer",
    "RendererFailed",
    "Sound",
    "UnplayableMidi",
    "available_renderers",
    "choose_renderer",
    "decode",
    "encode_mp3",
    "encode_second",
    "finish",
    "level",
    "measure_loudness",
    "record",
    "render",
]
