#!/bin/bash
#
# What "make deb-check" tries in a fresh Debian, in name spaces of its own: the
# packages of /check/first are installed beside a running nginx and used,
# /check/second replaces them under load, both are purged.  /check/token is a
# token that the configuration below takes, /check/keys/jwks.json its key set.

set -uo pipefail

conf=/etc/nginx/conf.d/tools.conf
log=/var/log/rtaudit/audit.log
modules='rtauth rtaudit rtcsp'
names='libnginx-mod-http-rtauth libnginx-mod-http-rtaudit
       libnginx-mod-http-rtcsp rt-tools'
failed=0


check() {
    local what=$1 said
    shift

    if said=$("$@" 2>&1); then
        echo "ok - $what"
    else
        failed=$((failed + 1))
        echo "not ok - $what"
        sed 's/^/    /' <<< "$said"
    fi
}


apt() {
    apt-get -y -q --no-install-recommends \
        -o Dpkg::Use-Pty=0 "$@"
}


# until COMMAND ...: within 20 seconds

until_true() {
    local i

    for ((i = 0; i < 200; i++)); do
        "$@" > /dev/null 2>&1 && return 0
        sleep 0.1
    done

    echo "not within 20 seconds: $*"
    return 1
}


status() { curl -s -o /dev/null -w '%{http_code}' "$@"; }


answers() {
    local want=$1 got
    shift

    got=$(status "$@")
    [ "$got" = "$want" ] || { echo "$got instead of $want"; return 1; }
}


same() { [ "$1" = "$2" ] || { echo "\"$1\" instead of \"$2\""; return 1; }; }

token=(-H "Authorization: Bearer $(cat /check/token)")
app=http://127.0.0.1:8080

master() { cat /run/nginx.pid; }
maps() { grep "ngx_http_$1_module" "/proc/$(master)/maps"; }
loaded() { maps "$1" | grep -qv '(deleted)$'; }
newer() { [ "$old" != "$(master)" ]; }
current() { ! maps rt | grep '(deleted)$' && loaded rtauth; }
events() { jq -c "select($1)" "$log"* | wc -l | grep -vx 0; }


all_are_events() {
    same "$(jq -c 'select(.request.url == "/load" and .status == 200)' "$log"* \
            | wc -l)" "$(wc -l < /check/answers)"
}


guards() {
    answers 401 "$app/" && answers 200 "${token[@]}" "$app/"
}


# every file that no package owns, and that the system's own books are not

strays() {
    find /etc /usr /var /opt /run -xdev \
        \( -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/cache \
           -o -path /var/log/apt -o -path /run/lock \
           -o -path /var/lib/logrotate \) -prune -o -print \
        | sort
}


configure() {
    cp /check/keys/jwks.json /etc/nginx/jwks.json
    cat > $conf <<'EOT'
rtauth_zone      4m state=/var/lib/nginx/rtauth/revoked;
rtauth_provider  corp {
    issuer     https://login.example.com;
    audience   tools;
    jwks_file  /etc/nginx/jwks.json;
}
rtauth_group  support { match groups has support; permission use; }

include /usr/share/rt/roles/superset/gamma.conf;
rtauth_group  analysts { match groups has analysts; include superset_gamma; }

rtaudit_zone  4m;
rtaudit_sink  main file:/var/log/rtaudit/audit.log required;

server {
    listen  127.0.0.1:8080;

    rtauth   corp;
    rtaudit  main;
    rtcsp    talisman;

    rtaudit_level   request;
    rtaudit_redact  name:password action=drop;

    root  /usr/share/nginx/html;

    location / { try_files /index.html =404; }
}
EOT
}


# requests without end, until the file is gone; what is no 200 is written down

load() {
    touch /check/load
    while [ -f /check/load ]; do
        status "${token[@]}" "$app/load" >> /check/answers
        echo >> /check/answers
    done
}


# -- nginx alone, then our packages beside it

# a system without an init starts nothing, unless it is told that it may
printf '#!/bin/sh\nexit 0\n' > /usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d

check 'nginx is installed' apt install nginx curl jq procps logrotate
check '... and runs' until_true answers 200 http://127.0.0.1/
strays > /check/before

