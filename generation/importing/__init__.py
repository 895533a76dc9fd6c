"""Clips of other systems: a manifest and its files become pair versions, all of them or none.

`manifest` and `preparing` find every problem before anything is stored, `archives` unpacks what was sent to
the page, `storing` writes the rows in one transaction, `jobs` does all this in a worker.
"""
