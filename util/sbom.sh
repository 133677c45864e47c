#!/bin/sh
#
# sbom.sh [FILE ...]
#
# Says as SPDX 2.3 in JSON what a Debian system with our packages consists of:
# each package that is installed, and libjwt, which is linked into rtauth and
# which dpkg does not know.  With FILEs, what these modules and tools need: the
# packages of the libraries that they are linked with.  The image has this
# script and what it said there; "make sbom" calls it for what was built here.
#
# RT_VERSION, LIBJWT_VERSION  of what was built here

set -eu

libjwt=${LIBJWT_VERSION:-$(cat /usr/share/rt/libjwt-version 2> /dev/null || true)}
format='${db:Status-Status} ${binary:Package} ${Version} ${Architecture}\n'


# "NAME VERSION PURL LICENSE" for each

debian() {
    dpkg-query -W -f "$format" "$@" | while read -r status name version arch; do
        [ "$status" = installed ] || continue
        name=${name%%:*}
        echo "$name $version pkg:deb/debian/$(escaped "$name")@$(
              escaped "$version")?arch=$arch&distro=$ID-${VERSION_ID:-sid}" \
             NOASSERTION
    done
}


# the packages of the libraries of files; a path may begin with a link: /lib

of_files() {
    ldd "$@" | sed -n 's/.* => \(\/[^ ]*\).*/\1/p' | sort -u \
        | while read -r f; do
              dpkg -S "$f" 2> /dev/null || dpkg -S "$(readlink -f "$f")" \
                  2> /dev/null || dpkg -S "${f#/usr}" 2> /dev/null \
                  || dpkg -S "/usr$f" || true
          done | sed 's/: .*//' | sort -u
}


all() {
    if [ $# -eq 0 ]; then
        debian
    else
        # shellcheck disable=SC2046
        debian $(of_files "$@")
        echo "nginx-rt $RT_VERSION pkg:generic/nginx-rt@$RT_VERSION BSD-2-Clause"
    fi

    [ -z "$libjwt" ] \
        || echo "libjwt $libjwt pkg:github/benmcollins/libjwt@v$libjwt MPL-2.0"
}


# as a package URL wants it

escaped() { printf %s "$1" | sed 's/%/%25/g; s/+/%2B/g; s/:/%3A/g'; }


# SPDX has fewer characters for names than Debian

id() { printf 'SPDXRef-%s' "$1" | tr -c 'A-Za-z0-9.' -; }


packages() {
    comma=

    while read -r name version purl license; do
        cat <<EOT
$comma    {"name": "$name", "SPDXID": "$(id "$name")", "versionInfo": "$version",
     "downloadLocation": "NOASSERTION", "filesAnalyzed": false,
     "licenseConcluded": "NOASSERTION", "licenseDeclared": "$license",
     "copyrightText": "NOASSERTION",
     "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER",
       "referenceType": "purl", "referenceLocator": "$purl"}]}
EOT
        comma=,
    done
}


relations() {
    comma=

    while read -r name version purl license; do
        whose=SPDXRef-DOCUMENT is=DESCRIBES

        if [ "$name" = libjwt ]; then
            whose=$owner is=STATIC_LINK
        fi

        echo "$comma    {\"spdxElementId\": \"$whose\"," \
             "\"relationshipType\": \"$is\"," \
             "\"relatedSpdxElement\": \"$(id "$name")\"}"
        comma=,
    done
}


. /etc/os-release
list=$(all "$@")
owner=$(id nginx-rt)
[ $# -gt 0 ] || owner=$(id libnginx-mod-http-rtauth)

cat <<EOT
{
  "spdxVersion": "SPDX-2.3",
  "dataLicense": "CC0-1.0",
  "SPDXID": "SPDXRef-DOCUMENT",
  "name": "nginx rt modules on $PRETTY_NAME",
  "documentNamespace": "urn:sha256:$(printf '%s' "$list" | sha256sum \
                                     | cut -c 1-64)",
  "creationInfo": {
    "created": "$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" \
                  +%Y-%m-%dT%H:%M:%SZ)",
    "creators": ["Tool: nginx-rt-sbom"]
  },
  "packages": [
$(echo "$list" | packages)
  ],
  "relationships": [
$(echo "$list" | relations)
  ]
}
EOT
