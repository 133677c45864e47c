#!/bin/bash
#
# deps.sh build|test|asan|demo|bench ...
#
# Installs what is missing on a Debian 12 or 13 machine (as root, or through
# sudo) and builds libjwt when the machine has none that is new enough.  What
# is there already is left alone, and so are the machine's apt sources: what
# only another suite of Debian has is fetched through a private apt configuration
# in $BUILD/apt-SUITE, which trusts Debian's own archive keys.

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
BUILD=${BUILD:-$top/build}
RT_DEPS=${RT_DEPS:-$BUILD/deps}

libjwt_min=3.3.3
libjwt_url=https://github.com/benmcollins/libjwt/archive/refs/tags
libjwt_sha256=a562e5548a8e10ac6fcba64a5e6d326c15712211cb54d25242c15e8b3250b4f2


fail() {
    echo "deps: error: $*" >&2
    exit 1
}


# -- what each task needs: Debian packages, and commands with their package

need_packages() {
    case $1 in
        build) echo gcc make libc6-dev nginx nginx-dev libcurl4-openssl-dev \
                    libjansson-dev libssl-dev libpcre2-dev zlib1g-dev \
                    pkg-config cmake dpkg-dev ca-certificates ;;
        test)  echo libcmocka-dev clang libclang-rt-dev universal-ctags \
                    python3 python3-jsonschema curl procps openssl logrotate \
                    binutils ;;
        asan)  echo gcc make libc6-dev dpkg-dev libssl-dev libpcre2-dev \
                    zlib1g-dev ;;
        demo)  echo curl jq openssl procps ;;
        bench) echo wrk openssl procps libssl-dev ;;
    esac
}


need_commands() {
    case $1 in
        test|demo) echo node:nodejs npm:npm chromium:chromium ;;
        bench) echo node:nodejs ;;
    esac
}


as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo > /dev/null; then
        sudo "$@"
    else
        fail "\"$*\" needs root: run as root, or install sudo"
    fi
}


installed() {
    dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null \
        | grep -qx installed
}


