#!/bin/bash
#
# Runs Test::Nginx files (arguments) against the modules in $BUILD/modules.
# TEST_NGINX_BINARY picks another nginx; TEST_NGINX_USE_HUP=1 and friends pass
# through.

set -uo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1

[ $# -gt 0 ] || { echo "$0: error: no .t file was found" >&2; exit 1; }

export RT_MODULE_DIR=${RT_MODULE_DIR:-$BUILD/modules}
export RT_BUILD=$BUILD
export TEST_NGINX_BINARY=${TEST_NGINX_BINARY:-$(command -v "${NGINX:-nginx}" \
                                                || echo /usr/sbin/nginx)}

# nginx itself reads NGINX: the sockets handed over at an upgrade
unset NGINX

export TEST_NGINX_RANDOMIZE=${TEST_NGINX_RANDOMIZE-1}
export LC_ALL=C.UTF-8

[ -x "$TEST_NGINX_BINARY" ] \
    || { echo "$0: error: no nginx; run \"make deps\"" >&2; exit 1; }

export RT_SEED=${RT_SEED:-1}
echo "check: RT_SEED=$RT_SEED"

# what nginx says of configurations that a test expects it to refuse is noise
expected='^nginx: \[(emerg|warn|notice)\]|^WARNING: t/.* \[emerg\]'

# most of a test is waiting: for a timer of nginx, for a peer that is slow
JOBS=${JOBS:-$(($(nproc) * 2))} perl util/prove.pl "$@" \
    2> >(grep -a --line-buffered -vE "$expected" >&2)
rc=$?
rm -rf t/servroot_*
exit $rc
