#!/bin/sh
# All tests: once on the embedded defaults, then those marked `database` again on PostgreSQL if it answers.
set -u
: "${PYTHON:=python}"
status=0
workers=$("$PYTHON" -c 'import os; print(min(os.cpu_count() or 1, 4))')
"$PYTHON" -m pytest -q -m "not long" -n "$workers" --dist loadfile "$@" || status=$?
if [ -z "${DATABASE_URL:-}" ]; then
    echo "PostgreSQL: not tested, DATABASE_URL is not set."
elif ! "$PYTHON" -c 'import os, psycopg; psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=3)' 2>/dev/null; then
    echo "PostgreSQL: not tested, nothing answers at DATABASE_URL."
else
    echo "PostgreSQL answers: running the tests marked \"database\" on it."
    MELODYMUSE_TEST_DATABASE=postgresql "$PYTHON" -m pytest -q -m "database and not long" "$@" || status=$?
fi
exit $status
