#!/bin/bash
# Run a command with what tests need at hand: Dovecot, Chromium, and a PostgreSQL cluster of its own, thrown away after.
#
#     tools/services.sh COMMAND…
#
# As root on Debian, what is missing is installed; otherwise one line says what will not be run (with CI=true that fails).
# The command finds TEST_POSTGRESQL_URL (empty: none), TEST_DOVECOT and TEST_CHROMIUM (paths, empty: none), and
# TEST_MAILSERVER ("yes" where the provided mail server's programs are there and may be started, else empty).
set -euo pipefail
cd "$(dirname "$0")/.."

PATH=$PATH:/usr/sbin # Dovecot is there, and not on every user's path

say() { printf 'podatelna: %s\n' "$*" >&2; }

first() { # the first of these programs or files that is there
    local name
    for name in "$@"; do
        command -v "$name" 2>/dev/null && return
    done
    return 0
}

find_all() {
    TEST_DOVECOT=$(first dovecot /usr/sbin/dovecot)
    TEST_CHROMIUM=$(first /usr/bin/chromium chromium chromium-browser google-chrome)
    # Debian's own folder first: another postgres on the PATH may be a client, or a wrapper of something else.
    local initdb
    initdb=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1 || true)
    postgresql=$(dirname "${initdb:-$(first initdb)}")
    [ -x "$postgresql/initdb" ] && [ -x "$postgresql/pg_ctl" ] || postgresql=
    TEST_MAILSERVER=
    # Debian 12's: Dovecot 2.4 of the next release has another language for its configuration.
    if [ "$(id -u)" = 0 ] && command -v postfix && command -v rspamd && command -v sievec && ls /usr/lib/postfix/postfix-sqlite.so \
        /usr/lib/dovecot/modules/auth/libdriver_sqlite.so /usr/lib/dovecot/modules/libdriver_sqlite.so; then
        TEST_MAILSERVER=yes
    fi >/dev/null 2>&1
}

install_missing() {
    local packages=()
    [ -n "$TEST_DOVECOT" ] || packages+=(dovecot-imapd)
    [ -n "$TEST_CHROMIUM" ] || packages+=(chromium)
    # Playwright's own driver links it; a minimal Debian is without.
    if command -v apt-get >/dev/null && [[ $(PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null) != *libatomic.so.1* ]]; then
        packages+=(libatomic1)
    fi
    [ -n "$postgresql" ] || packages+=(postgresql)
    [ -n "$TEST_MAILSERVER" ] || packages+=(postfix postfix-sqlite dovecot-imapd dovecot-lmtpd dovecot-sqlite dovecot-sieve rspamd)
    [ ${#packages[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        say "not here, so their tests are not run: ${packages[*]} (sudo apt-get install ${packages[*]})"
        [ "${CI:-}" != true ] || { say "with CI=true all of them must run"; exit 1; }
        return 0
    fi
    say "installing from Debian: ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
    find_all
    [ -n "$TEST_DOVECOT" ] && [ -n "$TEST_CHROMIUM" ] && [ -n "$postgresql" ] && [ -n "$TEST_MAILSERVER" ] ||
        { say "something is still missing after installing ${packages[*]}"; exit 1; }
}

as_owner() { # PostgreSQL refuses to run as root
    if [ "$(id -u)" = 0 ]; then runuser -u "$owner" -- "$@"; else "$@"; fi
}

start_postgresql() {
    owner=$(id -un)
    if [ "$(id -u)" = 0 ]; then
        owner=$(id -un postgres 2>/dev/null || echo nobody)
    fi
    cluster=$(mktemp -d "${TMPDIR:-/tmp}/podatelna-postgresql-XXXXXX")
    chown "$owner" "$cluster"
    trap stop_postgresql EXIT
    trap 'exit 130' INT TERM
    local port
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    (
        cd "$cluster"
        as_owner "$postgresql/initdb" -D "$cluster/data" -U podatelna --auth=trust -E UTF8 --locale=C.UTF-8 >"$cluster/log"
        # Thrown away after: it need not survive a power cut.
        as_owner "$postgresql/pg_ctl" -D "$cluster/data" -l "$cluster/server.log" -w start -o "-k $cluster -h 127.0.0.1 \
            -p $port -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60" >>"$cluster/log"
    ) </dev/null 2>>"$cluster/errors" || { cat "$cluster"/errors "$cluster"/*log >&2; exit 1; }
    TEST_POSTGRESQL_URL="postgresql://podatelna@127.0.0.1:$port/postgres"
}

stop_postgresql() {
    (cd / && as_owner "$postgresql/pg_ctl" -D "$cluster/data" -m immediate stop) >/dev/null 2>&1 || true
    rm -rf "$cluster"
}

find_all
install_missing
TEST_POSTGRESQL_URL=
[ -z "$postgresql" ] || start_postgresql
export TEST_POSTGRESQL_URL TEST_DOVECOT TEST_CHROMIUM TEST_MAILSERVER
"$@"
