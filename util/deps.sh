#!/bin/bash
#
# deps.sh build|test|asan|nginx:SUITE|demo|bench|instructions|deb|libjwt
#         |libjwt-source ...
#
# Installs what is missing on a Debian 12 or 13 machine (as root, or through
# sudo) and builds libjwt when the machine has none that is new enough.  What
# is there already is left alone, and so are the machine's apt sources: what
# only another suite of Debian has is fetched through a private apt
# configuration in $BUILD/apt-SUITE, which trusts Debian's own archive keys.
#
# LIBJWT_ARCHIVE  libjwt's source, a file: nothing is fetched then; or the
#                 folder of a Debian source package, whose .dsc has its sum
# LIBJWT_SHA256   of another release than the one pinned here: who sets it
#                 vouches for it
#
# "set -e" does not count in a function or a list whose failure is looked at
# ("f || fail"): each step in there says itself what follows from its failure.

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
BUILD=${BUILD:-$top/build}
RT_DEPS=${RT_DEPS:-$BUILD/deps}

libjwt_min=3.3.3
libjwt_url=https://github.com/benmcollins/libjwt/archive/refs/tags

# Debian's libjwt3_3.3.3.orig.tar.gz and upstream's v3.3.3.tar.gz are one file
libjwt_sha256=a562e5548a8e10ac6fcba64a5e6d326c15712211cb54d25242c15e8b3250b4f2


fail() {
    echo "deps: error: $*" >&2
    exit 1
}


# failed LOG SENTENCE ...: what the program itself said, and where there is more

failed() {
    local log=$1
    shift

    tail -n 20 "$log" >&2 || true
    fail "$* (all of it is in $log)"
}


# watched LOG COMMAND ...: a long one into its log, with a sign of life

watched() {
    local log=$1 start=$SECONDS ticker rc=0
    shift

    (   while sleep 10 > /dev/null 2>&1; do
            echo "deps: $((SECONDS - start)) s:" \
                 "$(tail -n 1 "$log" | cut -c 1-60)"
        done
    ) &
    ticker=$!

    "$@" > "$log" 2>&1 || rc=$?

    kill "$ticker" 2> /dev/null || true
    wait "$ticker" 2> /dev/null || true

    return $rc
}


# -- what each task needs: Debian packages, and commands with their package

need_packages() {
    case $1 in
        build) echo gcc make libc6-dev nginx nginx-dev libcurl4-openssl-dev \
                    libjansson-dev libssl-dev libpcre2-dev zlib1g-dev \
                    pkg-config cmake dpkg-dev ca-certificates curl ;;
        test)  echo libcmocka-dev clang libclang-rt-dev universal-ctags \
                    python3 python3-jsonschema python3-yaml curl procps \
                    openssl logrotate redis-server binutils glewlwyd \
                    dbconfig-sqlite3 sqlite3 postgresql mariadb-server-core \
                    mariadb-client-core prometheus libio-pty-perl \
                    libio-socket-ssl-perl rsyslog rsyslog-openssl \
                    python3-flask ;;
        asan|nginx:*) echo gcc make libc6-dev dpkg-dev libssl-dev libpcre2-dev \
                    zlib1g-dev ;;
        demo)  echo curl jq openssl procps ;;
        bench) echo wrk openssl procps libssl-dev redis-server valgrind \
                    libnginx-mod-http-js libnginx-mod-http-modsecurity \
                    libnginx-mod-http-subs-filter ;;
        instructions) echo valgrind openssl redis-server ;;
        deb)   need_packages build
               echo build-essential debhelper libcmocka-dev lintian xz-utils ;;
        libjwt|libjwt-source) ;;
        *)     return 1 ;;
    esac
}


need_commands() {
    case $1 in
        test) echo node:nodejs npm:npm chromium:chromium \
                   firefox-esr:firefox-esr ;;
        demo) echo node:nodejs npm:npm chromium:chromium ;;
        bench|instructions) echo node:nodejs ;;
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
    watched "$BUILD/apt.log" \
        as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
            apt-get install -y -q --no-install-recommends \
            -o Dpkg::Use-Pty=0 "$@" \
        || failed "$BUILD/apt.log" "apt-get could not install: $*"
}


