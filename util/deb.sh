#!/bin/bash
#
# deb.sh [source]
#
# Makes the Debian source package, of this tree and of libjwt's pinned archive,
# and the packages for this machine's nginx, in $BUILD/deb; lintian looks at
# them.  "source" stops before anything is compiled.
#
# LIBJWT_ARCHIVE  as in deps.sh
# DEB_BUILD_OPTIONS=nocheck leaves the unit tests out

set -euo pipefail

cd "$(dirname "$0")/.."

out=$BUILD/deb


fail() {
    echo "deb: error: $*" >&2
    exit 1
}


# what a release consists of: what Git knows, or else all but what was built

tree() {
    if [ -d .git ] || [ -f .git ]; then
        git ls-files -z -- . ':!debian'
    else
        find . \( -path ./build -o -path './build-*' -o -path ./debian \
                  -o -path ./libjwt -o -name node_modules \) -prune \
             -o \( -type f -o -type l \) -printf '%P\0'
    fi
}


# tarball FILE PREFIX: the same bytes for the same files

tarball() {
    tar --null --no-recursion -T - --sort=name --owner=0 --group=0 \
        --numeric-owner --mode=go=rX,u+rw,a-s --mtime="@$SOURCE_DATE_EPOCH" \
        --transform="s,^,$2/,S" -cJf "$1"
}


util/deps.sh deb libjwt-source

name=$(dpkg-parsechangelog -S Source)
full=$(dpkg-parsechangelog -S Version)
version=${full%-*}
export SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -S Timestamp)

grep -q "^## ${version//./\\.}\(,\|\$\)" CHANGES.md \
    || fail "CHANGES.md has no release $version: debian/changelog names it"

rm -rf "$out" && mkdir -p "$out"

dir=$out/$name-$version
orig=$out/${name}_$version

tree | tarball "$orig.orig.tar.xz" "$name-$version"
cp "$BUILD/libjwt-source/libjwt.tar.gz" "$orig.orig-libjwt.tar.gz"

tar -xJf "$orig.orig.tar.xz" -C "$out"
mkdir "$dir/libjwt"
tar -xzf "$orig.orig-libjwt.tar.gz" -C "$dir/libjwt" --strip-components=1 \
    --no-same-owner
cp -a debian "$dir/"
rm -rf "$dir/debian/build"

cd "$dir"

dpkg-buildpackage -us -uc -S -d > "$out/source.log" 2>&1 \
    || { tail -n 20 "$out/source.log" >&2
         fail "the source package was not made, see $out/source.log"; }

echo "built $out/${name}_$full.dsc"
[ "${1:-}" != source ] || exit 0

dpkg-buildpackage -us -uc -b > "$out/build.log" 2>&1 \
    || { tail -n 30 "$out/build.log" >&2
         fail "the packages were not built, see $out/build.log"; }

lintian --fail-on error,warning --tag-display-limit 0 \
        "$out/${name}_$full"_*.changes "$out/${name}_$full.dsc" \
    || fail "lintian finds what is named above"

# "apt install $out/*.deb" is not to install what debuggers read

mkdir "$out/dbgsym"
find "$out" -maxdepth 1 -name '*-dbgsym_*.deb' -exec mv -t "$out/dbgsym" {} +

for f in "$out"/*.deb; do echo "built $f"; done
