#!/bin/bash
#
# The whole test: "make test".  Each stage closes with a line of its own,
# "stage: N passed, N failed"; a stage that ends badly without one counts as
# one failure.  A stage that tries generated cases adds how many, ", N CASES":
# they are as many as time allows, and so are not among the tests that the last
# line adds up.
#
# STAGES says which of them run, in groups: "a b,c|d" is a by itself, then b and c one
# after the other with d at their side: where one waits more than it computes, or
# each takes one processor.  Those of the bench (instructions, growth, memory)
# share folders, and so never run at once.  What a stage said is shown when it has
# ended, and is in $BUILD/test-STAGE.log before.  A signal ends the stages that run.

set -uo pipefail

all='modules drivers lint unit fuzz
    check|user,memory
    instructions,growth|diff
    e2e,view,parties|browsers,signin,demo'
STAGES=${STAGES:-$all}
read -rd '' -a known <<< "${all//[,|]/ }"

# "make" would be content with any file of that name
for name in ${STAGES//[,|]/ }; do
    [[ " ${known[*]} " == *" $name "* ]] && continue
    echo "$0: error: \"$name\" is no stage: ${known[*]}" >&2
    exit 1
done

passed=0 failed=0 seen= generated= cores=$(nproc)

# here it is told that a stage is at work, and so by none of them
silence=${SILENCE:-15}
export SILENCE=3600


run() {
    case $1 in
        modules) make -s -j"$cores" shared ;;
        lint)    make -s -j"$cores" -O lint ;;
        drivers|unit) make -s -j"$cores" "$1" ;;
        fuzz)    make -s -j"$cores" fuzz FUZZ_SECONDS="${FUZZ_SECONDS:-4}" ;;
        diff)    make -s test-diff ;;
        # not where a demo that somebody left up listens, or tries to
        demo)    make -s demo ONCE=1 DEMO_PORT=$((20000 + $$ % 10000)) ;;
        user)    util/user.sh ;;
        *)       make -s "$1" ;;
    esac
}


# the stages of one side, and what became of them: "NAME RC SECONDS"

side() {
    local name start rc

    for name in ${1//,/ }; do
        echo "$name"
        start=$SECONDS rc=0
        run "$name" > "$BUILD/test-$name.log" 2>&1 < /dev/null || rc=$?
        echo "$name $rc $((SECONDS - start))"
    done
}


# all sides of a group, each of which is a group of processes; what a signal has
# not ended in ten seconds is killed

sides() {
    local each pids=() tries

    set -m
    trap 'tries=100; kill -- "${pids[@]/#/-}"' INT TERM HUP

    for each in ${1//|/ }; do
        side "$each" &
        pids+=($!)
    done

    wait && return

    while kill -0 -- "${pids[@]/#/-}" && [ $((tries--)) -gt 0 ]; do
        sleep 0.1
    done

    kill -KILL -- "${pids[@]/#/-}"
}


# what a stage said, and how it counts

ended() {
    local name=$1 rc=$2 took=$3 log=$BUILD/test-$1.log line ok= bad=

    printf '\n== %s\n' "$name"
    cat "$log"

    line=$(grep -E '^[a-z0-9]+: [0-9]+ passed, [0-9]+ failed' "$log" \
           | tail -n 1)

    if [[ $line =~ ^[a-z0-9]+:\ ([0-9]+)\ passed,\ ([0-9]+)\ failed(, (.*))?$ ]]
    then
        ok=${BASH_REMATCH[1]} bad=${BASH_REMATCH[2]}
        generated+=${BASH_REMATCH[4]:+${generated:+, }${BASH_REMATCH[4]}}
    fi

    # a stage without a count is one check
    if [ -z "$ok" ]; then
        ok=$((rc == 0)) bad=$((rc != 0))
    elif [ "$rc" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
    fi

    passed=$((passed + ok)) failed=$((failed + bad))
    seen+=$(printf '%-12s %6d passed %4d failed %5d s' \
            "$name" "$ok" "$bad" "$took")$'\n'
}


# what was silent for that long says where each stage is

group() {
    local name rc took got start=$SECONDS
    declare -A running=()

    exec {events}< <(sides "$1" 2> /dev/null)
    sides=$!

    while :; do
        got=0
        read -r -t "$silence" -u "$events" name rc took || got=$?

        if [ $got -gt 128 ]; then
            for name in "${!running[@]}"; do
                echo "$name: at work, $((SECONDS - running[$name])) s:" \
                     "$(tail -n 1 "$BUILD/test-$name.log" | cut -c 1-60)"
            done
        elif [ $got -ne 0 ]; then
            break
        elif [ -z "$rc" ]; then
            running[$name]=$SECONDS
        else
            unset "running[$name]"
            ended "$name" "$rc" "$took"
        fi
    done

    exec {events}<&-
    sides=

    # a side that was killed has not said how its stage ended
    for name in "${!running[@]}"; do
        ended "$name" 137 $((SECONDS - running[$name]))
    done
}


told() {
    trap - INT TERM HUP
    echo "$0: told to end; \"$BUILD/test-STAGE.log\" is what was said" >&2

    if [ -n "${sides:-}" ]; then
        kill "$sides" 2> /dev/null
        # which answers when all stages have ended
        cat <&"$events" > /dev/null
    fi

    exit 1
}


mkdir -p "$BUILD"
trap told INT TERM HUP

for each in $STAGES; do
    group "$each"
done

printf '\n%s\n' "$seen"
[ -z "$generated" ] || echo "generated cases: $generated"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
