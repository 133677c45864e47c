#!/bin/bash
#
# Runs cmocka programs; the last line counts their tests: "unit: N passed,
# N failed".  A program that dies without a count is a failure by itself.

set -uo pipefail

passed=0 failed=0

[ $# -gt 0 ] || { echo "$0: error: no unit test was found" >&2; exit 1; }

export RT_SEED=${RT_SEED:-1}
echo "unit: RT_SEED=$RT_SEED"

for prog; do
    out=$(CMOCKA_MESSAGE_OUTPUT=tap ASAN_OPTIONS=detect_leaks=1 \
          UBSAN_OPTIONS=print_stacktrace=1 "$prog" 2>&1)
    rc=$?
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
