"""Sound: MIDI played on a piano, brought to equal loudness, and coded for browsers."""

from generation.music.sound.containers import UnusableRecording
from generation.music.sound.encoding import (
    SECOND_EXTENSION,
    SECOND_MEDIA_TYPE,
    decode,
    encode_mp3,
    encode_second,
)
from generation.music.sound.fluid import RendererFailed, RendererGaveUp
from generation.music.sound.imported_audio import (
    LARGEST_RECORDING,
    LONGEST_CLIP_SECONDS,
    SHORTEST_CLIP_SECONDS,
    ImportedAudio,
    check_length,
    check_not_too_long,
    read_recording,
)
from generation.music.sound.loudness import CannotLevel, Loudness, level, measure_loudness
from generation.music.sound.pianos import find_grand_piano, keep_piano
from generation.music.sound.playing import UnplayableMidi, measure_playing
from generation.music.sound.recording import Recording, finish, record
from generation.music.sound.renderers import Renderer, available_renderers, choose_renderer, render
from generation.music.sound.samples import SAMPLE_RATE, Origin, Sound

__all__ = [
    "LARGEST_RECORDING",
    "LONGEST_CLIP_SECONDS",
    "SAMPLE_RATE",
    "SECOND_EXTENSION",
    "SECOND_MEDIA_TYPE",
    "SHORTEST_CLIP_SECONDS",
    "CannotLevel",
    "ImportedAudio",
    "Loudness",
    "Origin",
    "Recording",
    "Renderer",
    "RendererFailed",
    "RendererGaveUp",
    "Sound",
    "UnplayableMidi",
    "UnusableRecording",
    "available_renderers",
    "check_length",
    "check_not_too_long",
    "choose_renderer",
    "decode",
    "encode_mp3",
    "encode_second",
    "find_grand_piano",
    "finish",
    "keep_piano",
    "level",
    "measure_loudness",
    "measure_playing",
    "read_recording",
    "record",
    "render",
]
