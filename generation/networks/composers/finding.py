"""Which composers are installed: MelodyMuse's own, and those that packages beside it declare as entry points.

A declaration that cannot be used is left out and told, once, as a problem: `manage.py check` refuses to start with
one, and a web process that started all the same goes on without that composer.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Final

from generation.networks.composers.built_in import BUILT_IN
from generation.networks.composers.declaring import Composer, ComposeRequest, Composition, DeferredImport

logger = logging.getLogger(__name__)

GROUP: Final = "melodymuse.composers"
HEAVY: Final = ("tensorflow", "keras", "torch", "jax", "onnxruntime", "sklearn", "music21")
"""What no declaration may load: every web process reads all declarations."""


class ComposerMissing(ValueError):
    """A composer was asked for that is not installed here."""

    def __init__(self, name: str, installed: Iterable[str]) -> None:
        super().__init__(
            f"There is no composer {name!r} here; choose from: {', '.join(installed)}. "
            "If its package was removed, install it again."
        )


class ComposerFailed(ValueError):
    """A composer gave something that cannot become a clip; the message names it, its package and the field."""


@dataclass(frozen=True, slots=True)
class Package:
    """The installed package that a composer comes from."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Found:
    """The composers by name, the packages of those that are not our own, and a sentence for each that is refused."""

    composers: Mapping[str, Composer]
    packages: Mapping[str, Package]
    problems: tuple[str, ...]


@cache
def find_composers() -> Found:
    """Look once per process: what is installed or removed later, the next start sees."""
    found = _gather(BUILT_IN, entry_points(group=GROUP))
    for problem in found.problems:
        logger.error("%s", problem)
    return found


def installed_composers() -> Mapping[str, Composer]:
    """Every composer that can be asked, by name: our own first, then the others in the order of their names."""
    return find_composers().composers


def package_of(name: str) -> Package | None:
    """The package that the composer called `name` comes from; None for our own and for those not installed."""
    return find_composers().packages.get(name)


def compose(name: str, request: ComposeRequest) -> Composition:
    """Let the composer called `name` write a piece.

    Raises
    ------
    ComposerMissing
        When no composer of that name is installed; the message lists those that are.
    ComposerFailed
        When it gives something that cannot become a clip, or ends the process; the message names the composer, its
        package and the field.
    Exception
        Whatever else the composer raises, with a note that names it.
    """
    from generation.networks.composers.checking import check_composition  # loads NumPy, as composers do

    composers = installed_composers()
    if name not in composers:
        raise ComposerMissing(name, composers)
    by = f"The composer {name!r}" + _of_package(name)
    try:
        composition = composers[name].load()(request)
    except SystemExit as error:
        if isinstance(error.code, int) and error.code < 0:  # not the composer: the worker is told to stop (billiard)
            raise
        raise ComposerFailed(f"{by} ended the process (SystemExit {error.code}): let it raise an error.") from error
    except Exception as error:  # its type says whether a second try may help, so it stays what it is
        error.add_note(f"Raised in {by[0].lower()}{by[1:]}.")
        raise
    if not isinstance(composition, Composition):
        kind = type(composition).__name__
        raise ComposerFailed(f"{by} gave a value of type {kind}: let it return a Composition.")
    try:
        return check_composition(composition)
    except Exception as error:  # a sentence, or whatever an odd object raises when it is looked at
        raise ComposerFailed(f"{by} gave what cannot be a clip: {error}") from error


def _of_package(name: str) -> str:
    package = package_of(name)
    return f" of the package {package.name} {package.version}" if package else ""


def _gather(own: Iterable[Composer], declared: Iterable[EntryPoint]) -> Found:
    composers = {composer.name: composer for composer in own}
    packages: dict[str, Package] = {}
    problems: list[str] = []
    for entry in sorted(declared, key=lambda entry: (entry.name, _package(entry).name)):
        package = _package(entry)
        try:
            composer = _read(entry)
        except Exception as error:  # whatever a package does, the site starts without its composer and says why
            logger.debug("Reading %s failed", entry.value, exc_info=True)
            told = str(error) or type(error).__name__
            problems.append(f"The composer {entry.name!r} of the package {package.name} cannot be used: {told}")
            continue
        if composer.name in composers:
            of = packages[composer.name].name if composer.name in packages else "MelodyMuse itself"
            problems.append(
                f"The composer {composer.name!r} of the package {package.name} is left out: {of} has one of that "
                "name. Remove one of the two, or give the new one another name."
            )
            continue
        composers[composer.name] = composer
        packages[composer.name] = package
    return Found(MappingProxyType(composers), MappingProxyType(packages), tuple(problems))


def _package(entry: EntryPoint) -> Package:
    return Package(entry.dist.name, entry.dist.version) if entry.dist else Package("(unknown)", "")


def _read(entry: EntryPoint) -> Composer:
    """The declaration that an entry point names. Raises whatever its module raises, or ValueError with a sentence."""
    before = set(sys.modules)
    composer = entry.load()
    if not isinstance(composer, Composer):
        raise ValueError(
            f"{entry.value} is of type {type(composer).__name__}, not generation.networks.composers.Composer."
        )
    if composer.name != entry.name:
        raise ValueError(f"it calls itself {composer.name!r}; the entry point must have the same name.")
    if isinstance(composer.load, DeferredImport) and not composer.load.is_installed():
        raise ValueError(
            f"its load names the module {composer.load.module!r}, which is not installed: list it in the package's "
            "pyproject.toml (py-modules, or packages), and install the package again."
        )
    loaded = [name for name in HEAVY if name in sys.modules and name not in before]
    if loaded:
        raise ValueError(
            f"its declaration loads {', '.join(loaded)}, in every web process; import that inside the function that "
            "composes."
        )
    return composer
