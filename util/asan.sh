#!/bin/bash
#
# asan.sh FILE.t ... | FILE.mjs ...
#
# Builds nginx itself, with the modules, under ASan and UBSan and with
# NGX_DEBUG_PALLOC (every pool allocation is a malloc of its own, so that an
# overrun inside a pool is seen), then runs the Test::Nginx suites on it, or
# the browser tests.
# What a sanitizer says goes to files in $BUILD/asan/log: one is a failure.

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/util/nginx_flags.sh"
dir=$BUILD/asan
tree=$dir/nginx

# -fsanitize=undefined without what nginx's own core does on purpose:
# memcpy() of zero bytes from NULL, NULL + 0, unaligned reads
# one line each: configure edits its values line by line
san="-fsanitize=address,undefined -fno-sanitize=nonnull-attribute"
san="$san -fno-sanitize=pointer-overflow,alignment,null"
debug="-g -O1 -fno-omit-frame-pointer -DNGX_DEBUG_PALLOC=1"

mkdir -p "$tree" "$dir/log"
rm -f "$dir"/log/*

# nginx's whole source: nginx-dev has its headers only
full=${NGINX_FULL_SRC:-$BUILD/nginx-src}

[ -f "$tree/src/core/nginx.c" ] || cp -rL "$full"/. "$tree"/
chmod -R u+w "$tree"
cd "$tree"

files=$(cd "$top" && find src -name '*.[ch]' | sort | cat - config test/module/config | cksum)
stamp="$RT_DEPS|$files"

if [ "$(cat objs/rt.stamp 2>/dev/null)" != "$stamp" ]; then
    rm -rf objs
    configure=./configure
    [ -x "$configure" ] || configure=auto/configure

    "$configure" --prefix="$dir/prefix" "${nginx_flags[@]}" \
        --with-cc-opt="$debug $san" \
        --with-ld-opt="$san" \
        --add-dynamic-module="$top" \
        --add-dynamic-module="$top/test/module" > "$dir/configure.log" 2>&1 \
        || { tail -n 20 "$dir/configure.log" >&2; exit 1; }

    echo "$stamp" > objs/rt.stamp
fi

make -s -f objs/Makefile -j"$(nproc)" binary modules > "$dir/make.log" 2>&1 \
    || { tail -n 40 "$dir/make.log" >&2; exit 1; }

mkdir -p "$dir/modules"
cp objs/*.so "$dir/modules/"
echo "built $tree/objs/nginx with ASan, UBSan and NGX_DEBUG_PALLOC"

# every module .so carries ngx_modules[]: that is nginx's way, not a bug
# intercept_tls_get_addr: LeakSanitizer of gcc 12 reads wild addresses with it
export ASAN_OPTIONS=detect_odr_violation=0:detect_leaks=1
ASAN_OPTIONS=$ASAN_OPTIONS:intercept_tls_get_addr=0
ASAN_OPTIONS=$ASAN_OPTIONS:log_path=$dir/log/asan     # last: Test::Nginx appends
export UBSAN_OPTIONS=print_stacktrace=1:log_path=$dir/log/ubsan
export LSAN_OPTIONS=suppressions=$top/util/lsan.supp:print_suppressions=0
export RT_MODULE_DIR=$dir/modules TEST_NGINX_BINARY=$tree/objs/nginx
export TEST_NGINX_TIMEOUT=${TEST_NGINX_TIMEOUT:-10} RT_ASAN=1

cd "$top"
rc=0

case $1 in
    *.mjs)
        for file; do
            NGINX=$TEST_NGINX_BINARY node "$file" || rc=$?
        done ;;
    *)
        util/check.sh "$@" || rc=$? ;;
esac

# nginx that refuses its configuration leaves its first pool, from main itself

for report in $(grep -ls 'SUMMARY: .*: 1024 byte(s) leaked in 1 ' \
                "$dir"/log/* || true)
do
    if grep -q '#3 .* in main src/core/nginx.c' "$report"; then
        rm "$report"
    fi
done

if [ -n "$(ls "$dir/log")" ]; then
    echo "sanitizer reports in $dir/log:"
    grep -hE 'ERROR:|runtime error:|SUMMARY:' "$dir"/log/* | sort | uniq -c \
        | sort -rn | head -n 20
    rc=1
fi

exit $rc
