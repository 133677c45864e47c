#!/bin/bash
#
# util/drivers.sh DRIVER ...
#
# Asks each driver what an outside suite would ask it, in the form that
# suites are written for.  The last line: "drivers: N passed, N failed".

set -uo pipefail

passed=0 failed=0 asked=

[ $# -gt 0 ] || { echo "$0: error: no driver was named" >&2; exit 1; }
dir=$(dirname "$1")

# answer NAME INPUT REGEX [ARGUMENT ...]: the answer is one line that matches
answer() {
    local name=$1 in=$2 want=$3 out
    shift 3

    asked+=" $name"
    out=$("$dir/$name" "$@" <<< "$in" 2>&1)

    if grep -Eqx -- "$want" <<< "$out" && [ "$(wc -l <<< "$out")" -eq 1 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$name: $in: $out, not $want"
    fi
}

# RFC 7515, appendix A.1
k=AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTw
k+=jAzZr1Z9CAow
token=eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOj
token+=EzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjft
token+=JeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk

jwks='"jwks":{"keys":[{"kty":"oct","k":"'$k'"}]}'
hs='{'$jwks',"algs":["HS256"],"token":"'$token'"'
joe=$hs',"iss":"joe","leeway":0'

answer jws    "$hs}"                                    'ok'
answer jws    "${hs/Xk/Xo}}"                            'bad_signature'
answer jws    "${hs/HS256/HS384}}"                      'bad_alg'
answer jws    "{$jwks,\"token\":\"$token\"}"            'bad_alg'
answer jws    "{$jwks,\"token\":\"\"}"                  'malformed'
answer claims "$joe,\"now\":1300819379}"                'ok'
answer claims "$joe,\"now\":1300819379.5}"              'ok'
answer claims "$joe,\"now\":1300819380}"                'expired'
answer claims "$joe,\"now\":1300819379,\"aud\":\"a\"}"  'wrong_audience'
answer claims "${joe/joe/jim},\"now\":1300819379}"      'wrong_issuer'
answer uri    '/apps/1?a=b#c'                           'ok'
answer uri    '//evil.example'                          'holds two slashes.*'
answer uri    '/..%2fadmin'                             'holds .*' raw

page='<p><script nonce=x></script>'
tag='\{"tag":"script","start":3,"end":19,"nonce":"x"\}'
file=$(mktemp)
trap 'rm -f "$file"' EXIT
printf %s "$page" > "$file"

answer html   "$page"  "$tag"
answer html   ''       "$tag"  "$file"
answer html   ''       "$tag"  --split=1 "$file"

secret=abcdefghijklmnopqrstuv
printf %s "${page/=x/=$secret}" > "$file"

page='<p><script src=/a/b></script>'
answer place  "$page"  '<p><script nonce=NONCE[a-zA-Z0]*00 src=/a/b></script>' \
       --src=/a/
answer place  "$page"  "$page"  --src=/b/
answer nonce  ''  '<p><script nonce=fresh></script>' --split=1 \
       --secret=$secret --nonce=fresh "$file"

body='{"type":"application/json","body":"{\"a\":\"s3cret\"}"'

answer redact "$body,\"rules\":[\"name:a\"]}"  '.*"a":"\[REDACTED\]".*'
answer redact "$body,\"rules\":[]}"            '.*"a":"s3cret".*'
answer csp    "script-src self"       '\{.*self.*\}|\[.*self.*\]'
answer event  '{}'                    '\{.*\}'
jo='"type":"User","old":{"userName":"Jo"}'
ops='"body":{"Operations":[{"op":"Replace","path":"active","value":"False"}]}'

answer scim   "{\"op\":\"show\",$jo,\"attributes\":\"username\"}" '.*"Jo"\}'
answer scim   "{\"op\":\"patch\",$jo,$ops}"    '.*"userName":"Jo","active":false.*'
answer scim   "{\"op\":\"filter\",$jo,\"filter\":\"x eq 1\"}" '.*invalidFilter.*'
answer schema ''                      '/no/file: No such .*' /no/file

for driver; do
    name=$(basename "$driver")
    echo "built $driver"

    if [[ " $asked " != *" $name "* ]]; then
        echo "$name: nothing was asked"
        failed=$((failed + 1))
    fi
done

echo "drivers: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
