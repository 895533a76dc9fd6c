"""The composers: what each declares of itself, which are installed, and the one way to ask any of them.

This package imports neither TensorFlow nor music21 nor any weights: a composer is loaded when it is first asked.
How to write one: docs/extending.md.
"""

from generation.networks.composers.declaring import (
    LONGEST_NAME,
    Compose,
    Composer,
    ComposeRequest,
    Composition,
    find_function,
)
from generation.networks.composers.finding import (
    ComposerFailed,
    ComposerMissing,
    Package,
    compose,
    find_composers,
    installed_composers,
    package_of,
)

__all__ = [
    "LONGEST_NAME",
    "Compose",
    "ComposeRequest",
    "Composer",
    "ComposerFailed",
    "ComposerMissing",
    "Composition",
    "Package",
    "compose",
    "find_composers",
    "find_function",
    "installed_composers",
    "package_of",
]
