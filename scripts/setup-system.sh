#!/usr/bin/env bash
# Make sure that what FRCheck needs from the system is there. Looks for the effect (a library that loads, a program that
# runs), not for package names; installs what is missing through apt where it may, otherwise says in one line what to install.
#
# Usage: scripts/setup-system.sh            what running needs
#        scripts/setup-system.sh test       what testing needs beside it
#        scripts/setup-system.sh python     print a Python that is new enough
#        scripts/setup-system.sh chromium   print a Chromium that starts
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    echo "$*" >&2
    exit 1
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

find_chromium() {
    local candidate
    for candidate in ${CHROMIUM:-chromium chromium-browser google-chrome google-chrome-stable}; do
        # Ubuntu's chromium-browser may be a stub that asks for a snap: only one that tells its version counts.
        if "$candidate" --version >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

has() { command -v "$1" >/dev/null; }

# Both print the Debian packages to install for what is missing.
# shellcheck disable=SC2317
missing_to_run() {
    "$python" - <<'END'
import ctypes
import ctypes.util
import importlib.util
import sys

LIBRARIES = {
    "pango-1.0": ("libpango-1.0.so.0", "libpango-1.0-0"),
    "pangoft2-1.0": ("libpangoft2-1.0.so.0", "libpangoft2-1.0-0"),
    "fontconfig": ("libfontconfig.so.1", "libfontconfig1"),
    "harfbuzz": ("libharfbuzz.so.0", "libharfbuzz0b"),
    # Without it WeasyPrint says nothing and takes several seconds more for each report.
    "harfbuzz-subset": ("libharfbuzz-subset.so.0", "libharfbuzz-subset0"),
}
for name, (soname, package) in LIBRARIES.items():
    try:
        ctypes.CDLL(soname)
    except OSError:
        if not ctypes.util.find_library(name):
            print(package)
if not (importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv")):
    print("python3-venv" if sys.executable.endswith("/python3") else f"python3.{sys.version_info.minor}-venv")
END
    # Reports ship their own; this one is for the rare characters beyond it. Asked for by characters (those of "face
    # recognition" in Chinese), since Droid Sans Fallback has them but does not claim the language.
    if ! has fc-list; then
        echo fontconfig fonts-droid-fallback
    elif [[ -z $(fc-list ":charset=4eba 8138 8bc6 522b") ]]; then
        echo fonts-droid-fallback
    fi
}

# shellcheck disable=SC2317
missing_to_test() {
    find_chromium >/dev/null || echo chromium
    scripts/test-postgres.sh check 2>/dev/null || echo postgresql
    has msgfmt || echo gettext
    has pdftotext || echo poppler-utils
    has qpdf || echo qpdf
}

install() {
    local output root=()
    if ((EUID != 0)); then
        has sudo && sudo -n true 2>/dev/null || return 1
        root=(sudo -n)
    fi
    has apt-get || return 1
    echo "Installing through apt: $*"
    # Lists that cannot be renewed may still be good enough.
    "${root[@]}" apt-get update -qq || true
    output=$("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" 2>&1) || {
        echo "$output" >&2
        return 1
    }
}

python=$(find_python) || fail "FRCheck needs Python 3.11 or newer${PYTHON:+ (not: PYTHON=$PYTHON)}. Install it, for example: sudo apt-get install -y python3 python3-venv"

case ${1:-run} in
python) echo "$python" && exit ;;
chromium) find_chromium || fail "No Chromium starts. Install it, or give its path in CHROMIUM." && exit ;;
run) purpose="run" && find_missing=missing_to_run ;;
test)
    purpose="test" && find_missing=missing_to_test
    [[ -z ${TEST_DATABASE_URL:-} ]] || scripts/test-postgres.sh check || fail "The tests cannot use the PostgreSQL in TEST_DATABASE_URL."
    ;;
*) fail "Usage: scripts/setup-system.sh [run | test | python | chromium]" ;;
esac

missing=$("$find_missing" | xargs)
[[ -z $missing ]] && exit 0
# shellcheck disable=SC2086
if install $missing; then
    missing=$("$find_missing" | xargs)
    [[ -z $missing ]] && exit 0
fi
hint=""
[[ " $missing " == *" chromium "* ]] && hint+=" Or give the path of a Chromium or Chrome in CHROMIUM."
[[ " $missing " == *" postgresql "* ]] && hint+=" Or name a PostgreSQL (14 or newer, a role that may create databases) in TEST_DATABASE_URL."
fail "To $purpose FRCheck, install what is missing and try again: sudo apt-get install -y $missing.$hint"