apt_install() {
    [ $# -gt 0 ] || return 0

    command -v apt-get > /dev/null \
        || fail "missing: $*; this is no Debian machine, install them by hand"

    echo "deps: installing $*"
    updated_apt

    # nginx must not start (nor fail to) because it was installed for us
    as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Use-Pty=0 "$@" > "$BUILD/apt.log" 2>&1 \
        || { tail -n 20 "$BUILD/apt.log" >&2
             fail "apt-get could not install: $*"; }
}


updated_apt() {
    [ ! -f "$BUILD/apt-updated" ] || return 0
    as_root apt-get update -qq > "$BUILD/apt.log" 2>&1 \
        || { tail -n 20 "$BUILD/apt.log" >&2
             fail "\"apt-get update\" failed"; }
    touch "$BUILD/apt-updated"
}


missing_packages() {
    local task package pair

    for task; do
        for package in $(need_packages "$task"); do
            installed "$package" || echo "$package"
        done
        for pair in $(need_commands "$task"); do
            command -v "${pair%%:*}" > /dev/null || echo "${pair##*:}"
        done
    done | sort -u
}


# -- other suites of Debian, through a private apt configuration
#
# suite suite sid apt-get source libjwt3

suite() {
    local suite=$1 apt=$BUILD/apt-$1 mirror keys
    shift

    if [ ! -f "$apt/apt.conf" ]; then
        updated_apt
        mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' \
                 'Created-By: Packages' | sed -n 's/^Debian //p' | head -n 1)
        [ -n "$mirror" ] || return 1

        mkdir -p "$apt"/{state/lists/partial,cache/archives/partial}

        {   echo "Dir::State \"$apt/state\";"
            echo 'Dir::State::status "/var/lib/dpkg/status";'
            echo "Dir::Cache \"$apt/cache\";"
            echo "Dir::Etc::sourcelist \"$apt/sources.list\";"
            echo 'Dir::Etc::sourceparts "-";'
            echo 'APT::Sandbox::User "root";'
        } > "$apt/apt.conf.new"

        keys=signed-by=/usr/share/keyrings/debian-archive-keyring.gpg
        {   echo "deb-src [$keys] $mirror $suite main"
            echo "deb [$keys arch=all] $mirror $suite main"
        } > "$apt/sources.list"

        APT_CONFIG=$apt/apt.conf.new apt-get update -qq \
            > "$apt/log" 2>&1 || return 1
        mv "$apt/apt.conf.new" "$apt/apt.conf"
    fi

    APT_CONFIG=$apt/apt.conf "$@" >> "$apt/log" 2>&1
}


# -- libjwt: the machine's, or built statically into $RT_DEPS

libjwt_source() {
    local dir=$1

    if (cd "$dir" && suite sid apt-get source libjwt3); then
        return 0
    fi

    echo "deps: Debian's source of libjwt cannot be had, trying upstream's"

    (   cd "$dir"
        curl -fsSL -o libjwt.tar.gz "$libjwt_url/v$libjwt_min.tar.gz"
        echo "$libjwt_sha256  libjwt.tar.gz" | sha256sum -c --quiet
        tar xzf libjwt.tar.gz
    ) || fail "libjwt >= $libjwt_min is neither in pkg-config nor can its" \
              "source be fetched: install it, or set RT_DEPS to its prefix"
}


build_libjwt() {
    local dir=$BUILD/libjwt source version

    if [ -f "$RT_DEPS/lib/libjwt.a" ] \
        && RT_DEPS=$RT_DEPS "$top/util/libs.sh" libjwt 2>/dev/null
    then
        return 0
    fi

    if pkg-config --atleast-version=$libjwt_min libjwt 2>/dev/null; then
        echo "deps: libjwt $(pkg-config --modversion libjwt) is installed"
        return 0
    fi

    echo "deps: building libjwt"
    rm -rf "$dir" && mkdir -p "$dir"
    libjwt_source "$dir"

    source=$(find "$dir" -mindepth 1 -maxdepth 1 -type d | head -n 1)
    version=$(sed -n 's/^Version: *\([0-9.]*\).*/\1/p' "$dir"/*.dsc \
              2>/dev/null || true)
    version=${version:-$libjwt_min}

    dpkg --compare-versions "$version" ge $libjwt_min \
        || fail "libjwt $version is too old, $libjwt_min is needed" \
                "(CVE-2026-44699)"

    {   cmake -S "$source" -B "$dir/build" -DCMAKE_BUILD_TYPE=Release \
            -DWITH_GNUTLS=OFF -DWITH_TESTS=OFF -DBUILD_SHARED_LIBS=OFF \
            -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
            -DCMAKE_INSTALL_PREFIX="$RT_DEPS" -DCMAKE_INSTALL_LIBDIR=lib &&
        make -C "$dir/build" -j"$(nproc)" install
    } > "$BUILD/libjwt.log" 2>&1 \
        || { tail -n 20 "$BUILD/libjwt.log" >&2
             fail "libjwt $version did not build, see $BUILD/libjwt.log"; }

    # the linker would prefer a shared library to the static one
    rm -f "$RT_DEPS"/lib/libjwt.so*
    echo "$version" > "$RT_DEPS/version"
    echo "deps: libjwt $version is in $RT_DEPS"
}


# -- Test::Nginx: an architecture-independent package of sid

test_nginx() {
    local file

    installed libtest-nginx-perl && return 0
    updated_apt

    if apt-cache show libtest-nginx-perl > /dev/null 2>&1; then
        apt_install libtest-nginx-perl
        return 0
    fi

    (   cd "$BUILD" && rm -f libtest-nginx-perl_*.deb
        suite sid apt-get download libtest-nginx-perl
    ) || fail "libtest-nginx-perl cannot be fetched from Debian sid"

    file=$(ls "$BUILD"/libtest-nginx-perl_*.deb)
    apt_install "$file"
}


# -- nginx's whole source (nginx-dev has its headers only), for sanitizers

nginx_source() {
    local dir=$BUILD/nginx-src release

    [ ! -f "$dir/src/core/nginx.c" ] || return 0

    release=$(. /etc/os-release && echo "$VERSION_CODENAME")
    echo "deps: fetching the source of nginx from Debian $release"

    rm -rf "$BUILD/nginx-fetch" && mkdir -p "$BUILD/nginx-fetch"
    (cd "$BUILD/nginx-fetch" && suite "$release" apt-get source nginx) \
        || fail "the source of nginx cannot be fetched: set NGINX_FULL_SRC"

    mv "$BUILD"/nginx-fetch/nginx-*/ "$dir"
}


# -- what is too old for us

check_versions() {
    local version

    version=$(dpkg-query -W -f '${Version}' nginx-dev 2>/dev/null || echo 0)
    [ "$version" = 0 ] || dpkg --compare-versions "$version" ge 1.22.1 \
        || fail "nginx $version is too old, 1.22.1 is needed"

    pkg-config --atleast-version=3.0.0 libcrypto \
        || fail "OpenSSL $(pkg-config --modversion libcrypto) is too old," \
                "3.0.0 is needed"
}


[ $# -gt 0 ] || fail "usage: deps.sh build|test|asan|demo|bench ..."

for task; do
    [ -n "$(need_packages "$task")" ] || fail "unknown task \"$task\""
done

mkdir -p "$BUILD"

# shellcheck disable=SC2046
apt_install $(missing_packages "$@")

for task; do
    case $task in
        build) check_versions; build_libjwt ;;
        test)  test_nginx ;;
        asan)  nginx_source ;;
    esac
done
