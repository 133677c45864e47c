#!/bin/bash
#
# apps.sh PACKAGE ...
#
# Fetches Debian packages with all that they need and this machine lacks, and
# unpacks them below $BUILD/apps/root.  Nothing is installed, no script of a
# package runs, no service starts.

set -euo pipefail

dir=$BUILD/apps
root=$dir/root

fail() {
    echo "apps: error: $* (see $dir/log)" >&2
    exit 1
}

[ "$(cat "$dir/done" 2> /dev/null)" != "$*" ] || exit 0

rm -rf "$dir"
mkdir -p "$dir/debs" "$root"

# php-cgi, lest Apache is what PHP comes with

needed=$(apt-get install -s --no-install-recommends "$@" php-cgi \
             2> "$dir/log" | sed -n 's/^Inst \([^ ]*\) .*/\1/p') \
    || fail "apt-get does not know one of: $*"

echo "apps: fetching $(wc -w <<< "$needed") packages"

# shellcheck disable=SC2086
(cd "$dir/debs" && apt-get download -q $needed "$@") > "$dir/log" 2>&1 \
    || fail "the packages cannot be fetched"

for deb in "$dir"/debs/*.deb; do
    dpkg -x "$deb" "$root" 2>> "$dir/log" || fail "$deb cannot be unpacked"
done

# links between top folders are absolute in packages of Debian

find "$root" -lname '/*' -printf '%p\t%l\n' | while IFS=$'\t' read -r link to
do
    if [ -e "$root$to" ] || [ -L "$root$to" ]; then
        ln -sfn "$root$to" "$link"
    fi
done

echo "$*" > "$dir/done"
