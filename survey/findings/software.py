"""Which versions of which packages the numbers of a report or a pack depend on."""

from __future__ import annotations

from importlib import metadata

SOFTWARE = ("django", "numpy", "scipy", "celery", "music21")


def software_versions() -> dict[str, str]:
    """Return the versions of the packages that the numbers depend on."""
    versions = {}
    for name in SOFTWARE:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return versions
