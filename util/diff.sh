#!/bin/bash
#
# Runs test/diff/*.mjs that are tests; each ends with "diff NAME: N passed,
# N failed, N generated pages compared", and so does this, as "diff: ...".

set -uo pipefail

drivers=$1 pages=$2 seed=${RT_SEED:-1}
passed=0 failed=0 pages_seen=0

cd "$(dirname "$0")/../test/diff" || exit 1

for package in parse5 csp_evaluator jose scim-patch scim2-parse-filter; do
    [ -d node_modules/$package ] && continue

    npm ci --silent --no-audit --no-fund || {
        echo "$0: error: npm could not install $package" >&2
        exit 1
    }
done

echo "diff: RT_SEED=$seed"

for test in html guards nonce ways place csp identity scim; do
    # parse5 reads each page of "place" eight times
    count=$([ $test = place ] && echo $((pages / 8)) || echo "$pages")

    out=$(node $test.mjs "$drivers" "$count" "$seed" 2>&1)
    rc=$?
    echo "$out"

    last=$(tail -1 <<< "$out")

    line='^diff [a-z]+: ([0-9]+) passed, ([0-9]+) failed, ([0-9]+) gen'

    if [[ $last =~ $line ]]; then
        ok=${BASH_REMATCH[1]} bad=${BASH_REMATCH[2]}
        pages_seen=$((pages_seen + BASH_REMATCH[3]))
        [ $rc -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    else
        ok=0 bad=1
    fi

    passed=$((passed + ok)) failed=$((failed + bad))
done

echo "diff: $passed passed, $failed failed," \
     "$pages_seen generated pages compared"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
