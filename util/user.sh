#!/bin/bash
#
# The README's commands as an ordinary user: when root runs the whole test, a
# copy of the tree is given to the user "nobody", who builds the modules in it,
# runs the demo and the suites named here.  His PATH is the one that Debian
# gives to users, without /usr/sbin, where nginx is.  What root has installed
# or built for any tree (packages, libjwt, demo/node_modules) is there already.
#
# Others than root have run everything as an ordinary user anyway.

set -euo pipefail

suites='t/suite/readme.t t/suite/subsets.t t/rtaudit/sink.t'

if [ "$(id -u)" != 0 ]; then
    echo "all of it ran as $(id -un), who is not root"
    echo "user: 0 passed, 0 failed"
    exit 0
fi

top=$(cd "$(dirname "$0")/.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

mkdir -p "$dir/home" "$dir/tree/build"
tar -C "$top" --exclude=./build --exclude=./.git --exclude='./t/servroot*' \
    -cf - . | tar -C "$dir/tree" -xf -
[ ! -d "$RT_DEPS" ] || cp -r "$RT_DEPS" "$dir/tree/build/deps"
chown -R nobody: "$dir"


# as_nobody COMMAND ...: in the copy, with nothing of root's environment; a
# compiler cache that the whole machine has is root's, too

as_nobody() {
    (cd "$dir/tree" && exec setpriv --reuid=nobody --regid=nogroup \
        --clear-groups --inh-caps=-all env -i HOME="$dir/home" LANG=C.UTF-8 \
        CCACHE_DISABLE=1 PATH=/usr/local/bin:/usr/bin:/bin "$@")
}


passed=0 failed=0

check() {
    local what=$1 rc=0
    shift

    echo "-- $what, as $(as_nobody id -un)"
    as_nobody "$@" || rc=$?

    if [ $rc -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok: $what ended with $rc"
    fi
}


check 'make demo ONCE=1' make demo ONCE=1 DEMO_PORT=$((20000 + $$ % 10000))
check 'make check' make check T="$suites"

echo "user: $passed passed, $failed failed"
[ $failed -eq 0 ]
