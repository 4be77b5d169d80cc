#!/usr/bin/env bash
# Every check and every test, on SQLite and on PostgreSQL. Goes on after a failure, and ends with a summary.
# `make test` sets up first. TEST_WORKERS=2 processes run the tests.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

export VENV=${VENV:-.venv}
python=$VENV/bin/python # with -m, so that an environment that was moved still works
workers=${TEST_WORKERS:-2}
work=$(mktemp -d)
trap 'scripts/test-postgres.sh stop; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# The caller's settings must not decide what is tested.
unset DATABASE_URL DJANGO_SETTINGS_MODULE DJANGO_SECRET_KEY DJANGO_ALLOWED_HOSTS DJANGO_DEBUG PYTEST_ADDOPTS
export FRCHECK_DEV=1
export DATABASE_URL=sqlite:///$work/test.sqlite3
CHROMIUM=$(scripts/setup-system.sh chromium) || exit 1
export CHROMIUM

summary=()
failures=0

step() {
    local name=$1 began=$SECONDS verdict=ok
    shift
    printf '\n--- %s\n' "$name"
    "$@" || { verdict=FAILED && failures=$((failures + 1)); }
    summary+=("$(printf '%-7s %5d s  %s' "$verdict" $((SECONDS - began)) "$name")")
}

as_in_production() {
    env -u FRCHECK_DEV DJANGO_ALLOWED_HOSTS=example.org \
        DJANGO_SECRET_KEY="$("$python" -c 'import secrets; print(secrets.token_urlsafe(64))')" "$@"
}

# A test that is skipped is a test that failed. Two calls may share the tests between them by opposite marks.
run_tests() {
    local status closing
    "$python" -m pytest -n "$workers" --dist worksteal "$@" 2>&1 | tee "$work/pytest.log"
    status=${PIPESTATUS[0]}
    closing=$(grep -E '^=+ .* in [0-9.]+s' "$work/pytest.log" | tail -n 1)
    if [[ $closing =~ [0-9]+\ skipped ]]; then
        echo "Tests were not run (${BASH_REMATCH[0]}): every test must run here."
        return 1
    fi
    return "$status"
}

run_tests_on_postgres() {
    local DATABASE_URL
    DATABASE_URL=$(scripts/test-postgres.sh) || return 1
    export DATABASE_URL
    run_tests -m "not once"
}

"$python" -m coverage erase

step "lint" "$python" -m ruff check
step "format" "$python" -m ruff format --check
step "types of the pure modules" "$python" -m mypy
step "migrations match the models" "$python" manage.py makemigrations --check --dry-run
step "Django's checks and the library's" "$python" manage.py check
# Of the library only errors count, in the step above: that a provision ends becomes a warning from one day to the next.
step "checks under production settings" as_in_production "$python" manage.py check --deploy --fail-level WARNING \
    --tag admin --tag caches --tag commands --tag compatibility --tag database --tag files --tag models --tag pdf \
    --tag security --tag staticfiles --tag templates --tag translation --tag urls
# Coverage is counted once, without the browser and without what is large: it doubles the time of what it watches, and
# both databases run the same lines but for a few. What is the same on every database runs on SQLite alone.
step "tests on SQLite" run_tests -m "not e2e and not bench and not large" --cov --cov-report= --cov-fail-under=0
step "browser tests, benches and large tests on SQLite" run_tests -m "e2e or bench or large"
step "tests on PostgreSQL" run_tests_on_postgres
step "coverage" "$python" -m coverage report

printf '\n--- summary\n'
printf '%s\n' "${summary[@]}"
if ((failures)); then
    echo "$failures of ${#summary[@]} steps failed."
    exit 1
fi
echo "All ${#summary[@]} steps passed."
