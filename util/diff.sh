#!/bin/bash
#
# Runs test/diff/*.mjs that are tests; each ends with "diff NAME: N passed,
# N failed", and so does this: "diff: N passed, N failed".

set -uo pipefail

drivers=$1 pages=$2 seed=$3
passed=0 failed=0

cd "$(dirname "$0")/../test/diff" || exit 1

if [ ! -d node_modules/parse5 ]; then
    npm ci --silent --no-audit --no-fund || {
        echo "$0: error: npm could not install parse5" >&2
        exit 1
    }
fi

for test in html nonce; do
    out=$(node $test.mjs "$drivers" "$pages" "$seed" 2>&1)
    rc=$?
    echo "$out"

    last=$(tail -1 <<< "$out")

    if [[ $last =~ ^diff\ $test:\ ([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        ok=${BASH_REMATCH[1]} bad=${BASH_REMATCH[2]}
        [ $rc -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    else
        ok=0 bad=1
    fi

    passed=$((passed + ok)) failed=$((failed + bad))
done

echo "diff: $passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
