#!/bin/sh
# Make the virtual environment and install one part of the pinned packages into it: site, train or test (everything).
# Called by the Makefile. A part that was installed before is never left behind at older versions.
set -eu
part=${1:-test}
if [ -z "${PYTHON}" ] || ! "$PYTHON" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; then
    echo "MelodyMuse needs Python 3.11, 3.12 or 3.13; found: ${PYTHON:-none}. Name one with: make PYTHON=/path/to/python" >&2
    exit 1
fi
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
for stamp in "$VENV"/.installed-*; do # what an older version of the pins installed
    case "$part ${stamp##*/.installed-}" in
        site\ *-train) part=train ;;
        *\ *-site | *\ *-train | *\ \*) ;;
        *) part=test ;;
    esac
done
if [ "$part" = test ]; then
    wanted="-r requirements.txt"
else # the names from pyproject.toml, the versions from the lock file
    "$VENV/bin/python" .ci/parts.py "$part" >"$VENV/wanted-$part.txt"
    wanted="-r $VENV/wanted-$part.txt -c requirements.txt"
fi
echo "Installing the packages of MelodyMuse ($part) into $VENV (a few minutes the first time) …"
uv=$(grep '^uv==' requirements.txt | cut -d' ' -f1)
# shellcheck disable=SC2086  # $wanted is options
if "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check "$uv" \
    && "$VENV/bin/uv" pip install --quiet --python "$VENV/bin/python" $wanted \
    && "$VENV/bin/uv" pip install --quiet --python "$VENV/bin/python" --no-deps -r requirements-no-deps.txt; then
    :
else
    echo "The quick installer did not work here; using pip." >&2
    "$VENV/bin/python" -m pip install --disable-pip-version-check $wanted
    "$VENV/bin/python" -m pip install --disable-pip-version-check --no-deps -r requirements-no-deps.txt
fi
rm -f "$VENV"/.installed-*
for smaller in site train test; do
    touch "$VENV/.installed-$SUM-$smaller"
    [ "$smaller" = "$part" ] && break
done
exit 0
