#!/bin/bash
#
# Runs cmocka programs, as many at a time as there are cores; the last line counts
# their tests: "unit: N passed, N failed".  A program that dies without a count is a
# failure by itself.

set -uo pipefail

passed=0 failed=0

[ $# -gt 0 ] || { echo "$0: error: no unit test was found" >&2; exit 1; }

export RT_SEED=${RT_SEED:-1}
echo "unit: RT_SEED=$RT_SEED"

export CMOCKA_MESSAGE_OUTPUT=tap ASAN_OPTIONS=detect_leaks=1
export UBSAN_OPTIONS=print_stacktrace=1

for prog; do
    rm -f "$prog.rc"
done

printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} \
    sh -c '"$0" > "$0.log" 2>&1; echo $? > "$0.rc"' {}

for prog; do
    out=$(cat "$prog.log") rc=$(cat "$prog.rc" || echo 1)
    ok=$(grep -c '^ok ' <<< "$out")
    bad=$(grep -c '^not ok ' <<< "$out")

    if [ $rc -ne 0 ] && [ "$bad" -eq 0 ] || [ $((ok + bad)) -eq 0 ]; then
        bad=$((bad + 1))
    fi

    [ "$bad" -eq 0 ] || { echo "--- $(basename "$prog"):"; echo "$out"; }
    printf '%-28s %4d ok, %d failed\n' "$(basename "$prog")" "$ok" "$bad"

    passed=$((passed + ok)) failed=$((failed + bad))
done

echo "unit: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
