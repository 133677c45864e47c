#!/bin/bash
#
# Makes the keys and the key sets of this folder anew.  They are committed, so
# that a test run makes none; nothing but these tests may trust them.

set -euo pipefail
cd "$(dirname "$0")"

for name in rsa rsa2 rogue; do
    openssl genrsa -out $name.pem 2048 2> /dev/null
done

openssl ecparam -name prime256v1 -genkey -noout -out ec.pem
openssl genpkey -algorithm ed25519 -out ed.pem
openssl rand -hex 32 > oct.txt

b64() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

rsa() {
    local n
    n=$(openssl rsa -in "$2.pem" -noout -modulus 2> /dev/null)
    n=$(printf '%s' "${n#Modulus=}" | xxd -r -p | b64)
    printf '{"kty":"RSA","kid":"%s","use":"sig","n":"%s","e":"AQAB"}' "$1" "$n"
}

ec() {
    local point
    point=$(openssl ec -in ec.pem -pubout -outform DER 2> /dev/null \
            | tail -c 64 | xxd -p -c 64)
    printf '{"kty":"EC","kid":"ec","use":"sig","crv":"P-256",'
    printf '"x":"%s","y":"%s"}' "$(printf %s "${point:0:64}" | xxd -r -p | b64)" \
        "$(printf %s "${point:64}" | xxd -r -p | b64)"
}

ed() {
    printf '{"kty":"OKP","kid":"ed","use":"sig","crv":"Ed25519","x":"%s"}' \
        "$(openssl pkey -in ed.pem -pubout -outform DER | tail -c 32 | b64)"
}

printf '{"keys":[%s,\n%s,\n%s,\n%s]}\n' "$(rsa rsa rsa)" "$(rsa pss rsa)" \
    "$(ec)" "$(ed)" > jwks.json

printf '{"keys":[%s]}\n' "$(rsa rsa2 rsa2)" > partner.json

printf '{"keys":[{"kty":"oct","kid":"oct","alg":"HS256","k":"%s"}]}\n' \
    "$(tr -d '\n' < oct.txt | b64)" > oct.json
chmod 600 oct.json oct.txt
