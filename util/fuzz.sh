#!/bin/bash
#
# Runs libFuzzer targets, FUZZ_SECONDS each, on their corpora in
# test/fuzz/corpus/NAME; new inputs stay in the build folder.  As many at a
# time as there are cores, each with a line when it is over, and at the end
# "fuzz: N passed, N failed, N fuzz runs".

set -uo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
seconds=${FUZZ_SECONDS:-60}

# each run is another one, unless it is to be the same again
seed=${RT_SEED:-$(date +%s)}

[ $# -gt 0 ] || { echo "$0: error: no fuzz target was found" >&2; exit 1; }

one() {
    local prog=$1 name corpus found dict
    name=$(basename "$prog") name=${name#fuzz_}
    corpus=$top/test/fuzz/corpus/$name
    found=$(dirname "$prog")/found-$name
    dict=$top/test/fuzz/dict/$name.dict

    [ -n "$(ls "$corpus" 2>/dev/null)" ] \
        || { echo "fuzz_$name: failed, no corpus in test/fuzz/corpus/$name"
             return 1; }

    mkdir -p "$found"

    if "$prog" -max_total_time="$seconds" -seed="$seed" \
        -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="$found/" \
        $([ -f "$dict" ] && echo "-dict=$dict") \
        "$found" "$corpus" > "$prog.log" 2>&1
    then
        echo "fuzz_$name: ok," \
             "$(sed -n 's/^stat::number_of_executed_units: *//p' "$prog.log")" \
             "runs in ${seconds}s"
    else
        tail -n 40 "$prog.log"
        echo "fuzz_$name: failed, see $prog.log"
        return 1
    fi
}

export -f one; export top seconds seed

cores=$(nproc)
results=$(dirname "$1")/results

echo "$# targets for $seconds s each, $cores at a time:" \
     "about $((($# + cores - 1) / cores * seconds)) s; RT_SEED=$seed"

printf '%s\n' "$@" | xargs -P "$cores" -I{} bash -c 'one {} || true' \
    | tee "$results"

passed=$(grep -c ': ok,' "$results")
failed=$(($# - passed))
runs=$(awk -F"[, ]+" '/: ok,/ { n += $3 } END { print n + 0 }' "$results")
echo "fuzz: $passed passed, $failed failed, $runs fuzz runs"
[ "$failed" -eq 0 ]
