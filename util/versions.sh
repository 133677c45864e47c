#!/bin/bash
#
# versions.sh DIR ...
#
# Builds the modules for each nginx source tree given, afresh and with -Werror:
# once as "make" does, and once for a lean nginx, without SSL, rewrite and PCRE,
# which brings none of their symbols along.  Where a tree is whole (Debian's
# nginx-dev has its headers only), nginx is built too and loads the modules.
# Says for each whether that went well.  Called by "make versions"; CC=clang
# and RT_MODULES pass through.

set -uo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
all=$BUILD/versions
lean="--with-compat --without-http_rewrite_module --without-pcre"
passed=0 failed=0

[ $# -gt 0 ] \
    || { echo "$0: error: no nginx source tree was named: set" \
              "NGINX_SRCS=\"DIR DIR\"" >&2; exit 1; }

# a configuration that does nothing but load what was built

load() {
    local dir=$1 m

    mkdir -p "$dir/prefix/logs"

    for m in $RT_MODULES; do
        echo "load_module $dir/modules/ngx_http_${m}_module.so;"
    done > "$dir/load.conf"
    echo "events { }  http { server { listen 127.0.0.1:1; } }" \
        >> "$dir/load.conf"

    make -s -C "$dir/nginx" -f objs/Makefile -j"$(nproc)" binary \
        && "$dir/nginx/objs/nginx" -t -p "$dir/prefix/" -c "$dir/load.conf" \
            -g "error_log stderr; pid $dir/nginx.pid;"
}

# prints how far a tree came: "linked", "loaded"

build() {
    local dir=$1 src=$2 flags=$3

    BUILD=$dir NGINX_SRC=$src RT_CONF_FLAGS=$flags "$top/util/modules.sh" \
        > "$dir.log" 2>&1 || return 1
    ! grep -q '[0-9]: warning:' "$dir.log" || return 1

    if [ ! -f "$src/src/core/nginx.c" ]; then
        echo linked
        return 0
    fi

    load "$dir" >> "$dir.log" 2>&1 && echo loaded
}

for src; do
    header=$src/src/core/nginx.h
    version=$(sed -n 's/^#define NGINX_VERSION *"\(.*\)"/\1/p' "$header" \
              2>/dev/null)

    for flavour in full lean; do
        dir=$all/${version:-none}-$flavour-$(cksum <<< "$src" \
                                             | cut -d ' ' -f 1)
        flags=
        [ $flavour = full ] || flags=$lean
        start=$SECONDS

        rm -rf "$dir" && mkdir -p "$all"

        if [ -z "$version" ]; then
            echo "there is no $header" > "$dir.log"
        fi

        if [ -n "$version" ] && how=$(build "$dir" "$src" "$flags"); then
            passed=$((passed + 1)) word=ok
        else
            failed=$((failed + 1)) word=failed how=-
        fi

        printf '%-7s %-8s %-5s %-7s %4d s  %s\n' "$word" "${version:--}" \
            $flavour "$how" $((SECONDS - start)) "$src"

        if [ "$word" = failed ]; then
            { grep -E 'error:|warning:|emerg|there is no|hidden symbol' \
                  "$dir.log" \
              || tail -n 5 "$dir.log"; } | head -n 20 | sed 's/^/        /'
        fi
    done
done

echo "versions: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
