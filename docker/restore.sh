#!/bin/sh
# Brings back what backup.sh wrote, into a deployment that has nothing yet (docker compose down -v), and starts it.
# usage: restore.sh FOLDER
set -eu
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")"
# Secrets first: the database is made with their passwords, and everything else is sealed with their keys.
docker compose run --rm -T --no-deps --entrypoint tar setup -C /volumes/authority -xf - <"$folder/secrets.tar"
docker compose up --wait postgres
docker compose exec -T postgres sh -c \
  'PGPASSWORD=$(cat /run/secrets/superuser-password) pg_restore -U postgres -d gatehouse --exit-on-error --single-transaction' <"$folder/database.dump"
docker compose up --wait
