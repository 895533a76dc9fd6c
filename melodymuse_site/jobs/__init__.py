"""One lease machine for work that outlives a request: pairs, imports, export packs.

The row is the truth, a message is a nudge. A worker *claims* a queued row with one conditional update; the row then
bears its claim and the time at which its *lease* expires; every *heartbeat* renews the lease. Whatever the worker
writes, it writes where the row still bears its claim, so that one which was taken for dead changes nothing. The
*sweep* takes expired leases back, gives up on what ended too many workers, and sends again what waited too long.

A new kind of job is a model that inherits `Job` and states its `Terms`; its task claims, works and finishes.
"""
