#!/bin/bash
#
# The whole test: "make test".  Each stage closes with a line of its own,
# "stage: N passed, N failed"; a stage that ends badly without one counts as
# one failure.  A stage that tries generated cases adds how many, ", N CASES":
# they are as many as time allows, and so are not among the tests that the last
# line adds up.

set -uo pipefail

passed=0 failed=0 seen= generated=

stage() {
    local name=$1 log=$BUILD/test-$1.log start=$SECONDS line ok bad rc
    shift

    printf '\n== %s\n' "$name"
    SILENCE=15 util/alive.sh "$name" "$@" | tee "$log"
    rc=${PIPESTATUS[0]}

    line=$(grep -E '^[a-z0-9]+: [0-9]+ passed, [0-9]+ failed' "$log" \
           | tail -n 1)
    ok= bad=

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
            "$name" "$ok" "$bad" $((SECONDS - start)))$'\n'
}

mkdir -p "$BUILD"

for name in ${STAGES:-modules drivers lint unit fuzz check instructions growth memory diff e2e browsers signin view parties demo user}
do
    case $name in
        modules|drivers|lint|unit) stage $name make -s $name ;;
        fuzz)  stage fuzz make -s fuzz FUZZ_SECONDS="${FUZZ_SECONDS:-4}" ;;
        check) stage check make -s check ;;
        instructions) stage instructions make -s instructions ;;
        growth) stage growth make -s growth ;;
        memory) stage memory make -s memory ;;
        diff)  stage diff make -s test-diff ;;
        e2e)   stage e2e make -s e2e ;;
        browsers) stage browsers make -s browsers ;;
        signin) stage signin make -s signin ;;
        view)  stage view make -s view ;;
        parties) stage parties make -s parties ;;
        # not where a demo that somebody left up listens, or tries to
        demo)  stage demo make -s demo ONCE=1 \
                   DEMO_PORT=$((20000 + $$ % 10000)) ;;
        user)  stage user util/user.sh ;;
        *)     echo "$0: error: unknown stage \"$name\"" >&2; exit 1 ;;
    esac
done

printf '\n%s\n' "$seen"
[ -z "$generated" ] || echo "generated cases: $generated"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
