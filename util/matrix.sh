#!/bin/bash
#
# matrix.sh FILE.t ...
#
# The suites on several nginx, each built whole with the modules of the tests:
# "make matrix".  A row is SUITE:COMPILER:FLAVOUR, where SUITE is the Debian that
# has this nginx's source; rows that are not plain take the files of $SUBSET,
# as all of them would take hours.  Ends with a table, a line for each row.
#
# MATRIX  the rows  (those below)
# SUBSET  the files of rows with another compiler or flavour

set -uo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
unpacked=$BUILD
all=$BUILD/matrix
. "$top/util/nginx_flags.sh"

rows=${MATRIX:-bookworm:gcc:full trixie:gcc:full sid:gcc:full \
               trixie:clang:full trixie:gcc:nossl}

[ $# -gt 0 ] || { echo "$0: error: no .t file was found" >&2; exit 1; }

mkdir -p "$all"
table="" bad=0 ran=0

# row NAME VERSION PASSED FAILED SKIPPED SECONDS REMARK

row() {
    local line

    line=$(printf '%-22s %-8s %6s passed %4s failed %4s skipped %5s s  %s' \
           "$@")
    echo "$line"
    table+=$line$'\n'
}

flags_of() {
    local flag

    for flag in "${nginx_flags[@]}"; do
        [ "$1" = nossl ] && [ "$flag" = --with-http_ssl_module ] \
            || echo "$flag"
    done
}

# nginx itself, beside the modules that were made for it; a warning fails

build() {
    export BUILD=$1 NGINX_SRC=$2
    export RT_TEST_MODULES=${RT_TEST_MODULES:-rttest rttest_session zstd_filter}

    make -s -C "$top" modules tools "$BUILD/drivers/schema" \
        && make -s -C "$BUILD/nginx" -f objs/Makefile -j"$(nproc)" binary
}

for one in $rows; do
    IFS=: read -r suite compiler flavour <<< "$one"
    start=$SECONDS

    if ! BUILD=$all "$top/util/deps.sh" "nginx:$suite" > "$all.log" 2>&1; then
        row "$one" - 0 0 1 0 "its source cannot be had"
        grep -h 'error' "$all.log" | tail -n 2 | sed 's/^/        /'
        continue
    fi

    src=$all/nginx-$suite
    version=$(sed -n 's/^#define NGINX_VERSION *"\(.*\)"/\1/p' \
              "$src/src/core/nginx.h")
    dir=$all/$version-$compiler-$flavour
    log=$dir.log
    files=("$@")
    [ "$compiler:$flavour" = gcc:full ] || [ -z "${SUBSET:-}" ] \
        || read -ra files <<< "$SUBSET"

    # what "make deps" unpacked for the tests, who look for it in BUILD
    mkdir -p "$dir"
    ln -sfn -t "$dir" "$unpacked/syslog-ng" "$unpacked/flask-talisman"

    export CC=$compiler RT_CONF_FLAGS
    RT_CONF_FLAGS=$(flags_of "$flavour" | tr '\n' ' ')

    if ! (build "$dir" "$src") > "$log" 2>&1 || grep -q ' warning: ' "$log"
    then
        row "$one" "$version" 0 1 0 $((SECONDS - start)) "is not built: $log"
        bad=1
        continue
    fi

    TEST_NGINX_BINARY=$dir/nginx/objs/nginx BUILD=$dir \
        "$top/util/check.sh" "${files[@]}" > "$log" 2>&1 || bad=1

    read -r passed failed <<< "$(sed -n \
        's/^check: \([0-9]*\) passed, \([0-9]*\) failed/\1 \2/p' "$log" \
        | tail -n 1)"
    skipped=$(awk '/^check: [0-9]+ skipped: / { n += $2 } END { print n + 0 }' \
              "$log")

    [ -n "${failed:-}" ] || { passed=0 failed=1 bad=1; }
    ran=$((ran + 1))

    row "$one" "$version" "$passed" "$failed" "$skipped" \
        $((SECONDS - start)) ""
    sed -n -e 's/^check: \([0-9]* skipped: .*\)/        \1/p' \
        -e 's/^\(t\/[^ ]* .*Failed: .*\)/        \1/p' "$log"
done

printf '\n%s' "$table"
[ $ran -gt 0 ] || { echo "$0: error: no row has run"; exit 1; }
exit $bad
