#!/usr/bin/env bash
# Find or start a PostgreSQL server for the tests: the one in TEST_DATABASE_URL; else the one on 127.0.0.1:5432, if it lets
# `postgres` in without a password; else a temporary cluster from the installed binaries, gone with `stop`.
#
# Usage: scripts/test-postgres.sh           print the DATABASE_URL, starting a cluster if need be
#        scripts/test-postgres.sh check     say only whether that can work
#        scripts/test-postgres.sh stop      stop and remove the temporary cluster, if there is one
set -euo pipefail
cd "$(dirname "$0")/.."

python=${VENV:-.venv}/bin/python
state=$PWD/.test-postgres # of the temporary cluster: its directory, then its URL
# Two checkouts may share a server, but not a test database.
database=frcheck_$(pwd | cksum | cut -d ' ' -f 1)
local_url=postgres://postgres@127.0.0.1:5432/$database

say() { echo "$*" >&2; }

usable() {
    "$python" - "$1" <<'END'
import sys

import psycopg


def connect(url: str) -> psycopg.Connection:
    try:
        return psycopg.connect(url, dbname="postgres", connect_timeout=5)
    except psycopg.OperationalError:
        return psycopg.connect(url, connect_timeout=5)


try:
    with connect(sys.argv[1]) as connection:
        may_create = connection.execute(
            "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()[0]
        if connection.info.server_version < 140000:
            sys.exit("PostgreSQL is older than 14")
        if not may_create:
            sys.exit("the role may not create databases")
except psycopg.Error as e:
    sys.exit(" ".join(str(e).split()))
END
}

binaries() {
    local initdb
    # shellcheck disable=SC2012
    initdb=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)
    [[ -n $initdb ]] || initdb=$(command -v initdb) || return 1
    dirname "$initdb"
}

# PostgreSQL refuses to run as root.
unprivileged() {
    if ((EUID != 0)); then
        "$@"
    else
        runuser -u "$owner" -- "$@"
    fi
}

start() {
    local bin directory port
    bin=$(binaries)
    owner=$(id -un)
    directory=$(mktemp -d /tmp/frcheck-postgres.XXXXXX)
    if ((EUID == 0)); then
        id postgres >/dev/null 2>&1 && owner=postgres || owner=nobody
        chown "$owner" "$directory"
    fi
    port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    url=postgres://postgres@127.0.0.1:$port/$database
    printf '%s\n%s\n' "$directory" "$url" >"$state"
    (
        cd /
        unprivileged "$bin/initdb" -D "$directory/data" -U postgres -A trust --encoding=UTF8 --locale=C.UTF-8 --no-sync
        unprivileged "$bin/pg_ctl" -D "$directory/data" -l "$directory/log" -w start -o \
            "-p $port -k $directory -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    ) >"$directory.out" 2>&1 </dev/null || {
        say "A temporary PostgreSQL did not start:"
        cat "$directory.out" "$directory/log" >&2 2>/dev/null || true
        stop
        return 1
    }
    say "Started a temporary PostgreSQL on port $port"
}

stop() {
    local directory
    [[ -f $state ]] || return 0
    directory=$(head -n 1 "$state")
    rm -f "$state"
    [[ $directory == /tmp/frcheck-postgres.* && -d $directory ]] || return 0
    owner=$(stat -c %U "$directory")
    (cd / && unprivileged "$(binaries)/pg_ctl" -D "$directory/data" -m immediate -w stop) >/dev/null 2>&1 || true
    rm -rf "$directory" "$directory.out"
}

case ${1:-url} in
check)
    if [[ -n ${TEST_DATABASE_URL:-} ]]; then
        usable "$TEST_DATABASE_URL"
    else
        binaries >/dev/null || usable "$local_url"
    fi
    ;;
url)
    if [[ -n ${TEST_DATABASE_URL:-} ]]; then
        usable "$TEST_DATABASE_URL" || exit 1
        url=$TEST_DATABASE_URL
    elif usable "$local_url" 2>/dev/null; then
        url=$local_url
    elif [[ -f $state ]] && usable "$(tail -n 1 "$state")" 2>/dev/null; then
        url=$(tail -n 1 "$state")
    elif binaries >/dev/null; then
        stop
        start
    else
        say "No PostgreSQL: name one in TEST_DATABASE_URL, or install the package postgresql."
        exit 1
    fi
    echo "$url"
    ;;
stop) stop ;;
*) say "Usage: scripts/test-postgres.sh [check | stop]" && exit 2 ;;
esac
