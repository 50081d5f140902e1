#!/bin/sh
# Restarts the replicas of a service one after the other; each is ready again before the next one goes.
# usage: rolling-restart.sh SERVICE
set -eu
cd "$(dirname "$0")"
for container in $(docker compose ps -q "$1"); do
  docker stop -t 30 "$container" >/dev/null
  docker start "$container" >/dev/null
  waited=0
  until [ "$(docker inspect -f '{{.State.Health.Status}}' "$container")" = healthy ]; do
    waited=$((waited + 1))
    [ "$waited" -lt 120 ] || { echo "not healthy after a minute: $container" >&2; exit 1; }
    sleep 0.5
  done
done
