#!/bin/sh
#
# libs.sh LIBRARY ...
#
# Says in one sentence which library is missing or too old, before a compiler
# says it in many.  What is in $RT_DEPS comes before the system's.

deps=${RT_DEPS:-build/deps}

if [ -f "$deps/lib/libjwt.a" ]; then
    export PKG_CONFIG_PATH="$deps/lib/pkgconfig:$PKG_CONFIG_PATH"
fi

fail() {
    echo "libs: error: $*" >&2
    exit 1
}

command -v pkg-config > /dev/null \
    || fail "pkg-config is missing: install it, or run \"make deps\""

for lib; do
    case $lib in
        libjwt)    least=3.3.3 mend="set RT_DEPS to where it is installed" ;;
        libcrypto) least=3.0.0 mend="install OpenSSL's development package" ;;
        *)         least=0     mend="install its development package" ;;
    esac

    version=$(pkg-config --modversion "$lib" 2>/dev/null) \
        || fail "$lib is missing: run \"make deps\", or $mend"

    pkg-config --atleast-version=$least "$lib" 2>/dev/null \
        || fail "$lib $version is too old, $least is needed:" \
                "run \"make deps\", or $mend"
done
