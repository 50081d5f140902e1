#!/bin/sh
# Writes the database and the secrets that open it into a folder. Whoever has both has everything: keep them apart.
# usage: backup.sh FOLDER
set -eu
umask 077
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")"
docker compose exec -T postgres sh -c \
  'PGPASSWORD=$(cat /run/secrets/superuser-password) pg_dump -U postgres -Fc gatehouse' >"$folder/database.dump"
docker compose run --rm -T --no-deps --entrypoint tar setup -C /volumes/authority -cf - . >"$folder/secrets.tar"
