#!/bin/bash
#
# What "deps.sh libjwt" does with a source of libjwt that is not the one it
# names, wherever it came from, and with steps that fail: it stops, with a
# sentence, before anything of the source is unpacked or run.  No network: apt,
# curl, cmake and make are stand-ins that write down that they were called.

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

passed=0 failed=0 said="" rc=0 there=""

mkdir -p "$dir"/{bin,false/libjwt-3.3.3,old/libjwt-3.3.2}
touch "$dir"/{false/libjwt-3.3.3,old/libjwt-3.3.2}/CMakeLists.txt
tar -czf "$dir/false.tar.gz" -C "$dir/false" libjwt-3.3.3
tar -czf "$dir/old.tar.gz" -C "$dir/old" libjwt-3.3.2
printf 'no archive' > "$dir/text"


# stand_in NAME LINE ...: a program that is this shell script

stand_in() {
    printf '%s\n' '#!/bin/sh' "echo $1 >> '$dir/ran'" "${@:2}" > "$dir/bin/$1"
    chmod +x "$dir/bin/$1"
}


# deps NAME=VALUE ...: the step, with these in its environment; with nothing
# built before, unless there is set

deps() {
    [ -n "$there" ] || rm -rf "$dir/deps"
    rm -rf "$dir/build" "$dir/ran"
    mkdir -p "$dir/build"
    touch "$dir/build/apt-updated" "$dir/ran"

    rc=0
    said=$(env -u LIBJWT_ARCHIVE -u LIBJWT_SHA256 "$@" BUILD="$dir/build" \
               RT_DEPS="$dir/deps" PATH="$dir/bin:$PATH" \
               PKG_CONFIG_LIBDIR="$dir/none" PKG_CONFIG_PATH= \
               "$top/util/deps.sh" libjwt 2>&1) || rc=$?
}


check() {
    local what=$1
    shift

    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'deps_check: %s\nit ended with %s and said:\n%s\n' \
               "$what" "$rc" "$said" >&2
    fi
}


says() { [ "$rc" -ne 0 ] && [[ $said == *"deps: error: "*"$1"* ]]; }
shows() { [[ $said == *"$1"* ]]; }
ran() { grep -qx "$1" "$dir/ran"; }
not() { ! "$@"; }
unpacked() { [ -n "$(find "$dir/build/libjwt" -name 'libjwt-*')" ]; }


# refused NAME: by its checksum, with nothing done

refused() {
    check "$1: refused by its checksum" says "SHA-256 is"
    check "$1: nothing is unpacked" not unpacked
    check "$1: cmake is not run" not ran cmake
    check "$1: make is not run" not ran make
    check "$1: nothing is installed" not test -e "$dir/deps"
}


stand_in cmake 'echo "cmake: no such thing"; exit 1'
stand_in make 'exit 0'
stand_in curl 'exit 22'
stand_in apt-get 'case $1 in
    indextargets) echo "Debian http://mirror.invalid/debian" ;;
    *) echo "E: words of apt"; exit 100 ;;
esac'

deps LIBJWT_ARCHIVE="$dir/false.tar.gz"
refused "a false LIBJWT_ARCHIVE"
check "a LIBJWT_ARCHIVE: nothing is fetched" not ran curl
check "a LIBJWT_ARCHIVE: apt is not asked" not ran apt-get

deps LIBJWT_ARCHIVE="$dir/absent"
check "a LIBJWT_ARCHIVE that is not there" says "absent cannot be read"

deps LIBJWT_ARCHIVE="$dir/old.tar.gz" \
     LIBJWT_SHA256="$(sha256sum < "$dir/old.tar.gz" | cut -d ' ' -f 1)"
check "an old release that somebody vouches for" says "3.3.2 is too old"
check "an old release: cmake is not run" not ran cmake

deps LIBJWT_ARCHIVE="$dir/text" \
     LIBJWT_SHA256="$(sha256sum < "$dir/text" | cut -d ' ' -f 1)"
check "what is no archive" says "cannot be unpacked"

