#!/bin/bash
#
# src/lib is free of nginx, and keeps no mutable state: no nginx name, no
# nginx header, nothing in .data or .bss of its objects.  Only
# ngx_rt_compat.h tests nginx's version, and only ngx_rt_log.c writes to the
# log of a connection.  Called with the archive of src/lib.

set -uo pipefail

archive=${1:?the archive of src/lib is missing}
failed=0

files=$(util/files.py 'src/lib/*.[ch]')
all=$(util/files.py 'ngx_http_rt*.c' 'src/*.[ch]')
[ -n "$files" ] || { echo "purity: no file was found to check"; exit 1; }

say() {
    echo "$1" && failed=1
}

# shellcheck disable=SC2086
found=$(grep -nE '#include *[<"]ngx_|\bngx_[a-z]+_[a-z_]+ *\(' $files)
[ -z "$found" ] || say "src/lib knows nginx:
$found"

found=$(objdump -t "$archive" | awk '/file format/ { file = $1 }
    ($2 == "O" || $3 == "O") && / (\.data|\.bss)[ \t]/ { print file, $NF }')
[ -z "$found" ] || say "src/lib has mutable state:
$found"

# shellcheck disable=SC2086
found=$(grep -nE '\bnginx_version\b' $all | grep -v '^src/ngx/ngx_rt_compat.h:')
[ -z "$found" ] || say "nginx_version is tested outside ngx_rt_compat.h:
$found"

# a call may go over several lines
# shellcheck disable=SC2086
found=$(grep -zoPn 'ngx_log_error(_core)?\([^;]*\b(connection|f?c)->log\b[^;]*;' \
        $all | tr '\0' '\n')
[ -z "$found" ] || say "nginx would add query and Referer: use ngx_rt_log_error:
$found"

found=$(grep -LE '^#include "([a-z]+/)?(rt_|ngx_rt_|ngx_http_rt)' \
        $(util/files.py 'src/*.c'))
[ -z "$found" ] || say "no header with the visibility pragma is included in:
$found"

echo "purity: $(wc -w <<< "$files") files of src/lib," \
     "$([ $failed = 0 ] && echo clean || echo "not clean")"
exit $failed
