#!/bin/sh
# Make the virtual environment and install the pinned packages into it. Called by the Makefile.
set -eu
if [ -z "${PYTHON}" ] || ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then
    echo "MelodyMuse needs Python 3.11; found: ${PYTHON:-none}. Name one with: make PYTHON=/path/to/python3.11" >&2
    exit 1
fi
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
echo "Installing the packages of requirements.txt into $VENV (a few minutes the first time) …"
uv=$(grep '^uv==' requirements.txt | cut -d' ' -f1)
if "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check "$uv" \
    && "$VENV/bin/uv" pip install --quiet --python "$VENV/bin/python" -r requirements.txt \
    && "$VENV/bin/uv" pip install --quiet --python "$VENV/bin/python" --no-deps -r requirements-no-deps.txt; then
    exit 0
fi
echo "The quick installer did not work here; using pip." >&2
"$VENV/bin/python" -m pip install --disable-pip-version-check -r requirements.txt
"$VENV/bin/python" -m pip install --disable-pip-version-check --no-deps -r requirements-no-deps.txt
