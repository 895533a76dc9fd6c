"""Which task waits in which queue, and how long it may run: the one place where both are said.

Short work never stands behind long work: *long* queues are served by workers of their own (`manage.py start` has one,
docs/deployment.md says how to have many). Of the quick ones a worker takes the first in which anything waits
(`queue_order_strategy` in the settings): sweeps, labels, what a person waits for, and large runs last. Whatever is not
in the table goes to the quick queue.
"""

from __future__ import annotations

from dataclasses import dataclass

from celery.exceptions import SoftTimeLimitExceeded

DEFAULT_SECONDS = 600
KILL_AFTER = 30
"""A task that ends nothing within so many seconds after its limit is killed with its process."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Where tasks of a kind wait ("" is the site's own queue, for what takes moments), and the most one may take."""

    queue: str = ""
    seconds: int = DEFAULT_SECONDS


KINDS = {
    "generation.tasks.label_picture": Kind("labels", 120),
    "generation.tasks.make_pair_version": Kind("music", 300),
    "generation.tasks.make_visitors_piece": Kind("music", 120),
    "generation.tasks.import_clips": Kind("imports", 600),
    "survey.tasks.make_export": Kind("exports", 1800),
    "survey.tasks.make_report": Kind("exports", 1800),
    "survey.tasks.run_pilot": Kind("exports", 1800),
    "survey.tasks.learn": Kind("exports", 1800),
}
BULK = "bulk"
"""Where clips of large runs wait: the same task as `music`, but nobody sits in front of the page and waits for one."""
LONG = ("imports", "exports")
# What a broker must wait before it hands an unacknowledged message to another worker.
LONGEST_SECONDS = max(DEFAULT_SECONDS, *(kind.seconds for kind in KINDS.values())) + KILL_AFTER


def queue_name(site: str, queue: str) -> str:
    """The queue's name at the broker, which several sites may share: it begins with the site's."""
    return f"{site}.{queue}" if queue else site


def quick_queues(site: str) -> list[str]:
    """What is made in moments, what comes first first: sweeps, labels, music, and large runs."""
    return [name for queue, name in _named(site).items() if queue not in LONG]


def long_queues(site: str) -> list[str]:
    """What may take minutes, and must not hold up the rest."""
    return [name for queue, name in _named(site).items() if queue in LONG]


def all_queues(site: str) -> list[str]:
    return [*quick_queues(site), *long_queues(site)]


def routes(site: str) -> dict[str, dict[str, str]]:
    """Celery's `task_routes`."""
    return {task: {"queue": queue_name(site, kind.queue)} for task, kind in KINDS.items()}


def limits() -> dict[str, dict[str, int]]:
    """Celery's `task_annotations`: a task is told first, so that its row can say why, and killed later."""
    return {
        task: {"soft_time_limit": kind.seconds, "time_limit": kind.seconds + KILL_AFTER} for task, kind in KINDS.items()
    }


def explain(error: BaseException, task: str) -> str:
    """What a row says about why its work failed."""
    if not isinstance(error, SoftTimeLimitExceeded):
        return f"{type(error).__name__}: {error}"
    seconds = KINDS[task].seconds
    return f"This took longer than the {seconds} seconds it may take and was stopped; ask for less at once."


def _named(site: str) -> dict[str, str]:
    # dict.fromkeys: each queue once, in the order of the table; large runs after all that is quick.
    quick = ["", *(kind.queue for kind in KINDS.values() if kind.queue not in LONG), BULK]
    return {queue: queue_name(site, queue) for queue in dict.fromkeys([*quick, *LONG])}
