#!/bin/sh
# sh tools/node/run.sh <script.ts> [arguments]
#
# Runs a script of this repository on Node.js 24 with the packages of package-lock.json, whatever the machine has:
# an older Node.js fetches the newer one as an npm package, missing or outdated packages are installed. It needs
# npm and a Node.js to begin with, nothing else: no root, no docker. Two runs at a time do not disturb each other.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
state="$root/.gatehouse"
lock="$state/install.lock"
log="$state/logs/install.log"
held=''

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "gatehouse: $*"
  exit 1
}
node_is() { # at least major.minor
  hash -r # the shell remembers where it found an older one
  node -e 'const [a, b] = process.versions.node.split(".").map(Number);
    process.exit(a > +process.argv[1] || (a === +process.argv[1] && b >= +process.argv[2]) ? 0 : 1)' "$1" "$2" 2>/dev/null
}
release() {
  [ -z "$held" ] || rm -rf "$lock"
  held=''
}
trap release EXIT
trap 'release; trap - INT; kill -INT $$' INT
trap 'release; exit 143' TERM HUP

# One installer at a time. A lock whose owner is gone is taken over.
acquire() {
  [ -z "$held" ] || return 0
  mkdir -p "$state/logs"
  waited=0
  until mkdir "$lock" 2>/dev/null; do
    owner=$(cat "$lock/pid" 2>/dev/null || true)
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null && [ ! -d "/proc/$owner" ]; then
      stale="$lock.$$"
      # Moved, then looked at again: it may have changed hands in between.
      if mv "$lock" "$stale" 2>/dev/null; then
        [ "$(cat "$stale/pid" 2>/dev/null)" = "$owner" ] || mv "$stale" "$lock" 2>/dev/null || true
        rm -rf "$stale"
      fi
      continue
    fi
    [ "$waited" -ne 0 ] || say "Waiting for another installation in this folder (process ${owner:-unknown})"
    [ "$waited" -lt 900 ] || fail "still waiting after 15 minutes; if nothing is installing, remove $lock"
    waited=$((waited + 1))
    sleep 1
  done
  held=yes
  echo $$ >"$lock/pid"
}
install() { # folder
  # Dev dependencies even under NODE_ENV=production: they build, migrate and start what is installed here.
  if ! (cd "$1" && npm ci --include=dev --include=optional --ignore-scripts --no-audit --no-fund --loglevel=error) >"$log" 2>&1; then
    cat "$log" >&2
    fail "npm ci failed in $1 (above, and in $log)"
  fi
}
outdated() { # npm writes node_modules/.package-lock.json last, so half an installation counts as none
  [ ! -f node_modules/.package-lock.json ] || [ -n "$(find package-lock.json -newer node_modules/.package-lock.json)" ]
}

[ $# -gt 0 ] || fail 'usage: sh tools/node/run.sh <script.ts> [arguments]'
command -v node >/dev/null 2>&1 || fail 'needs Node.js 20.19 or newer with npm: https://nodejs.org'

if ! node_is 24 15; then
  found=$(node --version 2>/dev/null || echo unknown)
  node_is 20 19 || fail "needs Node.js 20.19 or newer to begin with; this is $found: https://nodejs.org"
  newer="$root/tools/node/node_modules/.bin"
  PATH="$newer:$PATH"
  export PATH
  if ! node_is 24 15; then
    acquire
    if ! node_is 24 15; then
      say "Node.js $found is older than 24.15: fetching 24 from npm (once, about 190 MB on disk)"
      install "$root/tools/node"
    fi
    node_is 24 15 || fail "npm has no Node.js 24 that runs on this machine; install Node.js 24.15 or newer: https://nodejs.org"
  fi
fi

if outdated; then
  command -v npm >/dev/null 2>&1 || fail 'needs npm to install packages; it comes with Node.js: https://nodejs.org'
  acquire
  if outdated; then
    say 'Installing packages from npm (20 to 60 seconds, more on a slow line)'
    install "$root"
  fi
fi
release
trap - EXIT INT TERM HUP

script=$1
shift
exec node "$script" "$@"
