#!/bin/bash
#
# Builds the dynamic modules for an installed nginx.  Called by "make modules",
# which passes BUILD, NGINX_SRC, RT_MODULES and RT_DEPS.  The nginx tree is
# copied, for Debian's is read-only; it is configured once, and again when the
# config, the files of src, the list of modules or the static libjwt changed.
# RT_CONF_FLAGS replaces the flags that nginx is configured with;
# RT_TEST_MODULES names modules of the tests, which nobody installs.  Of two
# that build in one folder, the second waits for the first.
#
# gcc looks at each module as a whole when it links it (-flto): what a module
# adds to a request is a tenth fewer instructions then, and a link takes 20 s
# of a processor and more.  RT_LTO=no leaves that out, for those who link often.
# RT_CC_OPT and RT_LD_OPT replace all of these flags.

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
tree=$BUILD/nginx

fail() {
    echo "$0: error: $*" >&2
    exit 1
}

[ -x "$NGINX_SRC/configure" ] || [ -f "$NGINX_SRC/auto/configure" ] \
    || fail "no nginx sources in \"$NGINX_SRC\":" \
            "install nginx-dev, run \"make deps\", or set NGINX_SRC"

mkdir -p "$tree" "$BUILD/modules"
exec {lock}> "$BUILD/modules.lock"
flock "$lock"

if [ ! -f "$tree/src/core/nginx.h" ]; then
    cp -rL "$NGINX_SRC"/. "$tree"/
    chmod -R u+w "$tree"
fi

version=$(sed -n 's/^#define nginx_version *//p' "$tree/src/core/nginx.h")

[ "$version" -ge 1022001 ] \
    || fail "nginx sources in \"$NGINX_SRC\" are older than 1.22.1"

cd "$tree"

NGX_CONF_FLAGS=(--with-compat --with-http_ssl_module --with-threads)
[ -f conf_flags ] && . ./conf_flags
[ -z "${RT_CONF_FLAGS:-}" ] || read -ra NGX_CONF_FLAGS <<< "$RT_CONF_FLAGS"

# on one line each: configure edits the values line by line
cc_opt="-g -O2 -fPIC -fstack-protector-strong -D_FORTIFY_SOURCE=2"
cc_opt="$cc_opt -Wformat -Werror=format-security"
ld_opt="-Wl,-z,relro -Wl,-z,now -fPIC"

case "${RT_LTO:-} $(${CC:-cc} --version)" in
"no "*) ;;
*"Free Software Foundation"*)
    cc_opt="$cc_opt -O3 -fno-plt -flto=auto"
    ld_opt="$ld_opt -O3 -flto=auto" ;;
esac

cc_opt=${RT_CC_OPT:-$cc_opt}
ld_opt=${RT_LD_OPT:-$ld_opt}

# the names of all sources, and what "config" itself reads
files=$(cd "$top" && find src -name '*.[ch]' | sort \
        | cat - config test/module/config src/rtaudit/view/view.* | cksum)
libjwt=$(cksum < "$RT_DEPS/lib/libjwt.a" 2> /dev/null) || true
stamp="$RT_MODULES|$RT_DEPS|$libjwt|${RT_CONF_FLAGS:-}|$cc_opt|$ld_opt|$files"

if [ "$(cat objs/rt.stamp 2>/dev/null)" != "$stamp" ]; then
    rm -rf objs
    configure=./configure
    [ -x "$configure" ] || configure=auto/configure

    export RT_MODULES RT_DEPS
    "$configure" "${NGX_CONF_FLAGS[@]}" \
        --with-cc-opt="$cc_opt" \
        --with-ld-opt="$ld_opt" \
        --add-dynamic-module="$top" \
        --add-dynamic-module="$top/test/module" > "$BUILD/configure.log" 2>&1 \
        || { grep -h 'error:' "$BUILD/configure.log" >&2 \
             || tail -n 20 "$BUILD/configure.log" >&2
             fail "nginx's configure failed, see $BUILD/configure.log"; }

    echo "$stamp" > objs/rt.stamp
fi

# A hidden name must be in the module itself: the link fails when a module does
# not list the source that it needs, and this says which one.

missing() {
    local name of

    for name in $(grep -oE "(hidden symbol|undefined reference to)[:\`' ]+\w+" \
                  "$BUILD/make.log" | grep -oE '\w+$' | sort -u)
    do
        of=$(cd "$top" && grep -rlE --include='*.c' \
                 "^($name\(|[a-z].*\b$name(\[.*\])* =)" src)
        echo "$name is in ${of:-no source of ours}:" \
             "a module that needs it does not list it in config"
    done
}

wanted="$RT_MODULES ${RT_TEST_MODULES:-}"

# not within the -j of who calls: nginx's Makefile has none of our targets
# shellcheck disable=SC2086
MAKEFLAGS='' make -s -f objs/Makefile -j"$(nproc)" \
    $(printf 'objs/ngx_http_%s_module.so ' $wanted) 2>&1 | tee "$BUILD/make.log" \
    || { missing >&2
         fail "the modules were not built, see $BUILD/make.log"; }

for m in $wanted; do
    made=objs/ngx_http_${m}_module.so placed=$BUILD/modules/${made#objs/}

    # Never written in place: an nginx may have it mapped.  Nor replaced by its
    # like: nginx would load it beside the one that it has.
    if ! cmp -s "$made" "$placed"; then
        cp "$made" "$BUILD/modules/.$m.new"
        mv "$BUILD/modules/.$m.new" "$placed"
    fi

    echo "built $placed"
done
