#!/bin/bash
#
# Each module exports what nginx's loader looks for, at most its own
# ngx_module_t besides, and nothing else: nginx loads modules with RTLD_GLOBAL,
# where a twin symbol of two modules is one symbol.  Called with the .so files.

set -uo pipefail

failed=0

[ $# -gt 0 ] || { echo "symbols: no module was found to check"; exit 1; }

for so; do
    [ -f "$so" ] || { echo "symbols: $so is not built"; exit 1; }
    module=$(basename "$so" .so)
    expected=$(printf '%s\n' ngx_module_names ngx_module_order ngx_modules)
    exported=$(nm -D --defined-only "$so" | awk '{ print $NF }' \
               | grep -vx "$module" | sort)

    if [ "$exported" != "$expected" ]; then
        echo "$so exports other than what nginx's loader needs:"
        diff <(echo "$expected") <(echo "$exported") | grep '^[<>]'
        failed=1
    fi
done

echo "symbols: $# modules, $([ $failed = 0 ] && echo clean || echo failed)"
exit $failed