deps LIBJWT_ARCHIVE="$dir/false.tar.gz" \
     LIBJWT_SHA256="$(sha256sum < "$dir/false.tar.gz" | cut -d ' ' -f 1)"
check "cmake fails: that is the end" says "cmake does not configure libjwt"
check "cmake fails: in its own words" shows "cmake: no such thing"
check "cmake fails: with the log's place" shows "$dir/build/libjwt.log"
check "cmake fails: make is not run" not ran make
check "cmake fails: no version is written" not test -e "$dir/deps/version"

deps
check "neither apt nor curl have it" says "name it in LIBJWT_ARCHIVE"
check "apt's own words" shows "E: words of apt"
check "the place of apt's log" shows "$dir/build/apt-sid/log"

stand_in curl "while [ \"\$1\" != -o ]; do shift; done" \
         "cp '$dir/false.tar.gz' \"\$2\""
deps
check "a false archive from upstream: curl was asked" ran curl
refused "a false archive from upstream"

stand_in apt-get 'case $1 in
    indextargets) echo "Debian http://mirror.invalid/debian" ;;
    source) cp "'"$dir"'/false.tar.gz" libjwt3_3.3.3.orig.tar.gz ;;
esac'
deps
check "a false archive from sid: curl is not asked" not ran curl
refused "a false archive from sid"


# with one that was built before: another release is not passed over, and what
# it was linked into is built anew

stand_in cmake "mkdir -p '$dir/deps/lib'" "echo new > '$dir/deps/lib/libjwt.a'"
deps LIBJWT_ARCHIVE="$dir/false.tar.gz" \
     LIBJWT_SHA256="$(sha256sum < "$dir/false.tar.gz" | cut -d ' ' -f 1)"
check "a release that somebody vouches for is built" ran cmake
check "its version is written" grep -qx 3.3.3 "$dir/deps/version"

mkdir -p "$dir/deps/lib/pkgconfig"
printf '%s\n' 'Name: libjwt' 'Description: libjwt' 'Version: 3.3.3' \
    > "$dir/deps/lib/pkgconfig/libjwt.pc"

there=1
deps
check "one that is there is left alone" not ran cmake

deps LIBJWT_ARCHIVE="$dir/false.tar.gz" \
     LIBJWT_SHA256="$(sha256sum < "$dir/false.tar.gz" | cut -d ' ' -f 1)"
check "the same release is not built again" not ran cmake

deps LIBJWT_ARCHIVE="$dir/text" \
     LIBJWT_SHA256="$(sha256sum < "$dir/text" | cut -d ' ' -f 1)"
check "another release is looked at" says "cannot be unpacked"

rm "$dir/deps/version"
deps
check "one that somebody else has put there is left alone" not ran cmake

echo 3.3.2 > "$dir/deps/version"
deps
check "an older release is not left alone" says "SHA-256 is"


# modules NAME: what configures nginx, with the libjwt that is there

mkdir -p "$dir/nginx/src/core"
echo '#define nginx_version 1022001' > "$dir/nginx/src/core/nginx.h"
printf '%s\n' '#!/bin/sh' "echo configure >> '$dir/ran'" 'mkdir -p objs' \
    'printf "objs/ngx_http_rtauth_module.so:\n\ttouch \$@\n" > objs/Makefile' \
    > "$dir/nginx/configure"
chmod +x "$dir/nginx/configure"

modules() {
    rm -f "$dir/ran" && touch "$dir/ran"
    rc=0
    said=$(BUILD="$dir/build" NGINX_SRC="$dir/nginx" RT_MODULES=rtauth \
               RT_DEPS="$dir/deps" "$top/util/modules.sh" 2>&1) || rc=$?
}

modules
check "modules are built" ran configure
check "where they belong" test -f "$dir/build/modules/ngx_http_rtauth_module.so"
modules
check "the same libjwt: they are left alone" not ran configure
echo newer > "$dir/deps/lib/libjwt.a"
modules
check "another libjwt: they are built anew" ran configure

echo "deps_check: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
