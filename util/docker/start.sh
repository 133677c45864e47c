#!/bin/sh
#
# rt-start COMMAND ...: what the image runs.  Where /etc/nginx/conf.d has nothing
# of yours it makes a configuration of the environment, /tmp/rt/tools.conf; then
# it becomes COMMAND.  docs/container.md says what each variable means.
#
# Names are looked up at the name server of /etc/resolv.conf, or RT_RESOLVER.
# Secrets are in no variable, for "docker inspect" and /proc show those: they
# are files.

set -eu
umask 077

dir=${RT_DIR:-/tmp/rt}


fail() {
    echo "rt-start: error: $*" >&2
    exit 1
}


# word NAME CHARACTERS: a value becomes a word of nginx.conf, so that it may have
# nothing that could end one

word() {
    eval "value=\${$1:-}"

    case $value in
        *[!$2]*) fail "$1 has a character that it may not have: \"$value\"" ;;
    esac
}


need() {
    eval "value=\${$1:-}"
    [ -n "$value" ] || fail "set $1, or mount a configuration to" \
                            "/etc/nginx/conf.d: $2"
}


sign_in() {
    [ -n "${RT_CLIENT_ID:-}" ] || return 0

    need RT_ORIGIN "people are sent back to it, such as https://tools.example.com"
    [ -r "$RT_CLIENT_SECRET_FILE" ] \
        || fail "RT_CLIENT_SECRET_FILE=$RT_CLIENT_SECRET_FILE cannot be read:" \
                "mount the client's secret there"

    cat <<EOT
    client_id      $RT_CLIENT_ID;
    client_secret  file:$RT_CLIENT_SECRET_FILE;
    scope          ${RT_SCOPE:-openid email profile};
EOT
}


groups() {
    [ -z "${RT_GROUP:-}" ] || cat <<EOT
rtauth_group  users { match ${RT_GROUP_CLAIM:-groups} has $RT_GROUP; permission own; }
EOT
}


# the first one; nginx has an IPv6 address in brackets, and takes no scope

name_server() {
    sed -n -e 's/^nameserver[[:blank:]]*\([0-9.]*\)[[:blank:]]*$/\1/p' \
        -e 's/^nameserver[[:blank:]]*\([0-9A-Fa-f:.]*\)[[:blank:]]*$/[\1]/p' \
        "${RT_RESOLV_CONF:-/etc/resolv.conf}" | head -n 1
}


configuration() {
    [ -z "$RT_RESOLVER" ] || echo "resolver  $RT_RESOLVER;"
    cat <<EOT
rtauth_zone      16m;
rtauth_provider  main {
    issuer         $RT_ISSUER;
EOT
    [ -z "${RT_AUDIENCE:-}" ] || echo "    audience       $RT_AUDIENCE;"
    sign_in
    echo "}"
    groups
    cat <<EOT
rtauth_strip_header  X-Email;

rtaudit_zone  8m;
rtaudit_sink  main file:/var/log/rtaudit/audit.log required;

server {
    # TLS ends in front of the container
    # rt check ok: no-tls
    listen         8080;
EOT
    [ -z "${RT_ORIGIN:-}" ] || echo "    rtauth_origin  $RT_ORIGIN;"
    cat <<EOT

    rtauth          main;
    rtaudit         main;
    rtaudit_level   request;
    rtaudit_redact  name:password name:*token* action=drop;
    rtcsp           talisman;

    proxy_set_header  Host \$host;
    proxy_set_header  X-Email \$rtauth_user;

    location / { proxy_pass $RT_UPSTREAM; }
}
EOT
}


rm -rf "$dir"

if ! ls /etc/nginx/conf.d/*.conf > /dev/null 2>&1; then
    : "${RT_CLIENT_SECRET_FILE:=/run/secrets/client-secret}"

    : "${RT_RESOLVER=$(name_server)}"

    word RT_RESOLVER '][A-Za-z0-9.:-'
    for name in RT_ISSUER RT_UPSTREAM RT_ORIGIN; do
        word $name 'A-Za-z0-9.:/_~-'
    done
    for name in RT_AUDIENCE RT_CLIENT_ID RT_GROUP RT_GROUP_CLAIM; do
        word $name 'A-Za-z0-9.:/_@-'
    done
    word RT_CLIENT_SECRET_FILE 'A-Za-z0-9./_-'
    word RT_SCOPE 'A-Za-z0-9.:/_ -'

    need RT_ISSUER   'who vouches for people, such as https://login.example.com'
    need RT_UPSTREAM 'where the application is, such as http://app:3000'
    [ -n "${RT_AUDIENCE:-}${RT_CLIENT_ID:-}" ] \
        || need RT_CLIENT_ID 'or RT_AUDIENCE, where programs bring tokens'

    mkdir "$dir"
    configuration > "$dir/tools.conf"
fi

exec "$@"