updated_apt() {
    [ ! -f "$BUILD/apt-updated" ] || return 0
    as_root true || fail "there is no way to become root here"

    watched "$BUILD/apt.log" as_root apt-get update -q \
        || failed "$BUILD/apt.log" "\"apt-get update\" failed"
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
# suite DIR suite sid apt-get source libjwt3: DIR is where it leaves files.
# What apt says is in $BUILD/apt-SUITE/log.  Packages are taken from sid alone:
# of others, what they have is not even read.

suite() {
    local dir=$1 suite=$2 apt=$BUILD/apt-$2
    shift 2

    mkdir -p "$apt" "$dir" || return 1

    if [ ! -f "$apt/apt.conf" ]; then
        updated_apt
        suite_conf "$suite" "$apt" || return 1
    fi

    (cd "$dir" && APT_CONFIG=$apt/apt.conf exec "$@") > "$apt/log" 2>&1
}


suite_conf() {
    local suite=$1 apt=$2 mirror keys

    mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' \
             'Created-By: Packages' | sed -n 's/^Debian //p' | head -n 1)

    [ -n "$mirror" ] \
        || { echo "apt's sources name no mirror of Debian" > "$apt/log"
             return 1; }

    mkdir -p "$apt"/{state/lists/partial,cache/archives/partial} || return 1

    {   echo "Dir::State \"$apt/state\";"
        echo 'Dir::State::status "/var/lib/dpkg/status";'
        echo "Dir::Cache \"$apt/cache\";"
        echo "Dir::Etc::sourcelist \"$apt/sources.list\";"
        echo 'Dir::Etc::sourceparts "-";'
        echo 'APT::Sandbox::User "root";'
    } > "$apt/apt.conf.new" || return 1

    keys=signed-by=/usr/share/keyrings/debian-archive-keyring.gpg
    {   echo "deb-src [$keys] $mirror $suite main"
        [ "$suite" != sid ] || echo "deb [$keys arch=all] $mirror $suite main"
    } > "$apt/sources.list" || return 1

    echo "deps: reading what Debian $suite has"
    APT_CONFIG=$apt/apt.conf.new watched "$apt/log" apt-get update -q \
        && mv "$apt/apt.conf.new" "$apt/apt.conf"
}


# -- libjwt: the machine's, or built statically into $RT_DEPS
#
# Wherever the source comes from, it is one file with the checksum above, and
# is looked at before anything of it is unpacked or run.

libjwt_source() {
    local dir=$1 archive=$1/libjwt.tar.gz sum=${LIBJWT_SHA256:-$libjwt_sha256}
    local found

    if [ -d "${LIBJWT_ARCHIVE:-}" ]; then
        cp -r -- "$LIBJWT_ARCHIVE" "$dir/libjwt-$libjwt_min" \
            || fail "LIBJWT_ARCHIVE=$LIBJWT_ARCHIVE cannot be copied"
        return 0
    fi

    if [ -n "${LIBJWT_ARCHIVE:-}" ]; then
        cp -- "$LIBJWT_ARCHIVE" "$archive" \
            || fail "LIBJWT_ARCHIVE=$LIBJWT_ARCHIVE cannot be read"
    else
        libjwt_of_sid "$dir" "$archive" || libjwt_of_upstream "$archive"
    fi

    found=$(sha256sum < "$archive") || fail "$archive cannot be read"

    [ "$found" = "$sum  -" ] \
        || fail "$archive is not the source of libjwt $libjwt_min: its" \
                "SHA-256 is ${found%% *} instead of $sum;" \
                "nothing of it was unpacked"

    tar -xzf "$archive" -C "$dir" --no-same-owner \
        || fail "$archive cannot be unpacked"
}


libjwt_of_sid() {
    local dir=$1 archive=$2

    suite "$dir" sid apt-get source --download-only libjwt3 \
        && mv "$dir/libjwt3_$libjwt_min.orig.tar.gz" "$archive" && return 0

    tail -n 5 "$BUILD/apt-sid/log" >&2 || true
    echo "deps: Debian sid's source of libjwt $libjwt_min cannot be had" \
         "(see $BUILD/apt-sid/log), trying upstream's"
    return 1
}


libjwt_of_upstream() {
    command -v curl > /dev/null || apt_install curl

    curl -fsSL -o "$1" "$libjwt_url/v$libjwt_min.tar.gz" \
        || fail "the source of libjwt $libjwt_min cannot be fetched: bring" \
                "$libjwt_url/v$libjwt_min.tar.gz here and name it in" \
                "LIBJWT_ARCHIVE, or install libjwt >= $libjwt_min"
}


# one that is there is left alone, unless another release is asked for

libjwt_built() {
    local built
    built=$(cat "$RT_DEPS/sha256" 2> /dev/null) || true

    [ -f "$RT_DEPS/lib/libjwt.a" ] \
        && [ "${LIBJWT_SHA256:-$built}" = "$built" ] \
        && { [ ! -f "$RT_DEPS/version" ] \
             || dpkg --compare-versions "$(cat "$RT_DEPS/version")" \
                     ge $libjwt_min; } \
        && RT_DEPS=$RT_DEPS "$top/util/libs.sh" libjwt 2> /dev/null
}


fetch_libjwt() {
    local dir=$BUILD/libjwt-source

    rm -rf "$dir" && mkdir -p "$dir" || fail "$dir cannot be made anew"
    libjwt_source "$dir"
}


build_libjwt() {
    local dir=$BUILD/libjwt log=$BUILD/libjwt.log source version

    libjwt_built && return 0

    if pkg-config --atleast-version=$libjwt_min libjwt 2>/dev/null; then
        echo "deps: libjwt $(pkg-config --modversion libjwt) is installed"
        return 0
    fi

    echo "deps: building libjwt"
    rm -rf "$dir" && mkdir -p "$dir" || fail "$dir cannot be made anew"
    libjwt_source "$dir"

    source=$(find "$dir" -mindepth 1 -maxdepth 1 -type d -name 'libjwt-*')
    version=${source##*/libjwt-}

    dpkg --compare-versions "$version" ge $libjwt_min \
        || fail "libjwt ${version:-of no version} is too old," \
                "$libjwt_min is needed (CVE-2026-44699)"

    watched "$log" cmake -S "$source" -B "$dir/build" \
            -DCMAKE_BUILD_TYPE=Release -DWITH_GNUTLS=OFF -DWITH_TESTS=OFF \
            -DBUILD_SHARED_LIBS=OFF -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
            -DCMAKE_INSTALL_PREFIX="$RT_DEPS" -DCMAKE_INSTALL_LIBDIR=lib \
        || failed "$log" "cmake does not configure libjwt $version"

    watched "$log" make -C "$dir/build" -j"$(nproc)" install \
        || failed "$log" "libjwt $version does not build"

    # the linker would prefer a shared library to the static one
    rm -f "$RT_DEPS"/lib/libjwt.so*
    echo "$version" > "$RT_DEPS/version"
    echo "${LIBJWT_SHA256:-$libjwt_sha256}" > "$RT_DEPS/sha256"
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

    rm -f "$BUILD"/libtest-nginx-perl_*.deb

    suite "$BUILD" sid apt-get download libtest-nginx-perl \
        || failed "$BUILD/apt-sid/log" \
                  "libtest-nginx-perl cannot be fetched from Debian sid"

    file=$(ls "$BUILD"/libtest-nginx-perl_*.deb)
    apt_install "$file"
}


# -- syslog-ng, which cannot be installed beside rsyslog: unpacked, with the
# libraries that it needs

syslog_ng() {
    local dir=$BUILD/syslog-ng log=$BUILD/syslog-ng.log lib libs

    if command -v syslog-ng > /dev/null || [ -d "$dir" ]; then
        return 0
    fi

    updated_apt
    libs=$(apt-cache depends syslog-ng-core \
           | sed -n 's/^  Depends: \(lib[^ ]*\)$/\1/p' \
           | while read -r lib; do installed "$lib" || echo "$lib"; done)

    # shellcheck disable=SC2086
    apt_install $libs

    echo "deps: fetching syslog-ng"
    rm -f "$BUILD"/syslog-ng-core_*.deb

    (cd "$BUILD" && apt-get download -q syslog-ng-core) > "$log" 2>&1 \
        && dpkg -x "$BUILD"/syslog-ng-core_*.deb "$dir" >> "$log" 2>&1 \
        || failed "$log" "syslog-ng cannot be fetched"
}


# -- Flask-Talisman 1.1, an architecture-independent package of sid: unpacked,
# for Debian 12 has an older one

flask_talisman() {
    local dir=$BUILD/flask-talisman

    [ ! -d "$dir" ] || return 0

    echo "deps: fetching Flask-Talisman"
    rm -rf "$BUILD"/python3-flask-talisman_*.deb "$dir.new"

    suite "$BUILD" sid apt-get download python3-flask-talisman \
        && dpkg -x "$BUILD"/python3-flask-talisman_*.deb "$dir.new" \
        && mv "$dir.new" "$dir" \
        || failed "$BUILD/apt-sid/log" \
                  "Flask-Talisman cannot be fetched from Debian sid"
}


# -- nginx's whole source (nginx-dev has its headers only), for sanitizers

nginx_source() {
    local dir=$BUILD/nginx-src release

    [ ! -f "$dir/src/core/nginx.c" ] || return 0

    release=$(. /etc/os-release && echo "$VERSION_CODENAME")
    echo "deps: fetching the source of nginx from Debian $release"

    rm -rf "$BUILD/nginx-fetch"

    suite "$BUILD/nginx-fetch" "$release" apt-get source nginx \
        || failed "$BUILD/apt-$release/log" \
                  "the source of nginx cannot be fetched: set NGINX_FULL_SRC"

    mv "$BUILD"/nginx-fetch/nginx-*/ "$dir"
}


# -- the nginx that another Debian has, as upstream made it: its archive alone,
# which the suite's signed index vouches for

nginx_of() {
    local dir=$BUILD/nginx-$1 fetch=$BUILD/nginx-fetch-$1

    [ ! -f "$dir/src/core/nginx.c" ] || return 0

    echo "deps: fetching the source of nginx from Debian $1"
    rm -rf "$fetch" "$dir"

    suite "$fetch" "$1" apt-get source --tar-only --download-only nginx \
        && tar -xzf "$fetch"/nginx_*.orig.tar.gz -C "$fetch" \
               --no-same-owner \
        && mv "$fetch"/nginx-*/ "$dir" \
        || failed "$BUILD/apt-$1/log" \
                  "the source of nginx cannot be fetched from Debian $1"
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


[ $# -gt 0 ] \
    || fail "usage: deps.sh build|test|asan|demo|bench|instructions|deb|libjwt|" \
            "libjwt-source ..."

for task; do
    need_packages "$task" > /dev/null || fail "unknown task \"$task\""
done

mkdir -p "$BUILD"

missing=$(missing_packages "$@")

# shellcheck disable=SC2086
apt_install $missing

# its password is known to everybody, and the tests start one of their own
case $missing in
    *glewlwyd*) as_root update-rc.d glewlwyd disable > /dev/null ;;
esac

for task; do
    case $task in
        build) check_versions; build_libjwt ;;
        libjwt) build_libjwt ;;
        libjwt-source) fetch_libjwt ;;
        test)  test_nginx; syslog_ng; flask_talisman ;;
        asan)  nginx_source ;;
        nginx:*) nginx_of "${task#nginx:}" ;;
    esac
done
