"""One lease machine for work that outlives a request: pairs, imports, export packs.

The row is the truth, a message is a nudge. A worker *claims* a queued row with one conditional update; the row then
bears its claim and the time at which its *lease* expires; every *heartbeat* renews the lease. Whatever the worker
writes, it writes where the row still bears its claim, so that one which was taken for dead changes nothing. The
*sweep* takes expired leases back, gives up on what ended too many workers, and sends again what waited too long.

A new kind of job is a model that inherits `Job` and states its `Terms`; its task claims, works and finishes.
"""

from melodymuse_site.jobs.heartbeat import Heartbeat, connection_beside
from melodymuse_site.jobs.leases import (
    TRANSIENT,
    Lease,
    LeaseLost,
    cancel,
    claim,
    end,
    fail,
    finish,
    give_back,
    held_by,
    renew,
    requeue,
    retry,
)
from melodymuse_site.jobs.model import OPEN, Job, Terms, job_constraints
from melodymuse_site.jobs.sweeping import Swept, sweep

__all__ = [
    "OPEN",
    "TRANSIENT",
    "Heartbeat",
    "Job",
    "Lease",
    "LeaseLost",
    "Swept",
    "Terms",
    "cancel",
    "claim",
    "connection_beside",
    "end",
    "fail",
    "finish",
    "give_back",
    "held_by",
    "job_constraints",
    "renew",
    "requeue",
    "retry",
    "sweep",
]
