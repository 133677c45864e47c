#!/bin/bash
#
# Copies the built modules to where nginx looks for them; on Debian also
# writes modules-available snippets and enables them.  DESTDIR and MODULES_DIR
# as usual.

set -euo pipefail

dir=${MODULES_DIR:-}

if [ -z "$dir" ]; then
    dir=$("$NGINX" -V 2>&1 | tr ' ' '\n' \
          | sed -n "s/^'\{0,1\}--modules-path=\([^']*\).*/\1/p")
fi

[ -n "$dir" ] || { echo "$0: error: \"$NGINX -V\" names no modules-path:" \
                        "set MODULES_DIR" >&2; exit 1; }

install -d "${DESTDIR:-}$dir"

for m in $RT_MODULES; do
    so=ngx_http_${m}_module.so
    [ -f "$BUILD/modules/$so" ] \
        || { echo "$0: error: $so is not built: run \"make\"" >&2; exit 1; }

    install -m 644 "$BUILD/modules/$so" "${DESTDIR:-}$dir/$so"
    echo "installed ${DESTDIR:-}$dir/$so"

    if [ -d /etc/nginx/modules-enabled ]; then
        available=${DESTDIR:-}/usr/share/nginx/modules-available
        enabled=${DESTDIR:-}/etc/nginx/modules-enabled
        install -d "$available" "$enabled"
        echo "load_module modules/$so;" > "$available/mod-http-$m.conf"
        ln -sf "/usr/share/nginx/modules-available/mod-http-$m.conf" \
            "$enabled/60-mod-http-$m.conf"
    fi
done