check 'the packages are installed' apt install /check/first/*.deb
check 'nginx -t takes the three modules' nginx -t
for m in $modules; do
    check "... $m is loaded by the reload" until_true loaded "$m"
done

configure
check 'nginx -t takes the example' nginx -t -q
check 'rt check finds nothing in what nginx -T prints' \
    sh -c 'nginx -T 2>/dev/null | rt check -'
check '... and, asking nginx, Debian'\''s own page alone' \
    same "$(rt check --json | jq -c '[.findings[] | [.id, .file]]')" \
    '[["nobody-is-asked","/etc/nginx/sites-enabled/default"]]'
check 'nginx takes it at a reload' service nginx reload
check 'nobody is let in without a token' until_true answers 401 $app/
check '... and who has one is' answers 200 "${token[@]}" $app/
check '... with a policy' sh -c "curl -s -o /dev/null -D - \
    -H 'Authorization: Bearer $(cat /check/token)' $app/ \
    | grep -i '^content-security-policy:'"
check 'both are events' until_true events '.status == 401'
check '... of a user' until_true events '.status == 200'

check 'the audit folder is root'\''s' \
    same "$(stat -c '%U %a' /var/log/rtaudit)" 'root 755'
check '... and the file private' \
    same "$(stat -c '%U %a' $log)" 'www-data 600'
check 'the state folder is private' \
    same "$(stat -c '%U %a' /var/lib/nginx/rtauth)" 'www-data 700'
check '... which has the state' test -f /var/lib/nginx/rtauth/revoked

check 'logrotate takes the file' logrotate -f /etc/logrotate.d/rtaudit
check '... and nginx makes a new one' until_true test -f $log
check '... as private' same "$(stat -c '%U %a' $log)" 'www-data 600'

check 'the manual page can be read' gzip -t /usr/share/man/man1/rt.1.gz
check 'bash takes the completion' \
    bash -n /usr/share/bash-completion/completions/rt


# -- the next version, under load

old=$(master)
load &
loader=$!
until_true test -s /check/answers

check 'the next version is installed' apt install /check/second/*.deb
check '... in a new nginx' until_true newer
check '... which has the new code alone' until_true current
check '... and the old one ends' until_true test ! -d "/proc/$old"
rm -f /check/load
wait $loader
check '... and guards' guards
check "none of $(wc -l < /check/answers) requests on the way was lost" \
    same "$(sort -u /check/answers)" 200
check 'each is an event' until_true all_are_events


# -- one whose configuration nginx no longer takes

old=$(master)
echo 'nonsense;' > /etc/nginx/conf.d/broken.conf
check 'packages change under a configuration that is wrong' \
    apt install --allow-downgrades /check/first/*.deb
check '... the old nginx goes on' same "$(master)" "$old"
check '... and guards' guards
rm /etc/nginx/conf.d/broken.conf
check 'the upgrade by hand is made up for' service nginx upgrade
check '... with the new code alone' until_true current


# -- and away

# shellcheck disable=SC2086
check 'the packages are removed, their directives still used' apt remove $names
check '... nginx goes on and guards' guards
check '... and does not start without them' sh -c '! nginx -t -q'

# as when "make install" put the old code there
# shellcheck disable=SC2086
check 'they are purged, too' apt purge $names
old=$(master)
check '... and come back' apt install /check/second/*.deb
check '... in a new nginx' until_true newer
check '... which has the new code alone' until_true current
check '... and guards' guards

rm $conf /etc/nginx/jwks.json
# shellcheck disable=SC2086
check 'the packages are purged' apt purge $names
check 'nginx -t takes what is left' nginx -t -q
check 'nginx starts anew' service nginx restart
check '... and runs' until_true answers 200 http://127.0.0.1/
check '... without them' sh -c '! grep -q ngx_http_rt "/proc/$(cat /run/nginx.pid)/maps"'

left=$(strays | comm -13 /check/before - \
       | while read -r f; do dpkg -S "$f" > /dev/null 2>&1 || echo "$f"; done)
check 'nothing is left but the audit files' same "$left" \
    "$(printf '%s\n' /var/log/rtaudit $log $log.1)"

echo "deb_check_in: $failed failed"
[ "$failed" -eq 0 ]
