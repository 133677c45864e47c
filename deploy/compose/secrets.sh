#!/bin/sh
#
# secrets.sh: as root, makes what docker-compose.yml reads from secrets/, each
# for its reader alone: nginx runs as 33 in its container, Redis as 999.  It
# leaves secrets alone that are there.

set -eu
umask 077
cd "$(dirname "$0")"

[ "$(id -u)" = 0 ] || { echo "$0: error: only root may give files away" >&2
                        exit 1; }
[ ! -e secrets ] || { echo "$0: error: secrets is there already" >&2; exit 1; }

mkdir -p secrets/nginx

for name in client-secret redis-password session-key; do
    head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "secrets/nginx/$name"
done

# docs/redis.md says what nginx does there
cat > secrets/redis.conf <<EOT
user default off
user nginx on >$(cat secrets/nginx/redis-password) ~rt:* +get +getrange +set +del +pexpire +eval +xadd +xread +select
maxmemory-policy noeviction
EOT

echo "DEX_CLIENT_SECRET=$(cat secrets/nginx/client-secret)" > secrets/dex.env

chown -R 0:33 secrets/nginx
chmod 750 secrets/nginx
chmod 640 secrets/nginx/*
chown 999:999 secrets/redis.conf
chmod 711 secrets
