"""Everything that changes pictures, runs, clips and networks on request: keyword arguments, the actor as `by`.

Each leaves a line in the log (`generation.audit`), in the transaction that does it.
"""

from generation.actions.imports import LARGEST_ARCHIVE, request_import
from generation.actions.listening import (
    LEAST_HEARD_SECONDS,
    MOST_PAIRS,
    ListeningRefused,
    answer_pair,
    start_listening,
    stop_listening,
)
from generation.actions.networks import make_default, register_models
from generation.actions.pictures import EditRefused, add_picture, delete_picture, edit_picture, relabel_picture
from generation.actions.runs import (
    MOST_PAIRS_PER_RUN,
    SEED_LIMIT,
    RunRefused,
    cancel_run,
    regenerate,
    request_run,
    request_runs,
    retry_failed,
    retry_parked,
)
from generation.actions.sketching import (
    MOST_OPEN_SKETCHES,
    TooManySketches,
    add_sketch_picture,
    send_to_library,
    sketch,
)

__all__ = [
    "LARGEST_ARCHIVE",
    "LEAST_HEARD_SECONDS",
    "MOST_OPEN_SKETCHES",
    "MOST_PAIRS",
    "MOST_PAIRS_PER_RUN",
    "SEED_LIMIT",
    "EditRefused",
    "ListeningRefused",
    "RunRefused",
    "TooManySketches",
    "add_picture",
    "add_sketch_picture",
    "answer_pair",
    "cancel_run",
    "delete_picture",
    "edit_picture",
    "make_default",
    "regenerate",
    "register_models",
    "relabel_picture",
    "request_import",
    "request_run",
    "request_runs",
    "retry_failed",
    "retry_parked",
    "send_to_library",
    "sketch",
    "start_listening",
    "stop_listening",
]
