#!/bin/bash
#
# alive.sh NAME COMMAND ...
#
# Runs the command and passes on what it says, both streams as one.  Whenever
# it was silent for SILENCE seconds (10), a line tells that it is still at
# work, and for how long: "NAME: at work, 20 s".

set -uo pipefail

name=$1 start=$SECONDS
shift

"$@" 2>&1 | { half=; while :; do
    IFS= read -r -t "${SILENCE:-10}" line
    rc=$?

    if [ "$rc" -eq 0 ]; then
        printf '%s\n' "$line"
        half=
    elif [ "$rc" -le 128 ]; then        # the end, perhaps without a newline
        printf '%s' "$line"
        break
    elif [ -n "$line" ]; then           # time is over within a line
        printf '%s' "$line"
        half=$'\n'
    else
        printf '%s%s\n' "$half" "$name: at work, $((SECONDS - start)) s"
        half=
    fi
done; }

exit "${PIPESTATUS[0]}"
