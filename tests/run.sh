#!/bin/sh
# All tests: once on the embedded defaults, then those marked `database` again on PostgreSQL if it answers.
# `run.sh quick`: the bulk of them, on the embedded defaults, in minutes.
set -u
: "${PYTHON:=python}"
status=0
# Hundreds of processes are started, each with a thousand modules: compiling them anew takes most of a start.
unset PYTHONDONTWRITEBYTECODE
cores=$("$PYTHON" -c 'import os; print(min(os.cpu_count() or 1, 4))')
# By files, whose fixtures of a module are then made once; the longest files are handed out first (tests/conftest.py).
# A process that dies ends the run with the name of its test: pytest-xdist 3.8 may wait for ever for its replacement
# (pytest-xdist issue 1378).
spread="--dist loadfile --no-loadscope-reorder --max-worker-restart=0"
if [ "${1:-}" = quick ]; then
    shift
    exec "$PYTHON" -m pytest -q -m "not long and not slow and not service and not browser" -n "$cores" $spread "$@"
fi
# One process more than there are cores: browsers play sounds to their end, and servers are waited for.
workers=$((cores + 1))
"$PYTHON" -m pytest -q -m "not long" -n "$workers" $spread "$@" || status=$?
if [ -z "${DATABASE_URL:-}" ]; then
    echo "PostgreSQL: not tested, DATABASE_URL is not set."
elif ! "$PYTHON" -c 'import os, psycopg; psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=3)' 2>/dev/null; then
    echo "PostgreSQL: not tested, nothing answers at DATABASE_URL."
else
    echo "PostgreSQL answers: running the tests marked \"database\" on it."
    MELODYMUSE_TEST_DATABASE=postgresql "$PYTHON" -m pytest -q -m "database and not long" -n "$cores" $spread "$@" || status=$?
fi
exit $status
