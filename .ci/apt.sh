#!/bin/sh
# Install Debian packages where that is possible and wanted, and say so. Never fails: what follows says what is missing.
# Usage: [WITHOUT=SENTENCE] apt.sh DESCRIPTION PROGRAM FILE-or-"" PACKAGE…
without=${WITHOUT:-MelodyMuse works without.}
what=$1 program=$2 file=$3
shift 3
if command -v "$program" >/dev/null 2>&1 && { [ -z "$file" ] || [ -e "$file" ]; }; then exit 0; fi
if [ -n "${NO_APT:-}" ]; then
    echo "Not installing $what: NO_APT is set. $without"
elif ! command -v apt-get >/dev/null 2>&1; then
    echo "Not installing $what: this machine has no apt-get. $without"
elif [ "$(id -u)" != 0 ]; then
    echo "For $what run: sudo apt-get install $*   ($without)"
else
    echo "Installing $what with apt-get: $* (NO_APT=1 refuses) …"
    export DEBIAN_FRONTEND=noninteractive
    { timeout 120 apt-get update -qq && timeout 600 apt-get install -y -qq --no-install-recommends "$@"; } >/dev/null 2>&1 \
        || echo "That did not work. $without"
fi
exit 0
