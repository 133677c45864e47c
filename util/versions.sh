#!/bin/bash
#
# versions.sh DIR ...
#
# Builds the modules for each nginx source tree given, afresh and with -Werror,
# and says for each version whether that went well.  Called by "make
# versions"; CC=clang and RT_MODULES pass through.

set -uo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
all=$BUILD/versions
passed=0 failed=0

[ $# -gt 0 ] \
    || { echo "$0: error: no nginx source tree was named: set" \
              "NGINX_SRCS=\"DIR DIR\"" >&2; exit 1; }

for src; do
    header=$src/src/core/nginx.h
    version=$(sed -n 's/^#define NGINX_VERSION *"\(.*\)"/\1/p' "$header" \
              2>/dev/null)
    dir=$all/${version:-none}-$(cksum <<< "$src" | cut -d ' ' -f 1)
    log=$dir.log
    start=$SECONDS

    rm -rf "$dir" && mkdir -p "$all"

    if [ -z "$version" ]; then
        echo "there is no $header" > "$log"
    fi

    if [ -n "$version" ] \
        && BUILD=$dir NGINX_SRC=$src "$top/util/modules.sh" > "$log" 2>&1 \
        && ! grep -q '[0-9]: warning:' "$log"
    then
        passed=$((passed + 1)) word=ok
    else
        failed=$((failed + 1)) word=failed
    fi

    printf '%-7s %-8s %4d s  %s\n' "$word" "${version:--}" \
        $((SECONDS - start)) "$src"

    if [ "$word" = failed ]; then
        { grep -E 'error:|warning:|there is no' "$log" \
          || tail -n 5 "$log"; } | head -n 20 | sed 's/^/        /'
    fi
done

echo "versions: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
