#!/bin/bash
#
# deb_check.sh SUITE ...
#
# As root: builds the packages from the source package of "make deb" in a fresh
# Debian of each SUITE, looks at them with that release's lintian, and installs,
# uses, upgrades and purges them in another fresh one: util/deb_check_in.sh
# says what is tried there.  Its nginx runs in name spaces of its own, so that
# no port of this machine is taken and nothing outlives the check.
#
# DEB_MIRROR  Debian's archive; by default the one apt uses here.  DNS and the
#             certificate authorities are this machine's, too.
# DEB_BUILD_OPTIONS=nocheck leaves the unit tests out of the build
# DEB_KEEP=1  the packages of an earlier run are installed, not built anew

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
all=$BUILD/deb-check
passed=0 failed=0


fail() {
    echo "deb-check: error: $*" >&2
    exit 1
}


# inside ROOT [NAME=VALUE ...] COMMAND ...: with /proc and /dev, as process 1's
# children

inside() {
    local root=$1
    shift

    unshare --mount --pid --fork --mount-proc="$root/proc" \
        sh -c 'mount --rbind /dev "$0/dev" && exec chroot "$0" env -i \
                   PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root \
                   DEBIAN_FRONTEND=noninteractive "$@"' "$root" "$@"
}


# fresh SUITE ROOT: a Debian as small as it comes; unpacked anew each time,
# fetched once

fresh() {
    local suite=$1 root=$2 base=$all/$1.tar

    rm -rf --one-file-system "$root"
    mkdir -p "$root"

    if [ ! -f "$base" ]; then
        debootstrap --variant=minbase "$suite" "$all/$suite.base" "$mirror" \
            > "$all/$suite-debootstrap.log" 2>&1 || return 1
        tar -C "$all/$suite.base" --one-file-system -cf "$base.new" . \
            && mv "$base.new" "$base" || return 1
        rm -rf --one-file-system "$all/$suite.base"
    fi

    tar -C "$root" -xf "$base" || return 1

    cp /etc/resolv.conf "$root/etc/resolv.conf"
    mkdir -p "$root/etc/ssl/certs"
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"

    printf 'deb %s %s main\n' "$mirror" "$suite" "$mirror" "$suite-updates" \
        "${mirror%/debian}/debian-security" "$suite-security" \
        > "$root/etc/apt/sources.list"
}


build() {
    local root=$1 out=$2 f

    # nothing starts where packages are built
    printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"

    mkdir -p "$root/build"
    cp "$BUILD"/deb/*.dsc "$BUILD"/deb/*.tar.* "$root/build/"

    # the second version differs in its number only, and is built from the first
    # one's objects
    # shellcheck disable=SC2016
    inside "$root" DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS:-}" sh -euc '
        cd /build
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends build-essential lintian
        apt-get build-dep -y -qq --no-install-recommends ./*.dsc
        useradd -m builder
        chown -R builder: /build
        exec setpriv --reuid=builder --regid=builder --init-groups sh -euc "
            dpkg-source -x *.dsc tree
            cd tree
            dpkg-buildpackage -us -uc -b
            mkdir ../first ../second
            mv ../*.deb ../*.changes ../*.buildinfo ../first
            sed -i \"1s/-1)/-2)/\" debian/changelog
            dpkg-buildpackage -us -uc -b -nc
            mv ../*.deb ../second"' \
        || return 1

    rm -rf "$out" && mkdir -p "$out"
    cp -r "$root"/build/{first,second} "$out/"
}


lint() {
    inside "$1" sh -c 'cd /build && lintian --tag-display-limit 0 \
        --fail-on error,warning first/*.changes *.dsc'
}


step() {
    local what=$1 log=$2 start=$SECONDS
    shift 2

    if "$@" > "$log" 2>&1; then
        passed=$((passed + 1))
        printf 'ok      %4d s  %s\n' $((SECONDS - start)) "$what"
    else
        failed=$((failed + 1))
        printf 'failed  %4d s  %s (all of it is in %s)\n' \
            $((SECONDS - start)) "$what" "$log"
        tail -n 20 "$log"
        return 1
    fi
}


check() {
    local suite=$1 root=$all/$1.root out=$all/$1

    if [ -z "${DEB_KEEP:-}" ]; then
        step "$suite: a fresh system to build in" "$out-fresh.log" \
            fresh "$suite" "$root" || return 0
        step "$suite: the packages, twice, from source" "$out-build.log" \
            build "$root" "$out" || return 0
        step "$suite: lintian" "$out-lintian.log" lint "$root" || true
    fi

    step "$suite: a fresh system to install in" "$out-fresh.log" \
        fresh "$suite" "$root" || return 0
    use "$suite" "$root" "$out"
}


# what is fetched is fetched before the network is taken away

use() {
    local suite=$1 root=$2 out=$3

    mkdir -p "$root/check"
    rm -f "$out"/*/*-dbgsym_*.deb
    cp -r "$out/first" "$out/second" "$root/check/"
    cp "$top/util/deb_check_in.sh" "$root/check/"
    cp -r "$top/t/data/keys" "$root/check/keys"
    (cd "$top" && perl -It/lib -MRT::JWT \
         -e 'print token(groups => ["support"])') > "$root/check/token"

    step "$suite: nginx and what the packages need, fetched" "$out-fetch.log" \
        inside "$root" sh -euc 'apt-get update -qq
            apt-get install -y -qq --download-only curl jq logrotate nginx \
                procps /check/first/*.deb' || return 0

    step "$suite: installed, used, upgraded, purged" "$out-use.log" \
        unshare --net "$top/util/deb_check.sh" --inside "$root" || true
    grep -E '^(ok|not ok|    )' "$out-use.log" || true
}


if [ "${1:-}" = --inside ]; then
    ip link set lo up
    inside "$2" bash /check/deb_check_in.sh
    exit
fi

[ $# -gt 0 ] || fail "which releases of Debian?"
[ "$(id -u)" = 0 ] || fail "debootstrap and chroot need root"
command -v debootstrap > /dev/null || fail "debootstrap is missing: install it"

mirror=${DEB_MIRROR:-$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' \
             'Created-By: Packages' | sed -n 's/^Debian //p' | head -n 1)}
mirror=${mirror%/}
[ -n "$mirror" ] || fail "apt's sources name no mirror of Debian: set DEB_MIRROR"

mkdir -p "$all"
[ -n "${DEB_KEEP:-}" ] || "$top/util/deb.sh" source

for suite; do check "$suite"; done

echo "deb-check: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
