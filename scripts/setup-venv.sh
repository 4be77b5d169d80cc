#!/usr/bin/env bash
# Make the virtual environment and install the pinned requirements, only when they changed since the last time.
# Usage: scripts/setup-venv.sh [dev]     ("dev" adds what `make test` needs)   VENV=.venv
set -euo pipefail
cd "$(dirname "$0")/.."

venv=${VENV:-.venv}
files=(requirements.txt constraints.txt)
wanted=requirements.txt
stamp=$venv/.requirements
if [[ ${1:-} == dev ]]; then
    files+=(requirements-dev.txt)
    wanted=requirements-dev.txt
    stamp=$venv/.requirements-dev
fi
# The interpreter belongs to it: after an upgrade of the system's Python the packages are no longer found.
checksum() { cat "$@" <(readlink -f "$venv/bin/python") | cksum; }

[[ -x $venv/bin/python && -f $stamp && $(<"$stamp") == $(checksum "${files[@]}") ]] && exit 0

python=$(scripts/setup-system.sh python)
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    echo "Making the virtual environment $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
fi
echo "Installing $wanted into $venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted"
checksum "${files[@]}" >"$stamp"
# The other list may have been changed by what was just installed.
checksum requirements.txt constraints.txt >"$venv/.requirements"
