#!/bin/bash
#
# install.sh [uninstall]
#
# Copies the built modules to where nginx looks for them, and below PREFIX,
# /usr/local, what a person uses: rt, its manual page and completion, roles; also
# logrotate's rule for audit files, and on Debian modules-available snippets,
# which it enables.  "uninstall" takes the same files away, and no other.
# DESTDIR, MODULES_DIR and BIN_DIR as usual; SHARE_DIR, PREFIX/share/rt, has the
# roles.  debian/rules calls this, too.

set -euo pipefail

verb=${1:-install}
root=${DESTDIR:-}
dir=${MODULES_DIR:-}
prefix=${PREFIX:-/usr/local}
bin=${BIN_DIR:-$prefix/bin}
share=${SHARE_DIR:-$prefix/share/rt}
available=/usr/share/nginx/modules-available
enabled=/etc/nginx/modules-enabled


fail() {
    echo "$0: error: $*" >&2
    exit 1
}


# at once: an nginx that starts meanwhile finds the old file or the new one

put() {
    install -d "$root$(dirname "$1")"
    install -m "${3:-644}" "$2" "$root$1.new"
    mv -f "$root$1.new" "$root$1"
    echo "installed $root$1"
}


take() {
    [ -e "$root$1" ] || [ -L "$root$1" ] || return 0
    rm -f "$root$1"
    echo "removed $root$1"
}


# each VERB: what is no module, as "VERB TARGET FILE MODE"

each() {
    local f

    "$1" "$bin/rt" "$BUILD/rt" 755
    "$1" "$prefix/share/man/man1/rt.1" tools/rt/rt.1
    "$1" "$prefix/share/bash-completion/completions/rt" \
        tools/rt/rt.bash-completion
    for f in roles/*/*.conf; do "$1" "$share/$f" "$f"; done
}


# a rule that is there may have been changed: it stays, also behind uninstall

rotation=/etc/logrotate.d/rtaudit

rotate() {
    local file=$root$rotation

    if [ "$verb" = uninstall ]; then
        ! cmp -s "$file" util/logrotate/rtaudit || take "$rotation"

    elif [ -e "$file" ]; then
        cmp -s "$file" util/logrotate/rtaudit \
            || echo "left $file as it is: util/logrotate/rtaudit differs"

    elif [ -n "$root" ] || [ -d "${rotation%/*}" ]; then
        put "$rotation" util/logrotate/rtaudit

        [ -n "$root" ] || command -v logrotate > /dev/null \
            || echo "logrotate is not installed: nothing rotates audit files" \
                    "until it is"
    fi
}


# nginx reads modules-enabled/* before everything else: a load_module in
# nginx.conf would then be the second one of its module, which is an error

enable() {
    local snippet=$available/mod-http-$1.conf link=$enabled/60-mod-http-$1.conf

    put "$snippet" <(echo "load_module modules/ngx_http_${1}_module.so;")
    install -d "$root$enabled"
    ln -sf "$snippet" "$root$link"
    echo "enabled $root$link (nginx.conf needs no load_module for it)"
}


if [ -z "$dir" ]; then
    dir=$("$NGINX" -V 2>&1 | tr ' ' '\n' \
          | sed -n "s/^'\{0,1\}--modules-path=\([^']*\).*/\1/p")
fi

[ -n "$dir" ] || fail "\"$NGINX -V\" names no modules-path: set MODULES_DIR"

case $verb in install|uninstall) ;; *) fail "unknown verb \"$verb\"" ;; esac

if [ "$verb" = install ]; then
    for m in $RT_MODULES; do
        [ -f "$BUILD/modules/ngx_http_${m}_module.so" ] \
            || fail "ngx_http_${m}_module.so is not built: run \"make\""
    done

    [ -f "$BUILD/rt" ] || fail "rt is not built: run \"make\""
    each put

else
    each take
fi

for m in $RT_MODULES; do
    so=ngx_http_${m}_module.so
    [ "$m" != rtaudit ] || rotate

    if [ "$verb" = install ]; then
        put "$dir/$so" "$BUILD/modules/$so"
        [ ! -d /etc/nginx/modules-enabled ] || enable "$m"

    else
        take "$enabled/60-mod-http-$m.conf"
        take "$available/mod-http-$m.conf"
        take "$dir/$so"
    fi
done

if [ "$verb" = install ] && [ -z "$root" ]; then
    echo "now: nginx -t, then restart nginx (a reload keeps the old code of a" \
         "module that was loaded before)"
fi
