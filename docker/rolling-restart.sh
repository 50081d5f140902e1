#!/bin/sh
# Restarts the replicas of a service one after the other; the balancer uses each one again before the next one goes.
# usage: rolling-restart.sh SERVICE
set -eu
cd "$(dirname "$0")"
service=$1

in_use() {
  docker compose exec -T balancer bash -c \
    'exec 3<>/dev/tcp/127.0.0.1/8404 && printf "GET /%s HTTP/1.0\r\n\r\n" "$0" >&3 && tail -n 1 <&3' "$service" 2>/dev/null
}
# Waits for a command to succeed, a minute at most.
wait_for() {
  waited=0
  until "$@"; do
    waited=$((waited + 1))
    [ "$waited" -lt 120 ] || { echo "not ready again after a minute: $service" >&2; exit 1; }
    sleep 0.5
  done
}
healthy() { [ "$(docker inspect -f '{{.State.Health.Status}}' "$1")" = healthy ]; }
all_in_use() { [ "$(in_use)" = "$replicas" ]; }

containers=$(docker compose ps -q "$service")
replicas=$(echo "$containers" | wc -l)
for container in $containers; do
  docker stop -t 30 "$container" >/dev/null
  docker start "$container" >/dev/null
  wait_for healthy "$container"
  case $service in auth-server | resource-server) wait_for all_in_use ;; esac
done
