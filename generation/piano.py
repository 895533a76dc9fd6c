"""Which piano this site plays its clips on."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings

from generation.music import sound

logger = logging.getLogger(__name__)

WITHOUT_TOUCH: Final = (
    "The grand piano is not installed here (Debian: apt install fluidsynth musescore-general-soundfont). Another piano "
    "plays: a soft and a hard stroke differ in loudness alone, which equal loudness takes away between clips."
)


def site_soundfont() -> Path | None:
    """The SoundFont that clips are played with; None leaves the choice among the lesser pianos to the renderer.

    `settings.SOUNDFONT` first, then the installed grand piano. Of an ``.sf3``, whose sounds FluidSynth would decode for
    every clip, the piano alone is kept in ``DATA_DIR/pianos``.

    Raises
    ------
    RendererFailed
        When the piano cannot be taken out or kept.
    """
    if settings.SOUNDFONT:
        source = Path(settings.SOUNDFONT)
    elif (found := sound.find_grand_piano()) is not None:
        source = found
    else:
        _warn_once()
        return None
    if source.suffix.casefold() != ".sf3" or not source.is_file():
        return source
    return sound.keep_piano(source, Path(settings.DATA_DIR) / "pianos")


@lru_cache(maxsize=1)
def _warn_once() -> None:
    logger.warning(WITHOUT_TOUCH)
